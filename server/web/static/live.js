// Tells the page what has changed on the server; htmx then fetches the parts that care. Without it, pages are as they
// were when they were opened, and everything still works.
const address = document.body.dataset.live;
if (address && "EventSource" in window) {
  const source = new EventSource(address);
  for (const topic of ["log", "fleet", "programmes"]) {
    source.addEventListener(topic, () => document.body.dispatchEvent(new Event(topic)));
  }
  addEventListener("pagehide", () => source.close());
}

// Finding a place without accents, as telephones without a Vietnamese keyboard type it.
const plain = (text) => text.toLowerCase().replaceAll("đ", "d").normalize("NFD").replace(/[\u0300-\u036f]/g, "");
for (const field of document.querySelectorAll("[data-filter]")) {
  field.hidden = false;
  field.addEventListener("input", () => {
    const wanted = plain(field.value.trim());
    for (const line of document.querySelectorAll(field.dataset.filter)) {
      line.hidden = wanted !== "" && !plain(line.textContent).includes(wanted);
    }
  });
}

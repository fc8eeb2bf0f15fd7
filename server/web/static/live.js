// Tells the page what has changed on the server; htmx then fetches the parts that care. Without it, pages are as they
// were when they were opened, and everything still works.
const address = document.body.dataset.live;
if (address && "EventSource" in window) {
  let source;
  const topics = ["log", "fleet", "programmes", "notices"];
  // At five in the morning thousands of loudspeakers speak at once: the page looks again every few seconds, not each time.
  const resting = new Set();
  const missed = new Set();
  const tell = (topic) => {
    if (resting.has(topic)) return void missed.add(topic);
    document.body.dispatchEvent(new Event(topic));
    resting.add(topic);
    setTimeout(() => {
      resting.delete(topic);
      if (missed.delete(topic)) tell(topic);
    }, 3000);
  };
  // One stream for a page; `draft`: which one it has open, so that others are told, and it of them.
  const listen = (draft) => {
    source?.close();
    source = new EventSource(draft ? `${address}?nhap=${encodeURIComponent(draft)}` : address);
    for (const topic of topics) source.addEventListener(topic, () => tell(topic));
    // What changed while the page was on its way, or while the stream was down, was told to nobody.
    source.addEventListener("hello", (event) => {
      if (event.data !== document.body.dataset.rings) topics.forEach(tell);
      document.body.dataset.rings = "";
    });
    source.addEventListener("draft", (event) => {
      document.body.dispatchEvent(new CustomEvent("draft", { detail: event.data }));
    });
    // A stream that is refused does not come back: the session may be over, and then looking again asks to sign in.
    const own = source;
    source.addEventListener("error", () => {
      if (own === source && own.readyState === EventSource.CLOSED) topics.forEach(tell);
    });
  };
  listen(document.querySelector("[data-keeping]")?.dataset.draft);
  document.body.addEventListener("draft-begun", (event) => listen(event.detail));
  addEventListener("pagehide", () => source.close());
}

// Finding a place without accents, as telephones without a Vietnamese keyboard type it.
const plain = (text) => text.toLowerCase().replaceAll("đ", "d").normalize("NFD").replace(/[\u0300-\u036f]/g, "");
for (const field of document.querySelectorAll("[data-filter]")) field.hidden = false;
// Heard for the whole page: a part of it may be put in its place anew, with its field.
document.addEventListener("input", (event) => {
  const field = event.target.closest("[data-filter]");
  if (!field) return;
  const wanted = plain(field.value.trim());
  for (const line of document.querySelectorAll(field.dataset.filter)) {
    line.hidden = wanted !== "" && !plain(line.textContent).includes(wanted);
  }
});

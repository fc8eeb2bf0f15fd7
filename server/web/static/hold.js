// A button that sends only when it has been held down for as long as it says. A press does nothing but say so. Without
// this script the button sends at once, and the server asks once more on a page of its own.
for (const form of document.querySelectorAll("[data-held]")) {
  const button = form.querySelector("[data-hold]");
  const hint = form.querySelector("[data-hint]");
  const held = form.elements.held;
  if (!button) continue;
  let timer = 0;
  let sent = false;
  const begin = () => {
    if (timer || sent) return;
    if (hint) hint.textContent = "";
    button.classList.add("holding");
    timer = setTimeout(() => {
      timer = 0;
      sent = true;
      if (held) held.value = "1";
      form.requestSubmit(button);
    }, Number(button.dataset.hold));
  };
  const end = () => {
    if (timer && hint) hint.textContent = hint.dataset.hint;
    clearTimeout(timer);
    timer = 0;
    button.classList.remove("holding");
  };
  button.addEventListener("pointerdown", (event) => event.button === 0 && begin());
  for (const over of ["pointerup", "pointerleave", "pointercancel", "blur"]) button.addEventListener(over, end);
  button.addEventListener("contextmenu", (event) => event.preventDefault());
  button.addEventListener("keydown", (event) => {
    if (event.key !== " " && event.key !== "Enter") return;
    event.preventDefault();
    if (!event.repeat) begin();
  });
  button.addEventListener("keyup", end);
  form.addEventListener("submit", (event) => {
    const steps = event.submitter && "steps" in event.submitter.dataset;
    if (sent || steps) return;
    event.preventDefault();
    if (hint) hint.textContent = hint.dataset.hint;
  });
  // Who comes back to the page has sent nothing yet.
  addEventListener("pageshow", () => {
    sent = false;
    if (held) held.value = "";
  });
}

// What a form that saves itself says of that: whether it is saved, who else has the draft open, and that somebody has saved,
// sent or dropped a newer one, as the server tells it over the page's one stream.
const place = document.querySelector("[data-keeping]");
const words = place.querySelector("[data-words]").dataset;
const form = place.closest("form");
const number = () => Number(form.elements.number.value);
const line = place.querySelector("[data-state]");
form.querySelector(".bar")?.prepend(line); // where it is seen wherever one types
let news;

place.addEventListener("state", ({ detail: said }) => {
  const state = place.dataset.is;
  line.dataset.state = state;
  line.textContent = said || words[state] || "";
  line.hidden = !line.textContent;
  line.className = `state ${state === "saved" || state === "saving" ? "dim" : "warnword"}`;
  place.querySelector("[data-enter]").hidden = state !== "session" && state !== "other";
});

place.addEventListener("overtaken", ({ detail: { said, address } }) => {
  const card = place.querySelector("[data-newer]");
  card.querySelector("span").textContent = said;
  card.querySelector("a").href = address;
  card.hidden = false;
});

const look = () => {
  if (!news || news.draft !== place.dataset.draft) return;
  const list = place.querySelector("[data-others]");
  list.replaceChildren(...news.others.map((said) => Object.assign(document.createElement("li"), { textContent: said })));
  list.hidden = news.others.length === 0;
  if (place.dataset.is === "saving") return; // it may be this page's own: once that is known, it looks again
  if (news.over || news.number > number()) {
    place.dispatchEvent(new CustomEvent("overtaken", { detail: { said: news.newer, address: news.address } }));
  }
};
document.body.addEventListener("draft", (event) => {
  if (event.detail) news = JSON.parse(event.detail);
  look();
});
place.addEventListener("settled", look);

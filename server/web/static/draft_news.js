// Who else has the draft of this page open, and that somebody has saved, sent or dropped a newer one: told by the server over
// the page's one stream.
const place = document.querySelector("[data-keeping]");
const number = () => Number(place.closest("form").elements.number.value);
let news;

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

// The page for times without a network: what is written and recorded on it is kept on the device, key by key, and becomes a
// draft on the server as soon as that can be reached, from this page or from any other that is opened later.
const beside = (name) => document.querySelector(`meta[name="${name}"]`).content;
const { fieldsOf, forget, keep, mine, newName, settle } = await import(beside("words-kept"));
const AGAIN = 10000;

const link = document.querySelector("[data-link]");
const form = document.getElementById("offline");
const list = document.getElementById("unsent");
const reached = new Map(); // what has been sent from this page: how the server answered
let record; // what is being written
let spoken; // the recorder, once it is there

const told = () => {
  link.textContent = navigator.onLine ? `✓ ${link.dataset.back}` : `⚠ ${link.dataset.gone}`;
  link.className = `card ${navigator.onLine ? "good" : "warn"}`;
  document.querySelector("[data-again]").hidden = location.pathname === "/ngoai-tuyen";
};

const begin = () => {
  record = { tab: newName(), turn: 1, at: Date.now(), takes: {}, offline: true };
};

const write = () => {
  record = { ...record, turn: record.turn + 2, at: Date.now(), fields: fieldsOf(form) };
  const full = !keep(form.dataset.staff, record);
  if (full) status.textContent = status.dataset.full;
  reached.delete(record.tab);
  show();
};

const line = (each, state, address) => {
  const item = document.createElement("li");
  item.className = `card${state === "saved" ? " good" : ""}`;
  const title = each.fields.find(([name]) => name === "title")?.[1] || form.dataset.untitled;
  const said = document.createElement("span");
  said.textContent = `${state === "saved" ? "✓" : "○"} ${title}: ${list.dataset[state] ?? list.dataset.offline} `;
  item.append(said);
  const beyond = { saved: address, stale: address, session: `/dang-nhap?tiep=${encodeURIComponent(location.pathname)}` }[state];
  if (beyond) item.append(Object.assign(document.createElement("a"), { href: beyond, className: "button", textContent: state === "session" ? list.dataset.enter : list.dataset.open }));
  if (state !== "saved" && each.tab !== record.tab) {
    const drop = Object.assign(document.createElement("button"), { type: "button", className: "danger", textContent: list.dataset.drop });
    drop.addEventListener("click", () => confirm(list.dataset.sure) && (forget(form.dataset.staff, each.tab), show()));
    item.append(drop);
  }
  return item;
};

const show = () => {
  const waiting = mine(form.dataset.staff).filter((each) => each.offline);
  const there = [...reached].filter(([tab, { state }]) => state === "saved" && !waiting.some((each) => each.tab === tab));
  list.replaceChildren(
    ...waiting.map((each) => line(each, reached.get(each.tab)?.state ?? "offline", reached.get(each.tab)?.address)),
    ...there.map(([, { each, address }]) => line(each, "saved", address)),
  );
  document.querySelector("[data-nothing]").hidden = list.children.length > 0;
};

// While somebody speaks, nothing is sent but what the queue of recordings sends by itself.
let round;
const send = () => {
  told();
  if (round || spoken?.busy || !mine(form.dataset.staff).some((each) => each.offline)) return;
  round = settle(form.dataset.staff, { told: (each, answer) => { reached.set(each.tab, { each, ...answer }); show(); } })
    .catch(() => undefined)
    .finally(() => { round = undefined; show(); });
};

const status = form?.querySelector("[data-status]");
const speech = async () => {
  const { Spoken } = await import(beside("offline-take"));
  return new Spoken(form, {
    began: (language, id) => { record.takes[language] = id; write(); }, // a language that is recorded anew has the newer one
    ended: () => { status.textContent = status.dataset.kept; send(); },
  });
};

told();
for (const event of ["online", "offline"]) addEventListener(event, () => (form ? send() : told()));
if (form) {
  form.hidden = false;
  begin();
  form.addEventListener("input", (event) => event.target.name && write());
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("click", (event) => {
    const deed = event.target.closest("[data-do]")?.dataset.do;
    if (deed === "next" && !spoken.busy) { form.reset(); status.textContent = ""; begin(); show(); send(); form.elements.title.focus(); }
  });
  setInterval(send, AGAIN);
  show();
  send();
  spoken = await speech();
}

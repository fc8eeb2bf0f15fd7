// A form that saves itself: a while after typing stops, and when the page is left. What the server does not have yet is kept
// in the browser at once; a later page offers it again (leftovers.js). Of the form's fields it knows where it stands alone.
const { fieldsOf, forget, hold, keep, newName, send } = await import(document.querySelector('meta[name="words-kept"]').content);
const PAUSE = 2000;
const NOTED = 200;
const LONGEST_PAUSE = 15000;
const PATIENCE = 3000; // so long a form that is sent waits for what is being saved
const CARRIED = "loaban-carried"; // the page whose words a form has just carried to the server

const form = document.querySelector("form[data-autosave]");
const place = form.querySelector("[data-keeping]");
const { staff } = document.body.dataset;
const tab = newName();
const timers = {};
let changed = Boolean(place.dataset.unsaved);
let stopped = Boolean(place.dataset.overtaken); // somebody else has gone on: only who writes says what happens now
let turn = 0;
let pause = PAUSE;
let saving;

// Told by keeping.js.
const show = (state, said) => {
  place.dataset.is = state;
  place.dispatchEvent(new CustomEvent("state", { detail: said }));
};
const set = (name, value) => { form.elements[name].value = value; };

// In this browser, under the turn that the next saving will have.
const note = () => {
  clearTimeout(timers.note);
  timers.note = undefined;
  return !changed || keep(staff, { tab, turn: turn + 1, at: Date.now(), fields: fieldsOf(form) });
};

const take = () => {
  turn += 1;
  set("tab", tab);
  set("turn", turn);
};

const saved = (answer) => {
  pause = PAUSE;
  for (const [name, value] of Object.entries(answer.fields ?? {})) set(name, value);
  if (answer.draft && answer.draft !== place.dataset.draft) {
    place.dataset.draft = answer.draft;
    history.replaceState(history.state, "", answer.address);
    document.body.dispatchEvent(new CustomEvent("draft-begun", { detail: answer.draft }));
  }
  if (changed) note();
  else forget(staff, tab);
  show(answer.state, [answer.said, ...(answer.problems ?? [])].filter(Boolean).join(" "));
};

const once = async (keepalive) => {
  const kept = note();
  changed = false;
  take();
  show("saving");
  const answer = await send(fieldsOf(form), { keepalive });
  if (answer.state === "saved" || answer.state === "empty") return saved(answer);
  changed = true;
  if (answer.state === "stale") place.dispatchEvent(new CustomEvent("overtaken", { detail: answer }));
  show(answer.state === "offline" && !kept ? "full" : answer.state, answer.said);
  pause = Math.min(pause * 2, LONGEST_PAUSE);
  if (!stopped) timers.save = setTimeout(save, pause);
};

const save = async (keepalive = false) => {
  clearTimeout(timers.save);
  await saving;
  if (!changed || stopped) return;
  saving = once(keepalive);
  await saving;
  place.dispatchEvent(new Event("settled"));
};

// Nothing is saved over what somebody else has written since, until who writes here says so.
place.addEventListener("overtaken", () => { stopped = true; });

const touched = () => {
  changed = true;
  if (stopped) show("stale");
  timers.note ??= setTimeout(note, NOTED);
  clearTimeout(timers.save);
  timers.save = setTimeout(save, PAUSE);
};
for (const each of ["input", "change"]) form.addEventListener(each, (event) => event.target.name && touched());

const away = () => {
  note();
  save(true);
};
addEventListener("pagehide", away);
addEventListener("online", () => save());
document.addEventListener("visibilitychange", () => (document.hidden ? away() : save()));

// Who signs out loses nothing that can still be saved, and leaves nothing behind.
document.body.addEventListener("sign-out", (event) => event.detail.push(save()));
document.body.addEventListener("signed-out", () => { [changed, stopped] = [false, true]; });

let passing = false;
form.addEventListener("submit", async (event) => {
  if (event.defaultPrevented) return;
  const { submitter } = event;
  const dropped = submitter?.value === "drop";
  if (changed && !stopped && !passing && !dropped && form.requestSubmit) {
    event.preventDefault();
    await Promise.race([save(), new Promise((resolve) => setTimeout(resolve, PATIENCE))]);
    if (["offline", "full"].includes(place.dataset.is)) return place.scrollIntoView({ block: "center" });
    passing = true;
    form.requestSubmit(submitter);
    passing = false;
    return;
  }
  if (dropped) changed = false;
  note();
  if (dropped) forget(staff, tab);
  clearTimeout(timers.save);
  take();
  [changed, stopped] = [false, true];
  sessionStorage.setItem(CARRIED, tab);
});

hold(tab);
show("");
const carried = sessionStorage.getItem(CARRIED);
if (place.dataset.unsaved && carried) forget(staff, carried); // its words stand on this page now
const fresh = (field) => field.type === "hidden" || field.defaultValue === undefined || field.value === field.defaultValue;
if (place.dataset.unsaved || ![...form.elements].every(fresh)) touched(); // typed before this script was there, or put back by the browser

// A recording session: one prompt at a time, one button; listen, keep or once more. What is kept is queued on the device and
// sent at once or when the link is back; the server's verdict on each comes when it comes, and asks for it once more by name.
const beside = (name) => document.querySelector(`meta[name="${name}"]`).content;
const { TakeQueue } = await import(beside("take-queue"));
const { Microphone, lack } = await import(beside("microphone"));

const root = document.querySelector("[data-session]");
const panel = root.querySelector("[data-recorder]");
const words = panel.querySelector("[data-words]").dataset;
const { staff, language, presenter } = root.dataset;
const queue = new TakeQueue(staff);
const prompts = [...root.querySelectorAll("[data-prompt]")];
const LONGEST = 30;
const PATIENCE = 4000;
let at = Math.max(0, prompts.findIndex((each) => each.dataset.prompt === root.dataset.wanted));
let current; // what has been recorded and is neither kept nor dropped
let microphone;

const part = (name) => panel.querySelector(name);
const say = (word) => {
  const text = words[word] ?? "";
  if (part("[data-status]").textContent !== text) part("[data-status]").textContent = text;
};

const show = (buttons) => {
  part('[data-do="record"]').hidden = buttons !== "record" || prompts.length === 0;
  part('[data-do="stop"]').hidden = buttons !== "stop";
  part("[data-level]").hidden = buttons !== "stop";
  part("[data-after]").hidden = buttons !== "after";
  for (const each of ["back", "next"]) part(`[data-do="${each}"]`).disabled = buttons === "stop";
};

// A prompt is done when the server has it, or this device keeps it for the server.
const done = (prompt, yes) => {
  prompt.toggleAttribute("data-kept", yes);
  prompt.querySelector("[data-done]").hidden = !yes;
  const count = prompts.filter((each) => each.hasAttribute("data-kept")).length;
  document.querySelector("[data-recorded]").textContent = count;
  document.getElementById("far").value = count;
  root.querySelector("[data-finished]").hidden = count < prompts.length;
};

const turn = (number) => {
  at = (number + prompts.length) % prompts.length;
  prompts.forEach((each, index) => { each.hidden = index !== at; });
  part("[data-elapsed]").textContent = "0:00";
  show("record");
};

const following = () => {
  const order = [...prompts.slice(at + 1), ...prompts.slice(0, at + 1)];
  const missing = order.find((each) => !each.hasAttribute("data-kept"));
  turn(missing ? prompts.indexOf(missing) : at);
};

const dropped = async () => {
  if (!current) return;
  const { id, release } = current;
  current = undefined;
  release();
  await queue.forget(id);
  fetch(`/thu-am/${id}/bo`, { method: "POST", redirect: "manual" }).catch(() => undefined);
};

const doubt = (take, says) => {
  const prompt = prompts.find((each) => each.dataset.prompt === take.subject);
  if (!prompt) return;
  done(prompt, false);
  const line = document.createElement("div");
  line.className = "card bad";
  line.setAttribute("role", "alert");
  line.dataset.doubt = take.subject;
  const told = document.createElement("p");
  told.textContent = `⚠ “${prompt.querySelector(".say").textContent}”: ${says}`;
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = words.goto;
  button.addEventListener("click", () => { line.remove(); dropped().then(() => turn(prompts.indexOf(prompt))); });
  line.append(told, button);
  part("[data-doubts]").append(line);
};

queue.addEventListener("finished", ({ detail: { take, said } }) => {
  if (take.purpose !== "bank" || take.finish.values.presenter !== presenter) return;
  const prompt = prompts.find((each) => each.dataset.prompt === take.subject);
  if (said.kept && prompt) {
    done(prompt, true);
    for (const each of part("[data-doubts]").querySelectorAll("[data-doubt]")) if (each.dataset.doubt === take.subject) each.remove();
  } else {
    doubt(take, said.says ?? words.refused);
    fetch(`/thu-am/${take.id}/bo`, { method: "POST", redirect: "manual" }).catch(() => undefined);
  }
});
queue.addEventListener("state", () => {
  if (["offline", "session"].includes(queue.state)) say(queue.state);
  else if ([words.offline, words.session].includes(part("[data-status]").textContent)) say("");
});

const explain = (why) => {
  for (const each of panel.querySelectorAll("[data-why]")) each.hidden = each.dataset.why !== why;
  if (why === "insecure" || why === "unable") part("[data-panel]").hidden = true;
  const byfile = root.querySelector("[data-byfile]");
  if (byfile) byfile.open = Boolean(why);
};

const record = async () => {
  await dropped();
  explain("");
  const mine = { id: TakeQueue.name(), prompt: prompts[at], next: 0, last: Promise.resolve(), blobs: [] };
  microphone = new Microphone({
    heard: ({ level, word }) => {
      part("[data-level]").value = Math.max(0, 60 + level);
      const seconds = Math.floor(microphone.seconds);
      part("[data-elapsed]").textContent = `0:${String(seconds).padStart(2, "0")}`;
      if (word && queue.state === "idle") say(word);
      if (seconds >= LONGEST) stop();
    },
    chunk: (blob) => {
      const number = mine.next++;
      mine.blobs.push(blob);
      mine.last = mine.last.then(() => queue.add(mine.id, number, blob));
    },
    ended: () => stop(),
  });
  try {
    await microphone.open();
  } catch (trouble) {
    explain(trouble.message);
    return;
  }
  current = mine;
  mine.release = await queue.hold(mine.id);
  await queue.begin(mine.id, "bank", language, prompts[at].dataset.prompt);
  show("stop");
  part('[data-do="stop"]').focus();
};

const stop = async () => {
  if (!microphone || part('[data-do="stop"]').hidden) return;
  show("none");
  await microphone.close();
  await current.last;
  show("after");
  say("");
  part('[data-do="keep"]').focus();
};

// Through the sound system of the page: its policy lets no sound in but the server's own.
const play = async () => {
  const context = new AudioContext();
  const bytes = await new Blob(current.blobs).arrayBuffer();
  const source = new AudioBufferSourceNode(context, { buffer: await context.decodeAudioData(bytes) });
  source.connect(context.destination);
  source.addEventListener("ended", () => context.close());
  source.start();
};

const keep = async () => {
  const { id, prompt, next, release } = current;
  current = undefined;
  done(prompt, true);
  const path = `/ngan-hang-cau/${encodeURIComponent(language)}/ghi-am/${id}`;
  const judged = new Promise((resolve) => {
    queue.addEventListener("finished", ({ detail }) => detail.take.id === id && resolve(detail.said));
    queue.addEventListener("state", () => queue.state !== "idle" && resolve(undefined));
    setTimeout(resolve, PATIENCE);
  });
  await queue.end(id, next, { path, values: { presenter, unit: prompt.dataset.prompt } });
  release();
  show("none");
  say("checking");
  const said = queue.state === "idle" ? await judged : undefined;
  if (queue.state === "idle") say(said?.kept ? "kept" : "");
  else say(queue.state);
  if (said && !said.kept) turn(prompts.indexOf(prompt));
  else following();
  part('[data-do="record"]').focus();
};

const deeds = {
  record, stop, play, keep,
  again: () => dropped().then(record),
  back: () => dropped().then(() => turn(at - 1)),
  next: () => dropped().then(() => turn(at + 1)),
};
panel.addEventListener("click", (event) => deeds[event.target.closest("[data-do]")?.dataset.do]?.());
panel.hidden = false;
explain(lack());
show("record");
// What an earlier page kept is sent now; what it broke off in mid-sentence is said anew.
for (const each of await queue.orphans()) if (each.purpose === "bank") await queue.forget(each.id);
for (const each of await queue.takes()) {
  const prompt = prompts.find((one) => one.dataset.prompt === each.subject);
  if (prompt && each.finish?.values.presenter === presenter) done(prompt, true);
}
if (prompts[at]?.hasAttribute("data-kept")) following();
queue.send();
addEventListener("beforeunload", (event) => { if (current) event.preventDefault(); });

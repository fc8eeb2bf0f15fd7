// Recording in the form "Soạn bản tin": record, hear, cut, say a part anew. What is spoken goes to the server while it is
// spoken. Without this script, or without a microphone, the file field below does it.
const beside = (name) => document.querySelector(`meta[name="${name}"]`).content;
const { TakeQueue } = await import(beside("take-queue"));
const { Microphone, lack } = await import(beside("microphone"));

const clock = (seconds) => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;
const queues = new Map();
const queueOf = (staff) => queues.get(staff) ?? queues.set(staff, new TakeQueue(staff)).get(staff);
const form = document.getElementById("compose");
let busy; // the recorder that holds the microphone

class Recorder {
  constructor(root) {
    this.root = root;
    this.tag = root.dataset.recorder;
    // What all of them say stands once in the page.
    root.prepend(document.getElementById("recorder-told").content.cloneNode(true));
    this.words = root.querySelector("[data-words]").dataset;
    this.queue = queueOf(root.dataset.staff);
    this.taken = document.querySelector(`[data-taken="${this.tag}"]`);
    this.unfinished = document.querySelector(`[data-unfinished="${this.tag}"]`);
    this.file = document.getElementById(`file-${this.tag}`);
    root.hidden = false;
    for (const place of [root, this.taken, this.unfinished]) place.addEventListener("click", (event) => this.pressed(event));
    this.taken.addEventListener("input", (event) => this.marked(event.target));
    this.taken.addEventListener("keydown", (event) => event.key === "Enter" && event.target.matches("input") && event.preventDefault());
    this.queue.addEventListener("state", () => this.link());
    const why = lack();
    if (why) this.explain(why);
    else this.show();
    for (const each of document.querySelectorAll(`#compose [name="drop-${this.tag}"]`)) each.closest("p").hidden = true;
  }

  explain(why) {
    for (const each of this.root.querySelectorAll("[data-why]")) each.hidden = each.dataset.why !== why;
    this.root.querySelector("[data-phone]").hidden = !why;
    if (why === "insecure" || why === "unable") this.root.querySelector("[data-panel]").hidden = true;
    this.show();
  }

  // Buttons that only this script serves.
  show() {
    for (const place of [this.taken, this.unfinished]) for (const each of place.querySelectorAll(".scripted")) each.hidden = false;
    this.root.querySelector("[data-name]").textContent = this.words[this.taken.querySelector("[data-take]") ? "again" : "record"];
    if (lack()) for (const each of this.taken.querySelectorAll('[data-do="replace"]')) each.hidden = true;
  }

  say(word) {
    const place = this.root.querySelector("[data-status]");
    const text = word ? this.words[word] : "";
    if (place.textContent !== text) place.textContent = text;
  }

  link() {
    if (this !== busy && !this.waiting) return;
    if (this.queue.state === "offline" || this.queue.state === "session") this.say(this.queue.state);
    else if (this.waiting) this.say("sending");
  }

  pressed(event) {
    const button = event.target.closest("[data-do]");
    if (!button) return;
    const deed = button.dataset.do;
    event.preventDefault();
    const take = button.closest("[data-take]")?.dataset.take;
    ({
      record: () => this.record(),
      stop: () => this.stop(),
      phone: () => this.phone(),
      play: () => this.play(),
      trim: () => this.change(`/thu-am/${take}/cat`, this.stretch()),
      replace: () => this.record({ take, ...this.stretch() }),
      undo: () => this.change(`/thu-am/${take}/hoan-tac`, {}),
      without: () => this.keep(""),
      use: () => this.use(take),
      drop: () => this.drop(take),
    })[deed]?.();
  }

  phone() {
    this.file.setAttribute("capture", "user");
    this.file.click();
    this.file.removeAttribute("capture");
  }

  // `part`: which take, and from where to where (ms), this is to stand in for.
  async record(part) {
    if (busy) return;
    busy = this;
    this.explain("");
    const [id, numbers] = [TakeQueue.name(), { next: 0, last: Promise.resolve() }];
    this.current = { id, part, numbers };
    this.microphone = new Microphone({
      heard: (loud) => this.heard(loud),
      chunk: (blob) => {
        const number = numbers.next++;
        numbers.last = numbers.last.then(() => this.queue.add(id, number, blob));
      },
      ended: () => this.stop("ended"),
    });
    try {
      await this.microphone.open();
    } catch (trouble) {
      busy = undefined;
      this.explain(trouble.message);
      return;
    }
    this.current.release = await this.queue.hold(id);
    await this.queue.begin(id, this.root.dataset.purpose, this.tag);
    this.turn(true);
    this.say(part ? "part" : "");
  }

  heard({ level, word }) {
    const seconds = this.microphone.seconds;
    this.root.querySelector("[data-level]").value = Math.max(0, 60 + level);
    this.root.querySelector("[data-elapsed]").textContent = clock(seconds);
    if (this.queue.state === "idle" && word && performance.now() - (this.saidAt ?? 0) > 2000) {
      this.say(word);
      this.saidAt = performance.now();
    }
    if (seconds > Number(this.root.dataset.longest)) this.stop("full");
  }

  turn(on) {
    for (const [name, shown] of [["record", !on], ["stop", on]]) {
      const button = this.root.querySelector(`[data-do="${name}"]`);
      const held = button === document.activeElement;
      button.hidden = !shown;
      if (held) this.focusNext = true;
    }
    this.root.querySelector("[data-level]").hidden = !on;
    if (this.focusNext) this.root.querySelector(`[data-do="${on ? "stop" : "record"}"]`).focus();
    this.focusNext = false;
  }

  async stop(word) {
    if (busy !== this || this.stopping) return;
    this.stopping = true;
    const { id, part, numbers } = this.current;
    await this.microphone.close();
    await numbers.last;
    this.turn(false);
    busy = undefined;
    this.stopping = false;
    this.waiting = true;
    this.say(word ?? "sending");
    this.link();
    await this.queue.end(id, numbers.next);
    this.current.release();
    const whole = await this.queue.delivered(id);
    this.waiting = false;
    if (!whole) {
      this.say("lost");
      return this.look();
    }
    if (part) await this.change(`/thu-am/${part.take}/thay`, { from: part.from, to: part.to, by: id, total: numbers.next });
    else await this.change(`/thu-am/${id}/xong`, { total: numbers.next });
  }

  // Has the server make something of a take, and shows what that is.
  async change(path, values) {
    this.say("preparing");
    const music = form.querySelector(`[name="music-${this.tag}"]`)?.checked ? { music: "1" } : {};
    let answer;
    try {
      answer = await fetch(path, { method: "POST", body: new URLSearchParams({ ...values, ...music }), redirect: "manual" });
    } catch {
      this.say("offline");
      return this.look();
    }
    if (answer.type === "opaqueredirect") return this.say("session");
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    this.say("");
    const made = page.querySelector("[data-clip]");
    for (const each of this.taken.querySelectorAll(".error")) each.remove();
    if (made) {
      const open = this.taken.querySelector("details")?.open ?? false;
      this.taken.replaceChildren(made);
      const cutting = this.taken.querySelector("details");
      cutting.open = open;
      this.keep(made.dataset.clip);
    } else {
      const said = page.querySelector("[data-untaken]") ?? page.querySelector("main p") ?? page.body;
      said.classList.add("error");
      this.taken.prepend(said);
    }
    this.show();
    return this.look();
  }

  // What the form carries.
  keep(clip) {
    const field = form.querySelector(`[name="recording-${this.tag}"]`);
    field.value = clip;
    const drop = form.querySelector(`[name="drop-${this.tag}"]`);
    if (drop) drop.checked = false;
    if (!clip) this.taken.replaceChildren();
    const summary = this.root.closest("details")?.querySelector("summary");
    for (const each of summary?.querySelectorAll("[data-has]") ?? []) each.hidden = (each.dataset.has === "yes") !== Boolean(clip);
    this.show();
    field.dispatchEvent(new Event("change", { bubbles: true }));
  }

  stretch() {
    const [from, to] = ["[data-from]", "[data-to]"].map((name) => Math.round(Number(this.taken.querySelector(name).value) * 1000));
    return { from: Math.min(from, to), to: Math.max(from, to) };
  }

  // Number fields and sliders say the same, and the picture shows what stays.
  marked(field) {
    const whole = Number(this.taken.querySelector("[data-length]").dataset.length);
    for (const name of ["from", "to"]) {
      const [number, slide] = [`[data-${name}]`, `[data-${name}-slide]`].map((each) => this.taken.querySelector(each));
      if (field === slide) number.value = (Number(slide.value) / 1000).toFixed(1);
      if (field === number) slide.value = Math.round(Number(number.value) * 1000);
    }
    const { from, to } = this.stretch();
    this.taken.querySelector("[data-left]").setAttribute("width", (1000 * from) / whole);
    const right = this.taken.querySelector("[data-right]");
    right.setAttribute("x", (1000 * to) / whole);
    right.setAttribute("width", Math.max(0, 1000 - (1000 * to) / whole));
  }

  play() {
    const audio = this.taken.querySelector("audio");
    const { from, to } = this.stretch();
    audio.currentTime = from / 1000;
    audio.play();
    const look = () => {
      if (audio.currentTime * 1000 < to && !audio.paused) return;
      if (!audio.paused) audio.pause();
      audio.removeEventListener("timeupdate", look);
    };
    audio.addEventListener("timeupdate", look);
  }

  async use(take) {
    this.waiting = true;
    this.say("sending");
    await this.queue.delivered(take);
    this.waiting = false;
    await this.change(`/thu-am/${take}/xong`, {});
  }

  async drop(take) {
    await this.queue.forget(take);
    await fetch(`/thu-am/${take}/bo`, { method: "POST", redirect: "manual" }).catch(() => undefined);
    return this.look();
  }

  // What is still unfinished, as the server says.
  async look() {
    try {
      const answer = await fetch(`/thu-am/dang-do?ngon_ngu=${encodeURIComponent(this.tag)}`, { redirect: "manual" });
      if (answer.ok) {
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        this.unfinished.replaceChildren(...page.body.children);
      }
    } catch {
      // No link: what is shown stays.
    }
    this.show();
  }
}

if (form) {
  const recorders = [...document.querySelectorAll("[data-recorder]")].map((root) => new Recorder(root));
  form.addEventListener("submit", (event) => {
    if (!busy) return;
    event.preventDefault();
    busy.root.scrollIntoView();
    busy.root.querySelector('[data-do="stop"]').focus();
  });
  addEventListener("beforeunload", (event) => {
    if (busy || recorders.some((each) => each.waiting)) event.preventDefault();
  });
  // What an earlier tab left behind is sent now, and then offered.
  const { queue } = recorders[0];
  const left = (await queue.orphans()).filter((each) => each.purpose === "bulletin");
  for (const each of left) await queue.end(each.id, undefined);
  if ((await queue.takes()).length) {
    await queue.send();
    for (const each of recorders) each.look();
  }
}

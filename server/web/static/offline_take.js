// The recorder on the page for times without a network: what is spoken is kept in the browser's queue, and named in what is
// written beside it.
const beside = (name) => document.querySelector(`meta[name="${name}"]`).content;
const { TakeQueue } = await import(beside("take-queue"));
const { Microphone, lack } = await import(beside("microphone"));

export class Spoken {
  // `began(language, take)` and `ended()` are told.
  constructor(form, { began, ended }) {
    Object.assign(this, { form, began, ended, busy: undefined });
    this.queue = new TakeQueue(form.dataset.staff);
    form.addEventListener("click", (event) => {
      const deed = event.target.closest("[data-do]")?.dataset.do;
      if (deed === "record" && !this.busy) this.record();
      if (deed === "stop" && this.busy) this.stop();
    });
    addEventListener("beforeunload", (event) => this.busy && event.preventDefault());
    this.explain(lack());
  }

  part(name) { return this.form.querySelector(name); }

  explain(why) {
    for (const each of this.form.querySelectorAll("[data-why]")) each.hidden = each.dataset.why !== why;
    this.part("[data-panel]").hidden = why === "insecure" || why === "unable";
  }

  turn(on) {
    this.part('[data-do="record"]').hidden = on;
    this.part('[data-do="stop"]').hidden = !on;
    this.part("[data-level]").hidden = !on;
    this.part("#spoken").disabled = on;
    this.part("[data-status]").textContent = "";
  }

  async record() {
    const [id, language, numbers] = [TakeQueue.name(), this.part("#spoken").value, { next: 0, last: Promise.resolve() }];
    const microphone = new Microphone({
      heard: ({ level }) => this.heard(level),
      chunk: (blob) => { const number = numbers.next++; numbers.last = numbers.last.then(() => this.queue.add(id, number, blob)); },
      ended: () => this.stop(),
    });
    this.busy = { id, numbers, microphone };
    try {
      await microphone.open();
    } catch (trouble) {
      this.busy = undefined;
      return this.explain(trouble.message);
    }
    this.explain("");
    this.busy.release = await this.queue.hold(id);
    await this.queue.begin(id, "bulletin", language);
    this.turn(true);
    this.began(language, id);
  }

  heard(level) {
    this.part("[data-level]").value = Math.max(0, 60 + level);
    const seconds = Math.floor(this.busy.microphone.seconds);
    this.part("[data-elapsed]").textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  }

  async stop() {
    const { id, numbers, microphone, release } = this.busy;
    await microphone.close();
    await numbers.last;
    await this.queue.end(id, numbers.next);
    release();
    this.busy = undefined;
    this.turn(false);
    this.ended();
  }
}

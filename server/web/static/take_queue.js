// What has been recorded and is not on the server yet: kept in the browser's database, so that it outlives the tab, and sent
// piece by piece, again and again until the server says that it has it. One queue for a page; each person has their own.
const NAME = "loaban-takes";
const LONGEST_PAUSE = 15000;
const PATIENCE = 30000;

const asked = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

const opened = () => {
  const request = indexedDB.open(NAME, 1);
  request.onupgradeneeded = () => {
    request.result.createObjectStore("takes", { keyPath: "id" });
    request.result.createObjectStore("chunks", { keyPath: ["take", "number"] });
  };
  return asked(request);
};

// A browser that keeps nothing (a private window of an old one) still records, as long as the tab lives.
class Memory {
  takes = new Map();
  chunks = new Map();
  async all(kind) { return [...this[kind].values()]; }
  async put(kind, value) { this[kind].set(JSON.stringify(value.id ?? [value.take, value.number]), value); }
  async remove(kind, key) { this[kind].delete(JSON.stringify(key)); }
}

class Kept {
  constructor(database) { this.database = database; }
  on(kind, mode = "readwrite") { return this.database.transaction(kind, mode).objectStore(kind); }
  async all(kind) { return asked(this.on(kind, "readonly").getAll()); }
  async put(kind, value) { await asked(this.on(kind).put(value)); }
  async remove(kind, key) { await asked(this.on(kind).delete(key)); }
}

export class TakeQueue extends EventTarget {
  constructor(staff) {
    super();
    this.staff = staff;
    this.state = "idle"; // sending, offline, session
    this.pause = 1000;
    this.store = opened().then((database) => new Kept(database), () => new Memory());
    addEventListener("online", () => this.send());
  }

  // A name that nobody else has or guesses; the browser chooses it, so that one can begin without a link.
  static name() {
    return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  // Takes that no open tab is recording now.
  async orphans() {
    const held = new Set(((await navigator.locks?.query())?.held ?? []).map((lock) => lock.name));
    return (await this.takes()).filter((each) => !each.ended && !held.has(each.id));
  }

  // As long as this tab lives, and until `release` is called, the take is no orphan.
  hold(id) {
    return new Promise((held) => {
      if (!navigator.locks) held(() => undefined);
      else navigator.locks.request(id, () => new Promise((release) => held(release)));
    });
  }

  async begin(id, purpose, language, subject = "") {
    const take = { id, staff: this.staff, purpose, language, subject, begun: false, ended: false, refused: 0 };
    await (await this.store).put("takes", take);
    this.send();
  }

  async add(id, number, blob) {
    // Bytes, not a Blob: some browsers lose Blobs that their database keeps.
    const bytes = new Uint8Array(await blob.arrayBuffer());
    await (await this.store).put("chunks", { take: id, number, bytes });
    this.send();
  }

  // `finish`: { path, values } to be sent when the server has all of it, also by a later page; what is answered is told
  // by an event.
  async end(id, total, finish) {
    const take = (await this.takes()).find((each) => each.id === id);
    if (take) await (await this.store).put("takes", { ...take, ended: true, total, finish });
    this.send();
  }

  async takes() {
    return (await (await this.store).all("takes")).filter((each) => each.staff === this.staff);
  }

  async forget(id) {
    const store = await this.store;
    for (const chunk of await store.all("chunks")) if (chunk.take === id) await store.remove("chunks", [id, chunk.number]);
    await store.remove("takes", id);
  }

  async left(id) {
    return (await (await this.store).all("chunks")).filter((each) => each.take === id).length;
  }

  // Resolves when the server has all of a take: true, or false where it refuses it for good.
  async delivered(id) {
    this.send();
    for (;;) {
      const moved = new Promise((resolve) => this.addEventListener("moved", resolve, { once: true }));
      const take = (await this.takes()).find((each) => each.id === id);
      if (!take) return true;
      if (take.refused) return false;
      if (take.begun && (await this.left(id)) === 0) return true;
      await moved;
    }
  }

  // One round at a time; whoever asks meanwhile is served by the next.
  send() {
    this.again = true;
    this.round ??= this.rounds();
    return this.round;
  }

  async rounds() {
    clearTimeout(this.timer);
    for (;;) {
      if (!this.again) {
        this.round = undefined; // in the same breath as the look, or a call in between would be served by nobody
        return;
      }
      this.again = false;
      try {
        await this.sendAll();
        this.pause = 1000;
        this.become("idle");
      } catch (trouble) {
        this.become(trouble.session ? "session" : "offline");
        this.timer = setTimeout(() => this.send(), this.pause);
        this.pause = Math.min(this.pause * 2, LONGEST_PAUSE);
        this.again = false;
      }
      this.dispatchEvent(new Event("moved"));
    }
  }

  become(state) {
    if (state === this.state) return;
    this.state = state;
    this.dispatchEvent(new Event("state"));
  }

  async sendAll() {
    const store = await this.store;
    for (const take of await this.takes()) {
      if (take.refused) continue;
      if (!take.begun) {
        const body = new URLSearchParams({ purpose: take.purpose, language: take.language, subject: take.subject });
        if (!(await this.told(take, `/thu-am/${take.id}`, body))) continue;
        const now = (await this.takes()).find((each) => each.id === take.id) ?? take; // it may have ended meanwhile
        await store.put("takes", { ...now, begun: true });
      }
      const chunks = (await store.all("chunks")).filter((each) => each.take === take.id);
      for (const chunk of chunks.sort((one, other) => one.number - other.number)) {
        const answer = await this.told(take, `/thu-am/${take.id}/${chunk.number}/doan`, chunk.bytes);
        if (!answer) break;
        await store.remove("chunks", [take.id, chunk.number]);
        this.dispatchEvent(new Event("moved"));
      }
      const now = (await this.takes()).find((each) => each.id === take.id);
      if (!now?.ended || !now.begun || now.refused || (await this.left(take.id)) > 0) continue;
      if (now.finish) await this.finish(now);
      await store.remove("takes", take.id);
    }
  }

  async finish(take) {
    const body = new URLSearchParams({ ...take.finish.values, total: take.total });
    const answer = await fetch(take.finish.path, { method: "POST", body, redirect: "manual", signal: AbortSignal.timeout?.(PATIENCE) });
    if (answer.type === "opaqueredirect" || answer.status === 401) throw Object.assign(new Error("session"), { session: true });
    if (answer.status >= 500) throw new Error(`status ${answer.status}`);
    const said = answer.ok ? await answer.json() : { kept: false, refused: answer.status };
    this.dispatchEvent(new CustomEvent("finished", { detail: { take, said } }));
  }

  // True: the server has it. False: it refuses this take for good. Anything else is thrown, and tried again.
  async told(take, path, body) {
    const headers = body instanceof Uint8Array ? { "content-type": "application/octet-stream" } : {};
    const answer = await fetch(path, { method: "POST", body, headers, redirect: "manual", signal: AbortSignal.timeout?.(PATIENCE) });
    if (answer.status === 204) return true;
    if (answer.type === "opaqueredirect" || answer.status === 401) throw Object.assign(new Error("session"), { session: true });
    if (![400, 403, 404, 409, 413, 422].includes(answer.status)) throw new Error(`status ${answer.status}`);
    const now = (await this.takes()).find((each) => each.id === take.id) ?? take;
    await (await this.store).put("takes", { ...now, refused: answer.status });
    return false;
  }
}

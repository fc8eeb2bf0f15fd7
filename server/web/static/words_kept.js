// Words that were typed and have not reached the server: kept in this browser for the person who typed them, a record for
// each page that was written in. A record goes once the server has it, after seven days, or when that person signs out.
// { tab, turn, at, fields: [[name, value], …], takes: { language: take }, offline: whether it is to be sent without asking }
const PREFIX = "loaban-words/";
const KEPT_FOR = 7 * 86400000;
const PATIENCE = 20000;
const MASTERING = 900000; // an hour of speech takes the server so long

const keyOf = (staff, tab) => `${PREFIX}${staff}/${tab}`;
export const newName = () => [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");

export const fieldsOf = (form) => [...new FormData(form)].filter(([, value]) => typeof value === "string");

// False where the browser keeps nothing, or is full.
export const keep = (staff, record) => {
  try {
    localStorage.setItem(keyOf(staff, record.tab), JSON.stringify(record));
    return true;
  } catch {
    return false;
  }
};
export const forget = (staff, tab) => localStorage.removeItem(keyOf(staff, tab));

export const mine = (staff) => {
  const found = [];
  for (const key of Object.keys(localStorage).filter((each) => each.startsWith(keyOf(staff, "")))) {
    let record;
    try {
      record = JSON.parse(localStorage.getItem(key));
    } catch {
      // Broken: nobody can read it.
    }
    if (record && Date.now() - record.at < KEPT_FOR) found.push(record);
    else localStorage.removeItem(key);
  }
  return found.sort((one, other) => one.at - other.at);
};
export const forgetAll = (staff) => mine(staff).forEach((each) => forget(staff, each.tab));

// As long as this page lives, no other one offers or sends what is written in it.
export const hold = (tab) => navigator.locks?.request(`${PREFIX}${tab}`, () => new Promise(() => undefined));
const held = async () => new Set(((await navigator.locks?.query())?.held ?? []).map((lock) => lock.name));

// What the server says: { state: saved, empty, stale, other, refused … }, or here: offline, session.
export const send = async (fields, { keepalive = false, patience = PATIENCE } = {}) => {
  const body = new FormData();
  for (const [name, value] of fields) body.append(name, value);
  let answer;
  try {
    answer = await fetch("/ban-tin/nhap", { method: "POST", body, keepalive, redirect: "manual", signal: AbortSignal.timeout?.(patience) });
  } catch {
    return { state: "offline" };
  }
  if (answer.type === "opaqueredirect" || answer.status === 401) return { state: "session" };
  if (answer.status >= 500) return { state: "offline" };
  const told = await answer.json().catch(() => ({}));
  return { state: "refused", ...told };
};

const has = async ({ tab, turn }) => {
  const answer = await fetch(`/ban-tin/nhap/co-chua?tab=${tab}&turn=${turn}`, { redirect: "manual" }).catch(() => undefined);
  return answer?.ok ? (await answer.json()).kept : false;
};

// Words first, they are light; then, once all of a recording is there, the same words with it.
const sent = async (staff, record) => {
  const turned = (turn, more = []) => [...record.fields, ["tab", record.tab], ["turn", turn], ...more];
  const first = await send(turned(record.turn));
  const takes = Object.entries(record.takes ?? {});
  if (!["saved", "empty"].includes(first.state) || takes.length === 0) return first;
  const { TakeQueue } = await import(document.querySelector('meta[name="words-kept"]').dataset.takes);
  const queue = new TakeQueue(staff);
  for (const each of await queue.orphans()) if (takes.some(([, id]) => id === each.id)) await queue.end(each.id, undefined);
  await queue.send();
  const left = (await queue.takes()).filter((each) => !each.refused).map((each) => each.id);
  if (takes.some(([, id]) => left.includes(id))) return { ...first, state: "sending" };
  const more = takes.map(([language, id]) => [`take-${language}`, id]);
  return send([...turned(record.turn + 1, more)], { patience: MASTERING });
};

// What of this person's words the server has by now is forgotten; what was written without a network is sent. The rest is
// returned, each with its `state`; `told(record, answer)` hears of what was sent. `all`: what open pages hold as well.
export const settle = async (staff, { told = () => undefined, all = false } = {}) => {
  const [open, left] = [await held(), []];
  for (const record of mine(staff)) {
    if (open.has(`${PREFIX}${record.tab}`) && !all) continue;
    const answer = record.offline ? await sent(staff, record) : { state: (await has(record)) ? "saved" : "unsent" };
    if (record.offline) told(record, answer);
    const now = mine(staff).find((each) => each.tab === record.tab); // somebody may have gone on writing
    if (["saved", "empty"].includes(answer.state) && now?.turn === record.turn) forget(staff, record.tab);
    else left.push({ ...record, state: answer.state });
  }
  return left;
};

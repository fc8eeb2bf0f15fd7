// What this device does for the person at it, on every page: the service worker, the page for times without a network, what
// was written and has not reached the server, and forgetting all of it when they sign out.
const { staff } = document.body.dataset;
const OFFLINE = "/ngoai-tuyen";
const OWN = "loaban-own";
const OWNER = "loaban-owner";
const FRESH = 600000;
const LATER = 2000; // on a thin link nothing of this comes before the page itself

// Another person's page is never kept beside one's own, nor shown to anybody else.
const refresh = async () => {
  const [owner, at] = JSON.parse(localStorage.getItem(OWNER) ?? "[]");
  if (owner === staff && Date.now() - at < FRESH) return;
  if (owner !== staff) await caches.delete(OWN);
  const answer = await fetch(OFFLINE, { redirect: "manual" });
  if (!answer.ok) return;
  await (await caches.open(OWN)).put(OFFLINE, answer);
  localStorage.setItem(OWNER, JSON.stringify([staff, Date.now()]));
};

const written = () => Object.keys(localStorage).some((key) => key.startsWith(`loaban-words/${staff}/`));
const kept = () => import(document.querySelector('meta[name="words-kept"]').content);

// Only whose words are still here is asked; when they stay, the other way out is to wait for the network.
const leave = async (form) => {
  const saving = [];
  document.body.dispatchEvent(new CustomEvent("sign-out", { detail: saving }));
  await Promise.all(saving);
  if (written()) {
    const { settle, forgetAll } = await kept();
    const left = await settle(staff, { all: true });
    if (left.length && !confirm(form.dataset.unsent)) return;
    document.body.dispatchEvent(new Event("signed-out"));
    forgetAll(staff);
  }
  localStorage.removeItem(OWNER);
  if ("caches" in window) await caches.delete(OWN);
  form.submit();
};

if (staff) {
  const out = document.querySelector('form[action="/dang-xuat"]');
  out?.addEventListener("submit", (event) => {
    event.preventDefault();
    leave(out).catch(() => out.submit());
  });
  addEventListener("load", () => {
    setTimeout(() => {
      navigator.serviceWorker?.register("/tho-nen.js").catch(() => undefined);
      if ("caches" in window) refresh().catch(() => undefined);
    }, LATER);
    // The pages on which one writes see to it themselves.
    if (written() && !document.querySelector("[data-keeping], #offline")) kept().then(({ settle }) => settle(staff)).catch(() => undefined);
  });
}

// Asks the browser to show messages, after somebody has pressed the button, and never by itself. Without it, or where
// the browser cannot, the page says so, and e-mail and the page itself remain.
const box = document.querySelector("[data-push]");
const part = (name) => document.querySelector(`[data-push-${name}]`);
const show = (name) => {
  for (const each of ["on", "none", "denied", "failed"]) part(each).hidden = each !== name;
};
const bytes = (text) =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
const letters = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

async function worker() {
  const there = await navigator.serviceWorker.getRegistration();
  if (!there) await navigator.serviceWorker.register(box.dataset.worker);
  return navigator.serviceWorker.ready;
}

async function subscribe() {
  const registration = await worker();
  // A subscription for another key of this server is of no use any more.
  await (await registration.pushManager.getSubscription())?.unsubscribe();
  const made = await registration.pushManager.subscribe({
    userVisibleOnly: true,
    applicationServerKey: bytes(box.dataset.push),
  });
  const form = part("form");
  form.elements.endpoint.value = made.endpoint;
  form.elements.p256dh.value = letters(made.getKey("p256dh"));
  form.elements.auth.value = letters(made.getKey("auth"));
  form.submit();
}

if (box && isSecureContext && "serviceWorker" in navigator && "PushManager" in window && "Notification" in window) {
  show(Notification.permission === "denied" ? "denied" : "on");
  part("on").addEventListener("click", async () => {
    const answer = await Notification.requestPermission();
    if (answer !== "granted") return show(answer === "denied" ? "denied" : "on");
    part("on").disabled = true;
    try {
      await subscribe();
    } catch {
      show("failed");
      part("on").hidden = false;
      part("on").disabled = false;
    }
  });
}

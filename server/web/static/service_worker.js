// What the browser does for these pages while none of them is open or no network is there: static files from the device,
// pages from the network, and without one the page for it. Notifications of the server are shown here too.
// The server writes a line before this file: STAMP (it changes with any static file), FILES and ICON.
const STATIC = `loaban-static-${STAMP}`;
const OWN = "loaban-own"; // the page for no network of who is signed in: put there, and taken away, by `device.js`
const OFFLINE = "/ngoai-tuyen";
const GATEWAY = [502, 503, 504]; // what stands before the server answers for it

const fill = async () => {
  const cache = await caches.open(STATIC);
  await cache.addAll(FILES);
  await cache.put(OFFLINE, await fetch(OFFLINE, { credentials: "omit" })); // nobody's: for who has never signed in here
  await skipWaiting();
};
addEventListener("install", (event) => event.waitUntil(fill()));

const begin = async () => {
  for (const name of await caches.keys()) if (name.startsWith("loaban-static-") && name !== STATIC) await caches.delete(name);
  await registration.navigationPreload?.enable();
  await clients.claim();
};
addEventListener("activate", (event) => event.waitUntil(begin()));

const nameOf = (path) => path.split("/").slice(3).join("/");

// A file's address changes with its content. A page that was kept before an update asks for the file of before.
const fileOf = async (request, path) => {
  const found = await caches.match(request, { ignoreVary: true });
  if (found) return found;
  try {
    return await fetch(request);
  } catch (trouble) {
    const newer = FILES.find((each) => nameOf(each) === nameOf(path));
    if (newer) return (await caches.match(newer, { ignoreVary: true })) ?? Response.error();
    throw trouble;
  }
};

const offlinePage = async () => {
  const own = (await caches.has(OWN)) && (await (await caches.open(OWN)).match(OFFLINE, { ignoreVary: true }));
  return own || (await caches.match(OFFLINE, { ignoreVary: true }));
};

const pageOf = async (event) => {
  try {
    const answer = (await event.preloadResponse) ?? (await fetch(event.request));
    return (GATEWAY.includes(answer.status) && (await offlinePage())) || answer;
  } catch (trouble) {
    const page = await offlinePage();
    if (page) return page;
    throw trouble;
  }
};

// Whatever is neither a static file nor a page to be opened goes its way untouched.
addEventListener("fetch", (event) => {
  const { pathname, origin } = new URL(event.request.url);
  if (pathname === "/dang-xuat") event.waitUntil(caches.delete(OWN));
  if (event.request.method !== "GET" || origin !== location.origin) return;
  if (pathname.startsWith("/tinh/")) event.respondWith(fileOf(event.request, pathname));
  else if (event.request.mode === "navigate") event.respondWith(pageOf(event));
});

// A notification: { title, body, url, tag } as JSON; `url` is a page of ours that a touch opens, `tag` replaces an older
// notification of the same tag.
const toldBy = (message) => {
  try {
    return message?.json() ?? {};
  } catch {
    return { body: message.text() };
  }
};
addEventListener("push", (event) => {
  const { title, body, url, tag } = toldBy(event.data);
  const shown = { body: body ?? "", icon: ICON, badge: ICON, tag: tag ?? url ?? "", data: { url: url ?? "/" } };
  event.waitUntil(registration.showNotification(title ?? "Loa Bản", shown));
});
addEventListener("notificationclick", (event) => {
  event.notification.close();
  const wanted = new URL(event.notification.data?.url ?? "/", location.origin);
  if (wanted.origin !== location.origin) return;
  const open = async () => {
    const windows = await clients.matchAll({ type: "window", includeUncontrolled: true });
    const there = windows.find((each) => each.url === wanted.href);
    return there ? there.focus() : clients.openWindow(wanted.href);
  };
  event.waitUntil(open());
});

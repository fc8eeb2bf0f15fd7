// The map, loaded when somebody asks for it: marks without any picture of the ground. On a page with places to choose, a
// mark ticks the same box as the list does; the list is always there and says the same.
const loaded = (tag, attributes) =>
  new Promise((resolve, reject) => {
    const element = Object.assign(document.createElement(tag), attributes);
    element.addEventListener("load", resolve);
    element.addEventListener("error", reject);
    document.head.append(element);
  });

const boxOf = (name, id) =>
  [...document.querySelectorAll(`input[type=checkbox][name="${name}"]`)].find((box) => box.value === id);

const WORST = ["lost", "unwell", "never", "well", ""];
const NEAR_PX = 44;

const icon = (face, kind) => {
  const text = Object.assign(document.createElement("span"), { textContent: face });
  return window.L.divIcon({ className: `mark mark-${kind}`, html: text, iconSize: [44, 44] });
};

const popup = (mark, word) => {
  const words = Object.assign(document.createElement("p"), { textContent: mark.said });
  if (!mark.href) return words;
  const link = Object.assign(document.createElement("a"), { href: mark.href, textContent: word });
  words.append(document.createElement("br"), link);
  return words;
};

// Marks that would lie on one another are one, with their number; it says the worst of their states.
const grouped = (map, marks) => {
  const groups = [];
  for (const mark of marks) {
    const at = map.latLngToLayerPoint(mark.at);
    const near = map.getZoom() < map.getMaxZoom() && groups.find((group) => group.at.distanceTo(at) < NEAR_PX);
    if (near) near.marks.push(mark);
    else groups.push({ at, marks: [mark] });
  }
  return groups.map((group) => group.marks);
};

const several = (map, marks) => {
  const worst = WORST.find((state) => marks.some((mark) => mark.state === state));
  const said = marks.map((mark) => mark.said).slice(0, 8).join("; ") + (marks.length > 8 ? " …" : "");
  const bounds = window.L.latLngBounds(marks.map((mark) => mark.at));
  const shown = window.L.marker(bounds.getCenter(), { icon: icon(String(marks.length), worst || "place"), title: said, alt: said });
  return shown.on("click", () => map.fitBounds(bounds.pad(0.2)));
};

const choosing = (mark, name) => {
  const { checked } = boxOf(name, mark.id);
  const shown = window.L.marker(mark.at, { icon: icon(checked ? "☑" : "☐", checked ? "chosen" : "place"), title: mark.said });
  shown.on("click", () => {
    const box = boxOf(name, mark.id); // the list may have been put in its place anew
    if (!box) return;
    box.checked = !box.checked;
    for (const kind of ["input", "change"]) box.dispatchEvent(new Event(kind, { bubbles: true }));
  });
  return shown.on("add", () => {
    const element = shown.getElement();
    element.setAttribute("role", "checkbox");
    element.setAttribute("aria-checked", String(checked));
    element.setAttribute("aria-label", mark.said);
  });
};

const draw = (root, found) => {
  const { L } = window;
  const map = L.map(root.querySelector(".map"), { zoomSnap: 0.25, zoomControl: false, maxZoom: 17 });
  map.attributionControl.setPrefix(false);
  L.control.zoom({ zoomInTitle: found.words.in, zoomOutTitle: found.words.out }).addTo(map);
  for (const rings of found.borders) {
    const turned = rings.map((ring) => ring.map(([lon, lat]) => [lat, lon]));
    L.polygon(turned, { className: "border", interactive: false, fill: false }).addTo(map);
  }
  for (const label of found.labels) {
    const words = L.tooltip({ permanent: true, direction: "bottom", className: "place-name", offset: [0, 14] });
    map.addLayer(words.setLatLng(label.at).setContent(Object.assign(document.createElement("span"), { textContent: label.name })));
  }
  const name = root.dataset.mapChooses;
  const offered = () => found.marks.filter((mark) => !name || boxOf(name, mark.id));
  const layer = L.layerGroup().addTo(map);
  const single = (mark) => {
    if (name) return choosing(mark, name);
    return L.marker(mark.at, { icon: icon(mark.shape, mark.state), title: mark.said, alt: mark.said }).bindPopup(() => popup(mark, found.words.open));
  };
  const show = () => {
    layer.clearLayers();
    for (const group of grouped(map, offered())) layer.addLayer(group.length > 1 ? several(map, group) : single(group[0]));
  };
  const bounds = L.latLngBounds(offered().map((mark) => mark.at));
  if (bounds.isValid()) map.fitBounds(bounds.pad(0.15), { maxZoom: 14 });
  else map.setView([22, 104], 8);
  show();
  map.on("zoomend", show);
  if (name) document.addEventListener("change", (event) => event.target.name === name && show());
};

const open = async (root, button) => {
  const frame = root.querySelector(".map");
  const note = root.querySelector("[data-map-note]");
  button.disabled = true;
  try {
    const [answer] = await Promise.all([
      fetch(root.dataset.map, { headers: { accept: "application/json" } }),
      window.L ? undefined : loaded("script", { src: root.dataset.leaflet }),
      window.L ? undefined : loaded("link", { rel: "stylesheet", href: root.dataset.leafletStyle }),
    ]);
    if (!answer.ok) throw new Error(String(answer.status));
    const found = await answer.json();
    frame.hidden = false;
    frame.setAttribute("role", "region");
    frame.setAttribute("aria-label", found.words.map);
    draw(root, found);
    note.textContent = found.note;
    note.hidden = !found.note;
    button.setAttribute("aria-expanded", "true");
    button.parentElement.hidden = true;
  } catch {
    note.textContent = root.dataset.mapFailed;
    note.hidden = false;
    button.disabled = false;
  }
};

for (const root of document.querySelectorAll("[data-map]:not([data-map-ready])")) {
  root.dataset.mapReady = "";
  const button = root.querySelector("[data-map-open]");
  button.parentElement.hidden = false;
  button.addEventListener("click", () => open(root, button));
}

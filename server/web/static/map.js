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

const icon = (mark, chosen) => {
  const face = document.createElement("span");
  face.textContent = chosen === undefined ? mark.shape : chosen ? "☑" : "☐";
  return window.L.divIcon({ className: `mark mark-${mark.state || (chosen ? "chosen" : "place")}`, html: face, iconSize: [28, 28] });
};

const popup = (mark, word) => {
  const words = document.createElement("p");
  words.textContent = mark.said;
  if (!mark.href) return words;
  const link = Object.assign(document.createElement("a"), { href: mark.href, textContent: word });
  words.append(document.createElement("br"), link);
  return words;
};

const draw = (root, found) => {
  const { L } = window;
  const frame = root.querySelector(".map");
  const map = L.map(frame, { zoomSnap: 0.25, zoomControl: false, maxZoom: 17 });
  map.attributionControl.setPrefix(false);
  L.control.zoom({ zoomInTitle: found.words.in, zoomOutTitle: found.words.out }).addTo(map);
  for (const rings of found.borders) {
    const turned = rings.map((ring) => ring.map(([lon, lat]) => [lat, lon]));
    L.polygon(turned, { className: "border", interactive: false, fill: false }).addTo(map);
  }
  const name = root.dataset.mapChooses;
  const marks = found.marks.filter((mark) => !name || boxOf(name, mark.id));
  for (const mark of marks) {
    const box = name ? boxOf(name, mark.id) : undefined;
    const shown = L.marker(mark.at, { icon: icon(mark, box?.checked), title: mark.said, alt: mark.said }).addTo(map);
    if (!box) {
      shown.bindPopup(() => popup(mark, found.words.open));
      continue;
    }
    const follow = () => {
      shown.setIcon(icon(mark, box.checked));
      const element = shown.getElement();
      element.setAttribute("role", "checkbox");
      element.setAttribute("aria-checked", String(box.checked));
      element.setAttribute("aria-label", mark.said);
    };
    follow();
    const turn = () => {
      box.checked = !box.checked;
      box.dispatchEvent(new Event("input", { bubbles: true }));
      box.dispatchEvent(new Event("change", { bubbles: true }));
    };
    shown.on("click", turn);
    document.addEventListener("change", (event) => event.target === box && follow());
  }
  const bounds = L.latLngBounds(marks.map((mark) => mark.at));
  if (bounds.isValid()) map.fitBounds(bounds.pad(0.15), { maxZoom: 14 });
  else map.setView([22, 104], 8);
  return map;
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

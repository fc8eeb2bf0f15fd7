// The form "Soạn bản tin": a tab for each language, places that contain places, and one press to hear all languages one
// behind the other. Without this script the languages are sections, and every sound has its own player.
const form = document.getElementById("compose");

// Tabs. Without scripts each is a section that opens; its summary becomes the tab, and the rest of it the panel.
class Tabs {
  constructor(root) {
    this.list = document.createElement("div");
    this.list.setAttribute("role", "tablist");
    this.list.setAttribute("aria-label", root.dataset.tabs);
    this.tabs = [];
    this.panels = [...root.querySelectorAll("[data-tab]")].map((section) => this.panelOf(section));
    root.prepend(this.list);
    this.list.addEventListener("keydown", (event) => this.moved(event));
    const wrong = this.panels.findIndex((panel) => panel.querySelector("[aria-invalid], .error"));
    const asked = this.panels.findIndex((panel) => location.hash && panel.querySelector(location.hash));
    this.choose(Math.max(0, wrong >= 0 ? wrong : asked));
  }

  panelOf(section) {
    const tag = section.dataset.tab;
    const [tab, panel] = [document.createElement("button"), document.createElement("div")];
    Object.assign(tab, { type: "button", id: `tab-${tag}` });
    Object.assign(panel, { className: "panel", id: `panel-${tag}` });
    panel.dataset.tab = tag;
    for (const [name, value] of [["role", "tab"], ["aria-controls", panel.id]]) tab.setAttribute(name, value);
    for (const [name, value] of [["role", "tabpanel"], ["aria-labelledby", tab.id]]) panel.setAttribute(name, value);
    const summary = section.querySelector("summary");
    tab.append(...summary.childNodes);
    summary.remove();
    panel.append(...section.childNodes);
    section.replaceWith(panel);
    tab.addEventListener("click", () => this.choose(this.tabs.indexOf(tab)));
    this.tabs.push(tab);
    this.list.append(tab);
    return panel;
  }

  choose(number) {
    for (const [index, tab] of this.tabs.entries()) {
      tab.setAttribute("aria-selected", String(index === number));
      tab.tabIndex = index === number ? 0 : -1;
      this.panels[index].hidden = index !== number;
    }
  }

  moved(event) {
    const here = this.tabs.indexOf(document.activeElement);
    const last = this.tabs.length - 1;
    const next = { ArrowRight: here + 1, ArrowLeft: here - 1, Home: 0, End: last }[event.key];
    if (next === undefined || here < 0) return;
    event.preventDefault();
    const number = next > last ? 0 : next < 0 ? last : next;
    this.choose(number);
    this.tabs[number].focus();
  }

  show(panel) {
    const number = this.panels.indexOf(panel);
    if (number >= 0) this.choose(number);
  }
}

// Places. What lies in a ticked place is ticked too, and not sent: its name goes. Who unticks a part keeps the rest.
const boxes = () => [...document.querySelectorAll("#places input[type=checkbox]")];
const inside = (box, all) => all.filter((each) => each.dataset.within === box.value);
const around = (box, all) => all.find((each) => each.value === box.dataset.within);

function cover() {
  const all = boxes();
  for (const box of all) {
    const whole = around(box, all);
    const covered = Boolean(whole?.checked);
    if (covered) box.checked = true;
    box.name = covered ? "" : "targets";
  }
}

function ticked(box) {
  const all = boxes();
  const down = (each) => {
    for (const part of inside(each, all)) {
      part.checked = box.checked;
      down(part);
    }
  };
  down(box);
  if (!box.checked) for (let whole = around(box, all); whole; whole = around(whole, all)) whole.checked = false;
  cover();
}

// Hearing: the Vietnamese sound starts by itself; each language behind it, as long as nobody stops one.
class Hearing {
  constructor(tabs) {
    this.tabs = tabs;
    this.on = false;
    document.addEventListener("ended", (event) => this.ended(event.target), true);
    document.addEventListener("pause", (event) => event.target.ended || (this.on = false), true);
  }

  others() {
    const ticked = (panel) => !panel.querySelector("[name=speak]:not(:checked)");
    return this.tabs.panels.filter(ticked).map((panel) => panel.querySelector("[data-taken] audio")).filter(Boolean);
  }

  begin() {
    this.on = true;
    this.asked = true;
  }

  // What was asked for has come.
  came() {
    if (!this.asked) return;
    const heard = document.getElementById("heard");
    if (heard.querySelector("progress")) return;
    this.asked = false;
    heard.scrollIntoView({ block: "nearest" });
    if (!heard.querySelector("audio, .error")) this.play(this.others()[0]);
  }

  ended(audio) {
    if (!this.on) return;
    const others = this.others();
    const here = others.indexOf(audio);
    if (here < 0 && !audio.closest("#heard")) return;
    this.play(others[here + 1]);
  }

  play(audio) {
    if (!audio) return void (this.on = false);
    this.tabs.show(audio.closest("[data-tab]"));
    audio.play().catch(() => (this.on = false)); // a telephone may want a press for each
  }
}

if (form) {
  const root = form.querySelector("[data-tabs]");
  const tabs = root.querySelector("[data-tab]") ? new Tabs(root) : { panels: [], show: () => {} };
  const hearing = new Hearing(tabs);
  cover();
  form.addEventListener("change", (event) => event.target.matches("#places input") && ticked(event.target));
  form.querySelector("[data-listen]").addEventListener("click", () => hearing.begin());
  // What was kept by the rule stays so, though an answer to what was typed before comes later than the one to this press.
  form.addEventListener("click", (event) => {
    const button = event.target.closest("[name=keep_clash]");
    if (button) form.append(Object.assign(document.createElement("input"), { type: "hidden", name: "kept", value: button.value }));
  });
  // A part of the page has been put in its place anew.
  document.addEventListener("htmx:after:swap", () => {
    cover();
    hearing.came();
  });
  for (const part of ["chosen", "timing"]) {
    let held = document.getElementById(part);
    new MutationObserver(() => {
      const now = document.getElementById(part);
      if (!now || now === held) return;
      held = now;
      cover();
      (now.querySelector(".error ~ input, [aria-invalid]") ?? now.querySelector("[aria-pressed]") ?? now.querySelector("input, button")).focus();
      now.dispatchEvent(new Event("change", { bubbles: true }));
    }).observe(held.parentElement, { childList: true });
  }
}

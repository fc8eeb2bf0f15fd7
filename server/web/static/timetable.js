// Moving a broadcast on the timetable: taken with the mouse and dropped on another day or hour, or picked up with the
// keyboard. It only chooses a time: the page that follows says what changes, and asks. Without this script, the link
// “move” leads to the same page.
const STEP = 15;
const PIXELS = 10; // of a quarter of an hour
const LAST = 24 * 60 - STEP;
const days = [...document.querySelectorAll("[data-day]")];
const label = document.querySelector("[data-moving]");
let held = null;

const clock = (minute) => `${String(Math.floor(minute / 60)).padStart(2, "0")}:${String(minute % 60).padStart(2, "0")}`;
const within = (minute) => Math.min(Math.max(minute, 0), LAST);
const begin = (line) => {
  const [hours, minutes] = line.dataset.hour.split(":").map(Number);
  const day = days.indexOf(line.closest("[data-day]"));
  held = { line, day, minute: hours * 60 + minutes, from: { day, minute: hours * 60 + minutes } };
  line.classList.add("held");
  label.hidden = false;
  show();
};
const show = () => {
  days.forEach((day, index) => day.classList.toggle("landing", index === held.day));
  label.textContent = `${days[held.day].dataset.name} ${clock(held.minute)}. ${label.dataset.moving}`;
};
const end = (dropped) => {
  if (!held) return;
  const { line, day, minute, from } = held;
  held = null;
  line.classList.remove("held");
  days.forEach((each) => each.classList.remove("landing"));
  label.hidden = true;
  label.textContent = "";
  if (!dropped || (day === from.day && minute === from.minute)) return;
  const address = new URL(line.querySelector("[data-move]").href);
  address.searchParams.set("ngay", days[day].dataset.day);
  address.searchParams.set("gio", clock(minute));
  location.assign(address);
};

for (const line of document.querySelectorAll("[data-hour]")) {
  let press = null;
  let dragged = false;
  line.classList.add("movable");
  for (const link of line.querySelectorAll("a")) link.draggable = false;
  line.addEventListener("pointerdown", (event) => {
    // A finger scrolls; it has the link.
    if (event.pointerType === "touch" || event.button !== 0) return;
    press = { x: event.clientX, y: event.clientY };
    dragged = false;
  });
  line.addEventListener("pointermove", (event) => {
    if (!press) return;
    if (!held) {
      if (Math.hypot(event.clientX - press.x, event.clientY - press.y) < 6) return;
      line.setPointerCapture(event.pointerId);
      dragged = true;
      begin(line);
    }
    const over = days.findIndex((day) => {
      const box = day.getBoundingClientRect();
      return event.clientX >= box.left && event.clientX <= box.right;
    });
    if (over >= 0) held.day = over;
    // Sideways keeps the hour; up and down moves it, by quarters.
    const by = Math.round((event.clientY - press.y) / PIXELS) * STEP;
    held.minute = by ? within(Math.round((held.from.minute + by) / STEP) * STEP) : held.from.minute;
    show();
  });
  line.addEventListener("pointerup", (event) => {
    const moved = press && held;
    press = null;
    if (!moved) return;
    event.preventDefault();
    end(true);
  });
  line.addEventListener("pointercancel", () => {
    press = null;
    end(false);
  });
  // The click that ends a drag is none on a link.
  line.addEventListener("click", (event) => dragged && event.preventDefault(), true);
  const handle = line.querySelector("[data-move]");
  handle.addEventListener("keydown", (event) => {
    if (!held) {
      if (event.key !== " ") return;
      event.preventDefault();
      return begin(line);
    }
    const steps = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -STEP], ArrowDown: [0, STEP] }[event.key];
    if (steps) {
      held.day = Math.min(Math.max(held.day + steps[0], 0), days.length - 1);
      held.minute = within(held.minute + steps[1]);
      show();
    } else if (event.key === "Enter" || event.key === " ") end(true);
    else if (event.key === "Escape") end(false);
    else return;
    event.preventDefault();
  });
  handle.addEventListener("blur", () => !press && end(false));
}
addEventListener("keydown", (event) => event.key === "Escape" && end(false));

// Hearing a whole day: all its sounds one after another, each marked while it plays. And the sheet for the notice board.
// Without this script each sound has its player, and the browser's own menu prints.
const row = document.querySelector("[data-all]");
const [play, stop, print, at] = ["play", "stop", "print", "at"].map((name) => row.querySelector(`[data-${name}]`));
const sounds = [...document.querySelectorAll(".sheet audio")];
let number = -1;

const mark = () => {
  for (const each of document.querySelectorAll(".sheet .sounding")) each.classList.remove("sounding");
  const sound = sounds[number];
  const line = sound?.closest("li");
  line?.classList.add("sounding");
  line?.scrollIntoView({ block: "nearest" });
  at.textContent = sound ? `${number + 1}/${sounds.length}: ${line.querySelector(".title").textContent}` : "";
  stop.hidden = !sound;
  play.hidden = Boolean(sound);
};
const end = () => {
  sounds[number]?.pause();
  number = -1;
  mark();
};
const next = () => {
  number += 1;
  const sound = sounds[number];
  if (!sound) return end();
  mark();
  sound.currentTime = 0;
  const mine = number;
  // What cannot be played is passed over: the rest of the day is still to be heard.
  sound.play().catch((error) => error.name !== "AbortError" && number === mine && next());
};
for (const [index, sound] of sounds.entries()) sound.addEventListener("ended", () => number === index && next());
play.addEventListener("click", next);
stop.addEventListener("click", end);
print.addEventListener("click", () => window.print());
play.disabled = !sounds.length;
row.hidden = false;

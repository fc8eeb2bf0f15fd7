// Tells the server which sounds have been played to their end, by what was really played: a skipped part is not heard.
// The server believes nothing that its own clock contradicts. Without this, one approves by the text.
const form = document.getElementById("approve");
const ENOUGH = 0.95;

const played = (audio) => {
  let seconds = 0;
  for (let i = 0; i < audio.played.length; i += 1) seconds += audio.played.end(i) - audio.played.start(i);
  return seconds;
};

for (const audio of document.querySelectorAll("audio[data-language]")) {
  const language = audio.dataset.language;
  let told = document.querySelector(`[data-heard="${language}"]`).hidden === false;
  let asking = false;
  const tell = async () => {
    if (told || asking || !(audio.duration > 0) || played(audio) < ENOUGH * audio.duration) return;
    asking = true;
    try {
      const body = new URLSearchParams({ seal: form.elements.seal.value, language });
      const answer = await fetch(form.action.replace(/duyet$/, "da-nghe"), { method: "POST", body });
      told = answer.status === 204;
    } catch {
      told = false; // the link is gone: it is told again
    }
    document.querySelector(`[data-heard="${language}"]`).hidden = !told;
    document.querySelector(`[data-unheard="${language}"]`).hidden = told;
    // A clock may lack the last moments; and a weak link is asked again, gently.
    setTimeout(() => {
      asking = false;
      tell();
    }, 1000);
  };
  audio.addEventListener("timeupdate", tell);
  audio.addEventListener("ended", tell);
}

// One press for all languages, one behind the other; who stops one stops all.
const all = document.querySelector("[data-hear-all]");
if (all) {
  const sounds = [...document.querySelectorAll("audio[data-language]")];
  all.hidden = sounds.length === 0;
  let here = -1;
  const next = () => {
    here += 1;
    sounds[here]?.play().catch(() => (here = sounds.length));
  };
  all.addEventListener("click", () => {
    for (const sound of sounds) Object.assign(sound, { currentTime: 0 }).pause();
    here = -1;
    next();
  });
  for (const sound of sounds) sound.addEventListener("ended", () => sounds[here] === sound && next());
}

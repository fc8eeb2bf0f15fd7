// The microphone: why it cannot be had, how loud it is, and what it gives, a second at a time.
const KINDS = ["audio/webm;codecs=opus", "audio/ogg;codecs=opus", "audio/mp4;codecs=mp4a.40.2", "audio/mp4", "audio/webm"];
const EACH = 1000;
const BITS = 48000;
const LOOK = 100;
// Levels in dBFS: so low nobody is near, so high it will be torn. Judged over the last three seconds.
const FAINT = -42;
const TORN = -1;
const REMEMBERED = 30;

export const lack = () => {
  if (!isSecureContext) return "insecure";
  return navigator.mediaDevices?.getUserMedia && window.MediaRecorder && window.AudioContext ? "" : "unable";
};

const decibels = (pressure) => (pressure > 0 ? 20 * Math.log10(pressure) : -96);

export class Microphone {
  // `heard({ level, word })` tells ten times a second how loud it is; `chunk(blob)` gets what was recorded.
  constructor({ heard, chunk, ended }) {
    Object.assign(this, { heard, chunk, ended });
    this.levels = [];
  }

  // Throws "refused" or "nothing".
  async open() {
    const wanted = { channelCount: 1, echoCancellation: false, noiseSuppression: true, autoGainControl: true };
    try {
      this.stream = await navigator.mediaDevices.getUserMedia({ audio: wanted });
    } catch (trouble) {
      throw new Error(["NotAllowedError", "SecurityError"].includes(trouble.name) ? "refused" : "nothing", { cause: trouble });
    }
    const kind = KINDS.find((each) => MediaRecorder.isTypeSupported(each));
    this.recorder = new MediaRecorder(this.stream, { ...(kind && { mimeType: kind }), audioBitsPerSecond: BITS });
    this.recorder.ondataavailable = (event) => event.data.size && this.chunk(event.data);
    this.stream.getAudioTracks()[0].addEventListener("ended", () => this.ended());
    this.listen();
    this.recorder.start(EACH);
    this.began = performance.now();
    this.lock = await navigator.wakeLock?.request("screen").catch(() => undefined);
  }

  listen() {
    this.context = new AudioContext();
    const analyser = new AnalyserNode(this.context, { fftSize: 4096 });
    this.context.createMediaStreamSource(this.stream).connect(analyser);
    const samples = new Float32Array(analyser.fftSize);
    this.timer = setInterval(() => {
      analyser.getFloatTimeDomainData(samples);
      let squares = 0;
      let peak = 0;
      for (const sample of samples) {
        squares += sample * sample;
        peak = Math.max(peak, Math.abs(sample));
      }
      const level = decibels(Math.sqrt(squares / samples.length));
      this.levels = [...this.levels, { level, peak: decibels(peak) }].slice(-REMEMBERED);
      this.heard({ level, word: this.word() });
    }, LOOK);
  }

  word() {
    if (this.levels.filter((each) => each.peak > TORN).length > 1) return "lower";
    if (this.levels.length < REMEMBERED / 2) return "";
    return Math.max(...this.levels.map((each) => each.level)) < FAINT ? "louder" : "good";
  }

  get seconds() {
    return (performance.now() - this.began) / 1000;
  }

  // Resolves when the last chunk has been handed on.
  async close() {
    clearInterval(this.timer);
    if (this.recorder.state !== "inactive") {
      const stopped = new Promise((resolve) => this.recorder.addEventListener("stop", resolve, { once: true }));
      this.recorder.stop();
      await stopped;
    }
    for (const track of this.stream.getTracks()) track.stop();
    await this.context.close();
    await this.lock?.release();
  }
}

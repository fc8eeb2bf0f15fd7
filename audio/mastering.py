"""Mastering: any sound → a clip fit for a horn. A shell around ffmpeg and pydub: what comes from outside is decoded by
`audio.decoding`, and only our own samples come here.

Imported by the server's studio, the voices' composition and tests.

The chain: trim silence → the preset's band and compressor → −16 LUFS, at most −1.5 dBTP, measured on the finished file
→ mono Ogg Opus with its marks. The same sound with the same marks gives the same bytes: a clip is named by them.
"""

import array
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec
from pydub import AudioSegment
from pydub.silence import detect_leading_silence

from audio.clip import SAMPLE_RATE, Clip, name_of
from audio.decoding import decode
from audio.preset import HORN, Preset
from audio.quality import PEAK_DBTP, SHORTEST_MS, SILENT_LUFS, TARGET_LUFS, Loudness
from audio.refusal import MasteringError, MasteringFault
from audio.waveform import drawn

CHAIN_VERSION = "2"
"""To be changed with the chain: it is part of what a rendered text is remembered by."""
LONGEST_WAIT_S = 300
FADE_MS = 15
SILENCE_DBFS, DEEPEST_SILENCE_DBFS, SILENCE_BELOW_DB = -50.0, -70.0, 25.0
"""What is trimmed: below −50 dBFS, and in a faint recording 25 dB below its own level, or its ends would go."""
KEEP_BEFORE_MS, KEEP_AFTER_MS = 100, 200
_STEP_MS = 10
_MEASURABLE_MS = 500
"""Loudness is measured over blocks of 400 ms: what is shorter gets silence behind it."""
_TOPS = (32_767, -32_768)
_TRIES = 6
_CLOSE_LU = 0.4
_FLATTEST = 0.3
"""LU for each dB of gain, where the limiter takes most of it away: a few loud syllables among quiet ones."""
_CODEC_DB, _CODEC_LU = 1.5, 0.45
"""So much higher may peaks stand after the codec than before it, and so much loudness does it take from speech."""
_LIMITED_AT = 96_000
"""Frames a second: between the samples of a clip a peak may stand higher than any of them."""
_APT = "Thiếu ffmpeg; cài bằng: sudo apt-get install ffmpeg / ffmpeg is missing"
_MEASURED = "ebur128=peak={}:framelog=verbose"


class Mastered(msgspec.Struct, frozen=True):
    """A clip, its loudness as measured, and where its files lie: `opus` to travel, `preview` (MP3) to be heard in any
    browser, `picture` (SVG) to be looked at. `clipped`: which share of the source's samples stood at the very top;
    `lead_ms`: how much silence was cut from its beginning."""

    clip: Clip
    loudness: Loudness
    opus: Path
    preview: Path
    picture: Path
    clipped: float = 0.0
    lead_ms: int = 0


def unexamined(_wav: Path) -> None:
    """Whatever is in the samples."""


def master(
    source: Path,
    language: str,
    folder: Path,
    marks: Mapping[str, str] | None = None,
    preset: Preset = HORN,
    *,
    examine: Callable[[Path], None] = unexamined,
    plain: bool = False,
) -> Mastered:
    """Make the clip of a sound file in `folder` (`<sha256>.opus`, `.mp3` and `.svg`), with these marks in it. `examine`
    gets its samples (WAV, mono, 16 bits) and may refuse them; `plain`: the source is such a WAV of ours already, at the
    preset's rate. Raises `MasteringError`."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as workshop:
        samples_wav, shaped = Path(workshop, "plain.wav"), Path(workshop, "shaped.wav")
        opus, preview, picture = (Path(workshop, f"clip.{kind}") for kind in ("opus", "mp3", "svg"))
        if plain:
            shutil.copyfile(source, samples_wav)
        else:
            decode(source, samples_wav, preset.rate)
        examine(samples_wav)
        clipped, lead_ms = _trim(samples_wav)
        loudness, samples = _levelled(samples_wav, shaped, opus, preview, _Finish(preset, _options(marks or {})))
        picture.write_text(drawn(samples), encoding="utf-8")
        name = name_of([opus.read_bytes()])
        clip = Clip(name, language, len(samples) * 1000 // SAMPLE_RATE, opus.stat().st_size)
        targets = {kind: folder / f"{name}.{kind}" for kind in ("svg", "mp3", "opus")}
        for made, kind in ((picture, "svg"), (preview, "mp3"), (opus, "opus")):
            shutil.move(made, targets[kind])
    return Mastered(clip, loudness, targets["opus"], targets["mp3"], targets["svg"], clipped, lead_ms)


def to_wav(source: Path, target: Path) -> None:
    """Any sound file as a plain WAV. Raises `MasteringError`."""
    decode(source, target)


def to_flac(wav: Path, target: Path) -> None:
    """Plain samples of ours, kept without loss in half the room. Raises `MasteringError`."""
    _ffmpeg("-i", wav, "-map_metadata", "-1", "-fflags", "+bitexact", "-flags:a", "+bitexact", "-f", "flac", target)


def draw(opus: Path) -> str:
    """The waveform of a clip that is there, as an SVG."""
    done = _ffmpeg("-i", opus, "-ac", "1", "-ar", SAMPLE_RATE, "-f", "s16le", "pipe:1")
    return drawn(array.array("h", done.stdout))


def measure(source: Path) -> Loudness:
    """Loudness by EBU R 128, with true peak."""
    command = ["ffmpeg", "-hide_banner", "-nostats", "-nostdin", "-i", str(source)]
    return _told(_run([*command, "-af", _MEASURED.format("true"), "-f", "null", "-"]))


def _told(done: "subprocess.CompletedProcess[bytes]") -> Loudness:
    """What ffmpeg says of the loudness of what passed through it; the true peak only where that was asked for."""
    words = done.stderr.decode(errors="replace")
    summary = words[words.rfind("Summary:") :]
    integrated = re.search(r"I:\s+(-?[\d.]+|-inf|nan) LUFS", summary)
    peak = re.search(r"Peak:\s+(-?[\d.]+|-inf|nan) dBFS", summary)
    return Loudness(_number(integrated), _number(peak))


def _number(found: re.Match[str] | None) -> float:
    return float(found[1]) if found and found[1][-1].isdigit() else -99.0


def _trim(sound: Path) -> tuple[float, int]:
    """Cut the silence at both ends, with fades so that no cut clicks; what is left must be worth it. (ffmpeg's own
    filter for this throws some sounds away whole when they are reversed.) Returns the share of clipped samples, and how
    many milliseconds went at the beginning."""
    segment = AudioSegment.from_wav(str(sound))
    samples = segment.get_array_of_samples()
    clipped: float = sum(samples.count(top) for top in _TOPS) / max(1, len(samples))
    del samples
    threshold = max(DEEPEST_SILENCE_DBFS, min(SILENCE_DBFS, segment.dBFS - SILENCE_BELOW_DB))
    before = detect_leading_silence(segment, threshold)
    if before >= len(segment):
        raise MasteringError(MasteringFault.silent, f"{len(segment)} ms")
    after = _trailing_silence(segment, threshold)
    lead_ms = max(0, before - KEEP_BEFORE_MS)
    trimmed = segment[lead_ms : len(segment) - max(0, after - KEEP_AFTER_MS)]
    if len(trimmed) < SHORTEST_MS:
        raise MasteringError(MasteringFault.too_short, f"{len(trimmed)} ms")
    del segment  # an hour is 170 MB, and so is each copy of it
    faded = trimmed.fade_in(FADE_MS)
    del trimmed
    faded = faded.fade_out(FADE_MS)
    faded += AudioSegment.silent(max(0, _MEASURABLE_MS - len(faded)), faded.frame_rate)
    faded.export(str(sound), format="wav")
    return clipped, lead_ms


def _trailing_silence(sound: AudioSegment, threshold: float) -> int:
    """Milliseconds of silence at the end, as `detect_leading_silence` finds them at the beginning: without a reversed
    copy."""
    silent = 0
    while silent < len(sound) and sound[max(0, len(sound) - silent - _STEP_MS) : len(sound) - silent].dBFS < threshold:
        silent += _STEP_MS
    return min(silent, len(sound))


class _Finish(msgspec.Struct, frozen=True):
    """How the clip is to be: `options` are ffmpeg's, for its marks."""

    preset: Preset
    options: tuple[str, ...]


def _options(marks: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(part for name, value in sorted(marks.items()) for part in ("-metadata", f"{name}={value}"))


def _levelled(
    plain: Path, shaped: Path, opus: Path, preview: Path, finish: _Finish
) -> "tuple[Loudness, array.array[int]]":
    """Encode at the target loudness; what the finished file measures, and its samples. What the limiter takes away is
    tried out before the codec, which is what takes time; gain and limit are then corrected by what the finished file
    measures, for the codec itself moves peaks."""
    preset = finish.preset
    keep = ["-ar", str(preset.rate), "-c:a", "pcm_s16le", str(shaped)]
    before = _told(_ffmpeg("-i", plain, "-af", f"{preset.shape},asplit[out],{_aside('none')};[out]anull", *keep))
    if before.integrated < SILENT_LUFS:
        raise MasteringError(MasteringFault.silent, f"{before.integrated} LUFS")
    gain, limit = TARGET_LUFS - before.integrated, PEAK_DBTP - _CODEC_DB
    trial = f"volume={gain:.2f}dB,{_limiter(limit)},{_MEASURED.format('none')}"
    tried = _told(_ffmpeg("-i", shaped, "-af", trial, "-f", "null", "-"))
    gain += TARGET_LUFS + _CODEC_LU - tried.integrated
    slope, step, before_step = 1.0, 0.0, 0.0
    for _ in range(_TRIES):
        _encode(shaped, opus, gain, limit, finish)
        loudness, samples = _finished(opus, preview, finish)
        off, over = TARGET_LUFS - loudness.integrated, loudness.peak - PEAK_DBTP
        if abs(off) <= _CLOSE_LU and over <= 0:
            break
        if step:
            slope = min(max((loudness.integrated - before_step) / step, _FLATTEST), 1.0)
        step, before_step = (off / slope if abs(off) > _CLOSE_LU else 0.0), loudness.integrated
        gain += step
        limit -= over + 0.1 if over > 0 else 0
    return loudness, samples


def _aside(peak: str) -> str:
    return f"{_MEASURED.format(peak)},anullsink"


def _limiter(limit: float) -> str:
    return f"alimiter=limit={10 ** (limit / 20):.4f}:level=false:attack=2:release=60"


def _encode(shaped: Path, opus: Path, gain: float, limit: float, finish: _Finish) -> None:
    preset = finish.preset
    level = f"volume={gain:.2f}dB,aresample={_LIMITED_AT},{_limiter(limit)},aresample={preset.rate}"
    codec = ["-c:a", "libopus", "-b:a", preset.bitrate, "-application", preset.application, "-vbr", "on"]
    exact = ["-map_metadata", "-1", "-fflags", "+bitexact", "-flags:a", "+bitexact", *finish.options]
    _ffmpeg("-i", shaped, "-af", level, *codec, *exact, opus)


def _finished(opus: Path, preview: Path, finish: _Finish) -> "tuple[Loudness, array.array[int]]":
    """Of the finished clip, decoded once: its loudness, the preview, and the samples that a loudspeaker will count."""
    split = f"[0:a]asplit=3[m][p][raw];[m]{_aside('true')};[p]aresample={finish.preset.rate}[preview]"
    plain = opus.with_suffix(".raw")  # by the disk: through a pipe an hour would lie in memory three times
    raw = ["-map", "[raw]", "-ac", "1", "-ar", SAMPLE_RATE, "-f", "s16le", plain]
    exact = ["-map_metadata", "-1", "-fflags", "+bitexact", "-flags:a", "+bitexact", *finish.options]
    mp3 = ["-map", "[preview]", "-c:a", "libmp3lame", "-compression_level", "9", "-b:a", "64k", *exact, preview]
    done = _ffmpeg("-i", opus, "-filter_complex", split, *raw, *mp3)
    samples = array.array("h")
    with plain.open("rb") as file:
        samples.fromfile(file, plain.stat().st_size // samples.itemsize)
    plain.unlink()
    return _told(done), samples


def _ffmpeg(*arguments: object) -> "subprocess.CompletedProcess[bytes]":
    done = _run(["ffmpeg", "-hide_banner", "-nostats", "-nostdin", "-y", "-threads", "1", *map(str, arguments)])
    if done.returncode:
        raise MasteringError(MasteringFault.not_sound, done.stderr.decode(errors="replace").strip()[-300:])
    return done


def _run(command: list[str]) -> "subprocess.CompletedProcess[bytes]":
    try:
        return subprocess.run(command, capture_output=True, timeout=LONGEST_WAIT_S, check=False)
    except FileNotFoundError as error:
        raise MasteringError(MasteringFault.no_tool, _APT) from error
    except subprocess.TimeoutExpired as error:
        raise MasteringError(MasteringFault.timed_out, command[0]) from error

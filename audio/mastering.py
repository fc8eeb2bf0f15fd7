"""Mastering: any sound → a clip fit for a horn. A shell around ffmpeg and pydub: what comes from outside is decoded by
`audio.decoding`, and only our own samples come here.

Imported by the server's studio, the voices' composition and tests.

The chain: trim silence → band 300–6000 Hz (a horn passes no more, and its driver suffers from less) → compressor →
−16 LUFS, at most −1.5 dBTP, measured on the finished file → mono Ogg Opus at 24 kbit/s. The same sound gives the same
bytes: a clip is named by them.
"""

import re
import shutil
import subprocess
import tempfile
from pathlib import Path

import msgspec
from pydub import AudioSegment
from pydub.silence import detect_leading_silence

from audio.clip import SAMPLE_RATE, Clip, name_of
from audio.decoding import decode
from audio.quality import PEAK_DBTP, SHORTEST_MS, SILENT_LUFS, TARGET_LUFS, Loudness
from audio.refusal import MasteringError, MasteringFault

CHAIN_VERSION = "1"
"""To be changed with the chain: it is part of what a rendered text is remembered by."""
LONGEST_WAIT_S = 300
FADE_MS = 15
SILENCE_DBFS, DEEPEST_SILENCE_DBFS, SILENCE_BELOW_DB = -50.0, -70.0, 25.0
"""What is trimmed: below −50 dBFS, and in a faint recording 25 dB below its own level, or its ends would go."""
KEEP_BEFORE_MS, KEEP_AFTER_MS = 100, 200
_SHAPE = "highpass=f=300:p=2,lowpass=f=6000:p=2,acompressor=threshold=-24dB:ratio=4:attack=5:release=150:makeup=2"
_MEASURABLE_MS = 500
"""Loudness is measured over blocks of 400 ms: what is shorter gets silence behind it."""
_TOPS = (32_767, -32_768)
_TRIES = 6
_CLOSE_LU = 0.3
_APT = "Thiếu ffmpeg; cài bằng: sudo apt-get install ffmpeg / ffmpeg is missing"


class Mastered(msgspec.Struct, frozen=True):
    """A clip, its loudness as measured, and where its two files lie: `opus` to travel, `preview` (MP3) to be heard
    in any browser. `clipped`: which share of the source's samples stood at the very top."""

    clip: Clip
    loudness: Loudness
    opus: Path
    preview: Path
    clipped: float = 0.0


def master(source: Path, language: str, folder: Path) -> Mastered:
    """Make the clip of a sound file in `folder` (`<sha256>.opus` and `.mp3`). Raises `MasteringError`."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as workshop:
        plain, shaped, opus = (Path(workshop, name) for name in ("plain.wav", "shaped.wav", "clip.opus"))
        decode(source, plain)
        clipped = _trim(plain)
        _ffmpeg("-i", plain, "-af", _SHAPE, "-c:a", "pcm_s16le", shaped)
        loudness = _levelled(shaped, opus)
        length = _frames(opus) * 1000 // SAMPLE_RATE
        preview = Path(workshop, "preview.mp3")
        _ffmpeg("-i", opus, "-c:a", "libmp3lame", "-b:a", "64k", preview)
        name = name_of([opus.read_bytes()])
        clip = Clip(name, language, length, opus.stat().st_size)
        targets = folder / f"{name}.opus", folder / f"{name}.mp3"
        shutil.move(preview, targets[1])
        shutil.move(opus, targets[0])
    return Mastered(clip, loudness, *targets, clipped)


def to_wav(source: Path, target: Path) -> None:
    """Any sound file as a plain WAV. Raises `MasteringError`."""
    decode(source, target)


def measure(source: Path) -> Loudness:
    """Loudness by EBU R 128, with true peak."""
    command = ["ffmpeg", "-hide_banner", "-nostats", "-i", str(source), "-af", "ebur128=peak=true", "-f", "null", "-"]
    words = _run(command).stderr.decode(errors="replace")
    summary = words[words.rfind("Summary:") :]
    integrated = re.search(r"I:\s+(-?[\d.]+|-inf|nan) LUFS", summary)
    peak = re.search(r"Peak:\s+(-?[\d.]+|-inf|nan) dBFS", summary)
    return Loudness(_number(integrated), _number(peak))


def _number(found: re.Match[str] | None) -> float:
    return float(found[1]) if found and found[1][-1].isdigit() else -99.0


def _trim(sound: Path) -> float:
    """Cut the silence at both ends, with fades so that no cut clicks; what is left must be worth it. (ffmpeg's own
    filter for this throws some sounds away whole when they are reversed.) Returns the share of clipped samples."""
    segment = AudioSegment.from_wav(str(sound))
    samples = segment.get_array_of_samples()
    clipped: float = sum(samples.count(top) for top in _TOPS) / max(1, len(samples))
    threshold = max(DEEPEST_SILENCE_DBFS, min(SILENCE_DBFS, segment.dBFS - SILENCE_BELOW_DB))
    before = detect_leading_silence(segment, threshold)
    if before >= len(segment):
        raise MasteringError(MasteringFault.silent, f"{len(segment)} ms")
    after = detect_leading_silence(segment.reverse(), threshold)
    trimmed = segment[max(0, before - KEEP_BEFORE_MS) : len(segment) - max(0, after - KEEP_AFTER_MS)]
    if len(trimmed) < SHORTEST_MS:
        raise MasteringError(MasteringFault.too_short, f"{len(trimmed)} ms")
    faded = trimmed.fade_in(FADE_MS).fade_out(FADE_MS)
    faded += AudioSegment.silent(max(0, _MEASURABLE_MS - len(faded)), faded.frame_rate)
    faded.export(str(sound), format="wav")
    return clipped


def _levelled(shaped: Path, opus: Path) -> Loudness:
    """Encode at the target loudness. Gain and limit are corrected by what the finished file measures: a single
    pass misses on short clips, and the codec itself moves peaks."""
    before = measure(shaped)
    if before.integrated < SILENT_LUFS:
        raise MasteringError(MasteringFault.silent, f"{before.integrated} LUFS")
    gain, limit = TARGET_LUFS - before.integrated, PEAK_DBTP - 0.5
    loudness = before
    for _ in range(_TRIES):
        _encode(shaped, opus, gain, limit)
        loudness = measure(opus)
        off, over = TARGET_LUFS - loudness.integrated, loudness.peak - PEAK_DBTP
        if abs(off) <= _CLOSE_LU and over <= 0:
            break
        gain += off if abs(off) > _CLOSE_LU else 0
        limit -= over + 0.1 if over > 0 else 0
    return loudness


def _encode(shaped: Path, opus: Path, gain: float, limit: float) -> None:
    ceiling = 10 ** (limit / 20)
    level = f"volume={gain:.2f}dB,aresample=192000,alimiter=limit={ceiling:.4f}:level=false:attack=2:release=60"
    codec = ["-c:a", "libopus", "-b:a", "24k", "-application", "voip", "-vbr", "on"]
    exact = ["-map_metadata", "-1", "-fflags", "+bitexact", "-flags:a", "+bitexact"]
    _ffmpeg("-i", shaped, "-af", f"{level},aresample={SAMPLE_RATE}", *codec, *exact, opus)


def _frames(opus: Path) -> int:
    """Decoded frames of a clip: the length that a loudspeaker will count."""
    raw = ["-ac", "1", "-ar", str(SAMPLE_RATE), "-f", "s16le", "-"]
    return len(_run(["ffmpeg", "-v", "error", "-nostdin", "-i", f"file:{opus}", *raw]).stdout) // 2


def _ffmpeg(*arguments: object) -> None:
    done = _run(["ffmpeg", "-hide_banner", "-v", "error", "-nostdin", "-y", "-threads", "1", *map(str, arguments)])
    if done.returncode:
        raise MasteringError(MasteringFault.not_sound, done.stderr.decode(errors="replace").strip()[-300:])


def _run(command: list[str]) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(command, capture_output=True, timeout=LONGEST_WAIT_S, check=False)
    except FileNotFoundError as error:
        raise MasteringError(MasteringFault.no_tool, _APT) from error
    except subprocess.TimeoutExpired as error:
        raise MasteringError(MasteringFault.timed_out, command[0]) from error

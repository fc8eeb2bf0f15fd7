"""Any sound file → plain samples, by an ffmpeg that is shut in. A shell.

Imported by `audio.mastering` and tests. The file is typed by its content and opened by the one reader for that kind;
what it gives is counted, so that hours of silence in a few bytes cost no more than the longest recording.
"""

import shutil
import wave
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from audio.clip import SAMPLE_RATE
from audio.confinement import End, Limits, run
from audio.quality import LONGEST_MS
from audio.refusal import MasteringError, MasteringFault
from audio.sound_file import CODECS, HEAD_BYTES, LARGEST_UPLOAD, Kind, Probed, kind_of, must_fit

_MEMORY = 768 * 1024 * 1024
_FRAME_BYTES = 2
_PROBING = Limits(_MEMORY, processor_s=20, wall_s=60, output=64 * 1024)
_DECODING = Limits(_MEMORY, processor_s=120, wall_s=300, output=0)
_LOOKED_AT = ("-probesize", "5000000", "-analyzeduration", "5000000")
_APT = "Thiếu ffmpeg; cài bằng: sudo apt-get install ffmpeg / ffmpeg is missing"


_FAULTS = {
    End.done: None,
    End.failed: MasteringFault.damaged,
    End.overflowed: MasteringFault.too_long,
    End.timed_out: MasteringFault.timed_out,
}


class _Stream(msgspec.Struct):
    codec_name: str = ""
    channels: int = 0
    sample_rate: str = "0"


class _Format(msgspec.Struct):
    duration: str = "0"


class _Told(msgspec.Struct):
    streams: list[_Stream] = []
    format: _Format = msgspec.field(default_factory=_Format)


def decode(source: Path, wav: Path, rate: int = SAMPLE_RATE) -> Kind:
    """Write the sound of a file as a WAV (mono, 16 bits, so many frames a second). Raises `MasteringError`; then no WAV
    is left."""
    kind = _kind(source)
    must_fit(probe(source, kind))
    with wave.open(str(wav), "wb") as target:
        target.setparams((1, _FRAME_BYTES, rate, 0, "NONE", ""))
        limits = msgspec.structs.replace(_DECODING, output=LONGEST_MS * rate // 1000 * _FRAME_BYTES)
        end = _run(_decoder(kind, rate), source, target.writeframesraw, limits)
        frames = target.tell()
    fault = _FAULTS[end] if end is not End.done or frames else MasteringFault.damaged
    if fault is not None:
        wav.unlink()
        raise MasteringError(fault, kind.value)
    return kind


def probe(source: Path, kind: Kind) -> Probed:
    """What the file says of its sound. Raises `MasteringError` where there is none in it."""
    said = bytearray()
    end = _run(_prober(kind), source, said.extend, _PROBING)
    if end is End.timed_out:
        raise MasteringError(MasteringFault.timed_out)
    try:
        told = msgspec.json.decode(bytes(said) or b"{}", type=_Told)
        if end is not End.done or not told.streams:
            raise MasteringError(MasteringFault.not_sound, kind.value)
        stream = told.streams[0]
        return Probed(stream.codec_name, stream.channels, int(stream.sample_rate), _ms(told.format.duration))
    except (msgspec.MsgspecError, ValueError, OverflowError) as error:
        raise MasteringError(MasteringFault.not_sound, kind.value) from error


def _ms(seconds: str) -> int:
    """Of a length as ffprobe writes it; 0 where it is not known."""
    return 0 if seconds == "N/A" else round(float(seconds) * 1000)


def _kind(source: Path) -> Kind:
    if source.stat().st_size > LARGEST_UPLOAD:
        raise MasteringError(MasteringFault.too_large, f"{source.stat().st_size} bytes")
    with source.open("rb") as file:
        kind = kind_of(file.read(HEAD_BYTES))
    if kind is None:
        raise MasteringError(MasteringFault.not_sound, source.name)
    return kind


def _input(kind: Kind, path: str) -> list[str]:
    """What ffmpeg may do to get at the sound: open this one file, with this one reader."""
    only = ["-protocol_whitelist", "file", "-format_whitelist", kind.value]
    return [*only, *_LOOKED_AT, "-f", kind.value, "-i", f"file:{path}"]


def _prober(kind: Kind) -> Callable[[str], Sequence[str]]:
    shown = "stream=codec_name,channels,sample_rate:format=duration"
    words = ["-v", "quiet", "-select_streams", "a:0", "-show_entries", shown, "-of", "json"]
    return lambda path: ["ffprobe", *words, *_input(kind, path)]


def _decoder(kind: Kind, rate: int) -> Callable[[str], Sequence[str]]:
    samples = ["-map", "0:a:0", "-vn", "-sn", "-dn", "-c:a", "pcm_s16le", "-ar", str(rate), "-ac", "1"]
    raw = ["-threads", "1", "-f", "s16le", "pipe:1"]
    return lambda path: [
        "ffmpeg",
        "-v",
        "quiet",
        "-nostdin",
        "-codec_whitelist",
        CODECS,
        *_input(kind, path),
        *samples,
        *raw,
    ]


def _run(command: Callable[[str], Sequence[str]], source: Path, take: Callable[[bytes], object], limits: Limits) -> End:
    if shutil.which("ffmpeg") is None or shutil.which("ffprobe") is None:
        raise MasteringError(MasteringFault.no_tool, _APT)
    return run(command, source, take, limits)

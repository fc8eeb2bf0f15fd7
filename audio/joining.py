"""Sentences → one WAV without a click: each is cut to what sounds and faded once, then they lie behind one another with
silence between. A shell around pydub.

Imported by the narrator and tests.
"""

import array
import wave
from collections.abc import Sequence
from pathlib import Path

from pydub import AudioSegment
from pydub.silence import detect_leading_silence

from audio.voice import VoiceError, VoiceFault

JOINS_VERSION = "1"
"""To be changed with what is done to a sentence here: it is part of what a kept sentence is known by."""
SILENCE_DBFS = -50.0
KEEP_MS, FADE_MS = 30, 15
LONGEST_WORD_MS, LONGEST_START_MS, SHORTEST_WORD_MS = 1_500, 2_000, 40
"""No engine says a word slower or faster: what is beyond has lost or repeated something."""


def finish(sentence: Path, words: str) -> None:
    """Cut and fade a sentence that an engine has just written; one channel, 16 bits. Raises `VoiceError` for what
    cannot be these words: silence, nothing, much too short or long."""
    sound = _read(sentence).set_channels(1).set_sample_width(2)
    before = detect_leading_silence(sound, SILENCE_DBFS)
    if before >= len(sound):
        raise VoiceError(VoiceFault.empty, f"silence instead of “{words[:40]}”")
    after = detect_leading_silence(sound.reverse(), SILENCE_DBFS)
    sounding = sound[max(0, before - KEEP_MS) : len(sound) - max(0, after - KEEP_MS)]
    count = len(words.split())
    if not count * SHORTEST_WORD_MS <= len(sounding) <= count * LONGEST_WORD_MS + LONGEST_START_MS:
        raise VoiceError(VoiceFault.empty, f"{len(sounding)} ms for {count} words: “{words[:40]}”")
    with wave.open(str(sentence), "wb") as file:
        file.setparams((1, 2, sounding.frame_rate, 0, "NONE", ""))
        file.writeframes(_faded(sounding.get_array_of_samples(), sounding.frame_rate * FADE_MS // 1_000))


def _faded(samples: "array.array[int]", length: int) -> bytes:
    """From nothing and to nothing, sample by sample: pydub fades in steps of a millisecond, and the last one clicks."""
    length = min(length, len(samples) // 2)
    for number in range(length):
        samples[number] = samples[number] * number // length
        samples[-1 - number] = samples[-1 - number] * number // length
    return samples.tobytes()


def _read(path: Path) -> AudioSegment:
    """Plain samples alone: pydub by itself would hand anything else to a decoder that is not shut in."""
    try:
        with wave.open(str(path), "rb") as file:
            frames = file.readframes(file.getnframes())
            shape = (file.getsampwidth(), file.getframerate(), file.getnchannels())
        return AudioSegment(frames, sample_width=shape[0], frame_rate=shape[1], channels=shape[2])
    except (OSError, EOFError, ValueError, wave.Error) as error:
        raise VoiceError(VoiceFault.refused, f"no WAV: {error}") from error


def join(finished: Sequence[tuple[Path, int]], into: Path) -> None:
    """The finished sentences, each with the milliseconds of silence behind it, as one WAV."""
    rate = 0
    with wave.open(str(into), "wb") as target:
        for path, pause_ms in finished:
            with wave.open(str(path), "rb") as source:
                if not rate:
                    rate = source.getframerate()
                    target.setparams((1, 2, rate, 0, "NONE", ""))
                target.writeframesraw(source.readframes(source.getnframes()))
            target.writeframesraw(bytes(2 * (rate * pause_ms // 1_000)))

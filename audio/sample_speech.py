"""Sample recordings for trying the system out, in languages that no machine speaks: each says that it is a sample.

Imported by the server's seed and tests. A tone of its own begins each, so that a test can tell languages apart.
"""

import array
import math
import tempfile
import wave
import zlib
from pathlib import Path

from pydub import AudioSegment

from audio.clip import SAMPLE_RATE
from audio.language import Language, full_name
from audio.voice import Narrator

TONE_S = 0.7
_PEAK = 14_000
_KNOWN_HERTZ = {"vi": 520, "mww": 700, "ium": 1100}


def tone_of(tag: str) -> int:
    """The frequency that begins the samples of a language, in Hz."""
    return _KNOWN_HERTZ.get(tag, 1300 + zlib.crc32(tag.encode()) % 12 * 100)


def sample_recording(language: Language, narrator: Narrator, into: Path) -> None:
    """Write a WAV: the tone, then in Vietnamese that this stands for a recording in that language."""
    words = f"Đây là bản ghi mẫu, thay cho bản ghi bằng tiếng {full_name(language)}. Bản ghi mẫu tiếng {language.name}."
    with tempfile.TemporaryDirectory() as folder:
        tone, speech = Path(folder, "tone.wav"), Path(folder, "speech.wav")
        _tone(tone_of(language.tag), tone)
        narrator.narrate(words, "vi", speech)
        spoken = AudioSegment.from_wav(str(speech)).set_frame_rate(SAMPLE_RATE).set_channels(1)
        joined = AudioSegment.from_wav(str(tone)) + AudioSegment.silent(300, SAMPLE_RATE) + spoken
        joined.export(str(into), format="wav")


def _tone(hertz: int, into: Path) -> None:
    samples = array.array(
        "h",
        (round(_PEAK * math.sin(2 * math.pi * hertz * n / SAMPLE_RATE)) for n in range(round(TONE_S * SAMPLE_RATE))),
    )
    with wave.open(str(into), "wb") as file:
        file.setparams((1, 2, SAMPLE_RATE, 0, "NONE", ""))
        file.writeframes(samples.tobytes())

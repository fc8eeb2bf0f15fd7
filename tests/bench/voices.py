"""How long a minute of speech takes a core: mastered, spoken and mastered, and spoken before; beside espeak-ng and one pass
of ffmpeg without anything around them. Processor time, of all processes together: other work on the machine is not ours.

Started by the bench.
"""

import contextlib
import json
import os
import resource
import statistics
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from audio.mastering import master
from audio.spoken_text import speak
from audio.voices.espeak_voice import PITCH, VOICE, WORDS_A_MINUTE, EspeakVoice
from audio.voices.roster import VoiceSettings
from audio.working_narrator import WorkingNarrator
from server.clip_archive import ClipArchive
from server.originals import Originals
from server.studio import Studio
from tests.bench.figures import Figure

_CASES = Path(__file__).parents[1] / "unit" / "audio" / "spoken-text-cases.json"
_CHAIN = (
    "silenceremove=start_periods=1:start_threshold=-50dB:start_silence=0.1,areverse,"
    "silenceremove=start_periods=1:start_threshold=-50dB:start_silence=0.2,areverse,"
    "highpass=f=300:p=2,lowpass=f=6000:p=2,acompressor=threshold=-24dB:ratio=4:attack=5:release=150:makeup=2,"
    "loudnorm=I=-16:TP=-1.5:LRA=7,aresample=48000"
)
"""The same chain in one pass: what it measures afterwards it does not look at."""
_MINUTE_MS = 60_000
_WARM = 1


def measure(rounds: int = 5, sentences: int = 22) -> Iterator[Figure]:
    """Seconds of a core for a minute of sound."""
    text = _text(sentences)
    with _one_core(), tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        wav = place / "spoken.wav"
        EspeakVoice().render(text, "vi", wav)
        length = master(wav, "vi", place / "warm").clip.duration_ms
        shares = {"mastered": list[float](), "spoken": [], "bare": [], "again": []}
        for number in range(rounds + _WARM):
            studio = _studio(place / str(number))
            steps: dict[str, Callable[[], object]] = {
                "mastered": lambda: master(wav, "vi", place / "clips"),
                "bare": lambda: _bare(text, place),
                "spoken": lambda studio=studio: studio.speak(text, "vi"),  # type: ignore[misc]
                "again": lambda studio=studio: studio.speak(text, "vi"),  # type: ignore[misc]
            }
            for name, step in steps.items():
                began = _processor_s()
                step()
                if number >= _WARM:
                    shares[name].append((_processor_s() - began) * _MINUTE_MS / length)
    took = {name: statistics.median(each) for name, each in shares.items()}
    ratio = statistics.median(one / other for one, other in zip(shares["spoken"], shares["bare"], strict=True))
    yield Figure("a minute of speech mastered", took["mastered"], "s", None, 60 / 30)
    yield Figure("a minute of text to its clip (espeak-ng)", took["spoken"], "s", took["bare"], 60 / 15)
    yield Figure("  beside espeak-ng and one pass of ffmpeg", ratio, "×", 1, 1.3)
    yield Figure("a minute that was spoken before", took["again"] * 1_000, "ms", None, 60)


def _processor_s() -> float:
    """Of this process, and of all its children that have ended."""
    each = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(used.ru_utime + used.ru_stime for used in each)


def _text(sentences: int) -> str:
    written = [case["written"] for case in json.loads(_CASES.read_text(encoding="utf-8"))][:sentences]
    return " ".join(speak(each).words.rstrip(".") + "." for each in written)


def _studio(folder: Path) -> Studio:
    narrator = WorkingNarrator(VoiceSettings(str(folder)))
    return Studio(narrator, ClipArchive(folder / "clips"), Originals(folder / "originals"))


def _bare(text: str, folder: Path) -> None:
    command = ["espeak-ng", "-v", VOICE, "-s", str(WORDS_A_MINUTE), "-p", str(PITCH), "-b", "1", "--stdin"]
    subprocess.run([*command, "-w", folder / "bare.wav"], input=text.encode(), check=True)
    encode = ["-c:a", "libopus", "-b:a", "24k", "-application", "voip", folder / "bare.opus"]
    line = ["ffmpeg", "-v", "error", "-nostdin", "-y", "-threads", "1", "-i", folder / "bare.wav", "-af", _CHAIN]
    subprocess.run([*line, *encode], check=True)


@contextlib.contextmanager
def _one_core() -> Iterator[None]:
    """Everything that is started meanwhile runs there too."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(before)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)

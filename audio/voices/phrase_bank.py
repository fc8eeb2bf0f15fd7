"""The phrase bank as an engine: a filled template, spoken with takes that people have recorded. A shell.

Imported by the studio and tests. It speaks no free text: who asks hands it a script and the takes that say it.
"""

import wave
from array import array
from collections.abc import Sequence
from pathlib import Path

import msgspec

from audio.phrase_joining import JOINS_VERSION, Take, join
from audio.phrase_names import PHRASE_BANK, SAMPLE
from audio.phrase_take import TAKE_RATE, Measures
from audio.voice import Provenance, VoiceError, VoiceFault


class Spoken(msgspec.Struct, frozen=True):
    """One take of a script: its file, what was measured of it, the silence behind it."""

    file: Path
    measures: Measures
    pause_ms: int = 0


class Script(msgspec.Struct, frozen=True):
    """What is to be said by whom. `presenters`: by id; `manifest`: a digest of which take says what, so that another
    take is another sound; `sample`: a synthetic announcer is among them."""

    takes: tuple[Spoken, ...]
    presenters: tuple[str, ...]
    manifest: str
    sample: bool = False


class PhraseBank:
    """The engine."""

    name = PHRASE_BANK

    def identity(self, script: Script) -> Provenance:
        """What stands in the provenance of the sound. People spoke it, not a machine, unless it is a sample."""
        names = [f"{SAMPLE} {who}" if script.sample else who for who in script.presenters]
        return Provenance(self.name, JOINS_VERSION, ", ".join(names), f"manifest={script.manifest}", script.sample)

    def render(self, script: Script, into: Path) -> Provenance:
        """Write it as a WAV. Raises `VoiceError`; then nothing is left behind."""
        if not script.takes:
            raise VoiceError(VoiceFault.empty, "no takes")
        joined = join([Take(_samples(each.file), each.measures, each.pause_ms) for each in script.takes])
        with wave.open(str(into), "wb") as file:
            file.setparams((1, 2, TAKE_RATE, 0, "NONE", ""))
            file.writeframes(joined.samples.tobytes())
        return self.identity(script)


def read_take(path: Path) -> "array[int]":
    """The samples of a take. Raises OSError, EOFError, ValueError for what is none."""
    with wave.open(str(path), "rb") as file:
        if (file.getnchannels(), file.getsampwidth(), file.getframerate()) != (1, 2, TAKE_RATE):
            raise ValueError(f"{path.name} is no take")
        return array("h", file.readframes(file.getnframes()))


def write_take(path: Path, samples: Sequence[int]) -> None:
    """A take as a file."""
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, TAKE_RATE, 0, "NONE", ""))
        file.writeframes(array("h", samples).tobytes())


def _samples(path: Path) -> "array[int]":
    try:
        return read_take(path)
    except (OSError, EOFError, ValueError, wave.Error) as error:
        raise VoiceError(VoiceFault.unavailable, f"a take is missing or damaged: {path.name}: {error}") from error

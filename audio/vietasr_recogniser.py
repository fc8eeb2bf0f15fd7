"""viet-asr: a Vietnamese recogniser with its weights inside, in a process of its own, shut in. A shell.

Imported by composition roots and tests. It is the optional extra `asr`; where the weights come from is not told by who
publishes them, so it is a tool of the house and nothing of it is passed on.
"""

import importlib.metadata
import importlib.util
import sys
import tempfile
from pathlib import Path

import msgspec

from audio.confinement import Doors, End, Limits, run
from audio.decoding import decode
from audio.refusal import MasteringError
from audio.speech_check import Unheard

RATE = 16_000
LIMITS = Limits(memory=6 * 1024**3, processor_s=900, wall_s=600, output=4 * 1024 * 1024)
EXTRA = "Chưa cài bộ nghe lại; cài bằng: ./loaban voices engines / viet-asr is not installed"


class _Transcript(msgspec.Struct):
    text: str = ""


class VietAsrRecogniser:
    """A process for each clip."""

    name = "viet-asr"

    def trouble(self) -> str:
        """Whether it is installed."""
        return "" if importlib.util.find_spec("vietasr") else EXTRA

    def version(self) -> str:
        """Of the installed package."""
        try:
            return importlib.metadata.version("viet-asr")
        except importlib.metadata.PackageNotFoundError:
            return ""

    def hear(self, clip: Path) -> str:
        """What is said in a clip."""
        if trouble := self.trouble():
            raise Unheard(trouble)
        said = bytearray()
        with tempfile.TemporaryDirectory() as folder:
            wav = Path(folder, "heard.wav")
            try:
                decode(clip, wav, RATE)
            except MasteringError as error:
                raise Unheard(str(error)) from error
            readable = dict.fromkeys((Path(sys.base_prefix), Path(sys.prefix)))
            end = run(_command, wav, said.extend, LIMITS, doors=Doors(tuple(readable)))
        if end is not End.done:
            raise Unheard(f"viet-asr: {end.value}")
        try:
            return msgspec.json.decode(bytes(said), type=_Transcript).text
        except msgspec.MsgspecError as error:
            raise Unheard(f"viet-asr: {error}") from error


def _command(path: str) -> list[str]:
    return [sys.executable, "-m", "vietasr.cli", path]

"""A command line that speaks: whatever engine a province buys, without a shell, shut in, with limits.

Imported by composition roots and tests. The text comes on standard input as UTF-8; the WAV goes to standard output, or
into the file that `{out}` in the command line names; `{language}` is the tag, `{voice}` the voice that the settings
name.
"""

import hashlib
import shlex
import shutil
import tempfile
from pathlib import Path

import msgspec

from audio.confinement import Doors, End, Limits, run
from audio.decoding import decode
from audio.refusal import MasteringError
from audio.voice import Provenance, VoiceError, VoiceFault

LIMITS = Limits(memory=6 * 1024**3, processor_s=300, wall_s=120, output=50 * 1024 * 1024)
"""For one sentence."""
_FAULTS = {
    End.failed: (VoiceFault.refused, "ended without success; try it by hand, with a sentence on standard input"),
    End.overflowed: (VoiceFault.refused, "gave more than any sentence takes"),
    End.timed_out: (VoiceFault.timed_out, f"was not done after {LIMITS.wall_s} s"),
}


class Line(msgspec.Struct, frozen=True):
    """What the settings say. `written`: the command line; `version` and `voice`: what stands in the provenance;
    `folders`: what it may read besides the system's programs; `network`: whether it may reach the network."""

    written: str
    version: str = ""
    voice: str = ""
    folders: tuple[str, ...] = ()
    network: bool = False


class CommandVoice:
    """A process for each sentence."""

    name = "command"

    def __init__(self, line: Line, limits: Limits = LIMITS) -> None:
        self._line, self._limits = line, limits

    def speaks(self, _language: str) -> bool:
        """Whatever the order of preference lets it speak: what it knows is the province's to say."""
        return bool(self._line.written.strip())

    def trouble(self, _language: str) -> str:
        """Whether the program and the folders are there."""
        try:
            parts = shlex.split(self._line.written)
        except ValueError as error:
            return f"LOABAN_VOICE_COMMAND: {error}"
        if not parts:
            return "LOABAN_VOICE_COMMAND trống / is empty"
        if shutil.which(parts[0]) is None:
            return f"Không tìm thấy chương trình / no such program: {parts[0]}"
        missing = [folder for folder in self._line.folders if not Path(folder).exists()]
        return f"Không tìm thấy / not found: {', '.join(missing)}" if missing else ""

    def identity(self, _language: str) -> Provenance:
        """As the settings say; another command line is another voice."""
        mark = hashlib.sha256(self._line.written.encode()).hexdigest()[:12]
        return Provenance(self.name, self._line.version, self._line.voice, f"line={mark}", ai_made=True)

    def render(self, words: str, language: str, into: Path) -> Provenance:
        """Write the words as a WAV."""
        if trouble := self.trouble(language):
            raise VoiceError(VoiceFault.unavailable, trouble)
        with tempfile.TemporaryDirectory() as folder:
            text, out = Path(folder, "text"), Path(folder, "out")
            out.mkdir()
            text.write_text(words + "\n", encoding="utf-8")
            given = bytearray()
            wav = out / "spoken.wav"
            to_file = "{out}" in self._line.written
            parts = self._parts(language, wav)
            readable = tuple(Path(folder) for folder in self._line.folders)
            doors = Doors(readable, out if to_file else None, self._line.network, fed=True)
            end = run(lambda _path: parts, text, given.extend, self._limits, doors=doors)
            if end in _FAULTS:
                fault, told = _FAULTS[end]
                raise VoiceError(fault, f"{parts[0]}: {told}")
            sound = _read(wav) if to_file else bytes(given)
            if not sound:
                raise VoiceError(VoiceFault.empty, f"{parts[0]}: gave no sound")
            wav.unlink(missing_ok=True)
            wav.write_bytes(sound)
            try:
                decode(wav, into)
            except MasteringError as error:
                into.unlink(missing_ok=True)
                raise VoiceError(VoiceFault.refused, f"{parts[0]}: no sound file: {error}") from error
        return self.identity(language)

    def _parts(self, language: str, wav: Path) -> list[str]:
        placed = {"{out}": str(wav), "{language}": language, "{voice}": self._line.voice}
        parts = shlex.split(self._line.written)
        for name, value in placed.items():
            parts = [part.replace(name, value) for part in parts]
        return [shutil.which(parts[0]) or parts[0], *parts[1:]]


def _read(wav: Path) -> bytes:
    """A regular file that the program wrote; never what a link in that folder points at."""
    return wav.read_bytes() if wav.is_file() and not wav.is_symlink() else b""

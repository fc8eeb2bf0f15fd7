"""Piper: a neural voice from a folder of voices (`NAME.onnx` and `NAME.onnx.json`), in a process of its own.

Imported by composition roots and tests. The program is the optional extra `piper` (335 MB, GPL: it is started, never
imported); a voice is installed by `loaban voices install`, or copied into the folder.
"""

import hashlib
import importlib.metadata
import importlib.util
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import msgspec

from audio.confinement import Doors, End, Limits, run
from audio.voice import Provenance, VoiceError, VoiceFault

LIMITS = Limits(memory=6 * 1024**3, processor_s=600, wall_s=300, output=50 * 1024 * 1024)
"""For five sentences: a Raspberry Pi needs as long as they last."""
EXTRA = "Chưa cài Piper; cài bằng: ./loaban voices engines / Piper is not installed"
MODEL = ".onnx"


class _Espeak(msgspec.Struct):
    voice: str = ""


class _Language(msgspec.Struct):
    family: str = ""
    code: str = ""


class _Config(msgspec.Struct):
    """What of a voice's own configuration says which language it speaks."""

    espeak: _Espeak = msgspec.field(default_factory=_Espeak)
    language: _Language = msgspec.field(default_factory=_Language)


class PiperModel(msgspec.Struct, frozen=True):
    """An installed voice: its two files, and the language that it says it speaks."""

    name: str
    model: Path
    language: str

    @property
    def config(self) -> Path:
        """Its own description."""
        return self.model.with_name(self.model.name + ".json")


def installed(folder: Path) -> tuple[PiperModel, ...]:
    """The voices in a folder that are whole: a model beside a configuration that names a language."""
    found = []
    for model in sorted(folder.glob(f"*{MODEL}")):
        voice = PiperModel(model.name.removesuffix(MODEL), model, "")
        try:
            told = msgspec.json.decode(voice.config.read_bytes(), type=_Config)
        except (OSError, msgspec.MsgspecError):
            continue
        language = told.language.family or told.language.code or told.espeak.voice
        if language:
            tag = language.replace("_", "-").split("-")[0].lower()
            found.append(msgspec.structs.replace(voice, language=tag))
    return tuple(found)


class PiperVoice:
    """`folder`: the voices; `chosen`: the name of the one that is to speak its language, or the first by name."""

    name = "piper"

    def __init__(self, folder: Path, chosen: str = "", limits: Limits = LIMITS) -> None:
        self._folder, self._chosen, self._limits = folder, chosen, limits

    def speaks(self, language: str) -> bool:
        """Where a voice says that it does: a Vietnamese one reads no Mông."""
        return self._model(language) is not None

    def trouble(self, language: str) -> str:
        """Whether program and voice are there."""
        if self._model(language) is None:
            return f"Không có giọng Piper nào cho tiếng “{language}” trong / no voice for it in {self._folder}"
        return "" if importlib.util.find_spec("piper") else EXTRA

    def identity(self, language: str) -> Provenance:
        """The installed voice, by name, size and configuration: whoever puts another in its place gets other sound."""
        model = self._model(language)
        if model is None:
            return Provenance(self.name, ai_made=True)
        mark = hashlib.sha256(model.config.read_bytes()).hexdigest()[:12]
        size = model.model.stat().st_size
        return Provenance(self.name, _version(), model.name, f"size={size} config={mark}", ai_made=True)

    def render(self, words: str, language: str, into: Path) -> Provenance:
        """Write the words as a WAV."""
        return self.render_each([(words, into)], language)

    def render_each(self, wanted: Sequence[tuple[str, Path]], language: str) -> Provenance:
        """Write each of the sentences as a WAV of its own, by one process: to load the voice takes longer than to
        speak a sentence."""
        model = self._model(language)
        if trouble := self.trouble(language):
            raise VoiceError(VoiceFault.language if model is None else VoiceFault.unavailable, trouble)
        assert model is not None  # noqa: S101
        with tempfile.TemporaryDirectory() as folder:
            text, out = Path(folder, "text"), Path(folder, "out")
            out.mkdir()
            text.write_text("".join(" ".join(words.split()) + "\n" for words, _ in wanted), encoding="utf-8")
            self._run(model.model, text, out)
            # Each line becomes a file that is named by the nanosecond in which it was begun.
            spoken = sorted(path for path in out.iterdir() if path.suffix == ".wav" and not path.is_symlink())
            if len(spoken) != len(wanted) or not all(path.stat().st_size for path in spoken):
                raise VoiceError(VoiceFault.empty, f"Piper spoke {len(spoken)} of {len(wanted)} sentences")
            for path, (_, into) in zip(spoken, wanted, strict=True):
                shutil.move(path, into)
        return self.identity(language)

    def _run(self, model: Path, text: Path, out: Path) -> None:
        command = [sys.executable, "-m", "piper", "-m", str(model.resolve()), "-d", str(out)]
        # The interpreter, its environment, and the voice: nothing else of this machine, and no network.
        readable = dict.fromkeys((Path(sys.base_prefix), Path(sys.prefix), model.resolve().parent))
        doors = Doors(tuple(readable), out, fed=True)
        end = run(lambda _path: command, text, lambda _piece: None, self._limits, doors=doors)
        if end is not End.done:
            fault = VoiceFault.timed_out if end is End.timed_out else VoiceFault.refused
            raise VoiceError(fault, f"Piper {end.value}: {model.name}")

    def _model(self, language: str) -> PiperModel | None:
        able = [model for model in installed(self._folder) if model.language == language]
        chosen = [model for model in able if model.name == self._chosen]
        return next(iter([*chosen, *able]), None)


def _version() -> str:
    try:
        return importlib.metadata.version("piper-tts")
    except importlib.metadata.PackageNotFoundError:
        return ""

"""A studio for houses that test something else than sound.

Imported by `tests/web`, `tests/browser` and `tests/store`.
"""

import hashlib
from pathlib import Path

import msgspec

from audio.clip import Clip
from audio.pieces import Pieces, length_ms
from audio.preset import Preset
from audio.quality import Loudness
from audio.refusal import MasteringError, MasteringFault
from audio.speech_check import Compared
from audio.voice import Progress, Provenance, VoiceError, VoiceFault, unheeded
from audio.voices.phrase_bank import PhraseBank, Script
from server.clip_archive import ClipArchive
from server.originals import Upload
from server.studio import Rendered

MP3 = b"ID3\x03" + bytes(range(256)) * 8


class FakeStudio:
    """A studio that answers at once: each text or recording becomes a clip named by its hash. It refuses what the
    real one refuses: nothing to say, and files that are no sound."""

    def __init__(self, archive: ClipArchive) -> None:
        self._archive = archive
        self._made: dict[str, Rendered] = {}
        self.doubts: dict[str, Compared] = {}
        self.dumb = False

    def speaks(self, language: str) -> bool:
        return language == "vi"

    def speak(self, words: str, language: str, progress: Progress = unheeded, *, urgent: bool = False) -> Rendered:
        if self.dumb:
            raise VoiceError(VoiceFault.unavailable, "no voice")
        if not words.strip():
            raise VoiceError(VoiceFault.empty, "nothing to say")
        made = self._keep(f"{language}:{words}".encode(), language, Provenance("espeak-ng"), 100 * len(words))
        return self.check(made, words)

    def spoken_before(self, words: str, language: str) -> Rendered | None:
        return self._made.get(hashlib.sha256(f"{language}:{words}".encode()).hexdigest())

    def joined(self, pieces: Pieces, takes: dict[str, Upload], language: str, *, music: bool = False) -> Rendered:
        cut = repr([(takes[p.take].sha256, p.begins_ms, p.ends_ms) for p in pieces]).encode()
        return self._keep(b"RIFF" + cut, language, Provenance("recording"), length_ms(pieces))

    def take(self, upload: Upload, language: str, preset: Preset | None = None, *, music: bool = False) -> Rendered:
        if upload.fault is not None:
            raise MasteringError(upload.fault, "too large")
        return self.record(upload.path.read_bytes(), language)

    def record(self, content: bytes, language: str) -> Rendered:
        if not content.startswith(b"RIFF"):
            raise MasteringError(MasteringFault.not_sound, "no sound")
        return self._keep(content, language, Provenance("recording"), 2_000)

    def assemble(self, script: Script, language: str) -> Rendered:
        provenance = PhraseBank().identity(script)
        return self._keep(f"{language}:{script.manifest}".encode(), language, provenance, 2_000)

    def find(self, name: str) -> Rendered | None:
        return self._made.get(name)

    def check(self, rendered: Rendered, words: str) -> Rendered:
        return msgspec.structs.replace(rendered, checked=self.doubts.get(words))

    def checked(self, clip: str, words: str) -> Compared | None:
        return self.doubts.get(words)

    def picture(self, name: str) -> Path | None:
        return self._archive.picture(name)

    def _keep(self, content: bytes, language: str, provenance: Provenance, duration: int) -> Rendered:
        name = hashlib.sha256(content).hexdigest()
        (self._archive.folder / f"{name}.mp3").write_bytes(MP3)
        (self._archive.folder / f"{name}.opus").write_bytes(content)
        (self._archive.folder / f"{name}.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg"/>')
        self._made[name] = Rendered(Clip(name, language, duration, len(content)), provenance, Loudness(-16.0, -1.5))
        return self._made[name]

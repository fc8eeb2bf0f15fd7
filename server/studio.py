"""The studio: spoken text or a recording → a clip in the archive, with its provenance. A shell.

Imported by the composition root, the seed and the web. The same words in the same voice are rendered once.
"""

import hashlib
import tempfile
from pathlib import Path

import msgspec

from audio.clip import Clip
from audio.mastering import CHAIN_VERSION, Mastered, master
from audio.quality import Finding, Loudness, judge
from audio.refusal import MasteringError, MasteringFault
from audio.sound_file import LARGEST_UPLOAD
from audio.voice import Provenance, Voice
from server.clip_archive import ClipArchive


class Rendered(msgspec.Struct, frozen=True):
    """A clip that is in the archive, where it comes from, and what is odd about it."""

    clip: Clip
    provenance: Provenance
    loudness: Loudness
    findings: tuple[Finding, ...] = ()


class Studio:
    """`voice` speaks; `archive` keeps."""

    def __init__(self, voice: Voice, archive: ClipArchive) -> None:
        self._voice = voice
        self._archive = archive

    def speaks(self, language: str) -> bool:
        """Whether a machine can speak this language."""
        return self._voice.speaks(language)

    def speak(self, words: str, language: str) -> Rendered:
        """Words as a clip. Raises `VoiceError` or `MasteringError`."""
        key = self._key(words, language)
        remembered = self._remembered(key)
        if remembered is not None:
            return remembered
        with tempfile.TemporaryDirectory() as folder:
            wav = Path(folder, "spoken.wav")
            provenance = self._voice.render(words, language, wav)
            mastered = master(wav, language, self._archive.folder)
        rendered = self._keep(_rendered(mastered, provenance, words))
        # A voice that only stood in for a better one is not asked for by these words: the better one may be back.
        return rendered if provenance.fallback else self._remember(key, rendered)

    def spoken_before(self, words: str, language: str) -> Rendered | None:
        """What `speak` would say at once, because it has said it before."""
        return self._remembered(self._key(words, language))

    def record(self, content: bytes, language: str) -> Rendered:
        """An uploaded recording as a clip. Raises `MasteringError` in every way that it is not one."""
        if len(content) > LARGEST_UPLOAD:
            raise MasteringError(MasteringFault.too_large, f"{len(content)} bytes")
        key = hashlib.sha256(b"\0".join((b"recording", language.encode(), CHAIN_VERSION.encode(), content))).hexdigest()
        remembered = self._remembered(key)
        if remembered is not None:
            return remembered
        with tempfile.TemporaryDirectory() as folder:
            upload = Path(folder, "upload")
            upload.write_bytes(content)
            mastered = master(upload, language, self._archive.folder)
        return self._remember(key, self._keep(_rendered(mastered, Provenance("recording"), "")))

    def find(self, name: str) -> Rendered | None:
        """A clip that was rendered before, by its name."""
        note = self._archive.folder / f"{name}.json"
        if self._archive.preview(name) is None or not note.exists():
            return None
        return msgspec.json.decode(note.read_bytes(), type=Rendered)

    def _key(self, words: str, language: str) -> str:
        return hashlib.sha256("\0".join((words, language, self._voice.name, CHAIN_VERSION)).encode()).hexdigest()

    def _remembered(self, key: str) -> Rendered | None:
        path = self._archive.folder / f"{key}.render"
        return self.find(path.read_text()) if path.exists() else None

    def _remember(self, key: str, rendered: Rendered) -> Rendered:
        self._archive.write(f"{key}.render", rendered.clip.sha256.encode())
        return rendered

    def _keep(self, rendered: Rendered) -> Rendered:
        self._archive.settle(rendered.clip.sha256)
        self._archive.write(f"{rendered.clip.sha256}.json", msgspec.json.encode(rendered))
        return rendered


def _rendered(mastered: Mastered, provenance: Provenance, words: str) -> Rendered:
    findings = judge(mastered.clip.duration_ms, mastered.loudness, words, mastered.clipped)
    return Rendered(mastered.clip, provenance, mastered.loudness, findings)

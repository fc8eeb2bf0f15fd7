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
from audio.voice import Provenance, Voice
from server.clip_archive import ClipArchive
from server.originals import Originals, Upload
from server.turns import Busy, Turns

RECORDED = "recording"
AT_ONCE = 2
MOST_WAITING = 6
LONGEST_WAIT_S = 45
"""Two uploads are worked on at once, six more wait so long for their turn; who comes then is asked to come again."""


class Rendered(msgspec.Struct, frozen=True):
    """A clip that is in the archive, where it comes from, and what is odd about it."""

    clip: Clip
    provenance: Provenance
    loudness: Loudness
    findings: tuple[Finding, ...] = ()


class Studio:
    """`voice` speaks; `archive` keeps the clips, `originals` what was uploaded."""

    def __init__(self, voice: Voice, archive: ClipArchive, originals: Originals) -> None:
        self._voice, self._archive, self._originals = voice, archive, originals
        self._turns = Turns(AT_ONCE, MOST_WAITING, LONGEST_WAIT_S)

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

    def take(self, upload: Upload, language: str) -> Rendered:
        """What somebody uploaded as a clip; the original is kept. Raises `MasteringError` in every way that it is none,
        and when too many others are being worked on."""
        if upload.fault is not None:
            raise MasteringError(upload.fault, f"{upload.size} bytes")
        key = hashlib.sha256("\0".join((RECORDED, language, CHAIN_VERSION, upload.sha256)).encode()).hexdigest()
        remembered = self._remembered(key)
        if remembered is not None:
            self._originals.keep(upload)
            return remembered
        try:
            with self._turns.mine():
                mastered = master(upload.path, language, self._archive.folder)
        except Busy as error:
            raise MasteringError(MasteringFault.busy) from error
        self._originals.keep(upload)
        provenance = Provenance(RECORDED, parameters=f"sha256={upload.sha256}")
        return self._remember(key, self._keep(_rendered(mastered, provenance, "")))

    def record(self, content: bytes, language: str) -> Rendered:
        """A recording that is at hand as a clip. Raises `MasteringError`."""
        incoming = self._originals.begin()
        incoming.write(content)
        upload = incoming.finish()
        try:
            return self.take(upload, language)
        finally:
            upload.discard()

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

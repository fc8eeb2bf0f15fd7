"""The studio: spoken text or a recording → a clip in the archive, with its provenance. A shell.

Imported by the composition root, the narrations, the seed and the web. The same words in the same voice are rendered
once.
"""

import contextlib
import hashlib
import logging
import tempfile
import wave
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec

from audio.chime import CHIME_VERSION, RATE, samples
from audio.clip import NO_LANGUAGE, Clip
from audio.decoding import decode
from audio.examining import examine
from audio.language import VIETNAMESE
from audio.marks import marks_of
from audio.mastering import CHAIN_VERSION, Mastered, draw, master, to_flac
from audio.pieces import Pieces
from audio.preset import HORN, Preset
from audio.quality import Finding, Loudness, judge, refused, warned
from audio.refusal import MasteringError, MasteringFault
from audio.speech_check import Compared, Recogniser, Unheard, compare
from audio.splicing import splice
from audio.spoken_text import speak as spoken_words
from audio.traits import traits_of
from audio.voice import Narrator, Progress, Provenance, VoiceError, unheeded
from audio.voices.phrase_bank import PhraseBank, Script
from server.clip_archive import ClipArchive
from server.originals import Originals, Upload
from server.turns import Busy, Turns

RECORDED = "recording"
SYNTHESIS = "chime"
UNCHECKED = frozenset({"espeak-ng"})
"""Engines that no recogniser understands: it would hold everything that they say."""
AT_ONCE = 2
MOST_WAITING = 6
LONGEST_WAIT_S = 45
"""Two uploads are worked on at once, six more wait so long for their turn; who comes then is asked to come again."""
_log = logging.getLogger("loaban.studio")


class Rendered(msgspec.Struct, frozen=True):
    """A clip that is in the archive, where it comes from, and what is odd about it; `checked`: what the recogniser
    heard in it, beside the words that it should say; `lead_ms`: silence that was cut from its beginning."""

    clip: Clip
    provenance: Provenance
    loudness: Loudness
    findings: tuple[Finding, ...] = ()
    checked: Compared | None = None
    lead_ms: int = 0


class Studio:
    """`narrator` speaks; `archive` keeps the clips, `originals` what was uploaded; `recogniser` listens again, where
    there is one."""

    def __init__(
        self,
        narrator: Narrator,
        archive: ClipArchive,
        originals: Originals,
        recogniser: Recogniser | None = None,
        preset: Preset = HORN,
    ) -> None:
        self.narrator, self._archive, self._originals = narrator, archive, originals
        self._recogniser, self._preset = recogniser, preset
        self._turns = Turns(AT_ONCE, MOST_WAITING, LONGEST_WAIT_S)

    def speaks(self, language: str) -> bool:
        """Whether a machine can and may speak this language."""
        return self.narrator.speaks(language)

    def speak(self, words: str, language: str, progress: Progress = unheeded, *, urgent: bool = False) -> Rendered:
        """Words as a clip; those of an emergency wait for no slow engine. Raises `VoiceError` or `MasteringError`."""
        best = self._key(words, language, self.narrator.identity(language))
        remembered = self._remembered(best)
        if remembered is not None:
            return self.check(remembered, words)
        with tempfile.TemporaryDirectory() as folder:
            wav = Path(folder, "spoken.wav")
            provenance = self.narrator.narrate(words, language, wav, progress, urgent=urgent)
            # A voice that only stood in for a better one is remembered by its own name: the better one may be back.
            key = self._key(words, language, provenance)
            rendered = self._remembered(key)
            if rendered is None or rendered.provenance != provenance:
                mastered = master(wav, language, self._archive.folder, marks_of(provenance, language), self._preset)
                rendered = self._remember(key, self._keep(_rendered(mastered, provenance, words)))
        return self.check(rendered, words)

    def spoken_before(self, words: str, language: str) -> Rendered | None:
        """What `speak` would say at once, because it has said it before."""
        try:
            found = self._remembered(self._key(words, language, self.narrator.identity(language)))
        except VoiceError:
            return None
        return (
            found if found is None else msgspec.structs.replace(found, checked=self.checked(found.clip.sha256, words))
        )

    def check(self, rendered: Rendered, words: str) -> Rendered:
        """With what the recogniser hears in it beside these words, where it can tell anything; it listens once."""
        if self._recogniser is None or not words or rendered.clip.language != VIETNAMESE:
            return rendered
        if rendered.provenance.engine in UNCHECKED or self._recogniser.trouble():
            return rendered
        found = self.checked(rendered.clip.sha256, words)
        if found is None:
            try:
                heard = self._recogniser.hear(self._archive.folder / f"{rendered.clip.sha256}.opus")
            except Unheard as error:
                _log.warning("%s did not listen to %s: %s", self._recogniser.name, rendered.clip.sha256, error)
                return rendered
            found = compare(words, spoken_words(heard).words, self._recogniser.name)
            self._archive.write(f"{_check_key(rendered.clip.sha256, words)}.check", msgspec.json.encode(found))
        return msgspec.structs.replace(rendered, checked=found)

    def checked(self, clip: str, words: str) -> Compared | None:
        """What was heard in a clip beside these words, if anything has listened."""
        path = self._archive.folder / f"{_check_key(clip, words)}.check"
        with contextlib.suppress(OSError, msgspec.MsgspecError):
            return msgspec.json.decode(path.read_bytes(), type=Compared)
        return None

    def take(self, upload: Upload, language: str, preset: Preset | None = None, *, music: bool = False) -> Rendered:
        """What somebody uploaded as a clip; the original is kept. `preset`: another one than the house's; `music`: they
        say that it is no speech. Raises `MasteringError` in every way that it is none, and when too many others are
        being worked on."""
        if upload.fault is not None:
            raise MasteringError(upload.fault, f"{upload.size} bytes")
        return self._taken(upload, upload.path, language, preset or self._preset, music=music, plain=False)

    def joined(self, pieces: Pieces, takes: Mapping[str, Upload], language: str, *, music: bool = False) -> Rendered:
        """Pieces of takes, one behind the other, as a clip. What was joined is kept as its original, without loss.
        Raises `MasteringError`."""
        for upload in takes.values():
            if upload.fault is not None:
                raise MasteringError(upload.fault, f"{upload.size} bytes")
        with tempfile.TemporaryDirectory(dir=self._archive.folder) as folder:
            plain = {take: Path(folder, f"{take}.wav") for take in takes}
            whole, small = Path(folder, "whole.wav"), Path(folder, "whole.flac")
            with self._turn():
                for take, upload in takes.items():
                    decode(upload.path, plain[take], self._preset.rate)
                splice(pieces, plain, whole)
                to_flac(whole, small)
            upload = self._originals.taken(small)
            try:
                return self._taken(upload, whole, language, self._preset, music=music, plain=True)
            finally:
                upload.discard()

    def _taken(
        self, original: Upload, source: Path, language: str, preset: Preset, *, music: bool, plain: bool
    ) -> Rendered:
        parts = (RECORDED, language, CHAIN_VERSION, preset.name, original.sha256, *(("music",) if music else ()))
        key = hashlib.sha256("\0".join(parts).encode()).hexdigest()
        remembered = self._remembered(key)
        if remembered is not None:
            self._originals.keep(original)
            return remembered
        heard: list[Finding] = []

        def look(wav: Path) -> None:
            traits = traits_of(examine(wav))
            fault = refused(traits, music=music)
            if fault is not None:
                raise MasteringError(fault, str(traits))
            heard.extend(warned(traits, music=music))

        provenance = Provenance(RECORDED, parameters=f"sha256={original.sha256}")
        marks = marks_of(provenance, language)
        with self._turn():
            mastered = master(source, language, self._archive.folder, marks, preset, examine=look, plain=plain)
        self._originals.keep(original)
        return self._remember(key, self._keep(_rendered(mastered, provenance, "", tuple(heard))))

    @contextlib.contextmanager
    def _turn(self) -> Iterator[None]:
        try:
            with self._turns.mine():
                yield
        except Busy as error:
            raise MasteringError(MasteringFault.busy) from error

    def chime(self, name: str) -> Rendered:
        """One of the chimes that come with the program, as a clip. Raises `MasteringError`."""
        provenance = Provenance(SYNTHESIS, version=CHIME_VERSION, voice=name)
        key = self._key("", NO_LANGUAGE, provenance)
        remembered = self._remembered(key)
        if remembered is not None:
            return remembered
        with tempfile.TemporaryDirectory() as folder:
            wav = Path(folder, "chime.wav")
            with wave.open(str(wav), "wb") as file:
                file.setparams((1, 2, RATE, 0, "NONE", ""))
                file.writeframes(samples(name).tobytes())
            mastered = master(wav, NO_LANGUAGE, self._archive.folder, marks_of(provenance, NO_LANGUAGE), self._preset)
        return self._remember(key, self._keep(_rendered(mastered, provenance, "")))

    def record(self, content: bytes, language: str) -> Rendered:
        """A recording that is at hand as a clip, whatever it is: no person has just made it. Raises
        `MasteringError`."""
        incoming = self._originals.begin()
        incoming.write(content)
        upload = incoming.finish()
        try:
            return self.take(upload, language, music=True)
        finally:
            upload.discard()

    def assemble(self, script: Script, language: str) -> Rendered:
        """What people have recorded, piece by piece, as one clip. Raises `VoiceError` or `MasteringError`, also while
        too many others are worked on."""
        bank = PhraseBank()
        key = self._key("", language, bank.identity(script))
        remembered = self._remembered(key)
        if remembered is not None:
            return remembered
        try:
            with self._turns.mine(), tempfile.TemporaryDirectory() as folder:
                wav = Path(folder, "joined.wav")
                provenance = bank.render(script, wav)
                mastered = master(wav, language, self._archive.folder, marks_of(provenance, language), self._preset)
        except Busy as error:
            raise MasteringError(MasteringFault.busy) from error
        return self._remember(key, self._keep(_rendered(mastered, provenance, "")))

    def find(self, name: str) -> Rendered | None:
        """A clip that was rendered before, by its name."""
        note = self._archive.folder / f"{name}.json"
        if self._archive.preview(name) is None or not note.exists():
            return None
        return msgspec.json.decode(note.read_bytes(), type=Rendered)

    def picture(self, name: str) -> Path | None:
        """The waveform of a clip; drawn now where an older server has drawn none."""
        found = self._archive.picture(name)
        if found is None and self.find(name) is not None:
            with contextlib.suppress(MasteringError):
                self._archive.write(f"{name}.svg", draw(self._archive.folder / f"{name}.opus").encode())
                found = self._archive.picture(name)
        return found

    def _key(self, words: str, language: str, identity: Provenance) -> str:
        who = (identity.engine, identity.version, identity.voice, identity.parameters)
        parts = (words, language, *who, CHAIN_VERSION, self._preset.name)
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()

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


def _check_key(clip: str, words: str) -> str:
    return hashlib.sha256(f"{clip}\0{words}".encode()).hexdigest()


def _rendered(mastered: Mastered, provenance: Provenance, words: str, heard: tuple[Finding, ...] = ()) -> Rendered:
    findings = judge(mastered.clip.duration_ms, mastered.loudness, words, mastered.clipped)
    return Rendered(mastered.clip, provenance, mastered.loudness, (*findings, *heard), lead_ms=mastered.lead_ms)

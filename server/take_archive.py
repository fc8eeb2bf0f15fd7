"""The takes of the phrase bank: plain samples, named by their content; kept until whoever speaks in them withdraws. A
shell.

Imported by the composition root, the use cases of phrases, the web and tests. The folder is for the server's user
alone, and no address serves it whole.
"""

import hashlib
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

import msgspec

from audio.decoding import decode
from audio.phrase_take import LONGEST_MS, TAKE_RATE, Measures, TakeFault, judged, measured
from audio.refusal import MasteringError, MasteringFault
from audio.voices.phrase_bank import read_take, write_take
from server.originals import Upload
from server.phrase import SAMPLE_PREFIX
from server.turns import Busy, Turns

LONGEST_UPLOAD_MS = LONGEST_MS + 10_000
"""With the silence around it."""
AT_ONCE, MOST_WAITING, LONGEST_WAIT_S = 2, 12, 30


class Examined(msgspec.Struct, frozen=True):
    """A recording that has been looked at. `faults`: why it has to be said once more; `file`: its name in the archive,
    empty where it was not kept."""

    measures: Measures
    faults: tuple[TakeFault, ...] = ()
    file: str = ""


class TakeArchive:
    """`folder` holds `<sha256>.wav`; of synthetic announcers, `mau-<sha256>.wav`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)
        self._turns = Turns(AT_ONCE, MOST_WAITING, LONGEST_WAIT_S)

    def examine(self, upload: Upload, words: int) -> Examined:
        """Decode what somebody recorded, shut in; measure it; keep it where nothing is wrong with it. `words`: how
        many it should be, about. Raises `MasteringError` for what is no sound, and when too many others are worked
        on."""
        if upload.fault is not None:
            raise MasteringError(upload.fault, f"{upload.size} bytes")
        with tempfile.TemporaryDirectory(dir=self.folder) as workshop:
            wav = Path(workshop, "take.wav")
            try:
                with self._turns.mine():
                    decode(upload.path, wav, TAKE_RATE)
            except Busy as error:
                raise MasteringError(MasteringFault.busy) from error
            samples = read_take(wav)
            length_ms = len(samples) * 1000 // TAKE_RATE
            if length_ms > LONGEST_UPLOAD_MS:
                raise MasteringError(MasteringFault.too_long, f"{length_ms} ms", length_ms)
            found = measured(samples)
            faults = judged(found, words, len(samples))
            return Examined(found, faults, "" if faults else self._kept(wav))

    def keep(self, samples: Sequence[int], *, sample: bool) -> str:
        """Samples at hand as a file; its name. `sample`: of a synthetic announcer."""
        with tempfile.TemporaryDirectory(dir=self.folder) as workshop:
            wav = Path(workshop, "take.wav")
            write_take(wav, samples)
            return self._kept(wav, SAMPLE_PREFIX if sample else "")

    def path(self, file: str) -> Path:
        """Where a take lies; its name is one of ours."""
        return self.folder / Path(file).name

    def has(self, file: str) -> bool:
        """Whether it is there."""
        return bool(file) and self.path(file).is_file()

    def remove(self, file: str) -> None:
        """Its voice may be used no more."""
        if file:
            self.path(file).unlink(missing_ok=True)

    def _kept(self, wav: Path, prefix: str = "") -> str:
        with wav.open("rb") as file:
            name = f"{prefix}{hashlib.file_digest(file, 'sha256').hexdigest()}.wav"
            os.fsync(file.fileno())
        wav.replace(self.folder / name)
        return name

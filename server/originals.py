"""What people uploaded, as it came: taken in piece by piece, kept by its content, never served. A shell.

Imported by the composition root, the studio, the web and tests. The folder is for the server's user alone; what is
played and served is only ever our own clip.
"""

import hashlib
import os
import shutil
import tempfile
from pathlib import Path

import msgspec

from audio.clip import is_clip_name
from audio.refusal import MasteringFault
from audio.sound_file import LARGEST_UPLOAD
from schedules.clock import DAY, DurationMs, UtcMs

LEFT_FOR: DurationMs = 1 * DAY
"""What was being received when the server stopped."""
RESERVE = 500 * 1024 * 1024
"""Free space that uploads leave to the database and the clips."""


class Upload(msgspec.Struct, frozen=True):
    """A file that has been received. `sha256`: of all of it; `size`: bytes that came; `fault`: why it was not kept
    whole."""

    path: Path
    sha256: str
    size: int
    fault: MasteringFault | None = None

    def discard(self) -> None:
        """It is no longer needed; nothing happens to what has been kept."""
        self.path.unlink(missing_ok=True)


class Incoming:
    """A file on its way in: counted and hashed as it comes. What is beyond the largest is counted and dropped, so that
    whoever sent it is told how it is, with the rest of the form still there."""

    def __init__(self, folder: Path, *, room: bool) -> None:
        handle, name = tempfile.mkstemp(dir=folder)  # for this user alone
        self._file = os.fdopen(handle, "wb")
        self._path = Path(name)
        self._digest = hashlib.sha256()
        self._size = 0
        self._fault = None if room else MasteringFault.no_room

    def write(self, piece: bytes) -> None:
        """The next piece."""
        self._size += len(piece)
        if self._size > LARGEST_UPLOAD:
            self._fault = MasteringFault.too_large
        if self._fault is not None:
            return
        self._digest.update(piece)
        try:
            self._file.write(piece)
        except OSError:
            self._fault = MasteringFault.no_room

    def finish(self) -> Upload:
        """All has come."""
        try:
            self._file.close()
        except OSError:
            self._fault = MasteringFault.no_room
        if self._fault is not None:
            os.truncate(self._path, 0)
        return Upload(self._path, self._digest.hexdigest(), self._size, self._fault)


class Originals:
    """`folder`: the kept ones by their hash, and `incoming/`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._incoming = folder / "incoming"
        self._incoming.mkdir(parents=True, exist_ok=True)
        for each in (folder, self._incoming):
            each.chmod(0o700)

    def begin(self) -> Incoming:
        """A file begins to come."""
        return Incoming(self._incoming, room=shutil.disk_usage(self._incoming).free > RESERVE)

    def taken(self, source: Path) -> Upload:
        """A file of our own making, as if it had come: of any size."""
        with source.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        handle, name = tempfile.mkstemp(dir=self._incoming)
        os.close(handle)
        shutil.copyfile(source, name)
        return Upload(Path(name), digest, source.stat().st_size)

    def keep(self, upload: Upload) -> None:
        """It became a clip: it is kept as it came, by its hash."""
        with upload.path.open("rb") as file:
            os.fsync(file.fileno())
        upload.path.replace(self.folder / upload.sha256)

    def has(self, sha256: str) -> bool:
        """Whether it is kept."""
        return is_clip_name(sha256) and (self.folder / sha256).is_file()

    def remove(self, sha256: str) -> None:
        """Its time is over."""
        if is_clip_name(sha256):
            (self.folder / sha256).unlink(missing_ok=True)

    def forget(self, now: UtcMs) -> int:
        """Delete what was left half received; how many there were."""
        return _older(self._incoming, now - LEFT_FOR)


def _older(folder: Path, before: UtcMs) -> int:
    found = [path for path in folder.iterdir() if path.is_file() and path.stat().st_mtime_ns // 1_000_000 < before]
    for path in found:
        path.unlink(missing_ok=True)
    return len(found)

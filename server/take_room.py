"""Takes on their way in: each chunk a file of its own, so that they may come in any order, twice,
and days apart. A shell.

Imported by the composition roots, the use case and tests. The folder is for the server's user alone; nothing of it is
ever served.
"""

import contextlib
import os
import shutil
import tempfile
import threading
from collections.abc import Iterable
from pathlib import Path

from schedules.clock import DAY, UtcMs
from server.originals import RESERVE, Originals, Upload
from server.take import KEPT_FOR, MOST_CHUNKS, ChunkFault, fits, is_take, whole


class TakeRoom:
    """`folder` holds a folder for each take, with the chunks by their numbers; `reserve`: bytes of the disk that
    are left to others."""

    def __init__(self, folder: Path, reserve: int = RESERVE) -> None:
        self._folder, self._reserve = folder, reserve
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)
        self._sizes: dict[str, int] = {}
        self._counting = threading.Lock()

    def put(self, take: str, number: int, content: bytes, others: Iterable[str]) -> ChunkFault | None:
        """Keep a chunk, or say why not; one that is here already is kept once. `others`: all takes of the same
        person, whose bytes count together."""
        place = self._place(take) / f"{number:05d}"
        if not 0 <= number < MOST_CHUNKS:
            return ChunkFault.too_large
        with self._counting:
            if place.exists():
                return None if place.read_bytes() == content else ChunkFault.other
            of_one = sum(self._size(each) for each in others)
            if not fits(len(content), self._size(take), of_one):
                return ChunkFault.too_large
            if shutil.disk_usage(self._folder).free < self._reserve:
                return ChunkFault.no_room
            try:
                self._write(place, content)
            except OSError:
                return ChunkFault.no_room
            self._sizes[take] += len(content)
        return None

    def there(self, take: str) -> set[int]:
        """The numbers of the chunks that are here."""
        place = self._place(take)
        return {int(path.name) for path in place.iterdir() if path.name.isdigit()} if place.is_dir() else set()

    def gathered(self, take: str, originals: Originals) -> Upload:
        """Its chunks one behind the other, up to the first that is missing, as what somebody uploads."""
        incoming, place = originals.begin(), self._place(take)
        for number in range(whole(self.there(take))):
            incoming.write((place / f"{number:05d}").read_bytes())
        return incoming.finish()

    def adopt(self, take: str, source: Path) -> None:
        """A file that came whole, and is kept elsewhere as well, becomes a take, so that it can be cut."""
        place = self._place(take)
        place.mkdir(mode=0o700, exist_ok=True)
        with contextlib.suppress(FileExistsError):
            os.link(source, place / f"{0:05d}")

    def forget(self, now: UtcMs) -> None:
        """What has been left from before all that the database still knows."""
        for path in self._folder.iterdir():
            if path.stat().st_mtime_ns // 1_000_000 < now - KEPT_FOR - DAY:
                shutil.rmtree(path, ignore_errors=True)

    def remove(self, take: str) -> None:
        """It is no longer needed."""
        shutil.rmtree(self._place(take), ignore_errors=True)
        with self._counting:
            self._sizes.pop(take, None)

    def _write(self, place: Path, content: bytes) -> None:
        """Whole or not at all, and kept over a power cut: nobody says it a second time."""
        place.parent.mkdir(mode=0o700, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=place.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            Path(name).replace(place)
        except OSError:
            Path(name).unlink(missing_ok=True)
            raise
        folder = os.open(place.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def _size(self, take: str) -> int:
        """Its bytes: counted once on the disk, then in memory."""
        if take not in self._sizes:
            place = self._place(take)
            self._sizes[take] = sum(path.stat().st_size for path in place.iterdir()) if place.is_dir() else 0
        return self._sizes[take]

    def _place(self, take: str) -> Path:
        if not is_take(take):
            raise ValueError(take)
        return self._folder / take

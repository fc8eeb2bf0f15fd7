"""The clips of the server: files named by their SHA-256. A shell.

Imported by the studio, the gateway and the web.
"""

import os
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from audio.clip import is_clip_name, name_of
from schedules.blocks import BLOCK_BYTES
from schedules.clock import UtcMs


class ClipArchive:
    """`folder` holds `<sha256>.opus` (to travel) and `<sha256>.mp3` (to be heard in a browser)."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def preview(self, name: str) -> Path | None:
        """The file that a browser plays."""
        path = self.folder / f"{name}.mp3"
        return path if is_clip_name(name) and path.exists() else None

    def kept(self) -> dict[str, UtcMs]:
        """The clips that are there, each with when it was made."""
        paths = [path for path in self.folder.glob("*.mp3") if is_clip_name(path.stem)]
        return {path.stem: path.stat().st_mtime_ns // 1_000_000 for path in paths}

    def remove(self, name: str) -> None:
        """A clip goes, with all that belongs to it; its sound for browsers last, so that what was begun is found
        again."""
        if is_clip_name(name):
            for suffix in ("opus", "json", "mp3"):
                (self.folder / f"{name}.{suffix}").unlink(missing_ok=True)

    def settle(self, name: str) -> None:
        """Have the disk keep a clip that has just been made: a recording cannot be made again."""
        for path in (self.folder / f"{name}.opus", self.folder / f"{name}.mp3", self.folder):
            handle = os.open(path, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)

    def write(self, name: str, content: bytes) -> None:
        """A note beside the clips: whole or not at all, also when two people write the same one in one moment."""
        with tempfile.NamedTemporaryFile(dir=self.folder, suffix=".new", delete=False) as fresh:
            fresh.write(content)
            fresh.flush()
            os.fsync(fresh.fileno())
        Path(fresh.name).rename(self.folder / name)

    def beginning(self, name: str, size: int) -> bytes:
        """The first bytes of a clip; nothing for one that is not there, or is no longer what its name says: who hears
        the beginning alone could not tell."""
        path = self.folder / f"{name}.opus"
        if not is_clip_name(name) or not path.exists():
            return b""
        content = path.read_bytes()
        return content[:size] if name_of([content]) == name else b""

    def blocks(self, name: str, indices: Iterable[int]) -> Iterator[tuple[int, bytes]]:
        """These blocks of a clip, each with its index; nothing for a clip that is not there."""
        path = self.folder / f"{name}.opus"
        if not is_clip_name(name) or not path.exists():
            return
        with path.open("rb") as file:
            for index in indices:
                file.seek(index * BLOCK_BYTES)
                if block := file.read(BLOCK_BYTES):
                    yield index, block

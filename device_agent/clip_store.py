"""Clips on the memory card: blocks gathered into part files, whole ones under their own name. A shell.

Imported by the runner and the composition root. A name that exists is a clip that is whole: part file → hash →
decode → fsync → rename → fsync of the folder.
"""

import os
from collections.abc import Callable, Iterable
from pathlib import Path

from audio.clip import Clip, is_clip_name, name_of
from schedules.blocks import BLOCK_BYTES, BlockRange, block_count, block_length, ranges_of

_READ_BYTES = 256 * 1024


class ClipFault(Exception):
    """`cause` says why a clip is refused: hash_differs, undecodable, truncated, disk."""

    def __init__(self, cause: str, what: str = "") -> None:
        super().__init__(f"{cause}: {what}")
        self.cause = cause


class ClipStore:
    """`folder` holds `<sha256>.wav` (decoded, ready to play), `<sha256>.part` with the blocks that came and
    `<sha256>.have` with one byte for each block that is there."""

    def __init__(self, folder: Path, decode: Callable[[Path, Path, int], None]) -> None:
        """`decode(source, target, expected_ms)` writes a WAV or raises `ClipFault`."""
        self._folder = folder
        self._decode = decode
        folder.mkdir(parents=True, exist_ok=True)

    def whole(self) -> tuple[str, ...]:
        """The names of the clips that are ready."""
        return tuple(sorted(p.stem for p in self._folder.glob("*.wav") if is_clip_name(p.stem)))

    def partial(self) -> dict[str, tuple[BlockRange, ...]]:
        """The blocks that are there of the clips in progress. After a power cut some of them may be empty all the
        same: the hash will tell."""
        found = {}
        for path in self._folder.glob("*.have"):
            if is_clip_name(path.stem) and path.with_suffix(".part").exists():
                found[path.stem] = ranges_of(i for i, byte in enumerate(path.read_bytes()) if byte)
        return found

    def sound_of(self, name: str) -> Path:
        """Where the decoded sound of a clip lies."""
        return self._folder / f"{name}.wav"

    def write_block(self, clip: Clip, index: int, content: bytes) -> bool:
        """Keep a block; False if it cannot be one of this clip. Raises OSError on a full or broken card."""
        if not 0 <= index < block_count(clip.size) or len(content) != block_length(clip.size, index):
            return False
        _write_at(self._part(clip.sha256), index * BLOCK_BYTES, content)
        _write_at(self._have(clip.sha256), index, b"\1")
        return True

    def finish(self, clip: Clip) -> None:
        """Check and decode a complete clip. Raises `ClipFault`; then its blocks are gone and must be fetched
        again."""
        part, target = self._part(clip.sha256), self.sound_of(clip.sha256)
        fresh = target.with_suffix(".new")
        try:
            if name_of(_chunks(part)) != clip.sha256:
                raise ClipFault("hash_differs", clip.sha256)
            self._decode(part, fresh, clip.duration_ms)
            _sync(fresh)
            fresh.rename(target)
            _sync(self._folder)
        except OSError as error:
            raise ClipFault("disk", str(error)) from error
        finally:
            fresh.unlink(missing_ok=True)
            self._drop_part(clip.sha256)

    def discard(self, names: Iterable[str]) -> None:
        """Delete clips that no slot needs, and their parts."""
        for name in names:
            self.sound_of(name).unlink(missing_ok=True)
            self._drop_part(name)

    def free_bytes(self) -> int:
        """Room left on the card."""
        stat = os.statvfs(self._folder)
        return stat.f_bavail * stat.f_frsize

    def _part(self, name: str) -> Path:
        return self._folder / f"{name}.part"

    def _have(self, name: str) -> Path:
        return self._folder / f"{name}.have"

    def _drop_part(self, name: str) -> None:
        self._have(name).unlink(missing_ok=True)
        self._part(name).unlink(missing_ok=True)


def _write_at(path: Path, offset: int, content: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT, 0o644)
    try:
        os.pwrite(handle, content, offset)
    finally:
        os.close(handle)


def _chunks(path: Path) -> Iterable[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(_READ_BYTES):
            yield chunk


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

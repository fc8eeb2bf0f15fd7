"""Clips on the memory card: blocks gathered into part files, whole ones under their own name. A shell.

Imported by the runner and the composition root. The rules:
1. A name that exists is a clip that is whole: part file → hash → decode → fsync of the sound and of its sum → rename →
   fsync of the folder.
2. Blocks are not forced to the card one by one, which would wear it: each has its mark instead, by which a start finds
   out which ones the power took with it. Only those are fetched again.
"""

import contextlib
import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from audio.clip import Clip, is_clip_name, name_of
from schedules.blocks import BLOCK_BYTES, BlockRange, block_count, block_length, ranges_of

_READ_BYTES = 256 * 1024
_MARK_BYTES = 8
_NO_MARK = bytes(_MARK_BYTES)
RESERVE_BYTES = 64 * 1024 * 1024
RESERVE_SHARE = 10
"""What clips never take, or a tenth of a smaller card: the journal and the system need it."""


class ClipFault(Exception):
    """`cause` says why a clip is refused: blocks_lost, hash_differs, undecodable, wrong_length, disk; `left`: those of
    its blocks that are there all the same."""

    def __init__(self, cause: str, what: str = "", left: tuple[BlockRange, ...] = ()) -> None:
        super().__init__(f"{cause}: {what}")
        self.cause, self.left = cause, left


class ClipStore:
    """`folder` holds `<sha256>.wav` (decoded, ready to play) with its own hash in `<sha256>.sum`, `<sha256>.part` with
    the blocks that came and `<sha256>.have` with the mark of each block that is there. `fault` says what is wrong
    with the card; it is empty while all is well."""

    def __init__(self, folder: Path, decode: Callable[[Path, Path, int], None], quota_bytes: int = 0) -> None:
        """`decode(source, target, expected_ms)` writes a WAV or raises `ClipFault`; `quota_bytes`: what clips may
        take, 0 for the whole card but a reserve."""
        self._folder = folder
        self._decode = decode
        self._quota = quota_bytes
        self._scrubbed: set[str] = set()
        self.fault = ""
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._tidy()
        except OSError as error:
            self.fault = str(error)

    def whole(self) -> tuple[str, ...]:
        """The names of the clips that are ready."""
        return tuple(sorted(p.stem for p in self._folder.glob("*.wav") if is_clip_name(p.stem)))

    def room_bytes(self) -> int:
        """What clips may take on the card in all, what they take now included."""
        used, card = 0, 0
        with contextlib.suppress(OSError):
            used = sum(entry.stat().st_blocks * 512 for entry in os.scandir(self._folder))
            stat = os.statvfs(self._folder)
            card = stat.f_blocks * stat.f_frsize
        room = max(0, used + self.free_bytes() - min(RESERVE_BYTES, card // RESERVE_SHARE))
        return min(room, self._quota) if self._quota else room

    def partial(self) -> dict[str, tuple[BlockRange, ...]]:
        """The blocks of the clips in progress that are on the card as they came: each is read and held against its
        mark."""
        names = (path.stem for path in self._folder.glob("*.have") if is_clip_name(path.stem))
        return {name: ranges_of(i for i, true in enumerate(self._proven(name)) if true) for name in names}

    def sound_of(self, name: str) -> Path:
        """Where the decoded sound of a clip lies."""
        return self._folder / f"{name}.wav"

    def write_block(self, clip: Clip, index: int, content: bytes) -> bool:
        """Keep a block; False if it cannot be one of this clip. Raises OSError on a full or broken card."""
        if not 0 <= index < block_count(clip.size) or len(content) != block_length(clip.size, index):
            return False
        try:
            _write_at(self._part(clip.sha256), index * BLOCK_BYTES, content)
            _write_at(self._have(clip.sha256), index * _MARK_BYTES, _mark_of(content))
        except OSError as error:
            self.fault = str(error)
            raise
        self.fault = ""
        return True

    def finish(self, clip: Clip) -> None:
        """Check and decode a complete clip. Raises `ClipFault`; then its blocks are gone, but for those that are
        `left`, and must be fetched again."""
        part, target = self._part(clip.sha256), self.sound_of(clip.sha256)
        fresh = target.with_suffix(".new")
        left: tuple[BlockRange, ...] = ()
        try:
            if name_of(_chunks(part)) != clip.sha256:
                left = self._left(clip)
                raise ClipFault("blocks_lost" if left else "hash_differs", clip.sha256, left)
            self._decode(part, fresh, clip.duration_ms)
            _sync(fresh)
            self._write_sum(clip.sha256, name_of(_chunks(fresh)))
            fresh.rename(target)
            _sync(self._folder)
        except OSError as error:
            self.fault, left = str(error), ()
            raise ClipFault("disk", str(error)) from error
        finally:
            self._drop(fresh)
            if not left:
                self._drop_part(clip.sha256)

    def discard(self, names: Iterable[str]) -> None:
        """Delete clips that no slot needs, and their parts."""
        for name in names:
            self._drop(self.sound_of(name))
            self._drop(self._sum(name))
            self._drop_part(name)

    def scrub(self) -> str | None:
        """Read one stored clip again, from the card and not from memory: each in its turn. The name of one that has
        rotted, which is thus gone."""
        whole = self.whole()
        name = next((name for name in whole if name not in self._scrubbed), None)
        if name is None:
            self._scrubbed = set()
            return None
        self._scrubbed.add(name)
        try:
            if self._is_as_written(name):
                return None
            self.discard([name])
            _sync(self._folder)  # what has rotted must not come back with the power
        except FileNotFoundError:
            return None  # discarded meanwhile
        except OSError as error:
            self.fault = str(error)
            self.discard([name])
        return name

    def free_bytes(self) -> int:
        """Room left on the card; none where that cannot be known."""
        try:
            stat = os.statvfs(self._folder)
        except OSError as error:
            self.fault = str(error)
            return 0
        return stat.f_bavail * stat.f_frsize

    def _is_as_written(self, name: str) -> bool:
        """Whether a sound is what was decoded. One without a sum is: it has its name, and only what was whole on the
        card has ever got one; its sum is written anew. Raises OSError."""
        sound, written = self.sound_of(name), self._written_sum(name)
        found = name_of(_chunks(sound, fresh=True))
        if not written:
            self._write_sum(name, found)
            if not sound.exists():
                self._drop(self._sum(name))
        return not written or found == written

    def _written_sum(self, name: str) -> str:
        """The hash of a decoded sound; none where its file holds anything else, as after a power cut."""
        try:
            written = self._sum(name).read_bytes().decode("ascii", "replace")
        except FileNotFoundError:
            return ""
        return written if is_clip_name(written) else ""

    def _write_sum(self, name: str, value: str) -> None:
        self._sum(name).write_text(value)
        _sync(self._sum(name))

    def _proven(self, name: str) -> Iterator[bool]:
        """Block by block, as far as there are marks, whether it is on the card as it came. Nothing where the card
        cannot be read."""
        try:
            marks = self._have(name).read_bytes()
            with self._part(name).open("rb") as part:
                for at in range(0, len(marks), _MARK_BYTES):
                    mark, block = marks[at : at + _MARK_BYTES], part.read(BLOCK_BYTES)
                    yield mark != _NO_MARK and mark == _mark_of(block)
        except FileNotFoundError:
            return
        except OSError as error:
            self.fault = str(error)

    def _left(self, clip: Clip) -> tuple[BlockRange, ...]:
        """What remains of a clip whose hash is wrong: the blocks that are as they came, if any is not; the others are
        forgotten. Where all are, one of them was wrong when it came, and nobody knows which: nothing remains."""
        proven = list(self._proven(clip.sha256))[: block_count(clip.size)]
        lost = [index for index in range(block_count(clip.size)) if not (index < len(proven) and proven[index])]
        if not lost:
            return ()
        for index in lost:
            _write_at(self._have(clip.sha256), index * _MARK_BYTES, _NO_MARK)
        return ranges_of(index for index, true in enumerate(proven) if true)

    def _tidy(self) -> None:
        """What a power cut left half is of no use to anybody."""
        for suffix, needs in ((".new", ""), (".sum", ".wav"), (".part", ".have"), (".have", ".part")):
            for path in self._folder.glob(f"*{suffix}"):
                if is_clip_name(path.stem) and not (needs and path.with_suffix(needs).exists()):
                    self._drop(path)

    def _sum(self, name: str) -> Path:
        return self._folder / f"{name}.sum"

    def _part(self, name: str) -> Path:
        return self._folder / f"{name}.part"

    def _have(self, name: str) -> Path:
        return self._folder / f"{name}.have"

    def _drop_part(self, name: str) -> None:
        self._drop(self._have(name))
        self._drop(self._part(name))

    def _drop(self, path: Path) -> None:
        """A card that can only be read keeps what it has; that must not stop anything."""
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            self.fault = str(error)


def _mark_of(content: bytes) -> bytes:
    """What a block is known by: never nothing."""
    return bytes.fromhex(name_of([content]))[:_MARK_BYTES]


def _write_at(path: Path, offset: int, content: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT, 0o644)
    try:
        os.pwrite(handle, content, offset)
    finally:
        os.close(handle)


def _chunks(path: Path, *, fresh: bool = False) -> Iterable[bytes]:
    with path.open("rb") as file:
        if fresh:
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        while chunk := file.read(_READ_BYTES):
            yield chunk


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

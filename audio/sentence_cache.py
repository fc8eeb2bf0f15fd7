"""Sentences that have been spoken, each kept by what it says and who said it. A shell.

Imported by the narrator, composition roots and tests. A name that exists is a sentence that is whole.
"""

import contextlib
import hashlib
import os
import tempfile
import wave
from pathlib import Path

import msgspec

from audio.joining import JOINS_VERSION
from audio.voice import Provenance

QUOTA_MB = 500
_LEFT_AFTER_SWEEP = 0.9
_SUFFIX, _HEADER_BYTES = ".wav", 44


def key_of(words: str, language: str, identity: Provenance) -> str:
    """The name of a sentence: the same words by the same engine, version, voice and parameters are spoken once."""
    who = (identity.engine, identity.version, identity.voice, identity.parameters)
    return hashlib.sha256(msgspec.json.encode((words, language, *who, JOINS_VERSION))).hexdigest()


class SentenceCache:
    """`folder` holds `<key>.wav`; what has not been used for longest goes when they take more than `quota` bytes."""

    def __init__(self, folder: Path, quota: int = QUOTA_MB * 1024 * 1024) -> None:
        self._folder, self._quota = folder, quota
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def find(self, key: str) -> Path | None:
        """A kept sentence; it counts as used now. One that is no longer whole is none."""
        path = self._folder / f"{key}{_SUFFIX}"
        try:
            with wave.open(str(path), "rb") as file:
                whole = path.stat().st_size == _HEADER_BYTES + 2 * file.getnframes() > _HEADER_BYTES
            os.utime(path)
        except FileNotFoundError:
            return None
        except (wave.Error, EOFError):
            whole = False
        return path if whole else None

    def workshop(self) -> "tempfile.TemporaryDirectory[str]":
        """Where new sentences are made: beside the kept ones, so that they only need to be renamed."""
        return tempfile.TemporaryDirectory(dir=self._folder, prefix="making-")

    def keep(self, key: str, finished: Path) -> Path:
        """A sentence that has been spoken: on the disk before it has its name."""
        with finished.open("rb") as file:
            os.fsync(file.fileno())
        return finished.rename(self._folder / f"{key}{_SUFFIX}")

    def sweep(self) -> int:
        """Have the oldest unused go where there is too much; how many went."""
        found = []
        for path in self._folder.glob(f"*{_SUFFIX}"):
            with contextlib.suppress(FileNotFoundError):
                found.append((path.stat().st_mtime_ns, path.stat().st_size, path))
        taken = sum(size for _, size, _ in found)
        if taken <= self._quota:
            return 0
        gone = 0
        for _, size, path in sorted(found):
            if taken <= self._quota * _LEFT_AFTER_SWEEP:
                break
            path.unlink(missing_ok=True)
            taken, gone = taken - size, gone + 1
        return gone

"""The key ring: which signing keys of the server hold, on the memory card beside the journal. A shell.

Imported by the runner and the composition root. Two copies, each written whole and renamed: a journal that is lost or
salvaged, or one page that rots, does not bring back the keys of the enrolment, which may have been stolen since.
"""

import logging
from pathlib import Path

import msgspec

from device_agent.whole_file import write_whole
from schedules.signing import PUBLIC_BYTES

_log = logging.getLogger("loaban.keys")


class _Kept(msgspec.Struct, frozen=True):
    revision: int
    keys: tuple[bytes, ...]


class KeyRing:
    """In `folder`. `fault` says what is wrong with the card; it is empty while all is well."""

    def __init__(self, folder: Path) -> None:
        self._copies = (folder / "keys.json", folder / "keys-copy.json")
        self._unwritten = b""
        self.fault = ""

    def held(self) -> tuple[int, tuple[bytes, ...]]:
        """The newest word on the keys, as (revision, keys newest first); (-1, ()) where there is none."""
        found = [_read(copy) for copy in self._copies]
        return max(found, key=lambda kept: kept[0])

    def keep(self, revision: int, keys: tuple[bytes, ...]) -> None:
        """These hold from now on. Where they cannot be written, `fault` says so, and `retry` tries again."""
        self._unwritten = msgspec.json.encode(_Kept(revision, keys))
        self.retry()

    def forget(self) -> None:
        """What is held is of a server that is not this loudspeaker's any more, or older than its enrolment."""
        for copy in self._copies:
            copy.unlink(missing_ok=True)

    def retry(self) -> None:
        """Try again what could not be written."""
        if not self._unwritten:
            return
        try:
            for copy in self._copies:
                write_whole(copy, self._unwritten)
        except OSError as error:
            _log.error("the signing keys cannot be written: %s", error)
            self.fault = str(error)
        else:
            self._unwritten, self.fault = b"", ""


def _read(path: Path) -> tuple[int, tuple[bytes, ...]]:
    try:
        kept = msgspec.json.decode(path.read_bytes(), type=_Kept)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return -1, ()
    sound = bool(kept.keys) and all(len(key) == PUBLIC_BYTES for key in kept.keys)
    return (kept.revision, kept.keys) if sound else (-1, ())

"""The server's signing keys: one that signs, and during a rotation the next one; in files that only the server's
user may read. A shell.

Imported by composition roots, the gateway and the line of reports. A command may change the files beside a running
server: they are looked at again whenever something is to be signed.
"""

from collections.abc import Callable
from pathlib import Path

import msgspec

from schedules import wire
from schedules.clock import SECOND, UtcMs
from schedules.signing import SigningKey
from server.whole_file import write_whole


class Signing(msgspec.Struct, frozen=True):
    """`key` signs now; `next` will after the rotation; `announced`: the word on the keys that hold, None where there
    has never been a rotation."""

    key: SigningKey
    next: SigningKey | None = None
    announced: wire.Keys | None = None

    @property
    def holding(self) -> tuple[bytes, ...]:
        """The public keys that hold, newest first."""
        return self.announced.keys if self.announced else (self.key.public,)

    @property
    def revision(self) -> int:
        """Of the word on the keys; 0 where there has never been a rotation."""
        return self.announced.revision if self.announced else 0


class Keyring:
    """In `folder`. Raises ValueError if a file is damaged: a new key would silence every loudspeaker, so that is for a
    person to decide. Used by several threads: each sees what is whole."""

    def __init__(self, folder: Path, new_key: Callable[[], bytes]) -> None:
        self._key, self._next, self._word = (folder / name for name in ("signing.key", "signing.next", "signing.word"))
        self._new_key = new_key
        if not self._key.exists():
            folder.mkdir(parents=True, exist_ok=True)
            write_whole(self._key, new_key())
        self._seen = self._stamp()
        self._found = self._read()

    def current(self) -> Signing:
        """What signs now, and what is said of it."""
        stamp = self._stamp()
        if stamp != self._seen:
            self._found, self._seen = self._read(), stamp
        return self._found

    def begin(self, now: UtcMs) -> Signing:
        """Make the next key and announce it beside the one that signs. Again, while one is under way: nothing new."""
        found = self.current()
        if found.next is not None:
            return found
        fresh = SigningKey(self._new_key())
        revision = max(found.revision + 1, now // SECOND)
        # The key before the word on it: who is killed in between has announced nothing.
        write_whole(self._next, fresh.private)
        write_whole(self._word, msgspec.json.encode(wire.Keys(revision, now, (fresh.public, found.key.public))))
        return self.current()

    def finish(self, now: UtcMs) -> Signing:
        """The next key signs from now on, and no other holds; the old one is gone for good."""
        found = self.current()
        if found.next is not None:
            self._next.rename(self._key)
            found = self._read()
        if found.holding != (found.key.public,):  # also where the first half was done before
            revision = max(found.revision + 1, now // SECOND)
            write_whole(self._word, msgspec.json.encode(wire.Keys(revision, now, (found.key.public,))))
        return self.current()

    def _read(self) -> Signing:
        key = SigningKey(self._key.read_bytes())
        word = msgspec.json.decode(self._word.read_bytes(), type=wire.Keys) if self._word.exists() else None
        after = SigningKey(self._next.read_bytes()) if self._next.exists() else None
        announced = after is not None and word is not None and after.public in word.keys
        return Signing(key, after if announced else None, word)

    def _stamp(self) -> tuple[tuple[int, int], ...]:
        return tuple(_stamp_of(path) for path in (self._key, self._next, self._word))


def signing_key(folder: Path, new_key: Callable[[], bytes]) -> SigningKey:
    """The key that signs for this server; made at its first start. Raises ValueError if its file is damaged."""
    return Keyring(folder, new_key).current().key


def _stamp_of(path: Path) -> tuple[int, int]:
    try:
        stat = path.stat()
    except OSError:
        return 0, 0
    return stat.st_mtime_ns, stat.st_ino

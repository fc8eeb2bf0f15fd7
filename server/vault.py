"""What seals the secrets of people: a key in a file that only the server's user may read, never in the database. Who
has a backup of the database alone finds nothing to make codes with. A shell.

Imported by composition roots, which hand it on, the use cases of people, the web and tests.
"""

import base64
import hmac
from collections.abc import Callable
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from server.whole_file import write_whole

FILE = "people.key"
_SIV_BYTES, _MAC_BYTES, _KEY_BYTES = 64, 32, 32


class Vault:
    """Seals and marks with one key of 32 bytes. `mark` is for what goes out to browsers and comes back."""

    def __init__(self, key: bytes) -> None:
        if len(key) != _KEY_BYTES:
            raise ValueError(f"{FILE} is damaged: it holds {len(key)} bytes instead of {_KEY_BYTES}")
        self._sealing = AESSIV(_derived(key, b"seal", _SIV_BYTES))
        self._marking = _derived(key, b"mark", _MAC_BYTES)

    def seal(self, about: str, secret: str) -> str:
        """A secret of this person, unreadable without the key; of no use under another's name."""
        return base64.b64encode(self._sealing.encrypt(secret.encode(), [about.encode()])).decode()

    def open(self, about: str, sealed: str) -> str | None:
        """The secret; None if it was not sealed for them, or with another key."""
        try:
            return self._sealing.decrypt(base64.b64decode(sealed), [about.encode()]).decode()
        except (InvalidTag, ValueError):
            return None

    def mark(self, *parts: str) -> str:
        """A digest of these parts that only this server can make, in hex."""
        said = b"".join(len(part.encode()).to_bytes(4, "big") + part.encode() for part in parts)
        return hmac.new(self._marking, said, "sha256").hexdigest()

    def marked(self, mark: str, *parts: str) -> bool:
        """Whether it is the digest of these parts."""
        return hmac.compare_digest(mark.encode(), self.mark(*parts).encode())


def vault_in(folder: Path, new_key: Callable[[], bytes]) -> Vault:
    """The vault of this server; its key is made at the first start. Raises ValueError if the file is damaged: with
    another key all second factors would be lost, so that is for a person to decide."""
    path = folder / FILE
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        write_whole(path, new_key())
    return Vault(path.read_bytes())


def _derived(key: bytes, purpose: bytes, length: int) -> bytes:
    return HKDF(SHA256(), length, None, b"loaban people " + purpose).derive(key)

"""Sealing of what the server says: Ed25519 over the exact bytes, with the kind of message inside what is signed.

Anybody may import this room. An envelope is `LB1S`, 8 bytes of key id, 64 bytes of signature, then the body
(JSON, deflated). The signature covers kind, a zero byte and the body, so that a sealed programme can never pass
for an assignment.
"""

import enum
import hashlib
import zlib
from collections.abc import Iterable, Mapping
from functools import lru_cache

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

_MAGIC = b"LB1S"
PUBLIC_BYTES = 32
_KEY_ID_BYTES = 8
_SIGNATURE_BYTES = 64
_HEAD = len(_MAGIC) + _KEY_ID_BYTES + _SIGNATURE_BYTES

LARGEST_BODY = 8 * 1024 * 1024
"""Bytes of an inflated body: ten times the largest programme; a deflate bomb stops here."""
LARGEST_ENVELOPE = 2 * 1024 * 1024
"""Bytes of what is looked at at all: to check the signature of more would cost a small processor its time."""
_REMEMBERED_BYTES = 64 * 1024
"""Proofs of what is larger are not remembered: sixteen of the largest would fill a twentieth of a small machine."""


class Refusal(enum.Enum):
    """Why an envelope was not opened."""

    malformed = "malformed"
    unknown_key = "unknown_key"
    bad_signature = "bad_signature"
    too_large = "too_large"


class SigningKey:
    """The server's private key. `public`: 32 bytes, to be pinned by each agent."""

    def __init__(self, private: bytes) -> None:
        """`private`: the 32 raw bytes; raises ValueError on any other length."""
        self._key = Ed25519PrivateKey.from_private_bytes(private)
        self.private = private
        self.public = self._key.public_key().public_bytes_raw()
        self.key_id = key_id_of(self.public)

    def sign(self, signed: bytes) -> bytes:
        """The 64 bytes of signature."""
        return self._key.sign(signed)


def key_id_of(public: bytes) -> bytes:
    """The short name of a public key: the first 8 bytes of its SHA-256."""
    return hashlib.sha256(public).digest()[:_KEY_ID_BYTES]


def trusted_by(keys: Iterable[bytes]) -> dict[bytes, bytes]:
    """Public keys by their ids."""
    return {key_id_of(key): key for key in keys}


def signer_of(envelope: bytes) -> bytes:
    """The id of the key that an envelope says it was sealed with: a claim, until it has been opened."""
    return envelope[len(_MAGIC) : len(_MAGIC) + _KEY_ID_BYTES] if envelope.startswith(_MAGIC) else b""


def seal(kind: str, body: bytes, key: SigningKey) -> bytes:
    """The envelope of a body."""
    packed = zlib.compress(body, 9)
    return _MAGIC + key.key_id + key.sign(_signed(kind, packed)) + packed


def unseal(kind: str, envelope: bytes, trusted: Mapping[bytes, bytes]) -> bytes | Refusal:
    """The body of an envelope, if one of the `trusted` public keys (by key id) signed it as this kind."""
    if len(envelope) <= _HEAD or not envelope.startswith(_MAGIC):
        return Refusal.malformed
    if len(envelope) > LARGEST_ENVELOPE:
        return Refusal.too_large
    public = trusted.get(envelope[len(_MAGIC) : len(_MAGIC) + _KEY_ID_BYTES])
    if public is None:
        return Refusal.unknown_key
    packed = envelope[_HEAD:]
    proved = _proved if len(packed) <= _REMEMBERED_BYTES else _proved.__wrapped__
    if not proved(public, envelope[_HEAD - _SIGNATURE_BYTES : _HEAD], _signed(kind, packed)):
        return Refusal.bad_signature
    return _inflated(packed)


@lru_cache(maxsize=16)
def _proved(public: bytes, signature: bytes, signed: bytes) -> bool:
    """Remembered for a few: what a broker retains comes again with every link."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, signed)
    except (InvalidSignature, ValueError):
        return False
    return True


def _signed(kind: str, packed: bytes) -> bytes:
    return kind.encode() + b"\0" + packed


def _inflated(packed: bytes) -> bytes | Refusal:
    inflater = zlib.decompressobj()
    try:
        body = inflater.decompress(packed, LARGEST_BODY)
    except zlib.error:
        return Refusal.malformed
    if inflater.unconsumed_tail:
        return Refusal.too_large
    return body if inflater.eof else Refusal.malformed

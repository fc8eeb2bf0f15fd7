"""What a loudspeaker and the server say to each other, over HTTPS, when it becomes one of the server's. Pure.

Anybody may import this room. These are JSON; a field added later has a default.
"""

import hashlib
from typing import Final

import msgspec

CLAIM_PATH: Final = "/ghi-danh"
AUTHORITY_PATH: Final = "/ghi-danh/to-chuc.crt"
LARGEST_REQUEST = 8 * 1024
"""Bytes of a signing request: ten times a real one."""
LARGEST_ANSWER = 256 * 1024
LONGEST_DEVICE = 50
_KEY_NAME_BYTES = 6
"""A certificate's common name has room for 64 letters: the loudspeaker, a dot, twelve letters of its key."""


class Claim(msgspec.Struct, frozen=True):
    """Somebody with a code at a loudspeaker that has just made its key. `request`: the signing request (PEM); `serial`:
    of the machine, as far as it knows."""

    code: str
    request: str
    serial: str = ""


class Enrolled(msgspec.Struct, frozen=True):
    """Everything that makes it this server's. `certificate` and `authority` are PEM; `broker`: `mqtts://host:port`;
    `signing_keys`: newest first, by the word of `keys_revision`; `assignment`: sealed, as it comes over the wire."""

    device: str
    certificate: str
    authority: str
    broker: str
    signing_keys: tuple[bytes, ...]
    keys_revision: int
    assignment: bytes = b""


class Turned(msgspec.Struct, frozen=True):
    """Why there is nothing: `refused` is one of the server's reasons."""

    refused: str


def common_name(device: str, public_key: bytes) -> str:
    """Whom a certificate names: the loudspeaker and its key (DER), so that an older key of the same loudspeaker is
    somebody else at the broker."""
    return f"{device}.{hashlib.sha256(public_key).hexdigest()[: 2 * _KEY_NAME_BYTES]}"


def device_of(name: str) -> str:
    """The loudspeaker in a common name."""
    return name.partition(".")[0]

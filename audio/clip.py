"""The clip: one mastered sound file in one language, named by the SHA-256 of its bytes.

Anybody may import this room; it is the only one of `audio` that `schedules` and `device_agent` know.
"""

import hashlib
import re
from collections.abc import Iterable

import msgspec

NO_LANGUAGE = "zxx"
"""The BCP-47 tag of what has no words: music, chimes. It is for everybody, whatever they speak."""

SAMPLE_RATE = 48_000
"""Frames a second of every decoded clip; Opus decodes to it, and sound cards take it unchanged."""

VIETNAMESE = "vi"
"""The one language that everybody in the country is addressed in."""

_NAME = re.compile(r"[0-9a-f]{64}")


class Clip(msgspec.Struct, frozen=True):
    """`sha256`: 64 hex digits of the transport file (Ogg Opus, mono); `duration_ms`: of the decoded
    sound; `size`: bytes of the transport file; `language`: BCP-47 tag."""

    sha256: str
    language: str
    duration_ms: int
    size: int


def is_clip_name(text: str) -> bool:
    """Whether the text can name a clip: such a name is safe as a file name and in a topic."""
    return _NAME.fullmatch(text) is not None


def name_of(parts: Iterable[bytes]) -> str:
    """The clip name of a file given in parts."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part)
    return digest.hexdigest()

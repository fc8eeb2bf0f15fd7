"""The port to a voice: words in, a WAV and its provenance out. Pure.

Imported by the engines, the server and tests.
"""

import enum
from pathlib import Path
from typing import Protocol

import msgspec


class VoiceFault(enum.Enum):
    """Why a voice did not speak."""

    unavailable = "unavailable"
    timed_out = "timed_out"
    refused = "refused"
    empty = "empty"
    language = "language"


class VoiceError(Exception):
    """A voice did not speak; `fault` says why, the text says it to a technician."""

    def __init__(self, fault: VoiceFault, words: str) -> None:
        super().__init__(words)
        self.fault = fault


class Provenance(msgspec.Struct, frozen=True):
    """Where a sound comes from. `ai_made` marks machine speech, as Law 134/2025 asks; `fallback` says that a
    better voice did not answer."""

    engine: str
    version: str = ""
    voice: str = ""
    parameters: str = ""
    ai_made: bool = False
    fallback: bool = False


class Voice(Protocol):
    """An engine that speaks."""

    name: str

    def speaks(self, language: str) -> bool:
        """Whether it can speak this language at all."""

    def render(self, words: str, language: str, into: Path) -> Provenance:
        """Write the words as a WAV. Raises `VoiceError`; then nothing is left behind."""

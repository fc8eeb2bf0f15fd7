"""The port to a voice: words in, a WAV and its provenance out. Pure.

Imported by the engines, the server and tests. Which engine may speak which language, and in which order they are asked,
stands in `audio.preference`.
"""

import enum
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol, runtime_checkable

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


class Provenance(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where a sound comes from. `ai_made` marks machine speech, as Law 134/2025 asks; `fallback_from` names the better
    engine that did not answer, where another one stood in for it."""

    engine: str
    version: str = ""
    voice: str = ""
    parameters: str = ""
    ai_made: bool = False
    fallback_from: str = ""

    @property
    def fallback(self) -> bool:
        """Whether it only stands in for a better voice."""
        return bool(self.fallback_from)


Progress = Callable[[int, int], None]
"""Is told how many sentences of how many are spoken."""


def unheeded(_done: int, _total: int) -> None:
    """Nobody asks how far it is."""


class Voice(Protocol):
    """One engine. It speaks one sentence after the other; who calls it keeps what was spoken."""

    name: str

    def speaks(self, language: str) -> bool:
        """Whether it can speak this language at all, as it is set up here."""

    def trouble(self, language: str) -> str:
        """Why it cannot speak this language now, in words for a technician; empty where it can."""

    def identity(self, language: str) -> Provenance:
        """What would stand in the provenance of a sound: the same identity speaks the same words alike."""

    def render(self, words: str, language: str, into: Path) -> Provenance:
        """Write the words as a WAV. Raises `VoiceError`; then nothing is left behind."""


@runtime_checkable
class Batched(Protocol):
    """An engine that takes long to begin, and so takes several sentences at once."""

    def render_each(self, wanted: Sequence[tuple[str, Path]], language: str) -> Provenance:
        """Write each of the sentences as a WAV of its own. Raises `VoiceError`."""


class Narrator(Protocol):
    """Speaks a whole text: what the studio asks."""

    def speaks(self, language: str) -> bool:
        """Whether any engine may and can."""

    def identity(self, language: str) -> Provenance:
        """What the best engine for this language would be. Raises `VoiceError` where there is none."""

    def narrate(
        self, words: str, language: str, into: Path, progress: Progress = unheeded, *, urgent: bool = False
    ) -> Provenance:
        """Write the whole text as one WAV. `urgent`: an emergency, which waits for no slow engine. Raises `VoiceError`;
        then nothing is left behind."""

"""Several voices in order of preference: the first that answers speaks, and the provenance tells that it stood in.

Imported by composition roots and tests.
"""

import logging
from collections.abc import Sequence
from pathlib import Path

import msgspec

from audio.voice import Provenance, Voice, VoiceError, VoiceFault

_log = logging.getLogger("loaban.voice")


class FallbackVoice:
    """`voices` in order of preference."""

    name = "fallback"

    def __init__(self, voices: Sequence[Voice]) -> None:
        self._voices = tuple(voices)

    def speaks(self, language: str) -> bool:
        """Whether any of them does."""
        return any(voice.speaks(language) for voice in self._voices)

    def render(self, words: str, language: str, into: Path) -> Provenance:
        """Write the words as a WAV by the first voice that can."""
        last = VoiceError(VoiceFault.language, f"không có giọng máy cho tiếng “{language}”")
        speakers = [voice for voice in self._voices if voice.speaks(language)]
        for number, voice in enumerate(speakers):
            try:
                return msgspec.structs.replace(voice.render(words, language, into), fallback=number > 0)
            except VoiceError as error:
                _log.warning("%s did not speak: %s", voice.name, error)
                last = error
        raise last

"""The engines of one house, from its settings: which are set up, for which language, in which order.

Imported by the worker, composition roots and tests.
"""

from collections.abc import Sequence
from pathlib import Path

import msgspec

from audio.decoding import decode
from audio.narrator import SentenceNarrator
from audio.preference import DEFAULT, preferences
from audio.sentence_cache import QUOTA_MB, SentenceCache
from audio.voice import Voice
from audio.voices.command_voice import CommandVoice, Line
from audio.voices.espeak_voice import EspeakVoice
from audio.voices.piper_voice import PiperVoice


class VoiceSettings(msgspec.Struct, frozen=True):
    """What a house chooses; it travels to the worker as JSON. `folder`: where voices lie and spoken sentences are kept;
    `order`: see `audio.preference`; `piper`: the Piper voice to be preferred, by name."""

    folder: str
    order: str = DEFAULT
    gtts: bool = False
    piper: str = ""
    command: Line = Line("")
    quota_mb: int = QUOTA_MB

    @property
    def voices(self) -> Path:
        """Where installed voices lie."""
        return Path(self.folder) / "voices"


def engines(settings: VoiceSettings) -> dict[str, Voice]:
    """Every engine that this house knows, by the name that the order of preference uses."""
    found: dict[str, Voice] = {
        "command": CommandVoice(settings.command),
        "piper": PiperVoice(settings.voices, settings.piper),
        "espeak-ng": EspeakVoice(),
    }
    if settings.gtts:
        from audio.voices.gtts_voice import GttsVoice  # noqa: PLC0415 - it takes as long to import as all others

        settings.voices.mkdir(mode=0o700, parents=True, exist_ok=True)
        found["gtts"] = GttsVoice(_to_wav, note=settings.voices / "gtts.json")
    return found


def order_of(settings: VoiceSettings, language: str) -> Sequence[Voice]:
    """The engines that may speak a language and are set up for it, the best first."""
    known = engines(settings)
    named = preferences(settings.order).get(language, ())
    return [known[name] for name in named if name in known and known[name].speaks(language)]


def narrator(settings: VoiceSettings) -> SentenceNarrator:
    """Whoever speaks whole texts, in this process."""
    cache = SentenceCache(Path(settings.folder) / "sentences", settings.quota_mb * 1024 * 1024)
    return SentenceNarrator(lambda language: order_of(settings, language), cache)


def _to_wav(source: Path, target: Path) -> None:
    decode(source, target)

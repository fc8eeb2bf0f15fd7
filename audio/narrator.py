"""A whole text, spoken: sentence by sentence, by the first engine in the order of preference that can say all of it.

Imported by the worker, composition roots and tests. A text has one voice: where an engine fails at its tenth sentence,
the next engine says all ten, and the provenance tells that it stood in.
"""

import logging
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from audio.joining import finish, join
from audio.sentence_cache import SentenceCache, key_of
from audio.sentences import Sentence, sentences
from audio.voice import Batched, Progress, Provenance, Voice, VoiceError, VoiceFault, unheeded

AT_ONCE = 5
"""Sentences that an engine which begins slowly gets together: who is stopped in the middle loses no more than these."""
_log = logging.getLogger("loaban.voice")


class SentenceNarrator:
    """`voices(language)`: the engines that may speak it and are set up, the best first; `cache` keeps sentences."""

    def __init__(self, voices: Callable[[str], Sequence[Voice]], cache: SentenceCache) -> None:
        self._voices, self._cache = voices, cache

    def speaks(self, language: str) -> bool:
        """Whether any engine may and can."""
        return any(voice.speaks(language) for voice in self._voices(language))

    def identity(self, language: str) -> Provenance:
        """What the best engine would be."""
        return self._speakers(language)[0].identity(language)

    def narrate(
        self, words: str, language: str, into: Path, progress: Progress = unheeded, *, urgent: bool = False
    ) -> Provenance:
        """Write the whole text as one WAV. Nobody leaves an engine that hangs from within: `WorkingNarrator` keeps
        the deadline of what is `urgent`."""
        del urgent
        parts = sentences(words)
        speakers = self._speakers(language)
        if not parts:
            raise VoiceError(VoiceFault.empty, "no words")
        last = VoiceError(VoiceFault.unavailable, "")
        for voice in speakers:
            try:
                finished = self._spoken(voice, parts, language, progress)
                join([(path, part.pause_ms) for path, part in zip(finished, parts, strict=True)], into)
            except (VoiceError, OSError, EOFError) as error:
                _log.warning("%s did not speak: %s", voice.name, error)
                into.unlink(missing_ok=True)
                last = error if isinstance(error, VoiceError) else VoiceError(VoiceFault.unavailable, str(error))
            else:
                self._cache.sweep()
                stood_in_for = "" if voice is speakers[0] else speakers[0].name
                return msgspec.structs.replace(voice.identity(language), fallback_from=stood_in_for)
        raise last

    def _speakers(self, language: str) -> list[Voice]:
        found = [voice for voice in self._voices(language) if voice.speaks(language)]
        if not found:
            raise VoiceError(VoiceFault.language, f"không có giọng máy nào được phép đọc tiếng “{language}”")
        return found

    def _spoken(self, voice: Voice, parts: Sequence[Sentence], language: str, progress: Progress) -> list[Path]:
        """Every sentence as a kept file, in order; those that were spoken before are not spoken again."""
        identity = voice.identity(language)
        keys = [key_of(part.words, language, identity) for part in parts]
        found = {key: path for key in keys if (path := self._cache.find(key)) is not None}
        wanted = {key: part.words for key, part in zip(keys, parts, strict=True) if key not in found}
        there = sum(key in found for key in keys)
        progress(there, len(parts))
        if wanted and (trouble := voice.trouble(language)):
            raise VoiceError(VoiceFault.unavailable, trouble)
        with self._cache.workshop() as workshop:
            orders = [(key, said, Path(workshop, f"{key}.wav")) for key, said in wanted.items()]
            size = AT_ONCE if isinstance(voice, Batched) else 1
            for begin in range(0, len(orders), size):
                some = orders[begin : begin + size]
                if isinstance(voice, Batched):
                    voice.render_each([(said, made) for _, said, made in some], language)
                else:
                    voice.render(some[0][1], language, some[0][2])
                for key, said, made in some:
                    finish(made, said)
                    found[key] = self._cache.keep(key, made)
                progress(there + begin + len(some), len(parts))
        progress(len(parts), len(parts))
        return [found[key] for key in keys]


def narrator_of(voices: Sequence[Voice], folder: Path) -> SentenceNarrator:
    """These engines, for whatever language they speak, keeping sentences in a folder."""
    return SentenceNarrator(lambda _language: voices, SentenceCache(folder))

"""gTTS: Google Translate's voice, over the network. Off unless a setting switches it on: the text leaves the country,
and nobody promises the service.

Imported by composition roots and tests.

gTTS does not check the service's certificate. So nothing that it brings airs before a person has listened to it and
approved exactly that sound.
"""

import time
from collections.abc import Callable
from pathlib import Path

from gtts import gTTS, gTTSError
from gtts import version as _gtts_version

from audio.language import VIETNAMESE
from audio.refusal import MasteringError
from audio.voice import Provenance, VoiceError, VoiceFault

TIMEOUT_S = (3.05, 15.0)
"""To connect, to answer: without one gTTS waits for ever."""
TRIES = 3
FIRST_PAUSE_S = 1.0
REST_S = 600.0
"""After "too many requests" the service is left alone for so long."""
LONGEST_WAIT_S, WAIT_A_LETTER_S = 20.0, 0.015
"""In all, tries and pauses too: gTTS asks one part after the other, each of at most 100 letters."""
_TOO_MANY = "429"
_FAILURES = (gTTSError, OSError, ValueError, AssertionError)
"""gTTS asserts that there are words, and decodes what it gets without a look at it."""

Patience = Callable[[], None]
"""Raises `VoiceError` when there is no time left."""


def fetch(words: str, into: Path, patience: Patience, engine: type[gTTS] = gTTS) -> None:
    """Ask the service once; the MP3 lies in `into`. gTTS passes over a part that was answered with nothing, and would
    leave a sentence out: such an answer is refused whole."""
    speech = engine(words, lang=VIETNAMESE, timeout=TIMEOUT_S)
    wanted = len(speech.get_bodies())
    parts = []
    for part in speech.stream():
        patience()
        parts += [part] if part else []
    if len(parts) < wanted:
        raise VoiceError(VoiceFault.empty, f"gTTS answered {len(parts)} of {wanted} parts")
    into.write_bytes(b"".join(parts))


class GttsVoice:
    """`ask(words, into, patience)` asks the service once; `pause(seconds)` waits; `clock()` is monotonic seconds;
    `to_wav` turns the MP3 into a WAV."""

    name = "gTTS"

    def __init__(
        self,
        to_wav: Callable[[Path, Path], None],
        pause: Callable[[float], None],
        clock: Callable[[], float] = time.monotonic,
        ask: Callable[[str, Path, Patience], None] = fetch,
    ) -> None:
        self._to_wav, self._pause, self._clock, self._ask = to_wav, pause, clock, ask
        self._rests_until = float("-inf")

    def speaks(self, language: str) -> bool:
        """Of the province's languages, Vietnamese alone."""
        return language == VIETNAMESE

    def render(self, words: str, language: str, into: Path) -> Provenance:
        """Write the words as a WAV, after at most three questions."""
        if not self.speaks(language):
            raise VoiceError(VoiceFault.language, f"gTTS: {language}")
        if self._clock() < self._rests_until:
            raise VoiceError(VoiceFault.refused, "gTTS: too many requests a while ago")
        mp3 = into.with_suffix(".gtts.mp3")
        try:
            self._ask_patiently(words, mp3)
            self._to_wav(mp3, into)
        except MasteringError as error:
            into.unlink(missing_ok=True)
            raise VoiceError(VoiceFault.refused, f"gTTS answered with something else than sound: {error}") from error
        finally:
            mp3.unlink(missing_ok=True)
        return Provenance(self.name, str(_gtts_version.__version__), "vi", ai_made=True)

    def _ask_patiently(self, words: str, mp3: Path) -> None:
        deadline = self._clock() + LONGEST_WAIT_S + WAIT_A_LETTER_S * len(words)

        def patience() -> None:
            if self._clock() > deadline:
                raise VoiceError(VoiceFault.timed_out, "gTTS took too long")

        last = VoiceError(VoiceFault.unavailable, "gTTS")
        for number in range(TRIES):
            if number:
                self._pause(FIRST_PAUSE_S * 2 ** (number - 1))
            patience()
            try:
                return self._ask_once(words, mp3, patience)
            except VoiceError as error:
                if error.fault in (VoiceFault.refused, VoiceFault.timed_out):
                    raise
                last = error
        raise last

    def _ask_once(self, words: str, mp3: Path, patience: Patience) -> None:
        try:
            self._ask(words, mp3, patience)
        except _FAILURES as error:
            if _TOO_MANY in str(error):
                self._rests_until = self._clock() + REST_S
                raise VoiceError(VoiceFault.refused, str(error)) from error
            raise VoiceError(VoiceFault.unavailable, str(error)) from error
        if not mp3.exists() or not mp3.stat().st_size:
            raise VoiceError(VoiceFault.empty, "gTTS answered with nothing")

"""gTTS: Google Translate's voice, over the network. Off unless a setting switches it on: the text leaves the country,
and nobody promises the service.

Imported by composition roots and tests.
"""

import time
from collections.abc import Callable
from pathlib import Path

from gtts import gTTS, gTTSError
from gtts import version as _gtts_version

from audio.language import VIETNAMESE
from audio.voice import Provenance, VoiceError, VoiceFault

TIMEOUT_S = (3.05, 15.0)
"""To connect, to answer: without one gTTS waits for ever."""
TRIES = 3
FIRST_PAUSE_S = 1.0
REST_S = 600.0
"""After "too many requests" the service is left alone for so long."""
_TOO_MANY = "429"


def fetch(words: str, into: Path) -> None:
    """Ask the service once; the MP3 lies in `into`."""
    gTTS(words, lang=VIETNAMESE, timeout=TIMEOUT_S).save(str(into))


class GttsVoice:
    """`ask(words, into)` asks the service once; `pause(seconds)` waits; `clock()` is monotonic seconds; `to_wav`
    turns the MP3 into a WAV."""

    name = "gTTS"

    def __init__(
        self,
        to_wav: Callable[[Path, Path], None],
        pause: Callable[[float], None],
        clock: Callable[[], float] = time.monotonic,
        ask: Callable[[str, Path], None] = fetch,
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
        finally:
            mp3.unlink(missing_ok=True)
        return Provenance(self.name, str(_gtts_version.__version__), "vi", ai_made=True)

    def _ask_patiently(self, words: str, mp3: Path) -> None:
        for number in range(TRIES):
            if number:
                self._pause(FIRST_PAUSE_S * 2 ** (number - 1))
            try:
                self._ask(words, mp3)
            except (gTTSError, OSError) as error:
                if _TOO_MANY in str(error):
                    self._rests_until = self._clock() + REST_S
                    raise VoiceError(VoiceFault.refused, str(error)) from error
                last = VoiceError(VoiceFault.unavailable, str(error))
                continue
            # An empty answer with status 200 is no error to gTTS, and a failed one leaves an empty file.
            if mp3.exists() and mp3.stat().st_size:
                return
            last = VoiceError(VoiceFault.empty, "gTTS answered with nothing")
        raise last

"""gTTS: Google Translate's voice, over the network. Off unless a setting switches it on: the text leaves the country,
and nobody promises the service.

Imported by composition roots and tests.

gTTS does not check the service's certificate. So nothing that it brings airs before a person has listened to it and
approved exactly that sound.
"""

import contextlib
import random
import time
from collections.abc import Callable
from pathlib import Path

import msgspec
from gtts import gTTS, gTTSError
from gtts import version as _gtts_version

from audio.language import VIETNAMESE
from audio.refusal import MasteringError
from audio.voice import Provenance, VoiceError, VoiceFault

TIMEOUT_S = (3.05, 15.0)
"""To connect, to answer: without one gTTS waits for ever."""
TRIES = 3
FIRST_PAUSE_S, MOST_JITTER_S = 1.0, 0.5
BETWEEN_S = 1.0
"""From one request to the next: one a second, whoever asks."""
REST_S = 600.0
"""After "too many requests" the service is left alone for so long."""
LONGEST_WAIT_S, WAIT_A_LETTER_S = 20.0, 0.015
"""In all, tries and pauses too: gTTS asks one part after the other, each of at most 100 letters."""
_TOO_MANY = "429"
_LONG_AGO = -1e9
_FAILURES = (gTTSError, OSError, ValueError, AssertionError)
"""gTTS asserts that there are words, and decodes what it gets without a look at it."""

Patience = Callable[[], None]
"""Raises `VoiceError` when there is no time left."""


def fetch(words: str, into: Path, patience: Patience, engine: type[gTTS] = gTTS) -> None:
    """Ask the service once; the MP3 lies in `into`. gTTS passes over a part that was answered with nothing, and would
    leave a sentence out: such an answer is refused whole."""
    speech = engine(words, lang=VIETNAMESE, timeout=TIMEOUT_S)
    wanted = len(speech.get_bodies())
    parts, stream = [], speech.stream()
    for _ in range(wanted):
        patience()
        part = next(stream, b"")
        parts += [part] if part else []
    if len(parts) < wanted:
        raise VoiceError(VoiceFault.empty, f"gTTS answered {len(parts)} of {wanted} parts")
    into.write_bytes(b"".join(parts))


class _Note(msgspec.Struct):
    """What every process that asks the service must know, in monotonic seconds of this machine."""

    rests_until: float = _LONG_AGO
    asked_at: float = _LONG_AGO


class GttsVoice:
    """`ask(words, into, patience)` asks the service once; `pause(seconds)` waits; `clock()` is monotonic seconds;
    `to_wav` turns the MP3 into a WAV; `note` is a file in which processes tell each other that the service wants rest;
    `jitter()` is a number between 0 and 1."""

    name = "gTTS"

    def __init__(
        self,
        to_wav: Callable[[Path, Path], None],
        pause: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
        ask: Callable[[str, Path, Patience], None] = fetch,
        note: Path | None = None,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._to_wav, self._pause, self._clock, self._ask = to_wav, pause, clock, ask
        self._path, self._jitter = note, jitter
        self._kept = _Note()

    def speaks(self, language: str) -> bool:
        """Of the province's languages, Vietnamese alone."""
        return language == VIETNAMESE

    def trouble(self, language: str) -> str:
        """Whether the service has asked to be left alone. Nothing is sent to find out whether it answers."""
        if not self.speaks(language):
            return f"gTTS không được dùng cho tiếng “{language}” / Vietnamese alone"
        wait = self._note().rests_until - self._clock()
        return (
            f"gTTS: nghỉ thêm {wait:.0f} giây, vì đã hỏi quá nhiều / too many requests a while ago" if wait > 0 else ""
        )

    def identity(self, _language: str) -> Provenance:
        """The one voice that it has."""
        return Provenance(self.name, str(_gtts_version.__version__), "vi", ai_made=True)

    def render(self, words: str, language: str, into: Path) -> Provenance:
        """Write the words as a WAV, after at most three questions."""
        if trouble := self.trouble(language):
            raise VoiceError(VoiceFault.refused if self.speaks(language) else VoiceFault.language, trouble)
        mp3 = into.with_suffix(".gtts.mp3")
        try:
            self._ask_patiently(words, mp3)
            self._to_wav(mp3, into)
        except MasteringError as error:
            into.unlink(missing_ok=True)
            raise VoiceError(VoiceFault.refused, f"gTTS answered with something else than sound: {error}") from error
        finally:
            mp3.unlink(missing_ok=True)
        return self.identity(language)

    def _ask_patiently(self, words: str, mp3: Path) -> None:
        deadline = self._clock() + LONGEST_WAIT_S + WAIT_A_LETTER_S * len(words)

        def in_time() -> None:
            if self._clock() > deadline:
                raise VoiceError(VoiceFault.timed_out, "gTTS took too long")

        def patience() -> None:
            wait = self._note().asked_at + BETWEEN_S - self._clock()
            if wait > 0:
                self._pause(wait)
            in_time()
            self._tell(asked_at=self._clock())

        last = VoiceError(VoiceFault.unavailable, "gTTS")
        for number in range(TRIES):
            if number:
                self._pause(FIRST_PAUSE_S * 2 ** (number - 1) + MOST_JITTER_S * self._jitter())
            in_time()
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
                self._tell(rests_until=self._clock() + REST_S)
                raise VoiceError(VoiceFault.refused, str(error)) from error
            raise VoiceError(VoiceFault.unavailable, str(error)) from error
        if not mp3.exists() or not mp3.stat().st_size:
            raise VoiceError(VoiceFault.empty, "gTTS answered with nothing")

    def _note(self) -> _Note:
        """What is known now; a note from before this machine was started anew says nothing."""
        if self._path is not None:
            with contextlib.suppress(OSError, msgspec.MsgspecError):
                self._kept = msgspec.json.decode(self._path.read_bytes(), type=_Note)
        latest = self._clock()
        if self._kept.rests_until > latest + REST_S or self._kept.asked_at > latest:
            self._kept = _Note()
        return self._kept

    def _tell(self, **changed: float) -> None:
        self._kept = msgspec.structs.replace(self._note(), **changed)
        if self._path is not None:
            fresh = self._path.with_suffix(".new")
            fresh.write_bytes(msgspec.json.encode(self._kept))
            fresh.replace(self._path)

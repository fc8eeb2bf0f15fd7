"""A text, spoken in a process of its own with limits: what the server uses, so that no page waits for an engine. A
shell.

Imported by composition roots and tests. What was spoken of a text before the process ended lies in the cache of
sentences: asked again, it goes on from there.
"""

import logging
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec

from audio.preference import LOCAL, local_alone, narrowed
from audio.sentences import sentences
from audio.voice import Progress, Provenance, VoiceError, VoiceFault, unheeded
from audio.voice_worker import Order, Told
from audio.voices.roster import VoiceSettings, order_of

MEMORY = 8 * 1024**3
"""Bytes of addresses: a neural voice maps far more than it uses."""
PROCESSOR_S = 1_800
LONGEST_WAIT_S = 900
DEADLINE_S = 20
"""So long an emergency waits for the better engines, all sentences together; then the local one speaks at once."""
_KEPT = ("PATH", "PYTHONPATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "SSL_CERT_FILE", "SSL_CERT_DIR")
_log = logging.getLogger("loaban.voice")
_PROXIES = ("http_proxy", "https_proxy", "no_proxy", "all_proxy")


def _unrestricted() -> Mapping[str, tuple[str, ...]]:
    return {}


class WorkingNarrator:
    """`settings` say which engines there are; `wait_s`: how long a text may take; `deadline_s`: how long the better
    engines may take for an emergency; `restricted()`: what languages say for themselves of the engines, asked each
    time."""

    def __init__(
        self,
        settings: VoiceSettings,
        wait_s: float = LONGEST_WAIT_S,
        deadline_s: float = DEADLINE_S,
        restricted: Callable[[], Mapping[str, tuple[str, ...]]] = _unrestricted,
    ) -> None:
        self._house, self._wait_s, self._deadline_s, self._restricted = settings, wait_s, deadline_s, restricted

    @property
    def _settings(self) -> VoiceSettings:
        return msgspec.structs.replace(self._house, order=narrowed(self._house.order, self._restricted()))

    def speaks(self, language: str) -> bool:
        """Whether any engine may and can."""
        return bool(order_of(self._settings, language))

    def identity(self, language: str) -> Provenance:
        """What the best engine would be."""
        found = order_of(self._settings, language)
        if not found:
            raise VoiceError(VoiceFault.language, f"không có giọng máy nào được phép đọc tiếng “{language}”")
        return found[0].identity(language)

    def narrate(
        self, words: str, language: str, into: Path, progress: Progress = unheeded, *, urgent: bool = False
    ) -> Provenance:
        """Write the whole text as one WAV."""
        best = order_of(self._settings, language)
        self.identity(language)
        if not sentences(words):
            raise VoiceError(VoiceFault.empty, "no words")
        order = Order(words, language, str(into), self._settings)
        local = msgspec.structs.replace(self._settings, order=local_alone(self._settings.order))
        if not urgent or best[0].name in LOCAL or not order_of(local, language):
            return self._narrated(order, progress, self._wait_s)
        try:
            return self._narrated(order, progress, self._deadline_s)
        except VoiceError as error:
            _log.warning("%s kept an emergency waiting: %s", best[0].name, error)
        told = self._narrated(msgspec.structs.replace(order, settings=local), progress, self._wait_s)
        return msgspec.structs.replace(told, fallback_from=best[0].name)

    def _narrated(self, order: Order, progress: Progress, wait_s: float) -> Provenance:
        process, into = _started(), Path(order.into)
        alarm = threading.Timer(wait_s, _end, (process,))
        alarm.start()
        try:
            told = _heard(process, msgspec.json.encode(order), progress)
        finally:
            ended_by_us = not alarm.is_alive()
            alarm.cancel()
            _end(process)
        if told.provenance is not None:
            return told.provenance
        into.unlink(missing_ok=True)
        if told.fault is not None:
            raise VoiceError(told.fault, told.words)
        if ended_by_us:
            raise VoiceError(VoiceFault.timed_out, f"not done after {wait_s:g} s")
        raise VoiceError(VoiceFault.unavailable, f"the process that speaks ended with {process.returncode}")


def _started() -> "subprocess.Popen[bytes]":
    own = {name: value for name, value in os.environ.items() if name in _KEPT or name.lower() in _PROXIES}
    limits = [f"--as={MEMORY}", f"--cpu={PROCESSOR_S}", "--core=0"]
    return subprocess.Popen(
        ["prlimit", *limits, "--", sys.executable, "-W", "ignore", "-m", "audio.voice_worker"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=own,
        cwd=Path(__file__).resolve().parents[1],
        start_new_session=True,
    )


def _heard(process: "subprocess.Popen[bytes]", order: bytes, progress: Progress) -> Told:
    """The last line that it told; before that, each line is progress."""
    assert process.stdin is not None  # noqa: S101
    assert process.stdout is not None  # noqa: S101
    last = Told()
    try:
        with process.stdin as told_to:
            told_to.write(order)
    except BrokenPipeError:
        return last
    with process.stdout as tells:
        for line in tells:
            last = msgspec.json.decode(line, type=Told)
            if last.total:
                progress(last.done, last.total)
    process.wait()
    return last


def _end(process: "subprocess.Popen[bytes]") -> None:
    """It and its children are gone."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

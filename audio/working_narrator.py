"""A text, spoken in a process of its own with limits: what the server uses, so that no page waits for an engine. A
shell.

Imported by composition roots and tests. What was spoken of a text before the process ended lies in the cache of
sentences: asked again, it goes on from there.
"""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec

from audio.preference import narrowed
from audio.sentences import sentences
from audio.voice import Progress, Provenance, VoiceError, VoiceFault, unheeded
from audio.voice_worker import Order, Told
from audio.voices.roster import VoiceSettings, order_of

MEMORY = 8 * 1024**3
"""Bytes of addresses: a neural voice maps far more than it uses."""
PROCESSOR_S = 1_800
LONGEST_WAIT_S = 900
_KEPT = ("PATH", "PYTHONPATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "SSL_CERT_FILE", "SSL_CERT_DIR")
_PROXIES = ("http_proxy", "https_proxy", "no_proxy", "all_proxy")


def _unrestricted() -> Mapping[str, tuple[str, ...]]:
    return {}


class WorkingNarrator:
    """`settings` say which engines there are; `restricted()`: what languages say for themselves of them, asked each
    time; `wait_s`: how long a text may take."""

    def __init__(
        self,
        settings: VoiceSettings,
        wait_s: float = LONGEST_WAIT_S,
        restricted: Callable[[], Mapping[str, tuple[str, ...]]] = _unrestricted,
    ) -> None:
        self._house, self._wait_s, self._restricted = settings, wait_s, restricted

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

    def narrate(self, words: str, language: str, into: Path, progress: Progress = unheeded) -> Provenance:
        """Write the whole text as one WAV."""
        self.identity(language)
        if not sentences(words):
            raise VoiceError(VoiceFault.empty, "no words")
        order = msgspec.json.encode(Order(words, language, str(into), self._settings))
        process = _started()
        alarm = threading.Timer(self._wait_s, _end, (process,))
        alarm.start()
        try:
            told = _heard(process, order, progress)
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
            raise VoiceError(VoiceFault.timed_out, f"not done after {self._wait_s:g} s")
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

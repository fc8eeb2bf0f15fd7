"""Asks the process that listens, once for each sound that is long enough. A shell.

Imported by `device_agent.speaker`, the composition root and tests.
"""

import contextlib
import importlib.util
import logging
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence

import msgspec

from device_agent.ear.verdict import Place, Question, Verdict, is_worth_it
from schedules.clock import DurationMs

COMMAND = (sys.executable, "-m", "device_agent.ear")
_LONGEST_S = 60

_log = logging.getLogger("loaban.ear")


class Ear:
    """`card`: the ALSA device that it records from; `place`: where that device is."""

    def __init__(self, place: Place, card: str, command: Sequence[str] = COMMAND) -> None:
        self.place = place
        self._card, self._command = card, command
        self._lock = threading.Lock()
        self._listening: dict[str, subprocess.Popen[bytes]] = {}
        self._deaf = ""

    def listen(
        self,
        name: str,
        pieces: Sequence[tuple[str, DurationMs]],
        started_ns: int,
        length_ms: DurationMs,
        tell: Callable[[Verdict], None],
    ) -> None:
        """Listen while this sounds, and tell what was there; nothing is told of what is too short, or of what ends
        before."""
        if not is_worth_it(length_ms):
            return
        question = Question(self._card, tuple(pieces), started_ns, length_ms)
        threading.Thread(target=self._ask, args=(name, question, tell), name="ear", daemon=True).start()

    def leave(self, name: str) -> None:
        """It no longer sounds."""
        with self._lock:
            process = self._listening.pop(name, None)
        if process is not None:
            process.kill()

    def _ask(self, name: str, question: Question, tell: Callable[[Verdict], None]) -> None:
        try:
            process = subprocess.Popen(self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        except OSError as error:
            self._say(str(error))
            return
        with self._lock:
            self._listening[name] = process
        answer = b""
        with contextlib.suppress(subprocess.TimeoutExpired):
            answer, _ = process.communicate(msgspec.json.encode(question) + b"\n", _LONGEST_S)
        process.kill()
        process.wait()
        with self._lock:
            left = self._listening.pop(name, None) is None
        if left:
            return
        try:
            verdict = msgspec.json.decode(answer, type=Verdict)
        except msgspec.DecodeError:
            self._say("the process that listens ended without an answer")
            return
        self._say(verdict.fault)
        if not verdict.fault:
            _log.info(
                "%s: %s (%.1f, %+.0f ms)",
                name,
                "heard" if verdict.found else "not heard",
                verdict.score,
                verdict.lag_ms,
            )
            tell(verdict)

    def _say(self, fault: str) -> None:
        """A fault is told once, and when it is over."""
        if fault != self._deaf:
            _log.warning("the ear hears nothing: %s", fault) if fault else _log.info("the ear hears again")
        self._deaf = fault


def ear_of(setting: str) -> Ear | None:
    """The ear that a setting names: `microphone:DEVICE`, `loopback:DEVICE`, or nothing. Raises ValueError in words for
    a technician."""
    if not setting:
        return None
    place, _, card = setting.partition(":")
    if place not in {each.value for each in Place} or not card:
        raise ValueError(f"ear: {setting!r} is neither microphone:DEVICE nor loopback:DEVICE")
    if importlib.util.find_spec("numpy") is None:
        raise ValueError(
            "the ear needs numpy: install the agent with `install-agent.sh --proof`, or take the setting `ear` away"
        )
    return Ear(Place(place), card)

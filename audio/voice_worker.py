"""The process that speaks: `python -m audio.voice_worker`, an order on standard input, progress and end on standard
output.

Started by `audio.working_narrator`; nobody imports it but that room and tests. Whatever an engine does to its process
(memory, crashes, minutes), the server's pages do not feel it.
"""

import ctypes
import logging
import signal
import sys
from pathlib import Path

import msgspec

from audio.voice import Provenance, VoiceError, VoiceFault
from audio.voices.roster import VoiceSettings, narrator

_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG of <sys/prctl.h>


class Order(msgspec.Struct, frozen=True):
    """What is to be spoken, by whom, into which file."""

    words: str
    language: str
    into: str
    settings: VoiceSettings


class Told(msgspec.Struct, omit_defaults=True):
    """One line of what the worker tells: how far it is, or how it ended."""

    done: int = 0
    total: int = 0
    provenance: Provenance | None = None
    fault: VoiceFault | None = None
    words: str = ""


def tell(told: Told) -> None:
    """One line."""
    sys.stdout.buffer.write(msgspec.json.encode(told) + b"\n")
    sys.stdout.buffer.flush()


def main() -> int:
    """Speak; the exit status is 0 where it told how it ended."""
    ctypes.CDLL(None).prctl(_DEATH_SIGNAL, signal.SIGKILL)
    logging.basicConfig(level=logging.WARNING, format="%(name)s %(message)s")
    order = msgspec.json.decode(sys.stdin.buffer.read(), type=Order)
    try:
        provenance = narrator(order.settings).narrate(
            order.words, order.language, Path(order.into), lambda done, total: tell(Told(done, total))
        )
    except VoiceError as error:
        tell(Told(fault=error.fault, words=str(error)))
    else:
        tell(Told(provenance=provenance))
    return 0


if __name__ == "__main__":
    sys.exit(main())

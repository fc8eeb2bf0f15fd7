"""Retrying: an emergency that failed is tried again while it is of use. Pure.

Imported by `plays`, which holds what waits for its next try, and by `playout`. The rules:
1. After a try that failed comes a pause, longer each time; in it, others may sound. After so many in vain, only rule 2
   brings another one.
2. When what was lacking has come (the sound card is well, the clip is whole, the alert has been said again), there is
   no pause, and the count begins anew.
3. Each try begins with the first word. The one that is whole is the play; with none, the last one says why.
"""

from collections.abc import Container, Mapping

import msgspec

from schedules.clock import MINUTE, SECOND, DurationMs, MonoMs

FIRST_PAUSE: DurationMs = 5 * SECOND
LONGEST_PAUSE: DurationMs = 5 * MINUTE
MOST_TRIES = 30
"""So many take about two hours: as long as an emergency is usually of use."""
_NEVER: MonoMs = 2**62


class Retry(msgspec.Struct, frozen=True):
    """`tries` have failed; the next one is not before `again_at`."""

    tries: int
    again_at: MonoMs


Retries = Mapping[str, Retry]
"""By occurrence."""


def failed(retries: Retries, occurrence: str, mono: MonoMs) -> dict[str, Retry]:
    """One more try of this has failed."""
    tries = retries[occurrence].tries + 1 if occurrence in retries else 1
    pause = min(FIRST_PAUSE << min(tries - 1, 10), LONGEST_PAUSE)
    return {**retries, occurrence: Retry(tries, mono + pause if tries < MOST_TRIES else _NEVER)}


def hopeful(retries: Retries, names: Container[str], mono: MonoMs) -> dict[str, Retry]:
    """What these lacked has come."""
    return {name: Retry(0, mono) if name in names else retry for name, retry in retries.items()}


def pauses(retries: Retries, occurrence: str, mono: MonoMs) -> bool:
    """Whether its next try must still wait."""
    return occurrence in retries and mono < retries[occurrence].again_at


def next_try(retries: Retries, mono: MonoMs) -> MonoMs | None:
    """When the first of the pauses ends that have not ended yet."""
    return min((r.again_at for r in retries.values() if mono < r.again_at < _NEVER), default=None)

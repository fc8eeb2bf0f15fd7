"""Neighbours: what the other loudspeakers of a commune tell of why one is silent, or has no electricity. Pure.

Imported by the cause chain, the use cases and tests.
"""

from collections.abc import Iterable
from typing import NamedTuple

import msgspec

from schedules.clock import DAY, HOUR, MINUTE, DurationMs, UtcMs

TOGETHER: DurationMs = 2 * HOUR
"""Neighbours of a commune that were lost within this time of each other were lost to one cause."""
AT_ONCE: DurationMs = 40 * MINUTE
"""The same of the two or three of a hamlet, where one alone must tell: a status and a last will apart."""
FEWEST, MOST = 2, 0.6
FEW = 0.34
"""So few of the others may be lost with those of one network by chance."""

_NO_NAMES = frozenset({"sim", "mạng", "nhà", "số", "thuê", "bao", "di", "động"})


class Neighbour(msgspec.Struct, frozen=True):
    """Another loudspeaker of the commune that has been heard from. `lost_at`: when it was last heard, None while it is
    in contact; `near`: of the same hamlet; `operator`: of its SIM, empty where nobody has entered it; `mains`: what it
    last said of it, None where it cannot measure that; `feeds_itself`: it has a battery and no mains, as behind a
    panel."""

    lost_at: UtcMs | None = None
    near: bool = False
    operator: str = ""
    mains: bool | None = None
    feeds_itself: bool = False


class Share(NamedTuple):
    """How many of how many."""

    those: int
    total: int

    def is_most(self, fewest: int = FEWEST) -> bool:
        """Whether it is most of them, and enough to tell something."""
        return self.those >= fewest and self.those >= MOST * self.total


def lost_with(neighbours: Iterable[Neighbour], at: UtcMs, within: DurationMs = TOGETHER) -> Share:
    """How many were lost at about the same time. Who had been lost long before is asked no more."""
    count = total = 0
    for each in neighbours:
        if each.lost_at is None or each.lost_at > at + within:
            total += 1
        elif each.lost_at >= at - within:
            count, total = count + 1, total + 1
    return Share(count, total)


def without_power(neighbours: Iterable[Neighbour], at: UtcMs, *, certain: bool) -> Share:
    """How many have no electricity, of those that it can be known of: who says so, or was lost of late without being
    able to say so, where this one is `certain` of its own. Who is in contact without a battery has electricity; who
    feeds itself tells nothing."""
    count = total = 0
    for each in neighbours:
        lately = each.lost_at is None or abs(each.lost_at - at) <= DAY
        if each.feeds_itself or not lately:
            continue
        lost_mute = certain and each.mains is None and each.lost_at is not None
        if each.mains is False or lost_mute:
            count, total = count + 1, total + 1
        elif each.lost_at is None:
            total += 1
    return Share(count, total)


def network_down(neighbours: Iterable[Neighbour], operator: str, at: UtcMs) -> Share | None:
    """How many on the same mobile network were lost together; None unless that was most of them, in more places than
    this hamlet, while most of those on other networks stayed."""
    every = tuple(neighbours)
    same = tuple(each for each in every if operator and each.operator == operator)
    others = lost_with((each for each in every if each.operator not in ("", operator)), at)
    lost = lost_with(same, at)
    if not lost.is_most() or not others.total or others.those > FEW * others.total:
        return None
    far = lost_with((each for each in same if not each.near), at)
    return lost if far.those else None


def near(neighbours: Iterable[Neighbour]) -> tuple[Neighbour, ...]:
    """Those of the same hamlet."""
    return tuple(each for each in neighbours if each.near)


def operator_of(sim: str) -> str:
    """The mobile network, of what people have written down about a SIM: “Viettel 0912 345 678” is “viettel”."""
    words = (word.strip(".,:;()/-") for word in sim.casefold().split())
    return next((word for word in words if word.isalpha() and word not in _NO_NAMES), "")

"""Yielding: by which rule one of two slots goes before the other. Pure.

Imported by the use cases, the web and tests. The order itself is the rundown's; here it only gets a name.
"""

import enum

from schedules.programme import RANK, BroadcastClass, Slot


class Precedence(enum.Enum):
    """Why the one goes first."""

    by_class = "by_class"
    by_authority = "by_authority"
    placed = "placed"  # the commune has put what comes from above before or behind its own
    own_first = "own_first"  # the commune orders its own priority items before those from above
    by_start = "by_start"
    together = "together"  # nothing tells them apart: one follows the other


def rule_between(first: Slot, second: Slot, *, own_priority_first: bool) -> Precedence:
    """By which rule one of them goes first."""
    if RANK[first.broadcast_class] != RANK[second.broadcast_class]:
        return Precedence.by_class
    priority = first.broadcast_class is BroadcastClass.priority
    if priority and first.turn is not second.turn:
        return Precedence.placed
    if first.authority != second.authority:
        own = own_priority_first and priority
        return Precedence.own_first if own else Precedence.by_authority
    return Precedence.by_start if first.start != second.start else Precedence.together

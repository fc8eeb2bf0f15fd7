"""Relinking: when a loudspeaker that has lost its link tries again. Pure.

Imported by the link and tests. The rules:
1. Pauses grow, whether a try failed or succeeded: a broker that lets everybody in and throws everybody out must not
   be stormed either. They begin anew only after a link that has held for a stable minute.
   But a link that held for a while is worth as much: no pause after it is longer than it was, so that whoever has
   one that breaks every half minute is linked for two thirds of the time, and thousands come back no faster than
   they left.
2. A pause is drawn from the whole of its span: after an outage of a province, thousands come back one by one.
3. Who had a link, and whose broker ended it, is not alone: the broker has stopped, and thousands had theirs until this
   moment. They come back over a longer span, also when their first try is in vain. Whose own link broke mostly notices
   by its silence, each at another time, and comes back soon.
4. Who is thrown out because another came with the same name has a double: neither may fight for the link.
"""

import msgspec

from schedules.clock import MINUTE, SECOND, DurationMs, MonoMs

FIRST: DurationMs = 2 * SECOND
CROWD: DurationMs = 12 * SECOND
"""Over so long a span thousands come back to a broker that has started again: an emergency meanwhile comes six seconds
later on average, and the broker, which takes a thousand or two in a second, is not thrown down by them again."""
LONGEST: DurationMs = 4 * MINUTE
STABLE: DurationMs = 1 * MINUTE
WORTH: DurationMs = 5 * SECOND
"""A link that held so long was one."""
TAKEN_OVER: DurationMs = 1 * MINUTE
"""The shortest pause after another came with the same name."""


class Relinking(msgspec.Struct, frozen=True):
    """`tries` since the last link that was stable; `linked_at`: since when there is a link, None without one;
    `taken_over`: how often another came with the same name; `crowded`: the broker has ended
    the last link that was one, for all."""

    tries: int = 0
    linked_at: MonoMs | None = None
    taken_over: int = 0
    crowded: bool = False


def linked(relinking: Relinking, now: MonoMs) -> Relinking:
    """The broker has let this loudspeaker in."""
    return msgspec.structs.replace(relinking, linked_at=now)


def unlinked(
    relinking: Relinking, now: MonoMs, luck: float, *, taken_over: bool = False, by_broker: bool = False
) -> tuple[Relinking, DurationMs]:
    """The link is gone (`by_broker`: the other side ended it), or a try has failed: how long to wait before the next
    one. `luck` is in [0, 1)."""
    held = now - relinking.linked_at if relinking.linked_at is not None else 0
    tries = 0 if held >= STABLE else relinking.tries
    crowded = by_broker if held >= WORTH else relinking.crowded
    span = max(FIRST << min(tries, 10), CROWD if crowded else 0)
    span = min(span, LONGEST, held if held >= WORTH else LONGEST)
    least = TAKEN_OVER if taken_over else 0
    fresh = Relinking(tries + 1, None, relinking.taken_over + taken_over, crowded)
    return fresh, least + round(span * luck)

"""Alerting: how often, and with its sound or without, what is urgent in an area is said. Pure.

Imported by `delivery`. An alert is said until all who should have heard it have said so, and then no more, however
often the broker comes and goes: its sound is a quarter of a megabyte of each SIM.
"""

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet

import msgspec

from schedules.clock import MINUTE, SECOND, DurationMs, MonoMs

SAY_AGAIN: DurationMs = 2 * SECOND
SAY_AGAIN_LATEST: DurationMs = 1 * MINUTE
"""An alert is said again after two seconds, four, eight …, then every minute."""
RECALL_FOR: DurationMs = 10 * MINUTE
"""So long is it said again that an alert is over; the programme says it for ever."""
SOUND_AGAIN: DurationMs = 1 * MINUTE
"""So long may an alert with its sound be on its way over a thin link on which others hear it too."""
LARGE_PART = 4
"""With its sound again only if at least one of so many who can be reached has not heard: a few ask for its blocks."""


class Urgent(msgspec.Struct, frozen=True):
    """What cannot wait in an area: the emergencies (occurrences) of this revision of its programme, how many bytes of
    their clips the alert holds, the loudspeakers that should hear it, and how long each of the `clips` sounds, in
    order."""

    revision: int
    occurrences: tuple[str, ...]
    inside: dict[str, int]
    devices: frozenset[str]
    clips: dict[str, DurationMs] = {}


class PublishAlert(msgspec.Struct, frozen=True, tag=True):
    """Publish what is urgent in an area, with its sound or without, and which of the `named` occurrences are so no
    more."""

    area: str
    named: tuple[str, ...]
    with_sound: bool


class Alerting(msgspec.Struct, frozen=True):
    """An area's alert as it was last said: the occurrences of `revision`; `named`: all that it ever had; `acked`: who
    holds it; `tries`: none yet means with its sound; `again_at`: when to say it again; `sounded_at`: when it was last
    said with its sound; `until`: None while it stands, else when to stop recalling it."""

    revision: int
    occurrences: tuple[str, ...]
    named: tuple[str, ...]
    devices: frozenset[str]
    acked: frozenset[str] = frozenset()
    tries: int = 0
    again_at: MonoMs = 0
    sounded_at: MonoMs = 0
    until: MonoMs | None = None

    @property
    def is_heard(self) -> bool:
        """Whether all who should have heard it have said so."""
        return self.devices <= self.acked


ByArea = dict[str, Alerting]


def said(alerting: ByArea, urgent: Mapping[str, Urgent], now: MonoMs) -> tuple[ByArea, list[PublishAlert]]:
    """What is urgent is said at once, and again to whoever has not heard; so is the end of it."""
    if not urgent and not alerting:
        return alerting, []
    actions: list[PublishAlert] = []
    after = {area: _ending(last, now) for area, last in alerting.items() if area not in urgent}
    after |= {area: _standing(alerting.get(area), wish) for area, wish in urgent.items()}
    for area, last in after.items():
        if last.is_heard or now < last.again_at:
            continue
        with_sound = last.tries == 0
        actions.append(PublishAlert(area, last.named, with_sound))
        pause = min(SAY_AGAIN << min(last.tries, 10), SAY_AGAIN_LATEST)
        sounded_at = now if with_sound else last.sounded_at
        after[area] = msgspec.structs.replace(last, tries=last.tries + 1, again_at=now + pause, sounded_at=sounded_at)
    return {area: last for area, last in after.items() if last.until is None or now < last.until}, actions


def heard(alerting: ByArea, device: str, area: str, revision: int) -> ByArea:
    """A loudspeaker holds this revision of an area's alert, or a later word."""
    last = alerting.get(area)
    if last is None or revision < last.revision or device not in last.devices - last.acked:
        return alerting
    return {**alerting, area: msgspec.structs.replace(last, acked=last.acked | {device})}


def linked_again(alerting: ByArea, there: AbstractSet[str], now: MonoMs) -> ByArea:
    """What was said last may be lost, but who has acknowledged it holds it. `there`: who can be reached."""
    return {area: _again(last, there, now) for area, last in alerting.items()}


def resealed(alerting: ByArea) -> ByArea:
    """Another key signs: everybody is to hold it under that key. Its sound has come already, and needs no signature."""
    return {area: msgspec.structs.replace(last, acked=frozenset(), tries=1, again_at=0) if last.tries else last
            for area, last in alerting.items()}  # fmt: skip


def unsaid(alerting: ByArea, action: PublishAlert) -> ByArea:
    """It could not be published: that was no try."""
    last = alerting.get(action.area)
    if last is None:
        return alerting
    tries = 0 if action.with_sound else max(last.tries - 1, 1)
    return {**alerting, action.area: msgspec.structs.replace(last, tries=tries, again_at=0)}


def times(alerting: ByArea) -> Iterable[MonoMs]:
    """When to look at them again."""
    yield from (last.again_at for last in alerting.values() if not last.is_heard)
    yield from (last.until for last in alerting.values() if last.until is not None)


def _again(last: Alerting, there: AbstractSet[str], now: MonoMs) -> Alerting:
    """Nobody has heard it: then it was lost as a whole. Some have: then it may still be on its way to the others."""
    waiting = (last.devices - last.acked) & there
    is_due = now >= last.sounded_at + SOUND_AGAIN or not last.acked
    many = len(waiting) * LARGE_PART >= len(last.devices & there)
    with_sound = last.tries == 0 or (bool(waiting) and many and is_due)
    return msgspec.structs.replace(last, tries=0 if with_sound else 1, again_at=0)


def _standing(last: Alerting | None, wish: Urgent) -> Alerting:
    """An alert that has changed is said from the beginning; one that stands goes on as it was."""
    if last is not None and last.occurrences == wish.occurrences and last.until is None:
        return last if last.devices == wish.devices else msgspec.structs.replace(last, devices=wish.devices)
    named = tuple(dict.fromkeys([*(last.named if last else ()), *wish.occurrences]))
    return Alerting(wish.revision, wish.occurrences, named, wish.devices)


def _ending(last: Alerting, now: MonoMs) -> Alerting:
    """Nothing is urgent any more: that is said as well."""
    if last.until is not None:
        return last
    # Who answers the recall holds a later revision than this, whatever its number is.
    return Alerting(last.revision + 1, (), last.named, last.devices, until=now + RECALL_FOR)

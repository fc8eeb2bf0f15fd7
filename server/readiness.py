"""Readiness: whether a loudspeaker is ready for an occurrence, what it lacks, and until when the rest may still come.
Pure.

Imported by the use cases, the web and tests. The rules of time are those that the loudspeakers follow: the merge of
the rundown, and their patience.
"""

import enum
from collections.abc import Collection, Iterable, Mapping

import msgspec

from audio.clip import Clip
from schedules.assembly import own_clips
from schedules.assignment import Allowance, Assignment
from schedules.clock import (
    DAY,
    HOUR,
    MINUTE,
    SECOND,
    DurationMs,
    UtcMs,
    civil_day,
    civil_midnight,
    may_start_by_clock,
)
from schedules.playback import Reason
from schedules.programme import HORIZON, BroadcastClass, Programme, Slot, patience_ends
from schedules.rundown import Entry, aired_of, merge, slots_between
from schedules.wire import STATUS_EVERY, Status

NEAR: DurationMs = 4 * HOUR
"""Slots further apart than this never meet: none is worth starting for longer than two hours, and no rest is longer."""

SILENT_FOR: DurationMs = 2 * STATUS_EVERY + 5 * MINUTE
"""Two statuses in a row may be lost or late on a bad link; a third is not."""
WEAK_LINK = 8_000
"""Bytes a second: what was measured of 128 kbit/s with every tenth packet lost and a cut every half minute."""
COMMITTED: DurationMs = 5 * SECOND
"""A loudspeaker hands a sound to its card some seconds ahead: what begins so soon gives way no more."""


class Lack(enum.Enum):
    """What keeps a loudspeaker from being ready, in the order in which it is told."""

    no_link = "no_link"
    sound_card = "sound_card"
    clock = "clock"
    programme = "programme"
    memory_card = "memory_card"
    data_spent = "data_spent"
    card_full = "card_full"
    sound = "sound"
    never_heard = "never_heard"


class Heard(msgspec.Struct, frozen=True):
    """What a loudspeaker last said of itself, and when that came; `doubled_at`: when a second box was heard by
    its name, if ever; `restarts`: when each of its last runs began that was not its first, newest first."""

    status: Status
    received_at: UtcMs
    doubled_at: UtcMs | None = None
    restarts: tuple[UtcMs, ...] = ()


def as_of(heard: Heard, now: UtcMs) -> Heard:
    """The same as it is to be taken now: who has said nothing for too long is out of contact, whatever the last word
    was. A last will is lost where the broker goes down with the loudspeaker."""
    if now - heard.received_at <= SILENT_FOR:
        return heard
    return msgspec.structs.replace(heard, status=msgspec.structs.replace(heard.status, online=False, sounding=""))


class Standing(msgspec.Struct, frozen=True):
    """How one loudspeaker stands for one occurrence. `lacks` is empty for one that is ready; `linked`: whether it is in
    contact now: one that holds everything plays without. `sounding`: it says that it is at it. `missing`: the languages
    whose sound it lacks, of so many `parts`; `missing_bytes`: what of it is still to come, at worst."""

    lacks: tuple[Lack, ...] = ()
    linked: bool = True
    sounding: bool = False
    missing: tuple[str, ...] = ()
    parts: int = 0
    missing_bytes: int = 0

    @property
    def takes(self) -> DurationMs:
        """How long a weak link takes for what is missing."""
        return self.missing_bytes * SECOND // WEAK_LINK

    @property
    def parts_there(self) -> int:
        """Parts that have arrived."""
        return self.parts - len(self.missing)


class Deadline(msgspec.Struct, frozen=True):
    """Until when what is missing may still come: to sound in `all` languages, and to sound at all (`any`). None: it is
    too late already, or it would not sound anyway."""

    all: UtcMs | None
    any: UtcMs | None


def standing(
    slot: Slot, assignment: Assignment | None, heard: Heard | None, since: Mapping[str, int], now: UtcMs
) -> Standing:
    """`since`: by area whose programme names the slot, the oldest revision that does so as it stands now."""
    if heard is None or assignment is None:
        return Standing((Lack.never_heard,), linked=False)
    status, ours = heard.status, own_clips(slot, assignment.languages)
    if status.sounding == slot.occurrence:
        # An alert sounds as soon as its first bytes are there; the rest comes while it does.
        return Standing((), status.online, sounding=True, parts=len(ours))
    knows = bool(since) and all(status.programmes.get(area, 0) >= revision for area, revision in since.items())
    missing = [clip for clip in ours if clip.sha256 in status.clips_missing] if knows else []
    # After so long without a word, the programme that it holds has come to its end.
    forgotten = not status.online and heard.received_at + HORIZON < slot.start
    lacks: list[Lack] = []
    if status.sound_card:
        lacks.append(Lack.sound_card)
    if slot.broadcast_class is not BroadcastClass.emergency and not may_start_by_clock(status.trust):
        lacks.append(Lack.clock)
    if not knows:
        lacks.append(Lack.programme)
    if status.memory_card and (missing or not knows):
        lacks.append(Lack.memory_card)  # what it holds it can still play; what it lacks it cannot keep
    if missing:
        lacks += [*_held_back(slot, assignment.allowance, status, missing, now), Lack.sound]
    if not status.online and (lacks or forgotten):
        lacks.insert(0, Lack.no_link)
    languages = tuple(dict.fromkeys(clip.language for clip in missing))
    size = sum(clip.size for clip in (missing if knows else ours))
    return Standing(tuple(lacks), status.online, missing=languages, parts=len(ours), missing_bytes=size)


def kind_of(assignment: Assignment, programmes: Collection[str]) -> tuple[object, ...]:
    """Loudspeakers of one kind get the same programmes and follow the same rules: they do the same, and a province has
    thousands of them. `programmes`: the areas that have one."""
    a = assignment
    return (
        *(area for area in a.area_path if area in programmes),
        a.languages,
        a.quiet_hours,
        a.pause_ms,
        a.own_priority_first,
        a.guards,
        a.signals,
        a.suspensions,
    )


def first_near(start: UtcMs, assignment: Assignment) -> UtcMs:
    """Since when others can keep from sounding what begins then: they clash with it, or fill its day."""
    return min(start - NEAR, civil_midnight(start)) if assignment.guards.daily_ms else start - NEAR


def last_near(start: UtcMs, assignment: Assignment) -> UtcMs:
    """Until when they can."""
    return max(start + NEAR, civil_midnight(start) + DAY) if assignment.guards.daily_ms else start + NEAR


def spent(allowance: Allowance | None, today: int, month: int) -> bool:
    """Whether a loudspeaker that has fetched so many bytes today and this month may fetch no more."""
    if allowance is None:
        return False
    by_day = allowance.daily_bytes and today >= allowance.daily_bytes
    return bool(by_day or (allowance.monthly_bytes and month >= allowance.monthly_bytes))


def used(status: Status, now: UtcMs) -> tuple[int, int]:
    """What a loudspeaker has fetched today and this month, as far as it has told: a new day and a new month begin at
    zero."""
    said, today = civil_day(status.at), civil_day(now)
    month = status.data_month if (said.year, said.month) == (today.year, today.month) else 0
    return (status.data_today if said == today else 0), month


def _held_back(
    slot: Slot, allowance: Allowance | None, status: Status, missing: Iterable[Clip], now: UtcMs
) -> tuple[Lack, ...]:
    """Why what is missing is not even on its way, if that is so. What a loudspeaker holds back is what it needs last;
    it names what it misses first needed first."""
    if slot.broadcast_class is BroadcastClass.emergency or not status.held_back:
        return ()
    on_its_way = status.clips_missing[: max(len(status.clips_missing) - status.held_back, 0)]
    if all(clip.sha256 in on_its_way for clip in missing):
        return ()
    return (Lack.data_spent if spent(allowance, *used(status, now)) else Lack.card_full,)


def deadline(slot: Slot, assignment: Assignment, programmes: Iterable[Programme], now: UtcMs) -> Deadline:
    """Until when the sound of a slot may reach a loudspeaker, by its programmes, so that it still sounds."""
    since = first_near(slot.start, assignment)
    others = [s for s in slots_between(programmes, since, slot.useful_until + NEAR) if s.occurrence != slot.occurrence]
    plan = merge(others, assignment, since)
    latest = _latest(slot, assignment, plan, max(slot.start, now))
    several = len(own_clips(slot, assignment.languages)) > 1
    whole = min(latest, patience_ends(slot)) if latest is not None and several else latest
    return Deadline(whole if whole is not None and whole >= now else None, latest)


def _latest(slot: Slot, assignment: Assignment, plan: tuple[Entry, ...], first: UtcMs) -> UtcMs | None:
    """The latest second at which a slot may become ready and still sound. It only ever gets harder with time."""
    if not _sounds(slot, assignment, plan, first):
        return None
    low, high = 0, max(slot.useful_until - first, 0) // SECOND
    while low < high:
        middle = (low + high + 1) // 2
        if _sounds(slot, assignment, plan, first + middle * SECOND):
            low = middle
        else:
            high = middle - 1
    return first + low * SECOND


def _sounds(slot: Slot, assignment: Assignment, plan: tuple[Entry, ...], at: UtcMs) -> bool:
    """Whether a slot that becomes ready at this instant sounds, beside all that is planned without it."""
    soon = at + COMMITTED
    sounding = next((entry for entry in plan if entry.plays and entry.start <= soon and at < entry.end), None)
    ahead = [entry.slot for entry in plan if entry.plays and entry.start > soon]
    emergency = BroadcastClass.emergency
    over = [e for e in plan if e.plays and e.end <= at and e.slot.broadcast_class is not emergency]
    entries = merge([slot, *ahead], assignment, at, sounding, [aired_of(entry) for entry in over])
    return any(entry.plays and entry.slot.occurrence == slot.occurrence for entry in entries)


def silenced(slot: Slot, assignment: Assignment, programmes: Iterable[Programme]) -> Reason:
    """Why the plan itself keeps a slot silent at a loudspeaker; `Reason.none` where it sounds."""
    since, until = first_near(slot.start, assignment), last_near(slot.start, assignment)
    entries = merge(slots_between(programmes, since, until), assignment, since)
    return next((e.reason for e in entries if e.slot.occurrence == slot.occurrence and not e.plays), Reason.none)

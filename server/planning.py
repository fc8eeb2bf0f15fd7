"""From approved broadcasts to programmes, from areas to assignments. Pure.

Imported by the use cases and `tests/village`.
"""

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

import msgspec

from audio.clip import Clip
from schedules.alert import bytes_inside, urgent_slots
from schedules.assignment import Assignment, Signals
from schedules.clock import DAY, SECOND, DurationMs, UtcMs, civil_midnight
from schedules.programme import HORIZON, USEFUL_FOR, BroadcastClass, Programme, Slot, Turn, occurrence_name
from schedules.recurrence import Recurrence, occurrences
from schedules.staging import SOON
from schedules.suspension import still
from schedules.trial import KEPT, Trial
from server.alerting import Urgent
from server.area import Effective
from server.delivery import DesiredChanged

NOW_LEAD: DurationMs = 15 * SECOND
"""From the approval of a "now" to its start: long enough for its sound to reach most loudspeakers."""
NOW_USEFUL: DurationMs = 120 * 60 * SECOND
VALID: DurationMs = HORIZON + 2 * DAY
NO_SIGNALS = Signals()
NOTHING_PINNED: Mapping[Clip, str] = MappingProxyType({})


class Terms(msgspec.Struct, frozen=True):
    """On what terms a place takes what comes from above: what begins from `not_before` to `not_after` (None: to its
    end), and where it has put it among its priority items."""

    not_before: UtcMs = 0
    not_after: UtcMs | None = None
    turn: Turn = Turn.as_ruled


ANY_TERMS = Terms()


class Approved(msgspec.Struct, frozen=True):
    """A broadcast whose approval stands. `authority`: depth of its issuing area; `not_before`: when it was
    approved; `useful_for`: how long after its planned start it may still begin; `seal`: of its approval; `not_after`:
    when a newer version took its place: what had begun by then is not cut; `opening`, `closing`: its own, in place of
    the chimes; `terms`: of those targets that take it on terms of their own."""

    id: str
    bulletin: str
    title: str
    broadcast_class: BroadcastClass
    authority: int
    targets: tuple[str, ...]
    recurrence: Recurrence
    clips: tuple[Clip, ...]
    not_before: UtcMs
    useful_for: DurationMs
    seal: str
    not_after: UtcMs | None = None
    exercise: bool = False
    opening: tuple[Clip, ...] = ()
    closing: tuple[Clip, ...] = ()
    terms: dict[str, Terms] = {}


def useful_for(broadcast_class: BroadcastClass, *, now_mode: bool) -> DurationMs:
    """How long after its planned start a broadcast is worth starting."""
    return NOW_USEFUL if now_mode else USEFUL_FOR[broadcast_class]


def window(now: UtcMs) -> tuple[UtcMs, UtcMs]:
    """What a programme issued now covers: yesterday, so that nothing just past looks withdrawn, to the end of the
    last day of the horizon. It moves once a day, and so does a programme in which nothing else changes."""
    midnight = civil_midnight(now)
    return midnight - DAY, midnight + HORIZON + DAY


def slots_by_area(broadcasts: Iterable[Approved], now: UtcMs) -> dict[str, tuple[Slot, ...]]:
    """The slots of each targeted area, in order of start."""
    return slots_within(broadcasts, *window(now))


def slots_within(broadcasts: Iterable[Approved], since: UtcMs, until: UtcMs) -> dict[str, tuple[Slot, ...]]:
    """The slots of each targeted area with a start in [since, until), in order of start."""
    found: dict[str, list[Slot]] = {}
    for broadcast in broadcasts:
        last = until if broadcast.not_after is None else min(until, broadcast.not_after + 1)
        first, cut = max(since, broadcast.not_before), dict[Terms, list[Slot]]()
        for area in broadcast.targets:
            terms = broadcast.terms.get(area, ANY_TERMS)
            if terms not in cut:
                cut[terms] = _slots(broadcast, terms, first, last)
            found.setdefault(area, []).extend(cut[terms])
    return {area: tuple(sorted(slots, key=lambda s: (s.start, s.occurrence))) for area, slots in found.items()}


def compose_programme(
    area: str,
    slots: tuple[Slot, ...],
    previous: Programme | None,
    now: UtcMs,
    pinned: Mapping[Clip, str] = NOTHING_PINNED,
) -> Programme | None:
    """The next programme of an area; None while the one before still says the same. `pinned`: the clips to be kept,
    each with the seal of its approval."""
    since, _ = window(now)
    clips, seals = tuple(pinned), {clip.sha256: seal for clip, seal in pinned.items()}
    says = (slots, since, clips, seals)
    if previous is not None and (previous.slots, previous.since, previous.pinned, previous.pinned_by) == says:
        return None
    if previous is None and not slots and not pinned:
        return None
    revision = _next(previous.revision if previous else 0, now)
    return Programme(area, revision, now, now + VALID, slots, since, clips, seals)


def named_since(programme: Programme, before: Programme | None, known: Mapping[str, int]) -> dict[str, int]:
    """Since which revision each slot stands in the programme as it stands now. `known`: the same of the programme
    before. A loudspeaker that has been away since yesterday holds an older revision, and may know all it must."""
    older = {slot.occurrence: slot for slot in before.slots} if before else {}
    return {
        slot.occurrence: known.get(slot.occurrence, before.revision)
        if before is not None and older.get(slot.occurrence) == slot
        else programme.revision
        for slot in programme.slots
    }


def compose_assignment(
    device: str,
    area_path: tuple[str, ...],
    languages: tuple[str, ...],
    settings: Effective,
    previous: Assignment | None,
    now: UtcMs,
    signals: Signals = NO_SIGNALS,
    trial: Trial | None = None,
) -> Assignment | None:
    """The next assignment of a loudspeaker; None while the one before still says the same and is not about to
    expire. `signals`: what it puts around the words, by these settings; `trial`: the tone that was ordered last."""
    before = previous.trial if previous is not None else None
    if trial is None and before is not None and now < before.until + KEPT:
        trial = before
    fresh = Assignment(
        device=device,
        revision=_next(previous.revision if previous else 0, now),
        issued_at=now,
        expires_at=now + 26 * VALID,
        area_path=area_path,
        languages=languages,
        quiet_hours=settings.quiet_hours,
        volume=settings.volume,
        lead_in_ms=settings.lead_in_ms,
        pause_ms=settings.pause_ms,
        own_priority_first=settings.own_priority_first,
        allowance=settings.allowance,
        guards=settings.guards,
        signals=signals,
        suspensions=still(settings.suspensions, now),
        trial=trial,
    )
    if previous is None:
        return fresh
    same = msgspec.structs.replace(
        fresh, revision=previous.revision, issued_at=previous.issued_at, expires_at=previous.expires_at
    )
    return None if same == previous and previous.expires_at - now > VALID else fresh


def _next(previous: int, now: UtcMs) -> int:
    """Revisions grow, even after a backup was restored and the numbers since are forgotten: they are at least the
    seconds of the clock."""
    return max(previous + 1, now // SECOND)


def _slots(broadcast: Approved, terms: Terms, since: UtcMs, until: UtcMs) -> list[Slot]:
    since = max(since, terms.not_before)
    until = until if terms.not_after is None else min(until, terms.not_after + 1)
    return [
        Slot(
            occurrence=occurrence_name(broadcast.id, start),
            broadcast=broadcast.id,
            bulletin=broadcast.bulletin,
            title=broadcast.title,
            broadcast_class=broadcast.broadcast_class,
            authority=broadcast.authority,
            start=start,
            useful_until=start + broadcast.useful_for,
            clips=broadcast.clips,
            seal=broadcast.seal,
            opening=broadcast.opening,
            exercise=broadcast.exercise,
            closing=broadcast.closing,
            turn=terms.turn,
        )
        for start in occurrences(broadcast.recurrence, since, until)
    ]


def wanted(
    programmes: Mapping[str, Programme],
    assignments: dict[str, int],
    paths: Mapping[str, str],
    now: UtcMs,
    chimes: Sequence[Clip] = (),
) -> DesiredChanged:
    """What should stand at the broker now, with these assignments (revisions by device) of loudspeakers that stand
    at these paths. Of clips, those of emergencies that cannot wait come first, then what is needed
    soon, then the `chimes`, then the stored emergencies, then all else."""
    urgent = {area: slots for area, p in programmes.items() if (slots := urgent_slots(p, now))}
    ahead = sorted((s for p in programmes.values() for s in p.slots if s.useful_until >= now), key=lambda s: s.start)
    first = [clip for found in urgent.values() for slot in found for clip in slot.clips]
    soon = [*(clip for slot in ahead if slot.start < now + SOON for clip in slot.sounds), *chimes]
    pinned = [clip for p in programmes.values() for clip in p.pinned]
    every = (*first, *soon, *pinned, *(clip for slot in ahead for clip in slot.sounds))
    return DesiredChanged(
        programmes={area: p.revision for area, p in programmes.items()},
        assignments=assignments,
        clips={clip.sha256: clip.size for clip in every},
        alerts={area: _urgent(programmes[area].revision, area, found, paths) for area, found in urgent.items()},
        later=frozenset(clip.sha256 for clip in every) - {clip.sha256 for clip in (*first, *soon)},
    )


def _urgent(revision: int, area: str, slots: Sequence[Slot], paths: Mapping[str, str]) -> Urgent:
    return Urgent(
        revision,
        tuple(slot.occurrence for slot in slots),
        bytes_inside(clip for slot in slots for clip in slot.clips),
        frozenset(device for device, path in paths.items() if f"/{area}/" in path),
        {clip.sha256: clip.duration_ms for slot in slots for clip in slot.clips},
    )

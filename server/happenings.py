"""What happens on the air, written down for other systems: from the audit, from the log, from alarms. Use cases.

Imported by the messenger, the use cases of notices and concerns, the courier, the API and tests. All of it is written
by the messenger's one thread, in the transaction that says how far it has come; what it is made of was written in the
transaction of the act itself. So a server that is killed in between tells afterwards, once.
"""

from collections.abc import Callable, Iterable, Mapping

import msgspec

from schedules.clock import DAY, DurationMs, UtcMs
from schedules.playback import Outcome
from schedules.programme import BroadcastClass, start_of
from server.access import Act, Person, scope
from server.area import COMMUNE, Area
from server.audit import AuditLine
from server.bulletin import Broadcast, Bulletin, ends_at
from server.concern import Change, Concern, ConcernKind, Ended, Raised
from server.happening import (
    MOST_NAMED,
    UNREPORTED,
    About,
    EndedBy,
    Happening,
    HappeningKind,
    Spot,
    failed,
    is_failure,
    next_look,
    sounded,
    summed,
    within,
)
from server.oversight import visible_area
from server.repositories.happenings import Watched
from server.repositories.store import Store

AT_ONCE = 20
"""Occurrences that are looked at in one round, a transaction each."""
KEPT_FOR: DurationMs = 90 * DAY
"""So long may a subscriber that was away ask for what it has missed."""
_EVERY = frozenset(HappeningKind)
_FAILURES = tuple(outcome.value for outcome in Outcome if is_failure(outcome.value))
_APPROVED, _ISSUED = HappeningKind.approved, HappeningKind.emergency_issued
_WITHDRAWN, _ENDED = HappeningKind.withdrawn, HappeningKind.emergency_ended


def from_lines(store: Store, lines: Iterable[AuditLine]) -> None:
    """Write down what these acts mean to other systems; most mean nothing."""
    for line in lines:
        if line.act == "correct":
            _corrected(store, line)
        elif (read := _READS.get(line.act)) is not None:
            found = _found(store, line.subject)
            for kind, note in read(line, *found) if found is not None else ():
                key = f"{kind.value} {line.number}"
                by, about = store.staff.names().get(line.staff, ""), _about(store, *found) if found else None
                store.happenings.add(Happening(key, kind, line.at, about, by=by, note=note))


def from_occurrence(store: Store, occurrence: str, now: UtcMs) -> bool:
    """Look at an occurrence of which something was reported, or whose time is over: tell what became of it once all
    have reported or are overdue, and again when that has changed. Whether something was told."""
    watched = store.happenings.take_up(occurrence, now)
    if watched is None:
        return False
    counts = store.happenings.counts(occurrence)
    if not counts or counts == watched.told:
        return False
    again = next_look(counts, watched.useful_until, now) if watched.told is None else 0
    if again:
        store.happenings.look_at(occurrence, again)
        return False
    found = _found(store, watched.broadcast)
    if found is None:
        return False
    for happening in _told(store, watched, found, counts, now):
        store.happenings.add(happening)
    store.happenings.keep_told(occurrence, counts, watched.revision + 1)
    return True


def from_concerns(store: Store, changes: Iterable[Change], areas: Mapping[str, Area], now: UtcMs) -> None:
    """Loudspeakers that are silent, or back: one happening for those of a commune that befell it at once."""
    bundles: dict[tuple[HappeningKind, str], list[Concern]] = {}
    for change in changes:
        place = areas.get(change.concern.place)
        if change.concern.kind is not ConcernKind.silent or place is None or not isinstance(change, Raised | Ended):
            continue
        kind = HappeningKind.silent if isinstance(change, Raised) else HappeningKind.back
        bundles.setdefault((kind, _commune(place, areas)), []).append(change.concern)
    for (kind, commune), bundle in bundles.items():
        spots = tuple(
            Spot(areas[each.place].path, areas[each.place].name, since=each.raised_at - each.value) for each in bundle
        )
        counts = {commune: {UNREPORTED: len(bundle)}}
        key = f"{kind.value} {bundle[0].number}"
        store.happenings.add(Happening(key, kind, now, counts=counts, spots=spots[:MOST_NAMED]))


def listed(
    store: Store,
    person: Person,
    area: str,
    after: int,
    most: int,
    kinds: frozenset[HappeningKind] = _EVERY,
    since: UtcMs = 0,
) -> tuple[list[Happening], int]:
    """What happened where this person may see (in one area of that), behind a number and in order; and the number from
    which to ask on."""
    paths = (visible_area(store, person, area).path,) if area else scope(person.grants, Act.see)
    newest = store.happenings.newest()
    some = store.happenings.after(after, paths, kinds or _EVERY, most, since)
    told = [part for each in some if (part := within(each, paths)) is not None]
    return told, some[-1].number if len(some) == most else max(newest, after)


def _found(store: Store, broadcast: str) -> tuple[Bulletin, Broadcast] | None:
    found = store.broadcasts.find(broadcast)
    return (store.broadcasts.bulletins([found.bulletin])[found.bulletin], found) if found is not None else None


def _about(store: Store, bulletin: Bulletin, broadcast: Broadcast) -> About:
    areas = store.areas.named({bulletin.area, *broadcast.targets})
    return About(
        broadcast=broadcast.id,
        bulletin=bulletin.id,
        title=bulletin.title,
        broadcast_class=bulletin.broadcast_class.value,
        area=areas[bulletin.area].path,
        targets=tuple(areas[target].path for target in broadcast.targets if target in areas),
        exercise=bulletin.exercise,
        replaces=broadcast.replaces,
    )


_Read = Callable[[AuditLine, Bulletin, Broadcast], Iterable[tuple[HappeningKind, str]]]


def _issued(_line: AuditLine, bulletin: Bulletin, broadcast: Broadcast) -> Iterable[tuple[HappeningKind, str]]:
    yield _APPROVED, ""
    if _is_emergency(bulletin) and broadcast.recurrence is not None:  # what is stored sounds when it is ordered
        yield _ISSUED, bulletin.reason


def _repeated(_line: AuditLine, _bulletin: Bulletin, broadcast: Broadcast) -> Iterable[tuple[HappeningKind, str]]:
    if broadcast.decision is not None:
        yield _APPROVED, ""


def _withdrawn(line: AuditLine, bulletin: Bulletin, broadcast: Broadcast) -> Iterable[tuple[HappeningKind, str]]:
    if line.before != "approved":
        return  # nobody outside has heard of it
    yield _WITHDRAWN, ""
    if _is_emergency(bulletin) and broadcast.recurrence is not None:
        yield _ENDED, EndedBy.withdrawn.value


def _superseded(line: AuditLine, bulletin: Bulletin, broadcast: Broadcast) -> Iterable[tuple[HappeningKind, str]]:
    if line.before == "approved" and _is_emergency(bulletin) and broadcast.recurrence is not None:
        yield _ENDED, EndedBy.replaced.value


_READS: Mapping[str, _Read] = {
    "approve": _issued,
    "alarm": _issued,
    "order": _issued,
    "repeat": _repeated,
    "withdraw": _withdrawn,
    "supersede": _superseded,
}


def _corrected(store: Store, line: AuditLine) -> None:
    """A person has said how a play really ended."""
    loudspeaker, _, occurrence = line.subject.partition(" ")
    area, found = store.areas.find(loudspeaker), _found(store, occurrence.rpartition("@")[0])
    if area is None:
        return
    lines = store.logbook.corrections([(loudspeaker, occurrence)]).get((loudspeaker, occurrence), ())
    why = next((each.why for each in lines if each.name in line.after.split()), "")
    outcome = line.after.partition(" ")[0]
    key = f"{HappeningKind.corrected.value} {line.number}"
    store.happenings.add(
        Happening(
            key=key,
            kind=HappeningKind.corrected,
            at=line.at,
            about=_about(store, *found) if found is not None else None,
            occurrence=occurrence,
            planned=start_of(occurrence),
            spots=(Spot(area.path, area.name, outcome, line.before),),
            by=store.staff.names().get(line.staff, ""),
            note=why,
        )
    )


def _told(
    store: Store, watched: Watched, found: tuple[Bulletin, Broadcast], counts: dict[str, dict[str, int]], now: UtcMs
) -> Iterable[Happening]:
    """What an occurrence has become: where it sounded, where it should have, and that an emergency is over."""
    outcomes, revision, name = summed(counts), watched.revision + 1, watched.occurrence
    whole = Happening(
        key=f"{HappeningKind.aired.value} {name} {revision}",
        kind=HappeningKind.aired,
        at=now,
        about=_about(store, *found),
        occurrence=name,
        planned=watched.planned,
        revision=revision,
        counts=counts,
    )
    if sounded(outcomes) or watched.told is not None:
        yield whole
    if failed(outcomes):
        kind = HappeningKind.failed
        spots = store.happenings.spots(name, (*_FAILURES, UNREPORTED))
        yield msgspec.structs.replace(whole, key=f"{kind.value} {name} {revision}", kind=kind, spots=spots)
    bulletin, broadcast = found
    last = (ends_at(broadcast.recurrence) or 0) <= watched.planned
    stands = broadcast.withdrawn_at is None and broadcast.superseded_at is None
    if _is_emergency(bulletin) and last and stands:
        ended = Happening(f"{_ENDED.value} {broadcast.id}", _ENDED, now, whole.about, note=EndedBy.over.value)
        yield ended


def _is_emergency(bulletin: Bulletin) -> bool:
    return bulletin.broadcast_class is BroadcastClass.emergency


def _commune(place: Area, areas: Mapping[str, Area]) -> str:
    """The path of the commune that a loudspeaker is in; where there is none, of what it is in."""
    above = [areas[id_] for id_ in place.ids[:-1] if id_ in areas]
    communes = [area.path for area in above if area.level == COMMUNE]
    return communes[-1] if communes else above[-1].path if above else place.path

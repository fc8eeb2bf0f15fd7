"""What a broadcast would change at the loudspeakers of its areas: a use case.

Imported by the web.
"""

from collections.abc import Iterable

from schedules.assignment import Assignment
from schedules.clock import UtcMs
from schedules.playback import Reason
from schedules.programme import Programme, Slot
from schedules.recurrence import Once
from schedules.rundown import Entry, merge, slots_between
from server.area import Area
from server.bulletins import LIST_LENGTH, BroadcastPage
from server.compose_form import Mode
from server.planning import NOW_LEAD, Approved, slots_by_area, useful_for
from server.readiness import first_near, kind_of, last_near
from server.repositories.store import Store


def clashes(store: Store, found: BroadcastPage, since: UtcMs, until: UtcMs) -> list[Entry]:
    """What this broadcast would change at the loudspeakers of its areas: every entry that would be delayed or
    displaced by it, or that delays or displaces it, by the loudspeakers' own function. An occurrence is told once."""
    own = own_slots(found, store.areas.find(found.bulletin.area), since, until)
    if found.broadcast.withdrawn_at is not None or not own:
        return []
    ours = {slot.occurrence for slot in own}
    told: dict[str, Entry] = {}
    for assignment, programmes in _alike(store, found.areas):
        own_names = (found.broadcast.id, found.broadcast.replaces)
        others = [s for s in slots_between(programmes, since, until) if s.broadcast not in own_names]
        stretches = [(first_near(slot.start, assignment), last_near(slot.start, assignment)) for slot in own]
        near = [s for s in others if any(first <= s.start <= last for first, last in stretches)]
        for entry in merge([*near, *own], assignment, since):
            involved = entry.slot.occurrence in ours or entry.other in ours
            if involved and entry.reason not in (Reason.none, Reason.language_missing):
                told.setdefault(entry.slot.occurrence, entry)
    return sorted(told.values(), key=lambda entry: entry.slot.start)[:LIST_LENGTH]


def _alike(store: Store, areas: Iterable[Area]) -> list[tuple[Assignment, list[Programme]]]:
    """Of the loudspeakers in these areas, one of each kind: those that get the same programmes and follow the same
    rules do the same, and a province has thousands of them."""
    loudspeakers = store.fleet.below(area.path for area in areas)
    assignments = store.fleet.assignments(area.id for area in loudspeakers)
    programmes = store.fleet.programmes({area for a in assignments.values() for area in a.area_path})
    kinds: dict[object, tuple[Assignment, list[Programme]]] = {}
    for a in assignments.values():
        heard = [programmes[area] for area in a.area_path if area in programmes]
        kinds.setdefault(kind_of(a, programmes), (a, heard))
    return list(kinds.values())


def own_slots(found: BroadcastPage, area: Area | None, since: UtcMs, until: UtcMs) -> tuple[Slot, ...]:
    """The slots that this broadcast has, or would have if it were approved now."""
    recurrence = found.broadcast.recurrence or Once(since + NOW_LEAD)
    broadcast = Approved(
        id=found.broadcast.id,
        bulletin=found.bulletin.id,
        title=found.bulletin.title,
        broadcast_class=found.bulletin.broadcast_class,
        authority=area.depth if area else 0,
        targets=("here",),
        recurrence=recurrence,
        clips=tuple(variant.clip for variant in found.bulletin.variants),
        not_before=since,
        useful_for=useful_for(found.bulletin.broadcast_class, now_mode=found.broadcast.mode == Mode.now.value),
        seal=found.seal,
        opening=found.bulletin.opening,
        exercise=found.bulletin.exercise,
        closing=found.bulletin.closing,
    )
    return tuple(s for s in slots_by_area([broadcast], since).get("here", ()) if s.start < until)

"""Taking in what a source-information system sends, and telling it what was aired: use cases.

Imported by the line to the source, the web and tests. What comes from above is a draft of the area that it is for: its
people finish it, another approves it. Each version comes to each area once, however often it is sent.
"""

from collections.abc import Callable

import msgspec

from schedules.clock import DAY, DurationMs, UtcMs
from server import drafts
from server.access import Act, Grant, Person, Role, scope
from server.area import HAMLET, LOUDSPEAKER, Area
from server.draft import Basis
from server.ledger import SILENT_AFTER
from server.refusals import NotAllowed
from server.repositories.sources import Standing, Taken
from server.repositories.store import Store
from server.source_system import Aired, Batch, SourceBulletin, SourceFault, area_named, fault_in, form_of

SOURCE, SOURCE_NAME = "nguon-tin", "Hệ thống thông tin nguồn"
"""The account in whose name it writes; nobody signs in with it."""
TOLD_FOR: DurationMs = 31 * DAY
"""A report of a loudspeaker that comes so late still changes what the source is told."""
MOST = 200


class FromAbove(msgspec.Struct, frozen=True):
    """What the page of what came from above shows."""

    taken: tuple[tuple[Taken, Area], ...]
    unplaced: tuple[tuple[str, str, UtcMs], ...]
    standing: Standing


def take_in(store: Store, batch: Batch, now: UtcMs, new_id: Callable[[str], str]) -> int:
    """File what has come, and go on from there next time; how many drafts were made of it. In the transaction of the
    caller: either all of it counts as fetched, or none."""
    everywhere = [a for root in store.areas.roots() for a in store.areas.below([root.path])]
    areas = [area for area in everywhere if area.level not in (LOUDSPEAKER, HAMLET) and not area.valid_to]
    made, unfit = 0, len(batch.unreadable)
    topics = store.areas.topics()
    for found in batch.bulletins:
        if fault_in(found):
            unfit += 1
        elif found.cancels:
            _take_back(store, found, now)
        else:
            made += sum(_take(store, found, place, areas, topics, now, new_id) for place in dict.fromkeys(found.areas))
    before = store.sources.standing()
    store.sources.stand(
        Standing(cursor=batch.cursor[:1_000], done_at=now, unreadable=min(before.unreadable + unfit, 1 << 30))
    )
    return made


def _take(
    store: Store,
    found: SourceBulletin,
    place: str,
    areas: list[Area],
    topics: dict[str, str],
    now: UtcMs,
    new_id: Callable[[str], str],
) -> bool:
    area = area_named(place, areas)
    if area is None:
        store.sources.leave(found, place, now)
        return False
    if store.sources.is_taken(found, area.id):
        return False
    person = writer(store, area)
    kept = drafts.keep(store, person, form_of(found, area, topics), Basis(), now, new_id)
    store.sources.take(found, area.id, kept.draft, now)
    store.trail.note(now, person, "from_source", kept.draft, area=area.id, after=f"{found.id} {found.version}")
    return True


def _take_back(store: Store, found: SourceBulletin, now: UtcMs) -> None:
    for taken in store.sources.cancel(found.cancels, now):
        store.trail.note(now, SOURCE, "source_cancels", taken.draft, area=taken.area, after=found.id)


def writer(store: Store, area: Area) -> Person:
    """The source itself, as who writes drafts in this area, and does nothing else."""
    store.tokens.keep_machine(SOURCE, SOURCE_NAME, store.areas.roots()[0].id)
    return Person(SOURCE, SOURCE, SOURCE_NAME, (Grant(Role.editor, area.path),))


def failed(store: Store, fault: SourceFault, now: UtcMs) -> None:
    """A round did not go well: the next one begins where the last good one ended."""
    before = store.sources.standing()
    store.sources.stand(
        msgspec.structs.replace(before, fault=fault.kind.value, fault_says=fault.says, fault_at=now)
    )  # fmt: skip


def to_tell(store: Store, now: UtcMs) -> list[Aired]:
    """What was aired of theirs, where the source has not been told so: it is told when reports can be there, and again
    when a late one has changed it."""
    return store.sources.untold(store.sources.aired(now - TOLD_FOR, now - SILENT_AFTER))[:MOST]


def from_above(store: Store, person: Person) -> FromAbove:
    """What came for the areas in which somebody writes. Raises `NotAllowed` for who writes nowhere."""
    paths = scope(person.grants, Act.write) or scope(person.grants, Act.set_area)
    if not paths:
        raise NotAllowed
    taken = store.sources.below(paths, MOST)
    areas = store.areas.named(each.area for each in taken)
    everywhere = any(path in paths for path in (root.path for root in store.areas.roots()))
    unplaced = store.sources.unplaced(20) if everywhere else []
    return FromAbove(tuple((each, areas[each.area]) for each in taken), tuple(unplaced), store.sources.standing())

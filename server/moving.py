"""Moving a broadcast to another hour or day: what that changes, and the new version that it makes. Use cases.

Imported by the timetable and the web. The hour is a part of what was approved: so what is moved is a newer version that
somebody else approves, and until then the old one airs.
"""

from collections.abc import Callable

import msgspec

from schedules.clock import DAY, UtcMs
from schedules.programme import BroadcastClass
from schedules.recurrence import Once, Recurrence
from schedules.rundown import Entry
from server import bulletins, clashing, versions
from server.access import Person
from server.bulletin import passage_of
from server.bulletins import BroadcastPage
from server.compose_form import Mode
from server.lifecycle import STANDING, BroadcastState, begun
from server.refusals import Changed, NotAllowed
from server.repositories.store import Store
from server.shift import Unmovable, moved

AHEAD = 14 * DAY


class Move(msgspec.Struct, frozen=True):
    """What a move would change. `rule`: when it would be due, `unmovable`: why it cannot be moved so; neither where no
    time was chosen yet. `clashes`: what would be delayed or silent; `sounds`: it is approved, and airs as it is until
    the new version is."""

    page: BroadcastPage
    at: UtcMs
    to: UtcMs | None = None
    rule: Recurrence | None = None
    unmovable: Unmovable | None = None
    clashes: tuple[Entry, ...] = ()

    @property
    def recurs(self) -> bool:
        """Whether all of them move."""
        return not isinstance(self.page.broadcast.recurrence, Once)

    @property
    def sounds(self) -> bool:
        """Whether it airs at its old time until somebody has approved the new one."""
        return self.page.state is BroadcastState.approved


def may_move(page: BroadcastPage) -> bool:
    """Whether this person may move it: who may write its next version, while there is none and it has an hour."""
    planned = page.broadcast.recurrence is not None and page.broadcast.mode != Mode.stored.value
    ordinary = page.bulletin.broadcast_class is not BroadcastClass.emergency
    return page.may_edit and page.state in STANDING and not page.broadcast.successor and planned and ordinary


def look(store: Store, person: Person, broadcast: str, at: UtcMs, to: UtcMs | None, now: UtcMs) -> Move:
    """What would change. Raises `Changed` where it is not due at `at` any more, `NotAllowed`, `NotFound`."""
    page = bulletins.page(store, person, broadcast)
    if not may_move(page):
        raise Changed if page.may_edit and page.broadcast.successor else NotAllowed
    rule = page.broadcast.recurrence
    shifted = moved(rule, at, at if to is None else to) if rule is not None and at > now else None
    if shifted is None:
        raise Changed
    if to is None:
        return Move(page, at)
    if isinstance(shifted, Unmovable):
        return Move(page, at, to, unmovable=shifted)
    broadcast_then = msgspec.structs.replace(page.broadcast, recurrence=shifted, mode=_mode(page))
    then = msgspec.structs.replace(page, broadcast=broadcast_then)
    return Move(page, at, to, shifted, clashes=tuple(clashing.clashes(store, then, now, now + AHEAD)))


def move(
    store: Store, person: Person, broadcast: str, at: UtcMs, to: UtcMs, now: UtcMs, new_id: Callable[[str], str]
) -> str | Unmovable:
    """Send the version with the new time for approval; the id of the broadcast. Raises as `look`, and `Stale` where
    somebody was faster."""
    found = look(store, person, broadcast, at, to, now)
    if found.unmovable is not None:
        return found.unmovable
    page = found.page
    replaced = passage_of(page.bulletin, page.broadcast)
    writers = begun(person.id, emergency=False, replaces=replaced).writers
    bulletin = msgspec.structs.replace(page.bulletin, id=new_id("bt"), author=person.id, created_at=now)
    store.broadcasts.add_bulletin(bulletin)
    fresh = msgspec.structs.replace(
        page.broadcast,
        id=new_id("ps"),
        bulletin=bulletin.id,
        mode=_mode(page),
        recurrence=found.rule,
        author=person.id,
        created_at=now,
        decision=None,
        review=None,
        version=page.broadcast.version + 1,
        replaces=broadcast,
        writers=tuple(sorted(writers)),
        ordered="",
    )
    store.broadcasts.add(fresh)
    versions.succeed(store, person, page.bulletin, page.broadcast, fresh.id, now)
    store.trail.note(now, person, "move", fresh.id, area=bulletin.area, before=f"{broadcast}@{at}", after=str(to))
    return fresh.id


def _mode(page: BroadcastPage) -> str:
    """What was to sound at once has an hour now."""
    return Mode.once.value if page.broadcast.mode == Mode.now.value else page.broadcast.mode

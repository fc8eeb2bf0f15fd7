"""Repairs: who looks after a loudspeaker that is not well, what was done, with which spare parts, and what it was. Use
cases. A ticket silences nothing.

Imported by the web and tests.
"""

import msgspec

from schedules.clock import UtcMs
from server import oversight
from server.access import Person
from server.area import Area
from server.cause import Owner
from server.refusals import Changed, NotAllowed, NotFound
from server.repair import OWNERS, Note, Repair
from server.repositories.store import Store
from server.tending import may_repair

LONGEST_WORDS = 600
LONGEST_PARTS = 200


class Senseless(Exception):
    """What was typed makes no sense; `field` names which."""

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field


def take_up(store: Store, person: Person, device: str, id_: str, trouble: str, owner: str, now: UtcMs) -> Repair:
    """A new ticket of a loudspeaker. Raises `NotFound`, `NotAllowed`, `Senseless`, and `Changed` where one is open."""
    area = _place(store, person, device)
    if any(repair.open for repair in store.care.repairs(device)):
        raise Changed
    repair = Repair(id_, device, words_of("trouble", trouble), owner_of(owner), person.id, now)
    store.care.open_repair(repair)
    store.trail.note(now, person, "open_repair", id_, area=area.id, after=f"{owner}: {repair.trouble}")
    return repair


def add(store: Store, person: Person, id_: str, words: str, parts: str, owner: str, now: UtcMs) -> Repair:
    """What was done or said; who acts next from now on. Raises as `take_up`, and `Changed` where it is closed."""
    repair, area = _open(store, person, id_)
    note = Note(id_, _next(store, id_), now, person.id, words_of("words", words), owner_of(owner), parts_of(parts))
    store.care.note(note)
    repair = msgspec.structs.replace(repair, owner=note.owner)
    store.care.keep_repair(repair)
    store.trail.note(now, person, "note_repair", id_, area=area.id, after=f"{owner}: {note.words} [{note.parts}]")
    return repair


def close(store: Store, person: Person, id_: str, found: str, parts: str, now: UtcMs) -> Repair:
    """It is well again; what was wrong with it. Raises as `add`."""
    repair, area = _open(store, person, id_)
    words, used = words_of("found", found), parts_of(parts)
    if used:
        store.care.note(Note(id_, _next(store, id_), now, person.id, words, repair.owner, used))
    repair = msgspec.structs.replace(repair, closed_by=person.id, closed_at=now, found=words)
    store.care.keep_repair(repair)
    store.trail.note(now, person, "close_repair", id_, area=area.id, after=f"{words} [{used}]")
    return repair


def words_of(field: str, typed: str) -> str:
    """A text that says something. Raises `Senseless`."""
    words = " ".join(typed.split())
    if not words or len(words) > LONGEST_WORDS or not words.isprintable():
        raise Senseless(field)
    return words


def parts_of(typed: str) -> str:
    """Spare parts, or none. Raises `Senseless`."""
    parts = " ".join(typed.split())
    if len(parts) > LONGEST_PARTS or not parts.isprintable():
        raise Senseless("parts")
    return parts


def owner_of(typed: str) -> Owner:
    """Who acts next. Raises `Senseless`."""
    found = next((owner for owner in OWNERS if owner.value == typed), None)
    if found is None:
        raise Senseless("owner")
    return found


def _place(store: Store, person: Person, device: str) -> Area:
    area = oversight.visible_area(store, person, device)
    if not store.fleet.is_known(device):
        raise NotFound
    if not may_repair(person, area):
        raise NotAllowed
    return area


def _open(store: Store, person: Person, id_: str) -> tuple[Repair, Area]:
    repair = store.care.repair(id_)
    if repair is None:
        raise NotFound
    area = _place(store, person, repair.device)
    if not repair.open:
        raise Changed
    return repair, area


def _next(store: Store, id_: str) -> int:
    return len(store.care.notes([id_]).get(id_, ())) + 1

"""Use cases around how a place says what is written: its table, and what waits for approval and would be said
otherwise since the table has changed.

Imported by the web.
"""

from collections.abc import Iterable, Iterator

import msgspec

from audio.language import VIETNAMESE
from audio.spoken_names import names_said
from schedules.clock import UtcMs
from server import bulletins
from server.access import Act, Person, may, scope
from server.area import COMMUNE, HAMLET, LOUDSPEAKER, Area, sort_key
from server.bulletin import VOICE, Bulletin, Variant
from server.compose_form import ComposeForm, FieldError
from server.composing import spoken
from server.reading import Reading, checked, nearest, table_of
from server.refusals import Changed, NotAllowed, NotFound
from server.repositories.store import Store
from server.studio import Rendered

_SPEAKING = (Act.write, Act.alarm)
LOOKED_AT = 200
"""Of what waits, the oldest: a page speaks each of them once to see what has changed."""


class Waiting(msgspec.Struct, frozen=True):
    """A bulletin that nobody has approved, and how its Vietnamese would be said now. `broadcast`: one of its own."""

    broadcast: str
    bulletin: str
    title: str
    before: str
    after: str


class Board(msgspec.Struct, frozen=True):
    """What holds in an area, by how it is written. `areas`: those whose tables this person writes; `places`, `people`:
    names by id."""

    area: Area
    areas: list[Area]
    readings: list[Reading]
    places: dict[str, str]
    people: dict[str, str]


def place_of(store: Store, person: Person, targets: Iterable[str]) -> Area | None:
    """The area whose table a bulletin for these targets is said by: that on whose behalf this person would speak."""
    named = store.areas.named(targets).values()
    found = [area for area in named if any(may(person.grants, act, area.path) for act in _SPEAKING)]
    if found:
        return store.areas.find(bulletins.issuing_area(person, found, _SPEAKING))
    paths = [path for act in _SPEAKING for path in scope(person.grants, act)]
    return store.areas.find(paths[0].strip("/").rpartition("/")[2]) if paths else None


def taught_by(person: Person, place: Area | None) -> Area | None:
    """The place, if this person may write into its table."""
    return place if place is not None and may(person.grants, Act.write, place.path) else None


def holding(store: Store, area: Area | None) -> dict[str, Reading]:
    """What holds in an area: its own readings, and those of the areas above it that it does not say otherwise."""
    return nearest(store.readings.along(area.ids)) if area else {}


def names_near(store: Store, place: Area | None, targets: Iterable[str]) -> dict[str, str]:
    """How the names of the places are said that a bulletin of this place for these targets is about: where the rules
    for any text would not say them rightly. All hamlets of a commune are near; of a province, its targets."""
    areas = list(store.areas.named(targets).values())
    near = {id_ for area in [*areas, *([place] if place else [])] for id_ in area.ids}
    names = [area.name for area in store.areas.named(near).values() if area.level != LOUDSPEAKER]
    if place is not None and place.level in (COMMUNE, HAMLET):
        names += [area.name for area in store.areas.below([place.path], HAMLET)]
    return names_said(sorted(set(names)))


def board(store: Store, person: Person, area: str) -> Board:
    """The table of an area; without one, of the first that this person writes. Raises `NotAllowed`, `NotFound`."""
    areas = [a for a in store.areas.below(scope(person.grants, Act.write)) if a.level != LOUDSPEAKER]
    if not areas:
        raise NotAllowed
    chosen = next((a for a in areas if a.id == (area or areas[0].id)), None)
    if chosen is None:
        raise NotFound
    readings = sorted(holding(store, chosen).values(), key=lambda reading: sort_key(reading.written))
    places = {a.id: a.name for a in store.areas.chain(chosen)}
    return Board(chosen, areas, readings, places, store.staff.names())


def teach(store: Store, person: Person, area: str, written: str, how: str, now: UtcMs) -> Reading | FieldError:
    """This area says it so from now on."""
    place = _own(store, person, area)
    reading = checked(place.id, written, how, person.id, now)
    if isinstance(reading, Reading):
        keep(store, person, [reading])
    return reading


def remembered(store: Store, person: Person, form: ComposeForm, now: UtcMs) -> list[Reading | FieldError]:
    """The answers in a form that its place is to remember: only answers to what nobody else could say."""
    place = place_of(store, person, form.targets)
    if taught_by(person, place) is None or place is None or not form.remember:
        return []
    asked = spoken(form.text, {}, table_of(holding(store, place)), names_near(store, place, form.targets)).leftovers
    answers = {written: form.answers.get(written, "").strip() for written in form.remember if written in asked}
    return [checked(place.id, written, how, person.id, now) for written, how in answers.items() if how]


def keep(store: Store, person: Person, readings: Iterable[Reading]) -> None:
    """Keep readings that have been checked; what already stands so is left as it is, with who taught it."""
    for reading in readings:
        before = store.readings.find(reading.area, reading.written)
        if before is None or before.said != reading.said:
            store.readings.keep(reading)
            was = before.said if before else ""
            store.trail.note(
                reading.at, person, "teach", reading.written, area=reading.area, before=was, after=reading.said
            )


def forget(store: Store, person: Person, area: str, written: str, now: UtcMs) -> None:
    """This area does not say it so any more."""
    place = _own(store, person, area)
    found = store.readings.find(place.id, written)
    if found is None:
        raise NotFound
    store.readings.forget(place.id, written)
    store.trail.note(now, person, "forget", written, area=place.id, before=found.said)


def otherwise(store: Store, person: Person, area: str, now: UtcMs) -> list[Waiting]:
    """What waits for approval in this area and below it, and would be said otherwise now; oldest first. What would
    leave something unsaid stays as it is: its author has to see it."""
    return list(_affected(store, _own(store, person, area), now))


def otherwise_everywhere(store: Store, now: UtcMs) -> list[Waiting]:
    """The same in all areas."""
    roots = [area for area in store.areas.below(["/"]) if area.depth == 0]
    return [one for root in roots for one in _affected(store, root, now)]


def say_again(store: Store, person: Person | None, waiting: Waiting, sound: Rendered, now: UtcMs) -> None:
    """A bulletin that waits gets the words that `waiting` promised, and their sound. `person`: who has it read anew;
    None where the server does so by itself. Raises `Changed` where it has been approved, or changed, since."""
    found = store.broadcasts.bulletins([waiting.bulletin]).get(waiting.bulletin)
    place = store.areas.find(found.area) if found else None
    if found is None or place is None or (person and not may(person.grants, Act.write, place.path)):
        raise NotFound
    variant = _voiced(found)
    if variant is None or variant.spoken != waiting.before or not _untouched(store, found):
        raise Changed
    bulletins.render_again(store, found.id, VIETNAMESE, sound, now, words=waiting.after)
    store.trail.note(
        now, person or "", "say_again", waiting.broadcast, area=found.area, before=waiting.before, after=waiting.after
    )


def _affected(store: Store, area: Area, now: UtcMs) -> Iterator[Waiting]:
    undecided = store.broadcasts.undecided([area.path], now)[:LOOKED_AT]
    found = store.broadcasts.bulletins(broadcast.bulletin for broadcast in undecided)
    issuing = store.areas.named({bulletin.area for bulletin in found.values()})
    tables = {place.id: table_of(holding(store, place)) for place in issuing.values()}
    for broadcast in undecided:
        bulletin = found.pop(broadcast.bulletin, None)
        variant = _voiced(bulletin) if bulletin else None
        if bulletin is None or variant is None:
            continue
        names = names_near(store, issuing[bulletin.area], broadcast.targets)
        after = spoken(variant.text, variant.answers, tables[bulletin.area], names)
        if after.words != variant.spoken and not after.leftovers and _untouched(store, bulletin):
            yield Waiting(broadcast.id, bulletin.id, bulletin.title, variant.spoken, after.words)


def _voiced(bulletin: Bulletin) -> Variant | None:
    """What a machine voice says of it in Vietnamese."""
    return next((v for v in bulletin.variants if v.language == VIETNAMESE and v.source == VOICE), None)


def _untouched(store: Store, bulletin: Bulletin) -> bool:
    """Whether nobody has decided about any of its broadcasts: a sound that was approved stays what it is."""
    return all(broadcast.decision is None for broadcast in store.broadcasts.of_bulletin(bulletin.id))


def _own(store: Store, person: Person, area: str) -> Area:
    found = store.areas.find(area)
    if found is None or not may(person.grants, Act.see, found.path):
        raise NotFound
    if not may(person.grants, Act.write, found.path) or found.level == LOUDSPEAKER:
        raise NotAllowed
    return found

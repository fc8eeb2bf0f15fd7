"""The library of an area: its jingles, anthem and music, and which of them stand around the words there. Use cases.

Imported by the web.
"""

from collections.abc import Callable, Iterable

import msgspec

from audio.clip import Clip
from schedules.clock import SECOND, UtcMs
from server.access import Act, Person, may, scope
from server.area import LOUDSPEAKER, Area, Effective
from server.compose_form import FieldError, Problem
from server.composing import typed_line
from server.refusals import NotAllowed, NotFound, OwnWork
from server.repositories.store import Store
from server.studio import Rendered
from server.tune import ANNOUNCED, CLOSING, LONGEST_CHIME, LONGEST_PAUSE, MOST_TIMES, Tune, TuneKind

LONGEST_NAME, LONGEST_RIGHTS = 120, 1_000
_USING = (Act.write, Act.alarm)


class Shelf(msgspec.Struct, frozen=True):
    """What there is in an area. `areas`: those whose library this person may open; `tunes`: what is offered here, also
    by the areas above; `holds`: what holds here of chimes and pauses; `built_in`: the chimes that came with the
    program; `writes`: whether they may add; `decides`: whether they may choose the chimes."""

    area: Area
    areas: list[Area]
    tunes: list[Tune]
    places: dict[str, str]
    people: dict[str, str]
    holds: Effective
    built_in: dict[str, Clip]
    writes: bool
    decides: bool

    def may_retire(self, tune: Tune) -> bool:
        """Whether it can be taken off this shelf: where it stands."""
        return self.writes and tune.area == self.area.id


class Wanted(msgspec.Struct, frozen=True):
    """The form for chimes, as it was typed: `chimes` by what they announce, tunes or nothing; pauses in seconds."""

    chime: bool
    chimes: dict[str, str]
    pause: str
    times: str
    again: str


def shelf(store: Store, person: Person, area: str) -> Shelf:
    """The library of an area; without one, of the first that this person sees. Raises `NotFound`."""
    areas = [each for each in store.areas.below(scope(person.grants, Act.see)) if each.level != LOUDSPEAKER]
    chosen = next((each for each in areas if each.id == (area or areas[0].id)), None) if areas else None
    if chosen is None:
        raise NotFound
    return Shelf(
        chosen,
        areas,
        store.library.along(chosen.ids),
        {each.id: each.name for each in store.areas.chain(chosen)},
        store.staff.names(),
        store.areas.effective(chosen),
        store.library.built_in(),
        may(person.grants, Act.write, chosen.path),
        may(person.grants, Act.approve, chosen.path),
    )


def check(name: str, kind: str, rights: str) -> tuple[str, TuneKind, str] | tuple[FieldError, ...]:
    """What is written about a new tune, or what is wrong with it."""
    errors: list[FieldError] = []
    name = " ".join(typed_line("name", name, LONGEST_NAME, errors, required=True).split())
    rights = typed_line("rights", rights, LONGEST_RIGHTS, errors, required=True)
    if kind not in {each.value for each in TuneKind}:
        errors.append(FieldError("kind", Problem.not_offered))
    return tuple(errors) if errors else (name, TuneKind(kind), rights)


def add(
    store: Store,
    person: Person,
    area: str,
    about: tuple[str, TuneKind, str],
    sound: Rendered,
    now: UtcMs,
    new_id: Callable[[str], str],
) -> Tune:
    """A tune that has been mastered is offered in this area from now on."""
    place = _place(store, person, area, Act.write)
    name, kind, rights = about
    store.broadcasts.keep_clip(sound.clip, sound.provenance, sound.loudness, now)
    tune = Tune(new_id("am"), place.id, name, kind, rights, sound.clip, person.id, now)
    store.library.add(tune)
    store.trail.note(now, person, "add_tune", tune.id, area=place.id, after=f"{kind.value} {name} {sound.clip.sha256}")
    return tune


def may_add(store: Store, person: Person, area: str) -> None:
    """Raises `NotFound` or `NotAllowed` for who may not."""
    _place(store, person, area, Act.write)


def retire(store: Store, person: Person, tune: str, now: UtcMs) -> None:
    """It is offered no more; what was sent with it sounds as it was approved. Where it was a chime, the one that came
    with the program stands in."""
    found = store.library.find(tune)
    if found is None:
        raise NotFound
    _place(store, person, found.area, Act.write)
    if store.library.retire(tune, now):
        store.trail.note(now, person, "retire_tune", tune, area=found.area, before=found.name)


def set_signals(store: Store, person: Person, area: str, wanted: Wanted, now: UtcMs) -> tuple[FieldError, ...]:
    """What stands around the words in this area from now on; or what is wrong with it. Nobody makes a chime of what
    they have added themselves: two people answer for what sounds everywhere. Raises `OwnWork`."""
    place = _place(store, person, area, Act.approve)
    errors: list[FieldError] = []
    pause, again = (_seconds(name, typed, errors) for name, typed in (("pause", wanted.pause), ("again", wanted.again)))
    times = int(wanted.times) if wanted.times in map(str, range(1, MOST_TIMES + 1)) else 0
    if not times:
        errors.append(FieldError("times", Problem.not_offered))
    before = place.settings.chimes or {}
    chimes = {name: wanted.chimes.get(name, "") for name in (*ANNOUNCED, CLOSING)}
    offered = {tune.id: tune for tune in store.library.along(place.ids)}
    for name, chosen in chimes.items():
        if not chosen or before.get(name) == chosen:
            continue
        tune = offered.get(chosen)
        if tune is None:
            errors.append(FieldError(f"chime-{name}", Problem.not_offered))
        elif tune.clip.duration_ms > LONGEST_CHIME:
            errors.append(FieldError(f"chime-{name}", Problem.too_long, f"{tune.clip.duration_ms // SECOND} s"))
        elif tune.added_by == person.id:
            raise OwnWork
    if errors:
        return tuple(errors)
    settings = msgspec.structs.replace(
        place.settings,
        chime=wanted.chime,
        chimes={name: chosen for name, chosen in chimes.items() if chosen},
        chime_pause_ms=pause,
        emergency_times=times,
        again_after_ms=again,
    )
    store.areas.keep(msgspec.structs.replace(place, settings=settings))
    store.trail.note(
        now,
        person,
        "set_signals",
        place.id,
        area=place.id,
        before=_told(place),
        after=_told(msgspec.structs.replace(place, settings=settings)),
    )
    return ()


def inherit_signals(store: Store, person: Person, area: str, now: UtcMs) -> None:
    """What stands around the words here is again what the areas above say."""
    place = _place(store, person, area, Act.approve)
    settings = msgspec.structs.replace(
        place.settings, chime=None, chimes=None, chime_pause_ms=None, emergency_times=None, again_after_ms=None
    )
    store.areas.keep(msgspec.structs.replace(place, settings=settings))
    store.trail.note(now, person, "set_signals", place.id, area=place.id, before=_told(place))


def usable(store: Store, person: Person) -> list[Tune]:
    """What this person may put around, or in place of, the words of a bulletin: the libraries of the areas for which
    they write, of those above and of those below them."""
    own = store.areas.below([path for act in _USING for path in scope(person.grants, act)])
    above = {id_ for area in own for id_ in area.ids}
    return store.library.along(sorted(above))


def clips_of(tunes: Iterable[Tune]) -> dict[str, Clip]:
    """The clips of tunes, by name."""
    return {tune.clip.sha256: tune.clip for tune in tunes}


def may_hear(store: Store, person: Person, clip: str) -> bool:
    """Whether a clip stands in a library that this person may open or use, or came with the program."""
    if any(each.sha256 == clip for each in store.library.built_in().values()):
        return True
    tunes = store.library.carrying(clip)
    areas = store.areas.named(tune.area for tune in tunes)
    scopes = scope(person.grants, Act.see)
    return any(
        may(person.grants, Act.see, areas[tune.area].path)
        or any(path.startswith(areas[tune.area].path) for path in scopes)
        for tune in tunes
    )


def _place(store: Store, person: Person, area: str, act: Act) -> Area:
    found = store.areas.find(area)
    if found is None or not may(person.grants, Act.see, found.path):
        raise NotFound
    if not may(person.grants, act, found.path) or found.level == LOUDSPEAKER:
        raise NotAllowed
    return found


def _seconds(field: str, typed: str, errors: list[FieldError]) -> int:
    """Seconds with one decimal, as a number of milliseconds."""
    whole, _, tenths = typed.strip().replace(",", ".").partition(".")
    digits = f"{whole}{tenths}"
    if whole and len(whole) < 3 and len(tenths) < 2 and digits.isascii() and digits.isdigit():
        found = int(whole) * SECOND + int(tenths or "0") * SECOND // 10
        if found <= LONGEST_PAUSE:
            return found
    errors.append(FieldError(field, Problem.no_such_number, typed.strip()[:20]))
    return 0


def _told(area: Area) -> str:
    s = area.settings
    return f"{s.chime} {s.chimes} {s.chime_pause_ms} {s.emergency_times} {s.again_after_ms}"

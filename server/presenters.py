"""Presenters: whose voice is in the bank, with their consent on file; what happens when they withdraw it. Use cases.

Imported by the web, the seed and tests. A withdrawal holds at once and for ever: takes are never used again and their
files go; what waits for approval with such a voice can no longer be approved; what is approved and still to air is
voided, but an emergency goes on in its other languages. What has aired stays in the log, with its manifest.
"""

import enum
import re
import unicodedata
from collections.abc import Callable, Iterable
from datetime import date

import msgspec

from schedules.clock import UtcMs, civil_day
from schedules.recurrence import over_since
from server import bulletins
from server.access import Act, Person, may
from server.area import LOUDSPEAKER, Area
from server.bulletins import BroadcastPage
from server.lifecycle import STANDING, BroadcastState
from server.phrase import LONGEST_NAME, LONGEST_NOTE, Consent, Presenter
from server.refusals import Changed, NotAllowed, NotFound
from server.repositories.store import Store
from server.take_archive import TakeArchive

_DATE = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})")


class PresenterForm(msgspec.Struct, frozen=True):
    """As it was typed; `consent_on` as dd/mm/yyyy."""

    name: str = ""
    area: str = ""
    languages: tuple[str, ...] = ()
    consent_on: str = ""
    scope: str = ""
    note: str = ""


class PresenterFault(enum.Enum):
    """What can be wrong with a field."""

    empty = "empty"
    too_long = "too_long"
    no_such_date = "no_such_date"
    future = "future"
    not_offered = "not_offered"


class PresenterError(msgspec.Struct, frozen=True):
    """`field` names the form's field."""

    field: str
    fault: PresenterFault


class Silenced(msgspec.Struct, frozen=True):
    """A broadcast with languages whose sound may not be used any more."""

    page: BroadcastPage
    languages: tuple[str, ...]


def add(
    store: Store,
    person: Person,
    form: PresenterForm,
    now: UtcMs,
    new_id: Callable[[str], str],
    *,
    sample: bool = False,
) -> Presenter | tuple[PresenterError, ...]:
    """Somebody lends their voice, and has said so; or what is wrong with the form. Raises `NotFound`, `NotAllowed`."""
    area = _area(store, person, form.area)
    errors: list[PresenterError] = []
    name = _line("name", form.name, LONGEST_NAME, errors)
    scope = _line("scope", form.scope, LONGEST_NOTE, errors)
    note = _line("note", form.note, LONGEST_NOTE, errors)
    on = _day(form.consent_on, now, errors)
    languages = tuple(dict.fromkeys(form.languages))
    if not languages:
        errors.append(PresenterError("languages", PresenterFault.empty))
    elif not set(languages) <= store.areas.languages().keys():
        errors.append(PresenterError("languages", PresenterFault.not_offered))
    if errors or on is None:
        return tuple(errors)
    consent = Consent(on.isoformat(), scope, note)
    presenter = Presenter(new_id("pt"), name, area.id, languages, consent, person.id, now, sample=sample)
    store.phrases.add_presenter(presenter)
    store.trail.note(
        now, person, "add_presenter", presenter.id, area=area.id, after=f"{name}; {on.isoformat()}; {scope}; {note}"
    )
    return presenter


def withdraw(store: Store, person: Person, presenter: str, note: str, now: UtcMs) -> set[str]:
    """They lend their voice no more; the files that are to go once this is committed (`forget`). Raises `NotFound`,
    `NotAllowed`, `Changed` where they have withdrawn already."""
    found = look(store, person, presenter)
    if not store.phrases.withdraw(presenter, person.id, " ".join(note.split())[:LONGEST_NOTE], now):
        raise Changed
    store.trail.note(now, person, "withdraw_consent", presenter, area=found.area, before=found.name, after=note[:1000])
    for bulletin, language in store.phrases.revoke(store.phrases.clips_with(presenter), now):
        own = store.broadcasts.bulletins([bulletin])[bulletin]
        store.trail.note(now, person, "revoke_sound", bulletin, area=own.area, before=language, after=presenter)
    return store.phrases.files_of(presenter)


def forget(takes: TakeArchive, files: set[str]) -> None:
    """The takes of who has withdrawn are no longer kept."""
    for file in files:
        takes.remove(file)


def look(store: Store, person: Person, presenter: str) -> Presenter:
    """Somebody whose consent is kept where this person writes or administers. Raises `NotFound`."""
    found = store.phrases.presenter(presenter)
    area = store.areas.find(found.area) if found is not None else None
    if found is None or area is None or not may(person.grants, Act.see, area.path):
        raise NotFound
    if not any(may(person.grants, act, area.path) for act in (Act.write, Act.set_area)):
        raise NotAllowed
    return found


def silenced(store: Store, person: Person, now: UtcMs) -> list[Silenced]:
    """What was to sound, or waits for it, with a voice that may not be used any more: all that this person may see."""
    ids = store.phrases.revoked_bulletins()
    broadcasts = [each for bulletin in ids for each in store.broadcasts.of_bulletin(bulletin)]
    found = []
    for page in bulletins.visible(store, person, broadcasts):
        recurrence = page.broadcast.recurrence
        over = recurrence is not None and over_since(recurrence, now) is not None
        if page.state in STANDING and page.state is not BroadcastState.returned and not over:
            lost = tuple(v.language for v in page.bulletin.variants if v.revoked)
            found.append(Silenced(page, lost))
    return found


def withdrawn_from(store: Store, clips: Iterable[str]) -> set[str]:
    """Those of these clips in which somebody speaks who has withdrawn."""
    lines = [line for each in store.phrases.manifests(clips).values() for line in each]
    gone = {who.id for who in store.phrases.presenters({line.presenter for line in lines}) if not who.lends}
    return {line.clip for line in lines if line.presenter in gone}


def _area(store: Store, person: Person, area: str) -> Area:
    found = store.areas.find(area)
    if found is None or not may(person.grants, Act.see, found.path):
        raise NotFound
    if found.level == LOUDSPEAKER or not may(person.grants, Act.write, found.path):
        raise NotAllowed
    return found


def _line(field: str, typed: str, longest: int, errors: list[PresenterError]) -> str:
    text = " ".join(unicodedata.normalize("NFC", typed).split())
    if not text:
        errors.append(PresenterError(field, PresenterFault.empty))
    elif len(text) > longest:
        errors.append(PresenterError(field, PresenterFault.too_long))
    return text


def _day(typed: str, now: UtcMs, errors: list[PresenterError]) -> date | None:
    found = _DATE.fullmatch(typed.strip())
    fault = PresenterFault.no_such_date if typed.strip() else PresenterFault.empty
    try:
        day = date(int(found[3]), int(found[2]), int(found[1])) if found else None
    except ValueError:
        day = None
    if day is not None and day > civil_day(now):
        day, fault = None, PresenterFault.future
    if day is None:
        errors.append(PresenterError("consent_on", fault))
    return day

"""The languages of the province: which there are, how they are called, who may speak and who reviews them. Use cases.

Imported by the web and tests. A language is retired and never deleted: what was said in it keeps its name.
"""

from collections.abc import Iterable, Mapping

import msgspec

from audio.clip import NO_LANGUAGE
from audio.language import VIETNAMESE, Language
from audio.preference import preferences
from schedules.clock import UtcMs
from server.access import Act, Person, may
from server.area import sort_key
from server.language_form import Faults, LanguageForm, read, tag_fault
from server.refusals import NotAllowed, NotFound
from server.repositories.store import Store

PEOPLE_OFFERED = 300


class LanguageLine(msgspec.Struct, frozen=True):
    """A language as a list shows it. `engines`: the machines that may speak it; `reviewers`: their names."""

    language: Language
    engines: tuple[str, ...]
    reviewers: tuple[str, ...]


class LanguagePage(msgspec.Struct, frozen=True):
    """One language. `allowed`: the machines that the house allows for it; `reviewers`: names by id; `people`: names by
    username of those who could be added."""

    language: Language
    allowed: tuple[str, ...]
    reviewers: dict[str, str]
    people: dict[str, str]
    may_set: bool


def lines(store: Store, order: str) -> list[LanguageLine]:
    """All languages: those in use by name, then those that are retired. `order`: what the house allows."""
    reviewers, names = store.languages.reviewers(), store.staff.names()
    found = [
        LanguageLine(
            language,
            allowed(language, order),
            tuple(sorted(names.get(id_, id_) for id_ in reviewers.get(language.tag, ()))),
        )
        for language in store.areas.languages().values()
    ]
    return sorted(found, key=lambda line: (line.language.retired, *_by_name(line.language)))


def allowed(language: Language, order: str) -> tuple[str, ...]:
    """The machines that may speak a language, the best first: of those that the house allows, what its row says."""
    house = preferences(order).get(language.tag, ())
    if language.engines is None:
        return house
    return tuple(name for name in language.engines if name in house)


def page(store: Store, person: Person, tag: str, order: str) -> LanguagePage:
    """One language. Raises `NotFound`."""
    language = store.languages.find(tag)
    if language is None:
        raise NotFound
    names = store.staff.names()
    ids = store.languages.reviewers([tag]).get(tag, ())
    may_set = may_edit(store, person)
    accounts = [a for a in store.staff.accounts() if not a.disabled_at and a.id not in ids] if may_set else []
    return LanguagePage(
        language,
        preferences(order).get(tag, ()),
        {id_: names.get(id_, id_) for id_ in ids},
        {account.username: account.display_name for account in accounts[:PEOPLE_OFFERED]},
        may_set,
    )


def may_edit(store: Store, person: Person) -> bool:
    """Whether somebody may change the languages of everybody: administrators of the whole province."""
    roots = store.areas.roots()
    return bool(roots) and all(may(person.grants, Act.set_area, root.path) for root in roots)


def add(store: Store, person: Person, form: LanguageForm, order: str, now: UtcMs) -> Language | Faults:
    """A language that was not there, or everything that is wrong with what was typed."""
    _must_edit(store, person)
    tag = form.tag.strip()
    language, faults = read(form, tag, preferences(order).get(tag, ()))
    if wrong := tag_fault(tag, {*store.areas.languages(), NO_LANGUAGE}):
        faults = {"tag": wrong, **faults}
    if faults:
        return faults
    store.languages.add(language)
    store.trail.note(now, person, "add_language", tag, after=_shown(language))
    return language


def change(store: Store, person: Person, form: LanguageForm, order: str, now: UtcMs) -> Language | Faults:
    """How a language is called, written and spoken from now on."""
    _must_edit(store, person)
    before = store.languages.find(form.tag)
    if before is None:
        raise NotFound
    language, faults = read(form, before.tag, preferences(order).get(before.tag, ()))
    if faults:
        return faults
    if language != before:
        store.languages.keep(language)
        store.trail.note(now, person, "language", before.tag, before=_shown(before), after=_shown(language))
    return language


def add_reviewer(store: Store, person: Person, tag: str, username: str, now: UtcMs) -> bool:
    """Somebody with an account can say whether this language is right; False where nobody has this username."""
    _must_edit(store, person)
    if store.languages.find(tag) is None:
        raise NotFound
    account = store.staff.find(username.strip().lower())
    if account is None or account.disabled_at:
        return False
    if store.languages.add_reviewer(tag, account.id, person.id, now):
        store.trail.note(now, person, "add_reviewer", tag, after=account.id)
    return True


def drop_reviewer(store: Store, person: Person, tag: str, staff: str, now: UtcMs) -> None:
    """They review it no more; what they have said of bulletins stays."""
    _must_edit(store, person)
    if not store.languages.drop_reviewer(tag, staff):
        raise NotFound
    store.trail.note(now, person, "drop_reviewer", tag, before=staff)


def restrictions(languages: Iterable[Language]) -> Mapping[str, tuple[str, ...]]:
    """What rows say of machines, by tag; a language that is retired is spoken by none."""
    found = {}
    for language in languages:
        engines = () if language.retired else language.engines
        if engines is not None:
            found[language.tag] = engines
    return found


def _must_edit(store: Store, person: Person) -> None:
    if not may_edit(store, person):
        raise NotAllowed


def _shown(language: Language) -> str:
    """All of it, for the audit."""
    return msgspec.json.encode(language).decode()


def _by_name(language: Language) -> tuple[bool, str, str]:
    """Vietnamese first, then as the alphabet has them."""
    return language.tag != VIETNAMESE, sort_key(language.name), sort_key(language.variety)

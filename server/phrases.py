"""The phrase bank's use cases: what a language has, what a presenter still has to record, and keeping what they have.

Imported by the web, the seed, the commands and tests.
"""

from collections.abc import Callable, Iterable

import msgspec

from audio.language import VIETNAMESE, Language
from audio.phrase_plan import Edition, Prompt, plan
from schedules.clock import UtcMs
from server.access import Act, Person, may, scope
from server.area import LOUDSPEAKER, Area
from server.phrase import EditionText, KeptTake, Presenter
from server.phrase_catalogue import template, templates
from server.refusals import NotAllowed, NotFound
from server.repositories.store import Store
from server.take_archive import Examined

HAMLET, COMMUNE = "hamlet", "commune"


class PromptState(msgspec.Struct, frozen=True):
    """A prompt, and the presenter's newest take of it, if there is one."""

    prompt: Prompt
    take: KeptTake | None


class Session(msgspec.Struct, frozen=True):
    """All that a recording session shows: every prompt of a language, and what this presenter has recorded of it."""

    language: str
    presenter: Presenter
    prompts: tuple[PromptState, ...]

    @property
    def recorded(self) -> int:
        """How many they have recorded."""
        return sum(state.take is not None for state in self.prompts)

    @property
    def next(self) -> Prompt | None:
        """The first that is missing."""
        return next((state.prompt for state in self.prompts if state.take is None), None)


class LanguageLine(msgspec.Struct, frozen=True):
    """A language's bank on one line. `editions`: the newest of each template; `prompts`: how many there are to record,
    `recorded`: how many of them somebody has recorded who lends their voice; `presenters`: of those that this person
    may see."""

    language: Language
    editions: tuple[EditionText, ...]
    prompts: int
    recorded: int
    presenters: tuple[Presenter, ...]

    @property
    def approved(self) -> int:
        """How many editions are approved."""
        return sum(edition.approved for edition in self.editions)


def editions_of(store: Store, language: str) -> dict[str, EditionText]:
    """The newest edition of each template, by template. Vietnamese has the text that comes with the program where
    nobody has written another one."""
    found = {edition.template: edition for edition in store.phrases.newest_editions(language)}
    if language == VIETNAMESE:
        for each in templates():
            found.setdefault(
                each.id, EditionText(VIETNAMESE, each.id, 0, each.text, "Loa Bản", "", 0, "Loa Bản", "", 0)
            )
    return found


def prompts(store: Store, language: str, area: Area | None = None) -> tuple[Prompt, ...]:
    """What is to be recorded for all approved editions of a language, with the names of places where it is spoken: of
    those in this area, or of all."""
    editions = editions_of(store, language)
    approved = [
        Edition(each, editions[each.id].text)
        for each in templates()
        if each.id in editions and editions[each.id].approved
    ]
    return plan(
        approved,
        places_of(store, language, area),
        two_forms=two_forms(store, language),
        own=language == VIETNAMESE,
    )


def two_forms(store: Store, language: str) -> bool:
    """Whether units of this language are recorded apart for the end of a phrase."""
    found = store.languages.find(language)
    return found is not None and found.phrase_forms


def places_of(store: Store, language: str, area: Area | None = None) -> tuple[str, ...]:
    """The hamlets where a language is spoken, and their communes, by name, each name once."""
    roots = [area.path] if area is not None else [a.path for a in store.areas.below(["/"]) if a.depth == 0]
    areas = [found for found in store.areas.below(roots) if found.level != LOUDSPEAKER]
    hamlets = [found for found in areas if found.level == HAMLET and language in (found.languages or (VIETNAMESE,))]
    paths = {hamlet.path for hamlet in hamlets}
    communes = [a for a in areas if a.level == COMMUNE and any(path.startswith(a.path) for path in paths)]
    return tuple(dict.fromkeys(found.name for found in (*communes, *hamlets)))


def session(store: Store, person: Person, language: str, presenter: str) -> Session:
    """What this presenter has recorded of a language, and what not. Raises `NotFound`, `NotAllowed`."""
    who, area = _own(store, person, presenter)
    if language not in who.languages:
        raise NotFound
    takes = {take.unit: take for take in store.phrases.takes(language, [who.id])}
    found = tuple(PromptState(prompt, takes.get(prompt.key)) for prompt in prompts(store, language, area))
    return Session(language, who, found)


def prompt_of(store: Store, person: Person, language: str, unit: str, presenter: str) -> Prompt:
    """One prompt of a presenter's, before what they recorded is looked at. Raises `NotFound`, `NotAllowed`."""
    found = session(store, person, language, presenter)
    if not found.presenter.lends:
        raise NotAllowed
    return _prompt(found, unit)


def keep_take(
    store: Store,
    person: Person,
    language: str,
    unit: str,
    presenter: str,
    examined: Examined,
    now: UtcMs,
    new_id: Callable[[str], str],
) -> KeptTake:
    """Keep a recording that has been examined (`TakeArchive.examine`) and found faultless: from now on it is the
    presenter's take of this unit. Raises `NotFound`, `NotAllowed`, also for one who has withdrawn meanwhile."""
    prompt = prompt_of(store, person, language, unit, presenter)
    if examined.faults or not examined.file:
        raise NotAllowed
    text = prompt.text or prompt.gloss
    take = KeptTake(new_id("bt"), language, unit, presenter, text, examined.file, examined.measures, person.id, now)
    store.phrases.keep_takes([take])
    area = store.phrases.presenter(presenter)
    store.trail.note(
        now, person, "keep_take", take.id, area=area.area if area else "", after=f"{presenter} {language} {unit}"
    )
    return take


def overview(store: Store, person: Person) -> list[LanguageLine]:
    """The banks of the languages that are spoken where this person looks, and of those that have an edition."""
    languages = store.areas.languages()
    seen = scope(person.grants, Act.see)
    if not seen:
        return []
    near = dict.fromkeys(tag for area in store.areas.below(seen) for tag in area.languages)
    written = {edition.language for edition in store.phrases.newest_editions()}
    tags = [tag for tag in languages if tag in near or tag in written]
    return [line(store, person, languages[tag]) for tag in tags]


def line(store: Store, person: Person, language: Language) -> LanguageLine:
    """One language's bank. What is missing counts the places in this person's own areas."""
    planned: set[str] = set()
    for path in scope(person.grants, Act.see):
        planned |= {prompt.key for prompt in prompts(store, language.tag, _area(store, path))}
    lending = store.phrases.lending(language.tag)
    recorded = {take.unit for take in store.phrases.takes(language.tag, [who.id for who in lending])}
    editions = editions_of(store, language.tag)
    return LanguageLine(
        language,
        tuple(editions[each.id] for each in templates() if each.id in editions),
        len(planned),
        len(planned & recorded),
        tuple(who for who in visible_presenters(store, person) if language.tag in who.languages),
    )


def visible_presenters(store: Store, person: Person) -> list[Presenter]:
    """Those whose consent is kept where this person writes or administers: it is about people."""
    paths = {path for act in (Act.write, Act.set_area) for path in scope(person.grants, act)}
    return store.phrases.presenters_below(paths)


def known_template(id_: str) -> None:
    """Raises `NotFound` where there is none."""
    if template(id_) is None:
        raise NotFound


def _own(store: Store, person: Person, presenter: str) -> tuple[Presenter, Area]:
    who = store.phrases.presenter(presenter)
    area = store.areas.find(who.area) if who is not None else None
    if who is None or area is None or not may(person.grants, Act.see, area.path):
        raise NotFound
    if not may(person.grants, Act.write, area.path):
        raise NotAllowed
    return who, area


def _prompt(found: Session, unit: str) -> Prompt:
    prompt = next((state.prompt for state in found.prompts if state.prompt.key == unit), None)
    if prompt is None:
        raise NotFound
    return prompt


def _area(store: Store, path: str) -> Area | None:
    return store.areas.find(path.strip("/").rpartition("/")[2])


def names_of(presenters: Iterable[Presenter]) -> dict[str, str]:
    """Their names by id."""
    return {presenter.id: presenter.name for presenter in presenters}

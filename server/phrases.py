"""The phrase bank's use cases: what a language has, what a presenter still has to record, and keeping what they have.

Imported by the web, the seed, the commands and tests.
"""

from collections.abc import Callable, Iterable, Sequence

import msgspec

from audio.language import VIETNAMESE, Language
from audio.phrase_plan import Edition, Prompt, plan
from audio.phrase_values import VALUES, wordings
from schedules.clock import UtcMs
from server.access import Act, Person, may, scope
from server.area import Area
from server.phrase import EditionText, KeptTake, Presenter
from server.phrase_catalogue import templates
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
    """A language's bank. `editions`: the newest of each template; `missing`: what nobody has recorded who lends their
    voice, of so many `prompts` in all; `presenters`: those that this person may see."""

    language: Language
    editions: tuple[EditionText, ...]
    missing: tuple[Prompt, ...]
    prompts: int
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


def prompts(store: Store, language: str, areas: Sequence[Area]) -> tuple[Prompt, ...]:
    """What is to be recorded for all approved editions of a language, with the names of those of these areas where it
    is spoken."""
    editions = editions_of(store, language)
    approved = [
        Edition(each, editions[each.id].text)
        for each in templates()
        if each.id in editions and editions[each.id].approved
    ]
    return plan(
        approved,
        places_of(areas, language),
        two_forms=two_forms(store, language),
        own=language == VIETNAMESE,
        wordings=worded(store, language),
    )


def worded(store: Store, language: str) -> dict[str, str]:
    """How a language says values, as far as somebody has reviewed it."""
    found = store.phrases.edition(language, VALUES)
    return wordings(found.text) if found is not None and found.approved else {}


def glosses(language: str, areas: Sequence[Area]) -> tuple[str, ...]:
    """Every value that a language is asked to say, as Vietnamese says it: of all templates, and of these areas."""
    whole = [Edition(each, each.text) for each in templates()]
    found = plan(whole, places_of(areas, language), two_forms=False, own=True)
    return tuple(dict.fromkeys(prompt.gloss for prompt in found if prompt.gloss))


def two_forms(store: Store, language: str) -> bool:
    """Whether units of this language are recorded apart for the end of a phrase."""
    found = store.languages.find(language)
    return found is not None and found.phrase_forms


def places_of(areas: Sequence[Area], language: str) -> tuple[str, ...]:
    """The communes among these where a language is spoken in any hamlet, and all their hamlets, by name, each name
    once: what happens in the next hamlet is told here too."""
    hamlets = [found for found in areas if found.level == HAMLET]
    speaking = [hamlet.path for hamlet in hamlets if language in (hamlet.languages or (VIETNAMESE,))]
    communes = [a for a in areas if a.level == COMMUNE and any(path.startswith(a.path) for path in speaking)]
    paths = tuple(commune.path for commune in communes)
    near = [hamlet for hamlet in hamlets if hamlet.path.startswith(paths)] if paths else []
    return tuple(dict.fromkeys(found.name for found in (*communes, *near)))


def spoken_in(areas: Iterable[Area]) -> tuple[str, ...]:
    """The languages of these areas, Vietnamese first where there are any."""
    found = list(areas)
    tags = [tag for area in found for tag in area.languages]
    return tuple(dict.fromkeys([VIETNAMESE, *tags])) if found else ()


def looked_after(store: Store, person: Person, act: Act) -> tuple[str, ...]:
    """The languages that are spoken where this person may do this: their banks are theirs to look after."""
    return spoken_in(store.areas.below(scope(person.grants, act)))


def must_look_after(store: Store, person: Person, language: str, act: Act) -> None:
    """Raises `NotFound` for the bank of a language that is spoken nowhere where this person looks, `NotAllowed` where
    they may not do this."""
    if language not in looked_after(store, person, Act.see):
        raise NotFound
    if language not in looked_after(store, person, act):
        raise NotAllowed


def session(store: Store, person: Person, language: str, presenter: str) -> Session:
    """What this presenter has recorded of a language, and what not. Raises `NotFound`, `NotAllowed`."""
    who, area = _own(store, person, presenter)
    if language not in who.languages:
        raise NotFound
    takes = {take.unit: take for take in store.phrases.takes(language, [who.id])}
    found = tuple(
        PromptState(prompt, takes.get(prompt.key))
        for prompt in prompts(store, language, store.areas.below([area.path]))
    )
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
    who = store.phrases.presenter(presenter)
    store.trail.note(
        now, person, "keep_take", take.id, area=who.area if who else "", after=f"{presenter} {language} {unit}"
    )
    return take


def overview(store: Store, person: Person) -> list[LanguageLine]:
    """The banks of the languages that are spoken where this person looks."""
    areas, languages = store.areas.below(scope(person.grants, Act.see)), store.areas.languages()
    presenters = visible_presenters(store, person)
    return [_line(store, languages[tag], areas, presenters) for tag in spoken_in(areas) if tag in languages]


def line(store: Store, person: Person, language: str) -> LanguageLine:
    """One of them. Raises `NotFound`."""
    areas, languages = store.areas.below(scope(person.grants, Act.see)), store.areas.languages()
    if language not in languages or language not in spoken_in(areas):
        raise NotFound
    return _line(store, languages[language], areas, visible_presenters(store, person))


def _line(store: Store, language: Language, areas: Sequence[Area], presenters: Sequence[Presenter]) -> LanguageLine:
    planned = prompts(store, language.tag, areas)
    lending = store.phrases.lending(language.tag)
    recorded = {take.unit for take in store.phrases.takes(language.tag, [who.id for who in lending])}
    editions = editions_of(store, language.tag)
    return LanguageLine(
        language,
        tuple(editions[each.id] for each in templates() if each.id in editions),
        tuple(prompt for prompt in planned if prompt.key not in recorded),
        len(planned),
        tuple(who for who in presenters if language.tag in who.languages),
    )


def visible_presenters(store: Store, person: Person) -> list[Presenter]:
    """Those whose consent is kept where this person writes or administers: it is about people."""
    paths = {path for act in (Act.write, Act.set_area) for path in scope(person.grants, act)}
    return store.phrases.presenters_below(paths)


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

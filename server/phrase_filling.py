"""Filling a template: its text in every language, and its sound wherever the bank can speak all of it. Use cases.

Imported by the web and tests. The database is asked and told in transactions of their own; the joining and mastering
between them takes seconds and holds none.
"""

import enum
import hashlib
from collections.abc import Mapping

import msgspec

from audio.language import VIETNAMESE
from audio.phrase_plan import Edition, Step, script, written
from audio.phrase_slots import SlotError, Unit, filled
from audio.phrase_speaking import Cast, Held, Lack, cast
from audio.phrase_template import Template
from audio.voices.phrase_bank import Script, Spoken
from schedules.clock import UtcMs
from server import phrases
from server.access import Act, Person, may_anywhere, scope
from server.compose_form import ComposeForm
from server.phrase import EditionText, KeptTake, ManifestLine, Presenter
from server.phrase_catalogue import template
from server.refusals import Changed, NotAllowed, NotFound
from server.repositories.store import Store
from server.studio import Rendered, Studio
from server.take_archive import TakeArchive

_WRITING = (Act.write, Act.alarm)


class Readiness(enum.Enum):
    """Whether a filled template can be spoken in a language."""

    spoken = "spoken"
    lacking = "lacking"  # prompts are missing
    unwritten = "unwritten"  # there is no edition
    unreviewed = "unreviewed"  # there is one that no native speaker has approved


class Voiced(msgspec.Struct, frozen=True):
    """A filled template in one language. `text`: to be read, empty where there is no approved edition; `takes` of each
    of the `steps`, where it can be spoken; `missing`: what nobody has recorded, and `helpers` who could."""

    language: str
    readiness: Readiness
    text: str = ""
    edition: EditionText | None = None
    steps: tuple[Step, ...] = ()
    takes: tuple[KeptTake, ...] = ()
    presenters: tuple[Presenter, ...] = ()
    missing: tuple[Step, ...] = ()
    helpers: tuple[Presenter, ...] = ()


class Filled(msgspec.Struct, frozen=True):
    """A filled template: its title, and every language."""

    template: Template
    title: str
    languages: tuple[Voiced, ...]

    def of(self, language: str) -> Voiced | None:
        """One of them."""
        return next((voiced for voiced in self.languages if voiced.language == language), None)


def places(store: Store, person: Person) -> tuple[str, ...]:
    """The places that this person may name: the communes and hamlets where they write, by name."""
    found = store.areas.below({path for act in _WRITING for path in scope(person.grants, act)})
    return tuple(dict.fromkeys(a.name for a in found if a.level in (phrases.COMMUNE, phrases.HAMLET)))


def languages_here(store: Store, person: Person) -> tuple[str, ...]:
    """The languages that are spoken where this person writes, Vietnamese first."""
    return phrases.spoken_in(store.areas.below({p for act in _WRITING for p in scope(person.grants, act)}))


def fill(store: Store, person: Person, template_id: str, typed: Mapping[str, str]) -> Filled | tuple[SlotError, ...]:
    """A template with these values, in every language that is spoken where this person writes; or what is wrong with
    the values. Raises `NotFound`, `NotAllowed`."""
    wanted = template(template_id)
    if wanted is None:
        raise NotFound
    if not may_anywhere(person.grants, Act.write) and not may_anywhere(person.grants, Act.alarm):
        raise NotAllowed
    values = filled(wanted, typed, places(store, person))
    if isinstance(values, tuple):
        return values
    voiced = tuple(_voiced(store, wanted, language, values) for language in languages_here(store, person))
    return Filled(wanted, written(wanted.title, values), voiced)


def sounds(studio: Studio, takes: TakeArchive, found: Filled) -> dict[str, Rendered]:
    """The sound in each language that can be spoken; Vietnamese too, where people have recorded all of it. Raises
    `VoiceError` or `MasteringError`."""
    return {
        voiced.language: studio.assemble(script_of(takes, voiced), voiced.language)
        for voiced in found.languages
        if voiced.readiness is Readiness.spoken
    }


def script_of(takes: TakeArchive, voiced: Voiced) -> Script:
    """What the engine is handed. The manifest's digest tells takes and order, so that another take is another sound."""
    spoken = tuple(
        Spoken(takes.path(take.file), take.measures, step.pause_ms)
        for step, take in zip(voiced.steps, voiced.takes, strict=True)
    )
    told = "\n".join(
        f"{step.key} {step.pause_ms} {take.id}" for step, take in zip(voiced.steps, voiced.takes, strict=True)
    )
    digest = hashlib.sha256(told.encode()).hexdigest()
    sample = any(presenter.sample for presenter in voiced.presenters)
    return Script(spoken, tuple(presenter.id for presenter in voiced.presenters), digest, sample)


def keep_sounds(
    store: Store, person: Person, found: Filled, rendered: Mapping[str, Rendered], now: UtcMs
) -> dict[str, Rendered]:
    """Who says what in these sounds is kept, and this person may hear and use them. Raises `Changed` where somebody
    who speaks in them has withdrawn meanwhile."""
    for language, sound in rendered.items():
        voiced = found.of(language)
        if voiced is None or voiced.edition is None:
            continue
        still = {who.id for who in store.phrases.lending(language)}
        if any(take.presenter not in still for take in voiced.takes):
            raise Changed
        clip = sound.clip.sha256
        store.phrases.keep_manifest(clip, _manifest(clip, voiced, voiced.edition))
        store.makers.note(clip, person.id, now)
    return dict(rendered)


def form_of(found: Filled, rendered: Mapping[str, Rendered], targets: tuple[str, ...] = ()) -> ComposeForm:
    """The form "Soạn bản tin", filled with the languages that can be spoken: a text without a sound could not be sent,
    and a language without either is shown as missing there."""
    vietnamese = found.of(VIETNAMESE)
    texts = {
        voiced.language: voiced.text
        for voiced in found.languages
        if voiced.language != VIETNAMESE and voiced.language in rendered
    }
    return ComposeForm(
        title=found.title,
        topic=found.template.topic,
        broadcast_class=found.template.broadcast_class,
        text=vietnamese.text if vietnamese else "",
        texts=texts,
        recordings={language: sound.clip.sha256 for language, sound in rendered.items()},
        targets=targets,
        translators={
            voiced.language: voiced.edition.translator
            for voiced in found.languages
            if voiced.edition is not None and voiced.language in texts
        },
    )


def _voiced(store: Store, wanted: Template, language: str, values: Mapping[str, tuple[Unit, ...]]) -> Voiced:
    edition = phrases.editions_of(store, language).get(wanted.id)
    if edition is None:
        return Voiced(language, Readiness.unwritten)
    if not edition.approved:
        return Voiced(language, Readiness.unreviewed, edition=edition)
    own = phrases.worded(store, language)
    text = written(edition.text, values, own)
    forms = phrases.two_forms(store, language)
    steps = script(Edition(wanted, edition.text), values, two_forms=forms, wordings=own)
    lending = {who.id: who for who in store.phrases.lending(language)}
    takes = store.phrases.takes(language, lending, {step.key for step in steps})
    found = cast(steps, [Held(take.id, take.unit, take.presenter) for take in takes], list(lending))
    match found:
        case Lack(missing, helpers):
            able = tuple(lending[who] for who in helpers)
            return Voiced(language, Readiness.lacking, text, edition, steps, missing=missing, helpers=able)
        case Cast(chosen, who):
            by_id = {take.id: take for take in takes}
            speaking = tuple(lending[each] for each in who)
            return Voiced(
                language, Readiness.spoken, text, edition, steps, tuple(by_id[take] for take in chosen), speaking
            )


def _manifest(clip: str, voiced: Voiced, edition: EditionText) -> list[ManifestLine]:
    return [
        ManifestLine(
            clip,
            number,
            voiced.language,
            edition.template,
            edition.number,
            step.key,
            step.text,
            take.id,
            take.presenter,
        )
        for number, (step, take) in enumerate(zip(voiced.steps, voiced.takes, strict=True))
    ]

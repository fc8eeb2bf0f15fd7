"""The form "Soạn bản tin" as it was typed → a draft, or what is wrong with which field. Pure.

Imported by the web and the use cases. Nothing typed is ever thrown away here: the web shows the form again as it was.
"""

import unicodedata
from collections.abc import Collection, Mapping
from types import MappingProxyType

import msgspec

from audio.clip import NO_LANGUAGE, Clip, is_clip_name
from audio.language import VIETNAMESE
from audio.spoken_text import SpokenText, resolve, speak
from schedules.clock import UtcMs
from schedules.programme import BroadcastClass
from schedules.recurrence import Recurrence
from server import timing
from server.bulletin import TRANSLATED, TYPED
from server.compose_form import ComposeForm, FieldError, Mode, Problem
from server.exercise import announced, faults

LONGEST_TITLE = 200
LONGEST_TEXT = 20_000
LONGEST_ANSWER = 200
LONGEST_NOTE = 1_000
LONGEST_NAME = 200
LONGEST_REASON = 500
UNTAUGHT: Mapping[str, str] = MappingProxyType({})
_BREAKS = "\n\t"
_UNSEEN = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff")) | {0x2028: "\n", 0x2029: "\n"}
_TURNS = frozenset({"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"})
_QUOTED = 10


class Offered(msgspec.Struct, frozen=True):
    """What the person may choose: topics, languages that a recording may be in, areas; those areas for which they may
    write nothing but an emergency; the sounds of the library, by the name of their clip; and whether they write for
    communes from above (`office`)."""

    topics: frozenset[str]
    languages: frozenset[str]
    areas: frozenset[str]
    emergencies_only: frozenset[str] = frozenset()
    tunes: dict[str, Clip] = {}
    office: bool = False

    def places(self, broadcast_class: str) -> frozenset[str]:
        """The areas for this class."""
        urgent = broadcast_class == BroadcastClass.emergency.value
        return self.areas | self.emergencies_only if urgent else self.areas


class DraftVariant(msgspec.Struct, frozen=True):
    """One language of a draft: `spoken` is to be rendered by a voice, unless `recording` names a clip. `answers`: those
    that went into `spoken`; `translator`: who translated the text, if anybody did."""

    language: str
    text: str
    spoken: str = ""
    recording: str = ""
    answers: dict[str, str] = {}
    translator: str = ""

    @property
    def origin(self) -> str:
        """Where its text comes from; empty where it has none."""
        return (TRANSLATED if self.translator else TYPED) if self.text else ""


class Draft(msgspec.Struct, frozen=True):
    """A form without faults. `recurrence` is None for "now"; `opening`, `closing`: from the library; `pushed`: communes
    are asked."""

    title: str
    topic: str
    broadcast_class: BroadcastClass
    variants: tuple[DraftVariant, ...]
    targets: tuple[str, ...]
    mode: Mode
    recurrence: Recurrence | None
    authority: str = ""
    responsible: str = ""
    reason: str = ""
    exercise: bool = False
    opening: tuple[Clip, ...] = ()
    closing: tuple[Clip, ...] = ()
    pushed: bool = False


def check(
    form: ComposeForm,
    offered: Offered,
    now: UtcMs,
    taught: Mapping[str, str] = UNTAUGHT,
    names: Mapping[str, str] = UNTAUGHT,
) -> Draft | tuple[FieldError, ...]:
    """The draft, or everything that is wrong with the form. `taught`: how the place says what is written so; `names`:
    how those of places are said."""
    form = announced(form)
    errors = faults(form)
    title = " ".join(typed_line("title", form.title, LONGEST_TITLE, errors, required=True).split())
    variants = _variants(form, offered, errors, (taught, names))
    _offered("topic", form.topic, offered.topics, errors)
    _offered("broadcast_class", form.broadcast_class, _classes(), errors)
    targets = tuple(dict.fromkeys(form.targets))
    if not targets:
        errors.append(FieldError("targets", Problem.no_targets))
    elif any(target not in offered.places(form.broadcast_class) for target in targets):
        errors.append(FieldError("targets", Problem.not_offered))
    answered = _answered(form, errors)
    recurrence = timing.read(form, now, errors)
    opening, closing = (_tune(field, getattr(form, field), offered, errors) for field in ("opening", "closing"))
    if form.pushed and not offered.office:
        errors.append(FieldError("pushed", Problem.not_offered))
    elif form.pushed and (form.broadcast_class, form.mode) == (BroadcastClass.ordinary.value, Mode.now.value):
        errors.append(FieldError("pushed", Problem.needs_time))
    if errors:
        return tuple(errors)
    mode, class_ = Mode(form.mode), BroadcastClass(form.broadcast_class)
    return Draft(
        title,
        form.topic,
        class_,
        variants,
        targets,
        mode,
        recurrence,
        *answered,
        exercise=form.exercise,
        opening=opening,
        closing=closing,
        pushed=form.pushed,
    )


def cleaned(text: str) -> str:
    """Composed letters (NFC), one kind of line end, no space at the ends, and nothing of what word processors leave
    between letters without anybody seeing it."""
    return unicodedata.normalize("NFC", text.translate(_UNSEEN)).replace("\r\n", "\n").replace("\r", "\n").strip()


def check_note(typed: str, *, required: bool = True) -> str | FieldError:
    """What an approver writes to the author, or what is wrong with it."""
    errors: list[FieldError] = []
    note = typed_line("note", typed, LONGEST_NOTE, errors, required=required)
    return errors[0] if errors else note


def spoken(
    text: str, answers: Mapping[str, str], taught: Mapping[str, str] = UNTAUGHT, names: Mapping[str, str] = UNTAUGHT
) -> SpokenText:
    """A text as it is read out, as the place says it and the `names` of places near it, with the answers to what nobody
    else can say; faulty answers are left aside."""
    # A browser sends another kind of line end than stands in the text.
    short = {
        leftover.replace("\r\n", "\n"): cleaned(said)
        for leftover, said in answers.items()
        if leftover and len(said) <= LONGEST_ANSWER
    }
    return speak(resolve(cleaned(text), short), taught, names) if len(text) <= LONGEST_TEXT else SpokenText("")


def answered(text: str, answers: Mapping[str, str]) -> dict[str, str]:
    """Those of the answers that are answers to something in the text."""
    found = {leftover.replace("\r\n", "\n"): how.strip() for leftover, how in answers.items()}
    return {leftover: how for leftover, how in found.items() if how and leftover in cleaned(text)}


def _answered(form: ComposeForm, errors: list[FieldError]) -> tuple[str, str, str]:
    """Who orders it, who answers for it, and why: asked for where it goes before others, left aside elsewhere."""
    emergency = form.broadcast_class == BroadcastClass.emergency.value
    if not emergency and form.broadcast_class != BroadcastClass.priority.value:
        return "", "", ""
    authority = typed_line("authority", form.authority, LONGEST_NAME, errors, required=True)
    responsible = typed_line("responsible", form.responsible, LONGEST_NAME, errors, required=True)
    reason = typed_line("reason", form.reason, LONGEST_REASON, errors, required=True) if emergency else ""
    return " ".join(authority.split()), " ".join(responsible.split()), reason


def _classes() -> frozenset[str]:
    return frozenset(c.value for c in BroadcastClass if c is not BroadcastClass.unknown)


def typed_line(field: str, typed: str, longest: int, errors: list[FieldError], *, required: bool) -> str:
    """What was typed into a field, cleaned; what is wrong with it is added to the errors."""
    text = cleaned(typed)
    controls = sorted({f"U+{ord(c):04X}" for c in text if is_control(c)})
    if not text and required:
        errors.append(FieldError(field, Problem.empty))
    elif len(text) > longest:
        errors.append(FieldError(field, Problem.too_long, f"{len(text)}/{longest}"))
    elif controls:
        errors.append(FieldError(field, Problem.control_characters, ", ".join(controls)))
    return text


def is_control(c: str) -> bool:
    """Controls, and what turns the order of letters round: nobody may approve one thing and read another."""
    return (unicodedata.category(c) == "Cc" and c not in _BREAKS) or unicodedata.bidirectional(c) in _TURNS


def _offered(field: str, chosen: str, choices: Collection[str], errors: list[FieldError]) -> None:
    if chosen not in choices:
        errors.append(FieldError(field, Problem.not_offered if chosen else Problem.empty))


def _variants(
    form: ComposeForm, offered: Offered, errors: list[FieldError], sayings: tuple[Mapping[str, str], Mapping[str, str]]
) -> tuple[DraftVariant, ...]:
    found: list[DraftVariant] = []
    recording = form.recordings.get(VIETNAMESE, "")
    before = len(errors)
    text = typed_line(
        "text", form.text, LONGEST_TEXT, errors, required=not _any_recording(form.recordings) and not form.music
    )
    for answer in form.answers.values():
        typed_line("answers", answer, LONGEST_ANSWER, errors, required=False)
    if text and len(errors) == before:
        said = spoken(text, form.answers, *sayings)
        if said.leftovers and not recording:
            errors.append(FieldError("text", Problem.unspeakable, ", ".join(said.leftovers[:_QUOTED])))
        found.append(DraftVariant(VIETNAMESE, text, said.words, recording, answered(text, form.answers)))
    elif recording:
        found.append(DraftVariant(VIETNAMESE, "", "", recording))
    for language in dict.fromkeys([*form.texts, *form.recordings]):
        if language != VIETNAMESE and language not in form.without:
            found += _other_variant(form, language, offered, errors)
    found += [DraftVariant(NO_LANGUAGE, "", "", clip.sha256) for clip in _tune("music", form.music, offered, errors)]
    for variant in found:
        if variant.recording and not is_clip_name(variant.recording):
            errors.append(FieldError(f"recording-{variant.language}", Problem.no_sound))
    return tuple(found)


def _tune(field: str, chosen: str, offered: Offered, errors: list[FieldError]) -> tuple[Clip, ...]:
    """A sound of the library, if one was chosen."""
    if not chosen:
        return ()
    if chosen not in offered.tunes:
        errors.append(FieldError(field, Problem.not_offered))
        return ()
    return (offered.tunes[chosen],)


def _any_recording(recordings: Mapping[str, str]) -> bool:
    return any(recordings.values())


def _other_variant(form: ComposeForm, language: str, offered: Offered, errors: list[FieldError]) -> list[DraftVariant]:
    text = typed_line(f"text-{language}", form.texts.get(language, ""), LONGEST_TEXT, errors, required=False)
    recording = form.recordings.get(language, "")
    if not text and not recording:
        return []
    if language not in offered.languages:
        errors.append(FieldError(f"text-{language}", Problem.not_offered, language))
    if not recording:
        errors.append(FieldError(f"recording-{language}", Problem.no_sound))
    field = f"translator-{language}"
    translator = " ".join(
        typed_line(field, form.translators.get(language, ""), LONGEST_NAME, errors, required=False).split()
    )
    return [DraftVariant(language, text, "", recording, translator=translator if text else "")]

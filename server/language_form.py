"""What people type for a language, and what it means. Pure.

Imported by the use cases, the page "Ngôn ngữ" and tests.
"""

import enum
from collections.abc import Collection

import msgspec

from audio.language import VIETNAMESE, Language, is_tag
from server.composing import cleaned, is_control

LONGEST = 80
_TEXTS = ("name", "own_name", "variety", "orthography")


class LanguageFault(enum.Enum):
    """What can be wrong with a field."""

    empty = "empty"
    too_long = "too_long"
    unseen = "unseen"
    no_tag = "no_tag"
    there_already = "there_already"
    no_engine = "no_engine"
    needed = "needed"


Faults = dict[str, LanguageFault]


class LanguageForm(msgspec.Struct, frozen=True):
    """As typed. `engines`: in order, empty parts are left aside; `own_engines`: whether they count."""

    tag: str = ""
    name: str = ""
    own_name: str = ""
    variety: str = ""
    orthography: str = ""
    engines: tuple[str, ...] = ()
    own_engines: bool = False
    phrase_forms: bool = False
    retired: bool = False


def form_of(language: Language) -> LanguageForm:
    """The form as it stands before anybody types."""
    return LanguageForm(
        language.tag,
        language.name,
        language.own_name,
        language.variety,
        language.orthography,
        language.engines or (),
        language.engines is not None,
        language.phrase_forms,
        language.retired,
    )


def tag_fault(tag: str, known: Collection[str]) -> LanguageFault | None:
    """What is wrong with the tag of a new language."""
    if not tag:
        return LanguageFault.empty
    if not is_tag(tag):
        return LanguageFault.no_tag
    return LanguageFault.there_already if tag.lower() in {each.lower() for each in known} else None


def read(form: LanguageForm, tag: str, house: Collection[str]) -> tuple[Language, Faults]:
    """The language that the form means, and the fields that make no sense. `house`: the machines that are allowed for
    it at all."""
    faults: Faults = {}
    texts = {}
    for field in _TEXTS:
        text = texts[field] = " ".join(cleaned(getattr(form, field)).split())
        if not text and field == "name":
            faults[field] = LanguageFault.empty
        elif len(text) > LONGEST:
            faults[field] = LanguageFault.too_long
        elif any(is_control(c) for c in text):
            faults[field] = LanguageFault.unseen
    engines = tuple(dict.fromkeys(name for name in form.engines if name)) if form.own_engines else None
    if any(name not in house for name in engines or ()):
        faults["engines"] = LanguageFault.no_engine
    if form.retired and tag == VIETNAMESE:
        faults["retired"] = LanguageFault.needed
    return Language(tag, **texts, engines=engines, phrase_forms=form.phrase_forms, retired=form.retired), faults

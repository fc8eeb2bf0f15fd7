"""Writing and approving editions of templates: use cases.

Imported by the web, the seed and tests. Who wrote in an edition approves it no more than a bulletin; and what they
approve is what a native speaker, by name, has looked at.
"""

import enum
import unicodedata

import msgspec

from audio.phrase_template import Template, TextError, composed, faults_of
from audio.phrase_values import VALUES, value_faults
from schedules.clock import UtcMs
from server import phrases
from server.access import Act, Person
from server.phrase import LONGEST_NAME, EditionText
from server.phrase_catalogue import template
from server.refusals import Changed, NotFound, OwnWork, Stale
from server.repositories.store import Store

_VALUES = Template(VALUES, "", "", "", "", (), "")
"""How a language says values: no template, but written and reviewed like one."""


class NameFault(enum.Enum):
    """What is wrong with a name."""

    empty = "empty"
    too_long = "too_long"
    same_person = "same_person"  # nobody reviews what they translated


class NameProblem(msgspec.Struct, frozen=True):
    """`field`: `translator` or `reviewer`."""

    field: str
    fault: NameFault


def write(
    store: Store,
    person: Person,
    language: str,
    template_id: str,
    text: str,
    translator: str,
    base: int,
    now: UtcMs,
    *,
    sample: bool = False,
) -> EditionText | tuple[TextError | NameProblem, ...]:
    """Save a template's text in a language, on top of saving number `base`; or what is wrong with it. Whatever was
    approved of it stands no more. Raises `NotFound`, `NotAllowed`, `Stale`."""
    phrases.must_look_after(store, person, language, Act.write)
    wanted = _wanted(template_id)
    errors: list[TextError | NameProblem] = [
        *(value_faults(text, values_of(store, language)) if wanted is _VALUES else faults_of(text, wanted))
    ]
    name = _name("translator", translator, errors)
    if errors:
        return tuple(errors)
    before = store.phrases.edition(language, template_id)
    if before is not None and (composed(text), name) == (before.text, before.translator):
        return before
    number = (before.number if before else 0) + 1
    fresh = EditionText(language, template_id, number, composed(text), name, person.id, now, sample=sample)
    if number != base + 1 or not store.phrases.save_edition(fresh):
        newest = store.phrases.edition(language, template_id)
        raise Stale(newest.staff if newest else "", newest.at if newest else 0)
    was = f"{before.number} {'approved' if before.approved else ''}".strip() if before else ""
    store.trail.note(now, person, "write_edition", f"{language} {template_id}", before=was, after=f"{number} {name}")
    return fresh


def approve(
    store: Store, person: Person, language: str, template_id: str, number: int, reviewer: str, now: UtcMs
) -> EditionText | tuple[NameProblem, ...]:
    """A native speaker, by name, has looked at this saving: this person, who reviews the language, or somebody without
    an account, for whom an approver answers. Raises `NotFound`, `NotAllowed`, `OwnWork` for who wrote in it, `Changed`
    where there is a newer one, or it is approved already."""
    reviews = person.id in store.languages.reviewers([language]).get(language, [])
    if not reviews:
        phrases.must_look_after(store, person, language, Act.approve)
    found = store.phrases.editions(language, template_id)
    if not found:
        raise NotFound
    newest = found[0]
    if newest.number != number or newest.approved:
        raise Changed
    if person.id in writers_of(found):
        raise OwnWork
    errors: list[TextError | NameProblem] = []
    name = _name("reviewer", person.display_name if reviews else reviewer, errors)
    if name and _plain(name) in {_plain(each.translator) for each in unapproved(found)}:
        errors.append(NameProblem("reviewer", NameFault.same_person))
    if errors:
        return tuple(error for error in errors if isinstance(error, NameProblem))
    approved = msgspec.structs.replace(newest, reviewer=name, approver=person.id, approved_at=now)
    if not store.phrases.approve_edition(approved):
        raise Changed
    store.trail.note(now, person, "approve_edition", f"{language} {template_id}", after=f"{number} {name}")
    return approved


def _wanted(template_id: str) -> Template:
    found = _VALUES if template_id == VALUES else template(template_id)
    if found is None:
        raise NotFound
    return found


def values_of(store: Store, language: str) -> tuple[str, ...]:
    """The values for which a language may have its own words: those of every place where it is spoken."""
    return phrases.glosses(language, store.areas.below(["/"]))


def unapproved(editions: list[EditionText]) -> list[EditionText]:
    """What was saved since the last approval, of savings newest first."""
    found = []
    for edition in editions:
        if edition.approved:
            break
        found.append(edition)
    return found


def writers_of(editions: list[EditionText]) -> frozenset[str]:
    """Who wrote in what is to be approved now."""
    return frozenset(edition.staff for edition in unapproved(editions))


def _name(field: str, typed: str, errors: list[TextError | NameProblem]) -> str:
    name = " ".join(unicodedata.normalize("NFC", typed).split())
    if not name:
        errors.append(NameProblem(field, NameFault.empty))
    elif len(name) > LONGEST_NAME:
        errors.append(NameProblem(field, NameFault.too_long))
    return name


def _plain(name: str) -> str:
    """A name without its marks and capitals: who writes it otherwise is no other person."""
    letters = unicodedata.normalize("NFD", name.casefold().replace("đ", "d"))
    return " ".join("".join(c for c in letters if not unicodedata.combining(c)).split())


class EditionPage(msgspec.Struct, frozen=True):
    """All that the page of an edition shows. `savings`: the newest first, none yet where nobody has written it;
    `may_write`, `may_approve`: whether this person may; `reviews`: whether they review the language themselves; `own`:
    whether they wrote in what is to be approved; `people`: names by id."""

    template: Template
    savings: tuple[EditionText, ...]
    may_write: bool
    may_approve: bool
    reviews: bool
    own: bool
    people: dict[str, str]


def page(store: Store, person: Person, language: str, template_id: str) -> EditionPage:
    """The page of an edition. Raises `NotFound`."""
    phrases.must_look_after(store, person, language, Act.see)
    wanted = _wanted(template_id)
    savings = store.phrases.editions(language, template_id)
    reviews = person.id in store.languages.reviewers([language]).get(language, [])
    own, due = person.id in writers_of(savings), bool(savings) and not savings[0].approved
    decides = reviews or language in phrases.looked_after(store, person, Act.approve)
    return EditionPage(
        wanted,
        tuple(savings),
        language in phrases.looked_after(store, person, Act.write),
        decides and due and not own,
        reviews,
        own and due,
        store.staff.names(),
    )

"""Writing and approving editions of templates: use cases.

Imported by the web, the seed and tests. Who wrote in an edition approves it no more than a bulletin; and what they
approve is what a native speaker, by name, has looked at.
"""

import enum
import unicodedata

import msgspec

from audio.phrase_template import TextError, composed, faults_of
from schedules.clock import UtcMs
from server.access import Act, Person, may_anywhere
from server.phrase import LONGEST_NAME, EditionText
from server.phrase_catalogue import template
from server.refusals import Changed, NotAllowed, NotFound, OwnWork, Stale
from server.repositories.store import Store


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
    wanted = template(template_id)
    if wanted is None or language not in store.areas.languages():
        raise NotFound
    if not may_anywhere(person.grants, Act.write):
        raise NotAllowed
    errors: list[TextError | NameProblem] = [*faults_of(text, wanted)]
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
    an account, for whom an approver answers. Raises `NotFound`,
    `NotAllowed`, `OwnWork` for who wrote in it, `Changed` where there is a newer one, or it is approved already."""
    found = store.phrases.editions(language, template_id)
    if not found:
        raise NotFound
    reviews = person.id in store.languages.reviewers([language]).get(language, [])
    if not reviews and not may_anywhere(person.grants, Act.approve):
        raise NotAllowed
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

"""A draft: what is being written, every edition of it kept. Pure.

Imported by the use cases, the repositories and the web.
"""

import msgspec

from schedules.clock import MINUTE, UtcMs
from server.compose_form import ComposeForm


class Working(msgspec.Struct, frozen=True):
    """A draft. `area`: on whose behalf it was begun; `number`: of its newest edition, from 1; `replaces`: the broadcast
    of which it will be a newer version, or empty; `broadcast`: what became of it once it was sent."""

    id: str
    area: str
    author: str
    created_at: UtcMs
    number: int = 1
    replaces: str = ""
    broadcast: str = ""
    dropped_at: UtcMs | None = None


class Edition(msgspec.Struct, frozen=True):
    """A draft as somebody saved it once. `tab`, `turn`: the page that it was typed in, and how often that had saved, so
    that a page whose answer was lost does not clash with itself; `automatic_since`: since when that page saved it by
    itself, None where its writer did."""

    staff: str
    at: UtcMs
    form: ComposeForm
    tab: str = ""
    turn: int = 0
    automatic_since: UtcMs | None = None


class Basis(msgspec.Struct, frozen=True):
    """What a form is a continuation of: a draft with the number of the edition that it shows, and the broadcast of
    which it will be a newer version, with the newer version of that which its writer knew of; all empty for something
    new. `tab`, `turn`: the page that it is typed in, empty without JavaScript, and how often that has saved."""

    draft: str = ""
    number: int = 0
    replaces: str = ""
    successor: str = ""
    tab: str = ""
    turn: int = 0


GIVES_WAY = 5 * MINUTE
"""What a page saved by itself is written over by the same page for so long: who types for an hour leaves a dozen
editions, not a thousand."""


def gives_way(before: Edition, after: Edition) -> bool:
    """Whether an edition need not be kept beside the next one of the same page."""
    since = before.automatic_since
    same = bool(after.tab) and (before.staff, before.tab) == (after.staff, after.tab)
    return since is not None and same and 0 <= after.at - since < GIVES_WAY


def says_something(form: ComposeForm) -> bool:
    """Whether there is anything in a form that somebody would miss."""
    words = (form.title, form.text, form.reason, *form.texts.values(), *form.answers.values())
    return any(each.strip() for each in words) or any(form.recordings.values())

"""A draft: what is being written, every edition of it kept. Pure.

Imported by the use cases, the repositories and the web.
"""

import msgspec

from schedules.clock import UtcMs
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
    """A draft as somebody saved it once."""

    staff: str
    at: UtcMs
    form: ComposeForm


class Basis(msgspec.Struct, frozen=True):
    """What a form is a continuation of: a draft with the number of the edition that it shows, and the broadcast of
    which it will be a newer version, with the newer version of that which its writer knew of; all empty for something
    new."""

    draft: str = ""
    number: int = 0
    replaces: str = ""
    successor: str = ""

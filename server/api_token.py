"""A token of the JSON API: what it is, what is asked of who makes one, and how often it may come. Pure.

Imported by the use cases, the repository and the web.
"""

import enum

import msgspec

from schedules.clock import DAY, MINUTE, SECOND, DurationMs, UtcMs
from server.access import Role
from server.granting import GrantForm, Term, term_of

LONGEST: DurationMs = 366 * DAY
LONGEST_NAME = 80
PREFIX = "loaban_"
"""Whoever finds one in a file knows what it opens."""


class Token(msgspec.Struct, frozen=True):
    """`staff`: the account in whose name it acts; `area`: the node that it is held on; `ends`: from then on it opens
    nothing; `used_at`, `revoked_at`: 0 for never."""

    staff: str
    name: str
    area: str
    writes: bool
    made_by: str
    made_at: UtcMs
    ends: UtcMs
    used_at: UtcMs = 0
    revoked_at: UtcMs = 0

    def opens(self, now: UtcMs) -> bool:
        """Whether it lets anybody in."""
        return not self.revoked_at and now < self.ends

    @property
    def role(self) -> Role:
        """What it may do, in the words of the one room that decides it."""
        return Role.editor if self.writes else Role.overseer


class TokenForm(msgspec.Struct, frozen=True):
    """As it was typed. `until`: the last day, as day/month/year; `scope`: `read` or `write`."""

    name: str = ""
    area: str = ""
    scope: str = "read"
    until: str = ""


class TokenFault(enum.Enum):
    """What is wrong with a field of the form."""

    no_name = "no_name"
    no_area = "no_area"
    no_scope = "no_scope"
    no_such_date = "no_such_date"
    past = "past"
    too_far = "too_far"


Faults = dict[str, TokenFault]
"""By the name of the field."""


def checked(form: TokenForm, now: UtcMs) -> UtcMs | Faults:
    """When it ends, or what is wrong with the form."""
    faults: Faults = {}
    name = form.name.strip()
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        faults["name"] = TokenFault.no_name
    if not form.area:
        faults["area"] = TokenFault.no_area
    if form.scope not in ("read", "write"):
        faults["scope"] = TokenFault.no_scope
    term = term_of(GrantForm(until=form.until), now)
    ends = term.ends if isinstance(term, Term) else None
    if isinstance(term, dict):
        faults["until"] = TokenFault(term["until"].value)
    elif ends is None:
        faults["until"] = TokenFault.no_such_date
    elif ends > now + LONGEST:
        faults["until"] = TokenFault.too_far
    return faults or ends or 0


class Bucket(msgspec.Struct, frozen=True):
    """How many questions may still come at once, as of an instant."""

    left: float
    at: UtcMs


def drawn(bucket: Bucket | None, per_minute: int, now: UtcMs) -> tuple[Bucket, DurationMs]:
    """One question more: what is left after it, and how long it has to wait, 0 where it may pass. A whole minute's
    worth may come at once; what has to wait takes nothing."""
    before = bucket or Bucket(per_minute, now)
    left = min(per_minute, before.left + max(0, now - before.at) * per_minute / MINUTE)
    if left >= 1:
        return Bucket(left - 1, now), 0
    return Bucket(left, now), max(SECOND, round((1 - left) * MINUTE / per_minute))

"""How people want to be told: by which ways of what, and not at night. Pure.

Imported by the use cases, the repository and the web.
"""

import enum
import re

import msgspec

from schedules.assignment import QuietHours
from schedules.clock import DAY, MINUTE, UtcMs, civil_midnight, civil_minute, in_daily_window
from server.notice import Matter, Notice

LONGEST_ADDRESS = 254
NIGHT = QuietHours(22 * 60, 6 * 60)
_ADDRESS = re.compile(r"[^\s@<>,;:\"()\[\]\\]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?")


class Way(enum.Enum):
    """By what a message leaves the server."""

    push = "push"
    mail = "mail"
    webhook = "webhook"


class Choice(msgspec.Struct, frozen=True):
    """What somebody has chosen. `language`: of what is sent to them; `address`: for e-mail, empty for none; `push`,
    `mail`: of what they are told by which way; `quiet`: they are left alone at night, but for what is urgent."""

    language: str = "vi"
    address: str = ""
    push: frozenset[Matter] = frozenset(Matter)
    mail: frozenset[Matter] = frozenset(Matter)
    quiet: bool = True

    def ways(self, matter: Matter) -> tuple[Way, ...]:
        """By which ways they are told of this, beside the page."""
        by_push = (Way.push,) if matter in self.push else ()
        return (*by_push, Way.mail) if self.address and matter in self.mail else by_push


def due(notice: Notice, choice: Choice, now: UtcMs) -> UtcMs:
    """When it is to be sent: at once, or when the night is over."""
    if notice.urgent or not choice.quiet:
        return now
    return after_quiet(NIGHT, now)


def after_quiet(quiet: QuietHours, now: UtcMs) -> UtcMs:
    """Now, or the end of the quiet hours that hold now."""
    if not in_daily_window(civil_minute(now), quiet.start, quiet.end):
        return now
    end = civil_midnight(now) + quiet.end * MINUTE
    return end if end > now else end + DAY


def is_address(typed: str) -> bool:
    """Whether it can be an e-mail address: one line, one recipient, nothing that a header would take for more."""
    return len(typed) <= LONGEST_ADDRESS and typed.isascii() and _ADDRESS.fullmatch(typed) is not None

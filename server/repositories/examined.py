"""What the examination of a set-up asks the database: read only, and from a database that may not be there.

Imported by `server.commands.examining` and tests.
"""

from collections.abc import Iterable

import msgspec
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session, col, select

from audio.language import VIETNAMESE, full_name
from schedules.clock import UtcMs
from server.access import owes_second_factor
from server.repositories.areas import area_of
from server.repositories.languages import Languages, all_languages
from server.repositories.staff import Staff
from server.repositories.store import engine_of
from server.repositories.summary import Summary, day_of
from server.tables.areas import AreaRow
from server.tables.staff import StaffRow


class Seen(msgspec.Struct, frozen=True):
    """`loud_areas`: names of those that switch quiet hours off; `known`: usernames that were asked for and are there;
    `single`: usernames of those who decide, and have no second factor yet; `unreviewed`: names of languages that
    hamlets speak, and nobody reviews; `miscounted`: figures of the daily summary that do not say what the log says."""

    loud_areas: tuple[str, ...] = ()
    known: tuple[str, ...] = ()
    single: tuple[str, ...] = ()
    unreviewed: tuple[str, ...] = ()
    miscounted: int = 0


RECOUNTED_DAYS = 3
"""Days that are counted anew for an examination; `loaban recount` counts all."""


def look_into(url: str, usernames: Iterable[str], now: UtcMs) -> Seen | None:
    """What the database of this URL says: about these usernames, and about who decides at this instant. None if it
    cannot be read."""
    try:
        engine = engine_of(url)
    except (SQLAlchemyError, ImportError):  # no address, or the driver for it is not installed
        return None
    try:
        with Session(engine) as session:
            single, unreviewed = _single(session, now), _unreviewed(session)
            wrong = len(Summary(session).recount(day_of(now) - RECOUNTED_DAYS))
            return Seen(_loud(session), _known(session, usernames), single, unreviewed, wrong)
    except SQLAlchemyError:
        return None
    finally:
        engine.dispose()


def _loud(session: Session) -> tuple[str, ...]:
    rows = session.exec(select(AreaRow).order_by(AreaRow.path))
    return tuple(area.name for area in map(area_of, rows) if area.settings.quiet_hours_off)


def _known(session: Session, usernames: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(session.exec(select(StaffRow.username).where(col(StaffRow.username).in_(list(usernames))))))


def _single(session: Session, now: UtcMs) -> tuple[str, ...]:
    staff = Staff(session)
    found = []
    for account in staff.accounts():
        person = staff.person(account.id, now)
        if person and owes_second_factor(person.grants) and not account.second_factor and not account.disabled_at:
            found.append(account.username)
    return tuple(found)


def _unreviewed(session: Session) -> tuple[str, ...]:
    rows = session.exec(select(AreaRow).where(AreaRow.languages != "[]").order_by(AreaRow.path))
    spoken = dict.fromkeys(tag for area in map(area_of, rows) for tag in area.languages if tag != VIETNAMESE)
    reviewed, known = Languages(session).reviewers(spoken), all_languages(session)
    return tuple(full_name(known[tag]) for tag in spoken if tag not in reviewed and tag in known)

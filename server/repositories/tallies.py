"""How many of each there are, in the database: for who watches over the server.

Imported by `store`.
"""

from typing import Any

import msgspec
from sqlalchemy import text
from sqlmodel import Session, and_, case, col, func, select

from schedules.clock import UtcMs
from server.readiness import SILENT_FOR
from server.repositories.log_rows import NOTHING
from server.tables.bulletins import BroadcastRow, DecisionRow
from server.tables.fleet import LoudspeakerRow, StatusRow
from server.tables.logbook import PlannedRow


class Plays(msgspec.Struct, frozen=True):
    """Plays of a time: by outcome, and those that are past their time without a report."""

    by_outcome: dict[str, int]
    silent: int


class Tallies:
    """Queries that count."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def answers(self) -> None:
        """Ask the database for nothing; raises what it raises."""
        self._session.connection().execute(text("select 1"))

    def loudspeakers(self, now: UtcMs) -> dict[str, int]:
        """Enrolled loudspeakers: `online`, `offline`, or `never` heard of."""
        linked = and_(col(StatusRow.online).is_(True), col(StatusRow.received_at) >= now - SILENT_FOR)
        state: Any = case((col(StatusRow.device).is_(None), "never"), (linked, "online"), else_="offline")
        query = (
            select(state, func.count())
            .select_from(LoudspeakerRow)
            .join(StatusRow, col(StatusRow.device) == col(LoudspeakerRow.id), isouter=True)
            .where(col(LoudspeakerRow.enrolled_at).is_not(None))
            .group_by(state)
        )
        return {"online": 0, "offline": 0, "never": 0, **{name: number for name, number in self._session.exec(query)}}

    def plays(self, since: UtcMs, until: UtcMs, silent_before: UtcMs) -> Plays:
        """Of what was planned in [since, until)."""
        wanted = (PlannedRow.planned >= since, PlannedRow.planned < until, col(PlannedRow.withdrawn).is_(False))
        query = select(PlannedRow.outcome, func.count()).where(*wanted).group_by(PlannedRow.outcome)
        silent = select(func.count()).where(
            *wanted, col(PlannedRow.outcome) == NOTHING, PlannedRow.useful_until < silent_before
        )  # fmt: skip
        outcomes = {outcome: number for outcome, number in self._session.exec(query) if outcome}
        return Plays(outcomes, self._session.exec(silent).one())

    def waiting(self, now: UtcMs) -> int:
        """Broadcasts that nobody has decided about, and that are not over."""
        query = select(func.count()).where(
            col(BroadcastRow.withdrawn_at).is_(None),
            col(BroadcastRow.superseded_at).is_(None),
            col(BroadcastRow.ends_at).is_(None) | (col(BroadcastRow.ends_at) >= now),
            col(BroadcastRow.id).not_in(select(DecisionRow.broadcast)),
        )
        return self._session.exec(query).one()

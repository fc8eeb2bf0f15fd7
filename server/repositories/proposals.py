"""Proposals in the database.

Imported by `store`.
"""

import msgspec
from sqlalchemy import update
from sqlmodel import Session, col, select

from schedules.clock import UtcMs
from server.area import AreaSettings
from server.proposal import STANDS_FOR, Proposal, ProposalState
from server.tables.proposals import ProposalRow


class Proposals:
    """Queries about proposals."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, proposal: Proposal) -> Proposal:
        """A new one, with its number."""
        row = ProposalRow(
            area=proposal.area,
            before=msgspec.json.encode(proposal.before).decode(),
            wish=msgspec.json.encode(proposal.wish).decode(),
            by=proposal.by,
            at=proposal.at,
            state=proposal.state.value,
        )
        self._session.add(row)
        self._session.flush()
        return _proposal_of(row)

    def find(self, proposal: int) -> Proposal | None:
        """One by its id."""
        row = self._session.get(ProposalRow, proposal)
        return _proposal_of(row) if row is not None else None

    def waiting(self, now: UtcMs, area: str = "") -> list[Proposal]:
        """Those that can still be decided, of one area or of all, oldest first."""
        query = select(ProposalRow).where(
            ProposalRow.state == ProposalState.waiting.value, ProposalRow.at > now - STANDS_FOR
        )
        query = query.where(ProposalRow.area == area) if area else query
        return [
            _proposal_of(row) for row in self._session.exec(query.order_by(col(ProposalRow.at), col(ProposalRow.id)))
        ]

    def decide(self, proposal: int, state: ProposalState, by: str, now: UtcMs) -> bool:
        """It has come to its end; False if somebody else was faster."""
        decided = {"state": state.value, "decided_by": by, "decided_at": now}
        row, waiting = col(ProposalRow.id) == proposal, col(ProposalRow.state) == ProposalState.waiting.value
        done = self._session.connection().execute(update(ProposalRow).where(row, waiting).values(**decided))
        self._session.expire_all()
        return bool(done.rowcount)


def _proposal_of(row: ProposalRow) -> Proposal:
    return Proposal(
        id=row.id or 0,
        area=row.area,
        before=msgspec.json.decode(row.before, type=AreaSettings),
        wish=msgspec.json.decode(row.wish, type=AreaSettings),
        by=row.by,
        at=row.at,
        state=ProposalState(row.state),
        decided_by=row.decided_by,
        decided_at=row.decided_at,
    )

"""Requests for recordings in the database.

Imported by `store`.
"""

from collections.abc import Iterable

import msgspec
from sqlalchemy import update
from sqlmodel import Session, col, select

from schedules.clock import UtcMs
from server.request import RecordingRequest, RequestState
from server.tables.requests import RecordingRequestRow


class Requests:
    """Queries about requests."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, request: RecordingRequest) -> RecordingRequest:
        """A new one, with its number."""
        told = msgspec.structs.asdict(request) | {"id": None, "state": request.state.value}
        row = RecordingRequestRow(**told)
        self._session.add(row)
        self._session.flush()
        return _request_of(row)

    def find(self, request: int) -> RecordingRequest | None:
        """One by its number."""
        row = self._session.get(RecordingRequestRow, request)
        return _request_of(row) if row is not None else None

    def of(self, lines: Iterable[str]) -> list[RecordingRequest]:
        """Those for these bulletins, by their first versions; oldest first."""
        query = select(RecordingRequestRow).where(col(RecordingRequestRow.line).in_(set(lines)))
        return [_request_of(row) for row in self._session.exec(query.order_by(col(RecordingRequestRow.id)))]

    def open_of(self, staff: str, most: int) -> list[RecordingRequest]:
        """What somebody is asked for, oldest first."""
        query = select(RecordingRequestRow).where(
            RecordingRequestRow.staff == staff, RecordingRequestRow.state == RequestState.open.value
        )
        return [_request_of(row) for row in self._session.exec(query.order_by(col(RecordingRequestRow.id)).limit(most))]

    def end(self, request: int, state: RequestState, now: UtcMs, answer: str = "") -> bool:
        """It has come to its end; False if it had before."""
        ended = {"state": state.value, "ended_at": now, "answer": answer}
        table, is_open = RecordingRequestRow, col(RecordingRequestRow.state) == RequestState.open.value
        done = self._session.connection().execute(
            update(table).where(col(table.id) == request, is_open).values(**ended)
        )
        self._session.expire_all()
        return bool(done.rowcount)


def _request_of(row: RecordingRequestRow) -> RecordingRequest:
    return RecordingRequest(
        id=row.id or 0,
        line=row.line,
        broadcast=row.broadcast,
        language=row.language,
        staff=row.staff,
        by=row.by,
        at=row.at,
        note=row.note,
        state=RequestState(row.state),
        answer=row.answer,
        ended_at=row.ended_at,
    )

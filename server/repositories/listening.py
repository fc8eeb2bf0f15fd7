"""Who has heard which sound before deciding on it, in the database.

Imported by `store`.
"""

from sqlalchemy import text
from sqlmodel import Session, col, select, update

from schedules.clock import UtcMs
from server.tables.sounds import ListeningRow

# One statement that writes at once: a browser that fetches a sound in two pieces at the same time is no mistake.
_FETCHED = text(
    "insert into listening (staff, seal, clip, fetched_at) values (:staff, :seal, :clip, :at) on conflict do nothing"
)


class Listening:
    """Queries about what was heard."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def fetched(self, staff: str, seal: str, clip: str, now: UtcMs) -> None:
        """A sound goes out to somebody who has this seal before their eyes; the first time counts."""
        self._session.connection().execute(_FETCHED, {"staff": staff, "seal": seal, "clip": clip, "at": now})

    def fetched_at(self, staff: str, seal: str, clip: str) -> UtcMs | None:
        """When it first went out to them."""
        row = self._session.get(ListeningRow, (staff, seal, clip), populate_existing=True)
        return row.fetched_at if row else None

    def ended(self, staff: str, seal: str, clip: str, now: UtcMs) -> None:
        """They have heard it to its end; the first time stays."""
        query = update(ListeningRow).where(
            col(ListeningRow.staff) == staff,
            col(ListeningRow.seal) == seal,
            col(ListeningRow.clip) == clip,
            col(ListeningRow.ended_at).is_(None),
        )
        self._session.exec(query.values(ended_at=now))

    def heard(self, staff: str, seal: str) -> frozenset[str]:
        """The clips that they have heard to the end with this seal before their eyes."""
        query = select(ListeningRow.clip).where(
            ListeningRow.staff == staff, ListeningRow.seal == seal, col(ListeningRow.ended_at).is_not(None)
        )
        return frozenset(self._session.exec(query))

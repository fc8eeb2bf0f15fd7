"""Who had which sound made, and which bulletins carry it, in the database.

Imported by `store`.
"""

from sqlalchemy import text
from sqlmodel import Session, col, delete, select

from schedules.clock import UtcMs
from server.tables.bulletins import VariantRow
from server.tables.sounds import MakerRow

# One statement that writes at once: two presses in one moment neither meet nor wait for each other's reading.
_NOTE = text(
    "insert into clip_maker (clip, staff, at) values (:clip, :staff, :at)"
    " on conflict (clip, staff) do update set at = excluded.at"
)


class Makers:
    """Queries about the sound that forms carry."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def note(self, clip: str, staff: str, now: UtcMs) -> None:
        """This person has had this clip made, now."""
        self._session.connection().execute(_NOTE, {"clip": clip, "staff": staff, "at": now})

    def has_made(self, clip: str, staff: str) -> bool:
        """Whether this person has had it made."""
        return self._session.get(MakerRow, (clip, staff)) is not None

    def forget(self, before: UtcMs) -> None:
        """What was made before this instant."""
        self._session.exec(delete(MakerRow).where(col(MakerRow.at) < before))

    def bulletins_with(self, clip: str) -> list[str]:
        """The bulletins that carry a clip, by id."""
        return list(self._session.exec(select(VariantRow.bulletin).where(VariantRow.clip == clip)))

"""Takes, in the database.

Imported by `store`.
"""

import msgspec
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, delete, func, or_, select

from audio.pieces import Pieces
from schedules.clock import UtcMs
from server.tables.takes import RecordedRow
from server.take import Purpose, Take


class Takes:
    """Queries about what is recorded in browsers."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def keep(self, take: Take) -> None:
        """A take, new or changed."""
        values = row_of(take).model_dump()
        mine = postgresql if self._session.get_bind().dialect.name == "postgresql" else sqlite
        made = mine.insert(RecordedRow).values(values)  # two presses in one moment are one take
        self._session.execute(made.on_conflict_do_update(index_elements=[col(RecordedRow.id)], set_=values))

    def find(self, take: str) -> Take | None:
        """A take."""
        row = self._session.get(RecordedRow, take, populate_existing=True)
        return take_of(row) if row is not None else None

    def of(self, staff: str, purpose: Purpose) -> list[Take]:
        """All takes of somebody, the newest first."""
        query = select(RecordedRow).where(RecordedRow.staff == staff, RecordedRow.purpose == purpose.value)
        return [take_of(row) for row in self._session.exec(query.order_by(col(RecordedRow.began_at).desc()))]

    def named(self, staff: str) -> list[str]:
        """All takes of somebody, by id."""
        return list(self._session.exec(select(RecordedRow.id).where(RecordedRow.staff == staff)))

    def count(self, staff: str) -> int:
        """How many takes of somebody lie here: of what the phrase bank has taken over, the row alone is left."""
        lying = or_(RecordedRow.purpose != Purpose.bank.value, RecordedRow.clip == "")
        return self._session.exec(select(func.count()).where(RecordedRow.staff == staff, lying)).one()

    def remove(self, take: str) -> None:
        """It is gone."""
        self._session.exec(delete(RecordedRow).where(col(RecordedRow.id) == take))

    def older(self, before: UtcMs) -> list[str]:
        """Those that began before this instant, by id."""
        return list(self._session.exec(select(RecordedRow.id).where(RecordedRow.began_at < before)))


def row_of(take: Take) -> RecordedRow:
    """The row of a take."""
    values = msgspec.structs.asdict(take)
    return RecordedRow(
        **{**values, "purpose": take.purpose.value, "versions": msgspec.json.encode(take.versions).decode()}
    )


def take_of(row: RecordedRow) -> Take:
    """The take of a row."""
    values = {name: getattr(row, name) for name in Take.__struct_fields__}
    versions = msgspec.json.decode(row.versions, type=tuple[Pieces, ...])
    return Take(**{**values, "purpose": Purpose(row.purpose), "versions": versions})

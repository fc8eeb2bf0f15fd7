"""The audit trail in the database: lines are added and read, nothing else.

Imported by `store`.
"""

from collections.abc import Iterator

import msgspec
from sqlalchemy import update
from sqlmodel import Session, col, func, select

from schedules.clock import UtcMs
from server import origin
from server.access import Person
from server.audit import BEGINNING, AuditLine, DaySeal, linked
from server.tables.areas import AreaRow
from server.tables.trail import AuditDayRow, AuditEndRow, AuditLineRow

_PAGE = 1_000


class Trail:
    """Queries about what was done."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def note(
        self,
        at: UtcMs,
        by: Person | str,
        act: str,
        subject: str,
        *,
        area: str = "",
        before: str = "",
        after: str = "",
    ) -> None:
        """Add a line, in the transaction of the act itself: neither is there without the other. `by`: who is signed in;
        an id for who is not (yet), empty for a terminal. `area`: the id of where."""
        # The update comes first: it holds back every other writer until this transaction ends, so that the end that is
        # read next is the end, and the chain has no fork.
        self._session.flush()
        end = update(AuditEndRow).where(col(AuditEndRow.id) == 1).values(number=AuditEndRow.number + 1)
        if not self._session.connection().execute(end).rowcount:
            self._session.add(AuditEndRow(number=1, hash=BEGINNING))
            self._session.flush()
        number, previous = self._session.exec(select(AuditEndRow.number, AuditEndRow.hash)).one()
        where, path = origin.current(), self._path(area)
        line = linked(
            AuditLine(
                number=number,
                at=at,
                staff=by if isinstance(by, str) else by.id,
                role="" if isinstance(by, str) else _roles(by, path),
                area=path,
                act=act,
                subject=subject,
                before=before,
                after=after,
                address=where.address,
                device=where.device,
                previous=previous or BEGINNING,
            )
        )
        self._session.add(AuditLineRow(**msgspec.structs.asdict(line)))
        self._session.connection().execute(update(AuditEndRow).where(col(AuditEndRow.id) == 1).values(hash=line.hash))
        self._session.flush()

    def _path(self, area: str) -> str:
        return self._session.exec(select(AreaRow.path).where(AreaRow.id == area)).first() or area

    def lines(self, after: int = 0) -> Iterator[AuditLine]:
        """All lines behind this number, in order."""
        while True:
            query = (
                select(AuditLineRow).where(AuditLineRow.number > after).order_by(col(AuditLineRow.number)).limit(_PAGE)
            )
            rows = self._session.exec(query).all()
            for row in rows:
                yield _line_of(row)
            if len(rows) < _PAGE:
                return
            after = rows[-1].number
            self._session.expunge_all()

    def newest(self, before: UtcMs) -> AuditLine | None:
        """The last line that stands before the first one of this instant or later: a clock may have gone back."""
        later = self._session.exec(select(func.min(AuditLineRow.number)).where(AuditLineRow.at >= before)).one()
        query = select(AuditLineRow).order_by(col(AuditLineRow.number).desc()).limit(1)
        row = self._session.exec(query.where(AuditLineRow.number < later) if later is not None else query).first()
        return _line_of(row) if row is not None else None

    def latest(self, most: int) -> list[AuditLine]:
        """The newest lines, newest first."""
        query = select(AuditLineRow).order_by(col(AuditLineRow.number).desc()).limit(most)
        return [_line_of(row) for row in self._session.exec(query)]

    def end(self) -> tuple[int, str]:
        """Number and hash of the newest line, as they are kept apart."""
        row = self._session.exec(select(AuditEndRow)).first()
        return (row.number, row.hash) if row is not None else (0, BEGINNING)

    def days(self) -> list[DaySeal]:
        """The seals, by day."""
        query = select(AuditDayRow).order_by(AuditDayRow.day)
        return [DaySeal(row.day, row.number, row.hash, row.public, row.envelope) for row in self._session.exec(query)]

    def newest_day(self) -> DaySeal | None:
        """The seal of the last day that has one."""
        row = self._session.exec(select(AuditDayRow).order_by(col(AuditDayRow.day).desc()).limit(1)).first()
        return DaySeal(row.day, row.number, row.hash, row.public, row.envelope) if row is not None else None

    def keep_day(self, day: DaySeal) -> None:
        """A day has been sealed."""
        self._session.add(AuditDayRow(**msgspec.structs.asdict(day)))
        self._session.flush()


def _roles(person: Person, area: str) -> str:
    return ",".join(
        sorted({grant.role.value for grant in person.grants if area.startswith(grant.area_path) or not area})
    )


def _line_of(row: AuditLineRow) -> AuditLine:
    return AuditLine(**{name: getattr(row, name) for name in AuditLine.__struct_fields__})

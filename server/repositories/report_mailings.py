"""Reports that go out by e-mail, in the database.

Imported by `store`.
"""

from collections.abc import Iterable

import msgspec
from sqlmodel import Session, col, delete, select

from server.export import Format
from server.letter import LetterState
from server.period import Every
from server.report_mailing import Dispatch, ReportMailing
from server.tables.notices import LetterRow
from server.tables.report_mailings import ReportDispatchRow, ReportMailingRow


class ReportMailings:
    """Queries about them."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def keep(self, mailing: ReportMailing) -> None:
        """It has been ordered, or ended."""
        told = msgspec.structs.asdict(mailing)
        told |= {"every": mailing.every.value, "addresses": ",".join(mailing.addresses)}
        told["formats"] = ",".join(each.value for each in mailing.formats)
        self._session.merge(ReportMailingRow(**told))
        self._session.flush()

    def find(self, mailing: str) -> ReportMailing | None:
        """One by its id."""
        row = self._session.get(ReportMailingRow, mailing)
        return _mailing_of(row) if row is not None else None

    def standing(self) -> list[ReportMailing]:
        """All that go on, in the order in which they were made."""
        query = select(ReportMailingRow).where(ReportMailingRow.ended_at == 0)
        return [_mailing_of(row) for row in self._session.exec(query.order_by(col(ReportMailingRow.made_at)))]

    def dispatched(self, mailing: str, period: str) -> list[Dispatch]:
        """What became of the report of a period."""
        return [each for each in self.dispatches(mailing) if each.period == period]

    def dispatches(self, mailing: str) -> list[Dispatch]:
        """All that was sent, the newest first, by address."""
        query = select(ReportDispatchRow, LetterRow).join(
            LetterRow, col(LetterRow.id) == col(ReportDispatchRow.letter), isouter=True
        )
        query = query.where(ReportDispatchRow.mailing == mailing)
        rows = self._session.exec(query.order_by(col(ReportDispatchRow.at).desc(), ReportDispatchRow.address))
        return [_dispatch_of(row, letter) for row, letter in rows]

    def by_letter(self, letter: str) -> Dispatch | None:
        """The report that a letter takes along."""
        row = self._session.exec(select(ReportDispatchRow).where(ReportDispatchRow.letter == letter)).first()
        return _dispatch_of(row, None) if row is not None else None

    def dispatch(self, every: Iterable[Dispatch]) -> None:
        """These leave, or cannot. Raises the database's own fault where one of them has left before."""
        for each in every:
            names = ("mailing", "period", "address", "letter", "fault", "at")
            self._session.add(ReportDispatchRow(**{name: getattr(each, name) for name in names}))
        self._session.flush()

    def forget(self, every: Iterable[Dispatch]) -> None:
        """These are to be tried anew."""
        for each in every:
            self._session.connection().execute(
                delete(ReportDispatchRow).where(
                    col(ReportDispatchRow.mailing) == each.mailing,
                    col(ReportDispatchRow.period) == each.period,
                    col(ReportDispatchRow.address) == each.address,
                )
            )


def _mailing_of(row: ReportMailingRow) -> ReportMailing:
    return ReportMailing(
        id=row.id,
        area=row.area,
        every=Every(row.every),
        formats=tuple(Format(each) for each in row.formats.split(",")),
        day=row.day,
        addresses=tuple(row.addresses.split(",")),
        language=row.language,
        made_by=row.made_by,
        made_at=row.made_at,
        ended_at=row.ended_at,
    )


def _dispatch_of(row: ReportDispatchRow, letter: LetterRow | None) -> Dispatch:
    state = LetterState(letter.state) if letter is not None else None
    why = letter.why if letter is not None else ""
    return Dispatch(row.mailing, row.period, row.address, row.letter, row.fault, row.at, state, why)

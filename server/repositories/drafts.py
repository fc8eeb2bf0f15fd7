"""Drafts and every edition of them, in the database.

Imported by `store`.
"""

from collections.abc import Iterable

import msgspec
from sqlmodel import Session, col, delete, or_, select, update

from schedules.clock import UtcMs
from server.compose_form import ComposeForm
from server.draft import Edition, Working
from server.tables.areas import AreaRow
from server.tables.drafts import DraftRow, EditionRow


class Drafts:
    """Queries about what is being written."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def begin(self, working: Working, edition: Edition) -> None:
        """A new draft with its first edition."""
        row = DraftRow(
            id=working.id,
            area=working.area,
            author=working.author,
            created_at=working.created_at,
            number=working.number,
            replaces=working.replaces,
            begun_as=edition.tab or None,
        )
        self._session.add(row)
        self._session.flush()
        self._add(working.id, working.number, edition)

    def begun(self, author: str, tab: str) -> str:
        """The draft that this page of theirs has begun; empty if it has not."""
        query = select(DraftRow.id).where(DraftRow.author == author, DraftRow.begun_as == tab)
        return (self._session.exec(query).first() or "") if tab else ""

    def save(self, draft: str, number: int, edition: Edition, *, instead: bool = False) -> bool:
        """The edition that follows on this number, unless another has followed since, or the draft has been sent or
        dropped: then False. `instead`: the one before is not kept beside it."""
        if not self._moved(draft, number, {"number": number + 1}):
            return False
        self._add(draft, number + 1, edition)
        if instead:
            self._session.exec(
                delete(EditionRow).where(col(EditionRow.draft) == draft, col(EditionRow.number) == number)
            )
        return True

    def has(self, staff: str, tab: str, turn: int) -> bool:
        """Whether this page of theirs has saved as often as that."""
        query = select(EditionRow.number).where(
            EditionRow.staff == staff, EditionRow.tab == tab, EditionRow.turn >= turn
        )
        return self._session.exec(query.limit(1)).first() is not None

    def sent(self, draft: str, number: int, broadcast: str) -> bool:
        """It has become a broadcast, unless another edition has followed since: then False."""
        return self._moved(draft, number, {"broadcast": broadcast})

    def drop(self, draft: str, number: int, now: UtcMs) -> bool:
        """It is not gone on with; what was written stays."""
        return self._moved(draft, number, {"dropped_at": now})

    def find(self, draft: str) -> Working | None:
        """A draft."""
        row = self._session.get(DraftRow, draft, populate_existing=True)
        return _working(row) if row else None

    def edition(self, draft: str, number: int) -> Edition | None:
        """A draft as it was saved once."""
        row = self._session.get(EditionRow, (draft, number))
        return _edition(row) if row else None

    def form_of(self, broadcast: str) -> ComposeForm | None:
        """The form that a broadcast was sent with; None where it came from no draft."""
        query = select(EditionRow.form).where(
            DraftRow.broadcast == broadcast, EditionRow.draft == DraftRow.id, EditionRow.number == DraftRow.number
        )
        form = self._session.exec(query).first()
        return msgspec.json.decode(form, type=ComposeForm) if form is not None else None

    def writers(self, draft: str) -> frozenset[str]:
        """Everyone who has saved an edition of it."""
        return frozenset(self._session.exec(select(EditionRow.staff).where(EditionRow.draft == draft)))

    def open_below(self, paths: Iterable[str], limit: int) -> list[Working]:
        """The drafts from these paths that are still worked on, newest first."""
        wanted = [col(AreaRow.path).startswith(path) for path in paths]
        if not wanted:
            return []
        query = (
            select(DraftRow)
            .where(DraftRow.area == AreaRow.id, or_(*wanted))
            .where(DraftRow.broadcast == "", col(DraftRow.dropped_at).is_(None))
        )
        rows = self._session.exec(query.order_by(col(DraftRow.created_at).desc(), col(DraftRow.id)).limit(limit))
        return [_working(row) for row in rows]

    def _moved(self, draft: str, number: int, values: dict[str, object]) -> bool:
        query = update(DraftRow).where(
            col(DraftRow.id) == draft,
            col(DraftRow.number) == number,
            col(DraftRow.broadcast) == "",
            col(DraftRow.dropped_at).is_(None),
        )
        return bool(self._session.exec(query.values(**values)).rowcount)

    def _add(self, draft: str, number: int, edition: Edition) -> None:
        form = msgspec.json.encode(edition.form).decode()
        row = EditionRow(draft=draft, number=number, staff=edition.staff, at=edition.at, form=form)
        row.tab, row.turn, row.automatic_since = edition.tab, edition.turn, edition.automatic_since
        self._session.add(row)
        self._session.flush()


def _edition(row: EditionRow) -> Edition:
    form = msgspec.json.decode(row.form, type=ComposeForm)
    return Edition(row.staff, row.at, form, row.tab, row.turn, row.automatic_since)


def _working(row: DraftRow) -> Working:
    return Working(
        id=row.id,
        area=row.area,
        author=row.author,
        created_at=row.created_at,
        number=row.number,
        replaces=row.replaces,
        broadcast=row.broadcast,
        dropped_at=row.dropped_at,
    )

"""What became of occurrences at their loudspeakers, counted and row by row, and what says them again.

Imported by `store`. A province has thousands of rows for an occurrence: they are counted by the database, and a page of
them is read.
"""

from collections.abc import Collection, Iterable
from typing import Any

import msgspec
from sqlalchemy import ColumnElement
from sqlalchemy import select as select_columns
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import aliased
from sqlmodel import case, col, func, or_, select

from schedules.clock import UtcMs
from server.repositories.log_rows import one_of
from server.repositories.logbook import Logbook, LogLine
from server.result import SOUNDED, WITHDRAWN
from server.tables.areas import AreaRow
from server.tables.logbook import PlannedRow
from server.tables.make_ups import MakeUpRow


class Occurrence(msgspec.Struct, frozen=True):
    """One time that a broadcast was to sound, or is."""

    name: str
    broadcast: str
    title: str
    planned: UtcMs
    useful_until: UtcMs


_PLANS: Any = PlannedRow.__table__  # type: ignore[attr-defined]
_OUTCOME: Any = case((_PLANS.c.withdrawn.is_(True) & (_PLANS.c.outcome == ""), WITHDRAWN), else_=_PLANS.c.outcome)
_NAMED: tuple[Any, ...] = (*(_PLANS.c[n] for n in ("occurrence", "broadcast", "title", "planned")),)


class Results(Logbook):
    """Queries about results. `paths`: below which the person may see."""

    def of_bulletin(
        self, bulletin: str, paths: Iterable[str], since: UtcMs, until: UtcMs, limit: int
    ) -> list[Occurrence]:
        """The occurrences of a bulletin in [since, until), of all its broadcasts, the newest first."""
        query: Any = select_columns(*_NAMED, func.max(_PLANS.c.useful_until)).where(
            _PLANS.c.bulletin == bulletin, _PLANS.c.planned >= since, _PLANS.c.planned < until
        )
        return self._occurrences(query, paths, limit)

    def due_between(self, paths: Collection[str], since: UtcMs, until: UtcMs, limit: int) -> list[Occurrence]:
        """What came due in [since, until), the newest first."""
        planned = _PLANS.c.planned
        distinct = select_columns(planned).where(planned >= since, planned < until).distinct()
        instants = list(self._session.connection().execute(distinct.order_by(planned.desc())).scalars())
        found: list[Occurrence] = []
        # A province has thousands of rows at an instant: no more of them are looked at than it takes.
        some = limit
        while instants and len(found) < limit:
            query: Any = select_columns(*_NAMED, func.max(_PLANS.c.useful_until))
            found += self._occurrences(query.where(planned.in_(instants[:some])), paths, limit)
            instants, some = instants[some:], 2 * some
        return found[:limit]

    def counts(self, occurrences: Collection[str], paths: Iterable[str]) -> dict[str, dict[str, int]]:
        """How many rows each of these has of each outcome, `WITHDRAWN` among them."""
        query: Any = (
            select_columns(_PLANS.c.occurrence, _OUTCOME, func.count())
            .where(*one_of(occurrences), *self._below(paths))
            .group_by(_PLANS.c.occurrence, _OUTCOME)
        )
        found: dict[str, dict[str, int]] = {name: {} for name in occurrences}
        for name, outcome, count in self._session.exec(query):
            found[name][outcome] = count
        return found

    def by_place(self, occurrence: str, paths: Iterable[str]) -> dict[str, dict[str, int]]:
        """The same for one occurrence, by the area two levels above its loudspeakers: their communes."""
        hamlet: Any = aliased(AreaRow)
        query: Any = (
            select_columns(hamlet.parent, _OUTCOME, func.count())
            .where(col(hamlet.id) == AreaRow.parent, *one_of([occurrence]), *self._below(paths))
            .group_by(hamlet.parent, _OUTCOME)
        )
        found: dict[str, dict[str, int]] = {}
        for place, outcome, count in self._session.exec(query):
            found.setdefault(place or "", {})[outcome] = count
        return found

    def page(
        self, occurrence: str, paths: Iterable[str], *, failed_by: UtcMs | None, offset: int, limit: int
    ) -> list[LogLine]:
        """Some rows of an occurrence, by commune, hamlet and loudspeaker in the order of their names. `failed_by`: only
        those that did not sound as they should, or of which nothing has been reported though they were of no more use
        at that instant."""
        hamlet, commune = aliased(AreaRow), aliased(AreaRow)
        query: Any = select(PlannedRow).where(*one_of([occurrence]), *self._below(paths))
        if failed_by is not None:
            query = query.where(_failed(failed_by))
        query = (
            query.join(AreaRow, col(AreaRow.id) == PlannedRow.loudspeaker)
            .outerjoin(hamlet, col(hamlet.id) == AreaRow.parent)
            .outerjoin(commune, col(commune.id) == hamlet.parent)
            .order_by(commune.sort_key, hamlet.sort_key, AreaRow.sort_key, PlannedRow.loudspeaker)
            .offset(offset)
            .limit(limit)
        )
        return self._joined(list(self._session.exec(query)))

    def failed(self, occurrence: str, paths: Iterable[str], failed_by: UtcMs) -> list[LogLine]:
        """All rows of it that `page` calls failed."""
        query = select(PlannedRow).where(*one_of([occurrence]), *self._below(paths), _failed(failed_by))
        return self._joined(list(self._session.exec(query)))

    def make_ups(self, occurrence: str) -> list[str]:
        """The broadcasts that say an occurrence again, the oldest first."""
        query = select(MakeUpRow.broadcast).where(MakeUpRow.occurrence == occurrence)
        return list(self._session.exec(query.order_by(col(MakeUpRow.number))))

    def made_up_by(self, broadcast: str) -> str:
        """The occurrence that this broadcast says again; empty for none."""
        query = select(MakeUpRow.occurrence).where(MakeUpRow.broadcast == broadcast)
        return self._session.exec(query).first() or ""

    def keep_make_up(self, occurrence: str, number: int, broadcast: str) -> bool:
        """This broadcast is the `number`th that says it again; False where another one is already."""
        self._session.flush()
        connection = self._session.connection()
        insert = (postgresql if connection.dialect.name == "postgresql" else sqlite).insert(MakeUpRow)
        row = {"occurrence": occurrence, "number": number, "broadcast": broadcast}
        return connection.execute(insert.values(row).on_conflict_do_nothing()).rowcount == 1

    def _occurrences(self, query: Any, paths: Iterable[str], limit: int) -> list[Occurrence]:
        newest = (_PLANS.c.planned.desc(), _PLANS.c.occurrence)
        grouped = query.where(*self._below(paths)).group_by(*_NAMED).order_by(*newest).limit(limit)
        return [Occurrence(*row) for row in self._session.exec(grouped)]


def _failed(by: UtcMs) -> ColumnElement[bool]:
    unreported = (_PLANS.c.outcome == "") & _PLANS.c.withdrawn.is_(False) & (_PLANS.c.useful_until < by)
    wrong = (_PLANS.c.outcome != "") & _PLANS.c.outcome.not_in(SOUNDED)
    return or_(unreported, wrong)

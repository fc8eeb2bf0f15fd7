"""Happenings in their order, the occurrences that are still to be told of, and what subscribers did not take, in the
database.

Imported by `store`. Happenings are written by one thread of one process, so that their numbers are in the order in
which they can be read: who has come as far as one has missed none before it.
"""

from collections.abc import Collection, Iterable

import msgspec
from sqlalchemy import ColumnElement, case, or_
from sqlalchemy import select as select_columns
from sqlalchemy import update as change
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, delete, func, select

from schedules.clock import UtcMs
from schedules.programme import start_of
from schedules.trial import is_trial
from server.happening import LOOK_AFTER, LOOK_AGAIN_AFTER, MOST_NAMED, Happening, HappeningKind, Spot, concerned
from server.ledger import SILENT_AFTER, Planned
from server.repositories.keys import change_all
from server.subscription import Undelivered
from server.tables.areas import AreaRow
from server.tables.happenings import HappeningAreaRow, HappeningRow, UndeliveredRow, WatchedRow
from server.tables.logbook import PlaceRow, PlannedRow

_WATCHED = WatchedRow.__table__  # type: ignore[attr-defined]
_LOOK = (
    "update watched_occurrence set due = cast(case when watched_occurrence.told = '' then given.soon else given.later"
    " end as bigint) from given where watched_occurrence.occurrence = given.occurrence"
    " and (watched_occurrence.due = 0 or watched_occurrence.due >"
    " cast(case when watched_occurrence.told = '' then given.soon else given.later end as bigint))"
    " returning watched_occurrence.occurrence"
)
Counts = dict[str, dict[str, int]]
_counts = msgspec.json.Decoder(Counts)


class Watched(msgspec.Struct, frozen=True):
    """An occurrence to be looked at. `told`: the counts that were told last; None before the first time."""

    occurrence: str
    broadcast: str
    planned: UtcMs
    useful_until: UtcMs
    told: Counts | None
    revision: int


class Happenings:
    """Queries about happenings."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, happening: Happening) -> bool:
        """Write one down; False where it stands already."""
        if self._session.exec(select(HappeningRow.number).where(HappeningRow.key == happening.key)).first() is not None:
            return False
        row = HappeningRow(
            key=happening.key,
            kind=happening.kind.value,
            at=happening.at,
            body=msgspec.json.encode(happening).decode(),
        )
        self._session.add(row)
        self._session.flush()
        areas, downwards = concerned(happening)
        self._session.add_all(
            HappeningAreaRow(area=area, number=row.number or 0, below=area in downwards) for area in areas
        )
        self._session.flush()
        return True

    def after(
        self, number: int, paths: Iterable[str], kinds: Collection[HappeningKind], most: int, since: UtcMs = 0
    ) -> list[Happening]:
        """Those behind this number that may concern who looks after these areas, in order: `happening.within` says
        what of each does."""
        ids = [path.strip("/").split("/") for path in paths]
        own, above = {each[-1] for each in ids}, {id_ for each in ids for id_ in each}
        found = col(HappeningAreaRow.area).in_(own) | (
            col(HappeningAreaRow.area).in_(above) & col(HappeningAreaRow.below).is_(True)
        )
        numbers = select(HappeningAreaRow.number).where(found, HappeningAreaRow.number > number)
        query = select(HappeningRow).where(col(HappeningRow.number).in_(numbers), HappeningRow.at >= since)
        query = query.where(col(HappeningRow.kind).in_({kind.value for kind in kinds}))
        return [_happening_of(row) for row in self._session.exec(query.order_by(col(HappeningRow.number)).limit(most))]

    def find(self, number: int) -> Happening | None:
        """One by its number."""
        row = self._session.get(HappeningRow, number)
        return _happening_of(row) if row is not None else None

    def newest(self) -> int:
        """The number of the last one; 0 before the first."""
        return self._session.exec(select(func.max(HappeningRow.number))).one() or 0

    def oldest(self) -> int:
        """The number of the first that is kept; 0 where there is none."""
        return self._session.exec(select(func.min(HappeningRow.number))).one() or 0

    def forget(self, before: UtcMs) -> None:
        """What happened before, and what nobody took of it, goes; so do occurrences that nobody will report any
        more."""
        last = self._session.exec(select(func.max(HappeningRow.number)).where(HappeningRow.at < before)).one() or 0
        connection = self._session.connection()
        for statement in (
            delete(UndeliveredRow).where(col(UndeliveredRow.number) <= last),
            delete(HappeningAreaRow).where(col(HappeningAreaRow.number) <= last),
            delete(HappeningRow).where(col(HappeningRow.number) <= last),
            delete(WatchedRow).where(col(WatchedRow.planned) < before),
        ):
            connection.execute(statement)

    def expect(self, plays: Iterable[Planned]) -> None:
        """These are planned: each occurrence is looked at when its time is over, at the latest. What only a report
        names, and no programme, has no useful time: a loudspeaker cannot make others be told what never was."""
        rows = {
            play.occurrence: {
                "occurrence": play.occurrence,
                "broadcast": play.broadcast,
                "planned": play.planned,
                "useful_until": play.useful_until,
                "due": play.useful_until + SILENT_AFTER,
                "told": "",
                "revision": 0,
            }
            for play in plays
            if play.useful_until > play.planned == start_of(play.occurrence) and not is_trial(play.occurrence)
        }
        if rows:
            connection = self._session.connection()
            add = (postgresql if connection.dialect.name == "postgresql" else sqlite).insert(_WATCHED)
            kept = add.on_conflict_do_update(
                index_elements=["occurrence"],
                set_={
                    "useful_until": add.excluded.useful_until,
                    "due": case((_WATCHED.c.told == "", add.excluded.due), else_=_WATCHED.c.due),
                },
                where=_WATCHED.c.useful_until < add.excluded.useful_until,
            )
            connection.execute(kept, list(rows.values()))

    def told_of(self, occurrences: Iterable[str], now: UtcMs) -> None:
        """Something was told of these: they are looked at soon. One statement for all that is filed at a time, which
        mostly finds that it is known already."""
        given = [(name, now + LOOK_AFTER, now + LOOK_AGAIN_AFTER) for name in sorted(set(occurrences))]
        change_all(self._session, _LOOK, ("occurrence", "soon", "later"), given)

    def due(self, now: UtcMs, most: int) -> list[str]:
        """The occurrences that are to be looked at."""
        query = select(WatchedRow.occurrence).where(WatchedRow.due > 0, WatchedRow.due <= now)
        return list(self._session.exec(query.order_by(col(WatchedRow.due)).limit(most)))

    def take_up(self, occurrence: str, now: UtcMs) -> Watched | None:
        """Look at one: what is reported from now on has it looked at again. None where somebody has already."""
        query = change(_WATCHED).where(_WATCHED.c.occurrence == occurrence, _WATCHED.c.due > 0, _WATCHED.c.due <= now)
        if not self._session.connection().execute(query.values(due=0)).rowcount:
            return None
        rows = select(WatchedRow).where(WatchedRow.occurrence == occurrence)
        row = self._session.exec(rows.execution_options(populate_existing=True)).one()
        told = _counts.decode(row.told) if row.told else None
        return Watched(row.occurrence, row.broadcast, row.planned, row.useful_until, told, row.revision)

    def look_at(self, occurrence: str, due: UtcMs) -> None:
        """It is looked at again then."""
        self._session.connection().execute(change(_WATCHED).where(_WATCHED.c.occurrence == occurrence).values(due=due))

    def keep_told(self, occurrence: str, counts: Counts, revision: int) -> None:
        """These counts have been told."""
        said = msgspec.json.encode(counts).decode()
        query = change(_WATCHED).where(_WATCHED.c.occurrence == occurrence)
        self._session.connection().execute(query.values(told=said, revision=revision))

    def counts(self, occurrence: str) -> Counts:
        """By the path of a commune, how many rows of an occurrence have which outcome ("" for none yet); what was
        withdrawn before it sounded is not counted."""
        query = (
            select_columns(col(PlaceRow.path), col(PlannedRow.outcome), func.count())
            .where(*_rows_of(occurrence), col(PlannedRow.commune) == col(PlaceRow.id))
            .where(or_(col(PlannedRow.withdrawn).is_(False), col(PlannedRow.outcome) != ""))
            .group_by(col(PlaceRow.path), col(PlannedRow.outcome))
        )
        found: Counts = {}
        for path, outcome, number in sorted(self._session.connection().execute(query)):
            found.setdefault(path, {})[outcome] = number
        return found

    def spots(self, occurrence: str, outcomes: Collection[str]) -> tuple[Spot, ...]:
        """The first loudspeakers with these outcomes."""
        query = (
            select_columns(col(AreaRow.path), col(AreaRow.name), col(PlannedRow.outcome), col(PlannedRow.reason))
            .where(*_rows_of(occurrence), col(PlannedRow.loudspeaker) == col(AreaRow.id))
            .where(col(PlannedRow.outcome).in_(set(outcomes)))
            .where(or_(col(PlannedRow.withdrawn).is_(False), col(PlannedRow.outcome) != ""))
            .order_by(col(AreaRow.path))
            .limit(MOST_NAMED)
        )
        return tuple(Spot(*row) for row in self._session.connection().execute(query))

    def lay_aside(self, undelivered: Undelivered) -> None:
        """A subscriber did not take it, or is to get it once more."""
        self._session.merge(UndeliveredRow(**msgspec.structs.asdict(undelivered)))
        self._session.flush()

    def taken(self, webhook: str, number: int) -> None:
        """It has been taken after all."""
        row = self._session.get(UndeliveredRow, (webhook, number))
        if row is not None:
            self._session.delete(row)
            self._session.flush()

    def undelivered(self, webhook: str, most: int, *, again: bool = False) -> list[Undelivered]:
        """What was laid aside, the newest first; `again`: only what is to be sent once more, the oldest first."""
        query = select(UndeliveredRow).where(UndeliveredRow.webhook == webhook).limit(most)
        if again:
            query = query.where(col(UndeliveredRow.again).is_(True)).order_by(col(UndeliveredRow.number))
        else:
            query = query.order_by(col(UndeliveredRow.number).desc())
        return [
            Undelivered(**{name: getattr(row, name) for name in Undelivered.__struct_fields__})
            for row in self._session.exec(query)
        ]


def _rows_of(occurrence: str) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    # The planned instant has an index, an occurrence alone has none.
    return col(PlannedRow.planned) == start_of(occurrence), col(PlannedRow.occurrence) == occurrence


def _happening_of(row: HappeningRow) -> Happening:
    return msgspec.structs.replace(msgspec.json.decode(row.body, type=Happening), number=row.number or 0)

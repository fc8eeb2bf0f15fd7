"""Expected plays and reported playbacks in the database: the log.

Imported by `store`.
"""

from collections.abc import Collection, Iterable, Iterator
from typing import Any

import msgspec
from sqlalchemy import bindparam, literal_column
from sqlalchemy import select as select_columns
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, and_, col, false, func, insert, or_, select, tuple_, update

from schedules.clock import UtcMs
from schedules.playback import Outcome, Playback
from schedules.programme import BroadcastClass
from server.ledger import Planned, final
from server.repositories.keys import portions, there, write_all
from server.tables.areas import AreaRow
from server.tables.logbook import PlannedRow, PlaybackRow

PAGE = 50
NO_REPORT = "none"
"""The filter for rows without an outcome."""
FILE_PAGE = 500
TWIN = "~"
Told = tuple[str, str, Playback]
"""A loudspeaker, its journal and what that says."""
TROUBLES = (Outcome.missed, Outcome.failed, Outcome.cut)


# Without the ORM, which would ask for each row again: a province reports at once.
_PLANS, _BOOK = PlannedRow.__table__, PlaybackRow.__table__  # type: ignore[attr-defined]
_FILE = insert(_BOOK)
_SETTLE_FIRST = (
    update(_PLANS)
    .where(_PLANS.c.loudspeaker == bindparam("device"), _PLANS.c.occurrence == bindparam("name"))
    .where(_PLANS.c.outcome == literal_column("''"))
    .values(outcome=bindparam("says"))
)
_ROW = (_PLANS.c.loudspeaker == bindparam("device"), _PLANS.c.occurrence == bindparam("name"))
_REPLAN = (
    update(_PLANS)
    .where(*_ROW)
    .values(
        clips=bindparam("heard"),
        useful_until=bindparam("until"),
        withdrawn=literal_column("false"),
        seal=bindparam("approved"),
    )
)
_WITHDRAW = update(_PLANS).where(*_ROW, _PLANS.c.outcome == literal_column("''")).values(withdrawn=True)
_KEY = ("loudspeaker", "journal", "sequence")


class LogFilter(msgspec.Struct, frozen=True):
    """Which rows: below these paths, planned in [since, until), with this outcome ("" for any, "none" for those
    without), of this bulletin; after this row (planned instant, occurrence, loudspeaker), newest first."""

    paths: tuple[str, ...]
    since: UtcMs
    until: UtcMs
    outcome: str = ""
    bulletin: str = ""
    after: tuple[UtcMs, str, str] | None = None


class LogLine(msgspec.Struct, frozen=True):
    """An expected play, and what was reported of it."""

    planned: Planned
    playback: Playback | None


class Logbook:
    """Queries about plays."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def expected_since(self, since: UtcMs) -> dict[tuple[str, str], tuple[tuple[str, ...], UtcMs, bool, str]]:
        """What the rows planned from then on say, by loudspeaker and occurrence: clips, until when they are of use,
        whether they are withdrawn, by which approval they sound."""
        names = ("loudspeaker", "occurrence", "clips", "useful_until", "withdrawn", "seal")
        query: Any = select_columns(*(_PLANS.c[name] for name in names)).where(_PLANS.c.planned >= since)
        read: dict[str, tuple[str, ...]] = {}
        found = {}
        for loudspeaker, name, clips, until, withdrawn, seal in self._session.connection().execute(query):
            if clips not in read:  # thousands of loudspeakers play the same
                read[clips] = msgspec.json.decode(clips, type=tuple[str, ...])
            found[loudspeaker, name] = (read[clips], until, withdrawn, seal)
        return found

    def keep_expected(self, fresh: Iterable[Planned], changed: Iterable[Planned]) -> None:
        """These plays are planned; of those that are there already, what is planned has changed. What is known of them
        stays. A row that a report has made in the meantime stays as it is, until it is looked at again."""
        connection = self._session.connection()
        if new := [_values(play) for play in fresh]:
            connection.execute(_unless_there(connection.dialect.name), new)
        if other := [_changes(play) for play in changed]:
            connection.execute(_REPLAN, other)

    def last_expected(self, until: UtcMs) -> UtcMs:
        """The planned start of the last play by then that the server itself had expected; 0 if there is none. A row
        that only a report made has no useful time."""
        query = select(func.max(PlannedRow.planned)).where(
            PlannedRow.planned <= until, PlannedRow.useful_until > PlannedRow.planned
        )
        return self._session.exec(query).one() or 0

    def expected_after(self, since: UtcMs) -> list[tuple[str, str]]:
        """Loudspeaker and occurrence of all plays planned from then on that are neither withdrawn nor reported."""
        query = select(PlannedRow.loudspeaker, PlannedRow.occurrence).where(
            PlannedRow.planned >= since, PlannedRow.outcome == "", col(PlannedRow.withdrawn).is_(False)
        )
        return [(loudspeaker, occurrence) for loudspeaker, occurrence in self._session.exec(query)]

    def withdraw(self, plays: Iterable[tuple[str, str]]) -> None:
        """These are no longer in any programme."""
        keys = [{"device": loudspeaker, "name": occurrence} for loudspeaker, occurrence in plays]
        if keys:
            self._session.connection().execute(_WITHDRAW, keys)

    def file(self, loudspeaker: str, journal: str, playback: Playback, now: UtcMs) -> bool:
        """File a reported playback; False if it has been filed before."""
        return bool(self.file_all([(loudspeaker, journal, playback)], now))

    def file_all(self, told: Iterable[Told], now: UtcMs) -> list[Told]:
        """File what loudspeakers report: each a loudspeaker, its journal and a playback. Those that had not been filed
        before. What it costs hardly grows with their number: at 05:00, a province reports at once.

        A number under which something else is filed is not a repetition: two boxes share a journal (a copied card), or
        one has lost what it wrote last. It is filed as well, under the name of the journal with `TWIN` behind it."""
        fresh: list[Told] = []
        for some in portions(told):
            keys = [_key(each) for each in some]
            filed = there(self._session, "playback", _KEY, keys, also=("body",))
            new, contested = (some, []) if not filed and len(set(keys)) == len(keys) else _sorted_out(some, filed)
            if new:
                write_all(self._session, _FILE, [_playback_values(each, now) for each in new])
                self._settle(new)
            fresh += new
            fresh += self.file_all(contested, now) if contested else ()
        return fresh

    def sequences(self, loudspeaker: str, journal: str) -> int:
        """The highest sequence filed of a journal."""
        query = select(func.max(PlaybackRow.sequence)).where(
            PlaybackRow.loudspeaker == loudspeaker, PlaybackRow.journal == journal
        )
        return self._session.exec(query).one() or 0

    def lines(self, wanted: LogFilter, limit: int = PAGE) -> list[LogLine]:
        """Rows of the log, the latest planned first."""
        rows = list(self._session.exec(self._query(wanted).limit(limit)))
        return self._joined(rows)

    def all_lines(self, wanted: LogFilter) -> Iterator[LogLine]:
        """All rows, page by page."""
        while page := self.lines(wanted, FILE_PAGE):
            yield from page
            last = page[-1].planned
            wanted = msgspec.structs.replace(wanted, after=(last.planned, last.occurrence, last.loudspeaker))

    def count(self, wanted: LogFilter) -> dict[str, int]:
        """How many rows by outcome ("" for those without)."""
        inner = self._query(wanted).order_by(None).subquery()
        query = select(inner.c.outcome, func.count()).group_by(inner.c.outcome)
        return {outcome: number for outcome, number in self._session.exec(query)}

    def troubles(self, paths: Iterable[str], since: UtcMs, silent_before: UtcMs, limit: int) -> list[LogLine]:
        """The latest rows that an overseer must look into: what did not sound as it should, and what was worth
        starting until `silent_before` at the latest and has not been reported."""
        silent = and_(
            PlannedRow.outcome == "",
            col(PlannedRow.withdrawn).is_(False),
            PlannedRow.useful_until < silent_before,
        )
        wrong = or_(silent, col(PlannedRow.outcome).in_([outcome.value for outcome in TROUBLES]))
        query = select(PlannedRow).where(PlannedRow.planned >= since, wrong, *self._below(paths))
        newest = (col(PlannedRow.planned).desc(), col(PlannedRow.loudspeaker))
        return self._joined(list(self._session.exec(query.order_by(*newest).limit(limit))))

    def next_due(self, paths: Iterable[str], since: UtcMs, until: UtcMs, limit: int) -> list[Planned]:
        """The next occurrences, each at one of its loudspeakers."""
        first = (
            select(PlannedRow.occurrence, func.min(PlannedRow.loudspeaker))
            .where(PlannedRow.planned > since, PlannedRow.planned < until, col(PlannedRow.withdrawn).is_(False))
            .where(*self._below(paths))
            .group_by(col(PlannedRow.occurrence), col(PlannedRow.planned))
            .order_by(col(PlannedRow.planned), col(PlannedRow.occurrence))
            .limit(limit)
        )
        found = [self._session.get(PlannedRow, (device, name)) for name, device in self._session.exec(first)]
        return [_planned_of(row) for row in found if row is not None]

    def coming(self, broadcast: str, paths: Iterable[str], now: UtcMs, limit: int) -> list[tuple[str, UtcMs, UtcMs]]:
        """The nearest occurrences of a broadcast that are still worth starting: name, planned start, useful until."""
        keys = (col(PlannedRow.occurrence), col(PlannedRow.planned), col(PlannedRow.useful_until))
        query = (
            select(*keys)
            .where(PlannedRow.broadcast == broadcast, PlannedRow.useful_until >= now)
            .where(col(PlannedRow.withdrawn).is_(False), *self._below(paths))
        )
        return [(*row,) for row in self._session.exec(query.distinct().order_by(keys[1]).limit(limit))]

    def awaited(self, occurrences: Iterable[str], paths: Iterable[str]) -> list[tuple[str, str, str, str]]:
        """Every play of these occurrences: occurrence, loudspeaker, path of the loudspeaker, outcome or empty."""
        columns = (PlannedRow.occurrence, PlannedRow.loudspeaker, AreaRow.path, PlannedRow.outcome)
        query = select(*columns).where(
            col(PlannedRow.occurrence).in_(set(occurrences)),
            col(PlannedRow.withdrawn).is_(False),
            *self._below(paths),
        )
        return [(*row,) for row in self._session.exec(query)]

    def bulletins_named(self, paths: Iterable[str], since: UtcMs, until: UtcMs) -> dict[str, str]:
        """Bulletins with rows below these paths: title by id."""
        query = select(PlannedRow.bulletin, PlannedRow.title).where(
            PlannedRow.planned >= since, PlannedRow.planned < until, *self._below(paths)
        )
        return {bulletin: title for bulletin, title in self._session.exec(query.distinct().limit(200))}

    def reported(self, loudspeaker: str, occurrence: str) -> list[Playback]:
        """Everything that a loudspeaker has reported of an occurrence."""
        return self._reported([(loudspeaker, occurrence)]).get((loudspeaker, occurrence), [])

    def _settle(self, fresh: Collection[Told]) -> None:
        """Have the rows of the log say what has just been filed."""
        told: dict[tuple[str, str], list[Playback]] = {}
        for loudspeaker, _, playback in fresh:
            told.setdefault((loudspeaker, playback.occurrence), []).append(playback)
        # Where a row says nothing yet, nothing was filed before: what came now is all there is.
        first = [_outcome_values(key, playbacks) for key, playbacks in told.items()]
        if write_all(self._session, _SETTLE_FIRST, first) < len(first):
            for (loudspeaker, occurrence), playbacks in told.items():
                self._settle_again(loudspeaker, occurrence, playbacks[0])

    def _settle_again(self, loudspeaker: str, occurrence: str, playback: Playback) -> None:
        """What was told before counts as well; and there may be no such row."""
        row = self._session.get(PlannedRow, (loudspeaker, occurrence))
        if row is None:
            row = PlannedRow(**_values(_planned_from(loudspeaker, playback)))
        best = final(self.reported(loudspeaker, occurrence))
        row.outcome = best.outcome.value if best else ""
        self._session.add(row)
        self._session.flush()

    def _below(self, paths: Iterable[str]) -> list[Any]:
        # Nobody who may see no area sees all of them.
        below = or_(false(), *(col(AreaRow.path).startswith(path) for path in paths))
        return [col(PlannedRow.loudspeaker) == AreaRow.id, below]

    def _query(self, wanted: LogFilter) -> Any:
        query = select(PlannedRow).where(
            PlannedRow.planned >= wanted.since, PlannedRow.planned < wanted.until, *self._below(wanted.paths)
        )
        if wanted.outcome:
            query = query.where(PlannedRow.outcome == ("" if wanted.outcome == NO_REPORT else wanted.outcome))
        if wanted.bulletin:
            query = query.where(PlannedRow.bulletin == wanted.bulletin)
        keys = (col(PlannedRow.planned), col(PlannedRow.occurrence), col(PlannedRow.loudspeaker))
        if wanted.after is not None:
            query = query.where(tuple_(*keys) < wanted.after)
        return query.order_by(*(key.desc() for key in keys))

    def _joined(self, rows: list[PlannedRow]) -> list[LogLine]:
        told = self._reported([(row.loudspeaker, row.occurrence) for row in rows])
        return [LogLine(_planned_of(row), final(told.get((row.loudspeaker, row.occurrence), []))) for row in rows]

    def _reported(self, keys: list[tuple[str, str]]) -> dict[tuple[str, str], list[Playback]]:
        if not keys:
            return {}
        query = select(PlaybackRow).where(
            col(PlaybackRow.occurrence).in_({occurrence for _, occurrence in keys}),
            col(PlaybackRow.loudspeaker).in_({loudspeaker for loudspeaker, _ in keys}),
        )
        found: dict[tuple[str, str], list[Playback]] = {}
        for row in self._session.exec(query.order_by(col(PlaybackRow.filed_at))):
            playback = msgspec.json.decode(row.body, type=Playback)
            found.setdefault((row.loudspeaker, row.occurrence), []).append(playback)
        return found


def _key(told: Told) -> tuple[str, str, int]:
    loudspeaker, journal, playback = told
    return loudspeaker, journal, playback.sequence


def _sorted_out(told: Iterable[Told], filed: Iterable[tuple[Any, ...]]) -> tuple[list[Told], list[Told]]:
    """What is new, and what is new under a number that something else has; repetitions are left out."""
    book: dict[tuple[str, str, int], Playback] = {
        (row[0], row[1], row[2]): msgspec.json.decode(row[3], type=Playback) for row in filed
    }
    new: dict[tuple[str, str, int], Told] = {}
    contested: list[Told] = []
    for each in told:
        before = book.get(_key(each))
        if before is None:
            new[_key(each)] = each
            book[_key(each)] = each[2]
        elif before != each[2]:
            contested.append((each[0], each[1] + TWIN, each[2]))
    return list(new.values()), contested


def _playback_values(told: Told, now: UtcMs) -> dict[str, Any]:
    loudspeaker, journal, playback = told
    return {
        "loudspeaker": loudspeaker,
        "journal": journal,
        "sequence": playback.sequence,
        "occurrence": playback.occurrence,
        "filed_at": now,
        "body": msgspec.json.encode(playback).decode(),
    }


def _outcome_values(key: tuple[str, str], told: list[Playback]) -> dict[str, object]:
    best = final(told)
    return {"device": key[0], "name": key[1], "says": best.outcome.value if best else ""}


def _changes(play: Planned) -> dict[str, Any]:
    return {
        "device": play.loudspeaker,
        "name": play.occurrence,
        "heard": _clips(play),
        "until": play.useful_until,
        "approved": play.seal,
    }


def _unless_there(dialect: str) -> Any:
    """An insert that leaves alone what is there."""
    return (postgresql if dialect == "postgresql" else sqlite).insert(_PLANS).on_conflict_do_nothing()


def _values(play: Planned) -> dict[str, Any]:
    return {
        "loudspeaker": play.loudspeaker,
        "occurrence": play.occurrence,
        "planned": play.planned,
        "useful_until": play.useful_until,
        "broadcast": play.broadcast,
        "bulletin": play.bulletin,
        "title": play.title,
        "broadcast_class": play.broadcast_class.value,
        "clips": _clips(play),
        "withdrawn": play.withdrawn,
        "seal": play.seal,
        "outcome": "",
    }


def _clips(play: Planned) -> str:
    return msgspec.json.encode(play.clips).decode()


def _planned_of(row: PlannedRow) -> Planned:
    return Planned(
        loudspeaker=row.loudspeaker,
        occurrence=row.occurrence,
        broadcast=row.broadcast,
        bulletin=row.bulletin,
        title=row.title,
        broadcast_class=BroadcastClass(row.broadcast_class),
        planned=row.planned,
        useful_until=row.useful_until,
        clips=msgspec.json.decode(row.clips, type=tuple[str, ...]),
        withdrawn=row.withdrawn,
        seal=row.seal,
    )


def _planned_from(loudspeaker: str, playback: Playback) -> Planned:
    """A loudspeaker reports what this server does not remember to have planned, as after a restored backup."""
    return Planned(
        loudspeaker=loudspeaker,
        occurrence=playback.occurrence,
        broadcast=playback.broadcast,
        bulletin=playback.bulletin,
        title=playback.broadcast,
        broadcast_class=BroadcastClass.unknown,
        planned=playback.planned,
        useful_until=playback.planned,
        clips=playback.clips,
        withdrawn=playback.outcome is Outcome.unknown,
        seal=playback.seal,
    )

"""Expected plays, reported playbacks and corrections in the database: the log, and the daily summary that moves with
it.

Imported by `store`.
"""

from collections.abc import Collection, Iterable
from typing import Any

import msgspec
from sqlalchemy import literal_column
from sqlalchemy import select as select_columns
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, func, insert, select, update

from schedules.clock import UtcMs
from schedules.playback import Playback
from server.ledger import NO_REPORT, Correction, Counted, Line, Planned, counted
from server.repositories.happenings import Happenings
from server.repositories.keys import change_all, portions, there, write_all
from server.repositories.log_filter import LogFilter
from server.repositories.log_lines import FILE_PAGE, PAGE, LogLine, LogPages
from server.repositories.log_rows import NOTHING, clips_said, counts_of, planned_from, spaced, stand_of, values_of
from server.repositories.summary import Moved, Stand
from server.tables.bulletins import BulletinRow
from server.tables.logbook import CorrectionRow, PlaceRow, PlannedRow, PlaybackRow

__all__ = [
    "FILE_PAGE",
    "NO_REPORT",
    "PAGE",
    "TWIN",
    "LogFilter",
    "LogLine",
    "Logbook",
    "Told",
]
TWIN = "~"
Told = tuple[str, str, Playback]
"""A loudspeaker, its journal and what that says."""

# Without the ORM, which would ask for each row again: a province reports at once.
_PLANS, _BOOK = PlannedRow.__table__, PlaybackRow.__table__  # type: ignore[attr-defined]
_FILE = insert(_BOOK)
_SETTLE_FIRST = (
    "update planned_play set outcome = given.outcome, reason = given.reason, missing = given.missing,"
    " sounded_ms = cast(given.sounded_ms as bigint) from given"
    " where planned_play.loudspeaker = given.loudspeaker and planned_play.occurrence = given.occurrence"
    " and planned_play.outcome = ''"
    " returning planned_play.loudspeaker, planned_play.occurrence, planned_play.commune, planned_play.planned,"
    " planned_play.broadcast_class, planned_play.topic, planned_play.withdrawn, planned_play.languages,"
    " planned_play.bulletin"
)
_WITHDRAW = (
    "update planned_play set withdrawn = true from given"
    " where planned_play.loudspeaker = given.loudspeaker and planned_play.occurrence = given.occurrence"
    " and planned_play.outcome = '' and not planned_play.withdrawn"
    " returning planned_play.commune, planned_play.planned, planned_play.broadcast_class, planned_play.topic,"
    " planned_play.reason, planned_play.sounded_ms, planned_play.languages, planned_play.missing,"
    " planned_play.bulletin"
)
_ROW = ("loudspeaker", "occurrence")
_SETTLED = (*_ROW, "outcome", "reason", "sounded_ms", "missing")
_KEY = ("loudspeaker", "journal", "sequence")


class Logbook(LogPages):
    """What is written to the log; the questions are those of its pages."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._happenings = Happenings(session)

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

    def keep_expected(self, fresh: Iterable[Planned], changed: Collection[Planned]) -> None:
        """These plays are planned; of those that are there already, what is planned has changed. What is known of them
        stays. A row that a report has made in the meantime stays as it is, until it is looked at again."""
        moved = Moved()
        self._plan(tuple(fresh), moved)
        for play in changed:
            row = self._row(play.loudspeaker, play.occurrence)
            if row is not None:
                before = stand_of(row)
                self._plan_again(row, play)
                moved.change(before, stand_of(row))
        self._happenings.expect(changed)
        self._session.flush()
        self._summary.move(moved)

    def follow_moves(self, now: UtcMs) -> int:
        """Rows to come stand where their loudspeaker will be; what has been planned for the past stays under the name
        of then. How many there were to move."""
        query = select(PlannedRow.loudspeaker, PlannedRow.place).where(PlannedRow.planned > now)
        standing: dict[str, set[int]] = {}
        for loudspeaker, stood in self._session.exec(query.distinct()):
            standing.setdefault(loudspeaker, set()).add(stood)
        now_at = self._places.of(standing)
        lost = {id_: now_at[id_] for id_, places in standing.items() if id_ in now_at and places != {now_at[id_].id}}
        moved, number = Moved(), 0
        for loudspeaker, place in lost.items():
            rows = select(PlannedRow).where(PlannedRow.loudspeaker == loudspeaker, PlannedRow.planned > now)
            for row in self._session.exec(rows.with_for_update().execution_options(populate_existing=True)):
                before = stand_of(row)
                row.place, row.commune = place
                moved.change(before, stand_of(row))
                number += 1
        self._session.flush()
        self._summary.move(moved)
        return number

    def last_expected(self, until: UtcMs) -> UtcMs:
        """The planned start of the last play by then that the server itself had expected; 0 if there is none. A row
        that only a report made has no useful time."""
        query = select(PlannedRow.planned).where(
            PlannedRow.planned <= until, PlannedRow.useful_until > PlannedRow.planned
        )
        return self._session.exec(query.order_by(col(PlannedRow.planned).desc()).limit(1)).first() or 0

    def expected_after(self, since: UtcMs) -> list[tuple[str, str]]:
        """Loudspeaker and occurrence of all plays planned from then on that are neither withdrawn nor reported."""
        query = select(PlannedRow.loudspeaker, PlannedRow.occurrence).where(
            PlannedRow.planned >= since, col(PlannedRow.outcome) == NOTHING, col(PlannedRow.withdrawn).is_(False)
        )
        return [(loudspeaker, occurrence) for loudspeaker, occurrence in self._session.exec(query)]

    def withdraw(self, plays: Iterable[tuple[str, str]]) -> None:
        """These are no longer in any programme."""
        moved = Moved()
        for some in portions(plays):
            for commune, planned, klass, topic, reason, ms, languages, missing, bulletin in change_all(
                self._session, _WITHDRAW, _ROW, some
            ):
                before = Stand(commune, planned, klass, topic, "", False, reason, ms, languages, missing, bulletin)
                moved.change(before, before._replace(withdrawn=True))
        self._summary.move(moved)

    def file(self, loudspeaker: str, journal: str, playback: Playback, now: UtcMs) -> bool:
        """File a reported playback; False if it has been filed before."""
        return bool(self.file_all([(loudspeaker, journal, playback)], now))

    def file_all(self, told: Iterable[Told], now: UtcMs) -> list[Told]:
        """File what loudspeakers report: each a loudspeaker, its journal and a playback. Those that had not been filed
        before. What it costs hardly grows with their number: at 05:00, a province reports at once.

        A number under which something else is filed is not a repetition: two boxes share a journal (a copied card), or
        one has lost what it wrote last. It is filed as well, under the name of the journal with `TWIN` behind it."""
        told = list(told)
        # What is told late of a row in the archive is told of that row, and of no other.
        self._archives.recall({(loudspeaker, playback.occurrence) for loudspeaker, _, playback in told})
        fresh: list[Told] = []
        for some in portions(told):
            keys = [_key(each) for each in some]
            filed = there(self._session, "playback", _KEY, keys, also=("body",))
            new, contested = (some, []) if not filed and len(set(keys)) == len(keys) else _sorted_out(some, filed)
            if new:
                write_all(self._session, _FILE, [_playback_values(each, now) for each in new])
                self._settle(new)
                self._happenings.told_of((playback.occurrence for _, _, playback in new), now)
            fresh += new
            fresh += self.file_all(contested, now) if contested else ()
        return fresh

    def correct(self, correction: Correction) -> Correction | None:
        """Keep what a person says of a play, as a line of its own; as it is kept, with its number. None where another
        line than the one that it names counts by now, or there is no such row."""
        key = (correction.loudspeaker, correction.occurrence)
        self._archives.recall([key])
        row = self._row(*key)
        if row is None or self._counted(key).name != correction.names:
            return None
        kept = CorrectionRow(**{**msgspec.structs.asdict(correction), "outcome": correction.outcome.value})
        kept.number = None
        self._session.add(kept)
        self._session.flush()
        self._tell(row, self._counted(key))
        self._happenings.told_of([correction.occurrence], correction.at)
        return msgspec.structs.replace(correction, number=kept.number or 0)

    def sequences(self, loudspeaker: str, journal: str) -> int:
        """The highest sequence filed of a journal."""
        query = select(func.max(PlaybackRow.sequence)).where(
            PlaybackRow.loudspeaker == loudspeaker, PlaybackRow.journal == journal
        )
        return self._session.exec(query).one() or 0

    def _plan(self, fresh: tuple[Planned, ...], moved: Moved) -> None:
        """Those of them that are new."""
        if not fresh:
            return
        connection = self._session.connection()
        places = self._places.of({play.loudspeaker for play in fresh})
        topics = self._topics({play.bulletin for play in fresh})
        rows = [values_of(play, places[play.loudspeaker], topics.get(play.bulletin, "")) for play in fresh]
        add = (postgresql if connection.dialect.name == "postgresql" else sqlite).insert(_PLANS)
        added = add.on_conflict_do_nothing().returning(_PLANS.c.loudspeaker, _PLANS.c.occurrence)
        new = {(loudspeaker, occurrence) for loudspeaker, occurrence in connection.execute(added, rows)}
        for row in rows:
            if (row["loudspeaker"], row["occurrence"]) in new:
                moved.add(Stand(**{name: row[name] for name in Stand._fields}))
                new.discard((row["loudspeaker"], row["occurrence"]))
        self._happenings.expect(fresh)

    def _plan_again(self, row: PlannedRow, play: Planned) -> None:
        """What stands in the programme counts, also where a report had come first, by a clock that was wrong."""
        row.planned, row.useful_until, row.withdrawn, row.seal = play.planned, play.useful_until, False, play.seal
        row.clips, row.languages = clips_said(play), spaced(play.languages)
        row.title, row.broadcast_class = play.title, play.broadcast_class.value
        if row.bulletin != play.bulletin or not row.topic:
            row.broadcast, row.bulletin = play.broadcast, play.bulletin
            row.topic = self._topics({play.bulletin}).get(play.bulletin, "")

    def _topics(self, bulletins: set[str]) -> dict[str, str]:
        query = select(BulletinRow.id, BulletinRow.topic).where(col(BulletinRow.id).in_(bulletins))
        return dict(self._session.exec(query).all())

    def _settle(self, fresh: Collection[Told]) -> None:
        """Have the rows of the log say what has just been filed."""
        told: dict[tuple[str, str], list[Line]] = {}
        for loudspeaker, journal, playback in fresh:
            told.setdefault((loudspeaker, playback.occurrence), []).append(Line(journal, playback))
        # Where a row says nothing yet, nothing was filed before: what came now is all there is.
        says = {key: counts_of(counted(lines)) for key, lines in told.items()}
        given = [
            (*key, says_["outcome"], says_["reason"], says_["sounded_ms"], says_["missing"])
            for key, says_ in says.items()
        ]
        moved, settled = Moved(), set()
        for loudspeaker, occurrence, commune, planned, klass, topic, withdrawn, languages, bulletin in change_all(
            self._session, _SETTLE_FIRST, _SETTLED, given
        ):
            settled.add((loudspeaker, occurrence))
            before = Stand(commune, planned, klass, topic, "", bool(withdrawn), "", 0, languages, "", bulletin)
            moved.change(before, before._replace(**says[loudspeaker, occurrence]))
        self._summary.move(moved)
        for key in told.keys() - settled:
            self._settle_again(key, told[key][0].playback)

    def _settle_again(self, key: tuple[str, str], playback: Playback) -> None:
        """What was told before counts as well; and there may be no such row."""
        row = self._row(*key)
        if row is None and self._archives.recall([key]):  # it has left a moment ago
            row = self._row(*key)
        if row is None:
            moved = Moved()
            self._plan((planned_from(key[0], playback),), moved)
            self._summary.move(moved)
            row = self._row(*key)
        if row is not None:
            self._tell(row, self._counted(key))

    def _tell(self, row: PlannedRow, counts: Counted) -> None:
        """Have a row say what counts."""
        before, moved = stand_of(row), Moved()
        for name, value in counts_of(counts).items():
            setattr(row, name, value)
        moved.change(before, stand_of(row))
        self._session.add(row)
        self._session.flush()
        self._summary.move(moved)

    def _counted(self, key: tuple[str, str]) -> Counted:
        return counted(self.told([key]).get(key, ()), self.corrections([key]).get(key, ()))

    def _row(self, loudspeaker: str, occurrence: str) -> PlannedRow | None:
        """A row as it is now, held until this transaction ends: what it said a moment ago may have changed."""
        self._session.connection().execute(_HOLD)
        query = select(PlannedRow).where(PlannedRow.loudspeaker == loudspeaker, PlannedRow.occurrence == occurrence)
        return self._session.exec(query.with_for_update().execution_options(populate_existing=True)).first()


_HOLD = update(PlaceRow).where(literal_column("0") == 1).values(commune=0)
"""Changes nothing. A database with one writer at a time lets nobody else write from here on, so that what is read is
what will be changed."""


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

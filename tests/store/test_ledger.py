"""Any history of plans, reports and corrections: each planned play has one row and at most one outcome, nothing that was
told is ever lost or changed, and the daily summary equals a recount.

Nobody imports this module.
"""

import itertools
import os
import shutil
import tempfile
from pathlib import Path
from typing import ClassVar

import msgspec
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from sqlalchemy import Engine

from schedules.clock import DAY, HOUR, ClockTrust, civil_day
from schedules.playback import Outcome, Playback
from schedules.recurrence import Daily, Once
from schedules.wire import Report
from server import bulletins, correcting, oversight, programmes
from server.archiving import Archivist
from server.ledger import (
    DID_NOT,
    DID_SOUND,
    LONG_SILENT_AFTER,
    SILENT_AFTER,
    WAS_TO,
    Correction,
    Line,
    LogState,
    expected,
)
from server.refusals import Changed
from server.repositories.logbook import LogFilter, LogLine
from server.repositories.store import Store, Stores, engine_of
from tests.store.stage import NOW, approve, communes, compose, person

DEVICES = tuple(f"loa-mau-{n}" for n in range(1, 7))
HAMLETS = ("thon-mau-sim-san", "thon-mau-can-ngai")
WHOLE = LogFilter(("/",), 0, 2**62)
SOUNDED = (Outcome.played, Outcome.late, Outcome.cut)
some = st.integers(0, 1_000)
outcomes = st.sampled_from([o for o in Outcome if o is not Outcome.unknown])
Key = tuple[str, str]
MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 - no power cut is tried out here
EXAMPLES = 40 if os.environ.get("LOABAN_LONG") else 4
"""A history is some seconds' work: the nightly run tells more of them."""


def counting(told: list[Line], said: list[Correction]) -> tuple[Outcome | None, str]:
    """What counts, and its name, worked out anew: sound before silence, then the lowest number, then what came first;
    then each correction that names it."""
    best: Line | None = None
    for line in told:
        if best is None or rank(line) < rank(best):
            best = line
    outcome, name = (best.playback.outcome, best.name) if best else (None, "")
    for correction in said:
        if correction.names == name:
            outcome, name = correction.outcome, correction.name
    return outcome, name


def rank(line: Line) -> tuple[bool, int]:
    return line.playback.outcome not in SOUNDED, line.playback.sequence


class Ledger(RuleBasedStateMachine):
    """A server, six loudspeakers, and everything that can go wrong between them."""

    seeded: ClassVar[Path]

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory(prefix="ledger-", dir=MEMORY)
        self.engine = self.begin()
        self.stores, self.now = Stores(self.engine, Path(self.folder.name) / "archive"), NOW
        self.broadcasts: list[str] = []
        self.written: list[tuple[str, str, Playback]] = []
        """What loudspeakers have in their journals: all of it is sent again and again."""
        self.numbers = {device: itertools.count(1) for device in DEVICES}
        self.filed: dict[Key, list[Line]] = {}
        self.books: dict[tuple[str, str, int], Playback] = {}
        self.said: dict[Key, list[Correction]] = {}
        self.seen: dict[Key, LogLine] = {}

        self.stood: dict[Key, str] = {}
        """Where each play stood when its time came."""

    def begin(self) -> Engine:
        """A database with the sample in it."""
        shutil.copy(self.seeded, f"{self.folder.name}/loaban.db")
        return engine_of(f"sqlite:///{self.folder.name}/loaban.db")

    def teardown(self) -> None:
        self.engine.dispose()
        self.folder.cleanup()

    def rows(self, store: Store) -> dict[Key, LogLine]:
        lines = list(store.logbook.all_lines(WHOLE))
        found = {(line.planned.loudspeaker, line.planned.occurrence): line for line in lines}
        assert len(found) == len(lines), "a play has more than one row"
        return found

    @rule(hours=st.integers(1, 40), where=some, daily=st.booleans())
    def plan(self, hours: int, where: int, daily: bool) -> None:
        with self.stores.open() as store:
            start = self.now + hours * HOUR
            recurrence = Daily((start // 60_000 + 420) % 1_440, civil_day(start)) if daily else Once(start)
            choices = (communes(store), communes(store)[:1], HAMLETS[:1], HAMLETS[1:])
            broadcast = compose(store, start, choices[where % len(choices)], recurrence=recurrence)
            approve(store, broadcast, at=self.now)
            programmes.bring_up_to_date(store, self.now)
        self.broadcasts.append(broadcast)

    @precondition(lambda self: self.broadcasts)
    @rule(which=some)
    def withdraw(self, which: int) -> None:
        with self.stores.open() as store:
            broadcast = self.broadcasts.pop(which % len(self.broadcasts))
            bulletins.withdraw(store, person(store, "pheduyet"), broadcast, self.now)
            programmes.bring_up_to_date(store, self.now)

    @rule(hours=st.sampled_from([1, 5, 24, 30 * 24]))
    def wait(self, hours: int) -> None:
        self.now += hours * HOUR
        with self.stores.open() as store:
            programmes.bring_up_to_date(store, self.now)

    @rule(which=some, to=some)
    def merge_communes(self, which: int, to: int) -> None:
        """A hamlet comes to another commune, with its loudspeakers."""
        with self.stores.open() as store:
            hamlet = store.areas.find(HAMLETS[which % len(HAMLETS)])
            assert hamlet is not None
            commune = store.areas.find(communes(store)[to % 2])
            assert commune is not None
            path = f"{commune.path}{hamlet.id}/"
            for loudspeaker in store.fleet.below([hamlet.path]):
                store.areas.keep(
                    msgspec.structs.replace(loudspeaker, path=f"{path}{loudspeaker.id}/", depth=commune.depth + 2)
                )
            moved = msgspec.structs.replace(hamlet, parent=commune.id, path=path, depth=commune.depth + 1)
            store.areas.keep(moved)
            programmes.bring_up_to_date(store, self.now)

    @precondition(lambda self: self.seen)
    @rule(days=st.sampled_from([0, 130]), back=st.booleans())
    def archive(self, days: int, back: bool) -> None:
        """Old months leave the database, and come back or not."""
        self.now += days * DAY
        with self.stores.open() as store:
            programmes.bring_up_to_date(store, self.now)
        archivist = Archivist(self.stores, Path(self.folder.name) / "archive", lambda: self.now, portion=9)
        for part in archivist.archive(3):
            if back:
                archivist.restore(part.month)
        assert all(fault is None for _, fault in archivist.verify())

    @precondition(lambda self: self.seen)
    @rule(which=some, outcome=outcomes, wrong=st.sampled_from([0, 0, 0, -400 * DAY, 9 * DAY]))
    def play(self, which: int, outcome: Outcome, wrong: int) -> None:
        """A loudspeaker writes down how a play ended, by whatever it takes for the time."""
        device, occurrence = sorted(self.seen)[which % len(self.seen)]
        planned = self.seen[device, occurrence].planned.planned + wrong
        missing = ("mww",) if which % 3 == 0 else ()
        trust = ClockTrust.guessed if wrong else ClockTrust.server
        self.written.append(
            (device, "j", Playback(
                next(self.numbers[device]), occurrence, occurrence.partition("@")[0], "bt", planned, outcome,
                started=planned, sounded_ms=which, missing=missing, trust=trust,
            ))
        )  # fmt: skip

    @precondition(lambda self: self.written)
    @rule(which=some, other=some, outcome=outcomes)
    def clone(self, which: int, other: int, outcome: Outcome) -> None:
        """A copied card: the same journal and number, of the same play or another."""
        device, journal, told = self.written[which % len(self.written)]
        occurrence = self.written[other % len(self.written)][2].occurrence
        copy = msgspec.structs.replace(told, occurrence=occurrence, outcome=outcome, bound_ms=77)
        self.written.append((device, journal, copy))

    @rule(device=st.sampled_from(DEVICES), at=st.integers(0, 40), outcome=outcomes)
    def play_what_nobody_planned(self, device: str, at: int, outcome: Outcome) -> None:
        planned = NOW + at * HOUR
        told = Playback(next(self.numbers[device]), f"ps-old@{planned}", "ps-old", "bt-old", planned, outcome)
        self.written.append((device, "j", told))

    @precondition(lambda self: self.written)
    @rule(data=st.data(), twice=st.booleans())
    def deliver(self, data: st.DataObject, twice: bool) -> None:
        """Some of what was written arrives, in any order, once or more often; the rest is lost on the way."""
        chosen = data.draw(st.permutations(range(len(self.written))).map(lambda order: order[:6]))
        sent = [self.written[n] for n in chosen]
        reports = [(device, Report(journal, (told,))) for device, journal, told in sent * (2 if twice else 1)]
        with self.stores.open() as store:
            oversight.file_reports(store, reports, self.now)
        # As it stands in the books: sorted by what the server sorts, each under the first name that is free for it.
        for device, journal, told in sent:
            name = journal
            while self.books.get((device, name, told.sequence), told) != told:
                name += "~"
            if (device, name, told.sequence) not in self.books:
                self.books[device, name, told.sequence] = told
                self.filed.setdefault((device, told.occurrence), []).append(Line(name, told))

    @precondition(lambda self: any(row.planned.planned <= self.now for row in self.seen.values()))
    @rule(which=some, outcome=outcomes)
    def correct(self, which: int, outcome: Outcome) -> None:
        over = sorted(key for key, line in self.seen.items() if line.planned.planned <= self.now)
        key = over[which % len(over)]
        before, name = counting(self.filed.get(key, []), self.said.get(key, []))
        if before is outcome:
            return
        with self.stores.open() as store:
            who = person(store, "quantri")
            with pytest.raises(Changed):
                correcting.correct(store, who, *key, f"{name} before", outcome.value, "đã nghe", self.now)
            self.said.setdefault(key, []).append(
                correcting.correct(store, who, *key, name, outcome.value, "đã nghe", self.now)
            )

    @invariant()
    def each_play_has_one_row_and_its_outcome(self) -> None:
        with self.stores.open() as store:
            rows = self.rows(store)
            assert self.seen.keys() <= rows.keys(), "a row is gone"
            self.seen = rows
            for assignment in store.fleet.assignments().values():
                own = store.fleet.programmes(assignment.area_path).values()
                for play in expected(own, assignment, self.now, self.now + 2 * DAY):
                    assert (play.loudspeaker, play.occurrence) in rows, "a planned play has no row"
            for key, line in rows.items():
                assert line.outcome is counting(self.filed.get(key, []), self.said.get(key, []))[0]
            told = store.logbook.told(rows)
            for key in rows.keys() & (self.filed.keys() | told.keys()):
                assert sorted(told.get(key, []), key=str) == sorted(self.filed.get(key, []), key=str)
            assert store.logbook.corrections(rows) == self.said
            self.states_are_right(store, rows)

    def states_are_right(self, store: Store, rows: dict[Key, LogLine]) -> None:
        for row in oversight.rows_of(store, list(rows.values()), self.now):
            after = self.now - row.line.planned.useful_until
            if row.line.outcome is not None:
                assert row.state is LogState.reported
            elif row.line.planned.withdrawn:
                assert row.state is LogState.withdrawn
            elif after > LONG_SILENT_AFTER:
                assert row.state is LogState.long_unknown
            elif after > SILENT_AFTER:
                assert row.state is LogState.unknown
            else:
                assert row.state not in (LogState.unknown, LogState.long_unknown, LogState.reported)

    @invariant()
    def the_summary_equals_a_recount(self) -> None:
        with self.stores.open() as store:
            assert store.summary.recount() == []
            days = (NOW - 401 * DAY - 7 * HOUR) // DAY * DAY - 7 * HOUR
            wanted = LogFilter(("/",), days, days + 900 * DAY)
            for outcome in ("", "none", DID_SOUND, DID_NOT, WAS_TO, "played", "withdrawn"):
                narrowed = msgspec.structs.replace(wanted, outcome=outcome)
                counted = sum(store.logbook.count(narrowed).values())
                assert counted == len(list(store.logbook.all_lines(narrowed))), outcome

    @invariant()
    def rows_stand_where_their_loudspeaker_stood(self) -> None:
        with self.stores.open() as store:
            paths = store.fleet.paths()
            for (device, occurrence), line in self.rows(store).items():
                if line.planned.planned > self.now:
                    assert f"{line.place}{device}/" == paths[device]
                else:
                    assert self.stood.setdefault((device, occurrence), line.place) == line.place


def tell_histories(machine: type[Ledger], examples: int) -> None:
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=14,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            # A shorter history is not worth minutes: the one that fails is told as it was.
            phases=(Phase.generate,),
        ),
    )


def test_no_history_makes_the_ledger_lie(seeded: Path) -> None:
    Ledger.seeded = seeded
    tell_histories(Ledger, EXAMPLES)

"""What the database counts for reports equals a recount of the log, row by row.

Nobody imports this module.
"""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from schedules.clock import DAY, HOUR, MINUTE
from schedules.playback import Outcome, Reason
from schedules.programme import BroadcastClass
from server import oversight, reporting
from server.access import Role
from server.period import current
from server.refusals import NotFound
from server.report import By
from server.repositories.logbook import LogFilter
from server.repositories.store import Store
from tests.web.stage import House, sample_database


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return sample_database(tmp_path_factory.mktemp("sample") / "sample.db")


@pytest.fixture
def house(tmp_path: Path, sample: Path) -> Iterator[House]:
    """A day on which each loudspeaker had another fate; one told two things of the same play."""
    house = House(tmp_path, sample)
    places = ("thon-mau-ta-chai", "thon-mau-sa-xeng", "thon-mau-sim-san", "thon-mau-can-ngai")
    first = house.write("Họp thôn", at=house.clock.now + HOUR, targets=places, languages=("vi", "mww"))
    second = house.write("Mưa lớn", at=house.clock.now + 2 * HOUR, targets=places, klass=BroadcastClass.priority)
    house.approve(first)
    house.approve(second)
    house.clock.now += 3 * HOUR
    fates = [
        (Outcome.played, Reason.none, 2_000),
        (Outcome.failed, Reason.card_missing, 0),
        (Outcome.late, Reason.delayed, 1_500),
        (Outcome.cut, Reason.cut_in, 700),
        (Outcome.skipped, Reason.quiet_hours, 0),
        (Outcome.missed, Reason.not_running, None),
    ]
    with house.stores.open() as store:
        plays = [row for row in store.logbook.expected_since(0)]
    for number, ((device, occurrence), fate) in enumerate(zip(sorted(plays), fates, strict=False), start=1):
        outcome, reason, sounded = fate
        told = house.expected(device, occurrence.partition("@")[0])
        missing = ("mww",)[: number % 2]
        playback = msgspec.structs.replace(told, sequence=number, outcome=outcome, reason=reason, sounded_ms=sounded)
        house.report(device, msgspec.structs.replace(playback, missing=missing))
    yield house
    house.close()


def recount(store: Store, path: str, now: int) -> tuple[Counter[str], int]:
    wanted = LogFilter((path,), current(now).since, current(now).until)
    rows = list(oversight.log_rows(store, wanted, now))
    # To a report it is one thing whether a play has been unknown for an hour or for a week.
    states = (row.line.playback.outcome.value if row.line.playback else row.state.value for row in rows)
    outcomes = Counter(state.removeprefix("long_") for state in states)
    return outcomes, sum(row.line.playback.sounded_ms or 0 for row in rows if row.line.playback)


@pytest.mark.parametrize("area", ["tinh-lao-cai", "xa-03013", "huyen-bat-xat", "thon-mau-ta-chai", "xa-02701"])
def test_a_report_equals_a_recount_of_the_log(house: House, area: str) -> None:
    now = house.clock.now + DAY
    with house.stores.open() as store:
        found = store.areas.find(area)
        assert found is not None
        total = reporting.told(store, found, current(now), now).report.total
        outcomes, sounded_ms = recount(store, found.path, now)
    ended = {name: getattr(total, name) for name in ("played", "late", "cut", "skipped", "missed", "failed", "unknown")}
    assert ended == {name: outcomes.get(name, 0) for name in ended}
    assert (total.planned, total.sounded_ms) == (sum(outcomes.values()), sounded_ms)


def test_there_was_something_to_count(house: House) -> None:
    """Without this the tests above could not fail."""
    now = house.clock.now + DAY
    with house.stores.open() as store:
        province = store.areas.roots()[0]
        told = reporting.told(store, province, current(now), now)
    total = told.report.total
    assert min(total.late, total.failed, total.cut, total.unknown) > 0
    assert {reason for _, _, reason in told.report.causes} >= {Reason.card_missing, Reason.cut_in, Reason.none}
    assert len(told.report.lines) > 1
    assert all(told.report.hours[by] for by in By)


def test_of_two_things_told_of_one_play_the_one_that_counts_is_counted(house: House) -> None:
    with house.stores.open() as store:
        before = recount(store, "/", house.clock.now)
        device, occurrence = sorted(store.logbook.expected_since(0))[1]  # it had failed
    again = house.expected(device, occurrence.partition("@")[0])
    house.report(device, msgspec.structs.replace(again, sequence=900, sounded_ms=9_000))
    house.report(device, msgspec.structs.replace(again, sequence=901, outcome=Outcome.failed, sounded_ms=50))
    with house.stores.open() as store:
        total = reporting.told(store, store.areas.roots()[0], current(house.clock.now), house.clock.now).report.total
        after = recount(store, "/", house.clock.now)
    assert before != after
    assert (total.planned, total.sounded_ms) == (sum(after[0].values()), after[1])


def test_what_is_withdrawn_before_it_sounds_is_not_counted(house: House) -> None:
    broadcast = house.write("Rút lại", at=house.clock.now + 30 * MINUTE)
    house.approve(broadcast)

    def planned() -> int:
        with house.stores.open() as store:
            now = house.clock.now
            return reporting.told(store, store.areas.roots()[0], current(now), now).report.total.planned

    with_it = planned()
    with house.stores.open() as store:
        found = next(r for r in store.logbook.expected_after(house.clock.now) if broadcast in r[1])
        store.logbook.withdraw([found])
    assert planned() == with_it - 1


def test_nobody_has_a_report_of_what_is_not_theirs(house: House) -> None:
    house.grant("xa-khac", "xa-02701", Role.overseer)
    with house.stores.open() as store:
        person = house.person(store, "xa-khac")
        assert reporting.area_of(store, person, "").id == "xa-02701"
        for area in ("xa-03013", "tinh-lao-cai", "khong-co", "loa-mau-6"):
            with pytest.raises(NotFound):
                reporting.area_of(store, person, area)

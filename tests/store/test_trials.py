"""A trial from its order to its outcome, in the database; and what of a loudspeaker's condition is kept.

Imported by pytest alone.
"""

import msgspec
import pytest

from schedules.assignment import QuietHours
from schedules.clock import DAY, HOUR, MINUTE, SECOND, ClockTrust, civil_minute
from schedules.playback import Evidence, Outcome, Playback, Reason
from schedules.trial import Trial, slot_of
from schedules.vitals import Vitals
from schedules.wire import Report, Status
from server import chimes, oversight, programmes, trying
from server.area import AreaSettings
from server.condition import QUARTER
from server.ledger import LogState
from server.refusals import NotAllowed
from server.repositories.logbook import LogFilter
from server.repositories.store import Store, Stores
from server.trying import NoTone, TrialRefused, TrialWaits
from tests.store.stage import NOW, person
from tests.store.test_chimes import Maker

DEVICE = "loa-mau-1"


@pytest.fixture
def ready(stores: Stores) -> Stores:
    chimes.install(stores, Maker(), NOW)
    with stores.open() as store:
        programmes.bring_up_to_date(store, NOW)
    return stores


def ordered(store: Store, by: str = "bientap", now: int = NOW) -> Trial:
    return trying.order(store, person(store, by), DEVICE, f"t{now}", now)


def told(trial: Trial, outcome: Outcome = Outcome.played) -> Playback:
    slot = slot_of(trial)
    return Playback(
        1, slot.occurrence, slot.broadcast, slot.bulletin, slot.start, outcome, started=slot.start,
        ended=slot.start + 3 * SECOND, due_ms=3_000, sounded_ms=3_000, evidence=Evidence.counted, seal=trial.seal,
    )  # fmt: skip


def test_an_order_stands_in_the_assignment_and_in_the_log_and_ends_in_one_row(ready: Stores) -> None:
    with ready.open() as store:
        before = store.fleet.assignments([DEVICE])[DEVICE]
        trial = ordered(store)
        after = store.fleet.assignments([DEVICE])[DEVICE]
        assert (after.trial, after.revision > before.revision) == (trial, True)
    with ready.open() as store:
        programmes.bring_up_to_date(store, NOW + SECOND)
        assert store.fleet.assignments([DEVICE])[DEVICE] == after, "nothing is published twice"
        assert store.fleet.assignments(["loa-mau-2"])["loa-mau-2"].trial is None
    with ready.open() as store:
        oversight.file_reports(store, [(DEVICE, Report("j", (told(trial),)))], NOW + 9 * SECOND)
        programmes.bring_up_to_date(store, NOW + 10 * SECOND)
    with ready.open() as store:
        rows = oversight.log_page(store, LogFilter(("/",), NOW - HOUR, NOW + HOUR), NOW + MINUTE).rows
        assert [(r.line.planned.title, r.state, r.line.planned.withdrawn) for r in rows] == [
            ("Phát thử", LogState.reported, False)
        ]
        area = store.areas.find(DEVICE)
        assert area is not None
        found = trying.tried(store, area, None, NOW + MINUTE)
        assert found is not None
        assert (found.pending, found.playback, found.by) == (False, told(trial), "Biên tập viên (mẫu)")


def test_it_is_over_without_a_word_and_leaves_the_assignment_later(ready: Stores) -> None:
    with ready.open() as store:
        trial = ordered(store)
        area = store.areas.find(DEVICE)
        assert area is not None
        with pytest.raises(TrialWaits):
            ordered(store, now=NOW + MINUTE)
        found = trying.tried(store, area, None, NOW + 3 * MINUTE)
        assert found is not None
        assert (found.over, found.pending, found.heeded) == (True, False, False)
        kept = store.fleet.assignments([DEVICE])[DEVICE]
        programmes.bring_up_to_date(store, NOW + DAY)
        assert store.fleet.assignments([DEVICE])[DEVICE] == kept, "nothing is published because it is over"
        programmes.bring_up_to_date(store, NOW + 8 * DAY)
        assert store.fleet.assignments([DEVICE])[DEVICE].trial is None
        assert ordered(store, now=NOW + 8 * DAY) != trial


def test_what_the_loudspeaker_would_not_sound_is_refused_with_its_reason(ready: Stores) -> None:
    with ready.open() as store:
        area = store.areas.find(DEVICE)
        assert area is not None
        minute = civil_minute(NOW)
        quiet = AreaSettings(quiet_hours=QuietHours(minute - 5, minute + 5), quiet_hours_off=False)
        store.areas.keep(msgspec.structs.replace(area, settings=quiet))
        with pytest.raises(TrialRefused) as refused:
            ordered(store)
        assert refused.value.entry.reason is Reason.quiet_hours
        assert store.care.ordered(DEVICE) is None


def test_who_only_looks_may_not_order_one(ready: Stores) -> None:
    with ready.open() as store, pytest.raises(NotAllowed):
        ordered(store, by="tinh")


def test_a_server_without_the_tone_says_so(stores: Stores) -> None:
    with stores.open() as store, pytest.raises(NoTone):
        ordered(store)


def heard(number: int, **said: object) -> Status:
    vitals = Vitals(temperature=40 + number, battery=80, mains=True, signal=-70)
    return Status(True, "j", run="r", link=1, number=number, trust=ClockTrust.ntp, bound_ms=5, vitals=vitals, **said)  # type: ignore[arg-type]


def test_one_status_of_each_quarter_of_an_hour_is_kept_and_older_ones_are_thinned(stores: Stores) -> None:
    with stores.open() as store:
        for number in range(3 * 96):
            for more in (0, 4 * MINUTE):
                at = NOW + number * QUARTER + more
                oversight.file_status(store, DEVICE, heard(2 * number + (more > 0) + 1), at)
    with stores.open() as store:
        found = store.care.conditions(DEVICE, NOW)
        assert len(found) == 3 * 96
        assert (found[0].temperature, found[0].mains, found[0].trust) == (41, True, ClockTrust.ntp)
        assert store.care.thin(NOW + 2 * DAY) == 0
        store.care.thin(NOW + 20 * DAY)
        assert len(store.care.conditions(DEVICE, NOW)) == pytest.approx(72, abs=1)
        store.care.thin(NOW + 60 * DAY)
        assert len(store.care.conditions(DEVICE, NOW)) == pytest.approx(4, abs=1)
        store.care.thin(NOW + 500 * DAY)
        assert store.care.conditions(DEVICE, NOW) == []


def test_nothing_is_kept_of_what_was_said_before(stores: Stores) -> None:
    with stores.open() as store:
        for at in (NOW, NOW + HOUR):
            oversight.file_status(store, DEVICE, heard(1), at)
        assert len(store.care.conditions(DEVICE, 0)) == 1

"""Tests of what loudspeakers say, and of the log, on a real database.

Nobody imports this module.
"""

import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import msgspec
import pytest

from schedules import wire
from schedules.clock import DAY, HOUR, MINUTE, civil_day
from schedules.playback import Outcome
from schedules.recurrence import Daily
from server import bulletins, oversight, programmes
from server.ledger import LogState
from server.readiness import Heard
from server.repositories.logbook import LogFilter
from server.repositories.store import Stores
from tests.store.stage import NOW, on_air, person, playback


def test_reports_are_filed_once_in_any_order_and_from_any_journal(stores: Stores) -> None:
    first = f"{on_air(stores)}@{NOW + HOUR}"
    second = f"{on_air(stores, NOW + 2 * HOUR)}@{NOW + 2 * HOUR}"
    one, two = playback(first, 1), playback(second, 2, Outcome.missed)
    with stores.open() as store:
        for report in ((two,), (one, two), (one,), (one, two), (two,)):
            ack = oversight.file_report(store, "loa-mau-1", wire.Report("j1", report), NOW + 3 * HOUR)
        assert ack == wire.Ack("j1", 2)
        assert store.logbook.reported("loa-mau-1", first) == [one]
        new_card = wire.Report("j2", (playback("ps-old@5", 1),))
        assert oversight.file_report(store, "loa-mau-1", new_card, NOW + 30 * DAY) == wire.Ack("j2", 1)
        assert store.logbook.reported("loa-mau-1", "ps-old@5") != []
        assert oversight.file_report(store, "loa-unknown", new_card, NOW) is None
        played = oversight.filter_of(store, person(store, "tinh"), "", NOW, NOW + DAY, "played", "")
        names = {r.line.planned.occurrence for r in oversight.log_page(store, played, NOW).rows}
        assert names == {first, "ps-old@5"}, "the one that was missed is not among them"


def test_the_reports_of_many_are_filed_as_if_each_came_alone(stores: Stores) -> None:
    occurrence = f"{on_air(stores)}@{NOW + HOUR}"
    played, missed = playback(occurrence, 1), playback(occurrence, 1, Outcome.missed)
    with stores.open() as store:
        oversight.file_report(store, "loa-mau-1", wire.Report("j1", (missed,)), NOW)
        oversight.file_report(store, "loa-mau-2", wire.Report("j2", (played, playback("x@5", 9))), NOW)
        oversight.file_report(store, "loa-mau-6", wire.Report("j6", (played,)), NOW)
        many = [
            ("loa-mau-1", wire.Report("new-card", (played,))),  # says better than before
            ("loa-mau-2", wire.Report("j2", (played,))),  # again
            ("loa-unknown", wire.Report("j", (played,))),
            ("loa-mau-3", wire.Report("j3", (missed, playback("y@5", 2)))),  # of one we know nothing
            ("loa-mau-4", wire.Report("j4", (playback(occurrence, 2**70),))),
            ("loa-mau-3", wire.Report("j3", (playback("y@5", 2), playback("z@5", 3)))),  # half of it again
            ("loa-mau-5", wire.Report("j5", ())),
            ("loa-mau-6", wire.Report("new-card", (missed,))),  # says less than before
        ]
        filed = oversight.file_reports(store, many, NOW + HOUR)
        acks = [each and (each.ack.journal, each.ack.up_to) for each in filed]
        assert acks == [("new-card", 1), ("j2", 1), None, ("j3", 2), ("j4", 0), ("j3", 3), ("j5", 0), ("new-card", 1)]
        fresh = [[p.occurrence for p in each.fresh] if each else None for each in filed]
        assert fresh[:4] == [[occurrence], [], None, [occurrence, "y@5"]]
        rows = oversight.log_page(store, LogFilter(("/",), 0, 2**62), NOW).rows
        said = {(r.line.planned.loudspeaker, r.line.planned.occurrence): r.line.playback for r in rows}
        assert said["loa-mau-1", occurrence] == played
        assert said["loa-mau-3", occurrence] == missed
        assert said["loa-mau-3", "z@5"] is not None
        assert said["loa-mau-4", occurrence] is None
        counts = store.logbook.count(LogFilter(("/",), 0, 2**62))
        assert counts == {"played": 6, "missed": 1, "": 2}
        oversight.file_report(store, "loa-mau-6", wire.Report("third-card", (missed,)), NOW + HOUR)
        assert store.logbook.count(LogFilter(("/",), 0, 2**62)) == counts, "what sounded has sounded"


@pytest.mark.parametrize(
    "change",
    [
        {"sequence": 2**70},
        {"planned": -1},
        {"planned": 2**62},
        {"started": 2**55},
        {"ended": 10**18},
        {"bound_ms": 2**64},
    ],
)
def test_a_report_that_cannot_be_true_is_not_filed_and_breaks_nothing(stores: Stores, change: dict) -> None:
    strange = msgspec.structs.replace(playback(f"{on_air(stores)}@{NOW + HOUR}", 1), **change)
    with stores.open() as store:
        report = wire.Report("j", (strange, playback("x@1", 2)))
        ack = oversight.file_report(store, "loa-mau-1", report, NOW)
        assert ack == wire.Ack("j", 2), "the rest of what it says does not wait for ever"
        assert store.logbook.reported("loa-mau-1", "x@1") == [playback("x@1", 2)]
        assert store.logbook.reported("loa-mau-1", strange.occurrence) == []
        assert len(oversight.log_page(store, LogFilter(("/",), 0, 2**62), NOW).rows) == 7


def test_another_occurrence_under_a_number_is_no_repetition(stores: Stores) -> None:
    """Two boxes with copies of one card, or a card that has lost its last writes: nothing is merged, nothing lost."""
    hears(stores, said("a"))
    with stores.open() as store:
        for occurrence in ("x@1", "y@1", "z@1", "x@1", "y@1", "z@1"):
            report = wire.Report("j", (playback(occurrence, 7),), "run")
            assert oversight.file_report(store, "loa-mau-1", report, NOW) == wire.Ack("j", 7, "run")
        both = wire.Report("j", (playback("v@1", 8), playback("w@1", 8)))
        oversight.file_report(store, "loa-mau-1", both, NOW)
        for occurrence in ("x@1", "y@1", "z@1", "v@1", "w@1"):
            assert len(store.logbook.reported("loa-mau-1", occurrence)) == 1, occurrence
        assert store.fleet.heard(["loa-mau-1"], NOW)["loa-mau-1"].doubled_at == NOW
        assert "loa-mau-2" not in store.fleet.heard(["loa-mau-2"], NOW)


def test_the_same_occurrence_told_otherwise_under_a_number_is_another_box(stores: Stores) -> None:
    with stores.open() as store:
        one = playback("x@1", 7)
        other = msgspec.structs.replace(one, started=NOW + HOUR + 5)
        for said_so in (one, other, one, other):
            oversight.file_report(store, "loa-mau-1", wire.Report("j", (said_so,)), NOW)
        assert store.logbook.reported("loa-mau-1", "x@1") == [one, other]


def test_a_forged_number_does_not_silence_the_rest(stores: Stores) -> None:
    with stores.open() as store:
        oversight.file_report(store, "loa-mau-1", wire.Report("j", (playback("x@1", 10**12),)), NOW)
        assert oversight.file_report(store, "loa-mau-1", wire.Report("j", (playback("y@1", 1),)), NOW) == wire.Ack(
            "j", 1
        )


def test_an_overseer_sees_what_to_look_into_and_what_comes_next(stores: Stores) -> None:
    first, second, third = (on_air(stores, NOW + hours * HOUR) for hours in (1, 2, 3))
    with stores.open() as store:
        viewer, district = person(store, "tinh"), person(store, "huyenbatxat")
        assert [p.broadcast for p in oversight.next_due(store, viewer, NOW + HOUR)] == [second, third]
        assert oversight.troubles(store, viewer, NOW + HOUR) == ()
        outcomes = (Outcome.played, Outcome.missed, Outcome.played, Outcome.failed, Outcome.skipped, Outcome.played)
        for number, outcome in enumerate(outcomes, 1):
            report = wire.Report("j", (playback(f"{first}@{NOW + HOUR}", 1, outcome),))
            oversight.file_report(store, f"loa-mau-{number}", report, NOW + HOUR)
        found = oversight.troubles(store, viewer, NOW + 2 * HOUR)
        assert {row.line.planned.loudspeaker for row in found} == {"loa-mau-2", "loa-mau-4"}
        (own,) = oversight.troubles(store, district, NOW + 2 * HOUR)
        assert own.line.planned.loudspeaker == "loa-mau-2"
        silent = oversight.troubles(store, viewer, NOW + 2 * HOUR + 26 * MINUTE)
        assert {(row.line.planned.broadcast, row.state) for row in silent} == {(second, LogState.unknown)}
        bulletins.withdraw(store, person(store, "pheduyet"), third, NOW)
        programmes.bring_up_to_date(store, NOW)
        assert [p.broadcast for p in oversight.next_due(store, viewer, NOW)] == [first, second]


def test_what_changes_of_a_play_is_kept_and_what_was_reported_stays(stores: Stores) -> None:
    name = f"{on_air(stores)}@{NOW + HOUR}"
    with stores.open() as store:
        oversight.file_report(store, "loa-mau-1", wire.Report("j", (playback(name, 1),)), NOW + HOUR)
        (planned,) = {
            r.line.planned for r in oversight.log_page(store, LogFilter(("/",), 0, 2**62), NOW).rows if r.line.playback
        }
        changed = msgspec.structs.replace(planned, clips=("c" * 64,), useful_until=NOW + 9 * HOUR)
        for _ in range(2):
            store.logbook.keep_expected([changed], [changed])
        rows = oversight.log_page(store, LogFilter(("/",), 0, 2**62), NOW).rows
        (row,) = (r for r in rows if r.line.playback)
        assert row.line.planned == changed
        assert oversight.log_page(store, LogFilter(("/",), 0, 2**62, "played"), NOW).rows == (row,)
        store.logbook.keep_expected([changed], [])  # as if nobody had known of it
        assert oversight.log_page(store, LogFilter(("/",), 0, 2**62, "played"), NOW).rows == (row,)
        store.logbook.withdraw([("loa-mau-1", name)])
        assert oversight.log_page(store, LogFilter(("/",), 0, 2**62, "played"), NOW).rows == (row,)
        store.logbook.withdraw([("loa-mau-2", name)])
        store.logbook.keep_expected([], [r.line.planned for r in rows])
        assert store.logbook.expected_after(NOW + HOUR).count(("loa-mau-2", name)) == 1
        assert len(oversight.log_page(store, LogFilter(("/",), 0, 2**62), NOW).rows) == 6


def test_the_same_report_filed_by_several_at_once_is_one(stores: Stores) -> None:
    occurrence = f"{on_air(stores)}@{NOW + HOUR}"
    report = wire.Report("j1", tuple(playback(occurrence if n == 1 else f"x@{n}", n) for n in range(1, 20)))

    def file(_number: int) -> None:
        for _ in range(5):
            try:
                with stores.open() as store:
                    oversight.file_report(store, "loa-mau-1", report, NOW)
            except Exception:  # noqa: S112 - the database refuses one of two; the loudspeaker sends again
                continue
            else:
                return

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(file, range(8)))
    with stores.open() as store:
        assert len(store.logbook.reported("loa-mau-1", occurrence)) == 1


def test_a_last_will_keeps_what_was_said_before(stores: Stores) -> None:
    with stores.open() as store:
        alive = wire.Status(online=True, journal="j1", programmes={"xa": 3})
        oversight.file_status(store, "loa-mau-1", alive, NOW)
        oversight.file_status(store, "loa-mau-1", wire.Status(online=False), NOW + MINUTE)
        heard = store.fleet.heard(["loa-mau-1"], NOW)["loa-mau-1"]
        assert (heard.status.online, heard.status.programmes) == (False, {"xa": 3})


def said(run: str, link: int = 1, number: int = 1, *, online: bool = True) -> wire.Status:
    journal = "j1" if online else ""
    return wire.Status(online=online, journal=journal, run=run, link=link, number=number)


def hears(stores: Stores, *statuses: wire.Status) -> Heard:
    with stores.open() as store:
        for n, status in enumerate(statuses):
            oversight.file_status(store, "loa-mau-1", status, NOW + n)
        return store.fleet.heard(["loa-mau-1"], NOW)["loa-mau-1"]


@pytest.mark.parametrize(
    ("statuses", "online"),
    [
        ((said("a"), said("a", online=False)), False),
        ((said("a", 1), said("a", 2), said("a", 1, online=False)), True),  # the will of a link that died late
        ((said("a", 1), said("a", 1, online=False), said("a", 2)), True),
        ((said("a", 1), said("b", 1), said("a", 1, online=False)), True),  # a reboot: the old run is over
        ((said("a", 1, 5), said("a", 1, online=False), said("a", 1, 4)), False),  # overtaken on the way
        ((said("a", 1, online=False), said("a", 1)), False),
    ],
)
def test_no_word_of_an_older_link_outlasts_a_newer_one(
    stores: Stores, statuses: tuple[wire.Status, ...], online: bool
) -> None:
    assert hears(stores, *statuses).status.online is online


def test_a_copied_card_is_detected_and_a_reboot_is_not_one(stores: Stores) -> None:
    reboots = [said(f"r{n}") for n in range(20)]
    assert hears(stores, *reboots).doubled_at is None
    assert hears(stores, said("x"), said("y"), said("x", online=False)).doubled_at is None
    assert hears(stores, said("x", 2)).doubled_at is not None


def test_pages_of_the_log_follow_each_other_without_gap(stores: Stores) -> None:
    broadcast = on_air(stores)
    reports = [playback(f"{broadcast}x{n}@{n}", n) for n in range(1, 131)]
    random.Random(1).shuffle(reports)
    with stores.open() as store:
        oversight.file_report(store, "loa-mau-1", wire.Report("j1", tuple(reports)), NOW)
        wanted = LogFilter(("/",), NOW, NOW + DAY)
        seen: list[tuple] = []
        while True:
            page = oversight.log_page(store, wanted, NOW)
            seen += [(r.line.planned.planned, r.line.planned.occurrence, r.line.planned.loudspeaker) for r in page.rows]
            if page.after is None:
                break
            wanted = msgspec.structs.replace(wanted, after=page.after)
        assert len(seen) == len(set(seen)) == 136
        assert seen == sorted(seen, reverse=True)


def test_after_an_outage_of_days_every_play_of_the_gap_is_in_the_log(stores: Stores) -> None:
    on_air(stores, recurrence=Daily(6 * 60, civil_day(NOW)))
    back = NOW + 6 * DAY
    name = f"{on_air(stores, NOW + 4 * DAY)}@{NOW + 4 * DAY}"
    with stores.open() as store:
        told = msgspec.structs.replace(playback(name, 1), planned=NOW + 4 * DAY)
        oversight.file_report(store, "loa-mau-1", wire.Report("j", (told,)), back)
        for _ in range(2):
            programmes.bring_up_to_date(store, back)
        rows = list(oversight.log_rows(store, LogFilter(("/",), 0, back), back))
    daily = {row.line.planned.planned for row in rows if row.line.planned.occurrence != name}
    assert len(daily) == 6
    assert len(rows) == 6 * 6 + 6, "six loudspeakers, six days, and one bulletin more on the fourth"
    assert Counter(row.state for row in rows) == {LogState.long_unknown: 35, LogState.unknown: 6, LogState.reported: 1}


def test_of_an_outage_longer_than_programmes_reach_only_the_last_fortnight_is_told(stores: Stores) -> None:
    on_air(stores, recurrence=Daily(6 * 60, civil_day(NOW)))
    back = NOW + 40 * DAY
    with stores.open() as store:
        programmes.bring_up_to_date(store, back)
        rows = list(oversight.log_rows(store, LogFilter(("/",), NOW + 3 * DAY, back), back))
    assert len(rows) == 6 * 14
    assert min(row.line.planned.planned for row in rows) > back - 15 * DAY

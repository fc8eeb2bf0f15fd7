"""What other systems are told of the air: of what is really approved, reported, withdrawn and corrected, once each, with the
figures of their own area.

Imported by pytest alone.
"""

import contextlib
import subprocess
import sys
from pathlib import Path

import msgspec
from sqlalchemy import event

from schedules.clock import DAY, HOUR, MINUTE, SECOND
from schedules.playback import Outcome
from schedules.programme import BroadcastClass
from schedules.wire import Report, Status
from server import alarms, bulletins, concerns, correcting, happenings, noticing, oversight, programmes
from server.compose_form import Mode
from server.composing import Draft, DraftVariant
from server.happening import About, Happening, HappeningKind, within
from server.ledger import SILENT_AFTER
from server.repositories.store import Store, Stores
from tests.store.stage import ANSWERED, NOW, approve, communes, compose, new_id, on_air, person, playback, sound

START = NOW + HOUR
LATER = START + 3 * HOUR
PROVINCE = "/tinh-lao-cai/"
TWO_WEEKS = 14 * DAY


def look(stores: Stores, now: int) -> None:
    """As the messenger does: the audit, then what is due of the log."""
    with stores.open() as store:
        noticing.follow(store, now)
    with stores.open() as store:
        due = store.happenings.due(now, 100)
    for occurrence in due:
        with stores.open() as store:
            happenings.from_occurrence(store, occurrence, now)


def told(stores: Stores, path: str = PROVINCE) -> list[Happening]:
    with stores.open() as store:
        every = store.happenings.after(0, [path], frozenset(HappeningKind), 1_000)
    return [part for each in every if (part := within(each, [path])) is not None]


def kinds(stores: Stores, path: str = PROVINCE) -> list[str]:
    return [each.kind.value for each in told(stores, path)]


def speakers(store: Store) -> list[str]:
    return [area.id for area in store.fleet.below([PROVINCE])]


def report(
    stores: Stores, devices: list[str], broadcast: str, outcome: Outcome, now: int, sequence: int = 1, at: int = START
) -> None:
    plays = msgspec.structs.replace(playback(f"{broadcast}@{at}", sequence, outcome), broadcast=broadcast, planned=at)
    with stores.open() as store:
        oversight.file_reports(store, [(device, Report("j", (plays,))) for device in devices], now)


def test_what_was_approved_and_withdrawn_is_told_to_whom_it_concerns(stores: Stores) -> None:
    look(stores, NOW)
    with stores.open() as store:
        here, there = communes(store)[:2]
        paths = {id_: area.path for id_, area in store.areas.named((here, there)).items()}
        broadcast, waiting = compose(store, targets=(here,)), compose(store, targets=(here,), sound="b")
        approve(store, broadcast)
    look(stores, NOW)
    [approved] = told(stores)
    assert (approved.kind, approved.at) == (HappeningKind.approved, NOW)
    assert approved.about is not None
    assert (approved.about.broadcast, approved.about.title) == (broadcast, "Họp")
    with stores.open() as store:
        for each in (broadcast, waiting):
            bulletins.withdraw(store, person(store, "bientap"), each, NOW + MINUTE)
    look(stores, NOW + MINUTE)
    look(stores, NOW + MINUTE)
    assert kinds(stores) == kinds(stores, paths[here]) == ["broadcast.approved", "bulletin.withdrawn"]
    assert kinds(stores, paths[there]) == [], "another commune hears nothing of it"


def test_what_the_province_airs_concerns_every_commune_below_and_what_a_commune_airs_not_its_neighbour(
    stores: Stores,
) -> None:
    with stores.open() as store:
        here, there = (area.path for area in store.areas.named(communes(store)[:2]).values())
        for key, area, target in (("a", PROVINCE, PROVINCE), ("b", PROVINCE, here), ("c", here, here)):
            about = About(f"ps-{key}", "bt", "Họp", "ordinary", area, (target,))
            assert store.happenings.add(Happening(key, HappeningKind.approved, NOW, about))
            assert not store.happenings.add(Happening(key, HappeningKind.approved, NOW, about)), "once"
    keys = {path: [each.key for each in told(stores, path)] for path in (PROVINCE, here, there, f"{here}thon-x/")}
    assert keys == {PROVINCE: ["a", "b", "c"], here: ["a", "b", "c"], there: ["a"], f"{here}thon-x/": ["a", "b", "c"]}


def test_an_occurrence_is_told_once_when_all_have_reported_and_each_area_gets_its_own_figures(stores: Stores) -> None:
    broadcast = on_air(stores)
    look(stores, NOW)
    with stores.open() as store:
        devices = speakers(store)
        here = store.areas.named(communes(store)[:1])[communes(store)[0]].path
        own = [area.id for area in store.fleet.below([here])]
    report(stores, devices[:-1], broadcast, Outcome.played, START + MINUTE)
    look(stores, START + 2 * MINUTE)
    assert kinds(stores) == ["broadcast.approved"], "one has not reported yet, and may"
    report(stores, devices[-1:], broadcast, Outcome.failed, START + 3 * MINUTE)
    look(stores, START + 3 * MINUTE + 29 * SECOND)
    assert kinds(stores) == ["broadcast.approved"], "it is not looked at after each report"
    look(stores, START + 4 * MINUTE)
    look(stores, START + 5 * MINUTE)
    aired, failed = told(stores)[1:]
    assert (aired.kind, failed.kind) == (HappeningKind.aired, HappeningKind.failed)
    assert sum(sum(each.values()) for each in aired.counts.values()) == len(devices)
    assert [(spot.id, spot.outcome) for spot in failed.spots] == [(devices[-1], "failed")]
    assert aired.id != failed.id
    [mine] = [each for each in told(stores, here) if each.kind is HappeningKind.aired]
    assert mine.id == aired.id
    assert sum(sum(each.values()) for each in mine.counts.values()) == len(own) < len(devices)


def test_who_never_reports_is_told_when_overdue_and_a_late_report_tells_it_anew(stores: Stores) -> None:
    broadcast = on_air(stores)
    with stores.open() as store:
        devices = speakers(store)
        row = store.logbook.expected_since(0)[devices[0], f"{broadcast}@{START}"]
    overdue = row[1] + SILENT_AFTER
    look(stores, overdue - 1)
    assert kinds(stores)[1:] == []
    look(stores, overdue)
    [silent] = told(stores)[1:]
    assert silent.kind is HappeningKind.failed
    assert {spot.outcome for spot in silent.spots} == {""}
    report(stores, devices[:1], broadcast, Outcome.played, overdue + HOUR)
    look(stores, overdue + HOUR + MINUTE)
    assert len(told(stores)) == 2, "late reports are told together"
    look(stores, overdue + 2 * HOUR)
    again = [each for each in told(stores) if each.kind is HappeningKind.aired]
    assert [each.revision for each in again] == [2]
    report(stores, devices[:1], broadcast, Outcome.played, overdue + 3 * HOUR)
    look(stores, overdue + 5 * HOUR)
    assert len([each for each in told(stores) if each.kind is HappeningKind.aired]) == 1, (
        "the same again is nothing new"
    )


def test_three_thousand_reports_make_one_happening_and_hardly_a_statement_more(stores: Stores) -> None:
    """What filing costs for it is counted, not timed: one statement for each portion that is filed."""
    broadcast = on_air(stores)
    with stores.open() as store:
        devices = speakers(store)
        statements: list[str] = []
        original = store.happenings.told_of
        connection = store.happenings._session.connection()

        def heard(_c: object, _cursor: object, statement: str, *_more: object) -> None:
            statements.append(statement)

        event.listen(connection, "before_cursor_execute", heard)
        original((f"{broadcast}@{START}" for _ in range(3_000)), START)
        assert len(statements) == 1
        event.remove(connection, "before_cursor_execute", heard)
    report(stores, devices, broadcast, Outcome.played, START + MINUTE)
    look(stores, START + 2 * MINUTE)
    assert kinds(stores) == ["broadcast.approved", "broadcast.aired"]


def test_a_loudspeaker_cannot_have_others_told_what_was_never_planned(stores: Stores) -> None:
    with stores.open() as store:
        devices = speakers(store)
    report(stores, devices, "ps-bịa", Outcome.played, START)
    look(stores, LATER)
    assert kinds(stores) == []


def test_an_emergency_is_issued_and_ends_by_withdrawal_or_by_itself(stores: Stores) -> None:
    look(stores, NOW)
    with stores.open() as store:
        words = (DraftVariant("vi", "Sơ tán ngay", "sơ tán ngay"),)
        draft = Draft("Lũ", "an-ninh", BroadcastClass.emergency, words, communes(store)[:1], Mode.now, None, *ANSWERED)
        sent = [
            alarms.alarm(store, person(store, "trucbao"), draft, {"vi": sound(str(n))}, NOW + n, new_id)
            for n in range(2)
        ]
        programmes.bring_up_to_date(store, NOW + 1)
        bulletins.withdraw(store, person(store, "trucbao"), sent[0], NOW + MINUTE)
    look(stores, NOW + MINUTE)
    ended = [each for each in told(stores) if each.kind is HappeningKind.emergency_ended]
    assert [(each.about.broadcast if each.about else "", each.note) for each in ended] == [(sent[0], "withdrawn")]
    assert kinds(stores).count("emergency.issued") == 2
    look(stores, NOW + TWO_WEEKS)
    ended = [each for each in told(stores) if each.kind is HappeningKind.emergency_ended]
    assert [(each.about.broadcast if each.about else "", each.note) for each in ended][1:] == [(sent[1], "over")]


def test_a_correction_is_told_with_what_stood_before(stores: Stores) -> None:
    broadcast = on_air(stores)
    with stores.open() as store:
        device = speakers(store)[0]
    report(stores, [device], broadcast, Outcome.failed, START + MINUTE)
    with stores.open() as store:
        keeper = person(store, "quantri")
        page = correcting.row_page(store, keeper, device, f"{broadcast}@{START}", LATER)
        said = (device, f"{broadcast}@{START}", page.counts.name, "played", "Tôi đã nghe")
        correcting.correct(store, keeper, *said, LATER)
    look(stores, LATER)
    [one] = [each for each in told(stores) if each.kind is HappeningKind.corrected]
    [spot] = one.spots
    assert (spot.id, spot.outcome, spot.reason, one.note) == (device, "played", "failed", "Tôi đã nghe")
    assert one.by == keeper.display_name


def test_loudspeakers_that_fall_silent_together_are_one_happening_for_each_commune(stores: Stores) -> None:
    with stores.open() as store:
        devices = speakers(store)
        for number, at in enumerate((NOW, NOW + 11 * HOUR)):
            for device in devices:
                oversight.file_status(store, device, Status(online=True, run="r", link=1, number=1 + number), at)
            concerns.watch(store, at + (1 - number) * 10 * HOUR)
    found = told(stores)
    assert [each.kind.value for each in found] == ["loudspeaker.silent"] * 2 + ["loudspeaker.back"] * 2
    assert sorted(spot.id for each in found[:2] for spot in each.spots) == sorted(devices)
    assert {spot.since for each in found[:2] for spot in each.spots} == {NOW}


def test_what_is_older_than_ninety_days_goes_and_no_number_comes_twice(stores: Stores) -> None:
    on_air(stores)
    look(stores, NOW)
    with stores.open() as store:
        newest = store.happenings.newest()
        store.happenings.forget(NOW + 1)
        assert (store.happenings.newest(), store.happenings.oldest()) == (0, 0)
    look(stores, NOW)
    on_air(stores, START + HOUR, sound="b")
    look(stores, NOW)
    assert next(each.number for each in told(stores)) > newest


KILLED = """
import os, signal, sys
from server import happenings, noticing
from server.repositories.store import Stores, engine_of
from tests.store.test_happenings import START, MINUTE, Outcome, report, speakers, on_air

stores = Stores(engine_of(sys.argv[1]))

class Killed(Exception):
    pass

def die(*_given):
    os.kill(os.getpid(), signal.SIGKILL)

if sys.argv[2] == "act":
    broadcast = on_air(stores)
    with stores.open() as store:
        devices = speakers(store)
    report(stores, devices, broadcast, Outcome.played, START + MINUTE)
    die()
if sys.argv[2] == "audit":
    with stores.open() as store:
        noticing.follow(store, START + MINUTE)
        die()
with stores.open() as store:
    noticing.follow(store, START + MINUTE)
with stores.open() as store:
    for occurrence in store.happenings.due(START + 2 * MINUTE, 10):
        happenings.from_occurrence(store, occurrence, START + 2 * MINUTE)
    die()
"""


def test_a_server_killed_after_the_act_or_while_it_writes_down_loses_none_and_doubles_none(
    stores: Stores, tmp_path: Path
) -> None:
    look(stores, NOW)
    for moment in ("act", "audit", "log"):
        command = [sys.executable, "-c", KILLED, f"sqlite:///{tmp_path / 'loaban.db'}", moment]
        with contextlib.suppress(subprocess.TimeoutExpired):
            done = subprocess.run(command, capture_output=True, timeout=120, check=False)
        assert done.returncode == -9, done.stderr.decode()
    assert kinds(stores) == ["broadcast.approved"], "what it wrote while it was killed is not there"
    look(stores, START + 3 * MINUTE)
    look(stores, START + 4 * MINUTE)
    assert kinds(stores) == ["broadcast.approved", "broadcast.aired"]

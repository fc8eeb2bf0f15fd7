"""Who is told what of what is really done, and of what loudspeakers really say.

Imported by pytest alone.
"""

import msgspec
import pytest

from schedules.clock import DAY, HOUR, MINUTE, ClockTrust, civil_midnight
from schedules.programme import BroadcastClass
from schedules.wire import Status
from server import alarms, asking, bulletins, concerns, noticing, oversight
from server.access import Role
from server.compose_form import Mode
from server.composing import Draft, DraftVariant
from server.concern import ConcernKind, ConcernRules
from server.letter import Letter
from server.notice import Matter, Notice, NoticeKind
from server.notice_choice import Choice, Way
from server.recipient import Subscription, Webhook
from server.refusals import Changed, NotAllowed, NotFound
from server.repositories.store import Store, Stores
from tests.store.stage import ANSWERED, NOW, approve, communes, compose, new_id, on_air, person, sound

NOON = civil_midnight(NOW) + 12 * HOUR


def follow(store: Store, now: int = NOON) -> int:
    return noticing.follow(store, now)[1]


def told(store: Store, staff: str) -> list[Notice]:
    return store.notices.of(staff, 50)


def kinds(store: Store, staff: str) -> list[NoticeKind]:
    return [notice.kind for notice in told(store, staff)]


def write(store: Store, name: str = "a") -> str:
    return compose(store, targets=communes(store)[:1], sound=name)


def letters(store: Store) -> list[Letter]:
    return store.notices.due(NOON + 30 * DAY, 100)


def test_a_bulletin_goes_to_its_approver_and_the_decision_back_to_its_writer(stores: Stores) -> None:
    with stores.open() as store:
        assert follow(store) == 0, "what was done before is told nobody"
        first, second = write(store), write(store, "b")
        assert follow(store) == 2
        assert follow(store) == 0
        assert kinds(store, "pheduyet") == [NoticeKind.waits] * 2
        assert kinds(store, "bientap") == kinds(store, "tinh") == kinds(store, "trucbao") == []
        newest = told(store, "pheduyet")[0]
        assert (newest.link, newest.about["title"]) == (f"/ban-tin/{second}", "Họp")
        approve(store, first)
        bulletins.send_back(store, person(store, "pheduyet"), second, "Sai ngày.", NOON)
        follow(store)
        assert kinds(store, "bientap") == [NoticeKind.sent_back, NoticeKind.approved]
        assert told(store, "bientap")[0].about["note"] == "Sai ngày."
        assert len(kinds(store, "pheduyet")) == 2, "nobody is told what they did themselves"


def test_what_was_decided_before_anybody_was_told_waits_for_nobody(stores: Stores) -> None:
    with stores.open() as store:
        approve(store, write(store))
        follow(store)
        assert kinds(store, "pheduyet") == []
        assert kinds(store, "bientap") == [NoticeKind.approved]


def test_an_emergency_on_one_signature_rings_for_the_second_person_at_night_too(stores: Stores) -> None:
    with stores.open() as store:
        store.notices.choose("pheduyet", Choice(address="lanh.dao@xa.example"))
        words = (DraftVariant("vi", "Sơ tán ngay", "sơ tán ngay"),)
        draft = Draft("Lũ", "an-ninh", BroadcastClass.emergency, words, communes(store)[:1], Mode.now, None, *ANSWERED)
        at_night = civil_midnight(NOW) + 2 * HOUR
        officer = person(store, "trucbao")
        sent = alarms.alarm(store, officer, draft, {"vi": sound()}, at_night, new_id)
        follow(store, at_night)
        [notice] = told(store, "pheduyet")
        assert (notice.kind, notice.urgent, notice.about["by"]) == (NoticeKind.alone, True, officer.display_name)
        assert [letter.due for letter in letters(store)] == [at_night]
        alarms.review(store, person(store, "pheduyet"), sent, confirmed=False, note="Không cần.", now=at_night)
        follow(store, at_night)
        assert kinds(store, "trucbao") == [NoticeKind.objected]


def test_a_presenter_is_told_what_they_are_asked_to_record(stores: Stores) -> None:
    with stores.open() as store:
        asking.ask(store, person(store, "bientap"), write(store), "mww", "pheduyet", "", NOON)
        follow(store)
        [asked] = [notice for notice in told(store, "pheduyet") if notice.kind is NoticeKind.recording_asked]
        assert "Mông" in asked.about["note"]


def test_letters_go_by_the_ways_that_were_chosen_and_wait_for_the_morning(stores: Stores) -> None:
    with stores.open() as store:
        store.notices.subscribe(Subscription("browser", "pheduyet", "https://push.example/x", "p", "a", "", NOON))
        store.notices.choose("pheduyet", Choice(address="lanh.dao@xa.example", mail=frozenset({Matter.approval})))
        write(store)
        late = civil_midnight(NOW) + 23 * HOUR
        follow(store, late)
        there = {letter.way: letter for letter in letters(store)}
        assert set(there) == {Way.push, Way.mail}
        assert {letter.due for letter in there.values()} == {civil_midnight(NOW) + 30 * HOUR}
        assert (there[Way.push].to, there[Way.mail].to) == ("browser", "pheduyet")


def test_what_was_read_or_switched_off_in_the_meantime_is_not_sent(stores: Stores) -> None:
    with stores.open() as store:
        store.notices.choose("pheduyet", Choice(address="lanh.dao@xa.example"))
        write(store)
        write(store, "b")
        follow(store)
        first, second = letters(store)
        assert noticing.still_wanted(store, first)
        noticing.read(store, person(store, "pheduyet"), NOON, first.notice)
        assert not noticing.still_wanted(store, first)
        store.notices.choose("pheduyet", Choice(address="lanh.dao@xa.example", mail=frozenset()))
        assert not noticing.still_wanted(store, second)


def test_nobody_reads_for_another_and_who_is_switched_off_is_told_nothing(stores: Stores) -> None:
    with stores.open() as store:
        write(store)
        follow(store)
        [notice] = told(store, "pheduyet")
        assert noticing.read(store, person(store, "bientap"), NOON, notice.number) is None
        assert store.notices.unread("pheduyet") == 1
        assert noticing.read(store, person(store, "pheduyet"), NOON, notice.number) is not None
        assert store.notices.unread("pheduyet") == 0
        store.staff.set_disabled("pheduyet", NOON)
        write(store, "b")
        assert follow(store) == 0


def test_systems_are_told_what_happens_in_their_area_alone(stores: Stores) -> None:
    with stores.open() as store:
        here, there = communes(store)
        for name, area, matters in (
            ("here", here, {Matter.approval}),
            ("there", there, {Matter.approval}),
            ("above", "tinh-lao-cai", set(Matter)),
            ("other", here, {Matter.concern}),
        ):
            store.notices.keep_webhook(
                Webhook(name, area, "https://x.example/", "s", frozenset(matters), "quantri", NOON)
            )
        compose(store, targets=(here,))
        follow(store)
        # Its writer writes for both communes, and speaks for the one that hears it.
        assert {letter.to for letter in letters(store)} == {"here", "above"}


HOT = Status(online=True, trust=ClockTrust.server, disk_free_bytes=9_000_000_000, run="r", link=1, number=1)


def hear(store: Store, device: str, at: int, **changes: object) -> None:
    number = at // 1_000
    status = msgspec.structs.replace(HOT, number=number, **changes)
    assert oversight.file_status(store, device, status, at)


def test_six_loudspeakers_that_fall_silent_ring_once_for_each_commune(stores: Stores) -> None:
    with stores.open() as store:
        for number in range(1, 7):
            hear(store, f"loa-mau-{number}", NOON - 7 * HOUR)
        assert concerns.watch(store, NOON, linked=False) == 0, "the server itself has no link"
        assert concerns.watch(store, NOON) == 6  # bientap, pheduyet and trucbao, in two communes each
        assert concerns.watch(store, NOON + MINUTE) == 0
        assert kinds(store, "bientap") == [NoticeKind.concern_raised] * 2
        assert {notice.about["count"] for notice in told(store, "bientap")} == {"3"}
        assert {notice.about["place"] for notice in told(store, "bientap")} == {"Xã Y Tý", "Xã Tả Phìn"}
        assert kinds(store, "tinh") == []
        shown = concerns.standing(store, person(store, "tinh"), NOON)
        assert [each.concern.kind for each in shown] == [ConcernKind.silent] * 6
        assert {each.told for each in shown} == {"7"}
        assert concerns.standing(store, person(store, "tinh"), NOON + 2 * HOUR)[0].told == "9"


def test_unacknowledged_it_goes_to_the_province_and_acknowledged_it_does_not(stores: Stores) -> None:
    with stores.open() as store:
        hear(store, "loa-mau-1", NOON - 7 * HOUR)
        hear(store, "loa-mau-2", NOON - 7 * HOUR)
        concerns.watch(store, NOON)
        first, second = store.concerns.standing()
        concerns.acknowledge(store, person(store, "bientap"), first.number, NOON)
        with pytest.raises(Changed):
            concerns.acknowledge(store, person(store, "pheduyet"), first.number, NOON)
        concerns.watch(store, NOON + 24 * HOUR)
        [notice] = told(store, "tinh")
        assert (notice.kind, notice.about["count"]) == (NoticeKind.concern_escalated, "1")
        hear(store, second.place, NOON + 25 * HOUR)
        concerns.watch(store, NOON + 25 * HOUR)
        assert kinds(store, "tinh") == [NoticeKind.concern_cleared, NoticeKind.concern_escalated]
        assert NoticeKind.concern_cleared in kinds(store, "bientap"), "whoever was told of it is told that it is over"
        assert [c.number for c in store.concerns.standing()] == [first.number]
        with pytest.raises(Changed):
            concerns.acknowledge(store, person(store, "pheduyet"), second.number, NOON + 25 * HOUR)


def test_clock_disk_and_unreported_plays_are_seen(stores: Stores) -> None:
    with stores.open() as store:
        hear(store, "loa-mau-1", NOON, trust=ClockTrust.none)
        hear(store, "loa-mau-2", NOON, disk_free_bytes=50_000_000)
        concerns.watch(store, NOON)
        assert {(c.kind, c.place) for c in store.concerns.standing()} == {
            (ConcernKind.clock, "loa-mau-1"),
            (ConcernKind.disk, "loa-mau-2"),
        }
    on_air(stores)
    tomorrow = civil_midnight(NOW) + DAY + 12 * HOUR
    with stores.open() as store:
        concerns.set_rules(store, person(store, "quantri"), "loa-mau-3", ConcernRules(unknown=0), NOON)
        hear(store, "loa-mau-3", tomorrow)
        concerns.watch(store, tomorrow)
        found = {(c.kind, c.place, c.value) for c in store.concerns.standing()}
        assert (ConcernKind.unknown, "loa-mau-3", 1) in found
        assert {(ConcernKind.share, area, 0) for area in communes(store)} <= found, "nothing of yesterday has sounded"


def test_the_nearest_rules_hold_and_only_an_administrator_sets_them(stores: Stores) -> None:
    with stores.open() as store:
        here = communes(store)[0]
        keeper = person(store, "quantri")
        with pytest.raises(NotAllowed):
            concerns.set_rules(store, person(store, "bientap"), here, ConcernRules(), NOON)
        with pytest.raises(NotFound):
            concerns.rules_page(store, person(store, "huyenbatxat"), "tinh-lao-cai")
        concerns.set_rules(store, keeper, "tinh-lao-cai", ConcernRules(silent_h=48), NOON)
        concerns.set_rules(store, keeper, here, ConcernRules(silent_h=2), NOON)
        for number in range(1, 7):
            hear(store, f"loa-mau-{number}", NOON - 3 * HOUR)
        concerns.watch(store, NOON)
        paths = {store.areas.named([c.place])[c.place].path for c in store.concerns.standing()}
        assert len(paths) == 3
        assert all(f"/{here}/" in path for path in paths)
        concerns.set_rules(store, keeper, here, None, NOON)
        concerns.watch(store, NOON + MINUTE)
        assert store.concerns.standing() == [], "by the rules that hold now it is no concern"
        page = concerns.rules_page(store, keeper, here)
        assert page.source is not None
        assert page.source.id == "tinh-lao-cai"


def test_who_is_nowhere_sees_and_acknowledges_nothing(stores: Stores) -> None:
    with stores.open() as store:
        store.staff.add("la", "la", "Người lạ", "x")
        elsewhere = next(a for a in store.areas.below(["/tinh-lao-cai/"], "commune") if a.id not in communes(store))
        store.staff.grant("la", elsewhere.id, Role.editor)
        hear(store, "loa-mau-1", NOON - 7 * HOUR)
        concerns.watch(store, NOON)
        [concern] = store.concerns.standing()
        assert concerns.standing(store, person(store, "la"), NOON) == []
        with pytest.raises(NotFound):
            concerns.acknowledge(store, person(store, "la"), concern.number, NOON)
        with pytest.raises(NotFound):
            concerns.acknowledge(store, person(store, "bientap"), 99, NOON)

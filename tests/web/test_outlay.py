"""What staff are told of data before they send, and before they approve.

Imported by pytest alone.
"""

import msgspec
import pytest
from starlette.testclient import TestClient

from schedules.assignment import Allowance
from schedules.clock import HOUR, MINUTE, ClockTrust, civil_day
from schedules.programme import BroadcastClass
from schedules.recurrence import Daily
from schedules.wire import Status
from server import hearing
from server.access import Role
from tests.web.stage import NOON, House, fill_province, text_of
from tests.web.test_composing import GOOD

WORDS = 18
"""In the text of the good form, as it is spoken."""


def told(browser: TestClient, **changes: object) -> str:
    answer = browser.post("/ban-tin/du-lieu", data={**GOOD, **changes})
    assert answer.status_code == 200
    behind_the_sum = answer.text.partition("</p>")[2]
    return text_of(behind_the_sum.partition('<div id="gaps"')[0]).strip()  # what hamlets will lack is told behind it


def allow(house: House, daily: int, monthly: int = 0, area: str = "tinh-lao-cai") -> None:
    with house.stores.open() as store:
        found = store.areas.find(area)
        assert found is not None
        settings = msgspec.structs.replace(found.settings, allowance=Allowance(daily, monthly))
        store.areas.keep(msgspec.structs.replace(found, settings=settings))
    house.follow()


@pytest.fixture(autouse=True)
def assigned(house: House) -> None:
    """Every loudspeaker has its assignment, as on any server that has run for a minute."""
    house.follow()


def test_an_estimate_before_it_is_spoken_and_the_truth_afterwards(house: House, editor: TestClient) -> None:
    assert told(editor) == f"Ước tính {WORDS} kB mỗi loa ."
    assert told(editor, text="") == ""
    assert told(editor, targets=[]) == ""
    editor.post("/ban-tin/nghe-thu", data=GOOD)
    assert told(editor) == "1 kB mỗi loa ."
    assert "1 kB mỗi loa" in text_of(editor.post("/ban-tin/soan", data={**GOOD, "action": "listen"}).text)


def test_several_loudspeakers_and_their_languages_are_summed(house: House, editor: TestClient) -> None:
    hmong = house.studio.record(b"RIFF" + bytes(2_000_000), "mww").clip.sha256
    with house.stores.open() as store:
        hearing.made(store, house.person(store, "bientap"), hmong, house.clock.now)
        hamlet = store.areas.find("thon-mau-ta-chai")
        assert hamlet is not None
        store.areas.keep(msgspec.structs.replace(hamlet, languages=("mww", "vi")))
        other = store.areas.find("thon-mau-sim-san")
        assert other is not None
        store.areas.keep(msgspec.structs.replace(other, languages=("vi",)))
    house.follow()
    targets = ["thon-mau-ta-chai", "thon-mau-sim-san"]
    said = told(editor, targets=targets, **{"recording-mww": hmong})
    assert "nhiều nhất 2,1 MB mỗi loa , khoảng 2,1 MB cho cả 2 loa." in said


def test_a_repeat_costs_nothing_more_and_says_so(house: House, editor: TestClient) -> None:
    assert "không tốn thêm" in told(editor, mode="daily")
    assert "không tốn thêm" not in told(editor)


def test_whose_sim_does_not_allow_it_is_counted_but_an_emergency_goes_all_the_same(
    house: House, editor: TestClient
) -> None:
    allow(house, 1_000)
    assert "1 loa không còn đủ hạn mức ngày của SIM" in told(editor)
    allow(house, 0, 1_000)
    assert "1 loa không còn đủ hạn mức tháng của SIM" in told(editor)
    urgent = told(editor, broadcast_class="emergency")
    assert "Vượt hạn mức SIM của 1 loa; bản tin khẩn cấp vẫn được gửi ngay." in urgent
    assert "không còn đủ" not in urgent
    allow(house, 10_000_000)
    assert "hạn mức" not in told(editor)
    status = Status(online=True, journal="j", trust=ClockTrust.ntp, at=NOON, data_today=9_990_000)
    house.hear("loa-mau-6", status)
    assert "1 loa không còn đủ hạn mức ngày" in told(editor)


def test_what_a_loudspeaker_holds_already_is_not_sent_again(house: House, editor: TestClient) -> None:
    targets = ("thon-mau-ta-chai", "thon-mau-sim-san")
    first = house.write(at=house.clock.now + HOUR, targets=targets)
    house.approve(first)
    again = house.write(at=house.clock.now + 2 * HOUR, targets=targets)
    assert "1 kB mỗi loa , khoảng 1 kB cho cả 2 loa" in text_of(editor.get(f"/ban-tin/{again}").text)
    with house.stores.open() as store:
        held = {area: p.revision for area, p in store.fleet.programmes().items()}
        (clip,) = {c.sha256 for p in store.fleet.programmes().values() for s in p.slots for c in s.clips}
    status = Status(online=True, journal="j", programmes=held, trust=ClockTrust.ntp, at=NOON)
    house.hear("loa-mau-6", status)
    house.hear("loa-mau-2", msgspec.structs.replace(status, clips_missing=(clip,)))
    assert "(1 loa khác đã có sẵn)" in text_of(editor.get(f"/ban-tin/{again}").text)
    house.hear("loa-mau-2", status)
    assert "Không tốn dữ liệu" in text_of(editor.get(f"/ban-tin/{again}").text)
    house.clock.now += HOUR + 20 * MINUTE
    house.follow()
    assert "mỗi loa" in text_of(editor.get(f"/ban-tin/{again}").text), "what has sounded for the last time is discarded"


def test_the_approver_and_the_author_see_it_until_it_is_decided(house: House, approver: TestClient) -> None:
    broadcast = house.write(at=house.clock.now + HOUR, klass=BroadcastClass.emergency)
    assert "Dữ liệu qua SIM" in approver.get(f"/ban-tin/{broadcast}").text
    assert "Dữ liệu qua SIM" in house.somebody("bientap").get(f"/ban-tin/{broadcast}").text
    assert "Dữ liệu qua SIM" not in house.somebody("tinh").get(f"/ban-tin/{broadcast}").text
    with house.stores.open() as store:
        found = store.broadcasts.find(broadcast)
        assert found is not None
        store.broadcasts.add(msgspec.structs.replace(found, recurrence=Daily(300, civil_day(NOON))))
    assert "không tốn thêm" in approver.get(f"/ban-tin/{broadcast}").text
    house.approve(broadcast)
    assert "Dữ liệu qua SIM" not in approver.get(f"/ban-tin/{broadcast}").text


def test_nobody_counts_loudspeakers_of_others(house: House, editor: TestClient) -> None:
    fill_province(house)
    assert told(editor, targets=["tinh-lao-cai"]) == ""
    with house.stores.open() as store:
        store.staff.grant("pheduyet", "tinh-lao-cai", Role.approver)
    assert "cho cả 402 loa" in told(house.somebody("tinhvan"), targets=["tinh-lao-cai"])


def test_what_each_sim_has_used_stands_beside_its_loudspeaker(house: House, editor: TestClient) -> None:
    allow(house, 0, 1_000_000_000)
    house.hear("loa-mau-6", Status(online=True, journal="j", trust=ClockTrust.ntp, at=NOON, data_month=34_200_000))
    assert "Dữ liệu tháng này: 34,2 MB / 1 GB" in text_of(editor.get("/loa?khu_vuc=loa-mau-6").text)

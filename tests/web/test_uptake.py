"""The pages "Đẩy bản tin" and "Từ cấp trên": what the office sees, what a commune answers, what is shown to whom.

Imported by pytest alone.
"""

import re

import pytest

from schedules.clock import HOUR, MINUTE
from schedules.programme import BroadcastClass
from server.access import Role
from tests.web.office import ELSEWHERE, HERE, LEADER, PROVINCE, WRITER, open_office, send_down
from tests.web.stage import House, text_of

COMMUNES = (HERE, ELSEWHERE)


@pytest.fixture(autouse=True)
def _leaders(house: House) -> None:
    house.grant("lan", HERE, Role.approver)
    house.grant("minh", ELSEWHERE, Role.approver)


def card(house: House, broadcast: str, commune: str) -> str:
    """What the office reads of a commune, on whichever page it stands."""
    office = house.somebody(WRITER)
    first = office.get(f"/day-ban-tin/{broadcast}").text
    shown = [first, *(office.get(each).text for each in re.findall(r'href="(/day-ban-tin/[^"]+\?xem=\w+)"', first))]
    cards = [each for html in shown for each in re.findall(r"<li class=\"card\">.*?</li>", html, re.DOTALL)]
    return next(text_of(each) for each in cards if commune in each)


def test_of_a_whole_province_those_that_answered_alike_are_shown_together(house: House) -> None:
    sent = send_down(house)
    assert house.somebody("lan").post(f"/tu-cap-tren/{sent}/nhan", data={"area": HERE}).is_redirect
    office = house.somebody(WRITER)
    page = office.get(f"/day-ban-tin/{sent}").text
    assert "chờ xã trả lời: 98" in text_of(page)
    assert page.count('<li class="card">') == 98
    assert f'hx-get="/day-ban-tin/{sent}?xem=waiting"' in page
    [address] = re.findall(rf'href="(/day-ban-tin/{sent}\?xem=accepted)"', page)
    taken = office.get(address).text
    assert re.findall(r'<li class="card"><p class="title">([^<]+) <', taken) == ["Xã Tả Phìn"]
    assert office.get(f"/day-ban-tin/{sent}?xem=nobody").text.count('<li class="card">') == 98


def test_a_commune_takes_it_another_refuses_and_the_office_sees_both(house: House) -> None:
    sent = send_down(house, targets=COMMUNES)
    assert "chờ xã trả lời" in card(house, sent, "Tả Phìn")
    leader = house.somebody("lan")
    overview = leader.get("/").text
    assert "1 bản tin cấp trên chờ xã trả lời" in text_of(overview)
    assert f"/tu-cap-tren/{sent}" in overview
    page = text_of(leader.get(f"/tu-cap-tren/{sent}").text)
    assert "Nhận: loa của xã sẽ phát" in page
    assert "Kính thưa bà con." in page
    answer = leader.post(f"/tu-cap-tren/{sent}/nhan", data={"area": HERE})
    assert answer.status_code == 303
    assert "xã đã nhận" in text_of(leader.get(answer.headers["location"]).text)
    other = house.somebody("minh")
    bare = other.post(f"/tu-cap-tren/{sent}/tu-choi", data={"area": ELSEWHERE, "reason": " "})
    assert bare.status_code == 422
    assert "Hãy ghi lý do xã không nhận" in text_of(bare.text)
    assert other.post(f"/tu-cap-tren/{sent}/tu-choi", data={"area": ELSEWHERE, "reason": "Trùng <hội>"}).is_redirect
    assert "xã từ chối" in card(house, sent, "Y Tý")
    assert "“Trùng <hội>”" in card(house, sent, "Y Tý")
    assert "xã đã nhận" in card(house, sent, "Tả Phìn")
    assert "xã đã nhận: 1" in text_of(house.somebody(WRITER).get("/day-ban-tin").text)
    house.follow()
    heard = {
        area: house.somebody("tinh").get(f"/nghe/{area}?xem=tuan").text
        for area in ("thon-mau-ta-chai", "thon-mau-sim-san")
    }
    assert ["Tháng an toàn" in page for page in heard.values()] == [True, False]


def test_the_share_that_sounded_stands_beside_each_commune(house: House) -> None:
    sent = send_down(house, targets=COMMUNES, at=house.clock.now + HOUR)
    house.somebody("lan").post(f"/tu-cap-tren/{sent}/nhan", data={"area": HERE})
    house.follow()
    assert "đã phát" not in card(house, sent, "Tả Phìn")
    house.report("loa-mau-6", house.expected("loa-mau-6", sent))
    house.clock.now += 2 * HOUR
    assert "1/3 lần (33 %)" in card(house, sent, "Tả Phìn")
    assert "lần" not in card(house, sent, "Y Tý")


def test_a_reminder_reaches_who_has_not_answered_and_not_twice_within_the_hour(house: House) -> None:
    sent = send_down(house, targets=COMMUNES)
    house.somebody("lan").post(f"/tu-cap-tren/{sent}/nhan", data={"area": HERE})
    writer = house.somebody(WRITER)
    done = writer.post(f"/day-ban-tin/{sent}/nhac")
    assert "Đã nhắc 1 xã." in text_of(writer.get(done.headers["location"]).text)
    assert "đã nhắc lúc" in card(house, sent, "Y Tý")
    assert writer.post(f"/day-ban-tin/{sent}/nhac", data={"area": ELSEWHERE}).status_code == 409
    house.tell()
    messages = house.somebody("minh").get("/thong-bao").text
    assert "Nhắc trả lời: Tháng an toàn giao thông" in text_of(messages)
    assert "Nhắc trả lời" not in text_of(house.somebody("lan").get("/thong-bao").text)
    house.clock.now += HOUR + MINUTE
    assert writer.post(f"/day-ban-tin/{sent}/nhac", data={"area": ELSEWHERE}).is_redirect


def test_a_priority_one_shows_what_plays_by_force_when_and_the_order(house: House) -> None:
    sent = send_down(house, klass=BroadcastClass.priority)
    leader = house.somebody("lan")
    page = text_of(leader.get(f"/tu-cap-tren/{sent}").text)
    assert "bắt buộc phát đúng giờ" in page
    assert "05/12/2026 12:00" in page
    assert "Từ chối" not in page
    assert leader.post(f"/tu-cap-tren/{sent}/tu-choi", data={"area": HERE, "reason": "Không"}).status_code == 403
    assert leader.post(f"/tu-cap-tren/{sent}/nhan", data={"area": HERE, "turn": "last"}).is_redirect
    assert "Sau bản tin ưu tiên của xã" in card(house, sent, "Tả Phìn")
    assert "phát theo quy định" in card(house, sent, "Y Tý")


def test_who_is_below_reads_it_and_answers_nothing(house: House) -> None:
    sent = send_down(house)
    editor = house.somebody("bientap")
    page = editor.get(f"/tu-cap-tren/{sent}")
    assert "Người phê duyệt của xã sẽ trả lời." in text_of(page.text)
    assert "/nhan" not in page.text
    assert editor.post(f"/tu-cap-tren/{sent}/nhan", data={"area": HERE}).status_code == 403
    assert editor.get(f"/ban-tin/{sent}").headers["location"] == f"/tu-cap-tren/{sent}"
    assert editor.get(f"/day-ban-tin/{sent}").status_code == 404
    for name in (WRITER, LEADER, "tinh"):
        assert house.somebody(name).get(f"/day-ban-tin/{sent}").status_code == 200
    assert house.somebody("tinh").post(f"/day-ban-tin/{sent}/nhac").status_code == 403
    assert house.somebody(LEADER).post(f"/tu-cap-tren/{sent}/nhan", data={"area": HERE}).status_code == 403


def test_what_is_withdrawn_can_be_answered_no_more(house: House) -> None:
    sent = send_down(house)
    assert house.somebody(WRITER).post(f"/ban-tin/{sent}/rut").is_redirect
    leader = house.somebody("lan")
    assert "/nhan" not in leader.get(f"/tu-cap-tren/{sent}").text
    assert leader.post(f"/tu-cap-tren/{sent}/nhan", data={"area": HERE}).status_code == 409


FORM = {
    "title": "Từ tỉnh",
    "topic": "an-ninh",
    "broadcast_class": "ordinary",
    "text": "Kính thưa bà con.",
    "targets": PROVINCE,
    "pushed": "1",
}


def test_the_form_offers_it_to_offices_alone_and_asks_for_an_hour(house: House) -> None:
    open_office(house)
    office, commune = house.somebody(WRITER), house.somebody("bientap")
    assert 'name="pushed"' in office.get("/ban-tin/soan").text
    assert re.search(r'name="pushed" value="1"[^>]* checked', office.get("/ban-tin/soan?day=1").text)
    assert 'name="pushed"' not in commune.get("/ban-tin/soan").text
    assert "Xã cần thời gian trả lời" in text_of(office.post("/ban-tin/soan", data={**FORM, "mode": "now"}).text)
    timed = {**FORM, "mode": "once", "date": "08/12/2026", "time": "10:00"}
    refused = commune.post("/ban-tin/soan", data={**timed, "targets": HERE})
    assert refused.status_code == 422
    assert house.broadcasts() == []
    answer = office.post("/ban-tin/soan", data=timed)
    assert answer.status_code == 303
    sent = answer.headers["location"].rpartition("/")[2]
    with house.stores.open() as store:
        [found] = store.broadcasts.named([sent])
        assert found.pushed
    assert "Bản tin được duyệt rồi mới gửi hỏi các xã." in text_of(office.get(f"/day-ban-tin/{sent}").text)
    assert house.somebody("lan").get(f"/tu-cap-tren/{sent}").status_code == 404, "nobody has approved it"
    again = office.get(f"/ban-tin/soan?sua={sent}").text
    assert re.search(r'name="pushed" value="1"[^>]* checked', again)

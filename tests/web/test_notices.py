"""Pages of messages, alarms, other systems, areas and the guide, as people meet them.

Imported by pytest alone.
"""

import re

import msgspec
from starlette.testclient import TestClient

from schedules.clock import HOUR, ClockTrust
from schedules.wire import Status
from server import concerns
from server.access import Role
from server.happening import Happening, HappeningKind
from server.notice import Matter
from server.notice_choice import Way
from server.recipient import subscription_id
from server.subscription import Undelivered
from tests.store.receivers import BrowserKeys
from tests.web.stage import PUSH_KEY, House, text_of

COMMUNE, CHOICE = "xa-03013", "/tai-khoan/thong-bao"


def bell(browser: TestClient) -> str:
    """What the bell says."""
    return " ".join(text_of(browser.get("/thong-bao/chuong").text).split())


def test_a_bulletin_rings_the_approvers_bell_until_it_is_opened(house: House, approver: TestClient) -> None:
    assert bell(approver) == "Thông báo"
    sent = house.write("Họp thôn <b>")
    house.tell()
    assert bell(approver) == "Thông báo 1 chưa đọc"
    assert "Thông báo 1" in " ".join(text_of(approver.get("/").text).split()), "on every page"
    page = approver.get("/thong-bao")
    assert "Chờ anh/chị phê duyệt: Họp thôn <b>" in text_of(page.text)
    assert "Họp thôn <b>" not in page.text, "what people write is words"
    [address] = re.findall(r"/thong-bao/\d+/mo", page.text)
    answer = approver.post(address)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/ban-tin/{sent}")
    assert bell(approver) == "Thông báo"


def test_all_are_read_at_once_and_old_ones_follow_on_their_pages(house: House, approver: TestClient) -> None:
    for number in range(55):
        house.write(f"Tin {number}")
    house.tell()
    assert bell(approver) == "Thông báo 55 chưa đọc"
    first = approver.get("/thong-bao").text
    assert "Tin 54" in first
    assert "Tin 4<" not in first
    [older] = re.findall(r"/thong-bao\?truoc=\d+", first)
    assert "Tin 4" in text_of(approver.get(older).text)
    assert approver.post("/thong-bao/da-doc").status_code == 303
    assert bell(approver) == "Thông báo"
    assert approver.get("/thong-bao?truoc=x").status_code == 200


def test_the_other_language_says_the_same(house: House, approver: TestClient) -> None:
    house.write("Họp thôn")
    house.tell()
    approver.post("/ngon-ngu", data={"language": "en"})
    assert "Waits for your approval: Họp thôn" in text_of(approver.get("/thong-bao").text)


def test_how_one_wants_to_be_told_is_kept_and_a_wrong_address_is_said(house: House, approver: TestClient) -> None:
    assert "LOABAN_SMTP" in approver.get(CHOICE).text
    bad = approver.post(CHOICE, data={"address": "khong phai", "mail": ["approval"], "quiet": "1"})
    assert bad.status_code == 422
    assert "không phải địa chỉ thư" in text_of(bad.text)
    assert 'value="khong phai"' in bad.text, "what was typed stays"
    chosen = {"address": "lanh.dao@xa.example", "mail": ["approval", "nonsense"], "push": ["concern"], "language": "en"}
    assert approver.post(CHOICE, data=chosen).status_code == 303
    with house.stores.open() as store:
        choice = store.notices.choice("pheduyet")
        assert (choice.address, choice.language, choice.quiet) == ("lanh.dao@xa.example", "en", False)
        assert (choice.mail, choice.push) == ({Matter.approval}, {Matter.concern})
        assert store.trail.latest(1)[0].act == "notice_choice"


def test_a_browser_subscribes_once_and_is_its_owners_alone(
    house: House, approver: TestClient, editor: TestClient
) -> None:
    keys, endpoint = BrowserKeys(), "https://push.example/send/abc"
    given = {"endpoint": endpoint, "p256dh": keys.p256dh, "auth": keys.auth}
    assert PUSH_KEY in approver.get(CHOICE).text
    for _ in range(2):
        assert approver.post(f"{CHOICE}/trinh-duyet", data=given).status_code == 303
    with house.stores.open() as store:
        assert [each.endpoint for each in store.notices.subscriptions("pheduyet")] == [endpoint]
    for wrong in ({"endpoint": "http://127.0.0.1/x"}, {"auth": "x"}, {"p256dh": ""}):
        assert approver.post(f"{CHOICE}/trinh-duyet", data=given | wrong).status_code == 422
    address = f"{CHOICE}/trinh-duyet/{subscription_id(endpoint)}/tat"
    assert editor.post(address).status_code == 404
    assert approver.post(address).status_code == 303
    with house.stores.open() as store:
        assert store.notices.subscriptions("pheduyet") == []
    for number in range(11):
        answer = approver.post(f"{CHOICE}/trinh-duyet", data=given | {"endpoint": f"{endpoint}{number}"})
    assert answer.status_code == 422


def test_a_trial_goes_by_every_way_at_once(house: House, approver: TestClient) -> None:
    approver.post(CHOICE, data={"address": "lanh.dao@xa.example", "mail": ["emergency"], "quiet": "1"})
    assert approver.post(f"{CHOICE}/thu").status_code == 303
    assert house.posted == 1
    assert bell(approver) == "Thông báo 1 chưa đọc"
    with house.stores.open() as store:
        assert [letter.way for letter in store.notices.due(house.clock.now, 9)] == [Way.mail]


def silence(house: House) -> None:
    """A loudspeaker has been silent since the morning."""
    house.hear("loa-mau-6", Status(online=True, trust=ClockTrust.server, run="r", link=1, number=1))
    house.clock.now += 7 * HOUR
    with house.stores.open() as store:
        concerns.watch(store, house.clock.now)


def test_an_alarm_stands_on_the_overview_until_somebody_looks_after_it(house: House, editor: TestClient) -> None:
    assert "Không có sự cố" in text_of(editor.get("/canh-bao").text)
    silence(house)
    assert "1 cảnh báo chưa có người xử lý" in text_of(editor.get("/").text)
    page = editor.get("/canh-bao").text
    assert "Mất kết nối 7 giờ" in text_of(page)
    [address] = re.findall(r"/canh-bao/\d+/da-biet", page)
    assert editor.post(address).status_code == 303
    assert editor.post(address).status_code == 409
    assert "Biên tập viên (mẫu) nhận xử lý" in text_of(editor.get("/canh-bao").text)
    assert "chưa có người xử lý" not in text_of(editor.get("/").text)
    for nonsense in ("0", "x", "99999999999"):
        assert editor.post(f"/canh-bao/{nonsense}/da-biet").status_code == 404


RULES = {"own": "1", "silent_h": "2", "unknown": "", "disk_mb": "", "temperature_c": "", "share": "", "escalate_h": "5"}


def test_what_an_area_is_warned_of_is_set_inherited_and_given_back(house: House) -> None:
    keeper, address = house.somebody("quantri"), f"/canh-bao/quy-tac/{COMMUNE}"
    assert "mức thông thường" in text_of(keeper.get(address).text)
    bad = keeper.post(address, data=RULES | {"silent_h": "nhiều", "quiet_from": "22:00"})
    assert bad.status_code == 422
    assert 'value="nhiều"' in bad.text
    assert keeper.post(address, data=RULES | {"paused_days": "2"}).status_code == 303
    assert "Tạm ngừng cảnh báo ở đây đến" in text_of(keeper.get(address).text)
    below = text_of(keeper.get("/canh-bao/quy-tac/thon-mau-ta-chai").text)
    assert "lấy từ Xã" in below
    assert "đặt tại đây" in text_of(keeper.get("/canh-bao/quy-tac?tim=ta+phin").text)
    assert keeper.post(address, data={"own": "0"}).status_code == 303
    assert "mức thông thường" in text_of(keeper.get(address).text)


def test_another_system_is_told_with_a_secret_that_is_shown_once(house: House) -> None:
    keeper = house.somebody("quantri")
    wanted = {"url": "https://nhan.tinh.example/loa", "area": COMMUNE, "matter": ["concern", "approval"]}
    for wrong in ({"url": "http://nhan.tinh.example/"}, {"url": "https://u:p@a.example/"}, {"matter": []}):
        assert keeper.post("/ket-noi", data=wanted | wrong).status_code == 422
    made = keeper.post("/ket-noi", data=wanted)
    with house.stores.open() as store:
        [hook] = store.notices.webhooks()
        secret = house.desk.vault.open(hook.id, hook.secret)
    assert secret is not None
    assert secret in made.text
    assert secret not in keeper.get("/ket-noi").text
    assert keeper.post(f"/ket-noi/{hook.id}/thu").status_code == 303
    assert house.posted == 1
    assert "chờ gửi" in text_of(keeper.get("/ket-noi").text)
    assert keeper.post(f"/ket-noi/{hook.id}/bo").status_code == 303
    assert keeper.post(f"/ket-noi/{hook.id}/thu").status_code == 404
    assert "Chưa có hệ thống nào" in text_of(keeper.get("/ket-noi").text)


def test_areas_are_changed_in_the_pages(house: House) -> None:
    keeper = house.somebody("quantri")
    wrong = keeper.post(f"/khu-vuc/{COMMUNE}/them", data={"name": "Thôn Mới", "level": "hamlet", "day": "31/13/2026"})
    assert wrong.status_code == 422
    assert "Vui lòng nhập ngày" in text_of(wrong.text)
    made = keeper.post(f"/khu-vuc/{COMMUNE}/them", data={"name": "Thôn Mới", "level": "hamlet", "day": "01/12/2026"})
    address = made.headers["location"].partition("?")[0]
    assert keeper.post(f"{address}/ten", data={"name": "Thôn Đổi Tên"}).status_code == 303
    assert "tên cũ Thôn Mới" in text_of(keeper.get("/khu-vuc?tim=thon+moi").text)
    assert keeper.post(f"{address}/ket-thuc", data={"day": "30/11/2026"}).status_code == 422
    assert keeper.post(f"{address}/ket-thuc", data={"day": "03/12/2026"}).status_code == 303
    assert "đã kết thúc" in text_of(keeper.get(address).text)
    assert keeper.post(f"{address}/ten", data={"name": "Nữa"}).status_code == 403
    merged = keeper.post(f"/khu-vuc/{COMMUNE}/sap-nhap", data={"into": "xa-02701", "day": "04/12/2026"})
    assert merged.status_code == 303
    assert keeper.get(f"/khu-vuc/{COMMUNE}").status_code == 200


def test_a_newcomer_is_offered_the_guide_and_it_goes_with_them(house: House, editor: TestClient) -> None:
    assert "hướng dẫn hai phút" in text_of(editor.get("/").text)
    assert "Bước 2/7" not in text_of(editor.get("/ban-tin/soan").text)
    assert editor.get("/huong-dan").status_code == 303
    page = editor.get("/ban-tin/soan").text
    steps = [f"Bước {step}/7" for step in range(2, 7)]
    assert [step for step in steps if step in text_of(page)] == steps
    assert sorted(re.findall(r'id="buoc-(\d)"', page)) == list("23456")
    assert set(re.findall(r'href="#buoc-(\d)"', page)) <= set("23456")
    sent = house.write()
    assert "Bước 7/7" in text_of(editor.get(f"/ban-tin/{sent}").text)
    assert editor.get("/huong-dan?thoi=1").status_code == 303
    assert "Bước" not in text_of(editor.get("/ban-tin/soan").text)
    assert "hướng dẫn hai phút" not in text_of(editor.get("/").text), "who has sent one is no newcomer"
    house.grant("xem", COMMUNE, Role.overseer)
    assert "hướng dẫn hai phút" not in text_of(house.somebody("xem").get("/").text)


def test_another_system_is_told_of_the_air_gets_a_new_secret_and_what_it_did_not_take(house: House) -> None:
    keeper, wanted = house.somebody("quantri"), {"url": "https://nhan.tinh.example/loa", "area": COMMUNE}
    assert keeper.post("/ket-noi", data=wanted | {"happening": ["no.such"]}).status_code == 422
    made = keeper.post("/ket-noi", data=wanted | {"happening": ["broadcast.aired", "emergency.issued"]})
    assert made.status_code == 200
    with house.stores.open() as store:
        [hook] = store.notices.webhooks()
        assert (hook.matters, {kind.value for kind in hook.happenings}) == (
            frozenset(),
            {"broadcast.aired", "emergency.issued"},
        )
        happening = Happening("k", HappeningKind.aired, house.clock.now, counts={"/tinh-lao-cai/": {"played": 1}})
        store.happenings.add(happening)
        store.happenings.lay_aside(Undelivered(hook.id, store.happenings.newest(), house.clock.now, 5, "HTTP 422"))
        paused = msgspec.structs.replace(hook, paused_at=house.clock.now, why="<HTTP 410>")
        store.notices.keep_webhook(paused)
    page = keeper.get("/ket-noi").text
    for words in ("Tạm dừng từ", "Báo tiếp", "Chưa nhận, đã để riêng", "HTTP 422", "Lượt phát đã phát ra loa"):
        assert words in text_of(page), words
    assert "&lt;HTTP 410&gt;" in page
    fresh = keeper.post(f"/ket-noi/{hook.id}/khoa")
    with house.stores.open() as store:
        rotated = store.notices.webhook(hook.id)
    assert rotated is not None
    assert rotated.secret_before == hook.secret
    secret = house.desk.vault.open(hook.id, rotated.secret)
    assert secret is not None
    assert secret in fresh.text
    assert secret not in keeper.get("/ket-noi").text
    assert keeper.post(f"/ket-noi/{hook.id}/tiep").status_code == 303
    assert keeper.post(f"/ket-noi/{hook.id}/tiep").status_code == 409
    assert keeper.post(f"/ket-noi/{hook.id}/gui-lai").headers["location"] == "/ket-noi?xong=gui-lai"
    assert house.posted == 2
    assert "sẽ được gửi lại" in text_of(keeper.get("/ket-noi?xong=gui-lai").text)
    with house.stores.open() as store:
        acts = {line.act for line in store.trail.lines()}
    assert {"rotate_webhook", "resume_webhook", "resend_webhook"} <= acts

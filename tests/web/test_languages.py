"""The pages "Tiếng nói": the languages of the province, what hamlets speak, what is missing, who is asked and who vets.

Imported by pytest alone.
"""

import pytest
from starlette.testclient import TestClient

from schedules.programme import BroadcastClass
from server import tongues
from server.access import Role
from tests.web.stage import House, text_of
from tests.web.test_composing import GOOD

LAO_CHAI = "thon-mau-lao-chai"


@pytest.fixture
def admin(house: House) -> TestClient:
    return house.somebody("quantri")


def test_a_language_is_added_renamed_and_retired_in_the_pages(house: House, admin: TestClient) -> None:
    form = {"tag": "tyz-x-batxat", "name": "Tày", "variety": "Bát Xát", "orthography": "Chữ Tày – Nùng"}
    refused = admin.post("/ngon-ngu/them", data={**form, "tag": "tiếng tày", "name": ""})
    assert refused.status_code == 422
    assert "không phải mã tiếng" in text_of(refused.text)
    assert "Bát Xát" in refused.text, "what was typed is still there"
    added = admin.post("/ngon-ngu/them", data=form)
    assert added.headers["location"] == "/ngon-ngu/tieng/tyz-x-batxat"
    shown = text_of(admin.get("/ngon-ngu").text)
    assert "Tày (Bát Xát)" in shown
    assert "tyz-x-batxat" not in shown, "a code is never what people read"
    admin.post("/ngon-ngu/tieng/tyz-x-batxat", data={"name": "Tày", "variety": "Bát Xát", "retired": "1"})
    assert "thôi dùng" in text_of(admin.get("/ngon-ngu").text)
    assert "Tày (Bát Xát)" not in text_of(house.somebody("bientap").get("/ban-tin/soan").text), "offered nowhere"
    assert admin.post("/ngon-ngu/tieng/vi", data={"name": "Tiếng Việt", "retired": "1"}).status_code == 422
    with house.stores.open() as store:
        acts = [line.act for line in store.trail.lines() if line.subject == "tyz-x-batxat"]
    assert acts == ["add_language", "language"]


def test_machines_are_chosen_in_order_and_none_that_the_house_does_not_allow(house: House, admin: TestClient) -> None:
    chosen = {"name": "Tiếng Việt", "own_engines": "1", "engine": ["espeak-ng", "", "piper"]}
    assert admin.post("/ngon-ngu/tieng/vi", data=chosen).status_code == 303
    with house.stores.open() as store:
        assert tongues.allowed(store.areas.languages()["vi"], house.desk.settings.voices) == ("espeak-ng", "piper")
    stranger = {"name": "Mông", "own_engines": "1", "engine": ["espeak-ng"]}
    assert admin.post("/ngon-ngu/tieng/mww", data=stranger).status_code == 422


def test_what_a_hamlet_speaks_is_typed_and_what_is_wrong_is_said(house: House, admin: TestClient) -> None:
    wrong = admin.post(f"/thon/{LAO_CHAI}", data={"language": ["hni", "vi"], "share": ["55", "46"], "households": "90"})
    assert wrong.status_code == 422
    assert "Cộng các tỷ lệ được 101 phần trăm" in text_of(wrong.text)
    assert 'value="46"' in wrong.text, "what was typed is still there"
    odd = admin.post(f"/thon/{LAO_CHAI}", data={"language": ["hni"], "share": ["<b>nửa"]})
    assert "“<b>nửa” không phải tỷ lệ" in text_of(odd.text)
    done = admin.post(f"/thon/{LAO_CHAI}", data={"language": ["hni", "", "vi"], "share": ["55", "", ""]})
    assert done.status_code == 303
    assert "1. Hà Nhì 55 %; 2. Tiếng Việt" in text_of(admin.get("/thon?tieng=hni").text)
    house.follow()
    with house.stores.open() as store:
        assert store.fleet.assignments()["loa-mau-3"].languages == ("hni", "vi")
    page = admin.get(f"/thon/{LAO_CHAI}").text
    assert "Hà Nhì: 55 % số hộ" in text_of(page)
    reader = house.somebody("bientap").get(f"/thon/{LAO_CHAI}").text
    assert 'action="/thon' not in reader


def test_what_would_be_missing_is_shown_before_it_is_sent(house: House, editor: TestClient) -> None:
    form = {**GOOD, "targets": ["xa-02701"], "action": "listen"}
    page = text_of(editor.post("/ban-tin/soan", data=form).text)
    assert "2 thôn không nghe đủ các thứ tiếng của mình" in page
    assert "Thôn Lao Chải 2 (mẫu): thiếu Hà Nhì (35 % số hộ)" in page
    part = editor.post("/ban-tin/du-lieu", data=form).text
    assert 'id="gaps" hx-swap-oob="true"' in part
    assert "Thôn Sim San 1 (mẫu): thiếu Dao (Đỏ) (70 % số hộ)" in text_of(part)
    alone = editor.post("/ban-tin/du-lieu", data={**form, "targets": ["thon-mau-trung-tam"]}).text
    assert "không nghe đủ" not in alone
    assert 'id="gaps" hx-swap-oob="true"' in alone, "what was shown goes"


def test_the_approver_sees_what_is_missing_and_that_nobody_has_looked(house: House) -> None:
    broadcast = house.write(targets=(LAO_CHAI,), languages=("vi", "mww"))
    page = text_of(house.somebody("pheduyet").get(f"/ban-tin/{broadcast}").text)
    assert "Thôn Lao Chải 2 (mẫu): thiếu Hà Nhì (35 % số hộ)" in page
    assert page.count("chưa có người thẩm định") == 1, "of Vietnamese nobody asks it"


def test_before_an_emergency_on_one_signature_the_officer_sees_what_is_missing(house: House, admin: TestClient) -> None:
    admin.post(f"/thon/{LAO_CHAI}", data={"language": ["hni"], "share": ["100"]})
    alarm = {**GOOD, "targets": [LAO_CHAI], "broadcast_class": BroadcastClass.emergency.value, "mode": "now"}
    alarm |= {"authority": "UBND xã", "responsible": "Chủ tịch", "reason": "Lũ", "action": "alarm"}
    officer = house.somebody("trucbao")
    sent = officer.post("/ban-tin/soan", data=alarm)
    page = text_of(officer.get(sent.headers["location"]).text)
    assert "Thôn Lao Chải 2 (mẫu): thiếu Hà Nhì (100 % số hộ)" in page


def test_somebody_is_asked_and_answers(house: House) -> None:
    broadcast = house.write(targets=(LAO_CHAI,))
    leader, editor = house.somebody("pheduyet"), house.somebody("bientap")
    asked = {"language": "hni", "staff": "bientap", "note": "<b>Trước 5 giờ"}
    assert leader.post(f"/ban-tin/{broadcast}/nho-ghi-am", data=asked).status_code == 303
    assert leader.post(f"/ban-tin/{broadcast}/nho-ghi-am", data=asked).status_code == 409, "once is enough"
    overview = text_of(editor.get("/").text)
    assert "Lãnh đạo phê duyệt (mẫu) nhờ anh chị ghi âm tiếng Hà Nhì: “<b>Trước 5 giờ”" in overview
    assert "nhờ anh chị" not in text_of(leader.get("/").text)
    assert "nhờ anh chị ghi âm tiếng Hà Nhì" in text_of(editor.get("/ngon-ngu/phu").text)
    page = editor.get(f"/ban-tin/{broadcast}").text
    assert f"/ban-tin/soan?sua={broadcast}#file-hni" in page
    assert "đã có tiếng Hà Nhì" in text_of(leader.get("/ngon-ngu/phu?tieng=hni&co=1").text)
    assert "đang nhờ" in text_of(leader.get("/ngon-ngu/phu?tieng=hni").text)
    number = page.partition("/nho-ghi-am/")[2].partition("/")[0]
    assert leader.post(f"/nho-ghi-am/{number}/tu-choi").status_code == 404, "only who is asked declines"
    assert editor.post(f"/nho-ghi-am/{number}/tu-choi", data={"answer": "Tôi ốm"}).status_code == 303
    assert "không nhận" in text_of(leader.get(f"/ban-tin/{broadcast}").text)
    assert "“Tôi ốm”" in text_of(leader.get(f"/ban-tin/{broadcast}").text)
    assert "nhờ anh chị" not in text_of(editor.get("/").text)
    for number in ("0", "x", "99999999999999"):
        assert editor.post(f"/nho-ghi-am/{number}/tu-choi").status_code == 404


def test_a_recording_that_is_sent_ends_the_request(house: House, editor: TestClient) -> None:
    broadcast = house.write(targets=(LAO_CHAI,))
    house.somebody("pheduyet").post(f"/ban-tin/{broadcast}/nho-ghi-am", data={"language": "hni", "staff": "bientap"})
    form = {**GOOD, "targets": [LAO_CHAI], "replaces": broadcast, "text-hni": "Lời Hà Nhì", "translator-hni": "Bà Sờ"}
    sent = editor.post("/ban-tin/soan", data=form, files={"file-hni": ("hni.wav", b"RIFF hni")})
    newer = sent.headers["location"]
    assert newer.startswith("/ban-tin/ps-")
    page = text_of(editor.get(newer).text)
    assert "đã ghi âm" in page
    assert "Bà Sờ dịch." in page
    assert "nhờ anh chị" not in text_of(editor.get("/").text)


def test_who_knows_the_language_says_so_and_the_approver_reads_it(house: House, admin: TestClient) -> None:
    house.grant("nguoihanhi", "xa-02701", Role.overseer)
    nobody = admin.post("/ngon-ngu/tieng/hni/nguoi-tham-dinh", data={"username": "khong-co"})
    assert (nobody.status_code, "Không ai có tên đăng nhập này" in text_of(nobody.text)) == (422, True)
    assert admin.post("/ngon-ngu/tieng/hni/nguoi-tham-dinh", data={"username": "NguoiHaNhi "}).status_code == 303
    assert "nguoihanhi (mẫu)" in text_of(admin.get("/ngon-ngu").text)
    broadcast = house.write(targets=(LAO_CHAI,), languages=("vi", "hni"))
    native = house.somebody("nguoihanhi")
    page = native.get(f"/ban-tin/{broadcast}").text
    assert "Lời và tiếng bằng thứ tiếng này đều đúng" in text_of(page)
    seal = page.partition('name="seal" value="')[2].partition('"')[0]
    vetted = native.post(f"/ban-tin/{broadcast}/tham-dinh", data={"language": "hni", "seal": seal})
    assert vetted.status_code == 303
    shown = text_of(house.somebody("pheduyet").get(f"/ban-tin/{broadcast}").text)
    assert "nguoihanhi (mẫu) đã thẩm định là đúng" in shown
    assert "chưa có người thẩm định" not in shown
    stale = native.post(f"/ban-tin/{broadcast}/tham-dinh", data={"language": "hni", "seal": seal})
    assert stale.status_code == 409, "it is no longer what they looked at"


def test_names_of_places_are_said_as_they_are_called(house: House, editor: TestClient) -> None:
    with house.stores.open() as store:
        commune = store.areas.named(["xa-03013"])["xa-03013"]
        for number, name in enumerate(("Thôn 26-3", "Thôn K8")):
            path = f"{commune.path}thon-k-{number}/"
            store.areas.keep(type(commune)(f"thon-k-{number}", commune.id, path, commune.depth + 1, "hamlet", name))
    text = "Mời bà con thôn 26-3 và Thôn K8 họp."
    said = text_of(editor.post("/ban-tin/doc", data={**GOOD, "text": text}).text)
    assert "thôn hai mươi sáu tháng ba và thôn ca tám họp" in said
    elsewhere = text_of(editor.post("/ban-tin/doc", data={**GOOD, "text": text, "targets": [LAO_CHAI]}).text)
    assert "26-3" in elsewhere, "of another commune's hamlets nobody here knows it"

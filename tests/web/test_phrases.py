"""The phrase bank, as people click it: translate, review, agree, fill, send, approve, withdraw.

Imported by pytest alone.
"""

import pytest
from starlette.testclient import TestClient

from server.access import Role
from server.phrase_catalogue import template
from tests.store import phrase_stage as stage
from tests.web.stage import House, text_of
from tests.web.test_composing import Form

LANGUAGE = "/ngan-hang-cau/mww"
EDITION = f"{LANGUAGE}/mau/hop-thon"
SLOTS = {f"slot-{name}": value for name, value in stage.VALUES.items()}
PRESENTER = {
    "name": "Sùng Thị Mẫu", "area": stage.COMMUNE, "languages": ["mww"], "consent_on": "01/12/2026",
    "scope": "bản tin của xã", "note": "giấy số 1",
}  # fmt: skip


@pytest.fixture
def editor(house: House) -> TestClient:
    return house.somebody("bientap")


@pytest.fixture
def leader(house: House) -> TestClient:
    return house.somebody("pheduyet")


def text() -> str:
    wanted = template("hop-thon")
    assert wanted is not None
    return f"(mẫu) {wanted.text}"


def bank(house: House, *, but: tuple[str, ...] = (), sample: bool = False) -> str:
    """A bank that can speak of meetings in Mông; its presenter."""
    with house.stores.open() as store:
        stage.edition(store)
        who = stage.presenter(store, sample=sample)
        stage.record(store, house.takes, who, but=but)
    return who.id


def filled(editor: TestClient) -> str:
    """A template filled into a draft; where to go on with it."""
    answer = editor.post("/ban-tin/mau-cau", data={"mau": "hop-thon", "action": "fill", **SLOTS})
    assert answer.status_code == 303, text_of(answer.text)
    return answer.headers["location"]


def sent(editor: TestClient) -> str:
    """The draft, sent for approval as the form stands; its page."""
    form = Form(editor.get(filled(editor)).text)
    fields = {**form.fields, "mode": ["once"], "date": ["05/12/2026"], "time": ["17:30"], "targets": [stage.COMMUNE]}
    answer = editor.post("/ban-tin/soan", data={**fields, "action": ["save"]})
    assert answer.status_code == 303, text_of(answer.text)
    return answer.headers["location"]


def approved(leader: TestClient, broadcast: str) -> str:
    """What pressing “approve” answers."""
    seal = Form(leader.get(broadcast).text).fields["seal"][0]
    answer = leader.post(f"{broadcast}/duyet", data={"seal": seal, "by_text": ["vi", "mww"]})
    return "" if answer.status_code == 303 else text_of(answer.text)


def test_a_translation_is_written_by_one_and_approved_by_another(editor: TestClient, leader: TestClient) -> None:
    broken = editor.post(EDITION, data={"text": "Mời {noi} {gi", "translator": "", "number": "0"})
    assert broken.status_code == 422
    assert "Mời {noi} {gi" in text_of(broken.text), "nothing typed is lost"
    assert "Hãy ghi tên" in text_of(broken.text)
    assert editor.post(EDITION, data={"text": text(), "translator": "Giàng A Mẫu", "number": "0"}).status_code == 303
    assert "chờ thẩm định" in text_of(editor.get(EDITION).text)
    again = editor.post(EDITION, data={"text": "khác " + text(), "translator": "B", "number": "0"})
    assert again.status_code == 409
    assert editor.post(f"{EDITION}/duyet", data={"number": "1", "reviewer": "Vàng Thị Mẫu"}).status_code == 403
    same = leader.post(f"{EDITION}/duyet", data={"number": "1", "reviewer": "giang a mau"})
    assert (same.status_code, "bản mình dịch" in text_of(same.text)) == (422, True)
    assert leader.post(f"{EDITION}/duyet", data={"number": "1", "reviewer": "Vàng Thị Mẫu"}).status_code == 303
    page = text_of(editor.get(EDITION).text)
    assert "Vàng Thị Mẫu đã thẩm định" in page
    assert "Còn phải ghi âm" in text_of(editor.get(LANGUAGE).text)
    changed = editor.post(EDITION, data={"text": text() + " Hết.", "translator": "Giàng A Mẫu", "number": "1"})
    assert changed.status_code == 303
    assert "chờ thẩm định" in text_of(editor.get(EDITION).text)


def test_values_have_words_of_their_own_once_they_are_reviewed(
    house: House, editor: TestClient, leader: TestClient
) -> None:
    bank(house)
    values = f"{LANGUAGE}/mau/gia-tri"
    lines = Form(editor.get(values).text).fields["text"][0].splitlines()
    assert "thứ bảy =" in lines
    assert "Thôn Tả Chải (mẫu) =" in lines
    wrong = editor.post(values, data={"text": "thứ tám = x", "translator": "Giàng A Mẫu", "number": "0"})
    assert (wrong.status_code, "Không phải dòng trong danh sách: “thứ tám = x”" in text_of(wrong.text)) == (422, True)
    own = "\n".join("thứ bảy = (mẫu bảy)" if line.startswith("thứ bảy") else line for line in lines)
    assert editor.post(values, data={"text": own, "translator": "Giàng A Mẫu", "number": "0"}).status_code == 303
    looked = {"mau": "hop-thon", **SLOTS}
    assert "(mẫu bảy)" not in text_of(editor.post("/ban-tin/mau-cau", data=looked).text), "nobody has reviewed it"
    assert leader.post(f"{values}/duyet", data={"number": "1", "reviewer": "Vàng Thị Mẫu"}).status_code == 303
    assert "19 giờ 30 phút, (mẫu bảy), ngày mùng 5" in text_of(editor.post("/ban-tin/mau-cau", data=looked).text)
    assert "đã thẩm định" in text_of(editor.get(LANGUAGE).text)


def test_who_reviews_the_language_approves_with_their_own_name(house: House, editor: TestClient) -> None:
    with house.stores.open() as store:
        store.staff.add("banngu", "banngu", "Vàng Bản Ngữ", "plain:x")
        store.languages.add_reviewer("mww", "banngu", "quantri", house.clock.now)
    house.grant("banngu", stage.COMMUNE, Role.overseer)
    editor.post(EDITION, data={"text": text(), "translator": "Giàng A Mẫu", "number": "0"})
    reviewer = house.somebody("banngu")
    assert reviewer.post(f"{EDITION}/duyet", data={"number": "1"}).status_code == 303
    assert "Vàng Bản Ngữ đã thẩm định" in text_of(editor.get(EDITION).text)


def test_a_presenter_is_kept_with_their_consent(editor: TestClient, house: House) -> None:
    for field, wrong in (("name", ""), ("consent_on", "32/12/2026"), ("consent_on", "05/12/2027"), ("scope", " ")):
        answer = editor.post("/nguoi-doc", data={**PRESENTER, field: wrong})
        assert answer.status_code == 422, field
        assert "giấy số 1" in answer.text, "nothing typed is lost"
    assert editor.post("/nguoi-doc", data={**PRESENTER, "languages": []}).status_code == 422
    assert editor.post("/nguoi-doc", data=PRESENTER).status_code == 303
    page = text_of(editor.get("/nguoi-doc").text)
    assert "Đồng ý ngày 01/12/2026: bản tin của xã (giấy số 1)" in page
    assert "Sùng Thị Mẫu" in text_of(editor.get(LANGUAGE).text)
    assert "Sùng Thị Mẫu" not in text_of(house.somebody("tinh").get(LANGUAGE).text), "consent is about a person"


def test_a_template_says_which_languages_can_speak_it_and_who_could_record_the_rest(
    house: House, editor: TestClient
) -> None:
    bank(house, but=("gio:19", "phut:30", "thu:5"))
    page = text_of(editor.get("/ban-tin/mau-cau?mau=hop-thon").text)
    assert "Giờ họp" in page
    wrong = editor.post("/ban-tin/mau-cau", data={"mau": "hop-thon", **SLOTS, "slot-gio": "19:40"})
    assert wrong.status_code == 422
    assert "19:40" in wrong.text
    assert "giờ chẵn và 15, 30, 45 phút" in text_of(wrong.text)
    looked = text_of(editor.post("/ban-tin/mau-cau", data={"mau": "hop-thon", **SLOTS}).text)
    assert "Mông (Trắng) ◐ thiếu 3 câu" in looked
    assert "mười chín giờ" in looked
    assert "Có thể ghi âm phần còn thiếu: Sùng Thị Mẫu" in looked
    assert "Dao (Đỏ) ○ chưa có bản dịch" in looked
    assert editor.get("/ban-tin/mau-cau?mau=khong-co").status_code == 404


def test_a_filled_template_is_a_draft_with_its_sounds_and_airs_with_its_manifest(
    house: House, editor: TestClient, leader: TestClient
) -> None:
    bank(house)
    form = Form(editor.get(filled(editor)).text)
    assert form.fields["title"] == ["Mời họp: Thôn Tả Chải (mẫu)"]
    assert form.fields["topic"] == ["chinh-sach"]
    assert "19 giờ 30 phút, thứ bảy, ngày mùng 5 tháng 12" in form.fields["text"][0]
    assert form.fields["text-mww"][0].startswith("(mẫu) Kính thưa bà con.")
    assert form.fields["recording-mww"][0]
    broadcast = sent(editor)
    assert approved(leader, broadcast) == ""
    page = text_of(leader.get(broadcast).text)
    assert "Ngân hàng câu" in page
    assert "Ai đọc câu nào" in page
    assert "từ mẫu" in page.lower()
    assert "Giàng A Mẫu" in page, "who translated it stands beside the text"
    assert "thứ bảy: Sùng Thị Mẫu" in page


def test_after_a_withdrawal_the_draft_has_no_sound_and_nothing_is_approved(
    house: House, editor: TestClient, leader: TestClient
) -> None:
    who = bank(house)
    draft, broadcast = filled(editor), sent(editor)
    assert editor.post(f"/nguoi-doc/{who}/rut", data={"note": "gọi điện"}).status_code == 303
    assert Form(editor.get(draft).text).fields["recording-mww"] == [""]
    said = approved(leader, broadcast)
    assert "Mông (Trắng) (một người đọc trong đó đã rút lại sự đồng ý) không được phát" in said
    assert "cần âm thanh khác" in text_of(leader.get("/").text)
    assert "Không được dùng âm thanh này nữa" in text_of(leader.get(broadcast).text)
    assert "đã rút lại" in text_of(editor.get("/nguoi-doc").text)
    assert editor.post(f"/nguoi-doc/{who}/rut").status_code == 409


def test_a_sample_says_so_and_does_not_air_outside_a_demonstration(
    house: House, editor: TestClient, leader: TestClient
) -> None:
    bank(house, sample=True)
    broadcast = sent(editor)
    assert "MẪU: tiếng máy, không phải người đọc" in text_of(leader.get(broadcast).text)
    assert "đây là âm thanh mẫu" in approved(leader, broadcast)


def test_a_form_that_is_sent_with_a_foreign_clip_gains_nothing(house: House, editor: TestClient) -> None:
    """A clip of the bank is known by its name; its name alone lets nobody use it."""
    bank(house)
    clip = Form(editor.get(filled(editor)).text).fields["recording-mww"][0]
    house.grant("la", "xa-02701", Role.editor)
    other = house.somebody("la")
    answer = other.post("/ban-tin/soan", data={"action": "upload", "recording-mww": clip, "text-mww": "x"})
    assert clip not in answer.text

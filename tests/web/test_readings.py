"""The page "Cách đọc": what a place teaches holds there and below, is seen where it is used, and touches nothing that
was approved.

Imported by pytest alone.
"""

import pytest
from starlette.testclient import TestClient

from server import bulletins
from server.access import Role
from server.bulletin import Variant
from server.bulletins import BroadcastPage
from server.lifecycle import BroadcastState
from tests.web.stage import PASSWORD, House, text_of
from tests.web.test_composing import GOOD, Form

PROVINCE = "tinh-lao-cai"
ASKED = {**GOOD, "text": "Gặp anh ABCX ở A Mú Sung", "leftover": ["ABCX"], "answer": ["a bê xê ích"]}


@pytest.fixture
def commune(house: House) -> str:
    """The commune whose hamlets the good form is for."""
    with house.stores.open() as store:
        hamlet = store.areas.find("thon-mau-ta-chai")
        assert hamlet is not None
        assert hamlet.parent is not None
        return hamlet.parent


@pytest.fixture
def above(house: House) -> TestClient:
    """Somebody who writes for the whole province."""
    with house.stores.open() as store:
        store.staff.add("tren", "tren", "Biên tập tỉnh", house.desk.hasher.hash(PASSWORD))
        store.staff.grant("tren", PROVINCE, Role.editor)
    return house.somebody("tren")


def teach(browser: TestClient, area: str, written: str, said: str) -> None:
    answer = browser.post("/cach-doc", data={"area": area, "written": written, "said": said})
    assert answer.status_code == 303, text_of(answer.text)


def said(browser: TestClient, text: str, target: str = "thon-mau-ta-chai") -> str:
    return text_of(browser.post("/ban-tin/doc", data={"text": text, "targets": [target]}).text)


def page_of(house: House, broadcast: str) -> BroadcastPage:
    with house.stores.open() as store:
        return bulletins.page(store, house.person(store, "pheduyet"), broadcast)


def spoken(house: House, broadcast: str) -> Variant:
    return next(v for v in page_of(house, broadcast).bulletin.variants if v.language == "vi")


def acts(house: House) -> list[tuple[str, str, str, str]]:
    with house.stores.open() as store:
        return [(line.act, line.subject, line.before, line.after) for line in store.trail.lines()]


def test_an_answer_is_remembered_where_its_author_says_so(house: House, editor: TestClient, commune: str) -> None:
    assert editor.post("/ban-tin/soan", data={**ASKED, "remember": ["ABCX"]}).status_code == 303
    assert ("teach", "ABCX", "", "a bê xê ích") in acts(house)
    again = said(editor, "Hỏi ABCX, ABCX!")
    assert "hỏi a bê xê ích, a bê xê ích!" in again
    assert "ABCX → a bê xê ích (Xã Tả Phìn)" in again
    table = text_of(editor.get(f"/cach-doc?khu_vuc={commune}").text)
    assert "Biên tập viên (mẫu), 04/12/2026 12:00" in table
    assert "[abcx]" in said(editor, "Hỏi ABCX", "thon-mau-sim-san"), "it holds in one commune alone"


def test_an_answer_that_nobody_ticked_is_for_this_bulletin_alone(house: House, editor: TestClient) -> None:
    assert editor.post("/ban-tin/soan", data=ASKED).status_code == 303
    assert "[abcx]" in said(editor, "Hỏi ABCX")
    assert not [act for act in acts(house) if act[0] == "teach"]


def test_what_is_no_leftover_is_not_remembered(house: House, editor: TestClient) -> None:
    data = {**ASKED, "leftover": ["ABCX", "anh"], "answer": ["a bê", "chị"], "remember": ["anh", "nobody"]}
    assert editor.post("/ban-tin/soan", data=data).status_code == 303
    assert not [act for act in acts(house) if act[0] == "teach"]


def test_ticks_and_answers_stay_when_a_form_comes_back(editor: TestClient) -> None:
    answer = editor.post("/ban-tin/soan", data={**ASKED, "remember": ["ABCX"], "date": "31/02/2027"})
    form = Form(answer.text)
    assert form.fields["remember"] == ["ABCX"]
    assert form.fields["answer"] == ["a bê xê ích"]


def test_the_nearest_table_counts(editor: TestClient, above: TestClient, commune: str) -> None:
    teach(above, PROVINCE, "Sín Chéng", "xín chéng")
    teach(above, PROVINCE, "TYT", "trạm y tế tỉnh dạy")
    teach(editor, commune, "TYT", "trạm y tế xã dạy")
    heard = said(editor, "TYT gần Sín Chéng; XÃ SÍN CHÉNG")
    assert "trạm y tế xã dạy gần xín chéng; xã xín chéng" in heard
    assert "(Tỉnh Lào Cai)" in heard
    assert "trạm y tế tỉnh dạy" in said(editor, "TYT", "thon-mau-sim-san")
    table = text_of(editor.get(f"/cach-doc?khu_vuc={commune}").text)
    assert "xín chéng Tỉnh Lào Cai Biên tập tỉnh" in table
    assert "tỉnh dạy" not in table


def test_nobody_writes_into_the_table_of_others(house: House, editor: TestClient, above: TestClient) -> None:
    teach(above, PROVINCE, "TYT", "trạm y tế")
    overseer = house.somebody("tinh")
    for browser, area in ((editor, PROVINCE), (overseer, PROVINCE), (editor, "none"), (above, "loa-mau-1")):
        form = {"area": area, "written": "TYT", "said": "lời giả"}
        assert browser.post("/cach-doc", data=form).status_code in (403, 404)
        assert browser.post("/cach-doc/bo", data=form).status_code in (403, 404)
        assert browser.post("/cach-doc/doc-lai", data=form).status_code in (403, 404)
    assert editor.get(f"/cach-doc?khu_vuc={PROVINCE}").status_code == 404
    assert overseer.get("/cach-doc").status_code == 403
    assert [act for act in acts(house) if act[0] in ("teach", "forget")] == [("teach", "TYT", "", "trạm y tế")]


@pytest.mark.parametrize(
    ("written", "how", "field", "message"),
    [
        ("", "trạm", "written", "Vui lòng điền"),
        ("TYT", " ", "said", "Vui lòng điền"),
        ("X" * 101, "trạm", "written", "101/100"),
        ("TYT", "a" * 201, "said", "201/200"),
        ("T\x07", "trạm", "written", "ký tự"),
        ("[x]", "trạm", "written", "ký tự"),
        ("thôn ta", "thôn nọ", "written", "từ thường"),
        ("Không", "có", "written", "từ thường"),
        ("KHÔNG đi", "đi", "written", "từ thường"),
        ("TYT", "trạm 12zz", "said", "12zz"),
        ("TYT", "?!", "said", "?!"),
        ("TYT", "TYTX", "said", "TYTX"),
    ],
)
def test_what_cannot_be_kept_is_told_beside_its_field(
    editor: TestClient, commune: str, written: str, how: str, field: str, message: str
) -> None:
    answer = editor.post("/cach-doc", data={"area": commune, "written": written, "said": how})
    assert answer.status_code == 422
    form = Form(answer.text)
    assert message in form.messages[field], form.messages
    assert form.fields["written"][0] == written or "\x07" in written


def test_a_reading_is_changed_and_taken_out(house: House, editor: TestClient, commune: str) -> None:
    teach(editor, commune, "  XYZK ", "ích  7")
    teach(editor, commune, "XYZK", "ích tám")
    assert "ích tám" in said(editor, "Gặp XYZK")
    gone = editor.post("/cach-doc/bo", data={"area": commune, "written": "XYZK"})
    assert gone.status_code == 303
    assert "[xyzk]" in said(editor, "Gặp XYZK")
    assert editor.post("/cach-doc/bo", data={"area": commune, "written": "XYZK"}).status_code == 404
    assert acts(house)[-3:] == [
        ("teach", "XYZK", "", "ích bảy"),
        ("teach", "XYZK", "ích bảy", "ích tám"),
        ("forget", "XYZK", "ích tám", ""),
    ]


def test_a_fix_renders_again_what_it_changes_and_nobody_has_approved(
    house: House, editor: TestClient, commune: str
) -> None:
    approved, waiting, other = (
        editor.post("/ban-tin/soan", data={**ASKED, "title": title, "text": text}).headers["location"].split("/")[-1]
        for title, text in (
            ("Đã duyệt", ASKED["text"]),
            ("Chờ duyệt", ASKED["text"]),
            ("Chuyện khác", "Gặp anh ABCX ở chợ"),
        )
    )
    house.approve(approved)
    before = {broadcast: spoken(house, broadcast) for broadcast in (approved, waiting, other)}
    seal = page_of(house, waiting).seal
    teach(editor, commune, "A Mú Sung", "a mú sùng")
    assert spoken(house, waiting).spoken == "gặp anh a bê xê ích ở a mú sùng", "with the answer of its author"
    assert spoken(house, waiting).clip != before[waiting].clip
    assert page_of(house, waiting).seal != seal, "who was just reading it does not approve other words"
    assert page_of(house, waiting).state is BroadcastState.submitted
    assert spoken(house, approved) == before[approved]
    assert page_of(house, approved).state is BroadcastState.approved
    assert spoken(house, other) == before[other]
    assert ("say_again", waiting, before[waiting].spoken, spoken(house, waiting).spoken) in acts(house)
    editor.post("/cach-doc/bo", data={"area": commune, "written": "A Mú Sung"})
    assert spoken(house, waiting).spoken == before[waiting].spoken


def test_what_would_leave_something_unsaid_stays_as_it_is(house: House, editor: TestClient, commune: str) -> None:
    teach(editor, commune, "WXYQ", "vê kép")
    sent = editor.post("/ban-tin/soan", data={**GOOD, "text": "Gặp WXYQ"})
    waiting = sent.headers["location"].split("/")[-1]
    editor.post("/cach-doc/bo", data={"area": commune, "written": "WXYQ"})
    assert spoken(house, waiting).spoken == "gặp vê kép"
    assert "Bản tin chờ duyệt có lời đọc nay đã khác" not in text_of(editor.get("/cach-doc").text)


def test_what_no_voice_could_speak_just_then_waits_on_the_page(house: House, editor: TestClient, commune: str) -> None:
    sent = editor.post("/ban-tin/soan", data={**GOOD, "text": "Họp ở A Mú Sung"})
    waiting = sent.headers["location"].split("/")[-1]
    house.studio.dumb = True
    teach(editor, commune, "A Mú Sung", "a mú sùng")
    assert spoken(house, waiting).spoken == "họp ở a mú sung"
    table = editor.get(f"/cach-doc?khu_vuc={commune}")
    assert "Bản tin chờ duyệt có lời đọc nay đã khác" in text_of(table.text)
    assert f"/ban-tin/{waiting}" in table.text
    house.studio.dumb = False
    assert editor.post("/cach-doc/doc-lai", data={"area": commune}).status_code == 303
    assert spoken(house, waiting).spoken == "họp ở a mú sùng"
    assert "có lời đọc nay đã khác" not in text_of(editor.get(f"/cach-doc?khu_vuc={commune}").text)


def test_the_page_does_not_wait_for_what_is_read_anew(house: House, editor: TestClient, commune: str) -> None:
    sent = editor.post("/ban-tin/soan", data={**GOOD, "text": "Họp ở A Mú Sung"})
    waiting = sent.headers["location"].split("/")[-1]
    house.rereads = False
    teach(editor, commune, "A Mú Sung", "a mú sùng")
    assert spoken(house, waiting).spoken == "họp ở a mú sung"
    page = editor.get(f"/cach-doc?khu_vuc={commune}").text
    assert "Còn phải đọc lại: 1." in text_of(page)
    house.rereads = True  # as a server that was started anew
    house.reread()
    assert spoken(house, waiting).spoken == "họp ở a mú sùng"
    assert "Còn phải đọc lại" not in text_of(editor.get(f"/cach-doc?khu_vuc={commune}").text)


def test_a_long_table_is_searched_and_has_pages(house: House, editor: TestClient, commune: str) -> None:
    for number in range(120):
        letters = chr(65 + number // 12) + chr(77 + number % 12)
        teach(editor, commune, f"Bản {letters}x", "bản nọ")
    first = text_of(editor.get(f"/cach-doc?khu_vuc={commune}").text)
    assert "1–100" in first
    assert "Bản KXx" not in first
    found = text_of(editor.get(f"/cach-doc?khu_vuc={commune}&tim=ban+bmx").text)
    assert "Bản BMx" in found
    assert "Bản AMx" not in found


def test_copying_a_bulletin_keeps_how_its_author_had_it_said(house: House, editor: TestClient) -> None:
    sent = editor.post("/ban-tin/soan", data=ASKED)
    broadcast = sent.headers["location"].split("/")[-1]
    form = Form(editor.get(f"/ban-tin/soan?mau={broadcast}").text)
    assert form.fields["answer"] == ["a bê xê ích"]


def test_an_answer_to_what_stands_on_two_lines_is_found_again(house: House, editor: TestClient) -> None:
    """Browsers send line ends of their own."""
    asked = Form(editor.post("/ban-tin/doc", data={"text": "Mua 20 -\r\n10 con"}).text)
    [leftover] = asked.fields["leftover"]
    assert leftover == "20 -\n10"
    data = {**GOOD, "text": "Mua 20 -\r\n10 con", "leftover": ["20 -\r\n10"], "answer": ["hai mươi hoặc mười"]}
    sent = editor.post("/ban-tin/soan", data=data)
    assert sent.status_code == 303
    assert spoken(house, sent.headers["location"].split("/")[-1]).spoken == "mua hai mươi hoặc mười con"

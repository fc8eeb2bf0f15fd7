"""The page "Soạn bản tin": bad input in every field, and what is kept.

Imported by pytest and by the test of the markup.
"""

import unicodedata
from html import escape, unescape
from html.parser import HTMLParser

import pytest
from starlette.testclient import TestClient

from audio.sound_file import LARGEST_UPLOAD
from schedules.recurrence import Daily, Once, Weekly
from server import bulletins
from server.lifecycle import BroadcastState
from tests.web.stage import House, text_of

GOOD = {
    "title": "Họp thôn",
    "topic": "an-ninh",
    "broadcast_class": "ordinary",
    "text": "Kính thưa bà con, thôn ta họp lúc 19h30 ngày 05/12.",
    "targets": ["thon-mau-ta-chai"],
    "mode": "once",
    "date": "05/12/2026",
    "time": "05:00",
    "last": "",
    "action": "save",
}
SCRIPT = '"><script>alert(1)</script>'
HUGE = "x" * 100_000
DECOMPOSED = unicodedata.normalize("NFD", "Hợp tác xã Mường Hum")


class Form(HTMLParser):
    """The fields of a page: what stands in each, and the messages beside them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.fields: dict[str, list[str]] = {}
        self.messages: dict[str, str] = {}
        self._into: str | None = None
        self._message = ""
        self._select = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        name = given.get("name", "")
        if tag == "input" and (given.get("type") not in ("checkbox", "radio") or "checked" in given):
            self.fields.setdefault(name, []).append(given.get("value", ""))
        elif tag == "textarea":
            self.fields[name], self._into = [""], name
        elif tag == "select":
            self._select = name
        elif tag == "option" and "selected" in given:
            self.fields[self._select] = [given["value"]]
        elif given.get("id", "").startswith("error-"):
            self._message = given["id"].removeprefix("error-")
            self.messages.setdefault(self._message, "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._into = None
        if tag == "p":
            self._message = ""

    def handle_data(self, data: str) -> None:
        if self._into:
            self.fields[self._into][0] += data
        if self._message:
            self.messages[self._message] += data


BAD = [
    ("title", "", "title", "Vui lòng điền ô này"),
    ("title", HUGE, "title", "100000/200"),
    ("title", "a\x07b", "title", "U+0007"),
    ("topic", "", "topic", "Vui lòng điền ô này"),
    ("topic", SCRIPT, "topic", "chọn trong danh sách"),
    ("topic", HUGE, "topic", "chọn trong danh sách"),
    ("broadcast_class", "unknown", "broadcast_class", "chọn trong danh sách"),
    ("broadcast_class", SCRIPT, "broadcast_class", "chọn trong danh sách"),
    ("text", "", "text", "Vui lòng điền ô này"),
    ("text", HUGE, "text", "100000/20000"),
    ("text", "a\x00b", "text", "U+0000"),
    ("text", "a\x1b[31mb", "text", "U+001B"),
    ("text", SCRIPT, "text", "Chưa biết đọc"),
    ("text", "Gặp ABCX nhé", "text", "Chưa biết đọc: ABCX"),
    ("text-mww", HUGE, "text-mww", "100000/20000"),
    ("text-mww", "a\x07", "text-mww", "U+0007"),
    ("text-mww", "Nyob zoo", "recording-mww", "tải bản ghi lên"),
    ("text-kjg", "Sabaidi", "recording-kjg", "tải bản ghi lên"),
    ("targets", [], "targets", "ít nhất một nơi phát"),
    ("targets", ["xa-khong-co"], "targets", "chọn trong danh sách"),
    ("targets", [SCRIPT], "targets", "chọn trong danh sách"),
    ("targets", [HUGE], "targets", "chọn trong danh sách"),
    ("targets", ["tinh-lao-cai"], "targets", "chọn trong danh sách"),
    ("mode", "sometimes", "mode", "chọn trong danh sách"),
    ("mode", "", "mode", "chọn trong danh sách"),
    ("date", "", "date", "Vui lòng điền ô này"),
    ("date", "31/02/2027", "date", "Không có ngày “31/02/2027”"),
    ("date", "12/31/2026", "date", "Không có ngày “12/31/2026”"),
    ("date", "mai", "date", "Không có ngày “mai”"),
    ("date", SCRIPT, "date", "Không có ngày"),
    ("date", HUGE, "date", "Không có ngày"),
    ("date", "03/12/2026", "date", "đã qua"),
    ("date", "05/12/2036", "date", "xa hơn một năm"),
    ("time", "", "time", "Vui lòng điền ô này"),
    ("time", "25:61", "time", "Không có giờ “25:61”"),
    ("time", "24:00", "time", "Không có giờ “24:00”"),
    ("time", SCRIPT, "time", "Không có giờ"),
    ("time", HUGE, "time", "Không có giờ"),
]


@pytest.mark.parametrize(("field", "value", "beside", "message"), BAD)
def test_bad_input_is_told_beside_its_field_and_nothing_is_lost_or_saved(
    house: House, editor: TestClient, field: str, value: object, beside: str, message: str
) -> None:
    answer = editor.post("/ban-tin/soan", data={**GOOD, field: value})
    form = Form(answer.text)
    assert answer.status_code == 422
    assert message in form.messages.get(beside, ""), form.messages
    for name, typed in {**GOOD, field: value}.items():
        if name in form.fields and not (name == field and field in ("topic", "broadcast_class", "mode", "targets")):
            expected = [typed] if isinstance(typed, str) else typed
            assert form.fields[name] == expected, name
    assert "<script>alert" not in answer.text
    assert house.broadcasts() == []


@pytest.mark.parametrize(
    ("changes", "beside", "message"),
    [
        ({"mode": "weekly"}, "days", "ít nhất một ngày"),
        ({"mode": "weekly", "days": ["9", "x" * 100]}, "days", "ít nhất một ngày"),
        ({"mode": "daily", "last": "04/12/2026"}, "last", "đứng trước ngày đầu"),
        ({"mode": "daily", "last": "30/02/2027"}, "last", "Không có ngày “30/02/2027”"),
        ({"mode": "daily", "last": SCRIPT}, "last", "Không có ngày"),
        ({"mode": "once", "date": "04/12/2026", "time": "11:59"}, "time", "đã qua"),
        ({"text": "Gặp ABCX nhé", "leftover": ["ABCX"], "answer": [""]}, "text", "ABCX"),
        ({"text": "Gặp ABCX nhé", "leftover": ["ABCX"], "answer": ["a\x07"]}, "answers", "U+0007"),
        ({"text": "Gặp ABCX nhé", "leftover": ["ABCX"], "answer": [HUGE]}, "answers", "100000/200"),
        ({"text": "Gặp ABCX nhé", "leftover": ["", HUGE], "answer": ["x" * 200, "y"]}, "text", "ABCX"),
        ({"text": "", "recording-mww": "0" * 64}, "text", "Vui lòng điền"),
        ({"recording-mww": "../../loaban.db", "text-mww": "Nyob zoo"}, "recording-mww", "tải bản ghi lên"),
    ],
)
def test_fields_that_do_not_fit_together(
    house: House, editor: TestClient, changes: dict[str, str], beside: str, message: str
) -> None:
    answer = editor.post("/ban-tin/soan", data={**GOOD, **changes})
    assert answer.status_code == 422
    assert message in Form(answer.text).messages.get(beside, ""), Form(answer.text).messages
    assert house.broadcasts() == []


def test_messages_are_in_the_language_of_the_person(house: House, editor: TestClient) -> None:
    editor.post("/ngon-ngu", data={"language": "en"})
    form = Form(editor.post("/ban-tin/soan", data={**GOOD, "date": "31/02/2027"}).text)
    assert "There is no date “31/02/2027”" in form.messages["date"]


def test_all_faults_are_told_at_once(house: House, editor: TestClient) -> None:
    answer = editor.post("/ban-tin/soan", data={"mode": "weekly"})
    assert set(Form(answer.text).messages) == {"title", "topic", "broadcast_class", "text", "targets", "days", "time"}


def test_a_good_form_waits_for_approval(house: House, editor: TestClient) -> None:
    answer = editor.post("/ban-tin/soan", data=GOOD)
    assert answer.status_code == 303
    [broadcast] = house.broadcasts()
    assert answer.headers["location"] == f"/ban-tin/{broadcast}"
    with house.stores.open() as store:
        page = bulletins.page(store, house.person(store, "bientap"), broadcast)
    assert page.state is BroadcastState.submitted
    assert page.bulletin.variants[0].spoken.startswith("kính thưa bà con, thôn ta họp lúc mười chín giờ")
    assert isinstance(page.broadcast.recurrence, Once)
    text = text_of(editor.get(answer.headers["location"]).text)
    assert "Chờ phê duyệt" in text
    assert "05/12/2026 05:00" in text
    assert "mười chín giờ" in text


@pytest.mark.parametrize(
    ("changes", "kind", "said"),
    [
        ({"mode": "now", "date": "", "time": ""}, type(None), "Phát ngay khi được duyệt"),
        ({"mode": "daily", "date": ""}, Daily, "Hằng ngày, 05:00, từ 04/12/2026"),
        (
            {"mode": "weekly", "days": ["0", "5"], "last": "05/02/2027"},
            Weekly,
            "Thứ Hai, Thứ Bảy, 05:00, từ 05/12/2026 đến hết 05/02/2027",
        ),
    ],
)
def test_every_kind_of_time_is_kept_and_said(
    house: House, editor: TestClient, changes: dict[str, str], kind: type, said: str
) -> None:
    answer = editor.post("/ban-tin/soan", data={**GOOD, **changes})
    with house.stores.open() as store:
        [broadcast] = house.broadcasts()
        page = bulletins.page(store, house.person(store, "bientap"), broadcast)
    assert isinstance(page.broadcast.recurrence, kind)
    assert said in text_of(editor.get(answer.headers["location"]).text)


def test_decomposed_letters_are_kept_composed(house: House, editor: TestClient) -> None:
    editor.post("/ban-tin/soan", data={**GOOD, "title": DECOMPOSED, "text": DECOMPOSED + "\r\nDòng hai"})
    with house.stores.open() as store:
        page = bulletins.page(store, house.person(store, "bientap"), house.broadcasts()[0])
    assert page.bulletin.title == unicodedata.normalize("NFC", DECOMPOSED)
    assert page.bulletin.variants[0].text == unicodedata.normalize("NFC", DECOMPOSED) + "\nDòng hai"


def test_a_script_tag_in_a_title_is_only_text(house: House, editor: TestClient, approver: TestClient) -> None:
    answer = editor.post("/ban-tin/soan", data={**GOOD, "title": SCRIPT})
    assert answer.status_code == 303
    house.approve(house.broadcasts()[0])
    for path in ("/", "/ban-tin", answer.headers["location"], "/nhat-ky", "/nghe/thon-mau-ta-chai?ngay=05/12/2026"):
        page = approver.get(path).text
        assert "<script>alert" not in page, path
        assert escape(SCRIPT, quote=False) in page or escape(SCRIPT) in page or "&#34;&gt;&lt;script&gt;" in page, path


def test_what_nobody_can_read_is_asked_and_its_answer_is_spoken(house: House, editor: TestClient) -> None:
    asked = editor.post("/ban-tin/doc", data={"text": "Gặp anh ABCX lúc 7h"})
    assert Form(asked.text).fields["leftover"] == ["ABCX"]
    data = {**GOOD, "text": "Gặp anh ABCX lúc 7h", "leftover": ["ABCX"], "answer": ["a bê xê ích"]}
    told = editor.post("/ban-tin/doc", data=data)
    assert "gặp anh a bê xê ích lúc bảy giờ" in text_of(told.text)
    assert Form(told.text).fields["answer"] == ["a bê xê ích"]
    assert editor.post("/ban-tin/soan", data=data).status_code == 303
    with house.stores.open() as store:
        page = bulletins.page(store, house.person(store, "bientap"), house.broadcasts()[0])
    assert "a bê xê ích" in page.bulletin.variants[0].spoken
    assert page.bulletin.variants[0].text == "Gặp anh ABCX lúc 7h"


def test_an_upload_outlives_the_faults_of_the_other_fields(house: House, editor: TestClient) -> None:
    """Browsers never send a file twice of their own accord."""
    files = {"file-mww": ("mong.wav", b"RIFF mong", "audio/wav")}
    first = Form(editor.post("/ban-tin/soan", data={**GOOD, "date": "31/02/2027"}, files=files).text)
    kept = first.fields["recording-mww"][0]
    assert len(kept) == 64
    answer = editor.post("/ban-tin/soan", data={**GOOD, "recording-mww": kept, "text-mww": "Nyob zoo"})
    assert answer.status_code == 303
    with house.stores.open() as store:
        page = bulletins.page(store, house.person(store, "bientap"), house.broadcasts()[0])
    assert ("mww", "recording", "Nyob zoo") in [(v.language, v.source, v.text) for v in page.bulletin.variants]
    assert "Mông (Trắng)" in editor.get(answer.headers["location"]).text


@pytest.mark.parametrize("content", [b"not a sound", b"<script>", b"\x00" * 5000])
def test_a_file_that_is_no_sound_is_refused_beside_its_field(house: House, editor: TestClient, content: bytes) -> None:
    answer = editor.post("/ban-tin/soan", data=GOOD, files={"file-ium": ("x.mp3", content, "audio/mpeg")})
    assert answer.status_code == 422
    assert "không phải bản ghi âm" in Form(answer.text).messages["recording-ium"]
    assert house.broadcasts() == []


def test_a_file_that_is_too_large_is_refused_beside_its_field(house: House, editor: TestClient) -> None:
    files = {"file-ium": ("x.wav", b"RIFF" + bytes(LARGEST_UPLOAD), "audio/wav")}
    answer = editor.post("/ban-tin/soan", data=GOOD, files=files)
    assert answer.status_code == 422
    assert "lớn hơn 25 MB" in Form(answer.text).messages["recording-ium"]
    assert Form(answer.text).fields["title"] == [GOOD["title"]]
    assert house.broadcasts() == []


def test_listening_asks_only_for_the_text(house: House, editor: TestClient) -> None:
    for path in ("/ban-tin/soan", "/ban-tin/nghe-thu"):
        heard = editor.post(path, data={"text": "Kính thưa bà con.", "action": "listen", "mode": "weekly"})
        assert heard.status_code == 200, path
        assert "<audio" in heard.text, path
        assert "error-title" not in heard.text, path
        silent = editor.post(path, data={"text": "", "action": "listen"})
        assert "<audio" not in silent.text, path
        assert "Vui lòng điền ô này" in silent.text, path
    assert house.broadcasts() == []


def test_what_was_heard_is_what_is_kept(house: House, editor: TestClient) -> None:
    heard = editor.post("/ban-tin/nghe-thu", data=GOOD).text.split("/am-thanh/")[1].split(".mp3")[0]
    editor.post("/ban-tin/soan", data=GOOD)
    with house.stores.open() as store:
        page = bulletins.page(store, house.person(store, "bientap"), house.broadcasts()[0])
    assert page.bulletin.variants[0].clip.sha256 == heard


def test_nobody_writes_for_a_place_that_is_not_theirs(house: House, editor: TestClient) -> None:
    places = Form(editor.get("/ban-tin/soan").text).fields["targets"]
    assert len(places) == 2  # both communes of the editor are chosen beforehand
    answer = editor.post("/ban-tin/soan", data={**GOOD, "targets": [*places, "thi-xa-sa-pa"]})
    assert answer.status_code == 422
    assert house.broadcasts() == []


def test_a_new_bulletin_may_begin_as_a_copy(house: House, editor: TestClient) -> None:
    editor.post("/ban-tin/soan", data=GOOD)
    copy = Form(editor.get(f"/ban-tin/soan?mau={house.broadcasts()[0]}").text)
    assert copy.fields["title"] == [GOOD["title"]]
    assert copy.fields["text"][0] == GOOD["text"]
    assert copy.fields["targets"] == GOOD["targets"]
    assert unescape(copy.fields["date"][0]) == ""

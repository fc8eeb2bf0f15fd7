"""A form that is sent when its writer is not signed in any more: it waits on the page that asks them to sign in.

Imported by pytest alone.
"""

import pytest
from starlette.testclient import TestClient

from schedules.clock import HOUR
from server.staff import CODE_WITHIN, IDLE
from tests.web.stage import PASSWORD, House, code_now, text_of
from tests.web.test_composing import GOOD, Form

MIME = {"file-mww": ("mong.wav", b"RIFF mong", "audio/wav")}


def begun(house: House, username: str) -> tuple[TestClient, dict[str, object]]:
    """Somebody at the form, and what they typed there; their session has ended since."""
    browser = house.somebody(username)
    mark = Form(browser.get("/ban-tin/soan").text).fields["whose"][0]
    house.clock.now += IDLE + HOUR
    return browser, {**GOOD, "whose": mark, "text": 'Dòng "một".\r\n\r\n<b>Dòng hai.</b>', "action": "keep"}


def carried(form: Form, **more: str) -> dict[str, object]:
    """All that the page sends: what waits in it, and what was typed."""
    return {**form.fields, **more}


def test_what_was_typed_waits_word_by_word_and_goes_on_by_itself(house: House) -> None:
    browser, typed = begun(house, "bientap")
    asked = browser.post("/ban-tin/soan", data=typed)
    assert asked.status_code == 422
    assert "Nội dung đã gõ không mất" in text_of(asked.text)
    form = Form(asked.text)
    wrong = browser.post("/dang-nhap/lai", data=carried(form, lai_ten="bientap", lai_mat_khau="wrong"))
    assert "Sai tên đăng nhập hoặc mật khẩu." in wrong.text
    assert "wrong" not in wrong.text
    form = Form(wrong.text)
    assert form.fields["text"] == [typed["text"]]
    assert form.fields["targets"] == list(GOOD["targets"])
    answer = browser.post("/dang-nhap/lai", data=carried(form, lai_ten="bientap", lai_mat_khau=PASSWORD))
    assert (answer.status_code, answer.headers["location"]) == (307, "/ban-tin/soan")
    kept = browser.post("/ban-tin/soan", data=carried(form))
    shown = Form(browser.get(kept.headers["location"]).text)
    assert shown.fields["text"] == [typed["text"]]
    assert shown.fields["title"] == [GOOD["title"]]


def test_with_a_second_factor_it_waits_for_the_code_as_well(house: House) -> None:
    browser, typed = begun(house, "pheduyet")
    form = Form(browser.post("/ban-tin/soan", data=typed).text)
    half = browser.post("/dang-nhap/lai", data=carried(form, lai_ten="pheduyet", lai_mat_khau=PASSWORD))
    assert half.status_code == 422
    form = Form(half.text)
    assert "lai_ma" in form.fields
    assert form.fields["text"] == [typed["text"]]
    assert browser.get("/ban-tin/soan").status_code == 303, "half a sign-in opens nothing"
    wrong = browser.post("/dang-nhap/lai", data=carried(form, lai_ma="000000"))
    assert wrong.status_code == 422
    answer = browser.post("/dang-nhap/lai", data=carried(Form(wrong.text), lai_ma=code_now(house)))
    assert (answer.status_code, answer.headers["location"]) == (307, "/ban-tin/soan")
    assert browser.get("/ban-tin/soan").status_code == 200


def test_a_code_that_comes_too_late_asks_for_the_password_again_with_every_word(house: House) -> None:
    browser, typed = begun(house, "pheduyet")
    form = Form(browser.post("/ban-tin/soan", data=typed).text)
    form = Form(browser.post("/dang-nhap/lai", data=carried(form, lai_ten="pheduyet", lai_mat_khau=PASSWORD)).text)
    house.clock.now += CODE_WITHIN + 1
    late = Form(browser.post("/dang-nhap/lai", data=carried(form, lai_ma=code_now(house))).text)
    assert {"lai_ten", "lai_mat_khau"} <= late.fields.keys()
    assert late.fields["text"] == [typed["text"]]


def test_nobody_else_signs_in_with_the_words_of_another(house: House) -> None:
    browser, typed = begun(house, "bientap")
    form = Form(browser.post("/ban-tin/soan", data=typed).text)
    for username in ("pheduyet", "nobody"):
        answer = browser.post("/dang-nhap/lai", data=carried(form, lai_ten=username, lai_mat_khau=PASSWORD))
        assert answer.status_code == 422
        assert "do người khác gõ" in answer.text
        assert "set-cookie" not in answer.headers
    other = house.somebody("pheduyet")
    refused = other.post("/ban-tin/soan", data={**typed, "action": "save"})
    assert refused.status_code == 422
    assert "Người khác đang đăng nhập" in text_of(refused.text)
    assert house.broadcasts() == []


def test_files_are_told_to_be_chosen_again_and_kept_by_nobody(house: House) -> None:
    browser, typed = begun(house, "bientap")
    asked = browser.post("/ban-tin/soan", data=typed, files=MIME)
    assert "tệp đã chọn thì phải chọn lại" in text_of(asked.text)
    assert [path for path in house.originals.folder.rglob("*") if path.is_file()] == []
    assert Form(asked.text).fields["text"] == [typed["text"]]


@pytest.mark.parametrize("path", ["/", "/ban-tin", "//elsewhere.example", "/can-bo/them", ""])
def test_it_goes_on_to_a_form_that_is_carried_and_nowhere_else(house: House, path: str) -> None:
    browser, typed = begun(house, "bientap")
    form = Form(browser.post("/ban-tin/soan", data=typed).text)
    sent = {**carried(form, lai_ten="bientap", lai_mat_khau=PASSWORD), "lai_toi": path}
    answer = browser.post("/dang-nhap/lai", data=sent)
    assert (answer.status_code, answer.headers["location"]) == (303, "/dang-nhap")


def test_an_emergency_waits_too_and_sounds_only_when_its_button_is_pressed_again(house: House) -> None:
    browser = house.somebody("trucbao")
    form = Form(browser.get("/khan-cap/soan?loai=landslide").text)
    house.clock.now += IDLE + HOUR
    typed = {**form.fields, "text": "Khẩn cấp. Sạt lở ở “Tả Phìn”. Rời nhà ngay.", "reason": "Sạt lở", "held": "1"}
    asked = browser.post("/khan-cap/soan", data=typed)
    assert asked.status_code == 422
    assert "chưa gửi gì" in text_of(asked.text)
    waiting = Form(asked.text)
    assert "held" not in waiting.fields
    half = browser.post("/dang-nhap/lai", data=carried(waiting, lai_ten="trucbao", lai_mat_khau=PASSWORD))
    waiting = Form(half.text)
    answer = browser.post("/dang-nhap/lai", data=carried(waiting, lai_ma=code_now(house)))
    assert (answer.status_code, answer.headers["location"]) == (307, "/khan-cap/soan")
    for replayed in (waiting.fields, {**waiting.fields, "held": "1"}):
        shown = browser.post("/khan-cap/soan", data=replayed)
        assert shown.status_code == 200, "nothing is sent"
        assert "CHƯA gửi gì" in text_of(shown.text)
    with house.stores.open() as store:
        assert not store.broadcasts.active(house.clock.now)
    again = Form(shown.text)
    assert again.fields["text"] == [typed["text"]]
    assert again.fields["loai"] == ["landslide"]
    assert again.fields["held"] == [""]
    sounds = browser.post("/khan-cap/soan", data={**again.fields, "held": "1"})
    assert sounds.headers.get("location", "").startswith("/khan-cap/dang-phat/"), text_of(sounds.text)


def test_an_exercise_that_waited_is_an_exercise_still_and_nobody_else_gets_it(house: House) -> None:
    browser = house.somebody("bientap")
    form = Form(browser.get("/khan-cap/soan?loai=storm&dien_tap=1").text)
    house.clock.now += IDLE + HOUR
    waiting = Form(browser.post("/khan-cap/soan", data=form.fields).text)
    for username in ("trucbao", "nobody"):
        refused = browser.post("/dang-nhap/lai", data=carried(waiting, lai_ten=username, lai_mat_khau=PASSWORD))
        assert refused.status_code == 422
    browser.post("/dang-nhap/lai", data=carried(waiting, lai_ten="bientap", lai_mat_khau=PASSWORD))
    shown = browser.post("/khan-cap/soan", data=waiting.fields)
    assert 'class="exercise"' in shown.text
    other = house.somebody("trucbao").post("/khan-cap/soan", data=form.fields)
    assert other.status_code == 422
    assert "Người khác" in text_of(other.text) or "đang đăng nhập" in text_of(other.text)
    with house.stores.open() as store:
        assert not store.broadcasts.active(house.clock.now)


def test_what_does_not_say_whose_it_is_is_not_carried(house: House) -> None:
    answer = house.anonymous().post("/ban-tin/soan", data=GOOD)
    assert (answer.status_code, answer.headers["location"]) == (303, "/dang-nhap")


def test_a_part_of_the_form_that_is_asked_for_leaves_it_where_it_is(house: House) -> None:
    browser, _ = begun(house, "bientap")
    headers = {"hx-request": "true", "hx-current-url": "http://loa.test/ban-tin/soan?nhap=bn-1"}
    answer = browser.post("/ban-tin/doc", data={"text": "Kính thưa"}, headers=headers)
    assert (answer.status_code, "hx-redirect" in answer.headers) == (204, False)
    elsewhere = {**headers, "hx-current-url": "http://loa.test/phe-duyet"}
    assert "hx-redirect" in browser.get("/phe-duyet", headers=elsewhere).headers

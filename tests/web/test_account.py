"""One's own account: the first password, the second factor, where one is signed in.

Imported by pytest alone.
"""

import re

import pyotp
import pytest
from starlette.testclient import TestClient

from schedules.clock import DAY, MINUTE, SECOND
from server.access import Role
from server.second_factor import RECOVERY_CODES
from server.staff import CODE_WITHIN, FRESH
from tests.web.stage import PASSWORD, SECRET, House, code_now, text_of

STRONG = "ngựa vàng ăn bảy quả khế"
PAGES = ("/", "/ban-tin", "/phe-duyet", "/nhat-ky", "/loa", "/tai-khoan", "/ban-tin/soan")


def enter(house: House, username: str, password: str = PASSWORD) -> tuple[TestClient, str]:
    """Somebody at the sign-in page, and where it sends them."""
    browser = house.anonymous()
    answer = browser.post("/dang-nhap", data={"username": username, "password": password})
    assert answer.status_code == 303, text_of(answer.text)
    return browser, answer.headers["location"]


def newcomer(house: House, role: Role, *, must_change: bool = False) -> str:
    """Somebody who has just got an account: no telephone yet."""
    with house.stores.open() as store:
        store.staff.add("moi", "moi", "Người mới (mẫu)", f"plain:{PASSWORD}", must_change=must_change)
        store.staff.grant("moi", "tinh-lao-cai", role)
    return "moi"


def key_of(page: str) -> str:
    """The secret that a page of setting up shows beside its picture."""
    found = re.search(r'<code class="key">([^<]+)</code>', page)
    assert found, text_of(page)
    return found[1].replace(" ", "")


def codes_of(page: str) -> list[str]:
    return re.findall(r"<li><code>([^<]+)</code>", page)


@pytest.mark.parametrize("role", [Role.approver, Role.emergency_officer, Role.administrator])
def test_who_decides_gets_no_further_than_to_set_up_the_second_factor(house: House, role: Role) -> None:
    browser, page = enter(house, newcomer(house, role))
    assert page == "/"
    for path in PAGES:
        answer = browser.get(path)
        assert (answer.status_code, answer.headers["location"]) == (303, "/tai-khoan/buoc-hai"), path
    for path in ("/ban-tin/soan", "/ban-tin/x/duyet", "/tai-khoan/ma-du-phong"):
        answer = browser.post(path)
        assert (answer.status_code, answer.headers["location"]) == (303, "/tai-khoan/buoc-hai"), path
    assert browser.get("/su-kien").status_code == 204, "not even that something has changed"
    assert browser.get("/nhat-ky", headers={"HX-Request": "true"}).headers["hx-redirect"] == "/tai-khoan/buoc-hai"
    form = browser.get("/tai-khoan/buoc-hai")
    assert "<svg" in form.text
    code = pyotp.TOTP(key_of(form.text)).at(house.clock.now // 1000)
    done = browser.post("/tai-khoan/buoc-hai", data={"code": code})
    assert done.status_code == 200
    assert len(set(codes_of(done.text))) == RECOVERY_CODES
    assert browser.get("/").status_code == 200


@pytest.mark.parametrize("role", [Role.editor, Role.overseer, Role.technician])
def test_who_decides_nothing_need_not(house: House, role: Role) -> None:
    browser, _ = enter(house, newcomer(house, role))
    assert browser.get("/").status_code == 200


def test_password_and_code_together_open_the_door(house: House) -> None:
    browser, page = enter(house, "pheduyet")
    assert page == "/dang-nhap/ma"
    assert browser.get("/").status_code == 303, "the password alone opens nothing"
    half = browser.cookies["loaban"]
    answer = browser.post("/dang-nhap/ma", data={"code": f" {code_now(house)[:3]} {code_now(house)[3:]}"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert browser.get("/").status_code == 200
    assert browser.cookies["loaban"] != half, "nobody has known this token before"


def test_one_comes_where_one_wanted_to_go_after_the_code_too(house: House) -> None:
    browser = house.anonymous()
    form = {"username": "pheduyet", "password": PASSWORD, "tiep": "/nhat-ky?ngay=04/12/2026"}
    page = browser.post("/dang-nhap", data=form).headers["location"]
    assert 'name="tiep" value="/nhat-ky?ngay=04/12/2026"' in browser.get(page).text
    data = {"code": code_now(house), "tiep": "/nhat-ky?ngay=04/12/2026"}
    assert browser.post("/dang-nhap/ma", data=data).headers["location"] == "/nhat-ky?ngay=04/12/2026"


def test_a_code_opens_once_and_only_in_its_time(house: House) -> None:
    code = code_now(house)
    first, second = enter(house, "pheduyet")[0], enter(house, "pheduyet")[0]
    assert first.post("/dang-nhap/ma", data={"code": code}).status_code == 303
    assert second.post("/dang-nhap/ma", data={"code": code}).status_code == 422, "replayed"
    house.clock.now += 60 * SECOND
    assert second.post("/dang-nhap/ma", data={"code": code}).status_code == 422, "too old"
    assert second.post("/dang-nhap/ma", data={"code": code_now(house)}).status_code == 303


@pytest.mark.parametrize(("steps", "status"), [(-2, 422), (-1, 303), (0, 303), (1, 303), (2, 422)])
def test_a_telephone_may_be_half_a_minute_off(house: House, steps: int, status: int) -> None:
    browser, _ = enter(house, "pheduyet")
    code = pyotp.TOTP(SECRET).at(house.clock.now // 1000 + 30 * steps)
    assert browser.post("/dang-nhap/ma", data={"code": code}).status_code == status


def test_an_earlier_code_than_the_last_is_refused(house: House) -> None:
    later = pyotp.TOTP(SECRET).at(house.clock.now // 1000 + 30)
    assert enter(house, "pheduyet")[0].post("/dang-nhap/ma", data={"code": later}).status_code == 303
    assert enter(house, "pheduyet")[0].post("/dang-nhap/ma", data={"code": code_now(house)}).status_code == 422


@pytest.mark.parametrize("code", ["", "000000", "12345", "1234567", "²²²²²²", "abcde-fghjk", "x" * 5000, "٠١٢٣٤٥"])
def test_what_is_no_code_opens_nothing(house: House, code: str) -> None:
    browser, _ = enter(house, "pheduyet")
    answer = browser.post("/dang-nhap/ma", data={"code": code})
    assert answer.status_code == 422
    assert "Mã không đúng" in text_of(answer.text)


def test_the_password_holds_the_door_for_ten_minutes(house: House) -> None:
    browser, _ = enter(house, "pheduyet")
    house.clock.now += CODE_WITHIN + 1
    answer = browser.post("/dang-nhap/ma", data={"code": code_now(house)})
    assert "Đã quá thời gian" in text_of(answer.text)
    assert browser.get("/dang-nhap/ma").headers["location"] == "/dang-nhap"
    assert house.anonymous().post("/dang-nhap/ma", data={"code": code_now(house)}).status_code == 422


def test_guessing_codes_with_a_known_password_is_slowed_to_a_crawl(house: House) -> None:
    owner = enter(house, "pheduyet")[0]
    assert owner.post("/dang-nhap/ma", data={"code": code_now(house)}).status_code == 303
    for _ in range(5):
        thief = enter(house, "pheduyet")[0]
        thief.post("/dang-nhap/ma", data={"code": "000000"})
    house.clock.now += MINUTE
    answer = enter(house, "pheduyet")[0].post("/dang-nhap/ma", data={"code": code_now(house)})
    assert "quá nhiều lần" in text_of(answer.text)
    house.clock.now += 30 * SECOND
    owner.post("/dang-xuat")
    again = owner.post("/dang-nhap", data={"username": "pheduyet", "password": PASSWORD})
    assert again.headers["location"] == "/dang-nhap/ma"
    assert owner.post("/dang-nhap/ma", data={"code": code_now(house)}).status_code == 303, (
        "its owner's browser is known"
    )
    house.clock.now += 16 * MINUTE
    assert enter(house, "pheduyet")[0].post("/dang-nhap/ma", data={"code": "000000"}).status_code == 422
    house.clock.now += MINUTE
    answer = enter(house, "pheduyet")[0].post("/dang-nhap/ma", data={"code": code_now(house)})
    assert "quá nhiều lần" in text_of(answer.text), "one attempt in a quarter of an hour"


def test_a_known_browser_cannot_be_forged_nor_lent(house: House) -> None:
    editor = enter(house, "bientap")[0]
    [(name, value)] = [(n, v) for n, v in editor.cookies.items() if n.startswith("loaban_known_")]
    stranger = house.anonymous()
    for number in range(6):
        stranger.cookies.set(name, f"browser-{number}." + value.partition(".")[2])
        stranger.post("/dang-nhap", data={"username": "bientap", "password": "no"})
    answer = stranger.post("/dang-nhap", data={"username": "bientap", "password": PASSWORD})
    assert answer.status_code == 422, "each forged name counts as the same stranger"
    assert editor.post("/dang-nhap", data={"username": "bientap", "password": PASSWORD}).status_code == 303
    other = house.anonymous()
    other.cookies.set(name, value)
    assert other.post("/dang-nhap", data={"username": "bientap", "password": PASSWORD}).status_code == 303


def test_a_recovery_code_opens_once(house: House) -> None:
    approver = house.somebody("pheduyet")
    codes = codes_of(approver.post("/tai-khoan/ma-du-phong").text)
    assert enter(house, "pheduyet")[0].post("/dang-nhap/ma", data={"code": codes[3].upper()}).status_code == 303
    assert enter(house, "pheduyet")[0].post("/dang-nhap/ma", data={"code": codes[3]}).status_code == 422
    assert "còn 9 trong mười mã" in text_of(approver.get("/tai-khoan").text)
    fresh = codes_of(approver.post("/tai-khoan/ma-du-phong").text)
    assert not set(fresh) & set(codes)
    assert enter(house, "pheduyet")[0].post("/dang-nhap/ma", data={"code": codes[4]}).status_code == 422
    assert (
        enter(house, "pheduyet")[0].post("/dang-nhap/ma", data={"code": fresh[4].replace("-", "")}).status_code == 303
    )


def test_recovery_codes_are_made_anew_by_who_shows_who_they_are(house: House) -> None:
    approver = house.somebody("pheduyet")
    house.clock.now += FRESH
    assert codes_of(approver.post("/tai-khoan/ma-du-phong").text) == []


def test_another_telephone_needs_a_code_of_the_one_before(house: House) -> None:
    approver = house.somebody("pheduyet")
    secret = key_of(approver.get("/tai-khoan/buoc-hai").text)
    assert secret != SECRET
    code = pyotp.TOTP(secret).at(house.clock.now // 1000)
    for old in ("", "000000", code):
        assert approver.post("/tai-khoan/buoc-hai", data={"code": code, "old": old}).status_code == 422, old
    done = approver.post("/tai-khoan/buoc-hai", data={"code": code, "old": code_now(house)})
    assert done.status_code == 200
    house.clock.now += 30 * SECOND
    assert enter(house, "pheduyet")[0].post("/dang-nhap/ma", data={"code": code_now(house)}).status_code == 422
    fresh = pyotp.TOTP(secret).at(house.clock.now // 1000)
    assert enter(house, "pheduyet")[0].post("/dang-nhap/ma", data={"code": fresh}).status_code == 303


def test_the_secret_is_not_shown_to_who_finds_an_open_browser(house: House) -> None:
    editor = house.somebody("bientap")
    house.clock.now += FRESH
    page = editor.get("/tai-khoan/buoc-hai")
    assert "<svg" not in page.text
    assert "key" not in page.text.partition("<main")[2]
    assert editor.post("/tai-khoan/buoc-hai/bat-dau").status_code == 422
    editor.post("/xac-nhan", data={"xac_nhan_bang": PASSWORD})
    assert editor.post("/tai-khoan/buoc-hai/bat-dau").headers["location"] == "/tai-khoan/buoc-hai"
    assert "<svg" in editor.get("/tai-khoan/buoc-hai").text


def test_a_second_factor_ends_the_sessions_that_a_password_alone_opened(house: House) -> None:
    other, editor = house.somebody("bientap"), house.somebody("bientap")
    secret = key_of(editor.get("/tai-khoan/buoc-hai").text)
    assert key_of(editor.get("/tai-khoan/buoc-hai").text) == secret, "a page loaded again still holds"
    wrong = editor.post("/tai-khoan/buoc-hai", data={"code": "000000"})
    assert "Đây không phải mã ứng dụng đang hiện" in text_of(wrong.text)
    assert editor.post("/tai-khoan/buoc-hai", data={"code": pyotp.TOTP(secret).at(house.clock.now // 1000)}).is_success
    assert editor.get("/").status_code == 200
    assert other.get("/").status_code == 303
    assert enter(house, "bientap")[1] == "/dang-nhap/ma", "who has one is always asked"


def test_a_first_password_is_changed_before_anything_else(house: House) -> None:
    browser, _ = enter(house, newcomer(house, Role.editor, must_change=True))
    assert browser.get("/ban-tin").headers["location"] == "/tai-khoan/mat-khau"
    same = browser.post("/tai-khoan/mat-khau", data={"password": PASSWORD, "again": PASSWORD})
    assert same.status_code == 422
    assert browser.get("/ban-tin").status_code == 303
    done = browser.post("/tai-khoan/mat-khau", data={"password": STRONG, "again": STRONG})
    assert (done.status_code, done.headers["location"]) == (303, "/")
    assert browser.get("/ban-tin").status_code == 200
    assert enter(house, "moi", STRONG)[0].get("/ban-tin").status_code == 200


def test_who_decides_changes_the_password_first_and_sets_up_the_second_factor_then(house: House) -> None:
    browser, _ = enter(house, newcomer(house, Role.approver, must_change=True))
    assert browser.get("/").headers["location"] == "/tai-khoan/mat-khau"
    browser.post("/tai-khoan/mat-khau", data={"password": STRONG, "again": STRONG})
    assert browser.get("/").headers["location"] == "/tai-khoan/buoc-hai"


@pytest.mark.parametrize(
    ("password", "again", "said"),
    [
        ("ngắn", "ngắn", "quá ngắn"),
        ("x" * 129, "x" * 129, "quá dài"),
        ("matkhau2026", "matkhau2026", "dễ đoán"),
        ("Mật khẩu 123", "Mật khẩu 123", "dễ đoán"),
        ("bientap12345", "bientap12345", "dễ đoán"),
        ("XaYTy-2026!!", "XaYTy-2026!!", "dễ đoán"),
        ("TảPhìn@@2026", "TảPhìn@@2026", "dễ đoán"),
        (STRONG, "ngựa vàng ăn bảy quả mận", "không giống nhau"),
        ("", "", "quá ngắn"),
    ],
)
def test_a_weak_password_is_not_taken(house: House, editor: TestClient, password: str, again: str, said: str) -> None:
    answer = editor.post("/tai-khoan/mat-khau", data={"password": password, "again": again})
    assert answer.status_code == 422
    assert said in text_of(answer.text)
    assert enter(house, "bientap")


def test_a_new_password_signs_out_everywhere_else(house: House, editor: TestClient) -> None:
    other = house.somebody("bientap")
    assert editor.post("/tai-khoan/mat-khau", data={"password": STRONG, "again": STRONG}).status_code == 303
    assert editor.get("/").status_code == 200
    assert other.get("/").status_code == 303
    old = house.anonymous().post("/dang-nhap", data={"username": "bientap", "password": PASSWORD})
    assert old.status_code == 422


def test_a_password_is_changed_by_who_shows_who_they_are(house: House, editor: TestClient) -> None:
    house.clock.now += FRESH
    answer = editor.post("/tai-khoan/mat-khau", data={"password": STRONG, "again": STRONG})
    assert "Có đúng là anh/chị không?" in text_of(answer.text)
    assert house.anonymous().post("/dang-nhap", data={"username": "bientap", "password": STRONG}).status_code == 422


def test_ones_own_sessions_are_listed_and_ended(house: House) -> None:
    telephone = house.anonymous()
    agent = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/126.0 Mobile Safari/537.36"
    form = {"username": "bientap", "password": PASSWORD}
    telephone.post("/dang-nhap", data=form, headers={"user-agent": agent})
    editor, foreign = house.somebody("bientap"), house.somebody("tinh")
    page = editor.get("/tai-khoan").text
    assert "Chrome, Android" in page
    assert "testclient" in text_of(page), "the address"
    [session] = re.findall(r"/tai-khoan/phien/(\w+)/ket-thuc", page.replace("/khac/", "/"))[:1]
    foreign.post(f"/tai-khoan/phien/{session}/ket-thuc")
    assert telephone.get("/").status_code == 200, "nobody ends the session of another"
    editor.post(f"/tai-khoan/phien/{session}/ket-thuc")
    assert telephone.get("/").status_code == 303
    assert editor.get("/").status_code == 200


def test_signing_out_everywhere_else(house: House) -> None:
    others = [house.somebody("bientap") for _ in range(3)]
    editor, colleague = house.somebody("bientap"), house.somebody("pheduyet")
    editor.post("/tai-khoan/phien/khac/ket-thuc")
    assert [browser.get("/").status_code for browser in others] == [303, 303, 303]
    assert (editor.get("/").status_code, colleague.get("/").status_code) == (200, 200)


def test_a_session_that_is_over_is_not_listed(house: House, editor: TestClient) -> None:
    house.somebody("bientap")
    house.clock.now += DAY
    late = house.somebody("bientap")
    assert text_of(late.get("/tai-khoan").text).count("dùng lần cuối") == 1


def test_a_browser_in_which_one_signs_in_again_leaves_no_session_behind(house: House) -> None:
    browser, _ = enter(house, "bientap")
    first = browser.cookies["loaban"]
    browser.post("/dang-nhap", data={"username": "bientap", "password": PASSWORD})
    assert browser.get("/").status_code == 200
    thief = house.anonymous()
    thief.cookies.set("loaban", first)
    assert thief.get("/").status_code == 303
    assert text_of(browser.get("/tai-khoan").text).count("dùng lần cuối") == 1


def test_in_a_demonstration_the_second_factor_is_off_and_the_band_says_so(house: House) -> None:
    house.desk.settings.demo = True
    browser, page = enter(house, "pheduyet")
    assert page == "/"
    assert "bước xác nhận thứ hai khi đăng nhập cũng được tắt" in text_of(browser.get("/").text)
    house.desk.settings.demo = False
    assert "cũng được tắt" not in text_of(house.somebody("pheduyet").get("/").text)

"""Who gets in, who sees what, and what is refused at the door.

Imported by pytest alone.
"""

import pytest
from starlette.testclient import TestClient

from schedules.clock import DAY, HOUR
from server.access import Role
from server.guessing import OF_ONE
from server.staff import IDLE, LONGEST
from tests.web.addresses import PAGES, POSTS
from tests.web.stage import PASSWORD, House, text_of


@pytest.mark.parametrize(
    "path",
    [
        *PAGES,
        "/ban-tin/ps-1",
        "/khan-cap/dang-phat/ps-1",
        "/ban-tin/ps-1/san-sang",
        "/luu-giu",
        "/ngon-ngu/them",
        "/ban-tin/nghe-thu/" + "0" * 64,
        "/ban-tin/nhap/bn-1/phat-ngay",
        "/am-thanh/" + "0" * 64 + ".mp3",
        "/am-thanh/" + "0" * 64 + ".svg",
    ],
)
def test_nobody_reads_a_page_without_signing_in(house: House, path: str) -> None:
    answer = house.anonymous().get(path)
    assert (answer.status_code, answer.headers["location"].partition("?")[0]) == (303, "/dang-nhap")


@pytest.mark.parametrize("path", POSTS)
def test_nobody_acts_without_signing_in(house: House, path: str) -> None:
    broadcast = house.write()
    answer = house.anonymous().post(
        path.replace("/x/", f"/{broadcast}/"), data={"title": "x", "seal": "x", "note": "x"}
    )
    assert (answer.status_code, answer.headers["location"].partition("?")[0]) == (303, "/dang-nhap")
    assert house.broadcasts() == [broadcast]


def _flat(routes: list[object]) -> list[object]:
    """Routes, also those that a router of the framework keeps inside."""
    found: list[object] = []
    for route in routes:
        inner = getattr(getattr(route, "original_router", None), "routes", None) or getattr(route, "routes", None)
        found += _flat(inner) if inner else [route]
    return found


def test_no_route_hides_from_the_description_that_other_tests_walk(house: House) -> None:
    paths = {path.replace(":path}", "}") for route in _flat(house.app.routes) if (path := getattr(route, "path", ""))}
    assert paths == set(house.app.openapi()["paths"])


def test_after_signing_in_one_is_where_one_wanted_to_go(house: House) -> None:
    browser = house.anonymous()
    form = browser.get(browser.get("/nhat-ky?ngay=04/12/2026").headers["location"])
    assert 'name="tiep" value="/nhat-ky?ngay=04/12/2026"' in form.text
    answer = browser.post(
        "/dang-nhap", data={"username": "bientap", "password": PASSWORD, "tiep": "/nhat-ky?ngay=04/12/2026"}
    )
    assert answer.headers["location"] == "/nhat-ky?ngay=04/12/2026"


@pytest.mark.parametrize(
    "next_", ["https://elsewhere.example/", "//elsewhere.example", "/\\elsewhere.example", "javascript:1", ""]
)
def test_signing_in_leads_to_no_other_site(house: House, next_: str) -> None:
    answer = house.anonymous().post("/dang-nhap", data={"username": "bientap", "password": PASSWORD, "tiep": next_})
    assert answer.headers["location"] == "/"


def test_a_wrong_name_and_a_wrong_password_are_told_alike(house: House) -> None:
    browser = house.anonymous()
    said = {
        text_of(browser.post("/dang-nhap", data={"username": "bientap", "password": "no"}).text).replace(
            "bientap", "-"
        ),
        text_of(browser.post("/dang-nhap", data={"username": "nobody", "password": "no"}).text).replace("nobody", "-"),
    }
    assert len(said) == 1
    assert "Sai tên đăng nhập hoặc mật khẩu" in said.pop()


def test_guessing_ends_after_a_few_attempts(house: House) -> None:
    browser = house.anonymous()
    for _ in range(OF_ONE.free):
        browser.post("/dang-nhap", data={"username": "bientap", "password": "no"})
    answer = browser.post("/dang-nhap", data={"username": "bientap", "password": PASSWORD})
    assert answer.status_code == 422
    house.clock.now += HOUR
    assert browser.post("/dang-nhap", data={"username": "bientap", "password": PASSWORD}).status_code == 303


def test_a_session_ends_by_leaving_by_idleness_and_by_age(house: House, editor: TestClient) -> None:
    assert editor.get("/").status_code == 200
    token = editor.cookies["loaban"]
    editor.post("/dang-xuat")
    editor.cookies.set("loaban", token)
    assert editor.get("/").status_code == 303

    idle = house.somebody("bientap")
    house.clock.now += IDLE + 1
    assert idle.get("/").status_code == 303

    busy = house.somebody("bientap")
    for _ in range(LONGEST // (IDLE - HOUR)):
        house.clock.now += IDLE - HOUR
        assert busy.get("/").status_code == 200
    house.clock.now += IDLE - HOUR
    assert busy.get("/").status_code == 303


def test_the_session_cookie_is_out_of_reach_of_scripts_and_of_other_sites(house: House) -> None:
    answer = house.anonymous().post("/dang-nhap", data={"username": "bientap", "password": PASSWORD})
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "secure" not in cookie
    house.desk.settings.secure_cookies = True
    answer = house.anonymous().post("/dang-nhap", data={"username": "bientap", "password": PASSWORD})
    assert "secure" in answer.headers["set-cookie"].lower()


def test_an_open_page_of_a_session_that_ended_goes_to_sign_in(house: House) -> None:
    """Without this the table would be replaced by nothing."""
    answer = house.anonymous().get("/nhat-ky", headers={"HX-Request": "true"})
    assert answer.headers["hx-redirect"].startswith("/dang-nhap")


def test_what_belongs_to_others_looks_like_nothing(house: House) -> None:
    here, there = house.write(targets=("thon-mau-ta-chai",)), house.write(targets=("thon-mau-sim-san",))
    house.approve(here)
    house.approve(there)
    foreign = house.somebody("huyenbatxat")  # oversees Bát Xát; Tả Phìn lay in Sa Pa
    assert foreign.get(f"/ban-tin/{there}").status_code == 200
    for path in (
        f"/ban-tin/{here}",
        f"/ban-tin/{here}/san-sang",
        "/nghe/thon-mau-ta-chai",
        "/nhat-ky?khu_vuc=thon-mau-ta-chai",
        "/ban-tin/ps-none",
    ):
        answer = foreign.get(path)
        assert answer.status_code == 404, path
        assert "Không có trang này" in answer.text, path
    for path in ("/", "/ban-tin", "/nhat-ky", "/nhat-ky.csv", "/nghe", "/loa"):
        text = foreign.get(path).text
        assert "Tả Chải" not in text, path
        assert "Tả Phìn" not in text, path
    assert "Sim San" in foreign.get("/nhat-ky").text


def test_a_sound_is_sent_in_parts_and_nothing_else_of_the_folder_is(house: House, editor: TestClient) -> None:
    house.write(targets=("thon-mau-ta-chai",))
    name = next(path.stem for path in house.archive.folder.glob("*.mp3"))
    answer = editor.get(f"/am-thanh/{name}.mp3", headers={"range": "bytes=0-9"})
    assert (answer.status_code, len(answer.content)) == (206, 10)
    assert editor.get("/am-thanh/" + "0" * 64 + ".mp3").status_code == 404
    assert editor.get("/am-thanh/..%2f..%2floaban.db.mp3").status_code == 404


def test_an_overseer_may_look_and_not_act(house: House) -> None:
    overseer, broadcast = house.somebody("tinh"), house.write()
    assert overseer.get(f"/ban-tin/{broadcast}").status_code == 200
    assert overseer.get("/ban-tin/soan").status_code == 403
    for act in ("duyet", "tra-lai", "rut"):
        answer = overseer.post(f"/ban-tin/{broadcast}/{act}", data={"seal": "x", "note": "x"})
        assert answer.status_code == 403, act
        assert "không được làm việc này" in answer.text


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"origin": "http://elsewhere.example"}, 403),
        ({"origin": "null"}, 403),
        ({"sec-fetch-site": "same-origin"}, 303),
        ({"origin": "http://loa.test"}, 303),
        ({}, 303),
    ],
)
def test_other_sites_cannot_make_a_browser_act(
    house: House, editor: TestClient, headers: dict[str, str], status: int
) -> None:
    broadcast = house.write()
    answer = editor.post(f"/ban-tin/{broadcast}/rut", headers=headers)
    assert answer.status_code == status
    assert ("Yêu cầu này đến từ một trang khác" in answer.text) == (status == 403)


@pytest.mark.parametrize("path", ["/dang-nhap", "/ngon-ngu", "/ban-tin/doc"])
def test_a_body_that_no_form_sends_is_refused(house: House, editor: TestClient, path: str) -> None:
    answer = editor.post(path, content=b"x" * (1024 * 1024 + 1))
    assert answer.status_code == 413
    assert "quá lớn" in answer.text
    assert answer.headers["content-security-policy"]


def test_a_body_that_hides_its_size_is_refused(house: House, editor: TestClient) -> None:
    def endless() -> "list[bytes]":
        return [b"username=" + b"x" * 65_536 for _ in range(20)]

    headers = {"content-type": "application/x-www-form-urlencoded"}
    answer = editor.post("/dang-nhap", content=iter(endless()), headers=headers)
    assert answer.status_code == 413


def test_every_answer_carries_the_headers(house: House, editor: TestClient) -> None:
    for path in (*PAGES, "/khoe", "/dang-nhap", "/none", "/tinh/x/loaban.css"):
        headers = editor.get(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy or "default-src 'self'" in policy, path
        assert "unsafe" not in policy, path
        assert "frame-ancestors 'none'" in policy, path
        assert headers["x-content-type-options"] == "nosniff", path


def test_pages_are_kept_by_nobody_and_static_files_for_ever(house: House, editor: TestClient) -> None:
    page = editor.get("/")
    assert page.headers["cache-control"] == "no-store"
    address = page.text.split('href="/tinh/')[1].split('"')[0]
    assert "immutable" in editor.get(f"/tinh/{address}").headers["cache-control"]
    assert editor.get("/tinh/x/%2e%2e/frame.py").status_code == 404


def test_a_request_without_sense_gets_a_page_and_no_trace(house: House, editor: TestClient) -> None:
    for answer in (
        editor.get("/none"),
        editor.put("/ban-tin/soan"),
        editor.post("/ban-tin/soan", content=b"\xff", headers={"content-type": "multipart/form-data; boundary=x"}),
        editor.post("/dang-nhap", files={"username": b"a file"}),
        editor.get("/nhat-ky?sau=1~2~3~4&ngay=%00&khu_vuc=%27"),
    ):
        assert 400 <= answer.status_code < 500, answer.request.url
        assert answer.headers["content-type"].startswith("text/html"), answer.request.url
        assert "Loa Bản" in answer.text


def test_a_fault_of_the_server_is_told_in_words(house: House) -> None:
    house.engine.dispose()
    browser = TestClient(house.app, base_url="http://loa.test", raise_server_exceptions=False)
    house.desk.settings.data_folder.joinpath("loaban.db").rename(house.desk.settings.data_folder / "gone")
    answer = browser.post("/dang-nhap", data={"username": "x", "password": "x"})
    assert answer.status_code == 500
    assert "Máy chủ gặp lỗi" in answer.text
    assert answer.headers["content-security-policy"]


def test_the_language_is_a_choice_that_stays(house: House, editor: TestClient) -> None:
    assert '<html lang="vi">' in editor.get("/").text
    answer = editor.post(
        "/ngon-ngu", data={"language": "en"}, headers={"referer": "http://loa.test/nhat-ky?ngay=04/12/2026"}
    )
    assert answer.headers["location"] == "/nhat-ky?ngay=04/12/2026"
    assert "Playback log" in editor.get("/nhat-ky").text
    assert editor.post("/ngon-ngu", data={"language": "xx"}).status_code == 303
    assert "Playback log" in editor.get("/nhat-ky").text
    away = editor.post(
        "/ngon-ngu", data={"language": "vi"}, headers={"referer": "http://elsewhere.example//x.example/"}
    )
    assert away.headers["location"] == "/"


def test_health_says_whether_the_broker_is_there(house: House) -> None:
    assert house.anonymous().get("/khoe").json() == {"ok": True, "broker": True}
    house.linked = False
    assert house.anonymous().get("/khoe").json() == {"ok": True, "broker": False}


def test_the_log_of_the_former_district_is_open_to_its_overseer(house: House) -> None:
    broadcast = house.write(targets=("thon-mau-sim-san",))
    house.approve(broadcast)
    house.clock.now += DAY
    page = house.somebody("huyenbatxat").get("/nhat-ky?khu_vuc=huyen-bat-xat").text
    assert "Họp thôn" in page
    assert "Huyện Bát Xát (cũ)" in page


def test_a_sound_is_heard_by_who_may_see_a_bulletin_that_carries_it(house: House, editor: TestClient) -> None:
    broadcast = house.write(targets=("thon-mau-ta-chai",))
    name = next(path.stem for path in house.archive.folder.glob("*.mp3"))
    for username, status in (("bientap", 200), ("pheduyet", 200), ("tinh", 200), ("huyenbatxat", 404)):
        assert house.somebody(username).get(f"/am-thanh/{name}.mp3").status_code == status, username
    there = house.write("Sim San", targets=("thon-mau-sim-san",))
    assert there != broadcast
    other = next(path.stem for path in house.archive.folder.glob("*.mp3") if path.stem != name)
    assert house.somebody("huyenbatxat").get(f"/am-thanh/{other}.mp3").status_code == 200


def test_a_sound_that_no_bulletin_carries_is_its_makers_alone(house: House, editor: TestClient) -> None:
    editor.post("/ban-tin/nghe-thu", data={"text": "Kính thưa bà con.", "action": "listen"})
    name = next(path.stem for path in house.archive.folder.glob("*.mp3"))
    assert editor.get(f"/am-thanh/{name}.mp3").status_code == 200
    colleague = house.somebody("pheduyet")
    assert colleague.get(f"/am-thanh/{name}.mp3").status_code == 404
    form = {"text": "Kính thưa bà con.", "title": "x", "recording-mww": name, "recording-vi": name, "action": "listen"}
    for path in ("/ban-tin/soan", "/ban-tin/nghe-thu", "/ban-tin/du-lieu"):
        assert name not in colleague.post(path, data={**form, "text": "Khác."}).text, path
    colleague.post("/ban-tin/nghe-thu", data={"text": "Kính thưa bà con.", "action": "listen"})
    assert colleague.get(f"/am-thanh/{name}.mp3").status_code == 200


def test_what_sounds_where_one_lives_is_heard_there_once_it_is_approved(house: House) -> None:
    """Who sees a hamlet alone sees in its plan what the commune sends to it."""
    with house.stores.open() as store:
        store.staff.add("thon", "thon", "Trưởng thôn", f"plain:{PASSWORD}")
        store.staff.grant("thon", "thon-mau-ta-chai", Role.overseer)
        commune = store.areas.named(["thon-mau-ta-chai"])["thon-mau-ta-chai"].parent or ""
    broadcast = house.write(targets=(commune,))
    name = next(path.stem for path in house.archive.folder.glob("*.mp3"))
    hamlet = house.somebody("thon")
    assert hamlet.get(f"/am-thanh/{name}.mp3").status_code == 404
    house.approve(broadcast)
    assert hamlet.get(f"/am-thanh/{name}.mp3").status_code == 200


def test_a_browser_asks_each_time_whether_it_may_still_hear(house: House, editor: TestClient) -> None:
    house.write(targets=("thon-mau-ta-chai",))
    name = next(path.stem for path in house.archive.folder.glob("*.mp3"))
    first = editor.get(f"/am-thanh/{name}.mp3")
    assert first.headers["cache-control"] == "private, no-cache"
    again = {"if-none-match": first.headers["etag"]}
    assert editor.get(f"/am-thanh/{name}.mp3", headers=again).status_code == 304
    assert house.somebody("huyenbatxat").get(f"/am-thanh/{name}.mp3", headers=again).status_code == 404

"""Headers, cookies and origins, on every route that the application has.

Imported by pytest alone.
"""

import re
from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from server.web.security import HOST_ONLY, POLICY
from tests.web.stage import PASSWORD, House

STREAM = "/su-kien"
CROSS = ({"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "same-site"}, {"origin": "http://elsewhere.example"})


def every_route(house: House) -> list[tuple[str, str]]:
    """Method and path of all of them, with something in each place."""
    found = house.app.openapi()["paths"]
    return [(method.upper(), re.sub(r"\{[^}]*\}", "x", path)) for path, methods in found.items() for method in methods]


@pytest.fixture
def secure(house: House) -> Iterator[House]:
    house.desk.settings.secure_cookies = True
    return house


def signed_in(house: House) -> TestClient:
    """The editor, in a browser that speaks TLS."""
    browser = TestClient(house.app, base_url="https://loa.test", follow_redirects=False)
    assert browser.post("/dang-nhap", data={"username": "bientap", "password": PASSWORD}).status_code == 303
    return browser


def test_there_are_routes(house: House) -> None:
    assert len(every_route(house)) > 15
    assert ("POST", "/ban-tin/soan") in every_route(house)


def test_every_route_answers_with_every_header(secure: House) -> None:
    for browser in (TestClient(secure.app, base_url="https://loa.test", follow_redirects=False), signed_in(secure)):
        for method, path in [*every_route(secure), ("GET", "/no-such-page"), ("PUT", "/"), ("OPTIONS", "/")]:
            if path == STREAM and browser.cookies:  # signed in
                continue  # it never ends
            answer = browser.request(method, path)
            headers, what = answer.headers, f"{method} {path}"
            assert answer.status_code < 500, what
            assert headers["content-security-policy"] == POLICY, what
            assert headers["x-frame-options"] == "DENY", what
            assert headers["x-content-type-options"] == "nosniff", what
            assert headers["referrer-policy"] == "same-origin", what
            assert headers["cross-origin-opener-policy"] == "same-origin", what
            assert headers["cross-origin-resource-policy"] == "same-origin", what
            assert headers["strict-transport-security"].startswith("max-age=31536000"), what
            assert "camera=()" in headers["permissions-policy"], what
            assert headers["cache-control"] == "no-store", what


def test_the_policy_lets_no_foreign_and_no_inline_code_run() -> None:
    rules = dict(rule.strip().split(" ", 1) for rule in POLICY.split(";"))
    assert rules["default-src"] == "'none'"
    assert (rules["frame-ancestors"], rules["base-uri"], rules["form-action"]) == ("'none'", "'none'", "'self'")
    assert "unsafe" not in POLICY
    assert "*" not in POLICY
    assert rules["script-src"] == rules["style-src"] == "'self'"


def test_without_tls_nothing_promises_it(house: House) -> None:
    answer = house.anonymous().get("/dang-nhap")
    assert "strict-transport-security" not in answer.headers


def test_no_route_that_changes_something_heeds_another_site(house: House) -> None:
    browser = house.somebody("bientap")
    routes = [path for method, path in every_route(house) if method not in ("GET", "HEAD")]
    assert routes
    for path in routes:
        for headers in CROSS:
            answer = browser.post(path, headers=headers)
            assert (answer.status_code, "đến từ một trang khác" in answer.text) == (403, True), (path, headers)


def test_no_page_changes_anything_by_being_opened(house: House) -> None:
    """What a link or a picture of another site can make a browser do: open pages."""
    for method, path in every_route(house):
        assert method in ("GET", "POST"), f"{method} {path}"


@pytest.mark.parametrize(
    ("origin", "status"), [("https://loa.test", 303), ("http://loa.test", 403), ("https://loa.test:8443", 403)]
)
def test_under_tls_a_page_that_came_without_it_is_another_site(secure: House, origin: str, status: int) -> None:
    browser = signed_in(secure)
    assert browser.post("/dang-xuat", headers={"origin": origin}).status_code == status


@pytest.mark.parametrize("path", ["/dang-nhap", "/ngon-ngu"])
def test_every_cookie_is_closed(house: House, path: str) -> None:
    data = {"username": "bientap", "password": PASSWORD, "language": "en"}
    plain = house.anonymous().post(path, data=data).headers.get_list("set-cookie")
    assert plain
    for cookie in plain:
        parts = [part.strip().lower() for part in cookie.split(";")]
        assert {"httponly", "samesite=lax", "path=/"} <= set(parts)
        assert not {"secure"} & set(parts)
    house.desk.settings.secure_cookies = True
    closed = house.anonymous().post(path, data=data).headers.get_list("set-cookie")
    assert len(closed) == len(plain)
    for cookie in closed:
        assert cookie.startswith(HOST_ONLY)
        parts = [part.strip().lower() for part in cookie.split(";")]
        assert {"secure", "httponly", "samesite=lax", "path=/"} <= set(parts)
        assert not any(part.startswith("domain") for part in parts)


def test_under_tls_one_stays_signed_in_and_signs_out(secure: House) -> None:
    browser = signed_in(secure)
    assert browser.get("/").status_code == 200
    browser.post("/dang-xuat")
    assert browser.get("/").status_code == 303


def test_a_cookie_that_a_neighbour_planted_is_not_heeded(secure: House) -> None:
    browser = signed_in(secure)
    [(name, token)] = [(name, value) for name, value in browser.cookies.items() if name == f"{HOST_ONLY}loaban"]
    planted = TestClient(secure.app, base_url="https://loa.test", follow_redirects=False)
    plain = name.removeprefix(HOST_ONLY)
    assert planted.get("/", headers={"cookie": f"{plain}={token}"}).status_code == 303
    assert planted.get("/", headers={"cookie": f"a=b; {name}={token}; {plain}=x"}).status_code == 200


def test_what_is_personal_is_kept_by_no_browser(house: House, editor: TestClient) -> None:
    for path in ("/", "/ban-tin", "/nhat-ky", "/nhat-ky.csv", "/loa", "/nghe", "/ban-tin/soan", "/khoe", "/dang-nhap"):
        assert editor.get(path).headers["cache-control"] == "no-store", path

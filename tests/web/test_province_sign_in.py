"""Signing in with the province's account, against a real OpenID provider; and whoever attacks on the way.

Imported by pytest alone.
"""

import base64
import hashlib
import json
import socket
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey
from starlette.testclient import TestClient

from schedules.clock import DAY, MINUTE
from server import system_clock
from server.access import Role
from server.oidc import InsecureIssuer, Provider
from server.province_sign_in import ROUND_WITHIN
from server.staff import FRESH
from tests.web.provider import CLIENT, SECRET, WITHIN_S, Province, province
from tests.web.stage import PASSWORD, House, code_now, text_of

warnings.filterwarnings("ignore", message="authlib.jose")
REFUSED, DOWN = "không thành công", "không trả lời"


@pytest.fixture(scope="module")
def idp() -> Iterator[Province]:
    with province() as served:
        served.knows("s-1", preferred_username="bientap", email="an@laocai.example", email_verified=True)
        served.knows("s-2", preferred_username="pheduyet")
        served.knows("s-3", preferred_username="nguoila")
        yield served


@pytest.fixture(autouse=True)
def _honest(idp: Province) -> Iterator[None]:
    yield
    idp.tamper, idp.says, idp.down = None, None, False


def make_house(tmp_path: Path, sample: Path, idp: Province, claim: str = "preferred_username", *counts: str) -> House:
    house = House(tmp_path, sample, provider=Provider(idp.address, CLIENT, SECRET, claim, counts))
    house.clock.now = system_clock.utc_ms()  # the provider has a clock of its own
    return house


@pytest.fixture
def house(tmp_path: Path, sample: Path, idp: Province) -> Iterator[House]:
    house = make_house(tmp_path, sample, idp)
    yield house
    house.close()


def leave(browser: TestClient, path: str = "/dang-nhap/tinh") -> str:
    """The address at the provider that a browser is sent to."""
    answer = browser.get(path)
    assert answer.status_code == 303, text_of(answer.text)
    return answer.headers["location"]


def come_back(browser: TestClient, idp: Province, sub: str, path: str = "/dang-nhap/tinh", **changes: str) -> Any:
    """A whole round; `changes` are to what the provider sends back with the browser."""
    brought = {**idp.sign_in(leave(browser, path), sub), **changes}
    return browser.get("/dang-nhap/tinh/ve", params=brought)


def refused(answer: Any, browser: TestClient, said: str = REFUSED) -> bool:
    """Whether nobody was let in, in words, with the form for the password beside them."""
    told = text_of(answer.text)
    return bool(
        answer.status_code == 422
        and said in told
        and 'name="password"' in answer.text
        and browser.get("/").status_code == 303
    )


def test_who_has_an_account_here_comes_in_with_the_provinces(house: House, idp: Province) -> None:
    browser = house.anonymous()
    assert "Đăng nhập bằng tài khoản của tỉnh" in browser.get("/dang-nhap").text
    answer = come_back(browser, idp, "s-1", "/dang-nhap/tinh?tiep=/nhat-ky?ngay%3D04/12/2026")
    assert (answer.status_code, answer.headers["location"]) == (303, "/nhat-ky?ngay=04/12/2026")
    assert "Biên tập viên" in browser.get("/").text
    with house.stores.open() as store:
        line = list(store.trail.lines())[-1]
    assert (line.staff, line.act, line.after) == ("bientap", "sign_in", "province")


def test_what_is_asked_of_the_provider(house: House, idp: Province) -> None:
    browser = house.anonymous()
    asked = parse_qs(urlsplit(leave(browser)).query)
    assert asked["response_type"] == ["code"]
    assert asked["client_id"] == [CLIENT]
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["redirect_uri"] == ["http://loa.test/dang-nhap/tinh/ve"]
    assert "openid" in asked["scope"][0].split()
    assert len({*asked["state"], *asked["nonce"], *asked["code_challenge"]}) == 3
    again = parse_qs(urlsplit(leave(browser)).query)
    for name in ("state", "nonce", "code_challenge"):
        assert again[name] != asked[name], name


def test_the_code_is_redeemed_with_the_verifier_of_this_round(house: House, idp: Province) -> None:
    browser = house.anonymous()
    address = leave(browser)
    browser.get("/dang-nhap/tinh/ve", params=idp.sign_in(address, "s-1"))
    verifier = idp.asked[-1]["code_verifier"]
    digest = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
    assert parse_qs(urlsplit(address).query)["code_challenge"] == [digest]
    assert 43 <= len(verifier) <= 128


def test_who_decides_still_shows_a_code_of_their_own(house: House, idp: Province) -> None:
    browser = house.anonymous()
    answer = come_back(browser, idp, "s-2")
    assert answer.headers["location"] == "/dang-nhap/ma"
    assert browser.get("/").status_code == 303
    assert browser.post("/dang-nhap/ma", data={"code": code_now(house)}).headers["location"] == "/"
    assert browser.get("/phe-duyet").status_code == 200


def test_who_decides_and_has_no_telephone_yet_sets_it_up(house: House, idp: Province) -> None:
    with house.stores.open() as store:
        store.staff.grant("bientap", "xa-03013", Role.approver)
    browser = house.anonymous()
    come_back(browser, idp, "s-1")
    assert browser.get("/").headers["location"] == "/tai-khoan/buoc-hai"


@pytest.mark.parametrize(
    ("amr", "counts", "code_asked"),
    [
        (["pwd", "otp"], ("otp", "mfa"), False),
        (["pwd"], ("otp", "mfa"), True),
        (["pwd", "otp"], (), True),
        ("otp", ("otp",), True),
        ([7, None], ("otp",), True),
    ],
)
def test_the_provinces_second_factor_counts_where_that_is_set(
    tmp_path: Path, sample: Path, idp: Province, amr: object, counts: tuple[str, ...], code_asked: bool
) -> None:
    house = make_house(tmp_path, sample, idp, "preferred_username", *counts)
    with house.stores.open() as store:
        store.factors.drop("pheduyet")
    idp.knows("s-2", preferred_username="pheduyet", amr=amr)
    browser = house.anonymous()
    answer = come_back(browser, idp, "s-2")
    entered = answer.status_code == 303 and browser.get("/").status_code == 200
    assert entered is not code_asked
    house.close()
    idp.knows("s-2", preferred_username="pheduyet")


def test_it_makes_no_account_and_gives_no_right(house: House, idp: Province) -> None:
    with house.stores.open() as store:
        before = (store.staff.accounts(), store.staff.given())
    browser = house.anonymous()
    assert refused(come_back(browser, idp, "s-3"), browser, "chưa có")
    with house.stores.open() as store:
        assert (store.staff.accounts(), store.staff.given()) == before


def test_who_is_switched_off_here_does_not_come_in(house: House, idp: Province) -> None:
    with house.stores.open() as store:
        store.staff.set_disabled("bientap", 1)
    browser = house.anonymous()
    assert refused(come_back(browser, idp, "s-1"), browser, "chưa có")


def test_what_another_round_brings_back_is_refused(house: House, idp: Province) -> None:
    """Whoever makes somebody's browser come back with a code of their own would have them work in a foreign account."""
    victim, attacker = house.anonymous(), house.anonymous()
    stolen = idp.sign_in(leave(attacker), "s-1")
    assert refused(victim.get("/dang-nhap/tinh/ve", params=stolen), victim), "without a round"
    mine = idp.sign_in(leave(victim), "s-1")
    crossed = {**mine, "code": stolen["code"], "state": stolen["state"]}
    assert refused(victim.get("/dang-nhap/tinh/ve", params=crossed), victim), "state of another round"
    for state in ("", "x"):
        right = idp.sign_in(leave(victim), "s-1")
        answer = victim.get("/dang-nhap/tinh/ve", params={**right, "state": state})
        assert refused(answer, victim), "all is right but the state"


def test_a_code_of_another_round_is_refused(house: House, idp: Province) -> None:
    """With the victim's own state: the ID token carries another nonce."""
    victim, attacker = house.anonymous(), house.anonymous()
    stolen = idp.sign_in(leave(attacker), "s-1")
    assert refused(come_back(victim, idp, "s-1", code=stolen["code"]), victim)


def test_a_code_works_once(house: House, idp: Province) -> None:
    browser = house.anonymous()
    brought = idp.sign_in(leave(browser), "s-1")
    kept = dict(browser.cookies)
    assert browser.get("/dang-nhap/tinh/ve", params=brought).status_code == 303
    assert "loaban_province" not in browser.cookies, "the round is over"
    thief = house.anonymous()
    thief.cookies.update(kept)
    assert refused(thief.get("/dang-nhap/tinh/ve", params=brought), thief)


def test_a_round_does_not_wait_for_ever(house: House, idp: Province) -> None:
    browser = house.anonymous()
    brought = idp.sign_in(leave(browser), "s-1")
    house.clock.now += ROUND_WITHIN + 1
    assert refused(browser.get("/dang-nhap/tinh/ve", params=brought), browser)


@pytest.mark.parametrize("changes", [{"error": "access_denied"}, {"code": ""}, {"code": "x"}, {"code": "x" * 5000}])
def test_whoever_says_no_there_is_not_let_in_here(house: House, idp: Province, changes: dict[str, str]) -> None:
    browser = house.anonymous()
    assert refused(come_back(browser, idp, "s-1", **changes), browser)


def claims_of(token: dict[str, Any]) -> dict[str, Any]:
    body = token["id_token"].split(".")[1]
    return dict(json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4))))


def part(content: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")


def unsigned(token: dict[str, Any], **changes: Any) -> str:
    return f"{part({'alg': 'none', 'typ': 'JWT'})}.{part({**claims_of(token), **changes})}."


def by_another_key(token: dict[str, Any], **changes: Any) -> str:
    key = RSAKey.generate_key(2048, private=True)
    return jwt.encode({"alg": "RS256"}, {**claims_of(token), **changes}, key)


def by_the_clients_secret(token: dict[str, Any]) -> str:
    return jwt.encode(
        {"alg": "HS256"}, claims_of(token), OctKey.import_key(SECRET.ljust(32, "-")), algorithms=["HS256"]
    )


def with_other_claims(token: dict[str, Any]) -> str:
    head, _, signature = token["id_token"].split(".")
    return f"{head}.{part({**claims_of(token), 'preferred_username': 'tinh'})}.{signature}"


FORGERIES: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "no signature": lambda token: {**token, "id_token": unsigned(token)},
    "another key": lambda token: {**token, "id_token": by_another_key(token)},
    "the client's secret": lambda token: {**token, "id_token": by_the_clients_secret(token)},
    "changed claims": lambda token: {**token, "id_token": with_other_claims(token)},
    "no ID token": lambda token: {name: value for name, value in token.items() if name != "id_token"},
    "no token at all": lambda _token: {"id_token": "x"},
    "a number": lambda token: {**token, "id_token": 7},
    "another access token": lambda token: {**token, "access_token": "another"},
}


@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_forged_token_is_refused(house: House, idp: Province, forgery: str) -> None:
    browser = house.anonymous()
    idp.tamper = FORGERIES[forgery]
    assert refused(come_back(browser, idp, "s-1"), browser)


def test_a_token_for_another_client_is_refused(house: House, idp: Province) -> None:
    """Really signed by the provider, for another site of the province that has copied the nonce of this very round."""
    browser = house.anonymous()
    asked = leave(browser)
    there = idp.sign_in(asked.replace(f"client_id={CLIENT}", "client_id=another-site"), "s-1")
    form = {
        "grant_type": "authorization_code",
        "code": there["code"],
        "redirect_uri": "http://loa.test/dang-nhap/tinh/ve",
    }
    address = f"{idp.address}/oauth2/token"
    answer = requests.post(address, data=form, auth=("another-site", "x"), timeout=WITHIN_S)
    foreign = answer.json()
    nonce = parse_qs(urlsplit(asked).query)["nonce"][0]
    claims = claims_of(foreign)
    assert (claims["nonce"], claims["aud"]) in ((nonce, "another-site"), (nonce, ["another-site"]))
    idp.tamper = lambda _token: foreign
    brought = idp.sign_in(asked.replace(f"&nonce={nonce}", ""), "s-1")
    assert refused(browser.get("/dang-nhap/tinh/ve", params=brought), browser)


def test_a_token_that_has_expired_or_is_from_the_future_is_refused(house: House, idp: Province) -> None:
    now = house.clock.now
    for leap in (2 * DAY, -DAY):
        house.clock.now = now + leap
        browser = house.anonymous()
        assert refused(come_back(browser, idp, "s-1"), browser), leap


def test_an_address_that_nobody_has_verified_is_nobody(tmp_path: Path, sample: Path, idp: Province) -> None:
    house = make_house(tmp_path, sample, idp, "email")
    for sub, verified in (("s-4", False), ("s-5", None), ("s-6", "true")):
        claims = {"email": "bientap"} if verified is None else {"email": "bientap", "email_verified": verified}
        idp.knows(sub, **claims)
        browser = house.anonymous()
        assert refused(come_back(browser, idp, sub), browser), sub
    idp.knows("s-7", email="bientap", email_verified=True)
    assert come_back(house.anonymous(), idp, "s-7").status_code == 303
    house.close()


@pytest.mark.parametrize(
    "claims", [{}, {"preferred_username": ""}, {"preferred_username": 7}, {"preferred_username": " "}]
)
def test_who_has_no_name_there_is_nobody(house: House, idp: Province, claims: dict[str, object]) -> None:
    idp.knows("s-8", **claims)
    browser = house.anonymous()
    assert refused(come_back(browser, idp, "s-8"), browser)


def test_when_the_provider_is_down_that_is_said_and_the_password_still_works(house: House, idp: Province) -> None:
    browser = house.anonymous()
    brought = idp.sign_in(leave(browser), "s-1")
    idp.down = True
    answer = browser.get("/dang-nhap/tinh/ve", params=brought)
    assert refused(answer, browser, DOWN)
    assert refused(browser.get("/dang-nhap/tinh"), browser, DOWN)
    assert browser.post("/dang-nhap", data={"username": "bientap", "password": PASSWORD}).status_code == 303


def test_a_provider_that_is_not_there_is_said_so(tmp_path: Path, sample: Path) -> None:
    house = House(tmp_path, sample, provider=Provider("http://127.0.0.1:9", CLIENT, SECRET, "preferred_username"))
    browser = house.anonymous()
    assert refused(browser.get("/dang-nhap/tinh"), browser, DOWN)
    house.close()


LIES: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "another issuer": lambda said: {**said, "issuer": "https://elsewhere.example"},
    "no keys": lambda said: {name: value for name, value in said.items() if name != "jwks_uri"},
    "another kind of address": lambda said: {**said, "token_endpoint": "https://elsewhere.example/token"},
    "no address": lambda said: {**said, "authorization_endpoint": ["x"]},
    "nothing": lambda _said: {},
}


@pytest.mark.parametrize("lie", LIES)
def test_a_provider_that_is_another_than_was_asked_is_none(house: House, idp: Province, lie: str) -> None:
    browser = house.anonymous()
    brought = idp.sign_in(leave(browser), "s-1")
    idp.says = LIES[lie]
    assert refused(browser.get("/dang-nhap/tinh/ve", params=brought), browser, DOWN)
    assert refused(browser.get("/dang-nhap/tinh"), browser, DOWN)


def test_a_provider_that_takes_the_call_and_says_nothing_is_not_waited_for(tmp_path: Path, sample: Path) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        address = f"http://127.0.0.1:{silent.getsockname()[1]}"
        provider = Provider(address, CLIENT, SECRET, "preferred_username", within_s=(0.2, 0.2))
        house = House(tmp_path, sample, provider=provider)
        browser = house.anonymous()
        assert refused(browser.get("/dang-nhap/tinh"), browser, DOWN)
        house.close()


def test_signing_in_there_a_moment_ago_confirms_and_long_ago_does_not(house: House, idp: Province) -> None:
    for age, fresh in ((MINUTE, True), (FRESH + MINUTE, False)):
        idp.knows("s-9", preferred_username="bientap", auth_time=(house.clock.now - age) // 1000)
        browser = house.anonymous()
        assert come_back(browser, idp, "s-9").status_code == 303
        page = browser.post("/tai-khoan/buoc-hai/bat-dau")
        assert (page.status_code == 303) is fresh, age
        assert fresh or "xác nhận tại trang đăng nhập của tỉnh" in page.text


def test_one_is_asked_anew_there_where_that_is_wanted(house: House, idp: Province) -> None:
    asked = parse_qs(urlsplit(leave(house.anonymous(), "/dang-nhap/tinh?lai=1")).query)
    assert (asked["prompt"], asked["max_age"]) == (["login"], ["0"])


@pytest.mark.parametrize("issuer", ["http://sso.laocai.example", "ftp://127.0.0.1", "sso.laocai.example", ""])
def test_a_provider_without_https_is_none(issuer: str) -> None:
    with pytest.raises(InsecureIssuer):
        Provider(issuer, CLIENT, SECRET, "preferred_username")


def test_without_a_provider_nothing_leads_to_one(tmp_path: Path, sample: Path) -> None:
    house = House(tmp_path, sample)
    browser = house.anonymous()
    assert "tài khoản của tỉnh" not in browser.get("/dang-nhap").text
    assert browser.get("/dang-nhap/tinh").status_code == 404
    assert browser.get("/dang-nhap/tinh/ve?code=x&state=y").status_code == 404
    house.close()

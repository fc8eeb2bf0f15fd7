"""Before what is dangerous somebody shows again who they are, and nothing that they typed is lost.

Imported by pytest alone.
"""

import html
import re

import pytest
from starlette.testclient import TestClient

from schedules.clock import SECOND
from schedules.programme import BroadcastClass
from server.compose_form import Mode
from server.guessing import OF_ONE
from server.staff import FRESH
from tests.web.stage import PASSWORD, House, code_now, text_of


@pytest.fixture
def stored(house: House) -> str:
    """An emergency that waits at the loudspeakers to be ordered."""
    broadcast = house.write("Sơ tán ngay", klass=BroadcastClass.emergency, mode=Mode.stored)
    house.approve(broadcast)
    return broadcast


@pytest.fixture
def later(house: House, stored: str, approver: TestClient) -> TestClient:
    """The approver, some time after signing in."""
    house.clock.now += FRESH
    return approver


def fields(page: str) -> dict[str, str]:
    """What the form of a page would send."""
    found = re.findall(r'<input [^>]*name="([^"]+)"(?:[^>]*value="([^"]*)")?', page)
    return {name: html.unescape(value) for name, value in found}


def sounding(house: House) -> int:
    return len(house.broadcasts()) - 1


def test_a_moment_after_signing_in_nobody_is_asked(house: House, stored: str, approver: TestClient) -> None:
    house.clock.now += FRESH - 1
    assert approver.post(f"/ban-tin/{stored}/phat-ngay").status_code == 303
    assert sounding(house) == 1


@pytest.mark.parametrize("secret", ["password", "code"])
def test_an_emergency_is_ordered_by_who_shows_again_who_they_are(
    house: House, stored: str, later: TestClient, secret: str
) -> None:
    page = later.post(f"/ban-tin/{stored}/phat-ngay", data={"note": 'a "b" <c>', "twice": ["1", "2"]})
    assert page.status_code == 422
    assert "Có đúng là anh/chị không?" in text_of(page.text)
    assert sounding(house) == 0
    form = fields(page.text)
    assert form["xac_nhan_toi"] == f"/ban-tin/{stored}/phat-ngay"
    assert form["note"] == 'a "b" <c>'
    assert page.text.count('name="twice"') == 2
    form["xac_nhan_bang"] = PASSWORD if secret == "password" else code_now(house)
    onward = later.post("/xac-nhan", data=form)
    assert (onward.status_code, onward.headers["location"]) == (307, f"/ban-tin/{stored}/phat-ngay")
    done = later.post(onward.headers["location"], data=form)
    assert done.status_code == 303
    assert sounding(house) == 1


def test_what_is_wrong_is_asked_again_and_the_form_stays(house: House, stored: str, later: TestClient) -> None:
    form = fields(later.post(f"/ban-tin/{stored}/phat-ngay", data={"note": "x"}).text)
    again = later.post("/xac-nhan", data={**form, "xac_nhan_bang": "no"})
    assert again.status_code == 422
    assert "Chưa đúng" in text_of(again.text)
    assert {**fields(again.text), "xac_nhan_bang": ""} == {**form, "xac_nhan_bang": ""}
    assert later.post(f"/ban-tin/{stored}/phat-ngay").status_code == 422
    assert sounding(house) == 0


def test_who_has_stolen_a_session_does_not_guess_the_password_in_it(
    house: House, stored: str, later: TestClient
) -> None:
    for _ in range(OF_ONE.free):
        later.post("/xac-nhan", data={"xac_nhan_bang": "no", "xac_nhan_toi": f"/ban-tin/{stored}/phat-ngay"})
    right = {"xac_nhan_bang": PASSWORD, "xac_nhan_toi": f"/ban-tin/{stored}/phat-ngay"}
    assert later.post("/xac-nhan", data=right).status_code == 422
    assert later.post(f"/ban-tin/{stored}/phat-ngay").status_code == 422
    assert sounding(house) == 0


def test_one_session_that_was_confirmed_confirms_no_other(house: House, stored: str, later: TestClient) -> None:
    other = house.somebody("pheduyet")
    house.clock.now += FRESH
    assert later.post("/xac-nhan", data={"xac_nhan_bang": PASSWORD}).status_code == 307
    assert later.post(f"/ban-tin/{stored}/phat-ngay").status_code == 303
    assert other.post(f"/ban-tin/{stored}/phat-ngay").status_code == 422


def test_a_code_confirms_once(house: House, stored: str, later: TestClient) -> None:
    code = code_now(house)
    assert later.post("/xac-nhan", data={"xac_nhan_bang": code}).status_code == 307
    assert later.post("/xac-nhan", data={"xac_nhan_bang": code}).status_code == 422
    house.clock.now += 30 * SECOND
    assert later.post("/xac-nhan", data={"xac_nhan_bang": code_now(house)}).status_code == 307


@pytest.mark.parametrize("wanted", ["https://elsewhere.example/", "//elsewhere.example", "/xac-nhan", ""])
def test_it_carries_on_nowhere_else(house: House, later: TestClient, wanted: str) -> None:
    answer = later.post("/xac-nhan", data={"xac_nhan_bang": PASSWORD, "xac_nhan_toi": wanted})
    assert answer.headers["location"] == "/"


def test_in_a_demonstration_the_password_is_asked_for(house: House, stored: str, later: TestClient) -> None:
    house.desk.settings.demo = True
    assert later.post(f"/ban-tin/{stored}/phat-ngay").status_code == 422
    assert later.post("/xac-nhan", data={"xac_nhan_bang": code_now(house)}).status_code == 422
    assert later.post("/xac-nhan", data={"xac_nhan_bang": PASSWORD}).status_code == 307

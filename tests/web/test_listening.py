"""Heard before approved, as a browser tells it.

Imported by pytest alone.
"""

import re

import pytest
from starlette.testclient import TestClient

from schedules.clock import SECOND
from server import bulletins
from server.lifecycle import BroadcastState
from tests.web.stage import House, text_of
from tests.web.test_approving import state_of
from tests.web.test_composing import Form

LENGTH = 2 * SECOND
"""Of a recording on this stage."""


def sounds(page: str) -> dict[str, str]:
    """The addresses of the sounds by language, as the page has them."""
    found = re.findall(r'data-language="([\w-]+)" src="([^"]+)"', page)
    assert found
    return dict(found)


def tell(browser: TestClient, broadcast: str, seal: str, language: str) -> int:
    answer = browser.post(f"/ban-tin/{broadcast}/da-nghe", data={"seal": seal, "language": language})
    return answer.status_code


def test_what_was_played_to_its_end_needs_no_tick(house: House, approver: TestClient) -> None:
    broadcast = house.write(languages=("vi", "mww"))
    page = approver.get(f"/ban-tin/{broadcast}").text
    seal = Form(page).fields["seal"][0]
    refused = approver.post(f"/ban-tin/{broadcast}/duyet", data={"seal": seal})
    assert refused.status_code == 422
    said = Form(refused.text).messages["approve"]
    assert "Chưa duyệt được" in said
    assert re.search(r"với: Mông \(Trắng\), Tiếng Việt", said), "it names the languages that are missing"
    for language, address in sounds(page).items():
        assert tell(approver, broadcast, seal, language) == 422, "it has not even been fetched"
        assert approver.get(address).status_code == 200
        assert tell(approver, broadcast, seal, language) == 422, "it lasts longer"
    house.clock.now += LENGTH
    assert tell(approver, broadcast, seal, "vi") == 204
    partly = approver.post(f"/ban-tin/{broadcast}/duyet", data={"seal": seal})
    assert "với: Mông (Trắng)." in Form(partly.text).messages["approve"]
    assert tell(approver, broadcast, seal, "mww") == 204
    assert approver.post(f"/ban-tin/{broadcast}/duyet", data={"seal": seal}).status_code == 303
    assert "Đã nghe hết: Mông (Trắng), Tiếng Việt" in text_of(approver.get(f"/ban-tin/{broadcast}").text)


def test_a_tick_is_logged_as_what_it_is_and_stays_over_a_refusal(house: House, approver: TestClient) -> None:
    broadcast = house.write(languages=("vi", "mww"))
    seal = Form(approver.get(f"/ban-tin/{broadcast}").text).fields["seal"][0]
    refused = approver.post(f"/ban-tin/{broadcast}/duyet", data={"seal": seal, "by_text": "vi"})
    assert re.search(r'value="vi" form="approve" checked', refused.text)
    approver.post(f"/ban-tin/{broadcast}/duyet", data={"seal": seal, "by_text": ["vi", "mww"]})
    said = text_of(approver.get(f"/ban-tin/{broadcast}").text)
    assert "Duyệt theo văn bản: Mông (Trắng), Tiếng Việt" in said
    assert "Đã nghe hết" not in said


def test_another_sound_between_listening_and_approving_voids_both(house: House, approver: TestClient) -> None:
    broadcast = house.write()
    page = approver.get(f"/ban-tin/{broadcast}").text
    seal, address = Form(page).fields["seal"][0], sounds(page)["vi"]
    approver.get(address)
    house.clock.now += LENGTH
    assert tell(approver, broadcast, seal, "vi") == 204
    with house.stores.open() as store:
        bulletin = bulletins.page(store, house.person(store, "tinh"), broadcast).bulletin.id
        bulletins.render_again(store, bulletin, "vi", house.studio.record(b"RIFF new", "vi"), house.clock.now)
    assert approver.post(f"/ban-tin/{broadcast}/duyet", data={"seal": seal}).status_code == 409
    fresh = Form(approver.get(f"/ban-tin/{broadcast}").text).fields["seal"][0]
    assert fresh != seal
    assert approver.post(f"/ban-tin/{broadcast}/duyet", data={"seal": fresh}).status_code == 422
    assert tell(approver, broadcast, fresh, "vi") == 422, "the new one has not been fetched"
    assert state_of(house, broadcast) is BroadcastState.submitted


@pytest.mark.parametrize("who", ["bientap", "tinh"])
def test_who_does_not_decide_is_not_noted(house: House, who: str) -> None:
    broadcast = house.write()
    browser = house.somebody(who)
    page = browser.get(f"/ban-tin/{broadcast}").text
    assert "da-nghe" not in page
    assert "listening" not in page
    with house.stores.open() as store:
        clip = bulletins.page(store, house.person(store, who), broadcast).bulletin.variants[0].clip.sha256
        seal = bulletins.page(store, house.person(store, who), broadcast).seal
    assert browser.get(f"/am-thanh/{clip}.mp3?duyet={broadcast}").status_code == 200
    house.clock.now += LENGTH
    assert tell(browser, broadcast, seal, "vi") == 403
    with house.stores.open() as store:
        assert store.listening.fetched_at(who, seal, clip) is None


@pytest.mark.parametrize("broadcast", ["x", "../../etc", "ps-9999"])
def test_a_sound_for_no_such_broadcast_is_none(house: House, approver: TestClient, broadcast: str) -> None:
    page = approver.get(f"/ban-tin/{house.write()}").text
    clip = sounds(page)["vi"].partition("?")[0]
    assert approver.get(clip, params={"duyet": broadcast}).status_code == 404

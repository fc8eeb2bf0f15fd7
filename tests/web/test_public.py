"""The public page of a commune: who opens it, what stands on it, what can be heard again, and what never.

Imported by pytest alone.
"""

from xml.etree import ElementTree as ET

import msgspec
import pytest
from starlette.testclient import TestClient

from schedules.clock import DAY, HOUR
from schedules.playback import Outcome
from schedules.programme import BroadcastClass
from server import publishing
from server.bulletin import PHRASES
from server.phrase import Consent, Presenter
from server.public_page import Openness, heard_again, is_over
from server.refusals import NotAllowed, NotFound
from server.web.public_pages import PER_MINUTE
from tests.web.stage import House, text_of

COMMUNE, OTHER = "xa-03013", "xa-02701"
PAGE = f"/cong-khai/{COMMUNE}"
PEOPLE = ("Biên tập viên", "Lãnh đạo phê duyệt", "bientap", "pheduyet", "Chủ tịch xã")


def open_page(house: House, public: str = "recordings", area: str = COMMUNE) -> TestClient:
    """Somebody on the internet, after the approver has opened it."""
    form = {"area": area, "public": public}
    assert house.somebody("pheduyet").post("/cai-dat/cong-khai", data=form).status_code == 303
    return house.anonymous()


def air(house: House, title: str = "Họp thôn", outcome: Outcome = Outcome.played, **more: object) -> str:
    """Something that sounded at a loudspeaker two hours ago; the name of its clip."""
    sent = house.write(title, **more)  # type: ignore[arg-type]
    house.approve(sent)
    playback = house.expected("loa-mau-6", sent)
    house.clock.now = playback.planned + 2 * HOUR
    house.report("loa-mau-6", msgspec.structs.replace(playback, outcome=outcome))
    with house.stores.open() as store:
        return store.broadcasts.bulletins([playback.bulletin])[playback.bulletin].variants[0].clip.sha256


def test_it_is_closed_until_an_approver_opens_it(house: House) -> None:
    clip, browser = air(house), house.anonymous()
    for path in (PAGE, f"{PAGE}/tin.atom", f"{PAGE}/{clip}.mp3", "/cong-khai/none", "/cong-khai/tinh-lao-cai"):
        assert browser.get(path).status_code == 404, path
    form = {"area": COMMUNE, "public": "voices"}
    for username in ("bientap", "quantri", "tinh"):
        assert house.somebody(username).post("/cai-dat/cong-khai", data=form).status_code == 403
    assert house.somebody("pheduyet").post("/cai-dat/cong-khai", data={**form, "area": "xa-02674"}).status_code == 404
    assert house.somebody("pheduyet").post("/cai-dat/cong-khai", data={**form, "public": "x"}).status_code == 404
    assert open_page(house).get(PAGE).status_code == 200
    with house.stores.open() as store:
        line = store.trail.latest(1)[0]
        assert (line.act, line.before, line.after) == ("set_public", "closed", "recordings")
        with pytest.raises(NotAllowed):
            publishing.switch(store, house.person(store, "quantri"), COMMUNE, "closed", 1)
        with pytest.raises(NotFound):
            publishing.switch(store, house.person(store, "pheduyet"), "thon-mau-ta-chai", "closed", 1)
    open_page(house, "closed")
    assert browser.get(PAGE).status_code == 404


def test_it_says_what_sounded_when_and_where_and_names_nobody(house: House) -> None:
    air(house, "Lịch tiêm phòng")
    house.approve(house.write("Sắp phát"))
    air(house, "Không phát được", Outcome.missed)
    house.write("Chờ duyệt")
    air(house, "Ưu tiên hôm nay", klass=BroadcastClass.priority)
    page = open_page(house).get(PAGE)
    said = text_of(page.text)
    assert "Lịch tiêm phòng" in said
    assert "Xã Tả Phìn" in said
    for hidden in ("Sắp phát", "Không phát được", "Chờ duyệt", *PEOPLE):
        assert hidden not in page.text, hidden
    assert "Lịch tiêm phòng" not in open_page(house, area=OTHER).get(f"/cong-khai/{OTHER}").text


def test_no_cookie_no_script_and_caches_may_keep_it(house: House) -> None:
    air(house)
    browser = open_page(house)
    page = browser.get(PAGE, headers={"cookie": "loaban=x; loaban_ui=en", "accept-language": "vi"})
    assert "set-cookie" not in page.headers
    assert page.headers["cache-control"] == "public, max-age=300"
    assert "<script" not in page.text
    assert 'lang="vi"' in page.text
    assert 'lang="en"' in browser.get(PAGE, headers={"accept-language": "en"}).text
    assert (
        browser.get(PAGE, headers={"if-none-match": page.headers["etag"], "accept-language": "vi"}).status_code == 304
    )
    assert house.somebody("pheduyet").get(PAGE, headers={"accept-language": "vi"}).text == page.text


def test_what_is_over_can_be_heard_again_as_far_as_it_was_opened(house: House) -> None:
    clip = air(house)
    browser = open_page(house)
    assert f"{PAGE}/{clip}.mp3" in browser.get(PAGE).text
    answer = browser.get(f"{PAGE}/{clip}.mp3")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "audio/mpeg")
    assert browser.get(f"/cong-khai/{OTHER}/{clip}.mp3").status_code == 404
    assert browser.get(f"{PAGE}/{'0' * 64}.mp3").status_code == 404
    assert browser.get(f"{PAGE}/x.mp3").status_code == 404
    open_page(house, "voices")  # a recording of a person, and nobody says that they agree
    assert clip not in browser.get(PAGE).text
    assert browser.get(f"{PAGE}/{clip}.mp3").status_code == 404


def test_what_is_still_to_come_once_more_cannot_be_heard_yet(house: House) -> None:
    clip = air(house)
    browser = open_page(house)
    with house.stores.open() as store:
        [broadcast] = [b for b in store.broadcasts.below(("/",), 9, house.clock.now) if b.withdrawn_at is None]
        again = msgspec.structs.replace(broadcast, id="ps-again", decision=None, recurrence=None, mode="now")
        store.broadcasts.add(again)
    assert browser.get(f"{PAGE}/{clip}.mp3").status_code == 404
    assert not is_over([again], house.clock.now)


def test_an_emergency_is_over_and_cannot_be_played_again(house: House) -> None:
    clip = air(house, "Lũ quét", klass=BroadcastClass.emergency)
    browser = open_page(house)
    page = browser.get(PAGE).text
    assert "Khẩn cấp, đã qua" in page
    assert clip not in page
    assert browser.get(f"{PAGE}/{clip}.mp3").status_code == 404


def test_an_exercise_is_not_there(house: House) -> None:
    air(house, "Diễn tập lũ")
    with house.stores.open() as store:
        [found] = store.broadcasts.bulletins(
            b.bulletin for b in store.broadcasts.below(("/",), 9, house.clock.now)
        ).values()
        store.broadcasts.add_bulletin(msgspec.structs.replace(found, exercise=True))
    assert "Diễn tập lũ" not in open_page(house).get(PAGE).text


def test_a_presenter_is_heard_by_consent_for_it_alone(house: House) -> None:
    clip = air(house)
    with house.stores.open() as store:
        [bulletin] = store.broadcasts.bulletins(
            b.bulletin for b in store.broadcasts.below(("/",), 9, house.clock.now)
        ).values()
    spoken = msgspec.structs.replace(
        bulletin, variants=(msgspec.structs.replace(bulletin.variants[0], source=PHRASES),)
    )
    who = Presenter(
        "pt-1", "x", COMMUNE, ("vi",), Consent("2026-01-01", "phát loa và nghe lại trên mạng", ""), "bientap", 1
    )
    loud = msgspec.structs.replace(who, consent=Consent("2026-01-01", "phát loa", ""))
    gone = msgspec.structs.replace(who, withdrawn_at=5)
    for speakers, offered in (([who], 1), ([loud], 0), ([who, loud], 0), ([gone], 0), ([], 0)):
        assert len(heard_again(spoken, Openness.recordings, {clip: speakers}, over=True)) == offered
    revoked = msgspec.structs.replace(bulletin, variants=(msgspec.structs.replace(bulletin.variants[0], revoked=True),))
    assert heard_again(revoked, Openness.recordings, {}, over=True) == ()
    assert heard_again(bulletin, Openness.recordings, {}, over=False) == ()


def test_months_and_search_without_accents(house: House) -> None:
    air(house, "Phòng chống rét")
    then = house.clock.now
    house.clock.now = then + 40 * DAY
    air(house, "Tiêm phòng")
    browser = open_page(house)
    page = browser.get(PAGE).text
    assert "Tiêm phòng" in page
    assert "Phòng chống rét" not in page
    assert "?thang=2026-12" in page
    assert "Phòng chống rét" in browser.get(f"{PAGE}?thang=2026-12").text
    found = browser.get(f"{PAGE}?tim=chong ret").text
    assert "Phòng chống rét" in found
    assert "Tiêm phòng" not in found
    for month in ("9999-01", "2026-13", "x", "0000-00", "2027-02"):
        assert "Tiêm phòng" in browser.get(f"{PAGE}?thang={month}").text, month


def test_the_feed_is_atom(house: House) -> None:
    clip = air(house, "Phòng chống <rét> & sương")
    feed = ET.fromstring(open_page(house).get(f"{PAGE}/tin.atom").content)  # noqa: S314 - it is our own
    space = {"a": "http://www.w3.org/2005/Atom"}
    assert feed.findtext("a:entry/a:title", namespaces=space) == "Phòng chống <rét> & sương"
    assert feed.findtext("a:entry/a:author/a:name", namespaces=space) == "Xã Tả Phìn"
    links = [each.get("href", "") for each in feed.findall("a:entry/a:link", space)]
    assert any(link.endswith(f"{clip}.mp3") for link in links)
    assert feed.findtext("a:updated", namespaces=space)


def test_who_asks_too_often_waits_and_robots_find_these_pages_alone(house: House) -> None:
    browser = open_page(house)
    for _ in range(PER_MINUTE):
        browser.get(f"{PAGE}/x.mp3")
    late = browser.get(PAGE)
    assert late.status_code == 429
    assert int(late.headers["retry-after"]) >= 1
    robots = browser.get("/robots.txt").text
    assert "Allow: /cong-khai/" in robots
    assert "Disallow: /" in robots

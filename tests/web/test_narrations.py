"""The button "Nghe thử" and what comes of it: a sound, how far it is, or a doubt that a person has to settle.

Nobody imports this module.
"""

import threading
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from starlette.testclient import TestClient

from audio.speech_check import compare
from audio.voice import Progress, Provenance, unheeded
from server.clip_archive import ClipArchive
from server.studio import Rendered
from tests.waiting import eventually
from tests.web.fake_studio import FakeStudio
from tests.web.stage import House, text_of
from tests.web.test_composing import GOOD

SPOKEN = "kính thưa bà con, thôn ta họp lúc mười chín giờ ba mươi ngày năm tháng mười hai."


class SlowStudio(FakeStudio):
    """Speaks ten sentences, the last when it is allowed to; `stands_in`: for a better engine."""

    def __init__(self, archive: ClipArchive) -> None:
        super().__init__(archive)
        self.allowed = threading.Event()
        self.stands_in = ""

    def speak(self, words: str, language: str, progress: Progress = unheeded, *, urgent: bool = False) -> Rendered:
        progress(4, 10)
        assert self.allowed.wait(20)
        made = super().speak(words, language)
        return made if not self.stands_in else self._stood_in(made)

    def _stood_in(self, made: Rendered) -> Rendered:
        provenance = Provenance("espeak-ng", ai_made=True, fallback_from=self.stands_in)
        return msgspec.structs.replace(made, provenance=provenance)


@pytest.fixture
def slow(tmp_path: Path, sample: Path) -> Iterator[House]:
    house = House(tmp_path, sample, studio=SlowStudio, patience_s=0.05)
    yield house
    house.studio.allowed.set()  # type: ignore[attr-defined]
    house.close()


def key_in(html: str) -> str:
    return html.split('hx-get="/ban-tin/nghe-thu/')[1].split('"', maxsplit=1)[0]


def test_a_long_text_shows_how_far_it_is_and_then_sounds(slow: House) -> None:
    editor = slow.somebody("bientap")
    begun = editor.post("/ban-tin/nghe-thu", data=GOOD)
    assert begun.status_code == 200
    assert "4/10 câu" in text_of(begun.text)
    address = f"/ban-tin/nghe-thu/{key_in(begun.text)}"
    part = editor.get(address, headers={"hx-request": "true"})
    assert 'value="4" max="10"' in part.text
    assert "<h1" not in part.text
    slow.studio.allowed.set()  # type: ignore[attr-defined]
    eventually(lambda: "<audio" in editor.get(address, headers={"hx-request": "true"}).text)
    done = editor.get(address, headers={"hx-request": "true"})
    assert "hx-get" not in done.text
    assert done.headers["hx-trigger"] == "heard"
    assert "Giọng rô-bốt (espeak-ng)" in text_of(done.text)


def test_without_scripts_a_page_of_its_own_looks_again_by_itself(slow: House) -> None:
    editor = slow.somebody("bientap")
    page = editor.post("/ban-tin/soan", data={**GOOD, "action": "listen"})
    assert page.status_code == 200
    assert GOOD["text"] in page.text, "the form is still there"
    address = f"/ban-tin/nghe-thu/{key_in(page.text)}"
    waiting = editor.get(address)
    assert waiting.headers["refresh"] == "2"
    assert "4/10 câu" in text_of(waiting.text)
    assert slow.somebody("pheduyet").get(address).status_code == 404
    slow.studio.allowed.set()  # type: ignore[attr-defined]
    eventually(lambda: "<audio" in editor.get(address).text)
    assert "refresh" not in editor.get(address).headers


def test_what_is_still_being_read_is_not_sent_and_nothing_typed_is_lost(slow: House) -> None:
    editor = slow.somebody("bientap")
    early = editor.post("/ban-tin/soan", data=GOOD)
    assert early.status_code == 422
    assert "âm thanh đang được tạo" in text_of(early.text)
    assert slow.broadcasts() == []
    slow.studio.allowed.set()  # type: ignore[attr-defined]
    eventually(lambda: "<audio" in editor.get(f"/ban-tin/nghe-thu/{key_in(early.text)}").text)
    assert editor.post("/ban-tin/soan", data=GOOD).status_code == 303


def test_a_voice_that_stands_in_is_told_to_who_listens_and_to_who_approves(slow: House) -> None:
    slow.studio.allowed.set()  # type: ignore[attr-defined]
    slow.studio.stands_in = "piper"  # type: ignore[attr-defined]
    editor = slow.somebody("bientap")
    eventually(lambda: "<audio" in editor.post("/ban-tin/nghe-thu", data=GOOD).text)
    assert "thay cho piper hiện không trả lời" in text_of(editor.post("/ban-tin/nghe-thu", data=GOOD).text)
    eventually(lambda: editor.post("/ban-tin/soan", data=GOOD).status_code == 303)
    page = slow.somebody("pheduyet").get(f"/ban-tin/{slow.broadcasts()[0]}")
    assert "thay cho piper hiện không trả lời" in text_of(page.text)


def test_a_doubted_sound_waits_for_a_person_who_has_listened(house: House, editor: TestClient) -> None:
    house.studio.doubts[SPOKEN] = compare(SPOKEN, "kính thưa bà con hôm nay trời mưa to lắm đấy", "ear")
    heard = editor.post("/ban-tin/nghe-thu", data=GOOD).text
    assert "<mark>thôn</mark>" in heard
    assert "<mark>kính</mark>" not in heard
    held = editor.post("/ban-tin/soan", data=GOOD)
    assert held.status_code == 422
    assert "Chưa gửi: máy đã nghe lại" in text_of(held.text)
    assert "<audio" in held.text
    assert editor.post("/ban-tin/soan", data={**GOOD, "confirmed": "f" * 64}).status_code == 422, "another sound"
    clip = heard.split('name="confirmed" value="')[1].split('"')[0]
    assert editor.post("/ban-tin/soan", data={**GOOD, "confirmed": clip}).status_code == 303
    page = house.somebody("pheduyet").get(f"/ban-tin/{house.broadcasts()[0]}").text
    assert "<mark>thôn</mark>" in page
    assert "hôm nay trời mưa to lắm đấy" in page


def test_a_sound_that_is_not_doubted_asks_for_nothing(house: House, editor: TestClient) -> None:
    house.studio.doubts[SPOKEN] = compare(SPOKEN, SPOKEN, "ear")
    assert 'name="confirmed"' not in editor.post("/ban-tin/nghe-thu", data=GOOD).text
    assert editor.post("/ban-tin/soan", data=GOOD).status_code == 303


def test_the_picture_of_a_sound_is_for_who_may_hear_it(house: House, editor: TestClient) -> None:
    name = editor.post("/ban-tin/nghe-thu", data=GOOD).text.split("/am-thanh/")[1].split(".mp3")[0]
    seen = editor.get(f"/am-thanh/{name}.svg")
    assert (seen.status_code, seen.headers["content-type"]) == (200, "image/svg+xml")
    assert seen.headers["cache-control"] == "private, no-cache"
    assert house.somebody("pheduyet").get(f"/am-thanh/{name}.svg").status_code == 404
    assert editor.get("/am-thanh/" + "0" * 64 + ".svg").status_code == 404
    assert editor.get("/am-thanh/..%2f..%2floaban.db.svg").status_code == 404

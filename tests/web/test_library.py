"""The page "Thư viện": sounds that are kept to be aired, chimes of a place, and bulletins that carry them.

Imported by pytest alone.
"""

import msgspec
import pytest
from starlette.testclient import TestClient

from audio.clip import NO_LANGUAGE
from audio.preset import COLUMN
from schedules.assembly import pieces_of
from schedules.clock import HOUR
from server import bulletins, listening, programmes
from server.area import AreaSettings
from server.lifecycle import BroadcastState
from server.refusals import NotHeard
from server.tune import Tune
from tests.web.stage import House, text_of
from tests.web.test_composing import GOOD

COMMUNE, HAMLET = "xa-03013", "thon-mau-ta-chai"
JINGLE = {"area": COMMUNE, "name": " Nhạc hiệu  xã ", "kind": "jingle", "rights": "UBND xã, tự thu"}
SIGNALS = {"area": COMMUNE, "chime": "1", "pause": "0,8", "times": "3", "again": "1"}


@pytest.fixture
def tune(house: House, editor: TestClient) -> Tune:
    """What an editor has added to the library of the commune."""
    return added(house, editor)


def added(house: House, browser: TestClient, content: bytes = b"RIFF jingle", **form: str) -> Tune:
    sent = browser.post("/thu-vien", data={**JINGLE, **form}, files={"file-tune": ("a.wav", content)})
    assert sent.status_code == 303, text_of(sent.text)
    with house.stores.open() as store:
        return max(store.library.along(["tinh-lao-cai", COMMUNE]), key=lambda each: each.id)


def acts(house: House) -> list[tuple[str, str]]:
    with house.stores.open() as store:
        return [(line.act, line.subject) for line in store.trail.lines()]


def test_a_sound_is_added_heard_and_taken_out_again(house: House, editor: TestClient, tune: Tune) -> None:
    assert (tune.name, tune.rights, tune.clip.language) == ("Nhạc hiệu xã", "UBND xã, tự thu", NO_LANGUAGE)
    below = text_of(editor.get(f"/thu-vien?khu_vuc={HAMLET}").text)
    assert "Nhạc hiệu xã" in below
    assert "UBND xã, tự thu" in below
    assert "Bỏ khỏi thư viện" not in below, "it stands in the library above"
    assert house.somebody("pheduyet").get(f"/am-thanh/{tune.clip.sha256}.mp3").status_code == 200
    assert editor.post("/thu-vien/bo", data={"tune": tune.id, "area": COMMUNE}).status_code == 303
    assert "Nhạc hiệu xã" not in text_of(editor.get(f"/thu-vien?khu_vuc={COMMUNE}").text)
    assert [("add_tune", tune.id), ("retire_tune", tune.id)] == [each for each in acts(house) if "tune" in each[0]]


@pytest.mark.parametrize(
    ("form", "content", "said"),
    [
        ({"name": ""}, b"RIFF x", "Trường này không được để trống"),
        ({"rights": " "}, b"RIFF x", "Trường này không được để trống"),
        ({"kind": "song"}, b"RIFF x", "chọn"),
        ({}, b"no sound", "âm thanh"),
        ({}, b"", "ghi"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_what_was_typed_stays(
    editor: TestClient, form: dict[str, str], content: bytes, said: str
) -> None:
    sent = editor.post("/thu-vien", data={**JINGLE, **form}, files={"file-tune": ("a.wav", content)})
    assert sent.status_code == 422
    assert "aria-invalid" in sent.text
    assert form.get("rights", "UBND xã") in sent.text


def test_the_whole_band_is_kept_where_somebody_wishes_it(house: House, editor: TestClient) -> None:
    asked: list[object] = []
    take = house.studio.take
    house.studio.take = lambda *given, **more: (asked.append(given[2]), take(*given, **more))[1]  # type: ignore[method-assign]
    added(house, editor, b"RIFF narrow")
    added(house, editor, b"RIFF wide", full="1")
    assert asked == [None, COLUMN]


def test_another_person_than_who_added_it_makes_it_a_chime(house: House, editor: TestClient, tune: Tune) -> None:
    chosen = {**SIGNALS, "chime-emergency": tune.id, "action": "set"}
    assert editor.post("/thu-vien/nhac-hieu", data=chosen).status_code == 403
    leader = house.somebody("pheduyet")
    assert leader.post("/thu-vien/nhac-hieu", data=chosen).status_code == 303
    with house.stores.open() as store:
        commune, hamlet = store.areas.find(COMMUNE), store.areas.find(HAMLET)
        assert commune is not None
        assert hamlet is not None
        assert commune.settings.chimes == {"emergency": tune.id}
        holds = store.areas.effective(hamlet)
        assert (holds.chime_pause_ms, holds.emergency_times, holds.again_after_ms) == (800, 3, 1_000)
        programmes.bring_up_to_date(store, house.clock.now)
        [chime] = [
            each
            for each in store.fleet.assignments(["loa-mau-6"])["loa-mau-6"].signals.chimes
            if each.announces == "emergency"
        ]
        assert chime.opening == tune.clip
        assert tune.clip.sha256 in programmes.desired(store, {}, {}, house.clock.now).clips
    own = added(house, leader, b"RIFF own", name="Của tôi")
    mine = leader.post("/thu-vien/nhac-hieu", data={**chosen, "chime-ordinary": own.id})
    assert mine.status_code == 403
    assert "phải có người khác chọn" in text_of(mine.text)
    assert leader.post("/thu-vien/nhac-hieu", data={"area": COMMUNE, "action": "inherit"}).status_code == 303
    with house.stores.open() as store:
        found = store.areas.find(COMMUNE)
        assert found is not None
        assert msgspec.structs.replace(found.settings, quiet_hours_off=None) == AreaSettings()


@pytest.mark.parametrize(("field", "typed"), [("pause", "11"), ("pause", "x"), ("again", "-1"), ("times", "9")])
def test_pauses_and_times_are_checked(house: House, field: str, typed: str) -> None:
    sent = house.somebody("pheduyet").post("/thu-vien/nhac-hieu", data={**SIGNALS, field: typed, "action": "set"})
    assert sent.status_code == 422
    assert f'id="error-{field}"' in sent.text


def test_a_bulletin_carries_its_own_opening_and_is_sealed_with_it(house: House, editor: TestClient, tune: Tune) -> None:
    sent = editor.post("/ban-tin/soan", data={**GOOD, "opening": tune.clip.sha256})
    broadcast = sent.headers["location"].split("/")[-1]
    house.approve(broadcast)
    assert "Phát trước lời" in text_of(editor.get(f"/ban-tin/{broadcast}").text)
    assert f'value="{tune.clip.sha256}" selected' in editor.get(f"/ban-tin/soan?mau={broadcast}").text
    with house.stores.open() as store:
        page = bulletins.page(store, house.person(store, "pheduyet"), broadcast)
        assert page.bulletin.opening == (tune.clip,)
        assert page.state is BroadcastState.approved
        programmes.bring_up_to_date(store, house.clock.now)
        slots = [s for p in store.fleet.programmes().values() for s in p.slots if s.broadcast == broadcast]
        assert {slot.opening for slot in slots} == {(tune.clip,)}
        store.broadcasts.add_bulletin(msgspec.structs.replace(page.bulletin, opening=()))
        changed = bulletins.page(store, house.person(store, "pheduyet"), broadcast)
        assert changed.state is BroadcastState.voided, "what stands around the words is approved with them"


def test_music_alone_plays_in_every_hamlet_whatever_it_speaks(house: House, editor: TestClient, tune: Tune) -> None:
    sent = editor.post("/ban-tin/soan", data={**GOOD, "text": "", "music": tune.clip.sha256})
    assert sent.status_code == 303, text_of(sent.text)
    broadcast = sent.headers["location"].split("/")[-1]
    waiting = house.somebody("pheduyet").get(f"/ban-tin/{broadcast}").text
    assert "Không lời (nhạc)" in text_of(waiting)
    with house.stores.open() as store:
        page = bulletins.page(store, house.person(store, "pheduyet"), broadcast)
        [variant] = page.bulletin.variants
        assert (variant.language, variant.clip) == (NO_LANGUAGE, tune.clip)
        seal = page.seal
        leader, later = house.person(store, "pheduyet"), house.clock.now + tune.clip.duration_ms
        with pytest.raises(NotHeard):
            bulletins.approve(store, leader, broadcast, seal, house.clock.now, [NO_LANGUAGE])
        listening.fetched(store, leader, broadcast, tune.clip.sha256, house.clock.now)
        listening.ended(store, leader, broadcast, seal, NO_LANGUAGE, later)
        bulletins.approve(store, leader, broadcast, seal, house.clock.now)
        programmes.bring_up_to_date(store, house.clock.now)
        assignment = store.fleet.assignments(["loa-mau-6"])["loa-mau-6"]
        [slot] = {s for p in store.fleet.programmes().values() for s in p.slots if s.broadcast == broadcast}
        assert [piece.clip for piece in pieces_of(slot, assignment)] == [tune.clip]


def test_what_is_in_no_library_of_theirs_is_not_offered(house: House, editor: TestClient, tune: Tune) -> None:
    sent = editor.post("/ban-tin/soan", data={**GOOD, "opening": "0" * 64})
    assert sent.status_code == 422
    assert 'id="error-opening"' in sent.text or "aria-invalid" in sent.text
    assert editor.post("/thu-vien/bo", data={"tune": tune.id, "area": COMMUNE}).status_code == 303
    assert editor.post("/ban-tin/soan", data={**GOOD, "music": tune.clip.sha256}).status_code == 422


def test_what_a_hamlet_hears_is_shown_with_its_chimes(house: House, editor: TestClient, tune: Tune) -> None:
    with house.stores.open() as store:
        for name in ("ordinary", "closing"):
            store.library.keep_built_in(name, tune.clip.sha256)
    words = house.write("Họp", at=house.clock.now + HOUR, targets=(HAMLET,))
    house.approve(words)
    page = editor.get(f"/nghe/{HAMLET}")
    assert page.status_code == 200
    assert page.text.count(f"/am-thanh/{tune.clip.sha256}.mp3") >= 2
    assert "Nhạc hiệu" in text_of(page.text)

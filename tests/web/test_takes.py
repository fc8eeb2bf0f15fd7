"""Takes at the server: chunks in any order and twice, who may touch them, how much there may be, and what becomes of them.

Imported by pytest alone.
"""

import struct
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from schedules.clock import DAY
from server import take
from server.take import KEPT_FOR, LARGEST_CHUNK, LARGEST_TAKE, MOST_OF_ONE, ChunkFault, Purpose, Take
from server.take_room import TakeRoom
from tests.web.stage import House, text_of

ONE, TWO, THREE = "1" * 32, "2" * 32, "3" * 32
BYTES = {"content-type": "application/octet-stream"}
SOUND = [b"RIFF first ", b"second ", b"third"]


def begin(browser: TestClient, name: str = ONE, language: str = "vi") -> int:
    return browser.post(f"/thu-am/{name}", data={"language": language, "purpose": "bulletin"}).status_code


def put(browser: TestClient, number: int, content: bytes, name: str = ONE) -> int:
    return browser.post(f"/thu-am/{name}/{number}/doan", content=content, headers=BYTES).status_code


def record(browser: TestClient, name: str = ONE, chunks: list[bytes] = SOUND, language: str = "vi") -> None:
    assert begin(browser, name, language) == 204
    for number, content in enumerate(chunks):
        assert put(browser, number, content, name) == 204


def clip_in(answer: str) -> str:
    return answer.split('data-clip="')[1].split('"', 1)[0]


def test_chunks_come_in_any_order_and_twice_and_make_one_recording(house: House, editor: TestClient) -> None:
    assert begin(editor) == begin(editor) == 204
    for number in (2, 0, 2, 1, 0):
        assert put(editor, number, SOUND[number]) == 204
    answer = editor.post(f"/thu-am/{ONE}/xong", data={"total": "3"})
    assert answer.status_code == 200
    name = clip_in(answer.text)
    assert (house.archive.folder / f"{name}.opus").read_bytes() == b"".join(SOUND)
    assert editor.get(f"/am-thanh/{name}.mp3").status_code == 200
    assert house.somebody("pheduyet").get(f"/am-thanh/{name}.mp3").status_code == 404


def test_another_chunk_of_the_same_number_does_not_take_the_place_of_the_first(editor: TestClient) -> None:
    record(editor)
    assert put(editor, 1, b"something else") == 409
    assert put(editor, 1, SOUND[1]) == 204


def test_what_has_not_come_is_waited_for_and_what_came_is_offered(house: House, editor: TestClient) -> None:
    begin(editor)
    put(editor, 0, SOUND[0])
    put(editor, 2, SOUND[2])
    answer = editor.post(f"/thu-am/{ONE}/xong", data={"total": "3"})
    assert (answer.status_code, "chưa nhận đủ" in answer.text) == (409, True)
    assert f'data-take="{ONE}"' in editor.get("/ban-tin/soan").text
    assert f'data-take="{ONE}"' in editor.get("/thu-am/dang-do?ngon_ngu=vi").text
    assert f'data-take="{ONE}"' not in editor.get("/thu-am/dang-do?ngon_ngu=mww").text
    assert f'data-take="{ONE}"' not in house.somebody("pheduyet").get("/ban-tin/soan").text
    used = editor.post("/ban-tin/soan", data={"take-vi": ONE, "title": "Họp"})
    assert (used.status_code, 'value="Họp"' in used.text) == (200, True)
    [kept] = house.archive.folder.glob("*.opus")
    assert kept.read_bytes() == SOUND[0]  # what lies behind a gap is no sound
    assert f'name="recording-vi" value="{kept.stem}"' in used.text
    assert "unfinished" not in editor.get("/thu-am/dang-do?ngon_ngu=vi").text


def test_what_is_refused_is_told_in_words_and_stays(house: House, editor: TestClient) -> None:
    record(editor, chunks=[b"no sound"])
    answer = editor.post(f"/thu-am/{ONE}/xong", data={"total": "1"})
    assert (answer.status_code, "không phải bản ghi âm" in answer.text) == (422, True)
    assert f'data-take="{ONE}"' in editor.get("/ban-tin/soan").text
    assert editor.post(f"/thu-am/{ONE}/bo").status_code == 204
    assert f'data-take="{ONE}"' not in editor.get("/ban-tin/soan").text
    assert list((house.desk.settings.data_folder / "takes").iterdir()) == []


def test_it_is_cut_mended_and_undone(house: House, editor: TestClient) -> None:
    record(editor)
    record(editor, TWO, [b"RIFF anew"])
    whole = clip_in(editor.post(f"/thu-am/{ONE}/xong", data={"total": "3"}).text)
    cut = editor.post(f"/thu-am/{ONE}/cat", data={"from": "500", "to": "1500"})
    assert 'data-length="1000"' in cut.text
    anew = editor.post(f"/thu-am/{ONE}/thay", data={"from": "200", "to": "400", "by": TWO, "total": "1"})
    assert 'data-length="2800"' in anew.text  # the new part is two seconds
    undone = editor.post(f"/thu-am/{ONE}/hoan-tac")
    assert clip_in(undone.text) == clip_in(cut.text)
    again = editor.post(f"/thu-am/{ONE}/hoan-tac")
    assert 'data-length="2000"' in again.text
    assert whole != clip_in(cut.text)
    nothing = editor.post(f"/thu-am/{ONE}/cat", data={"from": "300", "to": "300"})
    assert (nothing.status_code, "ngắn hơn" in nothing.text) == (422, True)


def test_nobody_touches_what_somebody_else_records(house: House, editor: TestClient) -> None:
    record(editor)
    editor.post(f"/thu-am/{ONE}/xong", data={"total": "3"})
    colleague = house.somebody("pheduyet")
    assert begin(colleague) == 404
    assert put(colleague, 3, b"x") == 404
    record(colleague, TWO, [b"RIFF mine"])
    for deed, data in (
        ("xong", {}),
        ("cat", {"from": "0", "to": "900"}),
        ("thay", {"from": "0", "to": "500", "by": TWO}),
        ("hoan-tac", {}),
        ("bo", {}),
    ):
        assert colleague.post(f"/thu-am/{ONE}/{deed}", data=data).status_code == 404, deed
    assert editor.post(f"/thu-am/{ONE}/thay", data={"from": "0", "to": "500", "by": TWO}).status_code == 404
    assert colleague.post("/ban-tin/soan", data={"take-vi": ONE}).status_code == 404


@pytest.mark.parametrize("name", ["x", "..", "%2e%2e%2fclips", "A" * 32, "1" * 31, "1" * 33, "é" * 32])
def test_a_name_that_is_none_leads_nowhere(house: House, editor: TestClient, name: str) -> None:
    assert begin(editor, name) in (404, 405)
    assert put(editor, 0, b"x", name) in (404, 405)
    assert list((house.desk.settings.data_folder / "takes").iterdir()) == []


def test_a_chunk_beyond_the_limits_is_refused_and_costs_nothing(house: House, editor: TestClient) -> None:
    begin(editor)
    assert put(editor, 0, bytes(LARGEST_CHUNK + 1)) == 413
    assert put(editor, 0, b"") == 413
    assert put(editor, take.MOST_CHUNKS, b"x") == 404
    assert list((house.desk.settings.data_folder / "takes").glob("*/*")) == []


def test_a_take_and_a_persons_takes_have_an_end(tmp_path: Path) -> None:
    room = TakeRoom(tmp_path / "takes")
    mebibyte = bytes(LARGEST_CHUNK)
    for number in range(LARGEST_TAKE // LARGEST_CHUNK):
        assert room.put(ONE, number, mebibyte, [ONE]) is None
    assert room.put(ONE, 25, b"x", [ONE]) is ChunkFault.too_large
    assert TakeRoom(tmp_path / "takes").put(ONE, 25, b"x", [ONE]) is ChunkFault.too_large  # also after a restart
    assert take.fits(10, 0, take.LARGEST_OF_ONE - 10)
    assert not take.fits(10, 0, take.LARGEST_OF_ONE - 9)
    assert room.put(TWO, 0, b"x", [ONE] * 8) is ChunkFault.too_large


def test_a_disk_that_is_nearly_full_is_left_alone(tmp_path: Path) -> None:
    assert TakeRoom(tmp_path, reserve=1 << 60).put(ONE, 0, b"x", [ONE]) is ChunkFault.no_room
    assert list(tmp_path.iterdir()) == []


def test_nobody_heaps_up_takes_and_old_ones_go(house: House, editor: TestClient) -> None:
    record(editor)
    with house.stores.open() as store:
        for number in range(1, MOST_OF_ONE):
            store.takes.keep(Take(f"{number:032x}", "bientap", Purpose.bulletin, "vi", house.clock.now))
    answer = editor.post(f"/thu-am/{TWO}", data={"language": "vi"})
    assert (answer.status_code, "quá nhiều bản ghi" in answer.text) == (409, True)
    house.clock.now += KEPT_FOR + DAY
    fresh = house.somebody("bientap")
    assert begin(fresh, TWO) == 204
    with house.stores.open() as store:
        assert store.takes.find(ONE) is None
    assert not (house.desk.settings.data_folder / "takes" / ONE).exists()


def test_a_language_that_nobody_speaks_is_not_recorded(editor: TestClient) -> None:
    assert begin(editor, language="xx") == 404


def test_every_deed_is_in_the_audit(house: House, editor: TestClient) -> None:
    record(editor)
    editor.post(f"/thu-am/{ONE}/xong", data={"total": "3"})
    editor.post(f"/thu-am/{ONE}/cat", data={"from": "0", "to": "900"})
    editor.post(f"/thu-am/{ONE}/bo")
    with house.stores.open() as store:
        acts = [line.act for line in store.trail.lines() if line.subject == ONE]
    assert acts == ["record", "record_end", "record_cut", "record_drop"]


def test_the_form_offers_the_recorder_and_the_file_field(editor: TestClient) -> None:
    page = editor.get("/ban-tin/soan").text
    assert page.count("data-recorder=") == page.count('type="file"') > 3
    assert 'data-recorder="vi" data-staff="bientap"' in page
    assert "Đây là nhạc" in text_of(page)


def test_a_sound_of_chunks_is_no_larger_bomb_than_a_file(editor: TestClient) -> None:
    """Rates and lengths that a header claims are the decoder's business; here nothing is read of them."""
    bomb = b"RIFF" + struct.pack("<I", 2**32 - 1)
    record(editor, chunks=[bomb])
    assert editor.post(f"/thu-am/{ONE}/xong", data={"total": "99999999"}).status_code == 409
    assert editor.post(f"/thu-am/{ONE}/xong", data={"total": "-1"}).status_code == 200

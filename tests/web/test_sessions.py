"""The recording session of the phrase bank: who may record for whom, what the server says of each take, and the way
without a script.

Imported by pytest alone.
"""

import wave
from array import array
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from audio.phrase_take import TAKE_RATE
from audio.sample_announcer import Announcer, say
from server import phrases, presenters
from server.phrase import Presenter
from tests.store.phrase_stage import edition, presenter
from tests.web.stage import House
from tests.web.test_takes import BYTES

ONE = "1" * 32


@pytest.fixture
def who(house: House) -> Presenter:
    """A Mông presenter with consent on file, and something to record."""
    with house.stores.open() as store:
        edition(store)
        return presenter(store)


def said(folder: Path, words: int, *, loud: float = 1.0) -> bytes:
    """A WAV of so many words by nobody."""
    samples = array("h", (round(sample * loud) for sample in say(Announcer(220), words)))
    with wave.open(str(folder / "said.wav"), "wb") as file:
        file.setparams((1, 2, TAKE_RATE, 0, "NONE", ""))
        file.writeframes(samples.tobytes())
    return (folder / "said.wav").read_bytes()


def prompts(house: House, who: Presenter) -> tuple[phrases.PromptState, ...]:
    with house.stores.open() as store:
        return phrases.session(store, house.person(store, "bientap"), "mww", who.id).prompts


def spoken(editor: TestClient, content: bytes, name: str = ONE) -> None:
    half = len(content) // 2
    assert editor.post(f"/thu-am/{name}", data={"language": "mww", "purpose": "bank"}).status_code == 204
    for number, part in enumerate((content[:half], content[half:])):
        assert editor.post(f"/thu-am/{name}/{number}/doan", content=part, headers=BYTES).status_code == 204


def test_a_prompt_is_recorded_judged_and_kept_once(
    house: House, editor: TestClient, who: Presenter, tmp_path: Path
) -> None:
    first = prompts(house, who)[0].prompt
    spoken(editor, said(tmp_path, first.words))
    form = {"presenter": who.id, "unit": first.key, "total": "2"}
    answer = editor.post(f"/ngan-hang-cau/mww/ghi-am/{ONE}", data=form).json()
    assert (answer["kept"], answer["recorded"], answer["says"]) == (True, 1, "")
    assert answer["all"] == len(prompts(house, who))
    again = editor.post(f"/ngan-hang-cau/mww/ghi-am/{ONE}", data=form).json()
    assert (again["kept"], again["recorded"]) == (True, 1)
    state = prompts(house, who)[0]
    assert state.take is not None
    assert house.takes.has(state.take.file)
    page = editor.get(f"/ngan-hang-cau/mww/ghi-am?nguoi={who.id}").text
    assert "<span data-recorded>1</span>" in page
    assert f'data-wanted="{prompts(house, who)[1].prompt.key}"' in page
    assert editor.get("/ban-tin/soan").text.count("unfinished card") == 0


def test_what_is_wrong_with_a_take_is_told_at_once_and_it_is_not_kept(
    house: House, editor: TestClient, who: Presenter, tmp_path: Path
) -> None:
    first = prompts(house, who)[0].prompt
    spoken(editor, said(tmp_path, first.words, loud=0.01))
    form = {"presenter": who.id, "unit": first.key, "total": "2"}
    answer = editor.post(f"/ngan-hang-cau/mww/ghi-am/{ONE}", data=form).json()
    assert not answer["kept"]
    assert answer["says"].strip()
    assert prompts(house, who)[0].take is None
    form["total"] = "3"
    assert editor.post(f"/ngan-hang-cau/mww/ghi-am/{ONE}", data=form).status_code == 409


def test_without_consent_on_file_nothing_is_recorded(
    house: House, editor: TestClient, who: Presenter, tmp_path: Path
) -> None:
    first = prompts(house, who)[0].prompt
    with house.stores.open() as store:
        presenters.withdraw(store, house.person(store, "bientap"), who.id, "", house.clock.now)
    assert who.name not in editor.get("/ngan-hang-cau/mww/ghi-am").text
    assert "giấy đồng ý" in editor.get("/ngan-hang-cau/mww/ghi-am").text
    assert editor.get(f"/ngan-hang-cau/mww/ghi-am?nguoi={who.id}").status_code == 403
    spoken(editor, said(tmp_path, first.words))
    form = {"presenter": who.id, "unit": first.key, "total": "2"}
    assert editor.post(f"/ngan-hang-cau/mww/ghi-am/{ONE}", data=form).status_code == 403
    assert editor.get("/ngan-hang-cau/mww/ghi-am?nguoi=pt-none").status_code == 404
    assert editor.get(f"/ngan-hang-cau/ium/ghi-am?nguoi={who.id}").status_code == 404
    assert editor.get("/ngan-hang-cau/xx/ghi-am").status_code == 404


def test_nobody_keeps_a_take_of_somebody_else(house: House, editor: TestClient, who: Presenter, tmp_path: Path) -> None:
    first = prompts(house, who)[0].prompt
    spoken(editor, said(tmp_path, first.words))
    form = {"presenter": who.id, "unit": first.key, "total": "2"}
    assert house.somebody("pheduyet").post(f"/ngan-hang-cau/mww/ghi-am/{ONE}", data=form).status_code == 404
    assert prompts(house, who)[0].take is None


def test_a_file_does_it_without_a_script(house: House, editor: TestClient, who: Presenter, tmp_path: Path) -> None:
    first = prompts(house, who)[0].prompt
    form = {"presenter": who.id, "unit": first.key}
    path = "/ngan-hang-cau/mww/ghi-am"
    none = editor.post(path, data=form, files={"file-take": ("a.wav", b"", "audio/wav")})
    assert (none.status_code, "chọn tệp âm thanh" in none.text) == (422, True)
    wrong = editor.post(path, data=form, files={"file-take": ("a.wav", b"no sound", "audio/wav")})
    assert (wrong.status_code, "không phải bản ghi âm" in wrong.text) == (422, True)
    right = editor.post(path, data=form, files={"file-take": ("a.wav", said(tmp_path, first.words), "audio/wav")})
    assert (right.status_code, right.headers["location"]) == (303, f"{path}?nguoi={who.id}")
    assert prompts(house, who)[0].take is not None

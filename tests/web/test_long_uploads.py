"""A recording that takes minutes to master: the page does not wait, the file is kept, and is used when it is ready.

Nobody imports this module.
"""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx2
import pytest
from starlette.testclient import TestClient

from audio.mastering import Preset
from audio.refusal import MasteringError, MasteringFault
from server.clip_archive import ClipArchive
from server.masterings import Masterings
from server.originals import Upload
from server.studio import Rendered
from tests.waiting import eventually
from tests.web.fake_studio import FakeStudio
from tests.web.stage import House, text_of
from tests.web.test_composing import GOOD

FILE = {"file-mww": ("hop thon.wav", b"RIFF an hour of speech", "audio/wav")}
FORM = {name: value for name, value in GOOD.items() if name != "action"}


class SlowStudio(FakeStudio):
    """Masters when it is allowed to. `times`: how often it was asked."""

    def __init__(self, archive: ClipArchive) -> None:
        super().__init__(archive)
        self.allowed, self.done, self.times = threading.Event(), threading.Event(), 0
        self.keeps: Callable[[Upload], None] = lambda _upload: None

    def take(self, upload: Upload, language: str, preset: Preset | None = None, *, music: bool = False) -> Rendered:
        self.times += 1
        assert self.allowed.wait(20)
        try:
            made = super().take(upload, language, preset, music=music)
            self.keeps(upload)
            return made
        finally:
            self.done.set()


@pytest.fixture
def slow(tmp_path: Path, sample: Path) -> Iterator[House]:
    house = House(tmp_path, sample, studio=SlowStudio, patience_s=0.05)
    yield house
    house.studio.allowed.set()  # type: ignore[attr-defined]
    house.close()


def sent(editor: TestClient) -> httpx2.Response:
    return editor.post("/ban-tin/soan", data={**FORM, "action": "upload"}, files=FILE)


def take_in(html: str) -> str:
    return html.split('name="take-mww" value="')[1].split('"', maxsplit=1)[0]


def used(editor: TestClient, take: str) -> httpx2.Response:
    return editor.post("/ban-tin/soan", data={**FORM, "action": "upload", "take-mww": take})


def clip_in(html: str) -> str:
    return html.split('name="recording-mww" value="')[1].split('"', maxsplit=1)[0]


def test_the_page_does_not_wait_and_the_file_is_used_when_it_is_ready(slow: House) -> None:
    editor, studio = slow.somebody("bientap"), slow.studio
    page = sent(editor)
    assert "Bản ghi này dài" in text_of(page.text)
    assert "Tệp dài tải lên" in text_of(page.text)
    assert FORM["text"] in page.text, "the form is still there"
    early = used(editor, take_in(page.text))
    assert "Bản ghi này dài" in text_of(early.text)
    assert clip_in(early.text) == ""
    studio.allowed.set()  # type: ignore[attr-defined]
    eventually(studio.done.is_set)  # type: ignore[attr-defined]
    eventually(lambda: clip_in(used(editor, take_in(page.text)).text) != "")
    assert "Tệp dài tải lên" not in text_of(editor.get("/ban-tin/soan").text)


def test_it_is_mastered_once_however_often_somebody_asks(slow: House) -> None:
    editor = slow.somebody("bientap")
    take = take_in(sent(editor).text)
    used(editor, take)
    sent(editor)
    assert slow.studio.times == 1  # type: ignore[attr-defined]


def test_sent_again_when_it_is_ready_it_is_used_and_no_longer_waits(slow: House) -> None:
    editor, studio = slow.somebody("bientap"), slow.studio
    studio.keeps = slow.originals.keep  # type: ignore[attr-defined]
    take = take_in(sent(editor).text)
    studio.allowed.set()  # type: ignore[attr-defined]
    eventually(studio.done.is_set)  # type: ignore[attr-defined]
    eventually(lambda: clip_in(sent(editor).text) != "")
    assert take not in editor.get("/ban-tin/soan").text, "it is finished, and can be cut"


def test_a_server_that_was_killed_meanwhile_still_has_the_file(slow: House) -> None:
    editor = slow.somebody("bientap")
    take = take_in(sent(editor).text)
    slow.studio.allowed.set()  # type: ignore[attr-defined]
    slow.desk.masterings._going.clear()  # as after a start: it knows of nothing
    eventually(lambda: clip_in(used(editor, take).text) != "")


def test_what_nobody_can_use_is_told_when_it_is_known(slow: House, tmp_path: Path) -> None:
    path = tmp_path / "letter.doc"
    path.write_bytes(b"no sound at all")
    masterings = Masterings(slow.studio, slow.originals, 10)
    slow.studio.allowed.set()  # type: ignore[attr-defined]
    with pytest.raises(MasteringError) as told:
        masterings.take(slow.originals.taken(path), "mww")
    assert told.value.fault is MasteringFault.not_sound


def test_nobody_else_is_offered_the_file(slow: House) -> None:
    take = take_in(sent(slow.somebody("bientap")).text)
    other = slow.somebody("pheduyet")
    assert take not in other.get("/ban-tin/soan").text
    assert used(other, take).status_code == 404

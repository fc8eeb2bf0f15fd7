"""A long text in a real browser: how far it is, and then its sound and picture, with scripts and without; and a doubt.

Nobody imports this module.
"""

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, expect

from audio.narrator import narrator_of
from audio.speech_check import compare
from audio.voice import Progress, unheeded
from audio.voices.espeak_voice import EspeakVoice
from server.clip_archive import ClipArchive
from server.originals import Originals
from server.studio import Rendered, Studio
from tests.browser.conftest import Visitor
from tests.browser.serving import serving
from tests.web.stage import House

PHONE = {"viewport": {"width": 320, "height": 700}}
DESK = {"viewport": {"width": 1200, "height": 900}}
TEXT = "Kính thưa bà con. Thôn ta họp lúc 19h30 tối nay. Xin mời."


class Waiting(Studio):
    """The real studio, that stops after three of seven sentences until it is allowed to go on."""

    allowed = threading.Event()

    def speak(self, words: str, language: str, progress: Progress = unheeded, *, urgent: bool = False) -> Rendered:
        progress(3, 7)
        assert self.allowed.wait(30)
        return super().speak(words, language, progress, urgent=urgent)


@pytest.fixture
def slow(tmp_path: Path, sample: Path) -> Iterator[tuple[Waiting, str]]:
    missing = [tool for tool in ("espeak-ng", "ffmpeg") if shutil.which(tool) is None]
    if missing:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(f"missing: {missing}")

    def studio(archive: ClipArchive) -> Studio:
        return Waiting(narrator_of([EspeakVoice()], tmp_path / "kept"), archive, Originals(tmp_path / "originals"))

    house = House(tmp_path, sample, studio=studio, patience_s=0.1)
    made: Waiting = house.studio  # type: ignore[assignment]
    made.allowed = threading.Event()
    with serving(house) as address:
        yield made, address
        made.allowed.set()
    house.close()


def picture(page: object, name: str) -> None:
    """Kept where `LOABAN_PICTURES` says, to be looked at."""
    if folder := os.environ.get("LOABAN_PICTURES"):
        page.screenshot(path=Path(folder, f"{name}.png"), full_page=True)  # type: ignore[attr-defined]


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_the_open_form_shows_how_far_a_text_is_and_then_its_sound(
    slow: tuple[Waiting, str], context_of: Callable[..., BrowserContext], size: dict[str, object]
) -> None:
    studio, address = slow
    visitor = Visitor(context_of(**size), address).sign_in("bientap")
    page = visitor.go("/ban-tin/soan")
    page.fill("#text", TEXT)
    page.click("text=Nghe thử")
    expect(page.locator("#heard progress")).to_have_attribute("value", "3", timeout=15_000)
    expect(page.locator("#heard")).to_contain_text("3/7 câu")
    picture(page, f"progress-{page.viewport_size['width']}")  # type: ignore[index]
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    studio.allowed.set()
    page.locator("#heard audio").wait_for(timeout=20_000)
    expect(page.locator("#heard progress")).to_have_count(0)
    wave = page.locator("#heard img.wave")
    wave.scroll_into_view_if_needed()
    page.wait_for_function("document.querySelector('#heard img.wave').naturalWidth > 0")
    picture(page, f"heard-{page.viewport_size['width']}")  # type: ignore[index]
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.input_value("#text") == TEXT
    assert visitor.complaints == []


def test_without_scripts_another_tab_looks_again_by_itself(
    slow: tuple[Waiting, str], context_of: Callable[..., BrowserContext]
) -> None:
    studio, address = slow
    context = context_of(java_script_enabled=False, **PHONE)
    page = Visitor(context, address).sign_in("bientap").go("/ban-tin/soan")
    page.fill("#text", TEXT)
    page.click("text=Nghe thử")
    with context.expect_page() as opened:
        page.click("text=Xem tiến độ")
    other = opened.value
    expect(other.locator("progress")).to_have_attribute("value", "3")
    picture(other, "progress-alone")
    studio.allowed.set()
    other.locator("audio").wait_for(timeout=20_000)
    assert page.input_value("#text") == TEXT


def test_a_doubted_sound_is_marked_ticked_and_sent(
    house: House, address: str, context_of: Callable[..., BrowserContext]
) -> None:
    said = "kính thưa bà con. thôn ta họp lúc mười chín giờ ba mươi tối nay. xin mời."
    house.studio.doubts[said] = compare(said, "kính thưa bà con hôm nay trời mưa rất to", "ear")
    visitor = Visitor(context_of(**PHONE), address).sign_in("bientap")
    page = visitor.go("/ban-tin/soan")
    page.fill("#title", "Họp thôn")
    page.fill("#text", TEXT)
    page.click("text=Gửi phê duyệt")
    expect(page.locator("#error-text")).to_contain_text("đề nghị tự nghe", ignore_case=True)
    expect(page.locator("#heard mark").first).to_have_text("thôn")
    picture(page, "doubted")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.check("text=Tôi đã nghe: âm thanh đọc đúng lời")
    page.click("text=Gửi phê duyệt")
    page.wait_for_url("**/ban-tin/ps-*")
    picture(page, "doubted-sent")
    expect(page.locator("mark").first).to_have_text("thôn")

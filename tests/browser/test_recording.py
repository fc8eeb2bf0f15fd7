"""Recording in a real browser, with a microphone into which a file speaks: what arrives, what a dead tab and a cut link
leave, and where there is no microphone.

Nobody imports this module.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect

from audio.decoding import decode
from audio.mastering import measure
from server.originals import Originals
from server.studio import Studio
from tests.browser.conftest import Visitor
from tests.browser.microphones import length, listening, speech
from tests.browser.serving import serving
from tests.browser.test_narrations import picture
from tests.store.test_studio import Whistle
from tests.waiting import eventually
from tests.web.stage import House

PHONE = {"viewport": {"width": 320, "height": 700}}
PANEL = '[data-recorder="vi"]'
MADE = '[data-taken="vi"] [data-clip]'

Open = Callable[..., Page]


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> Path:
    missing = [tool for tool in ("espeak-ng", "ffmpeg", "chromium") if shutil.which(tool) is None]
    if missing:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(f"missing: {missing}")
    return speech(tmp_path_factory.mktemp("said") / "said.wav")


@pytest.fixture(scope="module")
def ear(playwright: Playwright, said: Path) -> Iterator[Browser]:
    with listening(playwright, said, "--use-fake-ui-for-media-stream") as browser:
        yield browser


@pytest.fixture
def desk(tmp_path: Path, sample: Path) -> Iterator[House]:
    def studio(archive: Any) -> Studio:
        return Studio(Whistle(), archive, Originals(tmp_path / "originals"))

    house = House(tmp_path, sample, demo=True, studio=studio)
    yield house
    house.close()


@pytest.fixture
def served(desk: House) -> Iterator[str]:
    with serving(desk) as address:
        yield address


def profile(browser: Browser, **more: Any) -> BrowserContext:
    return browser.new_context(locale="vi-VN", timezone_id="Asia/Ho_Chi_Minh", **more)


def opened(context: BrowserContext, address: str) -> Visitor:
    """The form, with the place for a recording in Vietnamese open."""
    visitor = Visitor(context, address).sign_in("bientap")
    form(visitor)
    return visitor


def form(visitor: Visitor) -> Page:
    page = visitor.go("/ban-tin/soan")
    if not page.locator(PANEL).is_visible():
        page.locator('details:has([data-recorder="vi"]) > summary').click()
    return page


def spoken(page: Page, seconds: float) -> None:
    """Press the button, and speak for so long."""
    page.locator(f'{PANEL} [data-do="record"]').click()
    at = f"{int(seconds // 60)}:{int(seconds % 60):02d}"
    expect(page.locator(f"{PANEL} [data-elapsed]")).to_have_text(at, timeout=15_000)


def stop(page: Page) -> None:
    page.locator(f'{PANEL} [data-do="stop"]').click()


def clip(house: House, page: Page) -> Path:
    name = page.locator(MADE).get_attribute("data-clip") or ""
    assert page.locator('[name="recording-vi"]').input_value() == name
    return house.archive.folder / f"{name}.opus"


def seconds(path: Path, folder: Path) -> float:
    decode(path, folder / "measured.wav")
    return length(folder / "measured.wav")


def originals(house: House) -> list[Path]:
    return [path for path in house.originals.folder.iterdir() if path.is_file()]


def test_what_is_spoken_arrives_while_it_is_spoken_and_is_used(
    ear: Browser, desk: House, served: str, tmp_path: Path, said: Path
) -> None:
    visitor = opened(profile(ear, **PHONE), served)
    page = visitor.page
    spoken(page, 4)
    eventually(lambda: len(list((tmp_path / "takes").glob("*/*"))) >= 2, what="chunks before the end")
    expect(page.locator(f"{PANEL} [data-level]")).not_to_have_js_property("value", 0)
    expect(page.locator(f"{PANEL} [data-status]")).to_have_text("Đủ to.")
    picture(page, "recording")
    stop(page)
    page.locator(MADE).wait_for(timeout=20_000)
    made = clip(desk, page)
    [original] = originals(desk)
    assert 3.5 < seconds(original, tmp_path) < 6
    assert 3 < seconds(made, tmp_path) < 6
    assert abs(measure(made).integrated + 16) < 0.6
    assert abs(measure(original).integrated - measure(said).integrated) < 8  # the browser levels voices itself
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    picture(page, "recorded")
    page.fill("#title", "Họp thôn")
    page.click("text=Lưu nháp")
    page.wait_for_url("**/ban-tin/soan?nhap=*")
    assert clip(desk, page) == made
    assert visitor.complaints == []

"""Recording in a real browser, with a microphone into which a file speaks: what arrives, what a dead tab and a cut link
leave, and where there is no microphone.

Nobody imports this module.
"""

import contextlib
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Page, Playwright, expect

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
    place = page.locator('details:has([data-recorder="vi"])')
    if place.get_attribute("open") is None:  # what an earlier visit left unfinished opens it
        place.locator("> summary").click()
    return page


def spoken(page: Page, seconds: float) -> None:
    """Press the button, and speak for so long."""
    page.locator(f'{PANEL} [data-do="record"]').click()
    at = f"{int(seconds // 60)}:{int(seconds % 60):02d}"
    expect(page.locator(f"{PANEL} [data-elapsed]")).to_have_text(at, timeout=30_000)


def stop(page: Page) -> None:
    page.locator(f'{PANEL} [data-do="stop"]').click()


def elapsed(page: Page) -> int:
    """Seconds that the clock beside the button shows: how long was really spoken, however slow the machine was."""
    minutes, rest = page.locator(f"{PANEL} [data-elapsed]").inner_text().split(":")
    return int(minutes) * 60 + int(rest)


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
    page.locator(MADE).wait_for(timeout=60_000)
    made = clip(desk, page)
    [original] = originals(desk)
    assert abs(seconds(original, tmp_path) - elapsed(page)) < 2
    assert 3 < seconds(made, tmp_path) < elapsed(page) + 2
    assert abs(measure(made).integrated + 16) < 0.6
    assert abs(measure(original).integrated - measure(said).integrated) < 8  # the browser levels voices itself
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    picture(page, "recorded")
    page.fill("#title", "Họp thôn")
    page.click("text=Lưu nháp")
    page.wait_for_url("**/ban-tin/soan?nhap=*")
    assert clip(desk, page) == made
    assert visitor.complaints == []


def test_a_tab_that_dies_loses_nothing_of_what_was_spoken(
    ear: Browser, desk: House, served: str, tmp_path: Path
) -> None:
    context = profile(ear, **PHONE)
    page = opened(context, served).page
    spoken(page, 5)
    eventually(lambda: len(list((tmp_path / "takes").glob("*/*"))) >= 4, what="four chunks")
    with page.expect_event("crash"), contextlib.suppress(Error):
        page.goto("chrome://crash")
    again = Visitor(context, served)
    page = form(again)
    card = page.locator('[data-unfinished="vi"] .unfinished')
    expect(card).to_contain_text("chưa hoàn tất")
    picture(page, "unfinished")
    card.get_by_text("Dùng bản ghi này").click()
    page.locator(MADE).wait_for(timeout=60_000)
    assert seconds(clip(desk, page), tmp_path) >= 3.5
    expect(card).to_have_count(0)


def test_what_a_dead_tab_left_can_be_used_without_scripts_too(
    ear: Browser, desk: House, served: str, tmp_path: Path
) -> None:
    page = opened(profile(ear), served).page
    spoken(page, 4)
    eventually(lambda: len(list((tmp_path / "takes").glob("*/*"))) >= 3, what="three chunks")
    page.close()
    plain = Visitor(profile(ear, java_script_enabled=False), served).sign_in("bientap").go("/ban-tin/soan")
    assert not plain.locator(PANEL).is_visible()
    assert plain.locator("#file-vi").is_visible()
    plain.click("text=Dùng bản ghi này")
    name = plain.locator('[name="recording-vi"]').input_value()
    assert seconds(desk.archive.folder / f"{name}.opus", tmp_path) >= 2.5


def test_a_link_that_breaks_while_somebody_speaks_loses_nothing(
    ear: Browser, desk: House, served: str, tmp_path: Path
) -> None:
    context = profile(ear)
    page = opened(context, served).page
    spoken(page, 2)
    context.set_offline(True)
    status = page.locator(f"{PANEL} [data-status]")
    expect(status).to_contain_text("Mất mạng", timeout=10_000)
    expect(page.locator(f"{PANEL} [data-elapsed]")).to_have_text("0:06", timeout=30_000)
    stop(page)
    expect(status).to_contain_text("Mất mạng")
    picture(page, "offline")
    assert page.locator(MADE).count() == 0
    context.set_offline(False)
    page.locator(MADE).wait_for(timeout=60_000)
    assert seconds(clip(desk, page), tmp_path) >= 5


def test_link_and_tab_both_gone_the_device_itself_has_kept_it(
    ear: Browser, desk: House, served: str, tmp_path: Path
) -> None:
    context = profile(ear)
    page = opened(context, served).page
    spoken(page, 2)
    context.set_offline(True)
    expect(page.locator(f"{PANEL} [data-elapsed]")).to_have_text("0:06", timeout=30_000)
    page.close()
    there = len(list((tmp_path / "takes").glob("*/*")))
    assert there < 4
    context.set_offline(False)
    page = form(Visitor(context, served))
    page.locator('[data-unfinished="vi"] [data-do="use"]').click()
    page.locator(MADE).wait_for(timeout=60_000)
    assert seconds(clip(desk, page), tmp_path) >= 4


def test_it_is_cut_and_a_part_is_said_anew(ear: Browser, desk: House, served: str, tmp_path: Path) -> None:
    visitor = opened(profile(ear, **PHONE), served)
    page = visitor.page
    spoken(page, 6)
    stop(page)
    page.locator(MADE).wait_for(timeout=60_000)
    first = clip(desk, page)
    whole = seconds(first, tmp_path)
    page.get_by_text("Cắt bớt hoặc ghi lại một đoạn").click()
    page.locator("[data-from]").fill("1.0")
    page.locator("[data-to]").fill("4.0")
    assert float(page.locator("[data-left]").get_attribute("width") or 0) > 0
    picture(page, "cutting")
    page.locator('[data-do="trim"]').click()
    expect(page.locator(MADE)).not_to_have_attribute("data-clip", first.stem, timeout=60_000)
    short = clip(desk, page)
    assert 2.3 < seconds(short, tmp_path) < 3.4
    page.locator('[data-do="undo"]').click()
    expect(page.locator(MADE)).not_to_have_attribute("data-clip", short.stem, timeout=60_000)
    assert abs(seconds(clip(desk, page), tmp_path) - whole) < 0.4
    undone = clip(desk, page)
    page.locator("[data-from]").fill("2.0")
    page.locator("[data-to]").fill("3.0")
    page.locator('[data-do="replace"]').click()
    expect(page.locator(f"{PANEL} [data-elapsed]")).to_have_text("0:04", timeout=30_000)
    stop(page)
    expect(page.locator(MADE)).not_to_have_attribute("data-clip", undone.stem, timeout=60_000)
    anew = elapsed(page)
    assert anew >= 4
    assert whole + 1.5 < seconds(clip(desk, page), tmp_path) < whole + anew + 1
    assert page.locator('[data-unfinished="vi"] .unfinished').count() == 0
    assert visitor.complaints == []


def test_over_plain_http_the_page_says_why_it_cannot_record(playwright: Playwright, said: Path, served: str) -> None:
    named = served.replace("127.0.0.1", "loa.test")
    rule = "--host-resolver-rules=MAP loa.test 127.0.0.1"
    with listening(playwright, said, rule, "--use-fake-ui-for-media-stream") as browser:
        visitor = opened(profile(browser, **PHONE), named)
        page = visitor.page
        told = page.locator(f'{PANEL} [data-why="insecure"]')
        expect(told).to_be_visible(timeout=30_000)
        expect(told).to_contain_text("không qua HTTPS")
        assert not page.locator(f'{PANEL} [data-do="record"]').is_visible()
        assert page.locator("#file-vi").is_visible()
        with page.expect_file_chooser():
            page.locator(f'{PANEL} [data-do="phone"]').click()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        picture(page, "insecure")
        assert [each for each in visitor.complaints if "Opener-Policy" not in each] == []


def test_a_microphone_that_is_refused_is_told_and_the_file_field_stays(
    playwright: Playwright, said: Path, served: str
) -> None:
    with listening(playwright, said) as browser:
        page = opened(profile(browser, **PHONE), served).page
        page.locator(f'{PANEL} [data-do="record"]').click()
        told = page.locator(f'{PANEL} [data-why="refused"]')
        expect(told).to_be_visible(timeout=30_000)
        expect(told).to_contain_text("chưa được phép dùng micrô")
        assert page.locator(f'{PANEL} [data-do="record"]').is_visible()
        assert page.locator(f'{PANEL} [data-do="phone"]').is_visible()
        picture(page, "refused")

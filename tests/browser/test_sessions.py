"""A recording session on a telephone, in a real browser: prompt by prompt, what is wrong is said at once, and nothing is
lost without a link.

Nobody imports this module.
"""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, Playwright, expect

from server import phrases
from server.phrase import Presenter
from tests.browser.conftest import Visitor
from tests.browser.microphones import listening, nothing, phrase
from tests.browser.serving import serving
from tests.browser.test_narrations import picture
from tests.browser.test_recording import PHONE, profile
from tests.store.phrase_stage import edition, presenter
from tests.waiting import eventually
from tests.web.stage import House


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> Path:
    missing = [tool for tool in ("espeak-ng", "ffmpeg", "chromium") if shutil.which(tool) is None]
    if missing:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(f"missing: {missing}")
    return phrase(tmp_path_factory.mktemp("said") / "said.wav")


@pytest.fixture
def who(house: House) -> Presenter:
    with house.stores.open() as store:
        edition(store)
        return presenter(store)


@pytest.fixture
def served(house: House) -> Iterator[str]:
    with serving(house) as address:
        yield address


def recorded(house: House, who: Presenter) -> int:
    with house.stores.open() as store:
        return phrases.session(store, house.person(store, "bientap"), "mww", who.id).recorded


def speak(page: Page, seconds: int = 4) -> None:
    page.locator('[data-do="record"]').click()
    expect(page.locator("[data-elapsed]")).to_have_text(f"0:0{seconds}", timeout=15_000)
    page.locator('[data-do="stop"]').click()


def shown(page: Page) -> str:
    return page.locator("[data-prompt]:visible").get_attribute("data-prompt") or ""


def test_prompt_by_prompt_with_the_verdict_at_once_and_without_a_link(
    playwright: Playwright, said: Path, house: House, who: Presenter, served: str
) -> None:
    with listening(playwright, said, "--use-fake-ui-for-media-stream") as browser:
        context = profile(browser, **PHONE)
        visitor = Visitor(context, served).sign_in("bientap")
        page = visitor.go("/ngan-hang-cau/mww/ghi-am")
        picture(page, "session-who")
        page.click(f"text={who.name}")
        first = shown(page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        picture(page, "session")
        speak(page)
        expect(page.locator('[data-do="play"]')).to_be_visible()
        expect(page.locator('[data-do="record"]')).to_be_hidden()
        picture(page, "session-after")
        page.locator('[data-do="keep"]').click()
        expect(page.locator("[data-status]")).to_have_text("Đã giữ.", timeout=10_000)
        assert recorded(house, who) == 1
        second = shown(page)
        assert second != first
        expect(page.locator('[data-do="keep"]')).to_be_hidden()
        expect(page.locator("[data-recorded]")).to_have_text("1")

        context.set_offline(True)
        speak(page)
        page.locator('[data-do="keep"]').click()
        expect(page.locator("[data-status]")).to_contain_text("Mất mạng", timeout=10_000)
        third = shown(page)
        assert third not in (first, second)
        expect(page.locator("[data-recorded]")).to_have_text("2")
        speak(page)
        page.locator('[data-do="keep"]').click()
        expect(page.locator("[data-recorded]")).to_have_text("3")
        picture(page, "session-offline")
        assert recorded(house, who) == 1
        page.close()
        context.set_offline(False)
        later = Visitor(context, served)
        page = later.go(f"/ngan-hang-cau/mww/ghi-am?nguoi={who.id}")
        expect(page.locator("[data-recorded]")).to_have_text("3")
        eventually(lambda: recorded(house, who) == 3, what="the two of the time without a link", within_s=20)
        expect(page.locator("[data-doubts] .card")).to_have_count(0)
        assert [each for each in visitor.complaints if "ERR_INTERNET" not in each] == []


def test_what_nobody_said_is_asked_for_again(
    playwright: Playwright, house: House, who: Presenter, served: str, tmp_path: Path
) -> None:
    with listening(playwright, nothing(tmp_path / "nothing.wav"), "--use-fake-ui-for-media-stream") as browser:
        page = (
            Visitor(profile(browser, **PHONE), served)
            .sign_in("bientap")
            .go(f"/ngan-hang-cau/mww/ghi-am?nguoi={who.id}")
        )
        first = shown(page)
        speak(page, 2)
        page.locator('[data-do="keep"]').click()
        doubt = page.locator("[data-doubts] .card")
        expect(doubt).to_be_visible(timeout=10_000)
        expect(doubt).to_contain_text("Không nghe thấy gì")
        picture(page, "session-doubt")
        assert recorded(house, who) == 0
        doubt.get_by_text("Ghi lại câu này").click()
        assert shown(page) == first
        expect(page.locator("[data-recorded]")).to_have_text("0")

"""A real Chromium, and a desk with something on every page.

Imported by pytest alone.
"""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page

from schedules.clock import DAY, HOUR, MINUTE, ClockTrust, UtcMs
from schedules.playback import Evidence, Outcome, Reason
from schedules.programme import BroadcastClass
from schedules.wire import Status
from server import publishing
from tests.browser.serving import serving
from tests.web.stage import PASSWORD, House, sample_database

CHROMIUM = os.environ.get("LOABAN_CHROMIUM", "chromium")
SWITCHES = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --autoplay-policy=no-user-gesture-required"
)
LONG = "Thông báo về việc tổ chức tiêm phòng vắc-xin cho đàn gia súc, gia cầm đợt hai năm 2026 trên địa bàn xã"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """These tests drive a browser, except for those of the stream."""
    for item in items:
        if "page" in getattr(item, "fixturenames", ()) or "visitor" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """The system's Chromium. Where there is none, a desk goes without it; the line before the main does not."""
    path = shutil.which(CHROMIUM)
    if path is None:
        message = "no Chromium: sudo apt-get install chromium (or set LOABAN_CHROMIUM)"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    return {**browser_type_launch_args, "executable_path": path, "args": SWITCHES.split()}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    return {**browser_context_args, "locale": "vi-VN", "timezone_id": "Asia/Ho_Chi_Minh"}


@pytest.fixture
def house(tmp_path: Path, sample: Path) -> Iterator[House]:
    # A demonstration: who approves signs in with the password alone, as often as a test wants it.
    house = House(tmp_path, sample, demo=True)
    yield house
    house.close()


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return sample_database(tmp_path_factory.mktemp("sample") / "sample.db")


@pytest.fixture
def address(house: House) -> Iterator[str]:
    with serving(house) as address:
        yield address


@pytest.fixture(scope="module")
def lively(sample: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[House, str]]:
    """A desk with a week behind it: every outcome, a clash, something that waits, loudspeakers in every state."""
    house = House(tmp_path_factory.mktemp("lively"), sample, demo=True)
    fill(house)
    with serving(house) as address:
        yield house, address
    house.close()


def fill(house: House) -> None:
    """Everything that pages can show."""
    start = house.clock.now
    with house.stores.open() as store:
        communes = {area.name: area.id for area in store.areas.below(["/tinh-lao-cai/"], "commune")}
    everywhere = (communes["Xã Y Tý"], communes["Xã Tả Phìn"])
    first = house.write(
        "Lịch họp thôn và thu tiền điện tháng 12", at=start + HOUR, targets=everywhere, languages=("vi", "mww", "ium")
    )
    urgent = house.write(
        "Cảnh báo mưa lớn, sạt lở đất", at=start + HOUR, targets=everywhere, klass=BroadcastClass.emergency
    )
    house.approve(first)
    house.approve(urgent)
    with house.stores.open() as store:
        approver = house.person(store, "pheduyet")
        publishing.switch(store, approver, communes["Xã Tả Phìn"], "recordings", start)
    house.clock.now = start + HOUR + 10 * MINUTE
    for number, changes in _endings(house.expected("loa-mau-6", urgent).occurrence, start + HOUR).items():
        name = f"loa-mau-{number}"
        house.report(name, msgspec.structs.replace(house.expected(name, first), **changes))
    for number in (1, 2, 4, 6):
        name = f"loa-mau-{number}"
        house.report(name, msgspec.structs.replace(house.expected(name, urgent), sequence=2))
    held = Status(online=True, trust=ClockTrust.server, bound_ms=12, refused={"bad_signature": 2})
    house.hear("loa-mau-6", msgspec.structs.replace(held, sounding="x@1"))
    house.hear("loa-mau-5", msgspec.structs.replace(held, online=False))
    house.hear("loa-mau-4", msgspec.structs.replace(held, sound_card="no such card"))
    house.approve(house.write(LONG, at=house.clock.now + HOUR, targets=everywhere))
    house.approve(house.write("Ưu tiên", at=house.clock.now + HOUR, klass=BroadcastClass.priority))
    house.write(LONG, at=house.clock.now + DAY, languages=("vi", "mww", "ium"))


def _endings(other: str, planned: UtcMs) -> dict[int, dict[str, Any]]:
    """Each loudspeaker ends in its own way."""
    silent = {"started": None, "ended": None, "sounded_ms": 0}
    later = {"started": planned + 34_120, "ended": planned + 36_120}
    return {
        1: {},
        2: {"outcome": Outcome.late, "reason": Reason.delayed, "other": other, **later},
        3: {"missing": ("hni",)},
        4: {**silent, "outcome": Outcome.failed, "reason": Reason.card_missing, "evidence": Evidence.decoded},
        5: {**silent, "outcome": Outcome.missed, "reason": Reason.not_running, "evidence": Evidence.stored},
        6: {"outcome": Outcome.cut, "reason": Reason.cut_in, "other": other, "sounded_ms": 900},
    }


class Visitor:
    """Somebody at a browser, whose every complaint is written down."""

    def __init__(self, context: BrowserContext, address: str) -> None:
        self.page: Page = context.new_page()
        self.address = address
        self.complaints: list[str] = []
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def sign_in(self, username: str) -> "Visitor":
        """As people do."""
        self.page.goto(f"{self.address}/dang-nhap")
        self.page.fill("#username", username)
        self.page.fill("#password", PASSWORD)
        self.page.click("main button")
        self.page.wait_for_url(f"{self.address}/")
        return self

    def go(self, path: str) -> Page:
        """Open a page."""
        self.page.goto(self.address + path)
        return self.page

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and "422" not in message.text:
            self.complaints.append(message.text)


@pytest.fixture
def context_of(browser: Browser, browser_context_args: dict[str, Any]) -> Iterator[Any]:
    """Makes fresh browser profiles; all are closed afterwards."""
    made: list[BrowserContext] = []

    def make(**changes: Any) -> BrowserContext:
        made.append(browser.new_context(**{**browser_context_args, **changes}))
        return made[-1]

    yield make
    for context in made:
        context.close()

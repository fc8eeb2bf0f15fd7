"""Deciding in a real browser: what was heard is what was played, few taps lead to an approval, and an emergency on one
signature stands red.

Imported by pytest alone.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from audio.voices.espeak_voice import EspeakVoice
from schedules.clock import SECOND
from server.clip_archive import ClipArchive
from server.lifecycle import BroadcastState
from server.originals import Originals
from server.studio import Studio
from tests.browser.conftest import Visitor
from tests.browser.serving import serving
from tests.browser.test_every_page import FAULTS, OVERFLOW, RULES, SMALL, VENDOR
from tests.waiting import eventually
from tests.web.stage import House
from tests.web.test_approving import state_of
from tests.web.test_composing import GOOD
from tests.web.test_drafts import keep, kept_in

PHONE = {"viewport": {"width": 360, "height": 740}}
NARROW = {"viewport": {"width": 320, "height": 640}}
DESK = {"viewport": {"width": 1200, "height": 900}}


@pytest.fixture
def spoken(tmp_path: Path, sample: Path) -> Iterator[tuple[House, str, str]]:
    """A desk with the real studio, and a bulletin that a voice has spoken: the house, its address, the broadcast."""
    missing = [tool for tool in ("espeak-ng", "ffmpeg") if shutil.which(tool) is None]
    if missing:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(f"missing: {missing}")

    def studio(archive: ClipArchive) -> Studio:
        return Studio(EspeakVoice(), archive, Originals(tmp_path / "originals"))

    house = House(tmp_path, sample, demo=True, studio=studio)
    form = {**GOOD, "text": "Kính thưa bà con, tối nay họp thôn."}
    broadcast = house.somebody("bientap").post("/ban-tin/soan", data=form).headers["location"].rpartition("/")[2]
    with serving(house) as address:
        yield house, address, broadcast
    house.close()


def test_list_page_listen_approve(spoken: tuple[House, str, str], context_of: Callable[..., BrowserContext]) -> None:
    """What the server's clock contradicts is not believed, and asked again until it can be."""
    house, address, broadcast = spoken
    visitor = Visitor(context_of(**PHONE), address).sign_in("pheduyet")
    page = visitor.page
    page.click("text=1 bản tin chờ phê duyệt")
    page.click("main .list a.title")
    expect(page.locator("[data-unheard]")).to_be_visible()
    page.evaluate("document.querySelector('audio').play()")
    with page.expect_response("**/da-nghe", timeout=15_000) as refused:
        pass
    assert refused.value.status == 422, "the server's clock stands still"
    house.clock.now += 60 * SECOND
    expect(page.locator("[data-heard]")).to_be_visible(timeout=10_000)
    expect(page.locator("[data-unheard]")).to_be_hidden()
    assert page.evaluate("document.querySelector('audio').played.length") == 1
    page.click("main button.main")
    expect(page.locator("main .badge").first).to_have_text("Đã duyệt")
    expect(page.locator(".facts")).to_contain_text("Đã nghe hết: Tiếng Việt")
    assert state_of(house, broadcast) is BroadcastState.approved
    assert visitor.complaints == []


def test_who_skips_to_the_end_has_not_heard_it(
    spoken: tuple[House, str, str], context_of: Callable[..., BrowserContext]
) -> None:
    house, address, broadcast = spoken
    visitor = Visitor(context_of(**PHONE), address).sign_in("pheduyet")
    told: list[str] = []
    visitor.page.on("request", lambda request: told.append(request.url))
    page = visitor.go(f"/ban-tin/{broadcast}")
    page.evaluate(
        """() => { const a = document.querySelector('audio'); a.load(); a.onloadedmetadata = () => {
        a.currentTime = a.duration - 0.3; a.play(); }; }"""
    )
    eventually(lambda: page.evaluate("document.querySelector('audio').ended"), 15, "the end of the sound")
    house.clock.now += 60 * SECOND
    page.wait_for_timeout(1_200)
    assert not [url for url in told if url.endswith("/da-nghe")]
    expect(page.locator("[data-unheard]")).to_be_visible()
    page.click("main button.main")
    expect(page.locator("#error-approve")).to_contain_text("với: Tiếng Việt")
    page.check("text=Duyệt theo văn bản")
    page.click("main button.main")
    expect(page.locator(".facts")).to_contain_text("Duyệt theo văn bản: Tiếng Việt")
    assert state_of(house, broadcast) is BroadcastState.approved


@pytest.mark.parametrize("scripts", [True, False])
def test_who_answers_for_it_is_asked_only_where_it_is_needed(
    house: House, address: str, context_of: Callable[..., BrowserContext], scripts: bool
) -> None:
    page = Visitor(context_of(**PHONE, java_script_enabled=scripts), address).sign_in("bientap").go("/ban-tin/soan")
    for klass, authority, reason in (
        ("ordinary", False, False), ("priority", True, False), ("emergency", True, True), ("ordinary", False, False),
    ):  # fmt: skip
        page.select_option("#broadcast_class", klass)
        expect(page.locator("#authority")).to_be_visible(visible=authority)
        expect(page.locator("#responsible")).to_be_visible(visible=authority)
        expect(page.locator("#reason")).to_be_visible(visible=reason)


@pytest.fixture
def alarmed(house: House) -> House:
    """Programmes and expected plays follow; the sample has an emergency officer and an administrator."""
    house.follow()
    return house


def _alarm(page: Page) -> None:
    page.click("main >> text=Soạn bản tin")
    page.fill("#title", "Lũ quét, sơ tán ngay")
    page.fill("#authority", "UBND xã Tả Phìn")
    page.fill("#responsible", "Chủ tịch xã")
    page.fill("#reason", "Nước suối dâng nhanh")
    page.fill("#text", "Bà con sơ tán ngay lên nhà văn hóa.")
    page.check("#places >> text=Thôn Tả Chải (mẫu)")
    page.check("text=Phát ngay khi được duyệt")
    page.click("text=Phát khẩn cấp ngay (một chữ ký)")


@pytest.mark.parametrize("scripts", [True, False])
def test_an_officer_airs_an_emergency_and_a_second_person_looks(
    alarmed: House, address: str, context_of: Callable[..., BrowserContext], scripts: bool
) -> None:
    page = Visitor(context_of(**PHONE, java_script_enabled=scripts), address).sign_in("trucbao").page
    _alarm(page)
    expect(page.locator("h1")).to_have_text("Lũ quét, sơ tán ngay")
    expect(page.locator("section.alone")).to_contain_text("Phát ngay trên 1 loa, kể cả trong giờ yên lặng.")
    page.click("text=Phát ngay >> nth=-1")
    expect(page.locator("section.alone")).to_contain_text("Cần người thứ hai xem lại trong 24 giờ.")
    second = Visitor(context_of(**PHONE, java_script_enabled=scripts), address).sign_in("pheduyet").page
    second.click("#to-do ~ ul a >> nth=0")
    second.click("text=Xác nhận phát đúng")
    expect(second.locator(".facts")).to_contain_text("phát đúng")
    expect(second.locator("section.alone")).to_have_count(0)


@pytest.mark.parametrize("size", [NARROW, DESK], ids=["phone", "desk"])
def test_these_pages_shut_nobody_out(
    alarmed: House, address: str, context_of: Callable[..., BrowserContext], size: dict[str, object], tmp_path: Path
) -> None:
    """Pictures are kept where `LOABAN_PICTURES` says."""
    folder = Path(os.environ.get("LOABAN_PICTURES", tmp_path))
    old = alarmed.write("Họp thôn", languages=("vi", "mww"))
    officer, leader, keeper, editor = (
        Visitor(context_of(**size, bypass_csp=True), address).sign_in(name)
        for name in ("trucbao", "pheduyet", "quantri", "bientap")
    )
    draft, form = keep(alarmed.somebody("bientap"), title="Bản nháp dở dang")
    keep(alarmed.somebody("pheduyet"), **kept_in(form), title="Bản của lãnh đạo")
    for visitor in (officer, leader, keeper, editor):
        visitor.page.context.add_init_script(path=VENDOR / "axe.min.js")
    _alarm(officer.page)
    _fair(officer.page, folder / f"alarm-{size['viewport']['width']}.png")  # type: ignore[index]
    officer.page.click("text=Phát ngay >> nth=-1")
    alone = officer.page.url.removeprefix(address)
    pages = (
        (leader, "/"), (leader, alone), (leader, f"/ban-tin/{old}"), (leader, "/ban-tin"), (leader, draft),
        (officer, "/ban-tin/soan"), (keeper, "/luu-giu"), (keeper, f"/ban-tin/{old}"),
    )  # fmt: skip
    for number, (visitor, path) in enumerate(pages):
        page = visitor.go(path)
        _fair(page, folder / f"deciding-{number}-{size['viewport']['width']}.png")  # type: ignore[index]
    page = editor.go(f"/ban-tin/soan?sua={old}")
    page.select_option("#broadcast_class", "emergency")
    page.click("text=Gửi phê duyệt")
    expect(page.locator("#error-reason")).to_be_visible()
    _fair(page, folder / f"reason-{size['viewport']['width']}.png")  # type: ignore[index]


def _fair(page: Page, picture: Path) -> None:
    assert page.evaluate(OVERFLOW) == [], f"{page.url} is wider than the screen"
    assert page.evaluate(SMALL) == [], f"{page.url} has small targets"
    assert page.evaluate(FAULTS, RULES) == [], page.url
    page.screenshot(path=picture, full_page=True)

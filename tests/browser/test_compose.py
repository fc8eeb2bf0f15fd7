"""A bulletin in three languages in a real browser: how many clicks, by keyboard alone, on the smallest telephone.

Imported by pytest alone.
"""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest
from playwright.sync_api import BrowserContext, Page, expect

from schedules.clock import HOUR, MINUTE
from server import bulletins
from server.lifecycle import BroadcastState
from tests.browser.conftest import Visitor
from tests.browser.hand import Hand
from tests.browser.serving import serving
from tests.waiting import eventually
from tests.web.fake_studio import FakeStudio
from tests.web.stage import House
from tests.web.test_approving import state_of

PHONE = {"viewport": {"width": 360, "height": 740}}
DESK = {"viewport": {"width": 1200, "height": 900}}
TEXT = "Kính thưa bà con, thôn ta họp lúc 19h30 ngày 05/12."
LANGUAGES = ("mww", "ium")
PLAYED = """() => { window.played = []; document.addEventListener("ended", (e) => played.push(e.target.currentSrc), true); }"""


@pytest.fixture(scope="module")
def beep(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Half a second that every browser plays."""
    if shutil.which("ffmpeg") is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("missing: ffmpeg")
    made = tmp_path_factory.mktemp("beep") / "beep.mp3"
    tone = ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "sine=frequency=440:duration=0.5", str(made)]
    subprocess.run(tone, check=True)
    return made.read_bytes()


@pytest.fixture
def desk(tmp_path: Path, sample: Path, beep: bytes) -> Iterator[House]:
    """A text has been approved in three languages before; its sounds can be played."""

    class Sounding(FakeStudio):
        """Its previews are sound."""

        def _keep(self, *given: object) -> object:  # type: ignore[override]
            made = super()._keep(*given)  # type: ignore[arg-type]
            (self._archive.folder / f"{made.clip.sha256}.mp3").write_bytes(beep)
            return made

    house = House(tmp_path, sample, demo=True, studio=Sounding)
    approved(house)
    yield house
    house.close()


@pytest.fixture
def served(desk: House) -> Iterator[str]:
    with serving(desk) as address:
        yield address


def approved(house: House) -> None:
    """The same text was on air a while ago, with recordings in the other languages."""
    broadcast = house.write("Họp thôn", at=house.clock.now + MINUTE, languages=("vi", *LANGUAGES))
    with house.stores.open() as store:
        page = bulletins.page(store, house.person(store, "bientap"), broadcast)
        variants = tuple(
            msgspec.structs.replace(v, text=TEXT if v.language == "vi" else f"[{v.language}]")
            for v in page.bulletin.variants
        )
        store.broadcasts.add_bulletin(msgspec.structs.replace(page.bulletin, variants=variants))
    house.approve(broadcast)
    house.clock.now += HOUR


def typed(page: Page) -> None:
    """What a person types; typing is no click. The recordings of before come by themselves."""
    page.fill("#title", "Họp thôn tháng 12")
    page.locator("#text").press_sequentially(TEXT[:-1])
    page.locator("#text").press_sequentially(TEXT[-1])
    for tag in LANGUAGES:
        expect(page.locator(f"#voicing-{tag}")).to_contain_text("dùng lại bản đã duyệt", timeout=15_000)
        expect(page.locator(f"#recording-{tag}")).not_to_have_value("")


def last(house: House) -> str:
    return house.broadcasts()[0]


def test_eight_clicks_at_most_from_the_first_page_to_the_air_with_every_language_heard_twice(
    desk: House, served: str, context_of: Callable[..., BrowserContext]
) -> None:
    """By the writer and by the leader: nobody approves what they wrote, so both are counted."""
    writer = Visitor(context_of(**PHONE), served).sign_in("bientap")
    hand = Hand(writer.page)
    hand.click("main >> text=Soạn bản tin")
    typed(writer.page)
    writer.page.evaluate(PLAYED)
    hand.click("text=Nghe thử")
    eventually(lambda: len(writer.page.evaluate("played")) == 3, 20, "the end of the third sound")
    assert len(set(writer.page.evaluate("played"))) == 3, "each language, one behind the other"
    hand.click("text=Gửi phê duyệt")
    expect(writer.page.locator("h1")).to_have_text("Họp thôn tháng 12")
    broadcast = last(desk)
    leader = Visitor(context_of(**PHONE), served).sign_in("pheduyet")
    hand.on(leader.page).click("main >> text=Họp thôn tháng 12")
    hand.click("text=Nghe tất cả các tiếng")
    ended = "[...document.querySelectorAll('audio[data-language]')].every((a) => a.ended)"
    eventually(lambda: leader.page.evaluate(ended), 20, "the end of the last sound")
    desk.clock.now += MINUTE  # the server believes nothing that its own clock contradicts
    expect(leader.page.locator("[data-heard]:visible")).to_have_count(3, timeout=20_000)
    hand.click("main button.main")
    expect(leader.page.locator(".facts")).to_contain_text("Đã nghe hết")
    assert state_of(desk, broadcast) is BroadcastState.approved
    assert hand.clicks == 6
    assert hand.clicks <= 8
    desk.follow()
    with desk.stores.open() as store:
        aired = [slot.broadcast for programme in store.fleet.programmes().values() for slot in programme.slots]
    assert broadcast in aired, "it is on its way to the loudspeakers"
    assert (writer.complaints, leader.complaints) == ([], [])


def test_four_clicks_without_listening(desk: House, served: str, context_of: Callable[..., BrowserContext]) -> None:
    page = Visitor(context_of(**PHONE), served).sign_in("bientap").page
    hand = Hand(page)
    hand.click("main >> text=Soạn bản tin")
    typed(page)
    hand.click("text=Gửi phê duyệt")
    expect(page.locator("h1")).to_have_text("Họp thôn tháng 12")
    broadcast = last(desk)
    page = Visitor(context_of(**PHONE), served).sign_in("pheduyet").page
    written = hand.clicks
    hand.on(page).click("main >> text=Họp thôn tháng 12")
    hand.click("text=Duyệt theo văn bản >> nth=-1")
    expect(page.locator(".facts")).to_contain_text("Duyệt theo văn bản: ")
    assert state_of(desk, broadcast) is BroadcastState.approved
    assert hand.clicks == 4
    assert hand.clicks - written == 2, "an approval"


def test_three_clicks_to_an_emergency_and_none_to_know_whether_all_is_well(
    house: House, address: str, context_of: Callable[..., BrowserContext]
) -> None:
    page = Visitor(context_of(**PHONE), address).sign_in("trucbao").page
    hand = Hand(page)
    expect(page.locator("#to-do")).to_have_text("Cần xử lý")
    assert page.locator("#to-do").bounding_box()["y"] < 740, "seen without scrolling"  # type: ignore[index]
    assert hand.clicks == 0
    hand.click("text=Phát khẩn cấp")
    hand.click("text=Sạt lở đất")
    hand.hold("[data-hold]", "**/khan-cap/dang-phat/*")
    assert len(house.broadcasts()) == 1
    assert hand.clicks == 3


def test_each_language_is_a_tab_that_the_keyboard_turns(
    house: House, address: str, context_of: Callable[..., BrowserContext]
) -> None:
    visitor = Visitor(context_of(**DESK), address).sign_in("bientap")
    page = visitor.go("/ban-tin/soan")
    tabs = page.get_by_role("tab")
    assert tabs.count() >= 2
    expect(page.get_by_role("tabpanel")).to_have_count(1)
    tabs.first.focus()
    for key, chosen in (
        ("ArrowRight", 1),
        ("ArrowLeft", 0),
        ("ArrowLeft", tabs.count() - 1),
        ("Home", 0),
        ("End", tabs.count() - 1),
    ):
        page.keyboard.press(key)
        expect(tabs.nth(chosen)).to_be_focused()
        expect(tabs.nth(chosen)).to_have_attribute("aria-selected", "true")
        expect(page.locator("[role=tab][tabindex='0']")).to_have_count(1)
        name = tabs.nth(chosen).get_attribute("aria-controls")
        expect(page.locator(f"#{name}")).to_be_visible()
        expect(page.get_by_role("tabpanel")).to_have_count(1)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('[role=tabpanel]') !== null"), "the panel follows its tab"
    page.get_by_role("tabpanel").locator("[name=speak]").uncheck()
    expect(tabs.last).to_contain_text("không phát thứ tiếng này")
    assert visitor.complaints == []


def _tab_to(page: Page, selector: str) -> None:
    """Press Tab until this has the focus; what has it is always to be seen."""
    for _ in range(120):
        if page.evaluate("(s) => document.activeElement.matches(s)", selector):
            assert page.evaluate("document.activeElement.checkVisibility()")
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{selector} is not reached by Tab")


def test_a_keyboard_writes_and_sends_a_bulletin(
    house: House, address: str, context_of: Callable[..., BrowserContext]
) -> None:
    visitor = Visitor(context_of(**DESK), address).sign_in("bientap")
    page = visitor.page
    _tab_to(page, "main a.button.main")
    page.keyboard.press("Enter")
    page.wait_for_url("**/ban-tin/soan")
    expect(page.locator("#title")).to_be_focused()
    page.keyboard.type("Họp thôn")
    _tab_to(page, "#text")
    page.keyboard.type("Kính thưa bà con.")
    _tab_to(page, "[role=tab]")
    page.keyboard.press("ArrowRight")
    _tab_to(page, "[name=targets]")
    page.keyboard.press("Space")
    assert page.locator("#places input").first.is_checked() is False
    page.keyboard.press("Space")
    _tab_to(page, "[name=mode]")
    page.keyboard.press("ArrowDown")
    _tab_to(page, "#date")
    page.keyboard.type("05/12/2026")
    _tab_to(page, "#time")
    page.keyboard.type("17:30")
    _tab_to(page, ".bar button[value=save]")
    page.keyboard.press("Enter")
    page.wait_for_url("**/ban-tin/ps-*")
    expect(page.locator("h1")).to_have_text("Họp thôn")
    expect(page.locator(".facts")).to_contain_text("05/12/2026 17:30")
    assert visitor.complaints == []


def test_a_clash_is_shown_as_it_is_typed_and_one_press_mends_it(
    house: House, address: str, context_of: Callable[..., BrowserContext]
) -> None:
    house.approve(house.write("Họp huyện", at=house.clock.now + HOUR, targets=("xa-03013",)))
    visitor = Visitor(context_of(**PHONE), address).sign_in("bientap")
    page = visitor.go("/ban-tin/soan")
    page.locator("#text").press_sequentially("Kính thưa bà con.")
    page.check("text=Một lần")
    page.fill("#date", "04/12/2026")
    page.locator("#time").press_sequentially("13:00")
    expect(page.locator("#outlay .sum")).to_contain_text("1 chỗ trùng giờ", timeout=15_000)
    expect(page.locator("#clashes")).to_contain_text("Đợi “Họp huyện” phát xong. Hai tin cùng giờ")
    page.click("text=Giữ theo ưu tiên")
    expect(page.locator("#outlay .sum")).to_contain_text("đã xử lý trùng giờ", timeout=15_000)
    page.fill("#time", "13:00")
    page.locator("#repeats").evaluate("(e) => e.closest('details').open = true")
    page.fill("#repeats", "1")
    page.fill("#gap", "10")
    page.locator("#gap").press("Tab")
    page.fill("#time", "12:50")
    page.locator("#time").press("Tab")
    expect(page.locator("#outlay .sum")).to_contain_text("1 chỗ trùng giờ", timeout=15_000)
    page.click("text=Dời sang")
    expect(page.locator("#time")).not_to_have_value("12:50", timeout=15_000)
    expect(page.locator("#outlay .sum")).to_contain_text("không trùng giờ", timeout=15_000)
    assert page.evaluate("document.activeElement.closest('#timing') !== null"), "the keyboard is where it was"
    assert page.input_value("#text") == "Kính thưa bà con."
    assert visitor.complaints == []


def test_a_part_of_a_place_is_unticked_and_the_rest_is_sent(
    house: House, address: str, context_of: Callable[..., BrowserContext]
) -> None:
    page = Visitor(context_of(**DESK), address).sign_in("bientap").go("/ban-tin/soan")
    page.fill("#title", "Họp thôn")
    page.fill("#text", "Kính thưa bà con.")
    sent = "() => new FormData(document.getElementById('compose')).getAll('targets')"
    whole = page.evaluate(sent)
    hamlet = page.locator('#places input[value="thon-mau-ta-chai"]')
    assert hamlet.is_checked(), "what lies in a ticked place is ticked"
    hamlet.uncheck()
    left = page.evaluate(sent)
    assert "xa-03013" in whole
    assert "xa-03013" not in left
    assert "thon-mau-ta-chai" not in left
    assert "loa-mau-6" not in left
    assert len(left) > len(whole)
    page.click("summary:has-text('Lưu lựa chọn này')")
    page.fill("#group_name", "Trừ Tả Chải")
    page.click("text=Lưu nhóm")
    expect(page.locator("[aria-pressed=true]")).to_have_text("✓ Trừ Tả Chải")
    page.locator('#places input[value="xa-03013"]').check()
    page.click("button:has-text('Trừ Tả Chải')")
    expect(hamlet).not_to_be_checked()
    assert sorted(page.evaluate(sent)) == sorted(left)
    page.click("text=Gửi phê duyệt")
    expect(page.locator("h1")).to_have_text("Họp thôn")
    with house.stores.open() as store:
        found = store.broadcasts.find(last(house))
    assert found is not None
    assert sorted(found.targets) == sorted(left)


def test_without_scripts_languages_are_sections_and_places_are_found(
    house: House, address: str, context_of: Callable[..., BrowserContext]
) -> None:
    page = Visitor(context_of(**PHONE, java_script_enabled=False), address).sign_in("bientap").go("/ban-tin/soan")
    assert page.locator("[role=tab]").count() == 0
    page.click('summary:has-text("Mông (Trắng)")')
    expect(page.locator("#text-mww")).to_be_visible()
    page.fill("#title", "Họp thôn")
    page.fill("#find-place", "ta chai")
    page.click("button:has-text('Tìm')")
    assert page.input_value("#title") == "Họp thôn"
    expect(page.locator("#places label", has_text="Sim San")).to_have_count(0)
    page.check("#places >> text=Thôn Tả Chải")
    eventually(lambda: page.locator("#places input:checked").count() >= 1, what="the tick")

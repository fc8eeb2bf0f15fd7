"""Results, make-ups, what a hamlet hears and moving on the timetable, in a real browser.

Imported by pytest alone.
"""

import io
import wave
from collections.abc import Callable
from datetime import date

import msgspec
import pypdf
import pytest
from playwright.sync_api import BrowserContext, Page, expect

from schedules.clock import HOUR, MINUTE, at_civil
from schedules.playback import Outcome, Reason
from schedules.recurrence import Once
from server.access import Role
from server.area import Area
from tests.browser.conftest import LONG, Visitor
from tests.browser.test_every_page import FAULTS, OVERFLOW, RULES, SMALL, VENDOR
from tests.waiting import eventually
from tests.web.stage import NOON, House

PHONE, DESK = {"width": 360, "height": 740}, {"width": 1366, "height": 900}
CROWD = 60
AT = NOON + HOUR


@pytest.fixture
def crowd(house: House) -> str:
    """A bulletin with a long name that 58 of 60 loudspeakers have sounded."""
    with house.stores.open() as store:
        commune = store.areas.find("xa-02647")
        assert commune is not None
        for number in range(CROWD):
            hamlet, loudspeaker = f"thon-x-{number // 3}", f"loa-x-{number}"
            path = f"{commune.path}{hamlet}/"
            name = f"Thôn Sử Pán Suối Thầu Dao {number // 3}"
            store.areas.keep(Area(hamlet, commune.id, path, commune.depth + 1, "hamlet", name, languages=("vi", "mww")))
            leaf = f"Cụm loa nhà văn hoá thôn, cột số {number}"
            area = Area(loudspeaker, hamlet, f"{path}{loudspeaker}/", commune.depth + 2, "loudspeaker", leaf)
            store.fleet.keep(area, place="", enrolled_at=house.clock.now)
        store.staff.grant("pheduyet", commune.id, Role.approver)
        store.staff.grant("bientap", commune.id, Role.editor)
    broadcast = house.write(LONG, at=AT, targets=("xa-02647",), languages=("vi", "mww"))
    house.approve(broadcast)
    house.clock.now = AT + 2 * MINUTE
    for number in range(CROWD):
        playback = house.expected(f"loa-x-{number}", broadcast)
        if number in (7, 13):
            changes = {"outcome": Outcome.missed, "reason": Reason.not_running, "started": None, "sounded_ms": 0}
            playback = msgspec.structs.replace(playback, **changes)
        house.report(f"loa-x-{number}", playback)
    house.clock.now = AT + HOUR
    return broadcast


def test_from_home_to_a_make_up_for_what_failed_in_two_presses(
    house: House, address: str, crowd: str, context_of: Callable[..., BrowserContext]
) -> None:
    page = Visitor(context_of(viewport=PHONE), address).sign_in("pheduyet").page
    expect(page.locator("#results-today + ul")).to_contain_text("58/60 đã phát")
    page.click("text=Phát lại cho loa lỗi (2)")
    expect(page.locator("form.repeat")).to_contain_text("cột số 13")
    page.click("form.repeat button.main")
    page.wait_for_url("**/ban-tin/*")
    [fresh] = set(house.broadcasts()) - {crowd}
    with house.stores.open() as store:
        made = store.broadcasts.find(fresh)
    assert made is not None
    assert set(made.targets) == {"loa-x-7", "loa-x-13"}
    assert made.decision is not None
    page.go_back()
    page.reload()
    expect(page.locator("main")).to_contain_text("Không còn loa nào cần phát lại.")


def test_results_of_sixty_loudspeakers_are_live_and_can_be_read_on_a_telephone(
    house: House, address: str, crowd: str, context_of: Callable[..., BrowserContext]
) -> None:
    visitor = Visitor(context_of(viewport=PHONE, bypass_csp=True), address).sign_in("pheduyet")
    visitor.page.context.add_init_script(path=VENDOR / "axe.min.js")
    page = visitor.go(f"/ban-tin/{crowd}/ket-qua")
    expect(page.locator("#results .count")).to_have_text("58/60 loa đã phát")
    assert page.locator("#results tbody tr").count() == CROWD
    for path in (f"/ban-tin/{crowd}/ket-qua?loi=1", f"/ban-tin/{crowd}/phat-lai", "/nghe/thon-x-0?xem=tuan"):
        page = visitor.go(path)
        assert page.evaluate(OVERFLOW) == [], path
        assert page.evaluate(SMALL) == [], path
        assert page.evaluate(FAULTS, RULES) == [], path
    page = visitor.go(f"/ban-tin/{crowd}/ket-qua?loi=1")
    assert page.locator("#results tbody tr").count() == 2
    house.report("loa-x-7", msgspec.structs.replace(house.expected("loa-x-7", crowd), sequence=2))
    expect(page.locator("#results .count")).to_have_text("59/60 loa đã phát", timeout=10_000)
    assert page.locator("#results tbody tr").count() == 1
    assert visitor.complaints == []


def _wav(milliseconds: int) -> bytes:
    """A stretch of silence that a browser can play."""
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8_000)
        file.writeframes(b"\0\0" * 8 * milliseconds)
    return out.getvalue()


@pytest.fixture
def day(house: House) -> None:
    """Two bulletins tomorrow, one of them in two languages: three sounds that a browser can play."""
    house.approve(house.write("Sáng mai", at=NOON + 17 * HOUR, languages=("vi", "mww")))
    house.approve(house.write("Chiều mai", at=NOON + 29 * HOUR))
    for path in house.archive.folder.glob("*.mp3"):
        path.write_bytes(_wav(250))


@pytest.mark.usefixtures("day")
def test_a_hamlets_day_is_heard_from_beginning_to_end(address: str, context_of: Callable[..., BrowserContext]) -> None:
    page = Visitor(context_of(viewport=PHONE), address).sign_in("bientap").page
    page.goto(f"{address}/nghe/thon-mau-ta-chai")
    page.click("text=Ngày mai")
    page.evaluate(
        "() => { window.heard = []; for (const a of document.querySelectorAll('audio'))"
        " a.addEventListener('ended', () => window.heard.push(a.src)); }"
    )
    wanted = page.evaluate("[...document.querySelectorAll('.sheet audio')].map((a) => a.src)")
    page.click("text=Nghe tất cả")
    eventually(lambda: len(page.evaluate("window.heard")) == len(wanted), within_s=30, what="the end of the day")
    assert page.evaluate("window.heard") == wanted
    assert len(wanted) >= 3
    expect(page.locator("[data-play]")).to_be_visible()
    assert page.locator(".sounding").count() == 0


@pytest.mark.usefixtures("day")
def test_a_hamlets_week_is_a_sheet_of_paper(address: str, context_of: Callable[..., BrowserContext]) -> None:
    page = Visitor(context_of(viewport=DESK), address).sign_in("bientap").page
    page.goto(f"{address}/nghe/thon-mau-ta-chai?xem=tuan")
    sheet = pypdf.PdfReader(io.BytesIO(page.pdf(format="A4")))
    said = " ".join(sheet.pages[0].extract_text().split())
    assert len(sheet.pages) == 1
    for part in (
        "Thôn Tả Chải (mẫu) nghe gì trong tuần",
        "05:00 Sáng mai",
        "Tiếng Việt, Mông (Trắng)",
        "17:00 Chiều mai",
    ):
        assert part in said, part
    assert "Nghe tất cả" not in said
    assert "Đăng xuất" not in said
    page.emulate_media(media="print")
    size = page.locator(".sheet .hour").first.evaluate("(e) => parseFloat(getComputedStyle(e).fontSize)")
    assert size >= 24, "to be read at arm's length"


def test_without_scripts_each_sound_has_its_player(
    house: House, address: str, context_of: Callable[..., BrowserContext]
) -> None:
    house.approve(house.write("Sáng mai", at=NOON + 17 * HOUR))
    page = Visitor(context_of(java_script_enabled=False), address).sign_in("bientap").page
    page.goto(f"{address}/nghe/thon-mau-ta-chai?ngay=05/12/2026")
    assert page.locator(".sheet audio[controls]").count() >= 1
    assert not page.locator("[data-all]").is_visible()


@pytest.fixture
def planned(house: House) -> str:
    """Something on Wednesday of next week at nine."""
    broadcast = house.write("Họp thôn", at=at_civil(date(2026, 12, 9), 9 * 60))
    house.approve(broadcast)
    return broadcast


def _next_week(address: str, context_of: Callable[..., BrowserContext], **changes: object) -> Page:
    page = Visitor(context_of(**{"viewport": DESK, **changes}), address).sign_in("bientap").page
    page.goto(f"{address}/lich-phat?ngay=09/12/2026")
    return page


def _ordered(house: House, planned: str) -> Once:
    [moved] = set(house.broadcasts()) - {planned}
    with house.stores.open() as store:
        found = store.broadcasts.find(moved)
    assert found is not None
    assert isinstance(found.recurrence, Once)
    return found.recurrence


def test_a_broadcast_is_dragged_to_another_day_and_hour(
    house: House, address: str, planned: str, context_of: Callable[..., BrowserContext]
) -> None:
    page = _next_week(address, context_of)
    line, friday = page.locator("[data-hour]"), page.locator('[data-day="11/12/2026"]')
    box, there = line.bounding_box(), friday.bounding_box()
    assert box
    assert there
    x, y = box["x"] + 12, box["y"] + 12
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 20, y, steps=3)
    page.mouse.move(there["x"] + there["width"] / 2, y + 40, steps=6)
    expect(page.locator(".moving")).to_contain_text("Thứ Sáu 11/12 10:00")
    expect(friday).to_have_class("card day landing")
    page.mouse.up()
    page.wait_for_url("**/doi-gio*")
    expect(page.locator("main")).to_contain_text("11/12/2026 10:00")
    expect(page.locator("main")).to_contain_text("Giờ mới phải được người khác phê duyệt lại")
    assert house.broadcasts() == [planned], "dropping moves nothing yet"
    page.click("text=Dời giờ và gửi phê duyệt")
    page.wait_for_url("**/ban-tin/*")
    assert _ordered(house, planned) == Once(at_civil(date(2026, 12, 11), 10 * 60))


def test_the_keyboard_moves_as_well_and_escape_leaves_it(
    house: House, address: str, planned: str, context_of: Callable[..., BrowserContext]
) -> None:
    page = _next_week(address, context_of)
    page.focus("[data-move]")
    page.keyboard.press(" ")
    expect(page.locator(".moving")).to_contain_text("Thứ Tư 09/12 09:00")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Escape")
    expect(page.locator(".moving")).to_be_hidden()
    page.keyboard.press(" ")
    for key in ("ArrowLeft", "ArrowUp", "ArrowUp"):
        page.keyboard.press(key)
    expect(page.locator(".moving")).to_contain_text("Thứ Ba 08/12 08:30")
    page.keyboard.press("Enter")
    page.wait_for_url("**/doi-gio*")
    expect(page.locator("main")).to_contain_text("08/12/2026 08:30")
    page.focus("main button.main")
    page.keyboard.press("Enter")
    page.wait_for_url("**/ban-tin/*")
    assert _ordered(house, planned) == Once(at_civil(date(2026, 12, 8), 8 * 60 + 30))


def test_a_drag_that_is_given_up_and_a_press_change_nothing(
    house: House, address: str, planned: str, context_of: Callable[..., BrowserContext]
) -> None:
    page = _next_week(address, context_of)
    box = page.locator("[data-hour]").bounding_box()
    assert box
    page.mouse.move(box["x"] + 12, box["y"] + 12)
    page.mouse.down()
    page.mouse.move(box["x"] + 300, box["y"] + 60, steps=4)
    page.keyboard.press("Escape")
    page.mouse.up()
    expect(page.locator(".moving")).to_be_hidden()
    assert "/lich-phat" in page.url
    page.click("[data-hour] a.title")
    page.wait_for_url(f"**/ban-tin/{planned}")
    assert house.broadcasts() == [planned]


@pytest.mark.parametrize("scripts", [True, False])
def test_a_telephone_and_a_browser_without_scripts_have_the_form(
    house: House, address: str, planned: str, context_of: Callable[..., BrowserContext], scripts: bool
) -> None:
    page = _next_week(address, context_of, viewport=PHONE, java_script_enabled=scripts)
    page.click("[data-move]")
    page.fill("#ngay", "10/12/2026")
    page.fill("#gio", "7:15")
    page.click("text=Xem thay đổi")
    expect(page.locator("main")).to_contain_text("10/12/2026 07:15")
    page.click("text=Dời giờ và gửi phê duyệt")
    page.wait_for_url("**/ban-tin/*")
    assert _ordered(house, planned) == Once(at_civil(date(2026, 12, 10), 7 * 60 + 15))

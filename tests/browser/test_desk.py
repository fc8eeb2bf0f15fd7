"""A day at the commune's desk, in a real browser: with scripts, without them, and while loudspeakers report.

Imported by pytest alone.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from audio.narrator import narrator_of
from audio.voices.espeak_voice import EspeakVoice
from schedules.clock import HOUR, MINUTE, ClockTrust
from schedules.wire import Status
from server.clip_archive import ClipArchive
from server.lifecycle import BroadcastState
from server.originals import Originals
from server.studio import Studio
from tests.browser.conftest import Visitor
from tests.browser.serving import serving
from tests.store.test_studio import tone
from tests.waiting import eventually
from tests.web.stage import House, fill_province
from tests.web.test_approving import state_of

WITHOUT_SCRIPTS = {"java_script_enabled": False, "viewport": {"width": 360, "height": 740}}
DESK = {"viewport": {"width": 1200, "height": 900}}
LARGEST_PICTURE = 200_000


def _recording(folder: Path) -> Path:
    path = folder / "mong.wav"
    path.write_bytes(b"RIFF" + bytes(2000))
    return path


def test_from_the_form_to_the_approval_without_scripts(
    house: House, address: str, context_of: Callable[..., BrowserContext], tmp_path: Path
) -> None:
    page = Visitor(context_of(**WITHOUT_SCRIPTS), address).sign_in("bientap").page
    page.click("main >> text=Soạn bản tin")
    page.fill("#title", "Họp thôn")
    page.fill("#text", "Kính thưa bà con, gặp anh ABCX lúc 7h.")
    page.click("text=Nghe thử")
    expect(page.locator("#error-text")).to_contain_text("Chưa biết đọc: ABCX")
    page.fill("#answer-1", "a bê xê ích")
    page.click("text=Nghe thử")
    assert page.url.endswith("#heard")
    expect(page.locator("#heard audio")).to_have_count(1)
    expect(page.locator(".words").first).to_contain_text("gặp anh a bê xê ích lúc bảy giờ")
    page.click('summary:has-text("Mông (Trắng)")')
    page.set_input_files("#file-mww", _recording(tmp_path))
    page.fill("#text-mww", "Nyob zoo")
    page.check("text=Một lần")
    page.fill("#date", "31/02/2027")
    page.fill("#time", "05:00")
    page.click("text=Gửi phê duyệt")
    expect(page.locator("#error-date")).to_contain_text("Không có ngày “31/02/2027”")
    assert page.input_value("#title") == "Họp thôn"
    expect(page.locator(".variant[open] .kept audio")).to_have_count(1)
    page.fill("#date", "05/12/2026")
    page.click("text=Gửi phê duyệt")
    expect(page.locator("h1")).to_have_text("Họp thôn")
    expect(page.locator("section audio")).to_have_count(2)
    [broadcast] = house.broadcasts()

    page = Visitor(context_of(**WITHOUT_SCRIPTS), address).sign_in("pheduyet").page
    page.click("text=1 bản tin chờ phê duyệt")
    page.click("text=Họp thôn")
    page.click("main button.main")
    expect(page.locator("#error-approve")).to_contain_text("Mông (Trắng), Tiếng Việt")
    for tick in page.locator("input[name=by_text]").all():
        tick.check()
    page.click("main button.main")
    expect(page.locator("main .badge").first).to_have_text("Đã duyệt")
    assert state_of(house, broadcast) is BroadcastState.approved


def test_the_spoken_text_follows_the_typing(
    house: House, address: str, context_of: Callable[..., BrowserContext]
) -> None:
    visitor = Visitor(context_of(**DESK), address).sign_in("bientap")
    page = visitor.go("/ban-tin/soan")
    page.locator("#text").press_sequentially("Họp lúc 19h30 ngày 05/12, gặp ABCX")
    expect(page.locator("#spoken .words")).to_contain_text("mười chín giờ ba mươi ngày năm")
    page.fill("#answer-1", "a bê xê ích")
    page.locator("#text").press("End")
    page.locator("#text").press_sequentially(" nhé")
    expect(page.locator("#spoken .words")).to_contain_text("gặp a bê xê ích nhé")
    page.click("text=Nghe thử")
    expect(page.locator("#heard audio")).to_have_count(1)
    assert page.url.endswith("/ban-tin/soan"), "the page was left"
    assert page.input_value("#text").endswith("ABCX nhé")
    assert visitor.complaints == []


def test_typing_does_not_send_the_recordings(
    house: House, address: str, context_of: Callable[..., BrowserContext], tmp_path: Path
) -> None:
    page = Visitor(context_of(**DESK), address).sign_in("bientap").go("/ban-tin/soan")
    page.set_input_files("#file-mww", _recording(tmp_path))
    with page.expect_request("**/ban-tin/doc") as asked:
        page.locator("#text").press_sequentially("Kính thưa bà con.")
    assert len(asked.value.post_data_buffer or b"") < 2_000


def test_a_place_is_found_without_accents(
    house: House, address: str, context_of: Callable[..., BrowserContext]
) -> None:
    page = Visitor(context_of(**DESK), address).sign_in("bientap").go("/ban-tin/soan")
    assert page.locator("#places label:visible").count() == 14
    page.fill("#find-place", "ta chai")
    expect(page.locator("#places label:visible")).to_have_text(["Thôn Tả Chải (mẫu) 1 loa"])
    page.fill("#find-place", "")
    assert page.locator("#places label:visible").count() == 14


def test_a_province_finds_a_hamlet_and_keeps_what_it_ticked(
    house: House, address: str, context_of: Callable[..., BrowserContext]
) -> None:
    fill_province(house)
    page = Visitor(context_of(**DESK), address).sign_in("tinhvan").go("/ban-tin/soan")
    page.fill("#title", "Họp tỉnh")
    page.check("#places >> text=Xã Y Tý")
    expect(page.locator("#places label", has_text="Tả Chải")).to_have_count(0)
    page.select_option("#within", label="Xã Tả Phìn")
    page.click("#within >> xpath=../.. >> button")
    page.check("#places >> text=Thôn Tả Chải (mẫu)")
    assert page.locator("#places [name=targets]:checked").count() == 2, "what lies in a ticked place is not sent"
    assert page.input_value("#title") == "Họp tỉnh"
    page.fill("#find-place", "ta chai")
    expect(page.locator("#places label:visible")).to_have_text(["Thôn Tả Chải (mẫu) 1 loa"])


def test_a_report_appears_in_the_open_log(
    house: House, address: str, context_of: Callable[..., BrowserContext]
) -> None:
    broadcast = house.write("Họp thôn", at=house.clock.now + HOUR)
    house.approve(broadcast)
    log = Visitor(context_of(**DESK), address).sign_in("tinh").go("/nhat-ky")
    one = Visitor(context_of(**DESK), address).sign_in("pheduyet").go(f"/ban-tin/{broadcast}")
    expect(log.locator("tbody")).to_contain_text("Chưa tới loa")
    expect(one.locator("#before-air")).to_contain_text("0/1 loa đã sẵn sàng")
    for page in (log, one):
        page.evaluate("window.mark = 1")
    eventually(lambda: len(house.bell._listeners) == 2, what="the streams")
    house.clock.now += HOUR + MINUTE
    house.report("loa-mau-6", house.expected("loa-mau-6", broadcast))
    expect(log.locator("tbody")).to_contain_text("Đã phát")
    expect(one.locator("#live-results")).to_contain_text("Đã phát")
    assert (log.evaluate("window.mark"), one.evaluate("window.mark")) == (1, 1), "the page was loaded anew"


def test_what_changed_before_the_page_could_listen_is_not_lost(
    house: House, address: str, context_of: Callable[..., BrowserContext]
) -> None:
    """On a weak link the stream opens seconds after the page was made."""
    broadcast = house.write("Họp thôn", at=house.clock.now + HOUR)
    house.approve(broadcast)
    house.clock.now += HOUR + MINUTE
    visitor = Visitor(context_of(**DESK), address).sign_in("tinh")
    reported: list[str] = []

    def report_first(route: Route) -> None:
        if not reported:
            reported.append(broadcast)
            house.report("loa-mau-6", house.expected("loa-mau-6", broadcast))
        route.continue_()

    visitor.page.route("**/su-kien", report_first)
    expect(visitor.go("/nhat-ky").locator("tbody")).to_contain_text("Đã phát")


def test_an_open_log_whose_session_ends_asks_to_sign_in(
    house: House, address: str, context_of: Callable[..., BrowserContext]
) -> None:
    page = Visitor(context_of(**DESK), address).sign_in("tinh").go("/nhat-ky?ngay=04/12/2026")
    eventually(lambda: house.bell._listeners, what="the stream")
    house.clock.now += 24 * HOUR
    house.bell.ring("log")
    page.wait_for_url(lambda url: "/dang-nhap" in url)
    page.fill("#username", "tinh")
    page.fill("#password", "mat-khau-thu")
    page.click("main button")
    page.wait_for_url(lambda url: url.endswith("/nhat-ky?ngay=04/12/2026"))


def test_a_log_whose_session_ended_before_its_stream_began_asks_to_sign_in_at_once(
    house: House, address: str, context_of: Callable[..., BrowserContext]
) -> None:
    visitor = Visitor(context_of(**DESK), address).sign_in("tinh")

    def end_first(route: Route) -> None:
        house.clock.now += 24 * HOUR
        route.continue_()

    visitor.page.route("**/su-kien", end_first)
    visitor.go("/nhat-ky")
    visitor.page.wait_for_url(lambda url: "/dang-nhap" in url, timeout=20_000)


@pytest.fixture
def speaking(tmp_path: Path, sample: Path) -> Iterator[str]:
    """A desk with the real studio: espeak-ng and ffmpeg."""
    missing = [tool for tool in ("espeak-ng", "ffmpeg") if shutil.which(tool) is None]
    if missing:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(f"missing: {missing}")

    def studio(archive: ClipArchive) -> Studio:
        narrator = narrator_of([EspeakVoice()], tmp_path / "sentences")
        return Studio(narrator, archive, Originals(tmp_path / "originals"))

    house = House(tmp_path, sample, studio=studio)
    with serving(house) as address:
        yield address
    house.close()


def test_what_is_rendered_plays_in_the_page(speaking: str, context_of: Callable[..., BrowserContext]) -> None:
    visitor = Visitor(context_of(**DESK), speaking).sign_in("bientap")
    page = visitor.go("/ban-tin/soan")
    page.fill("#text", "Kính thưa bà con.")
    page.click("text=Nghe thử")
    page.locator("#heard audio").wait_for(timeout=15_000)
    eventually(lambda: page.evaluate("document.querySelector('#heard audio').ended"), 15, "the end of the sound")
    assert 0.5 < page.evaluate("document.querySelector('#heard audio').duration") < 5
    assert visitor.complaints == []


def test_pictures_for_the_readme(
    lively: tuple[House, str], context_of: Callable[..., BrowserContext], tmp_path: Path
) -> None:
    """Taken at every run, so that they can always be taken; kept where `LOABAN_PICTURES` says."""
    folder = Path(os.environ.get("LOABAN_PICTURES", tmp_path))
    _filled_form(
        Visitor(context_of(viewport={"width": 1000, "height": 1180}), lively[1]).sign_in("bientap").go("/ban-tin/soan"),
        folder / "compose.png",
    )
    log = Visitor(context_of(viewport={"width": 1280, "height": 900}), lively[1]).sign_in("tinh").go("/nhat-ky")
    log.click("details:has(#ban_tin) > summary")
    log.select_option("#ban_tin", label="Lịch họp thôn và thu tiền điện tháng 12")
    log.click("main form button")
    log.wait_for_url(lambda url: "ban_tin=bt" in url)
    expect(log.locator("tbody tr")).to_have_count(6)
    log.screenshot(path=folder / "log.png")
    for name in ("compose.png", "log.png"):
        assert 10_000 < (folder / name).stat().st_size <= LARGEST_PICTURE


def _filled_form(page: Page, path: Path) -> None:
    page.fill("#title", "Thông báo họp thôn tháng 12")
    page.select_option("#topic", "chinh-sach")
    page.locator("#text").fill(
        "Kính thưa bà con. Thôn ta họp lúc 19h30 ngày 05/12 tại nhà văn hóa. Mỗi hộ cử 1 người dự họp."
    )
    page.locator("#text").press_sequentially(" ")
    expect(page.locator("#spoken .words")).to_contain_text("mười chín giờ")
    page.screenshot(path=path)


def test_what_it_costs_in_data_follows_the_form(
    house: House, address: str, context_of: Callable[..., BrowserContext]
) -> None:
    house.follow()
    visitor = Visitor(context_of(**DESK), address).sign_in("bientap")
    page = visitor.go("/ban-tin/soan")
    while page.locator("#places input:checked").count():
        page.locator("#places input:checked").first.uncheck()
    expect(page.locator("#outlay p")).to_have_count(1)
    expect(page.locator("#outlay")).to_contain_text("0 loa")
    page.locator("#text").press_sequentially("Kính thưa bà con.")
    page.check("#places >> text=Thôn Tả Chải (mẫu)")
    expect(page.locator("#outlay")).to_contain_text("Ước tính 4 kB mỗi loa")
    page.click("text=Nghe thử")
    expect(page.locator("#outlay")).to_contain_text("1 kB mỗi loa")
    expect(page.locator("#outlay")).not_to_contain_text("Ước tính")
    page.check("text=Hằng ngày")
    expect(page.locator("#outlay")).to_contain_text("Phát lại cùng âm thanh không tốn thêm.")
    assert visitor.complaints == []


def test_loudspeakers_get_ready_before_the_eyes_of_staff(
    house: House, address: str, context_of: Callable[..., BrowserContext]
) -> None:
    broadcast = house.write(at=house.clock.now + HOUR)
    house.approve(broadcast)
    visitor = Visitor(context_of(**DESK), address).sign_in("bientap")
    page = visitor.go(f"/ban-tin/{broadcast}")
    expect(page.locator("#before-air .ready")).to_have_text("0/1 loa đã sẵn sàng")
    with house.stores.open() as store:
        held = {area: programme.revision for area, programme in store.fleet.programmes().items()}
    house.hear("loa-mau-6", Status(online=True, journal="j", programmes=held, trust=ClockTrust.ntp))
    expect(page.locator("#before-air .ready.all")).to_have_text("1/1 loa đã sẵn sàng", timeout=15_000)
    house.hear("loa-mau-6", Status(online=True, journal="j", programmes=held, trust=ClockTrust.none, number=1))
    expect(page.locator("#before-air .lacks")).to_contain_text("đồng hồ chưa đúng", timeout=15_000)
    assert visitor.complaints == []


def test_a_page_is_not_asked_for_anew_each_time_that_one_of_thousands_speaks(
    house: House, address: str, context_of: Callable[..., BrowserContext]
) -> None:
    visitor = Visitor(context_of(**DESK, bypass_csp=True), address).sign_in("tinh")
    keep = "(f, ms, ...rest) => (ms === 3000 ? later.push(f) : real(f, ms, ...rest))"
    visitor.page.add_init_script(f"const real = setTimeout; window.later = []; window.setTimeout = {keep};")
    page = visitor.go("/loa")
    page.evaluate(
        "window.heard = {fleet: 0, log: 0};"
        "for (const t of ['fleet', 'log']) document.body.addEventListener(t, () => (heard[t] += 1))"
    )
    eventually(lambda: len(house.bell._listeners) == 1, what="the stream")
    house.bell.ring("fleet")
    page.wait_for_function("heard.fleet === 1")
    for topic in ("fleet", "fleet", "log"):
        house.bell.ring(topic)
    page.wait_for_function("heard.log === 1")
    assert page.evaluate("heard.fleet") == 1, "it rests"
    page.evaluate("later.splice(0).forEach((f) => f())")
    page.wait_for_function("heard.fleet === 2")
    page.evaluate("later.splice(0).forEach((f) => f())")
    assert page.evaluate("heard.fleet") == 2, "what was told is not told again"


@pytest.mark.parametrize("scripts", [True, False])
def test_a_recording_is_uploaded_heard_and_dropped_before_anything_is_sent(
    speaking: str, context_of: Callable[..., BrowserContext], tmp_path: Path, scripts: bool
) -> None:
    """With the real studio; the second press sends no file again, and the recording stays."""
    page = Visitor(context_of(**{**WITHOUT_SCRIPTS, "java_script_enabled": scripts}), speaking).sign_in("bientap").page
    page.click("main >> text=Soạn bản tin")
    page.fill("#title", "Họp thôn")
    page.click("text=Dùng bản ghi thay cho giọng máy")
    (tmp_path / "no sound.mp3").write_text("Kính thưa bà con")
    page.set_input_files("#file-vi", tmp_path / "no sound.mp3")
    page.click("text=Tải lên và nghe >> visible=true")
    expect(page.locator("#error-recording-vi")).to_contain_text("không phải bản ghi âm")
    tone(tmp_path / "họp thôn.wav")
    page.set_input_files("#file-vi", tmp_path / "họp thôn.wav")
    page.check("input[name=music-vi]")  # a tone is no speech
    page.click("text=Tải lên và nghe >> visible=true")
    expect(page.locator(".variant[open] .taken audio")).to_have_count(1)
    assert page.input_value("#title") == "Họp thôn"
    page.click("text=Nghe thử")
    expect(page.locator("#heard audio")).to_have_count(1)
    expect(page.locator("#heard")).to_contain_text("Bản ghi")
    if scripts:
        page.click('button:has-text("Bỏ bản ghi này")')
    else:
        page.check("input[name=drop-vi]")
        page.click("text=Tải lên và nghe >> visible=true")
    expect(page.locator(".taken audio")).to_have_count(0)

"""The app on a telephone without a network: the programme as it was last seen, a draft that is written and recorded, and how
it arrives when the network is back.

Imported by pytest alone.
"""

import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect

from schedules.clock import HOUR
from server.staff import IDLE
from tests.browser.conftest import Visitor
from tests.browser.microphones import listening, speech
from tests.browser.serving import serving
from tests.browser.test_autosave import PHONE, STATE, WITHIN, kept, ready
from tests.browser.test_narrations import picture
from tests.browser.test_recording import desk, profile, seconds
from tests.waiting import eventually
from tests.web.stage import PASSWORD, House

__all__ = ["desk"]
WORKER = "async () => (await navigator.serviceWorker.getRegistration())?.active && (await caches.has('loaban-own'))"
GONE = re.compile("Đang mất mạng")
WAITING = "#unsent .card"

Contexts = Callable[..., BrowserContext]


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


def prepared(context: BrowserContext, address: str, username: str = "bientap") -> Visitor:
    """Somebody who has signed in here with a network."""
    visitor = Visitor(context, address).sign_in(username)
    eventually(lambda: visitor.page.evaluate(WORKER), what="the worker and its page", within_s=20)
    return visitor


def newest(house: House) -> list[tuple[str, str, tuple[str, ...]]]:
    """Title, text and languages recorded, of each draft that is worked on."""
    with house.stores.open() as store:
        found = [store.drafts.edition(each.id, each.number) for each in store.drafts.open_below(["/"], 10)]
    return [
        (e.form.title, e.form.text, tuple(tag for tag, clip in e.form.recordings.items() if clip)) for e in found if e
    ]


def write(page: Page, title: str, text: str) -> None:
    page.fill("#title", title)
    page.fill("#text", text)
    expect(page.locator(WAITING, has_text=title)).to_be_visible()


def test_without_a_network_the_programme_is_there_and_a_draft_is_written_that_arrives(
    house: House, address: str, context_of: Contexts
) -> None:
    house.approve(house.write("Tiêm phòng cho trâu bò", at=house.clock.now + 2 * HOUR))
    context = context_of(viewport=PHONE)
    visitor = prepared(context, address)
    context.set_offline(True)
    page = visitor.go("/loa")  # whatever is opened
    expect(page.locator("h1")).to_have_text("Khi mất mạng")
    expect(page.locator("[data-link]")).to_have_text(GONE)
    expect(page.locator(".day").first).to_contain_text("14:00 Tiêm phòng cho trâu bò")
    assert "Ngày mai" in page.locator(".day").nth(1).inner_text()
    write(page, "Lũ về", "Bà con lên nơi cao.")
    expect(page.locator(WAITING)).to_contain_text("chờ có mạng")
    picture(page, "without-a-network")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.click("text=Xong, viết bản khác")
    write(page, "Họp thôn", "")
    assert newest(house) == []
    context.set_offline(False)
    expect(page.locator(f"{WAITING}.good")).to_have_count(2, timeout=WITHIN)
    picture(page, "network-back")
    assert sorted(newest(house)) == [("Họp thôn", "", ()), ("Lũ về", "Bà con lên nơi cao.", ())]
    page.locator(f"{WAITING}.good", has_text="Lũ về").locator("a").click()
    expect(page.locator("#text")).to_have_value("Bà con lên nơi cao.")
    assert page.locator("[name=targets]:checked").count() > 0
    assert [each for each in visitor.complaints if "ERR_INTERNET" not in each] == []


def test_what_was_written_is_sent_by_a_later_page_once_and_after_signing_in_again(
    house: House, address: str, context_of: Contexts
) -> None:
    context = context_of()
    visitor = prepared(context, address)
    context.set_offline(True)
    write(visitor.go("/"), "Viết khi mất mạng", "Một.")
    visitor.page.close()
    house.clock.now += IDLE + HOUR
    context.set_offline(False)
    page = Visitor(context, address).go("/ngoai-tuyen")
    page.fill("#username", "bientap")
    page.fill("#password", PASSWORD)
    page.click("main button")
    eventually(lambda: newest(house) == [("Viết khi mất mạng", "Một.", ())], what="the draft", within_s=20)
    eventually(lambda: kept(page) == [], what="forgetting it")
    page.goto(f"{address}/ban-tin")
    assert len(newest(house)) == 1


def test_what_was_recorded_without_a_network_arrives_with_its_words(ear: Browser, desk: House, tmp_path: Path) -> None:
    with serving(desk) as address:
        context = profile(ear, viewport=PHONE)
        visitor = prepared(context, address)
        context.set_offline(True)
        page = visitor.go("/ban-tin")
        write(page, "Nói khi mất mạng", "")
        page.select_option("#spoken", "vi")
        page.click('[data-do="record"]')
        expect(page.locator("[data-elapsed]")).to_have_text("0:04", timeout=WITHIN)
        picture(page, "recording-without-a-network")
        page.click('[data-do="stop"]')
        expect(page.locator("[data-status]")).to_have_text("Bản ghi âm đang giữ trong máy này.", timeout=WITHIN)
        assert newest(desk) == []
        page.close()  # and the device is put away
        context.set_offline(False)
        Visitor(context, address).go("/")
        wanted = [("Nói khi mất mạng", "", ("vi",))]
        eventually(lambda: newest(desk) == wanted, what="words and recording", within_s=60)
        with desk.stores.open() as store:
            [draft] = store.drafts.open_below(["/"], 10)
            edition = store.drafts.edition(draft.id, draft.number)
        assert edition
        assert seconds(desk.archive.folder / f"{edition.form.recordings['vi']}.opus", tmp_path) > 2.5


def test_nobody_sees_the_page_of_another_nor_of_who_has_signed_out(
    house: House, address: str, context_of: Contexts
) -> None:
    context = context_of()
    visitor = prepared(context, address)
    visitor.go("/ban-tin/soan").click("text=Đăng xuất")
    visitor.page.wait_for_url(f"{address}/dang-nhap")
    context.set_offline(True)
    page = visitor.go("/")
    expect(page.locator("h1")).to_have_text("Khi mất mạng")
    assert page.locator("#offline").count() == 0
    assert "Biên tập" not in page.locator("body").inner_text()
    context.set_offline(False)
    visitor.sign_in("pheduyet")
    eventually(lambda: page.evaluate("caches.has('loaban-own')"), what="the page of another")
    context.set_offline(True)
    visitor.go("/")
    expect(page.locator("#offline")).to_have_attribute("data-staff", "pheduyet")


def test_a_notification_of_the_server_is_shown_and_opens_its_page(
    house: House, address: str, context_of: Contexts
) -> None:
    context = context_of(permissions=["notifications"])
    visitor = prepared(context, address)
    session = context.new_cdp_session(visitor.page)
    found: list[dict[str, str]] = []
    session.on("ServiceWorker.workerRegistrationUpdated", lambda told: found.extend(told["registrations"]))
    session.send("ServiceWorker.enable")
    eventually(lambda: visitor.page.evaluate("1") and found, what="the worker")
    told = '{"title": "Chờ phê duyệt", "body": "Họp thôn", "url": "/phe-duyet"}'
    number = found[0]["registrationId"]
    message = {"origin": address, "registrationId": number, "data": told}
    shown = """async () => (await (await navigator.serviceWorker.ready).getNotifications())
      .map((each) => [each.title, each.body, each.data.url].join("|"))"""

    def arrived() -> bool:
        seen = set(visitor.page.evaluate(shown))
        if not seen:  # a worker that is just beginning may miss what a service would send again
            session.send("ServiceWorker.deliverPushMessage", message)
        return seen == {"Chờ phê duyệt|Họp thôn|/phe-duyet"}

    eventually(arrived, what="the notification", within_s=30)


def test_the_app_can_be_installed(house: House, address: str, context_of: Contexts) -> None:
    context = context_of()
    visitor = prepared(context, address)
    session = context.new_cdp_session(visitor.page)
    manifest = session.send("Page.getAppManifest")
    assert manifest["errors"] == []
    assert '"short_name":"Loa Bản"' in manifest["data"]
    faults = session.send("Page.getInstallabilityErrors")["installabilityErrors"]
    assert [fault["errorId"] for fault in faults if fault["errorId"] != "in-incognito"] == []


def test_over_plain_http_there_is_no_worker_and_everything_else_works(
    playwright: Playwright, house: House, address: str
) -> None:
    named = address.replace("127.0.0.1", "loa.test")
    with listening(playwright, None, "--host-resolver-rules=MAP loa.test 127.0.0.1") as browser:
        visitor = Visitor(profile(browser, viewport=PHONE), named).sign_in("bientap")
        page = ready(visitor.go("/ban-tin/soan"))
        assert not page.evaluate("isSecureContext || 'serviceWorker' in navigator || 'caches' in window")
        page.fill("#title", "Không qua HTTPS")
        expect(page.locator(STATE)).to_have_text("Đã lưu lúc 12:00.", timeout=WITHIN)
        assert newest(house) == [("Không qua HTTPS", "", ())]
        page = visitor.go("/ngoai-tuyen")
        write(page, "Giữ trong máy", "Một.")
        eventually(lambda: ("Giữ trong máy", "Một.", ()) in newest(house), what="the draft", within_s=20)
        assert page.locator('#offline [data-why="insecure"]').is_visible()
        page.click("text=Đăng xuất")
        page.wait_for_url(f"{named}/dang-nhap")
        assert kept(page) == []
        assert [each for each in visitor.complaints if "Opener-Policy" not in each] == []

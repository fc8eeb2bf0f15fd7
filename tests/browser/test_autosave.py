"""Nobody loses a word: a form that saves itself, a tab that dies, a link that breaks, a session that ends, and two people
at one draft, in a real browser.

Imported by pytest alone.
"""

import contextlib
import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Error, Page, expect

from schedules.clock import HOUR, MINUTE
from server import staff
from server.staff import IDLE
from tests.browser.conftest import Visitor
from tests.browser.test_narrations import picture
from tests.waiting import eventually
from tests.web.stage import PASSWORD, House

PHONE = {"width": 320, "height": 700}
WITHIN = 20_000
STATE = "[data-state]"
NEWER = "[data-keeping] [data-newer]"
OTHERS = "[data-keeping] [data-others]"
LEFT = "[data-keeping] .card:has([data-do=back])"

Contexts = Callable[..., BrowserContext]


def editions(house: House) -> list[tuple[str, str]]:
    """Title and text of the newest edition of each draft that is worked on, newest first."""
    with house.stores.open() as store:
        found = store.drafts.open_below(["/"], 10)
        newest = [store.drafts.edition(draft.id, draft.number) for draft in found]
    return [(edition.form.title, edition.form.text) for edition in newest if edition]


def writing(context: BrowserContext, address: str, username: str = "bientap", path: str = "/ban-tin/soan") -> Page:
    return ready(Visitor(context, address).sign_in(username).go(path))


def ready(page: Page) -> Page:
    """The form, once its script listens."""
    page.locator("[data-keeping][data-is]").wait_for(state="attached", timeout=WITHIN)
    return page


def kept(page: Page) -> list[str]:
    """The keys of what this browser keeps of words."""
    keys: list[str] = page.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('loaban-words/'))")
    return keys


def end_sessions(house: House, username: str = "bientap") -> None:
    with house.stores.open() as store:
        store.sessions.end_of(username)


def test_it_saves_itself_and_a_later_page_goes_on_with_it(house: House, address: str, context_of: Contexts) -> None:
    visitor = Visitor(context_of(viewport=PHONE), address).sign_in("bientap")
    page = visitor.go("/ban-tin/soan")
    page.fill("#title", "Họp thôn")
    expect(page.locator(STATE)).to_have_text("Đã lưu lúc 12:00.", timeout=WITHIN)
    picture(page, "autosaved")
    assert editions(house) == [("Họp thôn", "")]
    assert re.search(r"\?nhap=[\w-]+$", page.url)
    page.fill("#text", "Tối nay họp.\n\nMời bà con.")
    expect(page.locator(STATE)).to_have_text("Đã lưu lúc 12:00.", timeout=WITHIN)
    eventually(lambda: editions(house) == [("Họp thôn", "Tối nay họp.\r\n\r\nMời bà con.")], what="the text")
    assert kept(page) == []
    page.reload()
    expect(page.locator("#text")).to_have_value("Tối nay họp.\n\nMời bà con.")
    page.click("text=Gửi phê duyệt")
    page.wait_for_url(re.compile(r"/ban-tin/ps-"), timeout=WITHIN)
    assert editions(house) == []
    visitor.go("/ban-tin/soan")
    assert page.locator(LEFT).count() == 0
    assert visitor.complaints == []


def test_leaving_saves_at_once(house: House, address: str, context_of: Contexts) -> None:
    page = writing(context_of(), address)
    page.fill("#title", "Chưa đợi")
    page.goto(f"{address}/ban-tin")
    eventually(lambda: editions(house) == [("Chưa đợi", "")], what="what was typed a moment ago")


def test_a_tab_that_dies_in_mid_form_without_a_link_loses_not_one_word(
    house: House, address: str, context_of: Contexts
) -> None:
    context = context_of(viewport=PHONE)
    page = writing(context, address)
    page.fill("#title", "Bão số 3")
    expect(page.locator(STATE)).to_have_text("Đã lưu lúc 12:00.", timeout=WITHIN)
    page.route("**/ban-tin/nhap", lambda route: route.abort("internetdisconnected"))
    page.fill("#text", "Nước lên nhanh.")
    expect(page.locator(STATE)).to_have_text("Chưa lưu: mất mạng, đang giữ trong máy này.", timeout=WITHIN)
    picture(page, "autosave-offline")
    with page.expect_event("crash"), contextlib.suppress(Error):
        page.goto("chrome://crash")
    assert editions(house) == [("Bão số 3", "")]
    later = Visitor(context, address).go("/ban-tin/soan")
    expect(later.locator(LEFT)).to_contain_text("Còn chữ chưa gửi từ", timeout=WITHIN)
    picture(later, "leftover")
    later.click("text=Lấy lại")
    later.wait_for_url(re.compile(r"\?nhap="), timeout=WITHIN)
    expect(later.locator("#text")).to_have_value("Nước lên nhanh.")
    assert editions(house) == [("Bão số 3", "Nước lên nhanh.")]
    eventually(lambda: kept(later) == [], what="forgetting what the server has")


def test_a_link_that_breaks_while_it_is_sent_leaves_the_form_where_it_is(
    house: House, address: str, context_of: Contexts
) -> None:
    context = context_of()
    page = writing(context, address)
    page.fill("#title", "Họp thôn")
    page.fill("#text", "Mời bà con.")
    context.set_offline(True)
    page.click("text=Gửi phê duyệt")
    expect(page.locator(STATE)).to_have_text("Chưa lưu: mất mạng, đang giữ trong máy này.", timeout=WITHIN)
    assert page.locator("#text").input_value() == "Mời bà con."
    context.set_offline(False)
    expect(page.locator(STATE)).to_have_text("Đã lưu lúc 12:00.", timeout=WITHIN)
    page.click("text=Gửi phê duyệt")
    page.wait_for_url(re.compile(r"/ban-tin/ps-"), timeout=WITHIN)
    assert len(house.broadcasts()) == 1


def sign_in_again(page: Page, username: str = "bientap") -> None:
    page.fill("[name=lai_ten]", username)
    page.fill("[name=lai_mat_khau]", PASSWORD)
    page.click("text=Đăng nhập và gửi tiếp")


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
def test_a_session_that_ends_in_mid_form_costs_a_password_and_not_one_word(
    house: House, address: str, context_of: Contexts, scripts: bool
) -> None:
    page = (
        Visitor(context_of(viewport=PHONE, java_script_enabled=scripts), address).sign_in("bientap").go("/ban-tin/soan")
    )
    page.fill("#title", 'Họp "thôn" <b>')
    page.fill("#text", "Dòng một.\n\nDòng hai.")
    house.clock.now += IDLE + HOUR
    if scripts:
        expect(page.locator(STATE)).to_contain_text("phiên đăng nhập đã hết", timeout=WITHIN)
        page.click("text=Đăng nhập và lưu")
    else:
        page.click("text=Lưu nháp")
    expect(page.locator("h1")).to_have_text("Đăng nhập lại", timeout=WITHIN)
    picture(page, "sign-in-again")
    page.fill("[name=lai_ten]", "bientap")
    page.fill("[name=lai_mat_khau]", "wrong")
    page.click("text=Đăng nhập và gửi tiếp")
    expect(page.locator(".error")).to_have_text("Sai tên đăng nhập hoặc mật khẩu.")
    sign_in_again(page)
    page.wait_for_url(re.compile(r"\?nhap="), timeout=WITHIN)
    expect(page.locator("#text")).to_have_value("Dòng một.\n\nDòng hai.")
    assert editions(house) == [('Họp "thôn" <b>', "Dòng một.\r\n\r\nDòng hai.")]


def test_at_a_shared_computer_nobody_gets_or_sends_the_words_of_another(
    house: House, address: str, context_of: Contexts
) -> None:
    context = context_of()
    page = writing(context, address)
    page.fill("#title", "Chuyện của biên tập")
    end_sessions(house)
    expect(page.locator(STATE)).to_contain_text("phiên đăng nhập đã hết", timeout=WITHIN)
    other = writing(context, address, "pheduyet")  # in another tab of the same browser
    assert other.locator(LEFT).count() == 0
    page.fill("#title", "Chuyện kín của biên tập")
    expect(page.locator(STATE)).to_contain_text("người khác đang đăng nhập", timeout=WITHIN)
    page.click("text=Lưu nháp")
    sign_in_again(page, "pheduyet")
    expect(page.locator(".error")).to_contain_text("do người khác gõ")
    assert editions(house) == []
    sign_in_again(page)
    page.wait_for_url(re.compile(r"\?nhap="), timeout=WITHIN)
    assert editions(house) == [("Chuyện kín của biên tập", "")]


def test_two_people_at_one_draft_are_told_of_each_other(house: House, address: str, context_of: Contexts) -> None:
    mine = writing(context_of(viewport=PHONE), address)
    mine.fill("#title", "Chung")
    expect(mine.locator(STATE)).to_have_text("Đã lưu lúc 12:00.", timeout=WITHIN)
    house.clock.now += MINUTE
    path = mine.url.removeprefix(address)
    theirs = writing(context_of(), address, "pheduyet", path)
    expect(mine.locator(OTHERS)).to_have_text(
        "Lãnh đạo phê duyệt (mẫu) cũng đang mở bản nháp này, từ 12:01.", timeout=WITHIN
    )
    expect(theirs.locator(OTHERS)).to_contain_text("Biên tập viên (mẫu) cũng đang mở", timeout=WITHIN)
    theirs.fill("#title", "Bản của lãnh đạo")
    expect(mine.locator(NEWER)).to_contain_text(
        "Lãnh đạo phê duyệt (mẫu) đã lưu bản mới hơn lúc 12:01.", timeout=WITHIN
    )
    picture(mine, "two-people")
    mine.fill("#title", "Bản của tôi")
    expect(mine.locator(STATE)).to_have_text("Chưa lưu: người khác đã viết tiếp.", timeout=WITHIN)
    theirs.goto(f"{address}/")
    expect(mine.locator(OTHERS)).to_be_hidden(timeout=WITHIN)
    mine.click("text=Lưu nháp")
    expect(mine.locator(".error").last).to_contain_text("vừa lưu bản nháp này (12:01)", timeout=WITHIN)
    assert mine.locator("#title").input_value() == "Bản của tôi"
    mine.locator("#text").fill("Viết tiếp")
    expect(mine.locator(STATE)).to_have_text("Chưa lưu: người khác đã viết tiếp.", timeout=WITHIN)
    assert editions(house) == [("Bản của lãnh đạo", "")], "theirs is written over by nobody who has not said so"
    mine.click("text=Lưu nháp")
    mine.wait_for_url(re.compile(r"\?nhap="), timeout=WITHIN)
    assert editions(house) == [("Bản của tôi", "Viết tiếp")]


def test_who_signs_out_leaves_nothing_behind(house: House, address: str, context_of: Contexts) -> None:
    context = context_of()
    page = writing(context, address)
    eventually(lambda: page.evaluate("caches.has('loaban-own')"), what="the page for no network")
    page.fill("#title", "Viết dở")
    page.click("text=Đăng xuất")
    page.wait_for_url(f"{address}/dang-nhap")
    assert editions(house) == [("Viết dở", "")], "what can still be saved is saved"
    assert kept(page) == []
    assert not page.evaluate("caches.has('loaban-own')")


def test_who_signs_out_with_something_unsent_is_asked(house: House, address: str, context_of: Contexts) -> None:
    context = context_of()
    page = writing(context, address)
    page.route("**/ban-tin/nhap", lambda route: route.abort())
    page.fill("#title", "Chưa gửi")
    expect(page.locator(STATE)).to_contain_text("Chưa lưu", timeout=WITHIN)
    asked: list[str] = []
    answers = iter((False, True))

    def answer(dialog: Any) -> None:
        asked.append(dialog.message)
        (dialog.accept if next(answers) else dialog.dismiss)()

    page.on("dialog", answer)
    page.click("text=Đăng xuất")
    eventually(lambda: len(asked) == 1 or page.evaluate("1") != 1, what="the question")
    assert "Vẫn đăng xuất?" in asked[0]
    assert len(kept(page)) == 1
    page.click("text=Đăng xuất")
    page.wait_for_url(f"{address}/dang-nhap")
    assert kept(page) == []
    with house.stores.open() as store:
        assert staff.sessions_of(store, "bientap", house.clock.now) == []


def test_without_scripts_it_is_saved_by_its_button(house: House, address: str, context_of: Contexts) -> None:
    page = Visitor(context_of(java_script_enabled=False), address).sign_in("bientap").go("/ban-tin/soan")
    page.fill("#title", "Không có JavaScript")
    page.click("text=Lưu nháp")
    assert editions(house) == [("Không có JavaScript", "")]
    assert page.locator("[data-keeping]").inner_text().strip() == ""

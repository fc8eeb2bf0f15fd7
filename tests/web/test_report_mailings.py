"""The pages of reports that go out by e-mail, and of months of the log that are in the archive.

Imported by pytest alone.
"""

from starlette.testclient import TestClient

from schedules.clock import DAY, HOUR
from server.archiving import Archivist
from server.export import Format
from server.export_folder import ExportFolder
from server.report_files import write
from server.report_post import FOLDER, ReportPost
from tests.web.stage import House, text_of

ORDER = {"area": "xa-03013", "every": "month", "day": "5", "addresses": "tinh@lao-cai.example\nxa@y-ty.example"}


def administrator(house: House) -> TestClient:
    return house.somebody("quantri")


def ordered(house: House, browser: TestClient) -> str:
    answer = browser.post("/bao-cao/gui-thu", data={**ORDER, "format": ["csv", "pdf"]})
    assert answer.status_code == 303, text_of(answer.text)
    with house.stores.open() as store:
        [mailing] = store.report_mailings.standing()
    assert (mailing.formats, mailing.day) == ((Format.pdf, Format.csv), 5)
    return mailing.id


def post(house: House) -> ReportPost:
    folder = house.desk.settings.data_folder / FOLDER

    def written(path: object) -> None:
        write(ExportFolder(path), house.stores, lambda: house._keyring.current().key, house.clock)  # type: ignore[arg-type]

    return ReportPost(house.stores, folder, written, house.clock, 10)


def test_an_order_is_told_with_what_comes_next(house: House) -> None:
    browser = administrator(house)
    assert "/bao-cao/gui-thu" in browser.get("/bao-cao").text
    ordered(house, browser)
    page = text_of(browser.get("/bao-cao/gui-thu").text)
    assert "tinh@lao-cai.example" in page
    assert "hằng tháng" in page
    assert "tháng 11/2026, lúc 05/12/2026 07:00" in page
    assert "LOABAN_SMTP" in page, "without a mail server the page must say that nothing is sent"


def test_what_was_typed_wrong_is_told_and_kept(house: House) -> None:
    browser = administrator(house)
    typed = {**ORDER, "addresses": "tinh@lao-cai.example\nkhong phai", "day": "31"}
    answer = browser.post("/bao-cao/gui-thu", data={**typed, "format": "csv"})
    page = text_of(answer.text)
    assert answer.status_code == 422
    assert "khong, phai" in page
    assert "từ 1 đến 28" in page
    assert "tinh@lao-cai.example" in page
    with house.stores.open() as store:
        assert store.report_mailings.standing() == []


def test_the_files_behind_a_link_are_for_who_sees_the_area(house: House) -> None:
    browser = administrator(house)
    mailing = ordered(house, browser)
    house.clock.now += 30 * HOUR
    post(house).round()
    browser = administrator(house)
    address = f"/bao-cao/gui-thu/{mailing}/2026-11"
    page = browser.get(address)
    assert "so-lieu-xa-03013-2026-11.csv.sig.json" in page.text
    file = browser.get(f"{address}/so-lieu-xa-03013-2026-11.csv")
    assert file.headers["content-type"].startswith("text/csv")
    assert file.headers["cache-control"] == "no-store"
    for wrong in ("ask.json", "..%2Fask.json", "made.json"):
        assert browser.get(f"{address}/{wrong}").status_code == 404
    assert browser.get(f"/bao-cao/gui-thu/{mailing}/2026-10").status_code == 200
    assert house.anonymous().get(address).status_code != 200


def test_a_sending_that_failed_is_shown_with_its_cause_and_a_button(house: House) -> None:
    browser = administrator(house)
    mailing = ordered(house, browser)
    with house.stores.open() as store:
        store.staff.set_disabled("quantri", 1)
    house.clock.now += 30 * HOUR
    post(house).round()
    with house.stores.open() as store:
        store.staff.set_disabled("quantri", 0)
    browser = administrator(house)
    page = browser.get("/bao-cao/gui-thu")
    assert "không còn quyền này" in page.text
    assert f"{mailing}/gui-lai" in page.text
    assert browser.post(f"/bao-cao/gui-thu/{mailing}/gui-lai", data={"period": "2026-11"}).status_code == 303
    post(house).round()
    page = browser.get("/bao-cao/gui-thu")
    assert "gui-lai" not in page.text
    assert browser.post(f"/bao-cao/gui-thu/{mailing}/dung").status_code == 303
    assert mailing not in browser.get("/bao-cao/gui-thu").text


def test_a_month_in_the_archive_is_shown_corrected_and_missed_in_words(house: House) -> None:
    broadcast = house.write("Họp thôn", at=house.clock.now + HOUR, targets=("thon-mau-ta-chai",))
    house.approve(broadcast)
    house.clock.now += 3 * HOUR
    told = house.expected("loa-mau-6", broadcast)
    house.report("loa-mau-6", told)
    house.clock.now += 190 * DAY
    browser = house.somebody("pheduyet")
    log, row = "/nhat-ky?tu=01/12/2026&den=31/12/2026", f"/nhat-ky/loa-mau-6/{told.occurrence}"
    before = [text_of(browser.get(address).text) for address in (log, row, "/bao-cao?ky=2026-12")]
    folder = house.desk.settings.data_folder / "archive"
    parts = Archivist(house.stores, folder, house.clock).archive(3)
    assert [part.month for part in parts] == ["2026-12"]
    assert [text_of(browser.get(address).text) for address in (log, row, "/bao-cao?ky=2026-12")] == before
    assert "Họp thôn" in before[0]
    path = folder / parts[0].file
    path.rename(folder / "away")
    for address in (log, row):
        answer = browser.get(address)
        assert answer.status_code == 503
        assert "loaban archive --verify" in text_of(answer.text)
    (folder / "away").rename(path)
    name = f"{'j'} {told.sequence}"
    page = browser.get(row)
    assert page.status_code == 200
    names = page.text.partition('name="names" value="')[2].partition('"')[0] or name
    sent = {"names": names, "outcome": "missed", "why": "Tôi ở đó, không nghe"}
    assert browser.post(f"{row}/dinh-chinh", data=sent).status_code == 303
    assert "Tôi ở đó, không nghe" in text_of(browser.get(row).text)

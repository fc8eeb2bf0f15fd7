"""Pages of one loudspeaker: health in words, the trial step by step, repairs, volume below the ceiling, what is written
down, and the sheet that is handed over.

Imported by pytest alone.
"""

import re

import msgspec
import pytest
from starlette.testclient import TestClient

from schedules.assignment import VolumePreset
from schedules.clock import HOUR, MINUTE, SECOND, ClockTrust
from schedules.playback import Evidence, Outcome, Playback
from schedules.trial import slot_of
from schedules.vitals import Vitals
from schedules.wire import Report, Status
from server import chimes, oversight
from server.area import AreaSettings
from tests.store.test_chimes import Maker
from tests.web.stage import NOON, House, text_of

DEVICE = "loa-mau-1"
PAGE = f"/loa/{DEVICE}"


@pytest.fixture
def keeper(house: House) -> TestClient:
    return house.somebody("quantri")


def said(number: int, **more: object) -> Status:
    return Status(True, "j", run="r", link=1, number=number, trust=ClockTrust.ntp, version="0.9", **more)  # type: ignore[arg-type]


def heard(house: House, status: Status, ago: int = 0, device: str = DEVICE) -> None:
    with house.stores.open() as store:
        oversight.file_status(store, device, status, NOON - ago)


def shown(browser: TestClient, path: str = PAGE) -> str:
    answer = browser.get(path)
    assert answer.status_code == 200
    return text_of(answer.text)


def test_its_health_is_said_in_words(house: House, editor: TestClient) -> None:
    assert "Loa chưa từng báo về." in shown(editor)
    heard(house, said(1, vitals=Vitals(temperature=51, battery=12, mains=False, signal=-80)), 6 * HOUR + 48 * MINUTE)
    page = shown(editor)
    assert "Mất kết nối từ 05:12 hôm nay; lần cuối pin 12 %" in page
    assert "Nhiều khả năng ắc quy đã cạn." in page
    heard(house, said(2, vitals=Vitals(temperature=51, battery=80, mains=True, signal=-80)))
    page = shown(editor)
    assert "Có kết nối; tin cuối lúc 12:00 hôm nay" in page
    assert "51 °C" in page
    assert "-80 dBm" in page
    assert "0.9" in page


def test_how_it_was_is_drawn_with_its_silences(house: House, editor: TestClient) -> None:
    assert "Chưa có số liệu nào được lưu." in shown(editor)
    for number in range(24 * 7, 0, -1):
        if not 40 < number < 60:
            vitals = Vitals(temperature=40 + number % 9, battery=50)
            heard(house, said(200 - number, vitals=vitals), number * HOUR - MINUTE)
    week = editor.get(PAGE).text
    lines = re.findall(r"<svg.*?</svg>", week, re.DOTALL)
    hot = next(line for line in lines if "Nhiệt độ" in line)
    assert "Nhiệt độ trong 7 ngày: từ 40 đến 48 °C" in hot
    assert hot.count("<polyline") > 2, "an hour without a word breaks the line of a week"
    month = next(line for line in re.findall(r"<svg.*?</svg>", editor.get(f"{PAGE}?ngay=30").text, re.DOTALL))
    assert month.count("<polyline") == 2, "a night without a word breaks the line of a month"
    assert month.count("<rect") == 2, "before the first word, and the night"
    assert "style=" not in week


def test_a_trial_is_two_clicks_from_home_and_is_told_step_by_step(house: House, editor: TestClient) -> None:
    chimes.install(house.stores, Maker(), NOON)
    house.follow()
    heard(house, said(1))
    fleet = editor.get("/loa").text
    assert f'action="/loa/{DEVICE}/phat-thu"' in fleet, "one click leads here, the next one orders it"
    answer = editor.post(f"{PAGE}/phat-thu")
    assert (answer.status_code, answer.headers["location"]) == (303, f"{PAGE}#phat-thu")
    page = shown(editor)
    assert "Biên tập viên (mẫu) ra lệnh lúc 12:00:00; âm lượng 100 %." in page
    assert "Lệnh đang trên đường tới loa." in page
    assert "every 2s" in editor.get(PAGE).text
    with house.stores.open() as store:
        assignment = store.fleet.assignments([DEVICE])[DEVICE]
    assert assignment.trial is not None
    heard(house, said(2, assignment=assignment.revision), -SECOND)
    assert "Loa đã nhận được lệnh." in shown(editor)
    assert editor.post(f"{PAGE}/phat-thu").status_code == 409, "one at a time"
    slot = slot_of(assignment.trial)
    playback = Playback(
        1, slot.occurrence, slot.broadcast, slot.bulletin, slot.start, Outcome.played, started=slot.start,
        due_ms=2_900, sounded_ms=2_900, evidence=Evidence.counted,
    )  # fmt: skip
    with house.stores.open() as store:
        oversight.file_reports(store, [(DEVICE, Report("j", (playback,)))], NOON + 9 * SECOND)
    page = shown(editor)
    assert "Loa đã nghe lệnh, bắt đầu phát lúc 12:00:03." in page
    assert "Đã phát 2,9 s: khung âm đã ra khỏi card âm thanh" in page or "Đã phát 2,9 s:" in page
    assert "every 2s" not in editor.get(PAGE).text


def test_a_trial_in_quiet_hours_is_refused_with_its_reason(house: House, editor: TestClient) -> None:
    chimes.install(house.stores, Maker(), NOON)
    with house.stores.open() as store:
        area = store.areas.find(DEVICE)
        assert area is not None
        settings = AreaSettings(quiet_hours_off=False)
        store.areas.keep(msgspec.structs.replace(area, settings=settings))
    house.clock.now = NOON + 11 * HOUR
    answer = editor.post(f"{PAGE}/phat-thu")
    assert answer.status_code == 409
    assert "Lúc này loa sẽ không phát thử: Đang giờ yên lặng: chỉ phát tin khẩn cấp." in text_of(answer.text)
    with house.stores.open() as store:
        assert store.care.ordered(DEVICE) is None


def test_a_repair_goes_from_hand_to_hand_and_silences_nothing(house: House, editor: TestClient) -> None:
    heard(house, said(1), 5 * HOUR)
    editor.post(f"{PAGE}/sua-chua", data={"trouble": "Loa rè", "owner": "technician"})
    page = shown(editor)
    assert "Loa rè" in page
    assert "Mất kết nối từ 07:00 hôm nay" in page
    assert editor.post(f"{PAGE}/sua-chua", data={"trouble": "Nữa", "owner": "technician"}).status_code == 409
    fleet = editor.get("/loa").text
    ticket = re.findall(r"/sua-chua/[a-z0-9-]+", fleet)[0]
    assert "Đang sửa từ" in fleet
    assert "Mất kết nối" in fleet
    assert editor.post(ticket, data={"words": "", "owner": "commune"}).status_code == 422
    sent = {"words": "Đã thay dây", "parts": "5 m dây loa", "owner": "commune"}
    assert editor.post(ticket, data=sent).status_code == 303
    page = shown(editor, ticket)
    assert "Linh kiện: 5 m dây loa" in page
    assert "xã" in page
    editor.post(f"{ticket}/xong", data={"found": "Đứt dây", "parts": ""})
    page = shown(editor)
    assert "Đã xong. Nguyên nhân: Đứt dây" in page
    assert editor.post(ticket, data=sent).status_code == 409
    with house.stores.open() as store:
        assert store.care.open_repairs() == {}


def test_the_volume_stays_below_the_ceiling_and_is_heard_in_an_emergency(house: House, keeper: TestClient) -> None:
    path = f"/am-luong/{DEVICE}"
    assert "từ 06:00: 100 %" in shown(keeper, path)
    own = {"volume": "own", "volume_from": ["06:00", "21:00"], "volume_percent": ["90", "70"]}
    answer = keeper.post(path, data=own)
    assert answer.status_code == 422
    assert "Từ 21:00 ở đây không được phát quá 60 %" in text_of(answer.text)
    assert keeper.post(path, data={**own, "volume_percent": ["90", "5"]}).status_code == 422
    assert keeper.post(path, data={**own, "volume_percent": ["90", ""]}).status_code == 422
    assert keeper.post(path, data={**own, "volume_percent": ["90", "40"]}).status_code == 303
    house.follow()
    with house.stores.open() as store:
        mine, other = (store.fleet.assignments([name])[name].volume for name in (DEVICE, "loa-mau-2"))
    assert mine == (VolumePreset(360, 90), VolumePreset(1260, 40))
    assert other != mine
    keeper.post(path, data={"volume": "inherit"})
    house.follow()
    with house.stores.open() as store:
        assert store.fleet.assignments([DEVICE])[DEVICE].volume == other


def test_what_is_written_down_stands_on_the_sheet(house: House, keeper: TestClient) -> None:
    form = {"place": "Cột điện trước nhà văn hóa", "caretaker": "Người trông coi (mẫu)", "telephone": "0900 000 000"}
    for bad in ({"telephone": "gọi tôi"}, {"lat": "22.6"}, {"lat": "48.1", "lon": "11.5"}, {"place": "x" * 201}):
        assert keeper.post(f"{PAGE}/thong-tin", data={**form, **bad}).status_code == 422
    answer = keeper.post(f"{PAGE}/thong-tin", data={**form, "lat": "22,6512", "lon": "103.6154"})
    assert answer.status_code == 303
    with house.stores.open() as store:
        area = store.areas.find(DEVICE)
        assert area is not None
        assert (area.lat, area.lon) == (22.6512, 103.6154)
    sheet = shown(keeper, f"/ban-giao/{DEVICE}")
    for words in (*form.values(), "22.65120, 103.61540", "Giờ yên lặng", "(họ tên, ngày, chữ ký)"):
        assert words in sheet
    every = keeper.get("/ban-giao/xa-02701").text
    assert every.count('class="sheet"') == 3


def test_a_sheet_makes_nothing_up(editor: TestClient) -> None:
    sheet = editor.get(f"/ban-giao/{DEVICE}").text
    assert sheet.count('class="blank"') >= 5 + 2
    assert editor.get("/ban-giao/xa-02647").status_code == 404


def test_the_neighbours_are_there(house: House, editor: TestClient) -> None:
    heard(house, said(1), device="loa-mau-2")
    page = shown(editor)
    assert "1/2 loa khác trong xã mất kết nối" in page

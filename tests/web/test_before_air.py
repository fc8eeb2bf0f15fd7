"""What staff read before air: how many loudspeakers are ready, and of the others who, why, and until when.

Imported by pytest alone.
"""

import msgspec
import pytest
from starlette.testclient import TestClient

from schedules.assignment import Allowance
from schedules.clock import DAY, HOUR, MINUTE, ClockTrust
from schedules.wire import Status
from server.access import Role
from server.area import AreaSettings
from server.before_air import NAMED
from tests.web.stage import HAMLETS, House, fill_province, text_of
from tests.web.test_markup import LATER_PAGE, Markup, weight

MISSING = ": còn thiếu âm thanh: Mông (Trắng) (đã có 1/2 phần)"
TARGETS = ("thon-mau-ta-chai", "thon-mau-sim-san")


@pytest.fixture
def broadcast(house: House) -> str:
    """In an hour, in two languages, at two loudspeakers."""
    with house.stores.open() as store:
        province = store.areas.find("tinh-lao-cai")
        assert province is not None
        settings = msgspec.structs.replace(province.settings, allowance=Allowance(daily_bytes=1_000_000))
        store.areas.keep(msgspec.structs.replace(province, settings=settings))
        hamlet = store.areas.find("thon-mau-ta-chai")
        assert hamlet is not None
        store.areas.keep(msgspec.structs.replace(hamlet, languages=("mww", "vi"), settings=AreaSettings()))
    made = house.write(at=house.clock.now + HOUR, targets=TARGETS, languages=("vi", "mww"))
    house.approve(made)
    return made


def told(house: House, loudspeaker: str, broadcast: str, **changes: object) -> None:
    """The loudspeaker holds its programme, and says how it is."""
    with house.stores.open() as store:
        held = {area: p.revision for area, p in store.fleet.programmes().items()}
    status = Status(online=True, journal="j", programmes=held, trust=ClockTrust.ntp, at=house.clock.now)
    house.hear(loudspeaker, msgspec.structs.replace(status, **changes))


def said(browser: TestClient, broadcast: str) -> str:
    part = text_of(browser.get(f"/ban-tin/{broadcast}/san-sang").text)
    assert part in text_of(browser.get(f"/ban-tin/{broadcast}").text)
    return part


def clips(house: House, broadcast: str) -> dict[str, str]:
    with house.stores.open() as store:
        found = store.broadcasts.find(broadcast)
        assert found is not None
        return {
            v.language: v.clip.sha256 for v in store.broadcasts.bulletins([found.bulletin])[found.bulletin].variants
        }


def test_nothing_is_said_before_a_bulletin_is_approved(house: House, editor: TestClient) -> None:
    assert said(editor, house.write(at=house.clock.now + HOUR)) == ""


def test_who_is_ready_and_who_has_never_spoken(house: House, editor: TestClient, broadcast: str) -> None:
    assert "0/2 loa đã sẵn sàng" in said(editor, broadcast)
    told(house, "loa-mau-6", broadcast)
    part = said(editor, broadcast)
    assert "1/2 loa đã sẵn sàng" in part
    assert "Họp thôn Thông thường 1/2 loa đã sẵn sàng" in text_of(editor.get("/").text)
    assert "Xã Y Tý · Thôn Sim San 1 (mẫu) · Loa mẫu số 2" in part
    assert "1 loa: chưa liên lạc lần nào." in part
    assert "Loa mẫu số 6" not in part
    assert "Vẫn kịp phát nếu nhận đủ trước 13:15." in part, "the one that is behind speaks one of the two languages"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"programmes": {}}, ("chưa nhận chương trình mới", "")),
        (
            {"programmes": {}, "online": False},
            ("mất liên lạc", ": chưa liên lạc lại từ 12:00; chưa nhận chương trình mới"),
        ),
        ({"trust": ClockTrust.guessed}, ("đồng hồ chưa đúng", "")),
        ({"sound_card": "x"}, ("bộ phát âm thanh bị lỗi", "")),
        ({"clips_missing": ["mww"]}, ("chưa nhận đủ âm thanh", MISSING)),
        ({"clips_missing": ["mww"], "held_back": 1}, ("thẻ nhớ đầy", MISSING)),
        ({"clips_missing": ["mww"], "held_back": 1, "data_today": 10**6}, ("hết dung lượng dữ liệu của SIM", MISSING)),
    ],
)
def test_why_a_loudspeaker_is_not_ready(
    house: House, editor: TestClient, broadcast: str, changes: dict[str, object], words: tuple[str, str]
) -> None:
    names = clips(house, broadcast)
    if missing := changes.get("clips_missing"):
        changes = {**changes, "clips_missing": tuple(names[tag] for tag in missing)}  # type: ignore[attr-defined]
    told(house, "loa-mau-2", broadcast)
    told(house, "loa-mau-6", broadcast, **changes)
    part = said(editor, broadcast)
    assert "1/2 loa đã sẵn sàng" in part
    assert f"1 loa: {words[0]}." in part
    assert f"Xã Tả Phìn · Thôn Tả Chải (mẫu) · Loa mẫu số 6 {words[1]}" in part
    assert "Phát đủ các thứ tiếng nếu nhận đủ trước 13:07; sau đó" in part
    assert "muộn nhất lúc 13:15." in part


def test_what_is_missing_must_set_out_before_it_must_be_there(house: House, editor: TestClient, broadcast: str) -> None:
    """1.2 MB over a weak link take two and a half minutes."""
    with house.engine.begin() as connection:
        connection.exec_driver_sql("update clip set size = 1200000 where language = 'mww'")
    house.follow()
    told(house, "loa-mau-2", broadcast)
    told(house, "loa-mau-6", broadcast, clips_missing=(clips(house, broadcast)["mww"],))
    assert "Mạng yếu cần tới 3 phút để tải: loa phải có kết nối trước 13:05." in said(editor, broadcast)
    house.clock.now += HOUR + 6 * MINUTE
    assert "Mạng yếu cần tới 3 phút để tải: nơi đó có thể không kịp đủ các thứ tiếng." in said(editor, broadcast)


def test_one_that_holds_everything_is_ready_though_its_link_is_gone(
    house: House, editor: TestClient, broadcast: str
) -> None:
    told(house, "loa-mau-2", broadcast)
    told(house, "loa-mau-6", broadcast, online=False)
    part = said(editor, broadcast)
    assert "2/2 loa đã sẵn sàng" in part
    assert "1 loa đang mất liên lạc: vẫn tự phát từ âm thanh đã lưu, nếu có điện." in part


def test_once_its_time_has_come_results_count(house: House, editor: TestClient, broadcast: str) -> None:
    told(house, "loa-mau-2", broadcast)
    playback = house.expected("loa-mau-2", broadcast)
    house.clock.now += HOUR + MINUTE
    house.report("loa-mau-2", playback)
    part = said(editor, broadcast)
    assert "Trong 2 loa: 0 loa đang phát, 1 loa đã báo kết quả, 0 loa khác đã đủ để phát" in part
    with house.stores.open() as store:
        ((name, _, _),) = store.logbook.coming(broadcast, ["/"], house.clock.now, 1)
    told(house, "loa-mau-6", broadcast, sounding=name, clips_missing=tuple(clips(house, broadcast).values()))
    part = said(editor, broadcast)
    assert "1 loa đang phát, 1 loa đã báo kết quả" in part
    assert "còn thiếu" not in part, "an alert sounds while the rest of it comes"
    house.report("loa-mau-6", house.expected("loa-mau-6", broadcast))
    assert said(editor, broadcast) == "", "all have reported"


def test_what_is_not_worth_starting_any_more_is_no_longer_got_ready(
    house: House, editor: TestClient, broadcast: str
) -> None:
    house.clock.now += HOUR + 14 * MINUTE
    assert "Đã đến giờ phát" in said(editor, broadcast)
    house.clock.now += 2 * MINUTE
    assert said(editor, broadcast) == ""


def test_an_overseer_of_a_former_district_sees_its_own_loudspeakers_and_is_told_so(
    house: House, broadcast: str
) -> None:
    part = said(house.somebody("huyenbatxat"), broadcast)
    assert "0/1 loa đã sẵn sàng" in part
    assert "Tả Phìn" not in part
    assert "chỉ tính các loa trong địa bàn của bạn" in part
    assert "chỉ tính" not in said(house.somebody("tinh"), broadcast)


def test_a_whole_province_is_counted_and_a_few_are_named(house: House) -> None:
    fill_province(house)
    writer = house.somebody("tinhvan")
    with house.stores.open() as store:
        store.staff.grant("pheduyet", "tinh-lao-cai", Role.approver)
    wide = house.write("Cả tỉnh", at=house.clock.now + DAY, targets=("tinh-lao-cai",), author="tinhvan")
    house.approve(wide)
    part = writer.get(f"/ban-tin/{wide}/san-sang").text
    total = 99 * HAMLETS + 6
    assert f"0/{total} loa đã sẵn sàng" in text_of(part)
    assert part.count("Thôn") == NAMED
    assert f"và {total - NAMED} loa nữa" in text_of(part)
    assert weight(writer, f"/ban-tin/{wide}") < LATER_PAGE
    assert Markup(part).forbidden == []

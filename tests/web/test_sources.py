"""What comes from a source-information system on loopback, in all weathers; and what it is told.

Imported by pytest alone.
"""

import itertools
from collections.abc import Iterator
from typing import Any

import pytest

from schedules.clock import HOUR, MINUTE
from schedules.playback import Outcome
from server import bulletins, sourcing
from server.bulletin import Broadcast
from server.source_check import Requirement, check
from server.source_http import HttpSource, InsecureSource
from server.source_line import SourceLine
from tests.source_stub import TOKEN, Stub, serving_source
from tests.web.stage import House
from tests.web.test_composing import GOOD


def item(number: int = 1, **more: Any) -> dict[str, Any]:
    """A bulletin as it crosses the wire."""
    return {
        "id": f"TW-{number}", "version": 1, "title": f"Phòng chống cháy rừng {number}", "class": "priority",
        "texts": {"vi": "Kính thưa bà con. Không đốt nương."}, "areas": ["03013"], "authority": "UBND tỉnh (mẫu)",
        "responsible": "Chánh Văn phòng (mẫu)", "document_number": f"{number}/CĐ-UBND", "topic": "An ninh, quốc phòng",
        **more,
    }  # fmt: skip


@pytest.fixture
def stub() -> Iterator[Stub]:
    with serving_source(Stub()) as stub:
        yield stub


@pytest.fixture
def line(house: House, stub: Stub) -> SourceLine:
    source = HttpSource(stub.url, TOKEN, patience_s=5)
    return SourceLine(source, house.stores, house.clock, house.desk.new_id, 60, lambda: house.bell.ring("log"))


def drafts_of(house: House) -> list[str]:
    """Titles of the drafts that there are."""
    with house.stores.open() as store:
        found = store.drafts.open_below(["/"], 500)
        editions = [store.drafts.edition(each.id, 1) for each in found]
    return sorted(each.form.title for each in editions if each)


def test_what_comes_is_a_draft_of_its_area_once_with_its_origin(house: House, stub: Stub, line: SourceLine) -> None:
    stub.items = [item(1), item(1), item(2, areas=["03013", "xã y tý"])]
    assert line.round() is None
    assert drafts_of(house) == ["Phòng chống cháy rừng 1", *["Phòng chống cháy rừng 2"] * 2]
    assert line.round() is None
    with house.stores.open() as store:
        store.sources.stand(sourcing.Standing())  # a server restored from a backup asks from the beginning
    assert line.round() is None
    assert len(drafts_of(house)) == 3
    page = house.somebody("bientap").get("/tu-nguon")
    assert "Phòng chống cháy rừng 1" in page.text
    assert "1/CĐ-UBND" in page.text
    assert house.broadcasts() == [], "nothing of it airs by itself"
    with house.stores.open() as store:
        assert "from_source" in {each.act for each in store.trail.latest(10)}


def test_a_new_version_is_a_new_draft_and_an_older_one_is_left(house: House, stub: Stub, line: SourceLine) -> None:
    stub.items = [item(1), item(1, version=3, title="Sửa lại"), item(1, version=2, title="Đến muộn")]
    assert line.round() is None
    assert drafts_of(house) == ["Phòng chống cháy rừng 1", "Sửa lại"]


def test_what_is_taken_back_there_says_so(house: House, stub: Stub, line: SourceLine) -> None:
    stub.items = [item(1), {"id": "TW-9", "cancels": "TW-1"}]
    assert line.round() is None
    assert "nơi gửi đã thu hồi" in house.somebody("bientap").get("/tu-nguon").text


def test_garbage_is_counted_and_the_rest_is_taken(house: House, stub: Stub, line: SourceLine) -> None:
    stub.items = [
        7, "x", None, [], {}, {"id": 5}, item(2, **{"class": "loud"}), item(3, version=0), item(4, title=" "),
        item(5, areas=[]), item(6, texts={"vi": 5}), item(7, title="a\0b"), item(8, extra={"of": "tomorrow"}), item(9, areas=["Xã Không Có"]),
    ]  # fmt: skip
    assert line.round() is None
    assert drafts_of(house) == ["Phòng chống cháy rừng 8"]
    with house.stores.open() as store:
        assert store.sources.standing().unreadable == 12
    house.grant("bientinh", "tinh-lao-cai", sourcing.Role.editor)
    assert "Xã Không Có" in house.somebody("bientinh").get("/tu-nguon").text
    assert "Xã Không Có" not in house.somebody("bientap").get("/tu-nguon").text


@pytest.mark.parametrize(
    ("weather", "kind"),
    [
        ((503, b"busy"), "failing"),
        ((401, b""), "refused"),
        ((302, b""), "senseless"),
        ((200, b"<html>"), "senseless"),
        ((200, b"[" * 100_000), "senseless"),
        ((200, b'{"items": 5, "next": "", "more": false}'), "senseless"),
        ((200, b'{"items": [], "next": "", "more": true}'), "senseless"),
    ],
)
def test_bad_weather_changes_nothing_and_passes(
    house: House, stub: Stub, line: SourceLine, weather: tuple[int, bytes], kind: str
) -> None:
    stub.items, stub.weather = [item(1)], weather
    fault = line.round()
    assert fault is not None
    assert fault.kind.value == kind
    assert drafts_of(house) == []
    house.desk.settings.source_url = stub.url
    assert 'class="card bad"' in house.somebody("bientap").get("/tu-nguon").text
    stub.weather = None
    assert line.round() is None
    assert len(drafts_of(house)) == 1
    assert 'class="card bad"' not in house.somebody("bientap").get("/tu-nguon").text


def test_an_outage_is_told_and_passes(house: House) -> None:
    with serving_source(Stub(item(1))) as stub:
        url = stub.url
    line = SourceLine(HttpSource(url, TOKEN, 2), house.stores, house.clock, house.desk.new_id, 60, lambda: None)
    fault = line.round()
    assert fault is not None
    assert fault.kind.value == "unreachable"


def send_on(house: House, stub: Stub, line: SourceLine) -> str:
    """The commune's editor finishes the draft and sends it, the leader approves; the broadcast."""
    stub.items = [item(1)]
    assert line.round() is None
    with house.stores.open() as store:
        [draft] = store.drafts.open_below(["/"], 10)
        edition = store.drafts.edition(draft.id, 1)
    assert edition is not None
    told = {**GOOD, "title": edition.form.title, "draft": draft.id, "number": "1", "targets": "thon-mau-ta-chai"}
    answer = house.somebody("bientap").post("/ban-tin/soan", data=told)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"]).rpartition("/")[2]


def test_what_was_aired_is_told_once_and_again_when_a_late_report_changes_it(
    house: House, stub: Stub, line: SourceLine
) -> None:
    sent = send_on(house, stub, line)
    page = house.somebody("pheduyet").get(f"/ban-tin/{sent}").text
    assert "Từ hệ thống thông tin nguồn" in page
    assert "1/CĐ-UBND" in page
    house.approve(sent)
    playback = house.expected("loa-mau-6", sent)
    assert line.round() is None
    assert stub.told == {}, "not before it was to sound"
    house.clock.now = playback.planned + HOUR
    assert line.round() is None
    [told] = stub.told.values()
    assert (told["id"], told["loudspeakers"], told["sounded"], told["unknown"]) == ("TW-1", 1, 0, 1)
    posts = stub.posts
    assert line.round() is None
    assert stub.posts == posts, "nothing new, nothing told"
    house.report("loa-mau-6", playback)
    stub.weather = (500, b"")
    assert line.round() is not None
    stub.weather = None
    assert line.round() is None
    [told] = stub.told.values()
    assert (told["sounded"], told["unknown"], told["area"]) == (1, 0, "xa-03013")
    assert playback.outcome is Outcome.played


def test_the_source_writes_and_approves_nothing_else(house: House, stub: Stub, line: SourceLine) -> None:
    stub.items = [item(1, **{"class": "emergency"}, reason="Lũ quét")]
    assert line.round() is None
    with house.stores.open() as store:
        assert store.staff.account(sourcing.SOURCE) is None
        assert store.staff.person(sourcing.SOURCE, house.clock.now).grants == ()  # type: ignore[union-attr]
        found: list[Broadcast] = store.broadcasts.below(("/",), 10, house.clock.now + MINUTE)
        assert found == []
        assert bulletins.pages(store, house.person(store, "pheduyet"), house.clock.now + MINUTE) == []


def test_an_address_without_tls_is_refused_anywhere_but_here() -> None:
    with pytest.raises(InsecureSource):
        HttpSource("http://nguon.example", TOKEN)


FAULTS = {
    "open": Requirement.closed,
    "endless": Requirement.ordered,
    "restless": Requirement.repeatable,
    "touchy": Requirement.reports_once,
    "breakable": Requirement.refuses_nonsense,
}


def test_the_suite_finds_what_a_server_does_not_keep() -> None:
    ticks = itertools.count()
    with serving_source(Stub(*[item(n) for n in range(250)])) as stub:
        source = HttpSource(stub.url, TOKEN, patience_s=5)
        whole = {v.requirement: v for v in check(source, ticks.__next__, writes=True)}
        assert {v.kept for v in whole.values()} == {True}
        assert set(whole) == set(Requirement)
        assert len(list(check(source, ticks.__next__, writes=False))) == len(Requirement)
        posts = stub.posts
        assert [v.requirement for v in check(source, ticks.__next__, writes=False) if v.kept is None] == [
            Requirement.reports, Requirement.reports_once, Requirement.refuses_nonsense,
        ]  # fmt: skip
        assert stub.posts == posts, "nothing is written unless it is asked for"
        for fault, broken in FAULTS.items():
            stub.faults, stub.told, stub.posts = {fault}, {}, 0
            stub.items = [] if fault == "endless" else [item(1), item(2)]
            found = {v.requirement for v in check(source, ticks.__next__, writes=True) if v.kept is False}
            assert broken in found, (fault, found)
        stub.faults, stub.items = set(), [item(1), item(1), item(2, title="")]
        found = {v.requirement for v in check(source, ticks.__next__, writes=True) if v.kept is False}
        assert found == {Requirement.single, Requirement.readable}
        slow = iter((0, 60_000, 1, 2))
        assert Requirement.quick in {v.requirement for v in check(source, slow.__next__, writes=False) if not v.kept}

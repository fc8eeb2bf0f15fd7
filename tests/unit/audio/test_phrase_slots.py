"""Values of slots: as they are typed, as they are said, and what cannot be said.

Nobody imports this module.
"""

from collections.abc import Sequence
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audio.phrase_slots import SlotError, SlotFault, every, filled
from audio.phrase_template import Slot, SlotKind, Template

PLACES = ("Thôn Tả Chải", "Xã Y Tý")


def one(slot: Slot, *others: Slot) -> Template:
    return Template("x", "x", "x", "x", "ordinary", (slot, *others), "x")


def said(slot: Slot, value: str) -> str:
    found = filled(one(slot), {slot.name: value}, PLACES)
    assert isinstance(found, dict), found
    return " ".join(unit.said for unit in found[slot.name])


HOUR, DAY = Slot("gio", SlotKind.hour, ""), Slot("ngay", SlotKind.date, "")
HOMES = Slot("ho", SlotKind.number, "", "{} hộ", tuple(range(1, 21)))
COLD = Slot("do", SlotKind.number, "", "{} độ", (-3, 0, 4))
LEVEL = Slot("cap", SlotKind.number, "", "cấp {}", (1, 5))
NAME, PLACE = Slot("ai", SlotKind.name, "", choices=("công an",)), Slot("noi", SlotKind.place, "")
WEEKDAY = Slot("thu", SlotKind.weekday, "")


@pytest.mark.parametrize(
    ("slot", "value", "words"),
    [
        (HOUR, "19:30", "mười chín giờ ba mươi phút"),
        (HOUR, "7:00", "bảy giờ"),
        (HOUR, "7h15", "bảy giờ mười lăm phút"),
        (HOUR, "0:45", "không giờ bốn mươi lăm phút"),
        (HOUR, "5 giờ", "năm giờ"),
        (DAY, "05/12/2026", "ngày mùng năm tháng mười hai"),
        (DAY, "21.4.2027", "ngày hai mươi mốt tháng tư"),
        (DAY, "10-10-2026", "ngày mùng mười tháng mười"),
        (HOMES, "20", "hai mươi hộ"),
        (COLD, "-3", "âm ba độ"),
        (COLD, "\u22123", "âm ba độ"),
        (LEVEL, "5", "cấp năm"),
        (NAME, "công an", "công an"),
        (PLACE, "Xã Y Tý", "Xã Y Tý"),
        (WEEKDAY, "Chủ nhật", "chủ nhật"),
        (WEEKDAY, "0", "thứ hai"),
    ],
)
def test_what_is_typed_is_said(slot: Slot, value: str, words: str) -> None:
    assert said(slot, value) == words


@pytest.mark.parametrize(
    ("slot", "value", "fault"),
    [
        (HOUR, "", SlotFault.empty),
        (HOUR, "24:00", SlotFault.no_such_time),
        (HOUR, "19:60", SlotFault.no_such_time),
        (HOUR, "sáng", SlotFault.no_such_time),
        (HOUR, "19:40", SlotFault.minutes),
        (DAY, "31/02/2026", SlotFault.no_such_date),
        (DAY, "5/12", SlotFault.no_such_date),
        (HOMES, "21", SlotFault.out_of_range),
        (HOMES, "2,5", SlotFault.no_such_number),
        (COLD, "3", SlotFault.out_of_range),
        (NAME, "Công an xã", SlotFault.not_offered),
        (PLACE, "Thôn Tả Chải 2", SlotFault.not_offered),
        (WEEKDAY, "thứ tám", SlotFault.other_weekday),
    ],
)
def test_what_cannot_be_said_is_refused_with_its_reason(slot: Slot, value: str, fault: SlotFault) -> None:
    found = filled(one(slot), {slot.name: value}, PLACES)
    assert isinstance(found, tuple)
    assert [error.fault for error in found] == [fault]


def test_a_range_is_told_in_words() -> None:
    [more] = _errors(HOMES, "50")
    [between] = _errors(COLD, "3")
    assert (more.details, between.details) == ("1 … 20", "-3, 0, 4")


def _errors(slot: Slot, value: str) -> Sequence[SlotError]:
    found = filled(one(slot), {slot.name: value}, PLACES)
    assert isinstance(found, tuple)
    return found


@given(st.dates(date(2026, 1, 1), date(2030, 12, 31)))
def test_a_weekday_that_follows_from_a_date_is_its_weekday(day: date) -> None:
    thu = Slot("thu", SlotKind.weekday, "", of="ngay")
    found = filled(one(thu, DAY), {"ngay": day.strftime("%d/%m/%Y"), "thu": "chủ nhật"}, ())
    assert isinstance(found, dict)
    assert found["thu"][0].key == f"thu:{day.weekday()}"
    following = filled(one(thu, DAY), {"ngay": (day + timedelta(7)).strftime("%d/%m/%Y")}, ())
    assert isinstance(following, dict)
    assert following["thu"] == found["thu"]


@pytest.mark.parametrize("slot", [HOUR, DAY, HOMES, COLD, LEVEL, NAME, PLACE, WEEKDAY], ids=lambda slot: slot.name)
def test_whatever_can_be_filled_in_can_be_recorded(slot: Slot) -> None:
    units = {unit.key for unit in every(slot, PLACES)}
    values = {
        SlotKind.hour: [f"{h}:{m:02d}" for h in range(24) for m in (0, 15, 30, 45)],
        SlotKind.date: [(date(2028, 1, 1) + timedelta(n)).strftime("%d/%m/%Y") for n in range(366)],
        SlotKind.number: [str(number) for number in slot.numbers],
        SlotKind.name: list(slot.choices),
        SlotKind.place: list(PLACES),
        SlotKind.weekday: [str(number) for number in range(7)],
    }[slot.kind]
    used: set[str] = set()
    for value in values:
        found = filled(one(slot), {slot.name: value}, PLACES)
        assert isinstance(found, dict), value
        used |= {unit.key for unit in found[slot.name]}
    assert used == units, "nothing is recorded that can never be needed, either"

"""What fills a slot: as it is typed → the units that say it, or why it cannot be said. And all units that a slot can
need. Pure.

Imported by the other rooms of phrases, the server and tests. A unit is what is recorded at once: a day of the month, an
hour, a number *with* its classifier, for in many languages the two change each other's tones.
"""

import enum
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from datetime import date

import msgspec

from audio.phrase_template import Slot, SlotKind, Template, short
from audio.spoken_numbers import in_words

MINUTES = (15, 30, 45)
"""Besides the full hour, which needs no unit of its own."""
WEEKDAYS = ("thứ hai", "thứ ba", "thứ tư", "thứ năm", "thứ sáu", "thứ bảy", "chủ nhật")
_DATE = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})")
_TIME = re.compile(r"(\d{1,2})\s*(?:[:hg.]|giờ)\s*(\d{2})?")
_NUMBER = re.compile(r"[-\u2212]?\d{1,6}")
_FIRST_TEN = 10


class Unit(msgspec.Struct, frozen=True):
    """`key` names it in every language; `written` and `said`: in Vietnamese, as it stands in a text and as it is
    spoken; `slot`, `part`: whose value it is, none for fixed words."""

    key: str
    written: str
    said: str
    slot: str = ""
    part: str = ""


class SlotFault(enum.Enum):
    """Why a value cannot be said."""

    empty = "empty"
    no_such_date = "no_such_date"
    no_such_time = "no_such_time"
    minutes = "minutes"  # only full, quarter and half hours are recorded
    no_such_number = "no_such_number"
    out_of_range = "out_of_range"
    not_offered = "not_offered"
    other_weekday = "other_weekday"


class SlotError(msgspec.Struct, frozen=True):
    """`slot` names it; `details` is what a message may quote."""

    slot: str
    fault: SlotFault
    details: str = ""


def filled(
    template: Template, typed: Mapping[str, str], places: Sequence[str]
) -> dict[str, tuple[Unit, ...]] | tuple[SlotError, ...]:
    """The units of each slot, in the order of Vietnamese; or everything that is wrong with what was typed. `places`:
    the names of those that may be chosen."""
    found: dict[str, tuple[Unit, ...]] = {}
    errors: list[SlotError] = []
    for slot in template.slots:
        value = typed.get(slot.of or slot.name, "").strip()
        units = _said(slot, unicodedata.normalize("NFC", value), places)
        if isinstance(units, SlotError):
            if not slot.of:  # the date that it follows from tells already
                errors.append(units)
        else:
            found[slot.name] = units
    return tuple(errors) if errors else found


def every(slot: Slot, places: Sequence[str]) -> Iterator[Unit]:
    """All units that this slot can need."""
    match slot.kind:
        case SlotKind.weekday:
            for number in range(7):
                yield _weekday(slot, number)
        case SlotKind.date:
            for number in range(1, 32):
                yield _day(slot, number)
            for number in range(1, 13):
                yield _month(slot, number)
        case SlotKind.hour:
            for number in range(24):
                yield _hour(slot, number)
            for number in MINUTES:
                yield _minute(slot, number)
        case SlotKind.number:
            for number in slot.numbers:
                yield _number(slot, number)
        case SlotKind.name | SlotKind.place:
            for name in places if slot.kind is SlotKind.place else slot.choices:
                yield _named(slot, name)


def _said(slot: Slot, value: str, places: Sequence[str]) -> tuple[Unit, ...] | SlotError:
    if not value:
        return SlotError(slot.name, SlotFault.empty)
    match slot.kind:
        case SlotKind.weekday:
            return _of_weekday(slot, value)
        case SlotKind.date:
            day = _date(value)
            if day is None:
                return SlotError(slot.name, SlotFault.no_such_date, value[:40])
            return _day(slot, day.day), _month(slot, day.month)
        case SlotKind.hour:
            return _of_hour(slot, value)
        case SlotKind.number:
            return _of_number(slot, value)
        case SlotKind.name | SlotKind.place:
            offered = places if slot.kind is SlotKind.place else slot.choices
            return (
                (_named(slot, value),) if value in offered else SlotError(slot.name, SlotFault.not_offered, value[:80])
            )


def _date(value: str) -> date | None:
    found = _DATE.fullmatch(value)
    try:
        return date(int(found[3]), int(found[2]), int(found[1])) if found else None
    except ValueError:
        return None


def _of_weekday(slot: Slot, value: str) -> tuple[Unit, ...] | SlotError:
    """Of a date, where the slot follows from one; else typed by its name or its number from Monday."""
    if slot.of:
        day = _date(value)
        return (_weekday(slot, day.weekday()),) if day else SlotError(slot.name, SlotFault.no_such_date, value[:40])
    names = {name: number for number, name in enumerate(WEEKDAYS)} | {str(number): number for number in range(7)}
    number = names.get(value.casefold())
    return (
        (_weekday(slot, number),) if number is not None else SlotError(slot.name, SlotFault.other_weekday, value[:40])
    )


def _of_hour(slot: Slot, value: str) -> tuple[Unit, ...] | SlotError:
    found = _TIME.fullmatch(value)
    if not found or int(found[1]) > 23 or int(found[2] or 0) > 59:
        return SlotError(slot.name, SlotFault.no_such_time, value[:40])
    minute = int(found[2] or 0)
    if minute and minute not in MINUTES:
        return SlotError(slot.name, SlotFault.minutes, value)
    return (_hour(slot, int(found[1])), *((_minute(slot, minute),) if minute else ()))


def _of_number(slot: Slot, value: str) -> tuple[Unit, ...] | SlotError:
    if not _NUMBER.fullmatch(value):
        return SlotError(slot.name, SlotFault.no_such_number, value[:40])
    number = int(value.replace("\u2212", "-"))
    if number not in slot.numbers:
        return SlotError(slot.name, SlotFault.out_of_range, range_of(slot))
    return (_number(slot, number),)


def range_of(slot: Slot) -> str:
    """The numbers that can be said, for people: "1–20", or each of them where some between are left out."""
    numbers = sorted(slot.numbers)
    whole = numbers == list(range(numbers[0], numbers[-1] + 1)) if numbers else False
    return f"{numbers[0]} … {numbers[-1]}" if whole else ", ".join(map(str, numbers))


def _weekday(slot: Slot, number: int) -> Unit:
    return Unit(f"thu:{number}", WEEKDAYS[number], WEEKDAYS[number], slot.name)


def _day(slot: Slot, number: int) -> Unit:
    said = f"ngày mùng {in_words(number)}" if number <= _FIRST_TEN else f"ngày {in_words(number)}"
    written = f"ngày mùng {number}" if number <= _FIRST_TEN else f"ngày {number}"
    return Unit(f"ngay:{number}", written, said, slot.name, "ngay")


def _month(slot: Slot, number: int) -> Unit:
    said = "tháng tư" if number == 4 else f"tháng {in_words(number)}"
    return Unit(f"thang:{number}", f"tháng {number}", said, slot.name, "thang")


def _hour(slot: Slot, number: int) -> Unit:
    return Unit(f"gio:{number}", f"{number} giờ", f"{in_words(number)} giờ", slot.name, "gio")


def _minute(slot: Slot, number: int) -> Unit:
    return Unit(f"phut:{number}", f"{number} phút", f"{in_words(number)} phút", slot.name, "phut")


def _number(slot: Slot, number: int) -> Unit:
    with_digits, with_words = (slot.classifier.replace("{}", said) for said in (str(number), in_words(number)))
    return Unit(f"so:{short(slot.classifier)}:{number}", with_digits, with_words, slot.name)


def _named(slot: Slot, name: str) -> Unit:
    """The name as it is written: what is a place here and a house there is said alike."""
    return Unit(f"ten:{short(name)}", name, name, slot.name)

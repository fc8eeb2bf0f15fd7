"""How amounts are said: numbers with their sign, unit and rate, ranges, sizes. Pure.

Imported by `spoken_rules`.
"""

import re
from functools import partial

from audio.spoken_parts import (
    BEFORE,
    END,
    NUMBER,
    REFUSED,
    SIGN,
    YEAR,
    Rule,
    always,
    any_of,
    join,
    number,
    signed,
    word_after,
    word_before,
    words_of,
)
from audio.spoken_syllables import SMALL, is_syllable
from audio.spoken_units import COMPARED, COUNTED, PER, SCALES, UNITS

_WORTH = {"trăm": 100, "nghìn": 1_000, "ngàn": 1_000, "vạn": 10_000, "triệu": 10**6, "tỷ": 10**9, "tỉ": 10**9}
_NUMBERED = words_of("thôn bản tổ xóm khu lớp đội cụm số nhóm khối")
_UNIT, _SCALE = any_of(UNITS), any_of(SCALES)
_TO = r"\s*[-–—−~÷]\s*"
_RATE = rf"(?:/(?:({NUMBER})\s?)?({any_of(PER)}))?"


def _measure(found: re.Match[str]) -> str | None:
    """-2°C · 120mm/6h · 6,6%/năm · 500.000đ · 2,5 triệu đồng/ha · 20."""
    sign, written, scale, unit, count, per = found.groups()
    value, counted = signed(sign, written), number(count) if count else ""
    if value is None or counted is None:
        return None
    if sign == "+" and UNITS.get(unit) != "độ":
        return REFUSED
    rate = "" if not per else f"trên {counted} {PER[per]}" if count else f"một {PER[per]}"
    return join(value, SCALES.get(scale), UNITS.get(unit), rate)


def _range(found: re.Match[str]) -> str | None:
    """15-20°C · 2 - 3 tháng · 100–200mm/24h · 500.000đ-1.000.000đ."""
    first_sign, first, first_unit, sign, second, scale, unit, count, per = found.groups()
    low, high = signed(first_sign, first), signed(sign, second)
    counted = number(count) if count else ""
    if low is None or high is None or counted is None:
        return None
    if first_unit and not unit:
        return None
    same = not first_unit or UNITS[first_unit] == UNITS.get(unit)
    worth = _WORTH.get(SCALES.get(scale, "").partition(" ")[0], 1) if first_unit else 1
    if same and not first_sign and _amount(first_sign, first) >= _amount(sign, second) * worth:
        return REFUSED
    if _may_be_hours(first, first_unit, second, unit) or _ends_in_a_year(first, second, unit):
        return REFUSED
    if " " in found[0] and word_before(found) in _NUMBERED and word_after(found) in COUNTED:
        return REFUSED  # thôn 3 - 25 hộ
    rate = "" if not per else f"trên {counted} {PER[per]}" if count else f"một {PER[per]}"
    return join(low, UNITS.get(first_unit), "đến", high, SCALES.get(scale), UNITS.get(unit), rate)


def _may_be_hours(first: str, first_unit: str | None, second: str, unit: str | None) -> bool:
    """7g-11g: o'clock, or grams?"""
    return first_unit == unit == "g" and all(part.isdecimal() and int(part) <= 24 for part in (first, second))


def _ends_in_a_year(first: str, second: str, unit: str | None) -> bool:
    """12-2026 is a month."""
    year = re.compile(YEAR)
    return not unit and year.fullmatch(second) is not None and year.fullmatch(first) is None


def _amount(sign: str | None, written: str) -> float:
    thousands = re.fullmatch(r"\d{1,3}(?:\.\d{3})+(?:,\d+)?", written)
    value = float((written.replace(".", "") if thousands else written).replace(",", "."))
    return -value if sign and sign != "+" else value


def _times_as_large(found: re.Match[str]) -> str | None:
    """3x4m."""
    sizes = [number(size) for size in re.findall(NUMBER, found[1])]
    return None if None in sizes else join(" nhân ".join(filter(None, sizes)), UNITS.get(found[2]))


def _each(found: re.Match[str]) -> str | None:
    """60 triệu đồng/nhà: behind an amount any word may say for how many."""
    return f"một {found[1]}" if is_syllable(found[1]) else None


def _spaced(found: re.Match[str]) -> str | None:
    """1 000 000 đồng; with no unit behind it, nobody knows where one number ends."""
    whole = re.sub(r"\s", "", found[1])
    return join(number(f"{int(whole):,}".replace(",", ".")), UNITS[found[2]]) if found[2] else REFUSED


AMOUNTS: tuple[Rule, ...] = (
    (rf"{BEFORE}([1-9]\d{{0,2}}(?:[ \u00a0\u202f]\d{{3}})+)(?![.,]?\d)(?:\s?({_UNIT}){END})?", _spaced),
    (rf"{BEFORE}{NUMBER}['’′](?!\w)", partial(always, REFUSED)),
    (rf"{BEFORE}((?:{NUMBER}\s?[x×]\s?){{1,2}}{NUMBER})\s?({_UNIT})?{END}(?!/)", _times_as_large),
    (
        rf"{BEFORE}({SIGN}?)({NUMBER})\s?({_UNIT})?{_TO}({SIGN}?)({NUMBER})(?:\s?({_SCALE})(?!\w))?(?:\s?({_UNIT}){END})?{_RATE}{END}",
        _range,
    ),
    (rf"{BEFORE}({SIGN}?)({NUMBER})(?:\s?({_SCALE})(?!\w))?(?:\s?({_UNIT}){END})?{_RATE}{END}", _measure),
    (rf"(?:(?<=đồng)|(?<=\dđ)|(?<=triệu)|(?<=nghìn)|(?<=kg))/([{SMALL}]{{2,7}})(?![\w/-])", _each),
    (rf"(?<=[^\W\d_][^\W\d_])/({any_of(word for word in PER if len(word) > 1)}){END}", lambda m: f"một {PER[m[1]]}"),
    (
        rf"(?<![\w/.'’-])({any_of(unit for unit in UNITS if len(unit) > 1 and unit.isascii())}){END}(?!/)",
        lambda m: UNITS[m[1]],
    ),
    (r"(?<=\w) [x×] (?=\d)", partial(always, "nhân")),
    (r"(?<!\d)(?<!\d\s)[<>≤≥~≈±]\s?(?=-?\d)", lambda m: COMPARED[m[0].strip()]),
)

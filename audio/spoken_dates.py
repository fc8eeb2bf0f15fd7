"""How days, months, hours and days of the week are said. Pure.

Imported by `spoken_rules`. "20/7" is a day, a share of something, a house or a score: the words beside it decide, and
where they do not, nobody says it but the editor.
"""

import re
from datetime import date
from functools import partial

from audio.spoken_numbers import in_words
from audio.spoken_parts import (
    BEFORE,
    DASH,
    END,
    REFUSED,
    YEAR,
    Rule,
    always,
    join,
    month_name,
    number,
    word_after,
    word_before,
    words_of,
)
from audio.spoken_units import COUNTED, SCALES, UNITS

_MINUTES_ALOUD = 10
_LEAP_YEAR = 2024
_LARGEST_FRACTION = 10

_DATED = words_of("ngày sáng trưa chiều tối đêm hôm mùng mồng rằm")
_DATED_TOO = words_of("là từ đến tới trước sau vào hết qua lễ dịp nay mai kia nhật")
_NUMBERED = words_of("số nhà ngõ ngách hẻm kiệt lô thửa mẫu lớp")
_NAMED = words_of("đường phố trường chợ khu cầu ngã bến kho")
_BOUNDS = words_of("từ đến tới hết trước sau vào")
_AT_AN_HOUR = words_of("lúc hồi khoảng trước sau")
_WITH_G = re.compile(r"\dg\d\d")
_MEASURED = words_of("lần điểm độ giờ phút hộ người con")
_FEASTED = words_of("khánh lễ dịp mừng niệm động nữ nhi")
_RANGED = words_of("cấp lớp tổ thôn bản khối trang mục điều khoản mức loại nhóm từ tháng tuần số")
_DOCUMENTS = words_of("số định tư quyết lệnh luật văn thị hoạch")
_SHARED_BEFORE = words_of("khoảng hơn gần chiếm được còn bằng quá đạt giảm tăng có với thiểu")
_SHARED_AFTER = words_of("số dân diện tổng hộ chiều quãng thời thu đại thành phiếu đoạn giá mức lượng viên gói thìa")
_SCORED = words_of("điểm số lệ mắt lực")
_RANKED = words_of("thứ hạng xếp")
_OF_ALL = frozenset(COUNTED) | words_of("đại tiêu phiếu thành chỉ đơn trường hội")
"""Behind "7/10": so many of so many."""
_AFTER_A_DATE = words_of(
    "tại ở lúc âm dương hằng hàng tới này vừa đến và hoặc là từ năm các toàn bà sẽ có do để theo trên trong cho "
    "về của nhân kính mọi mỗi khi"
)
_WHENEVER = words_of("vụ trực động tục hành ứng")
_FEASTS = frozenset(
    {(1, 1), (3, 2), (8, 3), (10, 3), (1, 5), (7, 5), (1, 6), (2, 9), (5, 9), (2, 3), (9, 5), (5, 10), (9, 10)}
)
_FRACTIONS = frozenset({(1, 2), (1, 3), (2, 3), (1, 4), (3, 4), (2, 5), (3, 5), (4, 5), (1, 10)})
_OF_A_YEAR = words_of("tuần quý đợt kỳ số lần vụ khóa khoá")
_LISTED_DAYS = re.compile(r"(?i:ngày) \d{1,2}(?:, ?\d{1,2})*(?: và | hoặc )$")
_D = r"(0?[1-9]|[12]\d|3[01])"
_M = r"(0?[1-9]|1[0-2])"
_CLOCK = r"([01]?\d|2[0-4])(?:\s?(?:[hH]|giờ)\s?|[g:](?=\d\d))(?:([0-5]\d)(\s?(?:phút|ph|p)(?!\w)|')?)?"


def _exists(day: str, month: str, year: str | None) -> bool:
    try:
        date(int(year) if year else _LEAP_YEAR, int(month), int(day))
    except ValueError:
        return False
    return True


def _day(day: str, month: str, year: str | None) -> str:
    said = f"{in_words(int(day))} tháng {month_name(month)}"
    return f"{said} năm {in_words(int(year))}" if year else said


def _dated(found: re.Match[str]) -> str:
    listed = _LISTED_DAYS.search(found.string[max(0, found.start() - 40) : found.start()])
    return "" if listed or word_before(found) in _DATED else "ngày "


def _full_date(found: re.Match[str]) -> str | None:
    """20/7/2025 · 20-7-2025 · 20.7.2025 · 20/7/25 where "ngày" says that it is one."""
    day, _, month, year = found.groups()
    if len(year) == 2:
        if word_before(found) not in _DATED:
            return REFUSED
        year = f"20{year}"
    return _dated(found) + _day(day, month, year) if _exists(day, month, year) else REFUSED


def _iso_date(found: re.Match[str]) -> str | None:
    year, month, day = found.groups()
    return _dated(found) + _day(day, month, year) if _exists(day, month, year) else REFUSED


def _days(found: re.Match[str]) -> str | None:
    """10-15/12 · 30/4-3/5 · 28/12/2025-3/1/2026."""
    first, first_month, first_year, last, month, year = found.groups()
    if not _exists(first, first_month or month, first_year or year) or not _exists(last, month, year):
        return REFUSED
    low = _day(first, first_month, first_year) if first_month else in_words(int(first))
    return f"{_dated(found)}{low} đến ngày {_day(last, month, year)}"


def _months(found: re.Match[str]) -> str:
    """tháng 1-3 · tháng 1 - tháng 3/2026 · tháng 11/2026 - 3/2027."""
    first, first_year, last, year = found.groups()
    said = [
        f"tháng {month_name(month)}{f' năm {in_words(int(y))}' if y else ''}"
        for month, y in ((first, first_year), (last, year))
    ]
    return " đến ".join(said)


def _from_day(found: re.Match[str]) -> str | None:
    """từ 3 đến 4/12."""
    first, last, month, year = found.groups()
    if int(first) >= int(last) or not _exists(last, month, year):
        return None
    return f"từ ngày {in_words(int(first))} đến ngày {_day(last, month, year)}"


def _school_year(found: re.Match[str]) -> str | None:
    first, last = int(found[1]), int(found[2])
    return f"{in_words(first)} đến {in_words(last)}" if last == first + 1 else REFUSED


def _hour(found: re.Match[str]) -> str | None:
    """lúc 8g · từ 5g30 đến 6g; but 8g of salt."""
    before = word_before(found)
    if before in _AT_AN_HOUR or (
        before in _BOUNDS and _WITH_G.search(found.string, max(0, found.start() - 40), found.end() + 40)
    ):
        return f"{in_words(int(found[1]))} giờ"
    return REFUSED if before in _BOUNDS else None


def _feast(found: re.Match[str]) -> str | None:
    """Quốc khánh 2-9, but cấp 2-9, 2-9 người: where nothing says which, nobody knows."""
    day, month = int(found[1]), int(found[2])
    if (day, month) not in _FEASTS or day >= month:
        return None
    if word_before(found) in _FEASTED:
        return "ngày " + _day(found[1], found[2], None)
    return None if word_after(found).islower() or word_before(found) in _RANGED else REFUSED


def _short_date(found: re.Match[str]) -> str | None:
    """20/7, or 2/3 of something, or a house."""
    first, second = found.groups()
    top, bottom = int(first), int(second)
    before, after = word_before(found), word_after(found)
    if before in _DATED:
        return _day(first, second, None) if _exists(first, second, None) else REFUSED
    if before in _NUMBERED or before in _SCORED:
        return f"{number(first)} trên {number(second)}"
    if (top, bottom) == (24, 7):
        return "hai mươi bốn trên bảy" if before in _WHENEVER else REFUSED
    small = 0 < top < bottom <= _LARGEST_FRACTION and "0" not in (first[0], second[0])
    if before in _RANKED:
        return REFUSED
    if before in _NAMED:
        return _day(first, second, None) if _exists(first, second, None) else REFUSED
    if top <= bottom and after in _OF_ALL and "0" not in (first[0], second[0]):
        return f"{in_words(top)} trên {in_words(bottom)}"
    if small and (before in _SHARED_BEFORE or after in _SHARED_AFTER):
        return f"{in_words(top)} phần {month_name(second)}"
    dated = before in _DATED_TOO or (top, bottom) in _FEASTS or after in _AFTER_A_DATE
    dated |= not after.islower() and (top, bottom) not in _FRACTIONS
    if not _exists(first, second, None) or (small and not dated):
        return REFUSED
    return _dated(found) + _day(first, second, None)


def _dotted(found: re.Match[str]) -> str | None:
    """Ngày 20.11, but not 20.11 kg; where neither stands beside it, nobody knows which."""
    before, after = word_before(found), word_after(found)
    if not _exists(found[1], found[2], None):
        return None
    if before in _DATED:
        return _day(found[1], found[2], None)
    if before in _FEASTED and (int(found[1]), int(found[2])) in _FEASTS:
        return f"ngày {_day(found[1], found[2], None)}"
    return None if after in UNITS or after in SCALES or after in _MEASURED else REFUSED


def _slashed(found: re.Match[str]) -> str | None:
    """35/40 hộ, 120/80: no date."""
    first, second = found.groups()
    if word_before(found) in _DATED or (int(first) <= 31 and int(second) <= 12):
        return REFUSED
    return join(number(first), "trên", number(second))


def _month_of_year(found: re.Match[str]) -> str | None:
    """12/2026, or the number and year of a document: 28/2022."""
    before, year = word_before(found), in_words(int(found[2]))
    if before in _DOCUMENTS or before in _OF_A_YEAR:
        return f"{number(found[1])} năm {year}"
    if not 1 <= int(found[1]) <= 12 or before in _DATED:
        return REFUSED
    return f"{'' if before == 'tháng' else 'tháng '}{month_name(found[1])} năm {year}"


def _time(hour: str, minute: str | None, mark: str | None = None) -> str:
    said = f"{in_words(int(hour))} giờ"
    if not minute or not int(minute):
        return said
    return f"{said} {in_words(int(minute))}{' phút' if mark or int(minute) < _MINUTES_ALOUD else ''}"


def _times(found: re.Match[str]) -> str:
    return f"{_time(*found.group(1, 2, 3))} đến {_time(*found.group(4, 5, 6))}"


def _weekdays(found: re.Match[str]) -> str:
    """thứ 2 · thứ 2, 4 và 6 · thứ 2 - thứ 6 · lần thứ 1."""
    said = re.sub(DASH, " đến ", found[2])
    return f"{found[1]} " + re.sub(
        r"\d", lambda day: {"1": "nhất", "4": "tư"}.get(day[0]) or in_words(int(day[0])), said
    )


DATES: tuple[Rule, ...] = (
    (
        rf"(?<!\w)([Tt]háng) {_M}[-.]({YEAR})(?![\w/.-])",
        lambda m: f"tháng {month_name(m[2])} năm {in_words(int(m[3]))}",
    ),
    (r"\s?[-–]\s?(?=nay(?!\w))", partial(always, " đến ")),
    (rf"{BEFORE}{_D}(?:[/.]{_M}(?:[/.]({YEAR}))?)?{DASH}{_D}[/.]{_M}(?:[/.]({YEAR}))?(?![\w/])", _days),
    (rf"{BEFORE}(\d\d?)([/.-])(\d\d?)\2({YEAR}|\d\d)(?![\w/.-]\d|\w)", _full_date),
    (rf"{BEFORE}({YEAR})-(\d\d)-(\d\d){END}", _iso_date),
    (rf"(?<!\w)[Tt]háng {_M}(?:/({YEAR}))?{DASH}(?:tháng )?{_M}(?:/({YEAR}))?(?![\w/])", _months),
    (rf"(?<!\w)[Tt]ừ {_D} đến {_D}/{_M}(?:/({YEAR}))?(?![\w/])", _from_day),
    (rf"{BEFORE}({YEAR})/({YEAR})(?![\w/.,-]?\d|\w)", _school_year),
    (r"(?<!\w)(0?\d|1\d|2[0-4])g(?!\w)", _hour),
    (rf"{BEFORE}([1-9])-([1-9])(?![\w/%°]|[.,-]\d)", _feast),
    (rf"{BEFORE}(\d{{1,3}})/({YEAR})(?![\w/])", _month_of_year),
    (r"(?<!\w)24/24\s?(?:h|giờ)(?!\w)", partial(always, "hai mươi bốn trên hai mươi bốn giờ")),
    (rf"{BEFORE}(0?\d|[12]\d|3[01])/(1[0-2]|0?\d)(?![\w/])", _short_date),
    (rf"{BEFORE}{_D}\.{_M}(?![\w/,%°]|\.\d)", _dotted),
    (rf"{BEFORE}(\d{{1,4}})/(\d{{1,4}})(?![\w/])", _slashed),
    (rf"(?<=[Nn]gày )({_D}){DASH}{_M}(?![\w/.-]|\s+tháng)", partial(always, REFUSED)),
    (r"(?<!\w)([Tt]háng) ([1-9])(?![\w/.,-]?\d)", lambda m: f"{m[1]} {month_name(m[2])}"),
    (
        rf"(?<!\w)((?i:thứ)) ([1-7](?:(?:,\s?|{DASH}|\s(?:và|đến)\s)(?:thứ )?[2-7](?!\d))*)(?!\w)(?![.,/-]\d)",
        _weekdays,
    ),
    (rf"{BEFORE}{_CLOCK}{DASH}{_CLOCK}{END}", _times),
    (rf"{BEFORE}{_CLOCK}{END}(?!/)", lambda m: _time(*m.group(1, 2, 3))),
)

"""Written Vietnamese → the words that are spoken. Pure.

Imported by the server and the command line. It fails closed: whatever it cannot say with certainty is left in square
brackets and listed, for the editor to say how.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from itertools import pairwise

import msgspec

from audio.spoken_numbers import LARGEST, decimal, digits, in_words, roman

ABBREVIATIONS: Mapping[str, str] = {
    "ATGT": "an toàn giao thông",
    "BCĐ": "ban chỉ đạo",
    "BCH": "ban chỉ huy",
    "BHXH": "bảo hiểm xã hội",
    "BHYT": "bảo hiểm y tế",
    "BTV": "ban thường vụ",
    "CA": "công an",
    "CCCD": "căn cước công dân",
    "COVID-19": "cô vít mười chín",
    "CMND": "chứng minh nhân dân",
    "CNTT": "công nghệ thông tin",
    "CP": "chính phủ",
    "CSXH": "chính sách xã hội",
    "CT": "chỉ thị",
    "CTr": "chương trình",
    "CV": "công văn",
    "CVHN": "cho vay hộ nghèo",
    "GD&ĐT": "giáo dục và đào tạo",
    "HD": "hướng dẫn",
    "HĐND": "hội đồng nhân dân",
    "HTX": "hợp tác xã",
    "KH": "kế hoạch",
    "LHPN": "liên hiệp phụ nữ",
    "MTTQ": "mặt trận tổ quốc",
    "NQ": "nghị quyết",
    "NĐ": "nghị định",
    "OTP": "ô tê pê",
    "PCCC": "phòng cháy chữa cháy",
    "PTDTBT": "phổ thông dân tộc bán trú",
    "PTDTNT": "phổ thông dân tộc nội trú",
    "QH": "quốc hội",
    "SĐT": "số điện thoại",
    "QL": "quốc lộ",
    "QĐ": "quyết định",
    "TB": "thông báo",
    "TH": "tiểu học",
    "THCS": "trung học cơ sở",
    "THPT": "trung học phổ thông",
    "TL": "tỉnh lộ",
    "TP": "thành phố",
    "TT": "thông tư",
    "TTg": "thủ tướng",
    "TTTT": "thông tin truyền thông",
    "TW": "trung ương",
    "UBND": "ủy ban nhân dân",
    "VNeID": "vi en i đi",
    "VOV": "vê ô vê",
    "XHCN": "xã hội chủ nghĩa",
}
_UNITS: Mapping[str, str] = {
    "%": "phần trăm",
    "°C": "độ",
    "º": "độ",
    "°": "độ",
    "đ": "đồng",
    "đồng": "đồng",
    "kg": "ki lô gam",
    "g": "gam",
    "tạ": "tạ",
    "tấn": "tấn",
    "mm": "mi li mét",
    "cm": "xen ti mét",
    "km": "ki lô mét",
    "m": "mét",
    "m2": "mét vuông",
    "m²": "mét vuông",
    "m3": "mét khối",
    "m³": "mét khối",
    "ha": "héc ta",
    "l": "lít",
    "lít": "lít",
    "ml": "mi li lít",
    "kV": "ki lô vôn",
    "V": "vôn",
    "kW": "ki lô oát",
    "h": "giờ",
    "s": "giây",
}
_PER: Mapping[str, str] = {
    **_UNITS,
    "h": "giờ",
    "s": "giây",
    "năm": "năm",
    "tháng": "tháng",
    "ngày": "ngày",
    "hộ": "hộ",
    "người": "người",
    "con": "con",
}
_NUMBER = r"\d{1,3}(?:\.\d{3})+(?:,\d+)?|\d+(?:,\d+)?"
_UNIT = "|".join(re.escape(u) for u in sorted(_UNITS, key=len, reverse=True))
_PER_UNIT = "|".join(re.escape(u) for u in sorted(_PER, key=len, reverse=True))
_MARKS = ",.;:!?"
_DOTTED = 2
_END = r"(?![\w])"
_DASH = r"\s*[-–—]\s*"
_CODE = r"[A-ZĐ][A-Za-zĐđ]*(?:[-–][A-ZĐ][A-Za-zĐđ]*)*"
_LETTERS = {"A": "a", "B": "bê", "C": "xê", "D": "đê", "E": "e", "G": "giê", "H": "hát"}


class SpokenText(msgspec.Struct, frozen=True):
    """`words`: what is spoken, leftovers in square brackets; `leftovers`: what nobody has said how to say."""

    words: str
    leftovers: tuple[str, ...] = ()


def speak(text: str, abbreviations: Mapping[str, str] = ABBREVIATIONS) -> SpokenText:
    """The words of a written text. Sentence marks stay: they are pauses."""
    text = unicodedata.normalize("NFC", text).replace("\u2212", "-")
    text = re.sub(r"[“”\"‘’'«»()\[\]{}…]", " ", text)
    for pattern, said in _RULES:
        text = pattern.sub(said, text)
    text = _abbreviated(text, abbreviations)
    text = re.sub(r"(?<=\w)\s*[-–—]\s+|\s+[-–—]\s*(?=\w)", ", ", text)
    text = re.sub(r"\s+([,.;:!?])", r"\1", text)
    leftovers: list[str] = []
    words = [_checked(word, leftovers) for word in text.split()]
    return SpokenText(" ".join(words).lower(), tuple(dict.fromkeys(leftovers)))


def resolve(text: str, answers: Mapping[str, str]) -> str:
    """The text with each leftover replaced by what the editor says: longest first, so that none hides another."""
    text = unicodedata.normalize("NFC", text)
    for leftover in sorted(answers, key=len, reverse=True):
        if answers[leftover].strip():
            text = text.replace(leftover, f" {answers[leftover].strip()} ")
    return text


def _checked(word: str, leftovers: list[str]) -> str:
    """The word, or in brackets what nobody has said how to say."""
    inner = word.strip(_MARKS)
    if not inner or not _unspeakable(inner):
        return word
    leftovers.append(inner)
    head, _, tail = word.partition(inner)
    return f"{head}[{inner}]{tail}"


def _unspeakable(word: str) -> bool:
    """A digit, a sign, or a run of capitals."""
    capitals = any(a.isupper() and b.isupper() for a, b in pairwise(word))
    return capitals or any(not (c.isalpha() or unicodedata.combining(c)) and c not in _MARKS for c in word)


def _abbreviated(text: str, abbreviations: Mapping[str, str]) -> str:
    for short in sorted(abbreviations, key=len, reverse=True):
        dot = r"\.?" if len(short) <= _DOTTED else ""  # "TP. Lào Cai", but "thẻ BHYT." ends a sentence
        text = re.sub(rf"(?<!\w){re.escape(short)}{_END}{dot}", abbreviations[short], text)
    return text


def _value(written: str) -> str:
    whole, _, fraction = written.replace(".", "").partition(",")
    if int(whole) > LARGEST:
        return digits(whole)
    return decimal(whole, fraction) if fraction else in_words(int(whole))


def _signed(sign: str, written: str) -> str:
    return ("âm " if sign else "") + _value(written)


def _quantity(found: re.Match[str]) -> str:
    """-2°C · 120mm/6h · 6,6%/năm · 500.000đ."""
    sign, written, unit, count, per = found[1], found[2], found[3], found[4], found[5]
    said = f"{_signed(sign, written)} {_UNITS[unit]}"
    if per is None:
        return f" {said} "
    return f" {said} trên {_value(count) + ' ' if count else ''}{_PER[per]} " if count else f" {said} một {_PER[per]} "


def _range(found: re.Match[str]) -> str:
    unit = f" {_UNITS[found[5]]}" if found[5] else ""
    return f" {_signed(found[1], found[2])} đến {_signed(found[3], found[4])}{unit} "


def _time(hour: str, minute: str | None) -> str:
    return f"{in_words(int(hour))} giờ" + (f" {in_words(int(minute))}" if minute and int(minute) else "")


def _date(day: str, month: str, year: str | None) -> str:
    said = f"{in_words(int(day))} tháng {in_words(int(month)) if int(month) != 4 else 'tư'}"
    return f"{said} năm {in_words(int(year))}" if year else said


def _dated(found: re.Match[str]) -> str:
    if not (1 <= int(found[2]) <= 31 and 1 <= int(found[3]) <= 12):
        return found[0]
    before = found[1] or ""
    return f"{before}{'' if before else 'ngày '}{_date(found[2], found[3], found[4])} "


def _document(found: re.Match[str]) -> str:
    number = in_words(int(found[1])) if not found[1].startswith("0") else digits(found[1])
    year = f" năm {in_words(int(found[2]))}" if found[2] else ""
    return f"{number}{year} {found[3].replace('-', ' ').replace('–', ' ')} "


def _post(found: re.Match[str]) -> str:
    return f" ki lô mét {in_words(int(found[1]))} cộng {in_words(int(found[2]))} "


def _roman_said(found: re.Match[str]) -> str:
    value = roman(found[2])
    return f"{found[1]} {in_words(value)}" if value else found[0]


_DAY = r"([12]\d|3[01]|0?[1-9])"
_MONTH = r"(1[0-2]|0?[1-9])"
_HOUR = r"([01]?\d|2[0-4])"
_RULES: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...] = (
    (re.compile(rf"(?<![\w/.-])(\d{{1,5}})(?:/(\d{{4}}))?[/-]({_CODE}){_END}"), _document),
    (
        re.compile(rf"(?<![\w/]){_DAY}[/.]{_MONTH}{_DASH}{_DAY}[/.]{_MONTH}(?:[/.](\d{{4}}))?(?![\w/])"),
        lambda m: f"{_date(m[1], m[2], None)} đến ngày {_date(m[3], m[4], m[5])} ",
    ),
    (
        re.compile(rf"(?<![\w/]){_DAY}{_DASH}{_DAY}/{_MONTH}(?:/(\d{{4}}))?(?![\w/])"),
        lambda m: f"{in_words(int(m[1]))} đến ngày {_date(m[2], m[3], m[4])} ",
    ),
    (
        re.compile(r"(?<![\w/])(1[0-2]|0?[1-9])/((?:19|20)\d\d)(?![\w/])"),
        lambda m: f"{in_words(int(m[1]))} năm {in_words(int(m[2]))} ",
    ),
    (
        re.compile(r"\b([Qq]uý|[Cc]ấp|[Kk]hóa|[Kk]hoá|[Hh]ội|[Tt]hứ|[Ll]oại|[Hh]ạng|[Kk]ỳ|[Đđ]ợt)\s+([IVXLC]+)(?!\w)"),
        _roman_said,
    ),
    (
        re.compile(r"\b([Qq]uý\s+\w+)/((?:19|20)\d\d)(?![\w/])"),
        lambda m: f"{m[1]} năm {in_words(int(m[2]))} ",
    ),
    (
        re.compile(
            r"((?:[Nn]gày|[Ss]áng|[Tt]rưa|[Cc]hiều|[Tt]ối|[Đđ]êm|[Hh]ôm|mùng)\s+)?(?<![\w/,.-])(\d{1,2})/(\d{1,2})"
            r"(?:/(\d{4}))?(?![\w/])"
        ),
        _dated,
    ),
    (
        re.compile(
            rf"(?<![\w.,]){_HOUR}(?:h|g|giờ\s?|:)([0-5]\d)?(?:h|g)?{_DASH}{_HOUR}(?:h|g|giờ\s?|:)([0-5]\d)?{_END}"
        ),
        lambda m: f"{_time(m[1], m[2])} đến {_time(m[3], m[4])} ",
    ),
    (re.compile(rf"(?<![\w.,]){_HOUR}[hg:]([0-5]\d)(?:p|ph|phút)?{_END}"), lambda m: f"{_time(m[1], m[2])} "),
    (re.compile(rf"(?<![\w.,/]){_HOUR}h{_END}"), lambda m: f"{_time(m[1], None)} "),
    (re.compile(r"(?<!\w)[Kk][Mm]\s?(\d{1,4})\s?\+\s?(\d{1,3})(?!\w)"), _post),
    (
        re.compile(r"(?<!\w)QL\.?\s?(\d{1,3})([A-H])?(?!\w)"),
        lambda m: f" quốc lộ {in_words(int(m[1]))} {_LETTERS.get(m[2] or '', '')} ",
    ),
    (
        re.compile(r"(?<![\w.,])(0\d{2,4}(?:[. ]\d{3,4}){1,3}|0\d{8,10}|1[89]00(?:[. ]?\d{2,4}){1,2})(?![\w])"),
        lambda m: f" {digits(m[1])} ",
    ),
    (
        re.compile(r"([Gg]ọi(?:\s+(?:ngay|số|tới|đến|cho))*\s+)(\d{3,4})(?![\w.,]\d)(?!\w)"),
        lambda m: f"{m[1]}{digits(m[2])}",
    ),
    (re.compile(r"((?:hoặc|số)\s+)(11[0-9])(?!\w)"), lambda m: f"{m[1]}{digits(m[2])}"),
    (re.compile(rf"(?:(?<=\s)|(?<=^)|(?<=[(]))(-?)({_NUMBER}){_DASH}(-?)({_NUMBER})\s?({_UNIT})?{_END}"), _range),
    (
        re.compile(rf"(?:(?<=\s)|(?<=^))(-?)({_NUMBER})\s?({_UNIT})(?:/(\d+)?({_PER_UNIT}))?{_END}"),
        _quantity,
    ),
    (re.compile(r"(?<=[^\W\d])/(tháng|năm|ngày|hộ|người|con)(?!\w)"), lambda m: f" một {m[1]}"),
    (re.compile(r"\b([Đđ]ại hội)\s+([IVXLC]+)(?!\w)"), _roman_said),
    (re.compile(rf"(?:(?<=\s)|(?<=^))(-?)({_NUMBER})(?=[\s.,;:!?]|$)"), lambda m: _signed(m[1], m[2])),
)

"""How the parts of a written text that are no plain words are said: one rule for each way of writing. Pure.

Imported by `spoken_text`.

A rule is a pattern and a function of its match (`Say`). Of the rules that hold at one place the first in `RULES`
speaks.
"""

import re
from collections.abc import Mapping, Sequence
from functools import partial

from audio.spoken_amounts import AMOUNTS
from audio.spoken_dates import DATES
from audio.spoken_numbers import digits, in_words, roman
from audio.spoken_parts import (
    BEFORE,
    DASH,
    END,
    NUMBER,
    REFUSED,
    ROMAN,
    YEAR,
    Rule,
    always,
    any_of,
    join,
    number,
    word_after,
    word_before,
    words_of,
)
from audio.spoken_syllables import CAPITAL, LETTER, SMALL
from audio.spoken_units import COUNTED, SCALES, UNITS
from audio.spoken_words import CODES, LETTERS, TITLES

_CODE = r"[A-ZĐ][\wĐđ]*(?:[-–/&][A-ZĐ][\wĐđ]*)*"
DOCUMENT = rf"{BEFORE}(\d{{1,5}})(?:/({YEAR}))?[/-]({_CODE}){END}"
_HOTLINES = frozenset({"111", "112", "113", "114", "115", "116", "117", "118", "119", "1022", "1080", "1088", "1789"})
_AFTER_A_HOTLINE = words_of("để báo hoặc và ngay khi nếu gặp miễn hay trong tại của")
_REACHED = (
    r"(?:gọi|điện|báo|bấm|quay|liên hệ|a lô|tổng đài|đường dây nóng|hotline|điện thoại|số máy|cấp cứu|cứu thương|"
    r"cứu hỏa|cứu hoả|chữa cháy|cứu nạn|cảnh sát|công an)"
)
_KINDS = (
    r"(?<!\w)((?i:quý|cấp|khóa|khoá|hội|thứ|loại|hạng|kỳ|đợt|thế kỷ|chương|phần|mục|vùng|khu vực|nhóm|giai đoạn|bậc|"
    r"lần|đại hội|báo động|khoản|điều|bảng|phụ lục|tập|quyển|tiểu mục))"
)
_HIGH = words_of("cao dài rộng sâu dày")
_CENTRES = (
    r"Y tế|GDTX|[Dd]ạy nghề|[Hh]ọc tập|[Vv]ăn hóa|[Dd]ịch vụ|[Kk]huyến nông|[Hh]ành chính|VHTT|[Gg]iáo dục|"
    r"[Kk]iểm soát|[Nn]ước"
)
_PLACES = (
    r"(?<!\w)((?i:lớp|tổ|thôn|bản|xóm|khu|ngõ|phòng|nhà|số|lô|quốc lộ|tỉnh lộ|đường tỉnh|đường huyện|đường|cụm|đội|"
    r"mẫu|khối|các|thứ|tầng))"
)
_COMMITTEES = r"Đảng|Đoàn|đoàn|Chi bộ|chi bộ|Hội|hội|Công đoàn|TW|Trung ương"
_COMMANDS = r"Quân sự|quân sự|QS|PCTT|PTDS|Phòng|phòng|TKCN"
_POST = r"[Kk][Mm]\s?(\d{1,4})(?:\s?\+\s?(\d{1,3}))?"
_IDENTIFIES = re.compile(
    r"(?<!\w)(?i:tài khoản|stk|cccd|cmnd|căn cước|định danh|mã|mã số|mst|mã số thuế)(?i: số)?:?\s+$"
)
_OF_WHOM = rf"(?: [{LETTER}]+){{1,6}}:? "
_AND_MORE = r"(?:(?:,|/| hoặc| và)\s?\d{3,8}(?!\w))*"
_PHONE = r"(?:0[35789](?:[ .-]?\d){8}|02(?:[ .-]?\d){8,9})"
_FOLDED = 70
_ORDINALS = {1: "nhất", 4: "tư"}
_CLASS = r"\d{1,3}[A-EGHK]\d{0,2}(?!\w)"
_CALLED = r"(?:\s+(?i:ngay|số|tới|đến|cho|điện|thoại|máy))*:?\s+"


def document(codes: Mapping[str, str], found: re.Match[str]) -> str | None:
    """45/KH-UBND · 49/2024/NĐ-CP · 05-CT/TW · 59/2020/QH14. `codes`: what may stand behind the number."""
    written, year, code = found.groups()
    said = [digits(written) if written.startswith("0") else in_words(int(written))]
    if year:
        said.append(f"năm {in_words(int(year))}")
    parts = [code] if code in codes else re.split(r"[-–/]", code)
    for part in parts:
        term = re.fullmatch(r"QH(\d{1,2})", part)
        if term:
            said.append(f"quốc hội khóa {in_words(int(term[1]))}")
        elif part == "TT":
            said.append(_circular(parts, year))
        else:
            said.append(codes.get(part, REFUSED))
    return REFUSED if REFUSED in said else " ".join(said)


def _circular(parts: Sequence[str], year: str | None) -> str:
    """A ministry's TT is a circular, a Party committee's a circular letter; with others nobody knows."""
    if year and parts[-1].startswith("B"):
        return "thông tư"
    return "thông tri" if parts[-1] in ("TU", "HU", "ĐU", "TW") else REFUSED


def _romans(found: re.Match[str]) -> str | None:
    """quý III · cấp IV, V · khóa XIV/2025."""
    said = [found[1]]
    for separator, numeral in re.findall(rf"([-–,]|\s|và|hoặc|đến)\s*({ROMAN})", found[2]):
        value = roman(numeral)
        if value is None:
            return REFUSED
        word = _ORDINALS.get(value, in_words(value)) if found[1].lower().endswith("thứ") else in_words(value)
        said += [{"-": "đến", "–": "đến", ",": ","}.get(separator, separator.strip()), word]
    year = f"năm {in_words(int(found[3]))}" if found[3] else ""
    return join(*said, year).replace(" ,", ",")


def _hotlines(found: re.Match[str]) -> str | None:
    """gọi 113, 114 hoặc 115 · gọi 1022 để báo tin, but "gọi 100 người"."""
    after = word_after(found)
    if after in COUNTED or after in UNITS or after in SCALES:
        return None
    known = set(re.findall(r"\d+", found[2])) <= _HOTLINES
    if not known and after.islower() and after not in _AFTER_A_HOTLINE:
        return None
    return found[1] + re.sub(r"\d+", lambda digit: digits(digit[0]), found[2])


def _telephone(found: re.Match[str]) -> str:
    """+84 912 345 678 · (0214) 3829115 · 0912345678/0987654321 · 02143871115 hoặc 1022."""
    said = re.sub(r"[+\d][\d .()-]*\d", lambda one: digits(one[0]), found[0].replace("/", ", ").replace("(", ""))
    return ("cộng " if found[0].startswith("+") else "") + " ".join(said.split()).replace(" ,", ",")


def _identity(found: re.Match[str]) -> str | None:
    """The number of an account, a person, a taxpayer: each digit by itself."""
    return digits(found[0]) if _IDENTIFIES.search(found.string[max(0, found.start() - 40) : found.start()]) else None


def _list(found: re.Match[str]) -> str | None:
    """thôn 1,2,3: no decimal."""
    numbers = [number(one) for one in re.split(r"\s*,\s*", found[2])]
    return None if None in numbers else f"{found[1]} " + ", ".join(filter(None, numbers))


def _lettered(found: re.Match[str]) -> str:
    """lớp 5A · lớp 9A1, 9A2 · tổ 12B · quốc lộ 4D."""
    return found[1] + re.sub(
        r"(\d{1,3})([A-EGHK])(\d{0,2})",
        lambda m: join(number(m[1]), LETTERS[m[2]], number(m[3]) if m[3] else ""),
        found[2],
    )


def _plate(found: re.Match[str]) -> str:
    """24A-123.45 · 24B1-567.89 · 29C 12345: the number of a vehicle."""
    province, series, count, rest = found.groups()
    letters = " ".join(LETTERS.get(c, c) for c in series)
    return join(in_words(int(province)), letters, number(count) if count else "", digits(rest))


def _road(found: re.Match[str]) -> str:
    name = {"QL": "quốc lộ", "TL": "tỉnh lộ", "ĐT": "đường tỉnh"}[found[1]]
    return join(name, number(found[2]), LETTERS.get(found[3]))


def _posts(found: re.Match[str]) -> str:
    """Km105+200 · Km3+500-Km4+200."""
    low = _post(found[1], found[2])
    return f"{low} đến {_post(found[3], found[4])}" if found[3] else low


def _post(kilometres: str, metres: str | None) -> str:
    return f"ki lô mét {in_words(int(kilometres))}" + (f" cộng {in_words(int(metres))}" if metres else "")


def _title(found: re.Match[str]) -> str:
    return TITLES[found[1]]


def _line_end(found: re.Match[str]) -> str | None:
    """Where a line ends without a mark: a short one is a heading or a point of a list, a long one was only folded."""
    if not found[1]:
        return "."
    line = found.string[found.string.rfind("\n", 0, found.start()) + 1 : found.start()]
    return "," if len(line) < _FOLDED else None


def _heading(found: re.Match[str]) -> str | None:
    """I. Nội dung · 1) Thời gian · 2/ Địa điểm, at the beginning of a line."""
    value = roman(found[1]) if found[1].isalpha() else int(found[1])
    return None if value is None else f"{in_words(value)}."


def _section(found: re.Match[str]) -> str | None:
    """2.1 Địa điểm, at the beginning of a line, but not 2.1 kg."""
    if word_after(found) in {*UNITS, *SCALES}:
        return None
    return " chấm ".join(in_words(int(part)) for part in found[1].split(".")) + "."


def _listed(found: re.Match[str]) -> str | None:
    """-3 người, at the beginning of a line: a dash of a list, or a number below zero?"""
    return None if word_after(found) in {*UNITS, "độ"} else REFUSED


def _metres(found: re.Match[str]) -> str | None:
    """Cao 1m65; but 5m2 is an area, and nobody knows how high 1m2 is."""
    if found[2] in ("2", "3"):
        return REFUSED if word_before(found) in _HIGH else None
    return f"{in_words(int(found[1]))} mét {number(found[2])}"


def _numeral(found: re.Match[str]) -> str | None:
    """Khóa XIV, behind a word."""
    value = roman(found[0])
    return in_words(value) if value else None


_OPENING: tuple[Rule, ...] = (
    (rf"(?m)^[^\S\n]*[-–−]\s{NUMBER}\s?(?:°C?|º|℃|độ C|độ){END}", partial(always, REFUSED)),
    (
        (
            rf"(?<=[^\s,.;:!?])\s*\n"
            rf"(?:\s*\n\s*|\s*(?=(?:\d{{1,2}}|{ROMAN}|[a-eghđ])[.)/]\s|[-–*+•]\s|([{CAPITAL}])))"
        ),
        _line_end,
    ),
    (rf"(?<=\s)[-–−]\s({NUMBER})\s?(?:°C?|º|℃|độ C|độ){END}", lambda m: join("âm", number(m[1]), "độ")),
    (r"(?m)^[^\S\n]*[*+•●▪◦·✓]+(?=\s)|(?<!\S)[-–—−](?!\S)", partial(always, ",")),
    (rf"(?m)^[^\S\n]*[-–−]{NUMBER}(?=\s+\w)", _listed),
    (r"(?<=\w) \+ (?=\w)", partial(always, "cộng")),
    (rf"(?m)^[^\S\n]*(\d{{1,2}}|{ROMAN})\s?[/)](?=\s)", _heading),
    (r"(?m)^[^\S\n]*([a-eghđ])[.)/](?=\s)", lambda m: f"{LETTERS[m[1].upper()]},"),
    (rf"(?m)^[^\S\n]*({ROMAN})\.(?=\s)", _heading),
    (rf"(?m)^[^\S\n]*(\d{{1,2}}|{ROMAN})\s?[-–](?=\s[{LETTER}])", _heading),
    (r"(?m)^[^\S\n]*(\d{1,2}(?:\.\d{1,2}){1,2})\.?(?=\s)", _section),
)
_NAMES: tuple[Rule, ...] = (
    (rf"(?<!\w){_POST}(?:{DASH}{_POST})?{END}(?![.,/-]\d)", _posts),
    (r"(?<![\w.,/-])(\d)m(\d{1,2})(?!\w)", _metres),
    (rf"(?<!\w)(QL|TL|ĐT)[. ]?\s?([1-9]\d{{0,2}})([A-EGH])?{END}(?![., /]?\d)", _road),
    (
        (
            rf"(?<![\w.,])(?:\+84(?:[ .-]?\d){{9,10}}|\(0\d{{2,3}}\)\s?\d(?:[ .-]?\d){{5,7}}|"
            rf"{_PHONE}(?:\s?/\s?{_PHONE})*)(?:,? (?:hoặc|và) (?:{any_of(_HOTLINES)}))?(?!\w)(?![.,/-]\d)"
        ),
        _telephone,
    ),
    (r"(?<![\w.,])1[89]00(?:[. -]?\d{2,4}){1,2}(?!\w)(?![.,-]\d)", lambda m: digits(m[0])),
    (rf"(?<!\w)((?i:{_REACHED}|số)(?:{_CALLED}|{_OF_WHOM}))(11\d(?!\w){_AND_MORE})(?![. ]?\d|[./]\w)", _hotlines),
    (
        (
            rf"(?<!\w)((?i:gọi|tổng đài|đường dây nóng|hotline|điện thoại|số máy|qua số|tới số|gửi|nhắn){_CALLED})"
            rf"(\d{{3,8}}(?!\w){_AND_MORE})(?![. ]?\d|[./]\w)"
        ),
        _hotlines,
    ),
    (rf"(?<!\w)((?i:tổng đài|đường dây nóng){_OF_WHOM})(\d{{4,8}}(?!\w){_AND_MORE})(?![. ]?\d|[./]\w)", _hotlines),
    (rf"{BEFORE}\d{{3,}}{END}(?![.,]\d)", _identity),
    (rf"{_KINDS}((?:\s+{ROMAN}(?:\s*(?:[-–,]|và|hoặc|đến)\s*{ROMAN})*))(?:/({YEAR}))?(?![\w/])", _romans),
    (rf"{_PLACES}\s+(\d{{1,2}}(?:\s?,\s?\d{{1,2}})+)(?![\w.,/-]?\d|[\w%°])", _list),
    (r"(?<![\w./-])([1-9]\d)([A-HK-MPS-VX-ZĐ]{1,2})(\d)?(?:[ -]{1,3})(\d{3}\.\d\d|\d{4,5})(?![\w.,-]?\d|\w)", _plate),
    (rf"{_PLACES}(\s+{_CLASS}(?:(?:,| và| hoặc|;)\s{_CLASS})*){END}(?![.-]\d)", _lettered),
    (
        r"(?<!\w)(?i:hạng|loại|bằng|mẫu|khu|nhóm)\s+[A-E]\d{1,2}(?:(?:,\s|\svà\s)[A-E]\d{0,2})*(?!\w)",
        lambda m: re.sub(
            r"(?<!\w)([A-E])(\d*)(?!\w)", lambda one: join(LETTERS[one[1]], number(one[2]) if one[2] else ""), m[0]
        ),
    ),
    (
        r"(?<!\w)BĐ\s?([123])(?:\s?[-–]\s?(?:BĐ)?\s?([123]))?(?!\w)",
        lambda m: join("báo động", number(m[1]), f"đến báo động {number(m[2])}" if m[2] else ""),
    ),
    (
        rf"(?<=[{SMALL}] )(\d{{1,2}})([A-EGH])(?![\w.-])",
        lambda m: join(number(m[1]), LETTERS[m[2]]) if m.string[: m.start()].split()[-1][0].isupper() else None,
    ),
    (r"(?<=[^\W\d_] )[IVX]{2,}(?![\w/.-])", _numeral),
    (r"(?<!\w)([2-6])G(?:/([2-6])G)?(?!\w)", lambda m: ", ".join(f"{in_words(int(g))} giê" for g in m.groups() if g)),
    (
        r"(?<!\w)((?i:t[ỷỉ] (?:lệ|số)))\s+(\d+)\s?[:-]\s?(\d+)(?![\w.,:%]?\d|\w|%)",
        lambda m: (
            f"{m[1]} {number(m[2])} trên {number(m[3])}"
            if "lệ" in m[1].lower()
            else f"{m[1]} {number(m[2])} {number(m[3])}"
        ),
    ),
)
_TITLES: tuple[Rule, ...] = (
    (rf"(?<!\w)(BS|GS|KS|PGS|TS|TM|KT|TL)\.\s?(?=[{CAPITAL}])(?!TS|BS|CK)", _title),
    (rf"(?<!\w)(P|Q|H)\.\s?(?=[{CAPITAL}][{LETTER}]+ [{CAPITAL}][{LETTER}])", _title),
    (r"(?<!\w)P\.\s?(?=Bí thư|Chủ tịch|Giám đốc|Trưởng|Hiệu trưởng)", partial(always, "phó")),
    (r"(?<!\w)(Q|P)\.\s?(?=\d{1,2}(?!\d))", _title),
    (rf"(?<!\w)[PQH]\.(?=\s?[{CAPITAL}][{LETTER}])", partial(always, REFUSED)),
    (r"(?<!\w)(P?)CT(?= (?:UBND|HĐND|UBMTTQ|MTTQ|Hội|xã|thôn)(?!\w))", lambda m: f"{'phó ' if m[1] else ''}chủ tịch"),
    (
        r"BCH(?<!\wBCH)(?= (?:Đảng|Đoàn|đoàn|Chi bộ|chi bộ|Hội|hội|Công đoàn|TW|Trung ương))",
        partial(always, "ban chấp hành"),
    ),
    (r"BCH(?<!\wBCH)(?![\w&-]| (?:Quân sự|quân sự|QS|PCTT|PTDS|Phòng|phòng|TKCN))", partial(always, REFUSED)),
    (r"(?<!\w)LH(?=:?\s?[\d(+])", partial(always, "liên hệ")),
    (r"(?<=%) KH(?!\w)", partial(always, " kế hoạch")),
    (r"(?<!\w)(QĐ|KH|TB|CV|NQ|NĐ|HD|BC|CĐ)(?= số:? \d| \d+[/-])", lambda m: CODES[m[1]]),
    (rf"(?<!\w)SN (?={YEAR}(?!\w))", partial(always, "sinh năm")),
    (
        rf"(?<!\w)((?i:quyết định|đề án|chỉ thị|nghị quyết|nghị định|công văn)(?: số)?) (0\d{{1,2}}){END}(?![./-]\w)",
        lambda m: f"{m[1]} {digits(m[2])}",
    ),
    (r"(?<=điểm )%", partial(always, "phần trăm")),
    (r"(?<!\w)TT\.?\s(?=\d)", partial(always, "thông tư")),
    (
        rf"(?<!\w)TT\.?\s(?=(?:{_CENTRES}))",
        partial(always, "trung tâm"),
    ),
    (r"(?<!\w)TT\.\s?(?=[A-ZĐ])", partial(always, "thị trấn")),
    (r"(?<=[Cc]ông ty )CP(?!\w)|(?<=C[Tt]y )CP(?!\w)", partial(always, "cổ phần")),
    (r"(?<!\w)C[Tt]y\.?(?=\s)", partial(always, "công ty")),
    (r"TH(?![\w&])", lambda m: "tiểu học" if word_before(m) in ("trường", "ptdtbt") else None),
    (r"(?<=[Tt]rường )MN(?!\w)", partial(always, "mầm non")),
    (r"(?<=\w) & (?=\w)", partial(always, "và")),
)
RULES = _OPENING + DATES + _NAMES + AMOUNTS + _TITLES

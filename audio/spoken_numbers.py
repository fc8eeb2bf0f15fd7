"""Vietnamese numbers in words, and back. Pure.

Imported by `spoken_text` and tests.
"""

_DIGITS = ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín")
_SCALES = ("", "nghìn", "triệu")
LARGEST = 10**15
_ROMAN = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100}


def in_words(number: int) -> str:
    """A whole number from -10¹⁵ to 10¹⁵ as it is said; raises ValueError beyond."""
    if abs(number) > LARGEST:
        raise ValueError(f"{number} is beyond what can be said")
    if number < 0:
        return f"âm {in_words(-number)}"
    if number == 0:
        return _DIGITS[0]
    return " ".join(_grouped(number))


def digits(text: str) -> str:
    """Each digit by its name, as telephone numbers are said; anything else is left out."""
    return " ".join(_DIGITS[int(c)] for c in text if c in "0123456789")


def decimal(whole: str, fraction: str) -> str:
    """A decimal number given by the digits before and after the comma."""
    after = digits(fraction) if fraction.startswith("0") or len(fraction) > 2 else in_words(int(fraction))
    return f"{in_words(int(whole))} phẩy {after}"


def number_of(words: str) -> int:
    """The reverse of `in_words`; raises ValueError on anything else."""
    parts = words.split()
    if parts[:1] == ["âm"]:
        return -number_of(" ".join(parts[1:]))
    total = 0
    for scale, group in _split(parts):
        total += _group_value(group) * scale
    if in_words(total) != words:
        raise ValueError(f"“{words}” is no number")
    return total


def roman(text: str) -> int | None:
    """The value of a well-formed Roman numeral up to 399, else None."""
    if not text or any(c not in _ROMAN for c in text):
        return None
    values = [_ROMAN[c] for c in text]
    total = sum(-v if any(w > v for w in values[i + 1 : i + 2]) else v for i, v in enumerate(values))
    return total if _to_roman(total) == text else None


def _to_roman(number: int) -> str:
    pairs = ((100, "C"), (90, "XC"), (50, "L"), (40, "XL"), (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"))
    out = ""
    for value, letters in pairs:
        out += letters * (number // value)
        number %= value
    return out


def _grouped(number: int) -> list[str]:
    words: list[str] = []
    billions, rest = divmod(number, 10**9)
    if billions:
        words += [*_grouped(billions), "tỷ"]
    for power in (2, 1, 0):
        group = rest // 1000**power % 1000
        if group:
            words += _hundreds(group, leading=not words)
            words += [_SCALES[power]] if power else []
    return words


def _hundreds(group: int, *, leading: bool) -> list[str]:
    hundreds, tens, ones = group // 100, group // 10 % 10, group % 10
    words = [_DIGITS[hundreds], "trăm"] if hundreds or not leading else []
    if tens == 0:
        if ones and words:
            words.append("linh")
        return words + ([_DIGITS[ones]] if ones else [])
    words += ["mười"] if tens == 1 else [_DIGITS[tens], "mươi"]
    if ones == 1 and tens > 1:
        return [*words, "mốt"]
    if ones == 5:
        return [*words, "lăm"]
    return words + ([_DIGITS[ones]] if ones else [])


def _split(parts: list[str]) -> list[tuple[int, list[str]]]:
    groups: list[tuple[int, list[str]]] = []
    if "tỷ" in parts:
        at = len(parts) - 1 - parts[::-1].index("tỷ")
        groups += [(scale * 10**9, group) for scale, group in _split(parts[:at])]
        parts = parts[at + 1 :]
    for scale, word in ((10**6, "triệu"), (10**3, "nghìn")):
        if word in parts:
            at = parts.index(word)
            groups.append((scale, parts[:at]))
            parts = parts[at + 1 :]
    return [*groups, (1, parts)]


def _group_value(group: list[str]) -> int:
    value = current = 0
    for word in group:
        if word == "trăm":
            value, current = value + current * 100, 0
        elif word == "mươi":
            value, current = value + current * 10, 0
        elif word == "mười":
            value, current = value + 10, 0
        elif word == "mốt":
            current = 1
        elif word == "lăm":
            current = 5
        elif word in _DIGITS:
            current = _DIGITS.index(word)
        elif word != "linh":
            raise ValueError(f"“{word}” is no part of a number")
    return value + current

"""Which passwords are strong enough: judged by zxcvbn, which also knows the person's names and what everybody here
would try first.

Imported by the use cases of people and tests.
"""

import enum
import threading
import unicodedata
from collections.abc import Iterable

from zxcvbn import zxcvbn

from server.area import search_key

SHORTEST, LONGEST = 10, 128
LEAST_SCORE = 3
"""Of zxcvbn's 0 to 4: 10⁸ guesses at least."""
_JUDGED = 32
"""Characters that are judged: a strong beginning makes the whole strong, and the time grows steeply with the length."""
COMMON = (
    "matkhau", "mat khau", "mật khẩu", "loaban", "loaphatthanh", "truyenthanh", "phatthanh", "thongtin", "banlang",
    "vietnam", "laocai", "yenbai", "sapa", "hanoi", "thanhpho", "xinchao", "chaobacon", "kinhthua", "anhyeuem",
    "emyeuanh", "yeuem", "conyeume", "giadinh", "hanhphuc", "maimai", "camon", "nhatky", "uyban", "ubnd", "ubndxa",
    "uybannhandan", "nhandan",
    "chutich", "phochutich", "bithu", "dangbo", "bientap", "pheduyet", "truongthon", "vanhoa", "congan", "bienphong",
    "bacho", "tuhao", "thaibinh", "quequan", "nguyen", "tran", "hoang", "khongbiet", "deocho", "motconvit", "abc123",
    "qwerty", "admin", "password",
)  # fmt: skip
_one_at_a_time = threading.Lock()  # zxcvbn keeps the names that it is given in a table of its module


class PasswordFault(enum.Enum):
    """Why a password is not taken."""

    too_short = "too_short"
    too_long = "too_long"
    weak = "weak"
    same = "same"  # as the one before
    different = "different"  # from its repetition


def composed(password: str) -> str:
    """As it is hashed and compared: the same letters however a keyboard put them together."""
    return unicodedata.normalize("NFC", password[: LONGEST + 1])


def fault_of(password: str, about: Iterable[str]) -> PasswordFault | None:
    """What is wrong with a password; None if it is strong enough. `about`: names of the person and of their places."""
    password = composed(password)
    if len(password) < SHORTEST:
        return PasswordFault.too_short
    if len(password) > LONGEST:
        return PasswordFault.too_long
    # Accents, and what stands between words, add little for who knows the words: it is judged without them, too.
    known = [*COMMON, *_words(about)]
    plain = search_key(password)
    joined = "".join(c for c in plain if c.isalnum()) or plain
    weak = min(_score(form[:_JUDGED], known) for form in {password, plain, joined}) < LEAST_SCORE
    return PasswordFault.weak if weak else None


def _score(password: str, known: list[str]) -> int:
    with _one_at_a_time:
        return int(zxcvbn(password, user_inputs=known)["score"])


def _words(names: Iterable[str]) -> list[str]:
    """Names as people make passwords of them: each word, and all in one."""
    found: list[str] = []
    for name in names:
        words = search_key(name).split()
        found += words
        found += ["".join(words[i:]) for i in range(len(words))]  # without the kind of place, or the family name
        found += [" ".join(words[i:]) for i in range(len(words))]
    return [word for word in dict.fromkeys(found) if len(word) > 1]

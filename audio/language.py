"""Languages as rows of data: what the tables of a new server are seeded with. Pure.

Anybody but `schedules` and `device_agent` may import this room. A language is never an enum: which local branch is
which code is for local linguists to say, and rows can be added without a new program.
"""

import re

import msgspec

from audio import clip
from audio.clip import NO_LANGUAGE

VIETNAMESE = clip.VIETNAMESE
_TAG = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*(-x(-[A-Za-z0-9]{1,8})+)?")


class Language(msgspec.Struct, frozen=True):
    """`tag`: BCP-47; `name`: in Vietnamese, as the state's lists write it; `own_name`: where it is certain;
    `variety`: the local branch; `orthography`: the script that texts use. `engines`: which of the machine voices that
    the house allows for it may speak it, the best first; None: as the house says, none named: no machine at all.
    `phrase_forms`: numbers sound otherwise at the end of a phrase than within it, so that a bank of phrases needs
    both. `retired`: it is offered no more; what was said in it keeps its name."""

    tag: str
    name: str
    own_name: str = ""
    variety: str = ""
    orthography: str = ""
    engines: tuple[str, ...] | None = None
    phrase_forms: bool = False
    retired: bool = False


SEED = (
    Language("vi", "Tiếng Việt", "Tiếng Việt", orthography="Chữ quốc ngữ"),
    Language("mww", "Mông", "Hmoob", "Trắng", "Chữ Mông (Latinh)"),
    Language("hnj", "Mông", "", "Lềnh, Hoa", "Chữ Mông (Latinh)"),
    Language("hmv", "Mông", "", "Đỏ", "Chữ Mông (Latinh)"),
    Language("hmf", "Mông", "", "Đôn", "Chữ Mông (Latinh)"),
    Language("hmz", "Mông", "", "Sua", "Chữ Mông (Latinh)"),
    Language("ium", "Dao", "", "Đỏ", "Chữ Latinh"),
    Language("mji", "Dao", "", "Kim Mun", "Chữ Latinh"),
    Language("tyz", "Tày", "", "", "Chữ Tày – Nùng"),
    Language("tys", "Tày", "", "Sa Pa", "Chữ Tày – Nùng"),
    Language("nut", "Nùng", "", "", "Chữ Tày – Nùng"),
    Language("pcc", "Giáy", "", "", "Chữ Latinh"),
    Language("blt", "Thái", "", "Đen", "Chữ Thái hoặc Latinh"),
    Language("twh", "Thái", "", "Trắng", "Chữ Thái hoặc Latinh"),
    Language("hni", "Hà Nhì", "", "", "Chữ Latinh"),
    Language("khb", "Lự", "", "", ""),
    Language("lbt", "La Chí", "", "", ""),
    Language("phh", "Phù Lá", "", "", ""),
    Language("lgh", "Xá Phó", "", "", ""),
    Language("mtq", "Mường", "", "", "Chữ Latinh"),
    Language("kjg", "Khơ Mú", "", "", "Chữ Latinh"),
)


WORDLESS = Language(NO_LANGUAGE, "Không lời (nhạc)")
"""What has no language, among those who ask for its name: no row that anybody edits."""


def is_tag(text: str) -> bool:
    """Whether the text is formed like a BCP-47 tag."""
    return len(text) <= 35 and _TAG.fullmatch(text) is not None


def full_name(language: Language) -> str:
    """For people: "Mông (Lềnh, Hoa)"."""
    return f"{language.name} ({language.variety})" if language.variety else language.name

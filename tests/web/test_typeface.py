"""The typeface of the pages: it has the letters of every language that is stored here, and is fetched from where the style sheet says.

Nobody imports this module.
"""

import re
import unicodedata

import pytest
from fontTools.ttLib import TTFont

from audio.language import SEED
from tests.browser import paper_typeface
from tests.browser.typeface import FACES, STATIC, path, stamp

SHEET = (STATIC / "loaban.css").read_text()
LETTERS = {
    "Tiếng Việt": "ăâđêôơư ĂÂĐÊÔƠƯ ắằẳẵặ ấầẩẫậ ếềểễệ ốồổỗộ ớờởỡợ ứừửữự ỹỵỷ",
    "Ê Đê, Gia Rai, Ba Na, M'nông": "ƀƁɓ ČčĔĕĬĭŎŏŬŭ ñ ơ̆ ê̆ ư̆ ô̆ â̆",
    "Mông (RPA), Dao, Tày, Nùng, Hà Nhì": "Hmoob Ntawv txhij Iu-Mienh mìenh slương pjạ xãi",
}


def letters(name: str) -> set[int]:
    return set(TTFont(path(name)).getBestCmap())


@pytest.mark.parametrize("face", ["regular", "bold"])
def test_every_latin_orthography_can_be_set(face: str) -> None:
    wanted = "".join([*LETTERS.values(), *(language.name + language.own_name for language in SEED)])
    latin = {c for form in ("NFC", "NFD") for c in unicodedata.normalize(form, wanted) if ord(c) < 0xA000}
    assert {c for c in latin if ord(c) not in letters(face)} == set()


def test_the_script_of_the_thai_people_can_be_set() -> None:
    assert {chr(code) for code in range(0xAA80, 0xAAC3)} <= {chr(code) for code in letters("tai-viet")}


@pytest.mark.parametrize("face", paper_typeface.FACES)
def test_reports_on_paper_can_be_set(face: str) -> None:
    """In Vietnamese, with the names of places and languages."""
    there = set(TTFont(paper_typeface.path(face)).getBestCmap())
    wanted = "".join([*LETTERS.values(), *(language.name for language in SEED), "0123456789 .,;:/()-–“”…%₫"])
    latin = {c for form in ("NFC", "NFD") for c in unicodedata.normalize(form, wanted) if ord(c) < 0xA000}
    assert {c for c in latin if ord(c) not in there} == set()


@pytest.mark.parametrize("face", FACES)
def test_the_style_sheet_names_the_face_by_what_it_holds(face: str) -> None:
    """The address changes with the content: browsers keep it for ever."""
    assert re.findall(rf"\.\./(\w+)/fonts/{face}\.woff2", SHEET) == [stamp(face)]


def test_marks_without_a_letter_of_their_own_are_placed() -> None:
    """ơ with a breve has no code: without `mark` the breve would stand beside it."""
    font = TTFont(path("regular"))
    tags = {record.FeatureTag for record in font["GPOS"].table.FeatureList.FeatureRecord}
    assert {"mark", "mkmk"} <= tags

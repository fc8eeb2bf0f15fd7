"""The typefaces of the pages and of reports on paper, made anew from Debian's `fonts-noto-core`: `python -m tests.browser.typeface`, or `./loaban typeface`.

A program; `tests/web/test_typeface.py` reads what it holds.

A telephone whose system font lacks ƀ, ŏ or the Tai Viet script shows boxes, or mends a word letter by letter; so the pages bring the
letters of every orthography that is stored here. The file of the Thái script is fetched only where a page uses it.
"""

import hashlib
import re
from pathlib import Path

from fontTools.subset import Options, Subsetter, load_font, parse_unicodes, save_font

from tests.browser import paper_typeface

SOURCE = Path("/usr/share/fonts/truetype/noto")
STATIC = Path(__file__).parents[2] / "server/web/static"
LATIN = "0020-007E,00A0-017F,0180-0181,0243,0253,0257,01A0-01B0,0300-0304,0306,0309,030C,031B,0323,0330-0331,1EA0-1EF9,2010-2026,20AB,2190-2193"
"""Vietnamese and all that the peoples of the mountains write in Latin letters, with the marks that have no letter of their own."""
TAI_VIET = "AA80-AAC2,AADB-AADF"
FACES = {
    "regular": ("NotoSans-Regular.ttf", LATIN),
    "bold": ("NotoSans-Bold.ttf", LATIN),
    "tai-viet": ("NotoSansTaiViet-Regular.ttf", TAI_VIET),
}


def path(name: str) -> Path:
    """Where a face lies."""
    return STATIC / "fonts" / f"{name}.woff2"


def stamp(name: str) -> str:
    """What stands in its address, as `Frame.static_url` makes it."""
    return hashlib.sha256(path(name).read_bytes()).hexdigest()[:10]


def main() -> None:
    """Make all of them, and write their addresses into the style sheet."""
    options = Options(flavor="woff2", hinting=False, layout_features=["kern", "mark", "mkmk", "ccmp", "locl"])
    options.recalc_timestamp = False
    sheet = STATIC / "loaban.css"
    text = sheet.read_text()
    for name, (file, letters) in FACES.items():
        font = load_font(SOURCE / file, options)
        subsetter = Subsetter(options)
        subsetter.populate(unicodes=parse_unicodes(letters))
        subsetter.subset(font)
        path(name).parent.mkdir(exist_ok=True)
        save_font(font, path(name), options)
        text = re.sub(rf"\.\./\w+/fonts/{name}\.woff2", f"../{stamp(name)}/fonts/{name}.woff2", text)
        print(f"{path(name).name}: {path(name).stat().st_size} bytes", flush=True)
    sheet.write_text(text)
    paper_typeface.main()


if __name__ == "__main__":
    main()

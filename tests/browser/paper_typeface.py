"""The typeface of reports on paper, made anew from Debian's `fonts-noto-core`: `python -m tests.browser.paper_typeface`, or `./loaban typeface`.

A program; `tests/browser/typeface.py` calls it and `tests/web/test_typeface.py` reads what it holds.
"""

from pathlib import Path

from fontTools.subset import Options, Subsetter, load_font, parse_unicodes, save_font

SOURCE = Path("/usr/share/fonts/truetype/noto")
PAPER = Path(__file__).parents[2] / "server/paper"
LETTERS = "0020-007E,00A0-00FF,0102-0103,0110-0111,0128-0129,0168-0169,01A0-01A1,01AF-01B0,0180-0181,0243,0253,010C-010D,0114-0115,012C-012D,014E-014F,016C-016D,0300-0304,0306,0309,030C,031B,0323,0331,1EA0-1EF9,2010-2014,2018-201E,2026,20AB"
FACES = {"regular": "NotoSerif-Regular.ttf", "bold": "NotoSerif-Bold.ttf", "italic": "NotoSerif-Italic.ttf"}


def path(name: str) -> Path:
    """Where a face lies."""
    return PAPER / f"serif-{name}.ttf"


def main() -> None:
    """Make all of them."""
    options = Options(hinting=False, layout_features=["kern", "mark", "mkmk", "ccmp", "locl"])
    options.recalc_timestamp = False
    for name, file in FACES.items():
        font = load_font(SOURCE / file, options)
        subsetter = Subsetter(options)
        subsetter.populate(unicodes=parse_unicodes(LETTERS))
        subsetter.subset(font)
        save_font(font, path(name), options)
        print(f"{path(name).name}: {path(name).stat().st_size} bytes", flush=True)


if __name__ == "__main__":
    main()

"""QR codes as pictures inside a page: no address, no inline style.

Imported by the pages.
"""

import segno
from markupsafe import Markup


def picture(text: str) -> Markup:
    """A QR code that says this, as SVG: black on white in the dark as well, for cameras want it so."""
    code = segno.make(text, error="m", micro=False)
    return Markup(code.svg_inline(border=4, dark="#000", light="#fff", svgclass="qr", lineclass=None, omitsize=True))  # noqa: S704 - drawn from modules, not from text

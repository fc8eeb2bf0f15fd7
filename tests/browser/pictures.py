"""The pictures of the README, taken anew: `python -m tests.browser.pictures FOLDER`, or `./loaban pictures`.

A program; nobody imports this module. It serves a desk with sample data on loopback, and stops by itself.
"""

import os
import shutil
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import BrowserContext, sync_playwright

from tests.browser.conftest import CHROMIUM, SWITCHES, Visitor, fill
from tests.browser.serving import serving
from tests.web.stage import House, sample_database

PHONE, DESK = {"width": 360, "height": 740}, {"width": 1200, "height": 860}
PICTURES = (
    ("overview", "/", "pheduyet", PHONE),
    ("compose", "/ban-tin/soan", "bientap", DESK),
    ("timetable", "/lich-phat", "pheduyet", DESK),
    ("approvals", "/phe-duyet", "pheduyet", PHONE),
    ("hamlet", "/nghe/thon-mau-ta-chai", "bientap", PHONE),
    ("log", "/nhat-ky", "tinh", DESK),
    ("loudspeakers", "/loa", "tinh", DESK),
    ("emergency", "/khan-cap", "trucbao", PHONE),
    ("exercise", "/khan-cap/soan?loai=storm&dien_tap=1", "bientap", PHONE),
    ("languages", "/ngon-ngu/phu", "bientap", DESK),
    ("dashboard", "/bang-dieu-khien", "tinh", DESK),
    ("loudspeaker", "/loa/loa-mau-5", "tinh", PHONE),
    ("offline", "/ngoai-tuyen", "bientap", PHONE),
    ("settings", "/cai-dat", "quantri", PHONE),
)
"""By name: the page, who looks at it, and how large their screen is."""


def main(folder: Path) -> None:
    """Take all of them."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as made, sync_playwright() as playwright:
        house = House(Path(made), sample_database(Path(made, "sample.db")), demo=True)
        fill(house)
        path = shutil.which(os.environ.get("LOABAN_CHROMIUM", CHROMIUM))
        browser = playwright.chromium.launch(executable_path=path, args=SWITCHES.split())
        with serving(house) as address:
            for name, page, username, size in PICTURES:
                context: BrowserContext = browser.new_context(viewport=size, locale="vi-VN")
                visitor = Visitor(context, address).sign_in(username)
                visitor.go(page).screenshot(path=folder / f"{name}.png")
                context.close()
                print(f"{name}: {(folder / f'{name}.png').stat().st_size // 1000} kB", flush=True)
        browser.close()
        house.close()


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "docs"))

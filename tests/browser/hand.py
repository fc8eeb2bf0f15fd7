"""A hand that counts what it presses: clicks, and buttons that it holds. Typing is not counted.

Imported by `tests/browser`.
"""

from playwright.sync_api import Page


class Hand:
    """`clicks`: so often it has pressed, on all pages that it was laid upon."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.clicks = 0

    def on(self, page: Page) -> "Hand":
        """It goes on at another screen."""
        self.page = page
        return self

    def click(self, selector: str) -> None:
        """Press once."""
        self.clicks += 1
        self.page.click(selector)

    def hold(self, selector: str, until: str) -> None:
        """Press and hold until the page of this address is there."""
        self.clicks += 1
        self.page.hover(selector)
        self.page.mouse.down()
        self.page.wait_for_url(until)
        self.page.mouse.up()

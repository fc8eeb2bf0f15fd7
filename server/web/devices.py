"""What a browser says that it is, in words that its owner knows it by.

Imported by the pages of accounts.
"""

_BROWSERS = (
    ("coc_coc_browser", "Coc Coc"),
    ("Zalo", "Zalo"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
_MACHINES = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Mac OS X", "Mac"),
    ("Linux", "Linux"),
)
_LONGEST = 60


def device_name(said: str) -> str:
    """For instance "Chrome, Android"; what nobody knows as it was said, shortened; empty for who said nothing."""
    parts = [next((name for mark, name in table if mark in said), "") for table in (_BROWSERS, _MACHINES)]
    return ", ".join(part for part in parts if part) or said[:_LONGEST]

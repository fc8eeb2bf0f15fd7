"""`loaban source-check [URL]`: whether a source-information system keeps what this program needs of it.

A composition root: imported by `server.__main__`. It needs no database: a supplier runs it against their own server.
"""

import argparse

from server import source_check, system_clock
from server.commands.written import Commands
from server.console import Console
from server.settings import Settings
from server.source_http import HttpSource, InsecureSource
from server.web import source_words
from server.web.words import N_

NAMES: tuple[str, ...] = ("source-check",)


def describe(commands: Commands) -> None:
    """How they are written."""
    check = commands.add_parser("source-check", help="[URL] [--write]; the token in LOABAN_SOURCE_TOKEN")
    check.add_argument("url", nargs="?", default="")
    check.add_argument("--write", action="store_true")


def run(given: argparse.Namespace, console: Console) -> int:
    """A line for each requirement; the exit status: 0 if all that was asked is kept, 1 if not, 2 if nothing could be
    asked."""
    settings = Settings()
    url = given.url or settings.source_url
    if not url:
        console.warn(N_("Write the address behind the command, or set LOABAN_SOURCE_URL."))
        return 2
    try:
        source = HttpSource(url, settings.source_token)
    except InsecureSource:
        console.warn(N_("“%(url)s” is no HTTPS address: whoever stands between could put bulletins there."), url=url)
        return 2
    broken = 0
    for verdict in source_check.check(source, system_clock.mono_ms, writes=given.write):
        sign = {True: "✓", False: "✗", None: "–"}[verdict.kept]
        broken += verdict.kept is False
        console.say(source_words.REQUIREMENTS[verdict.requirement], sign=sign)
        if verdict.kept is False and verdict.says:
            console.say(N_("    seen: %(says)s"), says=verdict.says)
    if not given.write:
        console.say(N_("– was not asked: it would write there. Add --write on a server for trials."))
    return 1 if broken else 0

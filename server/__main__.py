"""The server's command line: `python -m server COMMAND`.

A composition root: started by the launcher.
"""

import argparse
import logging
import sys
from collections.abc import Sequence

from server import log_lines, system_clock
from server.commands import (
    certifying,
    checking_source,
    counting,
    enrolling,
    examining,
    inspecting,
    keeping_keys,
    keeping_months,
    keeping_people,
    keeping_voices,
    planning_phrases,
    reporting,
    serving,
    setting_up,
)
from server.commands.written import Family
from server.console import Console, ui_language
from server.oidc import InsecureIssuer
from server.origin import acting_from
from server.settings import Settings
from server.source_http import InsecureSource
from server.web.words import N_

_FAMILIES: tuple[Family, ...] = (
    serving,
    setting_up,
    enrolling,
    certifying,
    keeping_keys,
    keeping_people,
    keeping_voices,
    planning_phrases,
    inspecting,
    reporting,
    counting,
    keeping_months,
    examining,
    checking_source,
)


def main(arguments: Sequence[str]) -> int:
    """Run the command; the exit status."""
    parser = argparse.ArgumentParser(prog="loaban")
    commands = parser.add_subparsers(dest="command", required=True)
    for family in _FAMILIES:
        family.describe(commands)
    given = parser.parse_args(arguments)
    level = logging.WARNING if given.command == "demo" else logging.INFO
    log_lines.set_up(Settings().log_format, level)
    family = next(family for family in _FAMILIES if given.command in family.NAMES)
    with acting_from("terminal", system_clock.terminal_user()):
        console = Console(ui_language())
        try:
            return family.run(given, console)
        except InsecureIssuer:
            console.warn(N_("LOABAN_OIDC_ISSUER is no HTTPS address: whoever stands between could sign in as anybody."))
            return 2
        except InsecureSource:
            console.warn(N_("LOABAN_SOURCE_URL is no HTTPS address: whoever stands between could put bulletins there."))
            return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

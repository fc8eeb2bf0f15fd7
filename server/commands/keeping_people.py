"""`loaban second-factor reset USERNAME`: for who has lost telephone and recovery codes.

A composition root: imported by `server.__main__`. There is no page for it: who may sit at the server's terminal has
shown that already, and an administrator who could do it in a page would get into anybody's account.
"""

import argparse

from server import second_factor, system_clock
from server.commands.written import Commands
from server.console import Console
from server.parts import assemble, unheard
from server.settings import Settings
from server.web.words import N_

NAMES: tuple[str, ...] = ("second-factor",)


def describe(commands: Commands) -> None:
    """How it is written."""
    factor = commands.add_parser("second-factor", help="reset USERNAME")
    factor.add_argument("act", choices=("reset",))
    factor.add_argument("username")


def run(given: argparse.Namespace, console: Console) -> int:
    """Do it; the exit status: 2 where there is nobody, or nothing to take away."""
    parts = assemble(Settings(), unheard)
    with parts.stores.open() as store:
        found = store.staff.find(given.username.strip().lower())
        done = found is not None and second_factor.reset(store, found.id, system_clock.utc_ms())
    if not done:
        console.warn(N_("“%(about)s” is nobody here, or has no second factor."), about=given.username)
        return 2
    console.say(
        N_("%(name)s is signed out everywhere, and sets up a new second factor at the next sign-in."),
        name=given.username,
    )
    return 0

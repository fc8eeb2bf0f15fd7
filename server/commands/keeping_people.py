"""`loaban second-factor reset USERNAME`: for who has lost telephone and recovery codes; `loaban password USERNAME`: for
the administrator whom no other administrator keeps.

A composition root: imported by `server.__main__`. There is no page for the first: who may sit at the server's terminal
has shown that already, and an administrator who could do it in a page would get into anybody's account.
"""

import argparse

from server import administration, second_factor, system_clock
from server.commands.written import Commands
from server.console import Console
from server.parts import Parts, assemble, unheard
from server.settings import Settings
from server.web.words import N_

NAMES: tuple[str, ...] = ("second-factor", "password")


def describe(commands: Commands) -> None:
    """How they are written."""
    factor = commands.add_parser("second-factor", help="reset USERNAME")
    factor.add_argument("act", choices=("reset",))
    factor.add_argument("username")
    password = commands.add_parser("password", help="USERNAME")
    password.add_argument("username")


def run(given: argparse.Namespace, console: Console) -> int:
    """Do it; the exit status: 2 where there is nobody, or nothing to take away."""
    parts = assemble(Settings(), unheard)
    return _password(parts, given.username, console) if given.command == "password" else _reset(parts, given, console)


def _password(parts: Parts, username: str, console: Console) -> int:
    password = system_clock.new_password()
    with parts.stores.open() as store:
        found = store.staff.find(username.strip().lower())
        if found is not None:
            administration.set_first_password(store, found.id, parts.hasher, password, system_clock.utc_ms())
    if found is None:
        console.warn(N_("“%(about)s” cannot be so, or is not known here."), about=username)
        return 2
    console.say(N_("Password (shown only this once): %(password)s"), password=password)
    return 0


def _reset(parts: Parts, given: argparse.Namespace, console: Console) -> int:
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

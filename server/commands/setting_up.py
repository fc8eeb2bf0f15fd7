"""`loaban person | hamlet | loudspeaker | quiet | guard | data-budget | alert-lead`: what a province sets up.

A composition root: imported by `server.__main__`.
"""

import argparse

from server import administration, seed, system_clock
from server.commands.written import Commands
from server.console import Console
from server.parts import assemble, unheard
from server.proposal import Proposal
from server.settings import Settings
from server.web.words import N_

NAMES: tuple[str, ...] = ("person", "hamlet", "loudspeaker", "quiet", "guard", "data-budget", "alert-lead")


GUARD_HELP = "AREA ceiling 00:00=60,06:00=100,21:00=60 | longest MINUTES | rest MINUTES | daily MINUTES | … inherit"


def describe(commands: Commands) -> None:
    """How they are written."""
    person = commands.add_parser("person", help="USERNAME NAME ROLE AREA")
    for name in ("username", "name", "role", "area"):
        person.add_argument(name)
    hamlet = commands.add_parser("hamlet", help="NAME COMMUNE LANGUAGES (vi:60,mww:40; or vi,mww)")
    for name in ("name", "area", "languages"):
        hamlet.add_argument(name)
    loudspeaker = commands.add_parser("loudspeaker", help="NAME HAMLET")
    for name in ("name", "area"):
        loudspeaker.add_argument(name)
    loudspeaker.add_argument("--serial", default="")
    loudspeaker.add_argument("--place", default="")
    quiet = commands.add_parser("quiet", help="AREA 22:00-05:00 | off | inherit")
    for name in ("area", "window"):
        quiet.add_argument(name)
    guard = commands.add_parser("guard", help=GUARD_HELP)
    for name in ("area", "guard", "value"):
        guard.add_argument(name)
    budget = commands.add_parser("data-budget", help="AREA DAILY_MB MONTHLY_MB (0 = no limit) | inherit inherit")
    for name in ("area", "daily_mb", "monthly_mb"):
        budget.add_argument(name)
    lead = commands.add_parser("alert-lead", help="AREA MILLISECONDS (0 = at once) | inherit")
    for name in ("area", "lead_ms"):
        lead.add_argument(name)


def run(given: argparse.Namespace, console: Console) -> int:
    """People, hamlets, loudspeakers, and what an area sets. A running server takes it up within seconds."""
    parts, now = assemble(Settings(), unheard), system_clock.utc_ms()
    try:
        with parts.stores.open() as store:
            seed.seed_province(store)
            match given.command:
                case "person":
                    password = system_clock.new_password()
                    what = (given.username, given.name, given.role, given.area)
                    if administration.add_person(store, *what, parts.hasher, password, now):
                        console.say(N_("Password (shown only this once): %(password)s"), password=password)
                case "hamlet":
                    made = administration.add_hamlet(store, given.name, given.area, given.languages, now)
                    console.say(N_("Made: %(name)s"), name=made.id)
                case "loudspeaker":
                    details = (given.name, given.area, given.serial, given.place)
                    console.say(N_("Made: %(name)s"), name=administration.add_loudspeaker(store, *details, now).id)
                case "data-budget":
                    administration.set_allowance(store, given.area, given.daily_mb, given.monthly_mb, now)
                case "alert-lead":
                    administration.set_alert_lead(store, given.area, given.lead_ms, now)
                case "guard":
                    told = (given.area, given.guard, given.value)
                    _waits(console, administration.set_guard(store, *told, now))
                case _:
                    _waits(console, administration.set_quiet_hours(store, given.area, given.window, now))
    except administration.Unfit as error:
        console.warn(N_("“%(about)s” cannot be so, or is not known here."), about=error.about)
        return 2
    return 0


def _waits(console: Console, proposal: Proposal | None) -> None:
    if proposal is not None:
        console.say(
            N_(
                "This loosens what loudspeakers there keep by themselves, so it does not hold yet. An administrator of"
                " that area must confirm it within 7 days in the pages: “To be confirmed”, number %(number)s."
            ),
            number=proposal.id,
        )

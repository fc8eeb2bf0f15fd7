"""`loaban recount [--mend]`: whether the daily summary of the log says what its rows say.

A composition root: imported by `server.__main__`.
"""

import argparse

from schedules.clock import civil
from server.commands.written import Commands
from server.console import Console
from server.parts import assemble, unheard
from server.repositories.summary import midnight
from server.settings import Settings
from server.web.words import N_

NAMES: tuple[str, ...] = ("recount",)
DIFFERS = 3
_TOLD = 20


def describe(commands: Commands) -> None:
    """How it is written."""
    commands.add_parser("recount", help="[--mend]").add_argument("--mend", action="store_true")


def run(given: argparse.Namespace, console: Console) -> int:
    """Count; the exit status: 3 where the summary says something else and has not been mended."""
    with assemble(Settings(), unheard).stores.open() as store:
        found, places = store.summary.recount(mend=given.mend), store.places.communes()
        names = store.areas.names(path.strip("/").rpartition("/")[2] for path in places.values())
    for each in found[:_TOLD]:
        area = places.get(each.commune, "").strip("/").rpartition("/")[2]
        console.warn(
            N_("%(place)s, %(day)s (%(table)s): the summary says %(says)s, the log %(counted)s."),
            place=names.get(area, area or each.commune),
            day=civil(midnight(each.day)).strftime("%d/%m/%Y"),
            table=each.table,
            says=" / ".join(map(str, each.says)),
            counted=" / ".join(map(str, each.counted)),
        )
    if not found:
        console.say(N_("The daily summary says what the log says."))
        return 0
    if given.mend:
        console.say(N_("Mended: %(number)s figures of the daily summary."), number=len(found))
        return 0
    console.warn(N_("%(number)s figures differ. `loaban recount --mend` counts them anew."), number=len(found))
    return DIFFERS

"""`loaban phrases plan LANGUAGE [--area AREA]`: what is to be recorded in a language, on paper.

A composition root: imported by `server.__main__`.
"""

import argparse

from server import phrases
from server.commands.written import Commands
from server.console import Console
from server.parts import assemble, unheard
from server.settings import Settings
from server.web.words import N_

NAMES: tuple[str, ...] = ("phrases",)


def describe(commands: Commands) -> None:
    """How they are written."""
    bank = commands.add_parser("phrases", help="plan LANGUAGE [--area AREA]")
    bank.add_argument("act", choices=("plan",))
    bank.add_argument("language")
    bank.add_argument("--area", default="")


def run(given: argparse.Namespace, console: Console) -> int:
    """Print the prompts, one a line: key, form, and what is read; the exit status: 2 for what cannot be done."""
    with assemble(Settings(), unheard).stores.open() as store:
        if store.languages.find(given.language) is None:
            console.warn(N_("There is no language “%(language)s”."), language=given.language)
            return 2
        every = store.areas.below(["/"])
        place = next((area for area in every if given.area in (area.id, area.name)), None) if given.area else None
        if given.area and place is None:
            console.warn(N_("There is no area “%(area)s”."), area=given.area)
            return 2
        areas = store.areas.below([place.path]) if place is not None else every
        found = phrases.prompts(store, given.language, areas)
    for prompt in found:
        # What has no text of its own is said in the language of the presenter: in brackets, its Vietnamese.
        print(f"{prompt.key}\t{prompt.form}\t{prompt.text or f'({prompt.gloss})'}")
    console.say(N_("%(number)d prompts to record"), number=len(found))
    return 0

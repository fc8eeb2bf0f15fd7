"""`loaban keys show | rotate | finish`: the server's signing keys, and who knows them.

A composition root: imported by `server.__main__`.
"""

import argparse
from collections.abc import Sequence

from schedules.clock import civil
from schedules.signing import key_id_of
from server import rotation, system_clock
from server.audit import ROTATE_KEYS
from server.commands.written import Commands
from server.console import Console
from server.parts import Parts, assemble, unheard
from server.rotation import Knowing
from server.settings import Settings
from server.web.words import N_

NAMES: tuple[str, ...] = ("keys",)
LEFT = 3


def describe(commands: Commands) -> None:
    """How they are written."""
    keys = commands.add_parser("keys", help="show | rotate | finish [--leave DEVICE ...]")
    keys.add_argument("act", choices=("show", "rotate", "finish"), nargs="?", default="show")
    keys.add_argument("--leave", nargs="+", default=[], metavar="DEVICE")


def run(given: argparse.Namespace, console: Console) -> int:
    """Do it; the exit status: 2 for what cannot be done, 3 where loudspeakers would be left behind."""
    parts = assemble(Settings(), unheard)
    match given.act:
        case "rotate":
            return _rotate(parts, console)
        case "finish":
            return _finish(parts, given.leave, console)
        case _:
            return _show(parts, console)


def _rotate(parts: Parts, console: Console) -> int:
    now, before = system_clock.utc_ms(), parts.keyring.current()
    found = parts.keyring.begin(now)
    if before.next is None:
        _note(parts, now, ROTATE_KEYS, found.holding)
        console.say(N_("There is a next key. Loudspeakers hear of it within seconds; `loaban keys show` says who has."))
    else:
        console.say(N_("A change of keys is under way already. `loaban keys finish` ends it."))
    return _show(parts, console)


def _finish(parts: Parts, leave: Sequence[str], console: Console) -> int:
    found, now = parts.keyring.current(), system_clock.utc_ms()
    if found.next is None and found.holding == (found.key.public,):
        console.warn(N_("No change of keys is under way. `loaban keys rotate` begins one."))
        return 2
    lost = [each for each in rotation.left_behind(_knowing(parts), found.holding[0]) if each.device not in leave]
    if lost:
        console.warn(
            N_(
                "%(count)d loudspeakers do not know the next key yet. Without the old one they would refuse every"
                " word and would have to be enrolled anew. Wait until they have been in contact, or name those that you"
                " leave behind with --leave:"
            ),
            count=len(lost),
        )
        for each in lost:
            _say(each, console)
        return LEFT
    parts.keyring.finish(now)
    _note(parts, now, "finish-keys", parts.keyring.current().holding, *leave)
    console.say(N_("The old key holds no more."))
    return _show(parts, console)


def _show(parts: Parts, console: Console) -> int:
    found, knowing = parts.keyring.current(), _knowing(parts)
    newest = found.holding[0]
    console.say(N_("Signs now: %(key)s"), key=found.key.key_id.hex())
    if found.next is not None:
        console.say(N_("Signs next: %(key)s"), key=key_id_of(newest).hex())
    lost = rotation.left_behind(knowing, newest)
    console.say(
        N_("%(know)d of %(all)d loudspeakers have acknowledged the newest key."),
        know=len(knowing) - len(lost),
        all=len(knowing),
    )
    for each in lost:
        _say(each, console)
    return 0


def _say(each: Knowing, console: Console) -> None:
    at = civil(each.said_at).strftime("%d/%m/%Y %H:%M") if each.said_at else "–"
    console.say(
        N_("  %(device)s: knows %(keys)s, last heard %(at)s"),
        device=each.device,
        keys=", ".join(each.keys) or "–",
        at=at,
    )


def _knowing(parts: Parts) -> tuple[Knowing, ...]:
    with parts.stores.open() as store:
        devices = store.fleet.in_service()
        return rotation.who_knows(devices, store.fleet.heard(devices, system_clock.utc_ms()))


def _note(parts: Parts, now: int, act: str, keys: Sequence[bytes], *left: str) -> None:
    with parts.stores.open() as store:
        store.trail.note(
            now, "", act, "signing-key", before=" ".join(left), after=" ".join(key_id_of(key).hex() for key in keys)
        )

"""The promises of the product, checked against what horns really did and what the server's log says.

Imported by the command line of the village and tests.
"""

import itertools
from collections import Counter

from device_agent.playout import JOIN_WITHIN, SOON
from schedules.assignment import is_quiet
from schedules.clock import SECOND, ClockTrust
from schedules.playback import LATE_AFTER, Outcome, Playback, Reason
from schedules.programme import BroadcastClass
from tests.village.household import Household, Sounded
from tests.village.world import World


class Broken(AssertionError):
    """A promise is broken; the text says which, where and when."""


def check(world: World) -> Counter[str]:
    """Check every promise; how many plays ended in which outcome, and how many no loudspeaker ever knew of."""
    outcomes: Counter[str] = Counter()
    told: dict[str, dict[str, list[Playback]]] = {}
    for (device, _journal, _sequence), playback in world.home.filed.items():
        told.setdefault(device, {}).setdefault(playback.occurrence, []).append(playback)
    for household in world.households.values():
        mine = told.get(household.device, {})
        if household.faults:
            raise Broken(f"{household.device}: {household.faults[0]}")
        _has_one_outcome(household, mine)
        _plays_once(household)
        _nothing_unapproved(world, household)
        _in_its_languages(world, household)
        _log_is_what_sounded(household, mine)
        _everything_has_an_outcome(world, household, mine)
        outcomes.update(p.outcome.value for ps in mine.values() for p in ps)
        outcomes["never reached"] += _never_reached(world, household)
    return +outcomes


def _has_one_outcome(household: Household, told: dict[str, list[Playback]]) -> None:
    for occurrence, playbacks in told.items():
        if len(playbacks) != 1:
            raise Broken(f"{household.device}: {occurrence} has {len(playbacks)} outcomes: {playbacks}")
        if playbacks[0].outcome is Outcome.unknown or playbacks[0].reason is Reason.unknown:
            raise Broken(f"{household.device}: {occurrence} ended, nobody knows how: {playbacks}")


def _plays_once(household: Household) -> None:
    """What another one cut, or an emergency that a power cut silenced, may be made up; nothing else sounds a second time, and nothing after it was whole."""
    for occurrence, times in Counter(s.occurrence for s in household.horn).items():
        if times > 1 + household.cancelled[occurrence]:
            raise Broken(f"{household.device}: {occurrence} sounded {times} times")
    for first, second in itertools.pairwise(household.horn):
        if second.start < first.end:
            raise Broken(f"{household.device}: {first} and {second} sounded at once")


def _nothing_unapproved(world: World, household: Household) -> None:
    assignment = world.home.assignments[household.device]
    for sounded in household.horn:
        found = world.home.approved.get(sounded.occurrence)
        if found is None or found[0] not in assignment.area_path:
            raise Broken(f"{household.device}: {sounded.occurrence} was not for this loudspeaker")
        slot = found[1]
        emergency = slot.broadcast_class is BroadcastClass.emergency
        earliest = slot.start - SOON if emergency else slot.start  # who does not know the time sounds an alert at once
        if not earliest <= sounded.start <= slot.useful_until + 5 * SECOND:
            raise Broken(
                f"{household.device}: {slot.occurrence} sounded {sounded.start - slot.start} ms after its hour"
            )
        if sounded.start > household.withdrawn.get(sounded.occurrence, world.now):
            raise Broken(f"{household.device}: {slot.occurrence} sounded after it was withdrawn")
        if not emergency and any(
            is_quiet(assignment.quiet_hours, t) for t in (sounded.start, max(sounded.start, sounded.end - 1))
        ):
            raise Broken(f"{household.device}: {slot.occurrence} woke people in quiet hours")


def _in_its_languages(world: World, household: Household) -> None:
    languages = world.home.assignments[household.device].languages
    for sounded in household.horn:
        heard = [household.clips[name].language for name in sounded.clips]
        if heard != [language for language in languages if language in heard]:
            raise Broken(f"{household.device}: {sounded.occurrence} sounded in {heard}, not in the order {languages}")


def _log_is_what_sounded(household: Household, told: dict[str, list[Playback]]) -> None:
    horn: dict[str, list[Sounded]] = {}
    for sounded in household.horn:
        horn.setdefault(sounded.occurrence, []).append(sounded)
    for occurrence, [playback] in told.items():
        sounds = horn.pop(occurrence, [])
        wrong = _not_what_sounded(playback, sounds)
        if wrong:
            raise Broken(f"{household.device}: {occurrence} is logged as {playback}, {wrong}; the horn had {sounds}")
    if horn:
        raise Broken(f"{household.device}: sounded, and the log knows nothing of it: {horn}")


def _not_what_sounded(playback: Playback, sounds: list[Sounded]) -> str:
    """What a line of the log says wrongly; empty if it is true."""
    lengths = [s.end - s.start for s in sounds]
    if playback.outcome in (Outcome.played, Outcome.late):
        joined = (
            playback.reason is Reason.arrived_late and sounds and sounds[-1].start - playback.planned <= JOIN_WITHIN
        )
        left_out = sounds[-1].start - playback.planned if joined else 0
        if not lengths or lengths[-1] not in (playback.due_ms, playback.due_ms - left_out):
            return "and it was not whole"
        if playback.trust is ClockTrust.server and playback.started != sounds[-1].start:
            return "and began at another time"
        late = sounds[-1].start - playback.planned > LATE_AFTER
        if playback.trust is ClockTrust.server and late != (playback.outcome is Outcome.late):
            return "and was late or not"
        return ""
    if playback.outcome in (Outcome.missed, Outcome.skipped):
        return "and it sounded" if any(lengths) else ""
    if playback.sounded_ms is not None and playback.sounded_ms != max(lengths, default=0):
        return "and the length is another"
    return "" if sounds or playback.outcome is Outcome.failed else "and the horn was silent"


def _everything_has_an_outcome(world: World, household: Household, told: dict[str, list[Playback]]) -> None:
    for occurrence, slot in household.listed.items():
        over = slot.useful_until < world.end
        if over and occurrence not in told and occurrence not in world.home.withdrawn:
            raise Broken(f"{household.device}: {occurrence} has no outcome; planned {slot.start}")


def _never_reached(world: World, household: Household) -> int:
    """Plays that a loudspeaker never learnt of: the server's own ledger calls them unknown, and raises an alarm."""
    path = world.home.assignments[household.device].area_path
    return sum(
        area in path
        and occurrence not in household.listed
        and occurrence not in world.home.withdrawn
        and slot.useful_until < world.end
        for occurrence, (area, slot) in world.home.approved.items()
    )

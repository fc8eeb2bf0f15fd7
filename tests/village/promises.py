"""The promises of the product, checked against what horns really did and what the server's log says.

Imported by the command line of the village and tests.
"""

from collections import Counter

from schedules.assignment import is_quiet
from schedules.clock import SECOND
from schedules.playback import Outcome, Playback
from schedules.programme import BroadcastClass, Slot
from tests.village.household import Household
from tests.village.world import World

SOUNDED = (Outcome.played, Outcome.late, Outcome.cut)


class Broken(AssertionError):
    """A promise is broken; the text says which, where and when."""


def check(world: World) -> Counter[str]:
    """Check every promise; how many plays ended in which outcome."""
    outcomes: Counter[str] = Counter()
    told: dict[str, dict[str, list[Playback]]] = {}
    for (device, _journal, _sequence), playback in world.home.filed.items():
        told.setdefault(device, {}).setdefault(playback.occurrence, []).append(playback)
    for household in world.households.values():
        mine = told.get(household.device, {})
        _plays_once(household, mine)
        _nothing_unapproved(world, household)
        _in_its_languages(world, household)
        _log_is_what_sounded(household, mine)
        _everything_has_an_outcome(world, household, mine)
        outcomes.update(p.outcome.value for ps in mine.values() for p in ps)
    return outcomes


def _plays_once(household: Household, told: dict[str, list[Playback]]) -> None:
    for occurrence, playbacks in told.items():
        if len(playbacks) != 1:
            raise Broken(f"{household.device}: {occurrence} has {len(playbacks)} outcomes: {playbacks}")
    whole = Counter(s.occurrence for s in household.horn)
    for occurrence, times in whole.items():
        outcome = told[occurrence][0] if occurrence in told else None
        # What another one cut may be made up once; nothing else sounds a second time.
        if times > 1 and (outcome is None or outcome.reason.value not in ("cut_in", "restarted", "withdrawn")):
            raise Broken(f"{household.device}: {occurrence} sounded {times} times: {outcome}")


def _nothing_unapproved(world: World, household: Household) -> None:
    assignment = world.home.assignments[household.device]
    for sounded in household.horn:
        found = world.home.approved.get(sounded.occurrence)
        if found is None or found[0] not in assignment.area_path:
            raise Broken(f"{household.device}: {sounded.occurrence} was not for this loudspeaker")
        slot = found[1]
        if not slot.start - SECOND <= sounded.start <= slot.useful_until + 5 * SECOND:
            raise Broken(
                f"{household.device}: {slot.occurrence} sounded {sounded.start - slot.start} ms after its hour"
            )
        emergency = slot.broadcast_class is BroadcastClass.emergency
        if not emergency and any(is_quiet(assignment.quiet_hours, t) for t in (sounded.start, sounded.end - 1)):
            raise Broken(f"{household.device}: {slot.occurrence} woke people in quiet hours")


def _in_its_languages(world: World, household: Household) -> None:
    languages = world.home.assignments[household.device].languages
    for sounded in household.horn:
        heard = [household.clips[name].language for name in sounded.clips]
        if heard != [language for language in languages if language in heard]:
            raise Broken(f"{household.device}: {sounded.occurrence} sounded in {heard}, not in the order {languages}")


def _log_is_what_sounded(household: Household, told: dict[str, list[Playback]]) -> None:
    horn: dict[str, list] = {}
    for sounded in household.horn:
        horn.setdefault(sounded.occurrence, []).append(sounded)
    for occurrence, [playback] in told.items():
        sounded = horn.pop(occurrence, [])
        if playback.outcome in (Outcome.played, Outcome.late):
            if not sounded or abs(sounded[-1].end - sounded[-1].start - playback.due_ms) > SECOND:
                raise Broken(
                    f"{household.device}: {occurrence} is logged as {playback.outcome}, the horn had {sounded}"
                )
        elif playback.outcome is Outcome.cut and playback.sounded_ms and not sounded:
            raise Broken(f"{household.device}: {occurrence} is logged as cut after sound, the horn was silent")
        elif playback.outcome not in SOUNDED and sounded:
            raise Broken(f"{household.device}: {occurrence} is logged as {playback.outcome}, the horn had {sounded}")
    if horn:
        raise Broken(f"{household.device}: sounded, and the log knows nothing of it: {horn}")


def _everything_has_an_outcome(world: World, household: Household, told: dict[str, list[Playback]]) -> None:
    path = world.home.assignments[household.device].area_path
    for occurrence, (area, slot) in world.home.approved.items():
        if area not in path or occurrence in world.home.withdrawn or slot.useful_until >= world.end:
            continue
        if occurrence not in told and not _came_too_late(household, slot):
            raise Broken(f"{household.device}: {occurrence} has no outcome; planned {slot.start}")


def _came_too_late(household: Household, slot: Slot) -> bool:
    """A loudspeaker that never held a programme with this slot cannot speak of it: the server's own ledger calls
    it unknown. That is so only where no later programme lists it any more."""
    held = {s.occurrence for p in household.state.held.programmes.values() for s in p.slots}
    return slot.occurrence not in held

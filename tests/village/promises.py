"""The promises of the product, checked against what horns really did and what the server's log says.

Imported by the command line of the village and tests.
"""

import itertools
from collections import Counter
from collections.abc import Callable
from datetime import date

from audio.clip import NO_LANGUAGE
from device_agent.playout import JOIN_WITHIN, SOON
from device_agent.retrying import FIRST_PAUSE
from schedules.assignment import is_quiet
from schedules.blocks import BLOCK_BYTES
from schedules.clock import MINUTE, SECOND, UtcMs, civil_day, may_judge_by_clock, may_start_by_clock
from schedules.guards import lowest_ceiling
from schedules.playback import LATE_AFTER, Outcome, Playback, Reason
from schedules.programme import BroadcastClass, Slot
from schedules.trial import is_trial
from tests.village.household import Household, Sounded
from tests.village.world import World

_SOUNDED = (Outcome.played, Outcome.late)
Told = dict[str, list[Playback]]
SECONDS, SECONDS_IN_BAD_WEATHER = 5 * SECOND, 60 * SECOND
"""From the order of an emergency to its sound, where there is a link: on a good one, and where messages are lost."""
IN_FLIGHT = 32 * BLOCK_BYTES
OFTEN, FEW = 1.25, 12
"""So often each block comes at most, and so many more: where messages come twice, questions do, and have two answers.
"""


class Broken(AssertionError):
    """A promise is broken; the text says which, where and when. `promise` names it, `device` is where."""

    promise, device = "", ""


def check(world: World) -> Counter[str]:
    """Check every promise; how many plays ended in which outcome, and how many no loudspeaker ever knew of."""
    outcomes: Counter[str] = Counter()
    told: dict[str, Told] = {}
    for (device, _journal, _sequence), playback in world.home.filed.items():
        told.setdefault(device, {}).setdefault(playback.occurrence, []).append(playback)
    for household in world.households.values():
        mine = told.get(household.device, {})
        for promise in PROMISES:
            _kept(promise, world, household, mine)
        outcomes.update(p.outcome.value for ps in mine.values() for p in ps)
        outcomes["never reached"] += _never_reached(world, household)
    return +outcomes


def _kept(promise: "Promise", world: World, household: Household, told: Told) -> None:
    try:
        promise(world, household, told)
    except Broken as broken:
        broken.promise, broken.device = promise.__name__.strip("_"), household.device
        broken.args = (f"{household.device}: {broken}",)
        raise


def _nothing_impossible(_world: World, household: Household, _told: Told) -> None:
    if household.faults:
        raise Broken(household.faults[0])


def _has_one_outcome(_world: World, _household: Household, told: Told) -> None:
    for occurrence, playbacks in told.items():
        if len(playbacks) != 1:
            raise Broken(f"{occurrence} has {len(playbacks)} outcomes: {playbacks}")
        if playbacks[0].outcome is Outcome.unknown or playbacks[0].reason is Reason.unknown:
            raise Broken(f"{occurrence} ended, nobody knows how: {playbacks}")


def _plays_once(_world: World, household: Household, _told: Told) -> None:
    """What another one cut, or an emergency that a power cut or a fault silenced, may be made up; nothing else sounds a second
    time, and nothing after it was whole."""
    for occurrence, times in Counter(s.occurrence for s in household.horn).items():
        if times > 1 + household.cancelled[occurrence]:
            raise Broken(f"{occurrence} sounded {times} times")
    for first, second in itertools.pairwise(household.horn):
        if second.start < first.end:
            raise Broken(f"{first} and {second} sounded at once")


def _nothing_unapproved(world: World, household: Household, _told: Told) -> None:
    assignment = world.home.assignments[household.device]
    for sounded in household.horn:
        found = world.home.approved.get(sounded.occurrence)
        if found is None or found[0] not in assignment.area_path:
            raise Broken(f"{sounded.occurrence} was not for this loudspeaker")
        slot = found[1]
        emergency = slot.broadcast_class is BroadcastClass.emergency
        earliest = slot.start - SOON if emergency else slot.start  # who does not know the time sounds an alert at once
        # An alert waits for no clock; what goes by a clock chip that is wrong is as wrong.
        times = {sounded.start + sounded.skew, sounded.start if emergency else sounded.start + sounded.skew}
        if not any(earliest <= time <= slot.useful_until + 5 * SECOND for time in times):
            raise Broken(f"{slot.occurrence} sounded {sounded.start - slot.start} ms after its hour")
        if sounded.start > household.withdrawn.get(sounded.occurrence, world.now):
            raise Broken(f"{slot.occurrence} sounded after it was withdrawn")
        if sounded.start <= household.withdrawn.get(sounded.occurrence, world.now) < sounded.end - SECOND:
            raise Broken(f"{slot.occurrence} sounded on although it was withdrawn")


def _nobody_is_woken(world: World, household: Household, _told: Told) -> None:
    quiet_hours = world.home.assignments[household.device].quiet_hours
    for sounded in household.horn:
        times = (sounded.start + sounded.skew, max(sounded.start, sounded.end - 1) + sounded.skew)
        emergency = world.home.approved[sounded.occurrence][1].broadcast_class is BroadcastClass.emergency
        if not emergency and any(is_quiet(quiet_hours, t) for t in times):
            raise Broken(f"{sounded.occurrence} woke people in quiet hours")


def _keeps_its_guards(world: World, household: Household, _told: Told) -> None:
    """All but emergencies: none too loud, none too long, a rest between two, and no more in a day than may be."""
    guards, approved = world.home.assignments[household.device].guards, world.home.approved
    plays = [s for s in household.horn if approved[s.occurrence][1].broadcast_class is not BroadcastClass.emergency]
    for s in plays:
        if s.volume > lowest_ceiling(guards.ceiling, s.start + s.skew, s.end + s.skew):
            raise Broken(f"{s.occurrence} sounded at {s.volume} %, louder than its hour allows")
        if 0 < guards.longest_ms < s.end - s.start:
            raise Broken(f"{s.occurrence} sounded longer than {guards.longest_ms} ms")
    plays = [s for s in plays if not is_trial(s.occurrence)]  # no rest, and no limit of the day, is reckoned from it
    befallen = {i.kind for i in world.scenario.incidents if i.device == household.device}
    if befallen & {"clock", "leap"}:
        return  # by a clock that was wrong it cannot know how long ago anything was
    # A machine that starts does not know how long the power was away: its clock may have run before.
    rest = guards.gap_ms - (MINUTE if befallen & {"power", "power_in_step"} else 0)
    for first, second in itertools.pairwise(plays):
        follows = second.occurrence == first.occurrence or household.cancelled[first.occurrence]
        if guards.gap_ms and not follows and second.start - first.end < rest:
            raise Broken(f"{second.occurrence} sounded without a rest after {first.occurrence}")
    days = Counter[date]()
    for s in plays:
        days[civil_day(s.start)] += s.end - s.start
    if guards.daily_ms and max(days.values(), default=0) > guards.daily_ms:
        raise Broken(f"{max(days.values())} ms sounded in a day, and {guards.daily_ms} were allowed")


def _in_its_languages(world: World, household: Household, told: Told) -> None:
    for sounded in household.horn:
        languages = _asked(world, household, sounded.occurrence)
        tags = [household.clips[name].language for name in sounded.clips]
        heard = [tag for tag in tags if tag != NO_LANGUAGE]
        once = [language for language in languages if language in heard]
        emergency = world.home.approved[sounded.occurrence][1].broadcast_class is BroadcastClass.emergency
        if heard != (once * 2)[: len(heard) if emergency else len(once)] or NO_LANGUAGE in tags[1:-1]:
            raise Broken(f"{sounded.occurrence} sounded in {heard}, not in the order {languages}")
    for occurrence, [playback] in told.items():
        heard = {household.clips[name].language for name in playback.clips}
        told_of = {*heard, *playback.missing} - {NO_LANGUAGE}
        if playback.outcome in _SOUNDED and told_of and told_of != {*_asked(world, household, occurrence)}:
            raise Broken(f"{occurrence} sounded in {heard}, and only {playback.missing} is told as missing")


def _asked(world: World, household: Household, occurrence: str) -> tuple[str, ...]:
    """In which languages it is to sound there: written out here, and not asked of the rooms that are tried."""
    own = world.home.assignments[household.device].languages
    _, slot = world.home.approved[occurrence]
    urgent = slot.broadcast_class is BroadcastClass.emergency
    return (*own, "vi") if urgent and "vi" not in own else own


def _log_is_what_sounded(_world: World, household: Household, told: Told) -> None:
    horn: dict[str, list[Sounded]] = {}
    for sounded in household.horn:
        horn.setdefault(sounded.occurrence, []).append(sounded)
    for occurrence, [playback] in told.items():
        sounds = horn.pop(occurrence, [])
        wrong = _not_what_sounded(playback, sounds)
        if wrong:
            raise Broken(f"{occurrence} is logged as {playback}, {wrong}; the horn had {sounds}")
    if horn:
        raise Broken(f"sounded, and the log knows nothing of it: {horn}")


def _not_what_sounded(playback: Playback, sounds: list[Sounded]) -> str:
    """What a line of the log says wrongly; empty if it is true."""
    lengths = [s.end - s.start for s in sounds]
    if playback.outcome in (Outcome.played, Outcome.late):
        joined = playback.reason is Reason.arrived_late and sounds and sounds[-1].told - playback.planned <= JOIN_WITHIN
        left_out = sounds[-1].told - playback.planned if joined else 0
        if not lengths or lengths[-1] not in (playback.due_ms, playback.due_ms - left_out):
            return "and it was not whole"
        if may_start_by_clock(playback.trust) and playback.started != sounds[-1].told:
            return "and began at another time"
        late = sounds[-1].told - playback.planned > LATE_AFTER
        if may_judge_by_clock(playback.trust) and late != (playback.outcome is Outcome.late):
            return "and was late or not"
        return ""
    if playback.outcome in (Outcome.missed, Outcome.skipped):
        return "and it sounded" if any(lengths) else ""
    if playback.sounded_ms is not None and playback.sounded_ms != max(lengths, default=0):
        return "and the length is another"
    return "" if sounds or playback.outcome is Outcome.failed else "and the horn was silent"


def _everything_has_an_outcome(world: World, household: Household, told: Told) -> None:
    for occurrence, slot in household.listed.items():
        over = slot.useful_until < world.end
        if over and occurrence not in told and occurrence not in world.home.withdrawn:
            raise Broken(f"{occurrence} has no outcome; planned {slot.start}")


def _emergency_first(world: World, household: Household, told: Told) -> None:
    """Within seconds, wherever there was a link from the order on, and no other emergency in the way; and once more
    soon after the card or the file has failed it."""
    path = world.home.assignments[household.device].area_path
    within = SECONDS_IN_BAD_WEATHER if world.scenario.weather.loss else SECONDS
    for occurrence, (area, slot) in world.home.approved.items():
        hears = area in path and household.device in world.hearers.get(slot.broadcast, ())
        if not hears or slot.broadcast_class is not BroadcastClass.emergency:
            continue
        since = world.home.known[occurrence]
        until = max(since, slot.start) + within
        if occurrence in household.failed:
            until = max(until, household.failed[occurrence] + FIRST_PAUSE + SECONDS_IN_BAD_WEATHER)
        called_off = world.home.called_off.get(occurrence, world.now)
        if until >= min(world.end, called_off) or not _online(household, since, until):
            continue
        if _other_emergency(world, household, slot, since, until):
            continue
        begun = [s.start for s in household.horn if s.occurrence == occurrence]
        again = household.failed.get(occurrence)
        failed = any(p.outcome is Outcome.failed for p in told.get(occurrence, ()))
        if failed or min(begun, default=until + 1) > until or (again is not None and max(begun) < again):
            raise Broken(f"{occurrence} was ordered at {since}, planned at {slot.start}, and sounded at {begun}")


def _online(household: Household, since: UtcMs, until: UtcMs) -> bool:
    now = () if household.linked else ((household.offline_since, until),)
    return not any(begin <= until and end >= since for begin, end in (*household.offline, *now))


def _other_emergency(world: World, household: Household, slot: Slot, since: UtcMs, until: UtcMs) -> bool:
    return any(
        s.occurrence != slot.occurrence
        and s.start <= until
        and s.end >= since
        and world.home.approved[s.occurrence][1].broadcast_class is BroadcastClass.emergency
        for s in household.horn
    )


def _knows_the_newest_word(world: World, household: Household, _told: Told) -> None:
    """However much was lost, and whatever the broker has forgotten: in the end everybody knows."""
    held, assignment = household.state.held, world.home.assignments[household.device]
    if held.assignment != assignment:
        raise Broken(f"holds the assignment {held.assignment}")
    for area in assignment.area_path:
        newest, known = world.home.programmes.get(area), held.programmes.get(area)
        if newest is not None and (known is None or known.revision != newest.revision):
            raise Broken(f"knows revision {known and known.revision} of {area}, not {newest.revision}")


def _fetches_once(world: World, household: Household, _told: Told) -> None:
    """Where nothing is lost, each block comes once; where much is, hardly any comes twice."""
    calm = not world.scenario.weather.loss and not world.scenario.incidents
    if calm and household.arrived != household.stored:
        raise Broken(f"{household.arrived} blocks came, and {household.stored} were new")
    if household.arrived > OFTEN * household.stored + FEW:
        raise Broken(f"{household.arrived} blocks came, and only {household.stored} were new")


def _stays_within_its_allowance(world: World, household: Household, _told: Told) -> None:
    """A power cut may make it forget a little, a wrong clock may begin a new day."""
    allowance = world.home.assignments[household.device].allowance
    forgot = {"power", "power_in_step", "clock", "leap"}
    if allowance is None or any(i.device == household.device and i.kind in forgot for i in world.scenario.incidents):
        return
    for day, spent in household.spent.items():
        if spent > allowance.daily_bytes + IN_FLIGHT:
            raise Broken(f"fetched {spent} bytes on {day}, and {allowance.daily_bytes} were allowed")


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


Promise = Callable[[World, Household, Told], None]
PROMISES: tuple[Promise, ...] = (
    _nothing_impossible,
    _has_one_outcome,
    _plays_once,
    _nothing_unapproved,
    _nobody_is_woken,
    _keeps_its_guards,
    _in_its_languages,
    _log_is_what_sounded,
    _everything_has_an_outcome,
    _emergency_first,
    _knows_the_newest_word,
    _fetches_once,
    _stays_within_its_allowance,
)

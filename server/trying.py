"""Trying a loudspeaker: a person orders a short tone, and sees what becomes of it. Use cases.

Imported by the web and tests. Before anything is ordered, the loudspeaker's own function is asked what it would do: an
order that it would not follow is refused with its reason, and nobody waits for nothing.
"""

import hashlib

import msgspec

from schedules.clock import DAY, MINUTE, SECOND, DurationMs, UtcMs
from schedules.guards import loudness
from schedules.playback import Playback
from schedules.rundown import Entry, merge, slots_between
from schedules.trial import Trial, slot_of
from server import oversight, programmes
from server.access import Act, Person, may
from server.area import Area
from server.readiness import Heard
from server.refusals import NotAllowed, NotFound, Refused
from server.repositories.store import Store

TONE = "trial"
LEAD: DurationMs = 3 * SECOND
"""From the order to the tone: so long takes its way, on a link of the common kind."""
GOOD_FOR: DurationMs = 2 * MINUTE
"""Whoever ordered it stands there and listens; a tone that comes later frightens somebody."""
MOST_A_DAY = 30
WITHIN: DurationMs = 4 * MINUTE


class TrialRefused(Refused):
    """It would not sound; `why` is the loudspeaker's own reason, and `other` the bulletin in its way."""

    code = "trial_refused"

    def __init__(self, entry: Entry, title: str) -> None:
        super().__init__(entry.reason.value)
        self.entry, self.title = entry, title


class TrialWaits(Refused):
    """One has been ordered already and has no outcome yet."""

    code = "trial_waits"


class TooManyTrials(Refused):
    """Enough for a day: people live below it."""

    code = "too_many_trials"


class NoTone(Refused):
    """The tone could not be made on this server."""

    code = "no_tone"


class Tried(msgspec.Struct, frozen=True):
    """The trial that was ordered last. `heeded`: the loudspeaker has said that it knows of the order; `playback`: what
    it says became of it; `other`: the title of what was in its way; `volume`: per cent that it is to sound at; `over`:
    its time has passed without a word."""

    trial: Trial
    by: str
    at: UtcMs
    heeded: bool
    online: bool
    volume: int
    playback: Playback | None = None
    other: str = ""
    over: bool = False

    @property
    def pending(self) -> bool:
        """Whether something may still come of it."""
        return self.playback is None and not self.over


def may_try(person: Person, area: Area) -> bool:
    """Who installs loudspeakers there, or writes for them."""
    return may(person.grants, Act.install, area.path) or may(person.grants, Act.write, area.path)


def order(store: Store, person: Person, device: str, id_: str, now: UtcMs) -> Trial:
    """Let a loudspeaker sound the tone, once, within `GOOD_FOR`. Raises `NotFound`, `NotAllowed`, `TrialWaits`,
    `TooManyTrials`, `NoTone`, `TrialRefused`."""
    area = oversight.visible_area(store, person, device)
    if not store.fleet.is_known(device):
        raise NotFound
    if not may_try(person, area):
        raise NotAllowed
    before = tried(store, area, None, now)
    if before is not None and before.pending:
        raise TrialWaits
    if store.care.ordered_since(device, now - DAY) >= MOST_A_DAY:
        raise TooManyTrials
    tone = store.library.built_in().get(TONE)
    if tone is None:
        raise NoTone
    start = now + LEAD
    seal = hashlib.sha256(f"{id_} {device} {person.id} {start} {tone.sha256}".encode()).hexdigest()
    trial = Trial(id_, start, now + GOOD_FOR, tone, seal)
    _must_sound(store, device, trial, now)
    store.care.order(device, trial, person.id, now)
    store.trail.note(now, person, "order_trial", device, area=area.id, after=id_)
    programmes.assign(store, device, now)
    return trial


def _must_sound(store: Store, device: str, trial: Trial, now: UtcMs) -> None:
    """Ask the loudspeaker's own function, with all that it has to do."""
    assignment = programmes.assign(store, device, now)
    if assignment is None:
        raise NotFound
    held = store.fleet.programmes(assignment.area_path).values()
    near = slots_between(held, now - WITHIN, now + WITHIN)
    entries = merge((*near, slot_of(trial)), assignment, now)
    mine = next(entry for entry in entries if entry.slot.occurrence == slot_of(trial).occurrence)
    if not mine.plays:
        title = oversight.titles(store, [mine.other]).get(mine.other, "")
        raise TrialRefused(mine, title)


def tried(store: Store, area: Area, heard: Heard | None, now: UtcMs) -> Tried | None:
    """What became of the trial that was ordered last; None where there never was one."""
    found = store.care.ordered(area.id)
    if found is None:
        return None
    trial, by, at = found
    assignment = store.fleet.assignments([area.id]).get(area.id)
    playbacks = store.logbook.reported(area.id, slot_of(trial).occurrence)
    playback = playbacks[0] if playbacks else None
    other = oversight.titles(store, [playback.other]).get(playback.other, "") if playback is not None else ""
    holds = assignment is not None and assignment.trial is not None and assignment.trial.id == trial.id
    heeded = holds and heard is not None and assignment is not None and heard.status.assignment >= assignment.revision
    volume = loudness(assignment, trial.not_before, trial.not_before + trial.clip.duration_ms)[0] if assignment else 0
    names = store.staff.names()
    return Tried(
        trial=trial,
        by=names.get(by, by),
        at=at,
        heeded=heeded or playback is not None,
        online=heard is not None and heard.status.online,
        volume=volume,
        playback=playback,
        other=other,
        over=playback is None and now > trial.until + 10 * SECOND,
    )

"""Before sending: what a bulletin will cost in data at the loudspeakers that it is for. A use case.

Imported by the web.
"""

from collections.abc import Iterable

from schedules.clock import UtcMs
from schedules.programme import in_emergency
from server.access import Act, Person, may
from server.outlay import Outlay, Receiver, Sound, outlay
from server.readiness import Heard, used
from server.repositories.store import Store

_Named = dict[str, dict[str, int]]


def outlay_of(
    store: Store, person: Person, targets: Iterable[str], sounds: Iterable[Sound], now: UtcMs, *, urgent: bool = False
) -> Outlay:
    """What these sounds cost at the loudspeakers of these areas; areas that the person may not see are left out.
    `urgent`: they are an emergency's."""
    every = tuple(sounds)
    if not every:
        return Outlay()
    areas = store.areas.named(targets).values()
    paths = [area.path for area in areas if may(person.grants, Act.see, area.path)]
    assignments = store.fleet.assignments(area.id for area in store.fleet.below(paths))
    heard = store.fleet.heard(assignments, now)
    named = _named(store, {area for a in assignments.values() for area in a.area_path}, every, now)
    receivers = []
    for device, assignment in assignments.items():
        told = heard.get(device)
        holds = _held(told, {area: named[area] for area in assignment.area_path if area in named}) if told else ()
        today, month = used(told.status, now) if told else (0, 0)
        languages = in_emergency(assignment.languages) if urgent else assignment.languages
        receivers.append(Receiver(languages, frozenset(holds), assignment.allowance, today, month))
    return outlay(every, receivers)


def _named(store: Store, areas: Iterable[str], sounds: Iterable[Sound], now: UtcMs) -> _Named:
    """By area and clip: since which revision its programme names the clip for what is still to sound. What has sounded
    for the last time is discarded."""
    wanted = {sound.clip for sound in sounds if sound.clip}
    programmes = store.fleet.programmes(areas) if wanted else {}
    since = store.fleet.named_since(programmes)
    found: _Named = {}
    for area, programme in programmes.items():
        for slot in programme.slots:
            for name in wanted & {clip.sha256 for clip in slot.sounds} if slot.useful_until >= now else ():
                revision = since[area].get(slot.occurrence, programme.revision)
                by_clip = found.setdefault(area, {})
                by_clip[name] = min(revision, by_clip.get(name, revision))
    return found


def _held(heard: Heard, named: _Named) -> set[str]:
    """The clips that a loudspeaker knows of and does not miss."""
    programmes, missing = heard.status.programmes, heard.status.clips_missing
    known = {name for area, by in named.items() for name, since in by.items() if programmes.get(area, 0) >= since}
    return known - set(missing)

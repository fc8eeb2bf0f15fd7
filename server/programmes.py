"""Bringing programmes, assignments and expected plays up to date: the use case behind every change.

Imported by the desk of the gateway, the web and the seed. It is idempotent: it compares what should be with what was
published last.
"""

from collections.abc import Iterable

import msgspec

from audio.clip import Clip
from schedules.alert import Alert, urgent_slots
from schedules.assignment import Assignment
from schedules.clock import DAY, HOUR, UtcMs
from schedules.programme import HORIZON, BroadcastClass, Programme
from schedules.trial import Trial
from server import settling
from server.area import Area, inherited
from server.bulletin import Broadcast, Bulletin, passage_of, sounding, state_of
from server.compose_form import Mode
from server.delivery import DesiredChanged
from server.ledger import Planned
from server.lifecycle import BroadcastState, airs
from server.planning import (
    Approved,
    compose_assignment,
    compose_programme,
    slots_by_area,
    slots_within,
    useful_for,
    wanted,
    window,
)
from server.reaching import as_taken
from server.repositories.store import Store
from server.settling import Book, Portion
from server.tune import signals_of

EXPECT_AHEAD = 2 * DAY
"""Rows of the log are made so far ahead; what comes later is in the programmes."""
_LOOK_BACK = HOUR
_LOOK_BACK_AT_MOST = HORIZON
"""So far back goes what loudspeakers can have played on their own while the server was away."""
RECALLED_FOR = 2 * HOUR
"""So long may the word that an alert is over still be taken."""


def bring_up_to_date(store: Store, now: UtcMs) -> None:
    """Compose what has changed since the last time."""
    compose(store, now)
    settle(store, now)


def compose(store: Store, now: UtcMs) -> None:
    """The programmes: what this costs grows with the areas, not with the loudspeakers below them. An alert waits for
    no more than this."""
    slots = slots_by_area(approved(store, window(now)[0]), now)
    before, pinned = store.fleet.programmes(), _pinned(store)
    for area in slots.keys() | before.keys() | pinned.keys():
        fresh = compose_programme(area, slots.get(area, ()), before.get(area), now, pinned.get(area, {}))
        if fresh is not None:
            store.fleet.keep_programme(fresh)


def settle(store: Store, now: UtcMs) -> None:
    """What every single loudspeaker is told and expected to do, in one transaction."""
    for portion in unsettled(store, now):
        keep(store, portion)
    store.logbook.follow_moves(now)


def unsettled(store: Store, now: UtcMs) -> list[Portion]:
    """What is to be written so that every loudspeaker is told, and expected to do, what it should: read and compared,
    and divided into portions for a transaction each. An emergency must not wait for the rows of a province."""
    assignments = store.fleet.assignments()
    fresh = _assigned(store, assignments, now)
    assignments |= {assignment.device: assignment for assignment in fresh}
    programmes = store.fleet.programmes()
    plays = settling.expected_of(programmes, assignments.values(), now - _LOOK_BACK, now + EXPECT_AHEAD)
    gap = _unexpected(store, assignments.values(), now)
    since = min((play.planned for play in (*gap, *plays)), default=now)
    book = Book(store.logbook.expected_since(min(since, now + 1)), frozenset(store.logbook.expected_after(now + 1)))
    return settling.portions(fresh, gap, plays, book)


def keep(store: Store, portion: Portion) -> None:
    """Write a portion. What loudspeakers have reported since it was compared stays."""
    for assignment in portion.assignments:
        store.fleet.keep_assignment(assignment)
    store.logbook.keep_expected(portion.fresh, portion.changed)
    store.logbook.withdraw(portion.withdrawn)


def desired(store: Store, assignments: dict[str, int], paths: dict[str, str], now: UtcMs) -> DesiredChanged:
    """What should stand at the broker now, with these assignments (revisions by device) of loudspeakers that stand
    at these paths."""
    chimes = (*store.library.built_in().values(), *store.library.chosen().values())
    return wanted(store.fleet.programmes(), assignments, paths, now, chimes)


def alert(store: Store, area: str, named: Iterable[str], now: UtcMs) -> Alert | None:
    """What is urgent in an area, and which of the occurrences named before must not sound any more; None where there
    is nothing of either."""
    programme = store.fleet.programmes([area]).get(area)
    if programme is None:
        return None
    slots, there = urgent_slots(programme, now), {slot.occurrence for slot in programme.slots}
    withdrawn = tuple(occurrence for occurrence in named if occurrence not in there)
    if not slots and not withdrawn:
        return None
    expires_at = max((slot.useful_until for slot in slots), default=now + RECALLED_FOR)
    return Alert(area, programme.revision, now, expires_at, slots, withdrawn)


def languages_of(chain: Iterable[Area]) -> tuple[str, ...]:
    """The languages that hold at the end of a chain of areas: the nearest word counts."""
    return next((area.languages for area in reversed(list(chain)) if area.languages), ("vi",))


def _assigned(store: Store, before: dict[str, Assignment], now: UtcMs) -> list[Assignment]:
    """The assignments that are to change."""
    roots = [area.path for area in store.areas.below(["/"]) if area.depth == 0]
    areas = {area.id: area for area in store.areas.below(roots)}
    sounds, trials = _chimes(store), store.care.trials(now)
    found = []
    for loudspeaker in store.fleet.below(roots):
        chain, trial = [areas[area] for area in loudspeaker.ids], trials.get(loudspeaker.id)
        fresh = _composed(chain, before.get(loudspeaker.id), now, sounds, trial)
        if fresh is not None:
            found.append(fresh)
    return found


def assign(store: Store, device: str, now: UtcMs) -> Assignment | None:
    """Bring the assignment of one loudspeaker up to date; what it says now, None where there is no such loudspeaker."""
    area = store.areas.find(device)
    if area is None or not store.fleet.is_known(device):
        return None
    before = store.fleet.assignments([device]).get(device)
    fresh = _composed(store.areas.chain(area), before, now, _chimes(store), store.care.trials(now).get(device))
    if fresh is not None:
        store.fleet.keep_assignment(fresh)
    return fresh or before


_Chimes = tuple[dict[str, Clip], dict[str, Clip]]
"""Those that came with the program, by name, and those that areas have chosen, by tune."""


def _chimes(store: Store) -> _Chimes:
    return store.library.built_in(), store.library.chosen()


def _composed(
    chain: list[Area], before: Assignment | None, now: UtcMs, sounds: _Chimes, trial: Trial | None
) -> Assignment | None:
    """The assignment of the loudspeaker at the end of this chain, where it is to change."""
    loudspeaker, settings = chain[-1], inherited(area.settings for area in chain)
    languages, signals = languages_of(chain), signals_of(settings, *sounds)
    return compose_assignment(loudspeaker.id, loudspeaker.ids, languages, settings, before, now, signals, trial)


def _pinned(store: Store) -> dict[str, dict[Clip, str]]:
    """The stored emergencies of each area, each clip with the seal that it is stored by: what its loudspeakers keep
    whatever happens."""
    broadcasts = store.broadcasts.stored()
    bulletins = store.broadcasts.bulletins(b.bulletin for b in broadcasts)
    found: dict[str, dict[Clip, str]] = {}
    for broadcast in broadcasts:
        bulletin = bulletins[broadcast.bulletin]
        if state_of(bulletin, broadcast) is BroadcastState.approved and broadcast.decision is not None:
            for area in broadcast.targets:
                seal = broadcast.decision.seal
                found.setdefault(area, {}).update((clip, seal) for clip in bulletin.sounds)
    return {area: {clip: clips[clip] for clip in sorted(clips, key=_name)} for area, clips in found.items()}


def _name(clip: Clip) -> str:
    return clip.sha256


def approved(store: Store, since: UtcMs) -> list[Approved]:
    """What is approved, and taken where communes are asked, and was not over by then."""
    broadcasts = store.broadcasts.active(since)
    bulletins = store.broadcasts.bulletins(b.bulletin for b in broadcasts)
    areas = store.areas.named(bulletin.area for bulletin in bulletins.values())
    found = [(bulletins[b.bulletin], b) for b in broadcasts]
    standing = [
        (bulletin, broadcast, _as_approved(bulletin, broadcast, areas[bulletin.area].depth))
        for bulletin, broadcast in found
        if _airs(bulletin, broadcast) and broadcast.recurrence is not None
    ]
    return as_taken(store, standing)


def _airs(bulletin: Bulletin, broadcast: Broadcast) -> bool:
    """Whether it stands approved, or did when a newer version took its place: what had begun plays to its end. An
    emergency that is replaced is wrong: it stops."""
    if broadcast.superseded_at is not None and bulletin.broadcast_class is not BroadcastClass.emergency:
        broadcast = msgspec.structs.replace(broadcast, superseded_at=None)
    passage = passage_of(bulletin, broadcast)
    return passage.state is BroadcastState.approved and (airs(passage) or broadcast.ordered != "")


def _as_approved(bulletin: Bulletin, broadcast: Broadcast, depth: int) -> Approved:
    if broadcast.recurrence is None or broadcast.decision is None:
        raise ValueError("only an approved broadcast has an hour")
    return Approved(
        id=broadcast.id,
        bulletin=bulletin.id,
        title=bulletin.title,
        broadcast_class=bulletin.broadcast_class,
        authority=depth,
        targets=broadcast.targets,
        recurrence=broadcast.recurrence,
        clips=tuple(variant.clip for variant in sounding(bulletin)),
        not_before=broadcast.decision.at,
        useful_for=useful_for(bulletin.broadcast_class, now_mode=broadcast.mode == Mode.now.value),
        seal=broadcast.decision.seal,
        not_after=broadcast.superseded_at,
        opening=bulletin.opening,
        exercise=bulletin.exercise,
        closing=bulletin.closing,
    )


def _unexpected(store: Store, assignments: Iterable[Assignment], now: UtcMs) -> list[Planned]:
    """What came due while the server was away, longer than it had looked ahead: the programmes have moved on, but the
    loudspeakers have played by the old ones, or should have."""
    last, until = store.logbook.last_expected(now), now - _LOOK_BACK
    since = max(last + 1, until - _LOOK_BACK_AT_MOST)
    if not last or since >= until:
        return []
    slots = slots_within(approved(store, since), since, until)
    past = {area: Programme(area, 0, now, now, found, since) for area, found in slots.items()}
    return settling.expected_of(past, assignments, since, until)

"""Saying a bulletin again where it failed: a make-up broadcast of the same sealed sound. Use cases.

Imported by the web and tests. The approval of the sound stands for the same sound in places that it was approved for;
the hour is new, so somebody who approves there must sign it. An approver's order is that signature, as it is for a
stored emergency; what another writer orders waits for one.
"""

from collections.abc import Callable, Collection, Iterable, Sequence

import msgspec

from schedules.assignment import Assignment
from schedules.clock import UtcMs
from schedules.playback import Reason
from schedules.programme import BroadcastClass, Slot
from schedules.recurrence import Once
from server import bulletins, oversight, results
from server.access import Act, Person, scope
from server.airing_gate import must_pass
from server.area import Area
from server.bulletin import Broadcast, Decision, seal, sounding
from server.bulletins import BroadcastPage
from server.compose_form import Mode
from server.ledger import SILENT_AFTER
from server.lifecycle import BroadcastState
from server.make_up import Kind, kinds_of, silence_at, soonest
from server.oversight import LogRow
from server.planning import NOW_LEAD, useful_for
from server.refusals import Changed, NotAllowed, NotFound
from server.repositories.store import Store
from server.result import FAILED, Verdict, gathered, may_help, verdict_of

_ORDERED = (BroadcastState.submitted, BroadcastState.approved, BroadcastState.voided)
"""A make-up that stands: what it is for is not ordered a second time."""


class Failing(msgspec.Struct, frozen=True):
    """A loudspeaker where it failed."""

    row: LogRow
    verdict: Verdict

    @property
    def device(self) -> str:
        """The loudspeaker."""
        return self.row.line.planned.loudspeaker


class Offer(msgspec.Struct, frozen=True):
    """What can be said again. `failing`: where it failed and nothing is ordered yet; `helpless`: where a repeat would
    be as silent; `ordered`: make-ups that stand; `signs`: whether this person's order is an approval; `soonest`: the
    first instant at which it would sound at all of those that certainly failed; None: at none within two days."""

    page: BroadcastPage
    occurrence: str
    planned: UtcMs
    failing: tuple[Failing, ...]
    helpless: tuple[Failing, ...]
    ordered: tuple[BroadcastPage, ...]
    signs: bool
    soonest: UtcMs | None

    def of(self, verdict: Verdict) -> list[Failing]:
        """Those of this verdict."""
        return [each for each in self.failing if each.verdict is verdict]


class WouldBeSilent(msgspec.Struct, frozen=True):
    """Nothing was ordered: at that hour it would be silent, for this reason."""

    reason: Reason


class Wish(msgspec.Struct, frozen=True):
    """Where (by verdicts) and when; None: as soon as it can sound."""

    verdicts: frozenset[Verdict]
    at: UtcMs | None = None


def offer(store: Store, person: Person, broadcast: str, occurrence: str, now: UtcMs) -> Offer:
    """What can be said again of an occurrence; of the latest, if none is named. Raises `NotAllowed` for who may not
    order it, `NotFound`."""
    page = _repeatable(store, person, broadcast)
    occurrence = occurrence or _latest(store, person, page, now)
    failing, planned = _failing(store, person, page, occurrence, now)
    standing = _standing(store, person, occurrence)
    covered = _covered(store, standing)
    open_ = [each for each in failing if each.device not in covered]
    useful = tuple(each for each in open_ if may_help(each.row.line.playback))
    sure = [each.device for each in useful if each.verdict is not Verdict.unreported]
    kinds, slot = _kinds(store, sure or [each.device for each in useful]), _slot(store, page, now)
    return Offer(
        page=page,
        occurrence=occurrence,
        planned=planned,
        failing=useful,
        helpless=tuple(each for each in open_ if not may_help(each.row.line.playback)),
        ordered=tuple(standing),
        signs=page.approves,
        soonest=soonest(slot, now + NOW_LEAD, kinds) if kinds else None,
    )


def order(
    store: Store,
    person: Person,
    broadcast: str,
    occurrence: str,
    wish: Wish,
    now: UtcMs,
    new_id: Callable[[str], str],
    *,
    samples: bool = False,
) -> str | WouldBeSilent:
    """Have it said again at exactly the loudspeakers that failed so; the id of the broadcast. Who orders what is
    ordered already gets that one. An approver's order is the approval; another's waits for one. Raises `Changed` where
    nothing of it has failed any more, `NotAllowed`, `NotForAir`, `NotFound`."""
    found = offer(store, person, broadcast, occurrence, now)
    chosen = {each.device for each in found.failing if each.verdict in wish.verdicts}
    if not chosen:
        return _newest(found.ordered)
    must_pass(store, sounding(found.page.bulletin), samples=samples, newest=False)
    kinds, slot = _kinds(store, chosen), _slot(store, found.page, now)
    at = wish.at if wish.at is not None else soonest(slot, now + NOW_LEAD, kinds)
    if at is None or (reason := silence_at(slot, at, kinds)) is not Reason.none:
        return WouldBeSilent(silence_at(slot, now + NOW_LEAD, kinds) if at is None else reason)
    targets = gathered(chosen, store.fleet.below(area.path for area in found.page.areas))
    at_once = wish.at is None and at == now + NOW_LEAD
    fresh = _made(found, person, new_id("ps"), targets, None if at_once and not found.signs else Once(at), now)
    if at_once:
        fresh = msgspec.structs.replace(fresh, mode=Mode.now.value)
    name = found.occurrence
    if not store.results.keep_make_up(name, len(store.results.make_ups(name)) + 1, fresh.id):
        # Somebody else orders it in this very moment.
        return _newest(_standing(store, person, name))
    store.broadcasts.add(fresh)
    told = f"{len(chosen)} loudspeakers"
    if found.signs:
        decision = Decision(fresh.id, True, seal(found.page.bulletin, fresh), person.id, now)
        store.broadcasts.decide(decision)
        told = f"{told} {decision.told}"
    store.trail.note(now, person, "repeat", fresh.id, area=found.page.bulletin.area, before=name, after=told)
    return fresh.id


def _made(
    found: Offer, person: Person, id_: str, targets: tuple[str, ...], recurrence: Once | None, now: UtcMs
) -> Broadcast:
    """A broadcast of the same bulletin at these places."""
    return msgspec.structs.replace(
        found.page.broadcast,
        id=id_,
        mode=Mode.once.value,
        recurrence=recurrence,
        author=person.id,
        created_at=now,
        targets=targets,
        decision=None,
        review=None,
        version=1,
        replaces="",
        successor="",
        ordered=found.page.broadcast.id,
    )


def _newest(standing: Sequence[BroadcastPage]) -> str:
    """What is ordered already."""
    if not standing:
        raise Changed
    return standing[-1].broadcast.id


def _repeatable(store: Store, person: Person, broadcast: str) -> BroadcastPage:
    page = bulletins.page(store, person, broadcast)
    if not results.may_repeat(page):
        raise NotAllowed
    return page


def _latest(store: Store, person: Person, page: BroadcastPage, now: UtcMs) -> str:
    """The occurrence of this broadcast that came due last; empty for none."""
    paths, bulletin = scope(person.grants, Act.see), page.bulletin.id
    found = store.results.of_bulletin(bulletin, paths, now - results.REMEMBERED, now + 1, results.TIMES)
    return next((each.name for each in found if each.broadcast == page.broadcast.id), "")


def _failing(
    store: Store, person: Person, page: BroadcastPage, occurrence: str, now: UtcMs
) -> tuple[list[Failing], UtcMs]:
    """Where an occurrence of this broadcast failed, and when it was planned."""
    if occurrence and occurrence.partition("@")[0] != page.broadcast.id:
        raise NotFound
    lines = store.results.failed(occurrence, scope(person.grants, Act.see), now - SILENT_AFTER)
    rows = oversight.rows_of(store, lines, now)
    found = []
    for row in rows:
        playback = row.line.playback
        verdict = verdict_of(playback.outcome.value if playback else "", row.line.planned.useful_until, now)
        if verdict in FAILED:
            found.append(Failing(row, verdict))
    found.sort(key=lambda each: (each.row.where, each.device))
    return found, found[0].row.line.planned.planned if found else 0


def _standing(store: Store, person: Person, occurrence: str) -> list[BroadcastPage]:
    """The make-ups of an occurrence that stand, the oldest first."""
    pages = bulletins.visible(store, person, store.broadcasts.named(store.results.make_ups(occurrence)))
    return sorted((p for p in pages if p.state in _ORDERED), key=lambda p: (p.broadcast.created_at, p.broadcast.id))


def _covered(store: Store, standing: Iterable[BroadcastPage]) -> set[str]:
    """The loudspeakers that a make-up is ordered for."""
    areas = [area for page in standing for area in page.areas]
    single = {area.id for area in areas if store.fleet.is_known(area.id)}
    return single | {each.id for each in store.fleet.below([a.path for a in areas if a.id not in single])}


def _kinds(store: Store, devices: Collection[str]) -> list[Kind]:
    assignments: dict[str, Assignment] = store.fleet.assignments(devices)
    programmes = store.fleet.programmes({area for a in assignments.values() for area in a.area_path})
    return kinds_of(assignments.values(), programmes)


def _slot(store: Store, page: BroadcastPage, at: UtcMs) -> Slot:
    """What would sound, were it to begin at this instant."""
    bulletin, area = page.bulletin, store.areas.find(page.bulletin.area)
    return Slot(
        occurrence="",
        broadcast="make-up",
        bulletin=bulletin.id,
        title=bulletin.title,
        broadcast_class=BroadcastClass(bulletin.broadcast_class),
        authority=_depth(area),
        start=at,
        useful_until=at + useful_for(bulletin.broadcast_class, now_mode=False),
        clips=tuple(variant.clip for variant in sounding(bulletin)),
        opening=bulletin.opening,
        closing=bulletin.closing,
        exercise=bulletin.exercise,
    )


def _depth(area: Area | None) -> int:
    return area.depth if area else 0

"""Writing, looking at, approving and withdrawing: the use cases of bulletins and their broadcasts.

Imported by the web and the seed.
"""

from collections.abc import Callable, Iterable, Mapping

import msgspec

from schedules.assignment import Assignment
from schedules.clock import MINUTE, DurationMs, UtcMs
from schedules.playback import Reason
from schedules.programme import BroadcastClass, Programme, Slot
from schedules.recurrence import Once, over_since
from schedules.rundown import Entry, merge, slots_between
from server.access import Act, Person, may, scope
from server.approval import may_approve
from server.area import Area, inherited
from server.bulletin import (
    RECORDING,
    VOICE,
    Broadcast,
    BroadcastState,
    Bulletin,
    Decision,
    Variant,
    seal,
    state_of,
)
from server.composing import ComposeForm, Draft, Mode, Offered
from server.planning import NOW_LEAD, Approved, slots_by_area, useful_for
from server.readiness import first_near, kind_of, last_near
from server.refusals import Changed, NotAllowed, NotFound, OwnWork, TooLate
from server.repositories.store import Store
from server.studio import Rendered

LIST_LENGTH = 50
ORDERED_ONCE: DurationMs = 1 * MINUTE
"""Who orders a stored emergency again within this time has pressed twice, or has not seen that another did."""
DUE = (BroadcastState.waiting, BroadcastState.voided)
"""What an approver still has to decide."""


class BroadcastPage(msgspec.Struct, frozen=True):
    """All that a page shows of a broadcast. `areas`: the targets; `may_decide`: whether this person may approve it
    now; `own`: whether it is their own work; `may_order`: whether they may have it sound now, for it is stored."""

    bulletin: Bulletin
    broadcast: Broadcast
    state: BroadcastState
    seal: str
    areas: tuple[Area, ...]
    author: str
    decided_by: str
    may_decide: bool
    own: bool
    may_withdraw: bool
    may_order: bool


def offered(store: Store, person: Person) -> Offered:
    """What this person may choose in the form."""
    areas = store.areas.below(scope(person.grants, Act.write))
    languages = frozenset(store.areas.languages())
    return Offered(frozenset(store.areas.topics()), languages, frozenset(area.id for area in areas))


def compose(
    store: Store,
    person: Person,
    draft: Draft,
    rendered: Mapping[str, Rendered],
    now: UtcMs,
    new_id: Callable[[str], str],
) -> str:
    """Keep a draft whose every variant has its sound (by language), to wait for approval; the broadcast's id."""
    areas = store.areas.named(draft.targets)
    if any(target not in areas or not may(person.grants, Act.write, areas[target].path) for target in draft.targets):
        raise NotAllowed
    bulletin = Bulletin(
        id=new_id("bt"),
        title=draft.title,
        topic=draft.topic,
        broadcast_class=draft.broadcast_class,
        area=issuing_area(person, areas.values()),
        author=person.id,
        created_at=now,
        variants=tuple(_variant(draft, language, sound) for language, sound in rendered.items()),
    )
    for sound in rendered.values():
        store.broadcasts.keep_clip(sound.clip, sound.provenance, sound.loudness, now)
    store.broadcasts.add_bulletin(bulletin)
    broadcast = Broadcast(
        new_id("ps"), bulletin.id, draft.mode.value, draft.recurrence, person.id, now, tuple(sorted(draft.targets))
    )
    store.broadcasts.add(broadcast)
    store.trail.note(now, person, "compose", broadcast.id, area=bulletin.area, after=draft.title)
    return broadcast.id


def issuing_area(person: Person, targets: Iterable[Area]) -> str:
    """On whose behalf a person speaks to these areas: the area of the grant that covers them, and with several
    grants the lowest of them, so that nobody gains authority by choosing more targets."""
    paths = scope(person.grants, Act.write)
    covering = {path for target in targets for path in paths if target.path.startswith(path)}
    return max(covering, key=lambda path: (path.count("/"), path)).strip("/").rpartition("/")[2]


def render_again(store: Store, bulletin: str, language: str, sound: Rendered, now: UtcMs) -> None:
    """A variant gets a new sound: whatever was approved of it no longer stands."""
    found = store.broadcasts.bulletins([bulletin]).get(bulletin)
    if found is None:
        raise NotFound
    store.broadcasts.keep_clip(sound.clip, sound.provenance, sound.loudness, now)
    variants = tuple(
        msgspec.structs.replace(v, clip=sound.clip, provenance=sound.provenance) if v.language == language else v
        for v in found.variants
    )
    store.broadcasts.add_bulletin(msgspec.structs.replace(found, variants=variants))


def page(store: Store, person: Person, broadcast: str) -> BroadcastPage:
    """One broadcast. Raises `NotFound` also for what the person may not see."""
    found = store.broadcasts.find(broadcast)
    if found is None:
        raise NotFound
    return _pages(store, person, [found])[0]


def pages(store: Store, person: Person, before: UtcMs) -> list[BroadcastPage]:
    """The newest broadcasts that the person may see."""
    found = store.broadcasts.below(scope(person.grants, Act.see), LIST_LENGTH, before)
    return _pages(store, person, found)


def waiting(store: Store, person: Person, before: UtcMs) -> list[BroadcastPage]:
    """What waits for this person's decision, oldest first."""
    found = store.broadcasts.below(scope(person.grants, Act.approve), 10 * LIST_LENGTH, before)
    return [p for p in reversed(_pages(store, person, found)) if p.state in DUE and p.may_decide]


def clashes(store: Store, found: BroadcastPage, since: UtcMs, until: UtcMs) -> list[Entry]:
    """What this broadcast would change at the loudspeakers of its areas: every entry that would be delayed or
    displaced by it, or that delays or displaces it, by the loudspeakers' own function. An occurrence is told once."""
    own = own_slots(found, store.areas.find(found.bulletin.area), since, until)
    if found.broadcast.withdrawn_at is not None or not own:
        return []
    ours = {slot.occurrence for slot in own}
    told: dict[str, Entry] = {}
    for assignment, programmes in _alike(store, found.areas):
        others = [s for s in slots_between(programmes, since, until) if s.broadcast != found.broadcast.id]
        stretches = [(first_near(slot.start, assignment), last_near(slot.start, assignment)) for slot in own]
        near = [s for s in others if any(first <= s.start <= last for first, last in stretches)]
        for entry in merge([*near, *own], assignment, since):
            involved = entry.slot.occurrence in ours or entry.other in ours
            if involved and entry.reason not in (Reason.none, Reason.language_missing):
                told.setdefault(entry.slot.occurrence, entry)
    return sorted(told.values(), key=lambda entry: entry.slot.start)[:LIST_LENGTH]


def _alike(store: Store, areas: Iterable[Area]) -> list[tuple[Assignment, list[Programme]]]:
    """Of the loudspeakers in these areas, one of each kind: those that get the same programmes and follow the same
    rules do the same, and a province has thousands of them."""
    loudspeakers = store.fleet.below(area.path for area in areas)
    assignments = store.fleet.assignments(area.id for area in loudspeakers)
    programmes = store.fleet.programmes({area for a in assignments.values() for area in a.area_path})
    kinds: dict[object, tuple[Assignment, list[Programme]]] = {}
    for a in assignments.values():
        heard = [programmes[area] for area in a.area_path if area in programmes]
        kinds.setdefault(kind_of(a, programmes), (a, heard))
    return list(kinds.values())


def own_slots(found: BroadcastPage, area: Area | None, since: UtcMs, until: UtcMs) -> tuple[Slot, ...]:
    """The slots that this broadcast has, or would have if it were approved now."""
    recurrence = found.broadcast.recurrence or Once(since + NOW_LEAD)
    broadcast = Approved(
        id=found.broadcast.id,
        bulletin=found.bulletin.id,
        title=found.bulletin.title,
        broadcast_class=found.bulletin.broadcast_class,
        authority=area.depth if area else 0,
        targets=("here",),
        recurrence=recurrence,
        clips=tuple(variant.clip for variant in found.bulletin.variants),
        not_before=since,
        useful_for=useful_for(found.bulletin.broadcast_class, now_mode=found.broadcast.mode == Mode.now.value),
    )
    return tuple(s for s in slots_by_area([broadcast], since).get("here", ()) if s.start < until)


def approve(store: Store, person: Person, broadcast: str, seal_seen: str, now: UtcMs) -> None:
    """Approve exactly what was seen. For "now", the start is set here, once: a second press of the button, or a second
    approver, moves nothing."""
    found = _to_decide(store, person, broadcast)
    if found.seal != seal_seen:
        raise Changed
    if found.state is BroadcastState.approved:
        return
    _undecided(found)
    over = over_since(found.broadcast.recurrence, now) if found.broadcast.recurrence is not None else None
    if over is not None:
        raise TooLate(over)
    _decide(store, person, found, Decision(broadcast, True, found.seal, person.id, now))


def order(store: Store, person: Person, broadcast: str, now: UtcMs, new_id: Callable[[str], str]) -> str:
    """Have a stored emergency sound now: a broadcast of the same bulletin at the same places, approved by who orders
    it. Its sound was approved when it was stored, by another than its author, so one signature is enough. Who presses
    twice, or second, orders nothing new. The id of the broadcast that sounds."""
    found = page(store, person, broadcast)
    if not found.may_order:
        raise NotAllowed
    just_now = store.broadcasts.ordered_since(found.bulletin.id, now - ORDERED_ONCE)
    if just_now is not None:
        return just_now
    fresh = msgspec.structs.replace(
        found.broadcast,
        id=new_id("ps"),
        mode=Mode.now.value,
        recurrence=Once(now + _lead(store, found)),
        created_at=now,
        decision=None,
    )
    store.broadcasts.add(fresh)
    store.broadcasts.decide(Decision(fresh.id, True, seal(found.bulletin, fresh), person.id, now))
    store.trail.note(now, person, "order", fresh.id, area=found.bulletin.area, before=broadcast)
    return fresh.id


def send_back(store: Store, person: Person, broadcast: str, note: str, now: UtcMs) -> None:
    """Send it back to its author, with a reason."""
    found = _to_decide(store, person, broadcast)
    _undecided(found)
    _decide(store, person, found, Decision(broadcast, False, found.seal, person.id, now, note[:1000]))


def withdraw(store: Store, person: Person, broadcast: str, now: UtcMs) -> None:
    """It is not to air any more."""
    found = page(store, person, broadcast)
    if not found.may_withdraw:
        raise NotAllowed
    store.broadcasts.add(msgspec.structs.replace(found.broadcast, withdrawn_at=now))
    store.trail.note(now, person, "withdraw", broadcast, area=found.bulletin.area, before=found.state.value)


def _variant(draft: Draft, language: str, sound: Rendered) -> Variant:
    typed = next(v for v in draft.variants if v.language == language)
    source = RECORDING if typed.recording else VOICE
    return Variant(language, typed.text, typed.spoken, source, sound.clip, sound.provenance)


def _to_decide(store: Store, person: Person, broadcast: str) -> BroadcastPage:
    found = page(store, person, broadcast)
    if found.own:
        raise OwnWork
    if not found.may_decide or found.state is BroadcastState.withdrawn:
        raise NotAllowed
    return found


def _undecided(found: BroadcastPage) -> None:
    """Somebody else may have decided while this person was reading."""
    if found.state not in DUE:
        raise Changed


def _decide(store: Store, person: Person, found: BroadcastPage, decision: Decision) -> None:
    broadcast, now = found.broadcast, decision.at
    begins = decision.approved and broadcast.mode == Mode.now.value
    if begins and not store.broadcasts.set_recurrence(broadcast, Once(now + _lead(store, found))):
        return  # somebody else approves it in this very moment
    store.broadcasts.decide(decision)
    act = "approve" if decision.approved else "send_back"
    after = " ".join(filter(None, (decision.seal, decision.note)))
    store.trail.note(now, person, act, broadcast.id, area=found.bulletin.area, before=found.state.value, after=after)


def _lead(store: Store, found: BroadcastPage) -> DurationMs:
    """From the order of "now" to its start. An emergency carries its sound with it: it waits only for its neighbours,
    so that they begin together."""
    if found.bulletin.broadcast_class is not BroadcastClass.emergency:
        return NOW_LEAD
    areas = store.areas.named({area for target in found.areas for area in target.ids})
    chains = [[areas[area].settings for area in target.ids] for target in found.areas]
    return max((inherited(chain).alert_lead_ms for chain in chains), default=NOW_LEAD)


def _pages(store: Store, person: Person, broadcasts: list[Broadcast]) -> list[BroadcastPage]:
    bulletins = store.broadcasts.bulletins(b.bulletin for b in broadcasts)
    wanted = {area for b in broadcasts for area in b.targets} | {b.area for b in bulletins.values()}
    areas, names = store.areas.named(wanted), store.staff.names()
    found = [_page(person, bulletins[b.bulletin], b, areas, names) for b in broadcasts]
    if any(p is None for p in found):
        raise NotFound
    return [p for p in found if p is not None]


def _page(
    person: Person, bulletin: Bulletin, broadcast: Broadcast, areas: Mapping[str, Area], names: Mapping[str, str]
) -> BroadcastPage | None:
    path = areas[bulletin.area].path
    targets = tuple(areas[target] for target in broadcast.targets)
    seen = [path, *(target.path for target in targets)]
    if not any(may(person.grants, Act.see, p) for p in seen):
        return None
    own = broadcast.author == person.id
    # Whoever approves or withdraws answers for every place where it sounds, and for whom it speaks: a commune neither
    # lends the province's authority nor silences it.
    decides = all(may(person.grants, Act.approve, p) for p in seen)
    writes = all(may(person.grants, Act.write, p) for p in seen)
    state = state_of(bulletin, broadcast)
    return BroadcastPage(
        bulletin=bulletin,
        broadcast=broadcast,
        state=state,
        seal=seal(bulletin, broadcast),
        areas=targets,
        author=names.get(broadcast.author, ""),
        decided_by=names.get(broadcast.decision.approver, "") if broadcast.decision else "",
        may_decide=decides and may_approve(broadcast.author, person.id),
        own=own,
        may_withdraw=writes and broadcast.withdrawn_at is None,
        may_order=decides and state is BroadcastState.approved and broadcast.mode == Mode.stored.value,
    )


def form_of(bulletin: Bulletin, broadcast: Broadcast) -> ComposeForm:
    """The form as it would have to be filled to write this once more."""
    texts = {v.language: v.text for v in bulletin.variants if v.language != "vi"}
    vietnamese = next((v for v in bulletin.variants if v.language == "vi"), None)
    return ComposeForm(
        title=bulletin.title,
        topic=bulletin.topic,
        broadcast_class=BroadcastClass(bulletin.broadcast_class).value,
        text=vietnamese.text if vietnamese else "",
        texts=texts,
        recordings={v.language: v.clip.sha256 for v in bulletin.variants if v.source == RECORDING},
        targets=broadcast.targets,
    )

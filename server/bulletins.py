"""Writing, looking at, approving and withdrawing: the use cases of bulletins and their broadcasts.

Imported by the web and the seed.
"""

from collections.abc import Callable, Collection, Iterable, Mapping

import msgspec

from schedules.clock import DurationMs, UtcMs
from schedules.programme import RANK, BroadcastClass
from schedules.recurrence import Once, over_since
from server import asking, library, versions
from server.access import Act, Person, may, may_compose, scope, within_reach
from server.airing_gate import must_pass
from server.approval import may_approve, unheard
from server.area import Area, inherited
from server.bulletin import Broadcast, Bulletin, Decision, passage_of, seal, vetted_as_before
from server.bulletin_of_draft import bulletin_of
from server.compose_form import Mode
from server.composing import Draft, Offered
from server.draft import Basis
from server.lifecycle import DUE, STANDING, BroadcastState, Deed, Hindrance, after, begun
from server.planning import NOW_LEAD
from server.refusals import Changed, NoEmergency, NotAllowed, NotFound, NotHeard, OwnWork, Stale, TooLate
from server.repositories.store import Store
from server.studio import Rendered
from server.uptake import is_office

LIST_LENGTH = 50
NEW = Basis()
"""What continues nothing."""


class BroadcastPage(msgspec.Struct, frozen=True):
    """All that a page shows of a broadcast. `areas`: the targets; `may_decide`: whether this person may approve it
    now; `approves`: whether they approve for all its places; `own`: whether they wrote in it; `may_order`: whether they
    may have it sound now, for it is stored; `may_edit`: whether they may write its next version; `may_review`: whether
    they are the second person to look at what aired on one signature; `writers`: names of all who wrote in it."""

    bulletin: Bulletin
    broadcast: Broadcast
    state: BroadcastState
    seal: str
    areas: tuple[Area, ...]
    author: str
    decided_by: str
    may_decide: bool
    approves: bool
    own: bool
    may_withdraw: bool
    may_order: bool
    may_edit: bool
    may_review: bool
    reviewer: str
    writers: tuple[str, ...]

    @property
    def alone(self) -> bool:
        """Whether it aired on one signature."""
        return self.broadcast.decision is not None and self.broadcast.decision.alone


def offered(store: Store, person: Person) -> Offered:
    """What this person may choose in the form."""
    areas = store.areas.below(scope(person.grants, Act.write))
    alarmed = store.areas.below(scope(person.grants, Act.alarm))
    languages = frozenset(store.areas.languages())
    return Offered(
        frozenset(store.areas.topics()),
        languages,
        frozenset(area.id for area in areas),
        frozenset(area.id for area in alarmed) - {area.id for area in areas},
        library.clips_of(library.usable(store, person)),
        office=is_office((*areas, *alarmed), [each.area_path for each in person.grants]),
    )


def compose(
    store: Store,
    person: Person,
    draft: Draft,
    rendered: Mapping[str, Rendered],
    now: UtcMs,
    new_id: Callable[[str], str],
    basis: Basis = NEW,
    acts: tuple[Act, ...] = (Act.write, Act.alarm),
    beside: frozenset[str] = frozenset(),
) -> str:
    """Send for approval what has its sound in every variant (by language); the broadcast's id. A newer version takes
    the place of the one before at once, or when it is approved itself where that one airs. `acts`: by which right, the
    first that covers all places; `beside`: who has written in it as well. Raises `Stale` where somebody was faster."""
    areas, emergency = store.areas.named(draft.targets), draft.broadcast_class is BroadcastClass.emergency
    if any(t not in areas or not may_compose(person.grants, areas[t].path, emergency=emergency) for t in draft.targets):
        raise NotAllowed
    before = _version_before(store, person, basis)
    replaced = passage_of(before.bulletin, before.broadcast) if before else None
    writers = begun(person.id, emergency=emergency, replaces=replaced).writers.union(
        beside, store.drafts.writers(basis.draft)
    )
    area = issuing_area(person, areas.values(), acts if emergency else (Act.write,))
    bulletin = bulletin_of(draft, rendered, new_id("bt"), area, person.id, now)
    bulletin = vetted_as_before(bulletin, before.bulletin if before else None)
    for sound in rendered.values():
        store.broadcasts.keep_clip(sound.clip, sound.provenance, sound.loudness, now)
    store.broadcasts.add_bulletin(bulletin)
    broadcast = Broadcast(
        id=new_id("ps"),
        bulletin=bulletin.id,
        mode=draft.mode.value,
        recurrence=draft.recurrence,
        author=person.id,
        created_at=now,
        targets=tuple(sorted(draft.targets)),
        version=before.broadcast.version + 1 if before else 1,
        replaces=basis.replaces,
        writers=tuple(sorted(writers)),
        pushed=draft.pushed,
    )
    store.broadcasts.add(broadcast)
    if basis.draft and not store.drafts.sent(basis.draft, basis.number, broadcast.id):
        raise versions.stale_draft(store, basis.draft)
    if before is not None:
        versions.succeed(store, person, before.bulletin, before.broadcast, broadcast.id, now)
    asking.fulfil(store, person, broadcast, bulletin, now)
    store.trail.note(now, person, "compose", broadcast.id, area=bulletin.area, before=basis.replaces, after=draft.title)
    return broadcast.id


def _version_before(store: Store, person: Person, basis: Basis) -> BroadcastPage | None:
    """The version that a new one is to take the place of: one that this person may edit, and that has no newer one but
    the one they know of."""
    if not basis.replaces:
        return None
    found = page(store, person, basis.replaces)
    newer = found.broadcast.successor
    if newer and newer != basis.successor:
        other = store.broadcasts.find(newer)
        raise Stale(other.author if other else "", other.created_at if other else 0, newer)
    if not found.may_edit:
        raise NotAllowed
    return found


def issuing_area(person: Person, targets: Iterable[Area], acts: tuple[Act, ...] = (Act.write,)) -> str:
    """On whose behalf a person speaks to these areas: the area of the grant that covers them, and with several
    grants the lowest of them, so that nobody gains authority by choosing more targets."""
    targets = list(targets)
    for act in acts:
        paths = scope(person.grants, act)
        covering = {path for target in targets for path in paths if target.path.startswith(path)}
        if covering:
            return max(covering, key=lambda path: (path.count("/"), path)).strip("/").rpartition("/")[2]
    raise NotAllowed


def render_again(
    store: Store, bulletin: str, language: str, sound: Rendered, now: UtcMs, *, words: str | None = None
) -> None:
    """A variant gets a new sound, and perhaps other words: whatever was approved or vetted of it no longer stands."""
    found = store.broadcasts.bulletins([bulletin]).get(bulletin)
    if found is None:
        raise NotFound
    store.broadcasts.keep_clip(sound.clip, sound.provenance, sound.loudness, now)
    variants = tuple(
        msgspec.structs.replace(
            v,
            clip=sound.clip,
            provenance=sound.provenance,
            spoken=v.spoken if words is None else words,
            reviewer="",
            reviewed_at=0,
            revoked=False,
        )
        if v.language == language
        else v
        for v in found.variants
    )
    store.broadcasts.add_bulletin(msgspec.structs.replace(found, variants=variants))
    store.trail.note(now, "", "render", bulletin, area=found.area, after=f"{language} {sound.clip.sha256}")


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
    """What waits for this person's decision, emergencies first, then the oldest."""
    found = store.broadcasts.below(scope(person.grants, Act.approve), 10 * LIST_LENGTH, before)
    due = [p for p in reversed(_pages(store, person, found)) if p.state in DUE and p.may_decide]
    return sorted(due, key=lambda p: RANK[p.bulletin.broadcast_class])


def sent_back(store: Store, person: Person, before: UtcMs) -> list[BroadcastPage]:
    """Those of the newest broadcasts that this person wrote in, that were sent back and wait for a newer version."""
    paths = {*scope(person.grants, Act.write), *scope(person.grants, Act.alarm)}
    found = store.broadcasts.below(paths, LIST_LENGTH, before)
    return [p for p in visible(store, person, found) if p.state is BroadcastState.returned and p.own and p.may_edit]


def earlier(store: Store, person: Person, found: BroadcastPage) -> list[BroadcastPage]:
    """The versions before this one, newest first."""
    versions: list[BroadcastPage] = []
    older = found.broadcast.replaces
    while older and len(versions) < LIST_LENGTH:
        broadcast = store.broadcasts.find(older)
        if broadcast is None:
            break
        versions += _pages(store, person, [broadcast])
        older = broadcast.replaces
    return versions


def approve(
    store: Store,
    person: Person,
    broadcast: str,
    seal_seen: str,
    now: UtcMs,
    by_text: Collection[str] = (),
    *,
    samples: bool = False,
) -> None:
    """Approve exactly what was seen, in each language heard to its end or else judged `by_text`. For "now", the start
    is set here, once: a second press of the button, or a second approver, moves nothing. `samples`: this is a
    demonstration, in which synthetic announcers may sound. Raises `NotForAir` besides the others."""
    found = _to_decide(store, person, broadcast)
    if found.seal != seal_seen:
        raise Changed
    if found.state is BroadcastState.approved:
        return
    _step(found, Deed.approve, person)
    must_pass(store, found.bulletin.variants, samples=samples)
    over = over_since(found.broadcast.recurrence, now) if found.broadcast.recurrence is not None else None
    if over is not None:
        raise TooLate(over)
    heard = heard_languages(store, person, found)
    read = tuple(v.language for v in found.bulletin.variants if v.text and v.language in by_text)
    missing = unheard((v.language for v in found.bulletin.variants), heard, read)
    if missing:
        raise NotHeard(missing)
    told = Decision(
        broadcast, True, found.seal, person.id, now, heard=heard, by_text=tuple(t for t in read if t not in heard)
    )
    _decide(store, person, found, told)


def heard_languages(store: Store, person: Person, found: BroadcastPage) -> tuple[str, ...]:
    """The languages that this person has heard to the end, with exactly this before their eyes."""
    clips = store.listening.heard(person.id, found.seal)
    return tuple(v.language for v in found.bulletin.variants if v.clip.sha256 in clips)


def send_back(store: Store, person: Person, broadcast: str, note: str, now: UtcMs) -> None:
    """Send it back to its author, with a reason."""
    found = _to_decide(store, person, broadcast)
    _step(found, Deed.send_back, person)
    _decide(store, person, found, Decision(broadcast, False, found.seal, person.id, now, note[:1000]))


def withdraw(store: Store, person: Person, broadcast: str, now: UtcMs) -> None:
    """It is not to air any more, nor is what makes up for it."""
    found = page(store, person, broadcast)
    if not found.may_withdraw:
        raise NotAllowed
    for each in (found.broadcast, *versions.make_ups_of(store, found.bulletin, found.broadcast)):
        store.broadcasts.add(msgspec.structs.replace(each, withdrawn_at=now))
    store.trail.note(now, person, "withdraw", broadcast, area=found.bulletin.area, before=found.state.value)


def _to_decide(store: Store, person: Person, broadcast: str) -> BroadcastPage:
    found = page(store, person, broadcast)
    if found.own:
        raise OwnWork
    if not found.may_decide or found.state is BroadcastState.withdrawn:
        raise NotAllowed
    return found


def _step(found: BroadcastPage, deed: Deed, person: Person) -> None:
    """Somebody else may have decided, or written a newer version, while this person was reading."""
    match after(passage_of(found.bulletin, found.broadcast), deed, person.id):
        case Hindrance.own_work:
            raise OwnWork
        case Hindrance.no_emergency:
            raise NoEmergency
        case Hindrance.not_now:
            raise Changed


def _decide(store: Store, person: Person, found: BroadcastPage, decision: Decision) -> None:
    broadcast, now = found.broadcast, decision.at
    begins = decision.approved and broadcast.mode == Mode.now.value
    if begins and not store.broadcasts.set_recurrence(broadcast, Once(now + lead(store, found))):
        return  # somebody else approves it in this very moment
    store.broadcasts.decide(decision)
    act = "approve" if decision.approved else "send_back"
    store.trail.note(
        now, person, act, broadcast.id, area=found.bulletin.area, before=found.state.value, after=decision.told
    )
    if decision.approved:
        if broadcast.pushed:
            store.trail.note(now, person, "send_down", broadcast.id, area=found.bulletin.area)
        versions.supersede_older(store, person, broadcast, now)


def lead(store: Store, found: BroadcastPage) -> DurationMs:
    """From the order of "now" to its start. An emergency carries its sound with it: it waits only for its neighbours,
    so that they begin together."""
    if found.bulletin.broadcast_class is not BroadcastClass.emergency:
        return NOW_LEAD
    areas = store.areas.named({area for target in found.areas for area in target.ids})
    chains = [[areas[area].settings for area in target.ids] for target in found.areas]
    return max((inherited(chain).alert_lead_ms for chain in chains), default=NOW_LEAD)


def visible(store: Store, person: Person, broadcasts: list[Broadcast]) -> list[BroadcastPage]:
    """Those of them that the person may see."""
    return [found for found in _each(store, person, broadcasts) if found is not None]


def from_above(store: Store, person: Person, broadcasts: list[Broadcast]) -> list[BroadcastPage]:
    """Those of them that were approved for a place of this person's, or for one around it: everybody below sees what
    came from above."""
    return [found for found in _each(store, person, broadcasts, from_above=True) if found is not None]


def _pages(store: Store, person: Person, broadcasts: list[Broadcast]) -> list[BroadcastPage]:
    found = _each(store, person, broadcasts)
    if any(p is None for p in found):
        raise NotFound
    return [p for p in found if p is not None]


def _each(
    store: Store, person: Person, broadcasts: list[Broadcast], *, from_above: bool = False
) -> list[BroadcastPage | None]:
    bulletins = store.broadcasts.bulletins(b.bulletin for b in broadcasts)
    wanted = {area for b in broadcasts for area in b.targets} | {b.area for b in bulletins.values()}
    areas, names = store.areas.named(wanted), store.staff.names()
    return [_page(person, bulletins[b.bulletin], b, areas, names, from_above=from_above) for b in broadcasts]


def _page(
    person: Person,
    bulletin: Bulletin,
    broadcast: Broadcast,
    areas: Mapping[str, Area],
    names: Mapping[str, str],
    *,
    from_above: bool,
) -> BroadcastPage | None:
    path = areas[bulletin.area].path
    targets = tuple(areas[target] for target in broadcast.targets)
    seen = [path, *(target.path for target in targets)]
    below = from_above and broadcast.decision is not None and broadcast.decision.approved
    below = below and any(within_reach(person.grants, Act.see, target.path) for target in targets)
    if not below and not any(may(person.grants, Act.see, p) for p in seen):
        return None
    passage, decision, review = passage_of(bulletin, broadcast), broadcast.decision, broadcast.review
    state, own = passage.state, not may_approve(passage.writers, person.id)
    # Whoever approves or withdraws answers for every place where it sounds, and for whom it speaks: a commune neither
    # lends the province's authority nor silences it.
    decides, alarms, reviews = (
        all(may(person.grants, act, p) for p in seen) for act in (Act.approve, Act.alarm, Act.review)
    )
    writes = all(may_compose(person.grants, p, emergency=passage.emergency) for p in seen)
    second = decision is not None and decision.alone and review is None and person.id != decision.approver
    return BroadcastPage(
        bulletin=bulletin,
        broadcast=broadcast,
        state=state,
        seal=seal(bulletin, broadcast),
        areas=targets,
        author=names.get(broadcast.author, ""),
        decided_by=names.get(decision.approver, "") if decision else "",
        may_decide=decides and not own,
        approves=decides,
        own=own,
        may_withdraw=writes and state in STANDING,
        may_order=(decides or alarms) and state is BroadcastState.approved and broadcast.mode == Mode.stored.value,
        may_edit=writes and state in STANDING,
        may_review=reviews and second and not own,
        reviewer=names.get(review.reviewer, "") if review else "",
        writers=tuple(sorted(names.get(writer, "") for writer in passage.writers)),
    )

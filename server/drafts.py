"""Keeping what is not ready to be sent, and going on with it: use cases.

Imported by the web. Every edition is kept; who saves on top of one that they have not seen is told so.
"""

from collections.abc import Callable, Iterable

import msgspec

from audio.clip import NO_LANGUAGE, Clip
from schedules.clock import UtcMs
from schedules.programme import BroadcastClass
from server import bulletins, timing, versions
from server.access import Act, Person, may_compose, scope
from server.bulletin import PHRASES, RECORDING, Broadcast, Bulletin
from server.compose_form import ComposeForm
from server.draft import Basis, Edition, Working, gives_way, says_something
from server.refusals import NotAllowed, NotFound
from server.repositories.store import Store

MOST = 100


class DraftLine(msgspec.Struct, frozen=True):
    """A draft in a list. `by`: who saved it last."""

    draft: Working
    title: str
    by: str
    at: UtcMs


def keep(
    store: Store,
    person: Person,
    form: ComposeForm,
    basis: Basis,
    now: UtcMs,
    new_id: Callable[[str], str],
    *,
    automatic: bool = False,
) -> Basis:
    """Save what was typed, whatever is missing in it; where to go on. Raises `Stale` where somebody else has saved or
    sent a newer edition: nothing of theirs is touched. `automatic`: the page does it by itself; then what says nothing
    begins no draft, and what it has saved within the last minutes is written over."""
    basis, saved = _followed(store, person, basis)
    if saved or (automatic and not basis.draft and not says_something(form)):
        return basis
    edition = Edition(person.id, now, form, basis.tab, basis.turn, now if automatic else None)
    if not basis.draft:
        return _begun(store, person, edition, basis, new_id)
    working, before = opened(store, person, basis.draft)
    instead = gives_way(before, edition)
    if instead and automatic:
        edition = msgspec.structs.replace(edition, automatic_since=before.automatic_since)
    if not store.drafts.save(working.id, basis.number, edition, instead=instead):
        raise versions.stale_draft(store, working.id)
    kept = msgspec.structs.replace(basis, number=basis.number + 1)
    if not (instead and automatic):
        _note(store, person, kept, working.area, edition)
    return kept


def _followed(store: Store, person: Person, basis: Basis) -> tuple[Basis, bool]:
    """Where a page really is that has not heard how its last saving ended; the second says whether what it brings is
    here already."""
    draft = basis.draft or store.drafts.begun(person.id, basis.tab)
    working = store.drafts.find(draft) if draft and basis.tab else None
    newest = store.drafts.edition(draft, working.number) if working else None
    if working is None or newest is None:
        return basis, False
    if (newest.staff, newest.tab) != (person.id, basis.tab):
        return msgspec.structs.replace(basis, draft=draft), False
    return msgspec.structs.replace(basis, draft=draft, number=working.number), basis.turn <= newest.turn


def _begun(store: Store, person: Person, edition: Edition, basis: Basis, new_id: Callable[[str], str]) -> Basis:
    emergency = edition.form.broadcast_class == BroadcastClass.emergency.value
    areas = store.areas.named(edition.form.targets)
    own = [area for area in areas.values() if may_compose(person.grants, area.path, emergency=emergency)]
    acts = (Act.write, Act.alarm) if emergency else (Act.write,)
    area = bulletins.issuing_area(person, own, acts) if own else _home(person, acts)
    if basis.replaces and not bulletins.page(store, person, basis.replaces).may_edit:
        raise NotAllowed
    working = Working(new_id("bn"), area, person.id, edition.at, replaces=basis.replaces)
    store.drafts.begin(working, edition)
    kept = msgspec.structs.replace(basis, draft=working.id, number=1)
    _note(store, person, kept, area, edition)
    return kept


def _note(store: Store, person: Person, kept: Basis, area: str, edition: Edition) -> None:
    """In the audit. A page that saves by itself is noted once in some minutes, as it is kept."""
    after = f"{kept.number} {edition.form.title[:200]}"
    store.trail.note(edition.at, person, "draft", kept.draft, area=area, after=after)


def has(store: Store, person: Person, tab: str, turn: int) -> bool:
    """Whether what this page of theirs had typed when it saved so often is here, in whatever draft."""
    return bool(tab) and store.drafts.has(person.id, tab, turn)


def opened(store: Store, person: Person, draft: str, number: int = 0) -> tuple[Working, Edition]:
    """A draft with its newest edition, or the one of this number. Raises `NotFound` also for what is not theirs to
    write."""
    working = store.drafts.find(draft)
    edition = store.drafts.edition(draft, number or working.number) if working else None
    newest = store.drafts.edition(draft, working.number) if working else None
    if working is None or edition is None or newest is None:
        raise NotFound
    emergency = newest.form.broadcast_class == BroadcastClass.emergency.value
    path = store.areas.named([working.area])[working.area].path
    if not may_compose(person.grants, path, emergency=emergency):
        raise NotFound
    return working, edition


def heard_with(store: Store, person: Person, edition: Edition, now: UtcMs) -> None:
    """Who goes on with a draft may hear and use the recordings in it, as who uploaded them."""
    for clip in edition.form.recordings.values():
        if clip:
            store.makers.note(clip, person.id, now)


def unsent(store: Store, person: Person) -> list[DraftLine]:
    """The drafts that this person may go on with, newest first."""
    paths = (*scope(person.grants, Act.write), *scope(person.grants, Act.alarm))
    areas, names = store.areas.named({w.area for w in store.drafts.open_below(paths, MOST)}), store.staff.names()
    found = []
    for working in store.drafts.open_below(paths, MOST):
        edition = store.drafts.edition(working.id, working.number)
        if edition is None:
            continue
        emergency = edition.form.broadcast_class == BroadcastClass.emergency.value
        if may_compose(person.grants, areas[working.area].path, emergency=emergency):
            found.append(DraftLine(working, edition.form.title, names.get(edition.staff, ""), edition.at))
    return found


def drop(store: Store, person: Person, draft: str, number: int, now: UtcMs) -> None:
    """It is not gone on with. Raises `Stale` where somebody else has."""
    working, _ = opened(store, person, draft)
    if not store.drafts.drop(draft, number, now):
        raise versions.stale_draft(store, draft)
    store.trail.note(now, person, "drop_draft", draft, area=working.area, before=str(number))


def basis_of(store: Store, working: Working) -> Basis:
    """Where to go on with a draft."""
    replaced = store.broadcasts.find(working.replaces) if working.replaces else None
    return Basis(working.id, working.number, working.replaces, replaced.successor if replaced else "")


def newest(store: Store, broadcast: Broadcast) -> Broadcast:
    """The newest version of a broadcast, as long as none was withdrawn."""
    seen = {broadcast.id}
    while broadcast.successor and broadcast.successor not in seen:
        found = store.broadcasts.find(broadcast.successor)
        if found is None or found.withdrawn_at is not None:
            break
        seen.add(found.id)
        broadcast = found
    return broadcast


def caught_up(store: Store, basis: Basis) -> Basis:
    """Where to go on for somebody whom another has overtaken, now that they know it."""
    working = store.drafts.find(basis.draft) if basis.draft else None
    alive = working is not None and not working.broadcast and working.dropped_at is None
    replaces = working.broadcast if working is not None and working.broadcast else basis.replaces
    before = store.broadcasts.find(replaces) if replaces else None
    last = newest(store, before) if before is not None else None
    return Basis(
        draft=basis.draft if alive else "",
        number=working.number if working is not None and alive else 0,
        replaces=last.id if last is not None else "",
        successor=last.successor if last is not None else "",
    )


def last_note(store: Store, broadcast: str) -> str:
    """Why a version was sent back, if it was: it stays before the eyes of who writes the next one."""
    found = store.broadcasts.find(broadcast) if broadcast else None
    decision = found.decision if found is not None else None
    return decision.note if decision is not None and not decision.approved else ""


def form_to_edit(store: Store, found: bulletins.BroadcastPage) -> ComposeForm:
    """The form as it was sent, to write the next version."""
    sent = store.drafts.form_of(found.broadcast.id)
    return sent if sent is not None else form_of(found.bulletin, found.broadcast, timed=True)


def form_of(bulletin: Bulletin, broadcast: Broadcast, *, timed: bool = False) -> ComposeForm:
    """The form as it would have to be filled to write this once more; `timed`: at the same time."""
    spoken = [v for v in bulletin.variants if v.language != NO_LANGUAGE]
    texts = {v.language: v.text for v in spoken if v.language != "vi"}
    vietnamese = next((v for v in bulletin.variants if v.language == "vi"), None)
    form = ComposeForm(
        title=bulletin.title,
        topic=bulletin.topic,
        broadcast_class=BroadcastClass(bulletin.broadcast_class).value,
        text=vietnamese.text if vietnamese else "",
        answers=vietnamese.answers if vietnamese else {},
        texts=texts,
        recordings={v.language: v.clip.sha256 for v in spoken if v.source in (RECORDING, PHRASES)},
        targets=broadcast.targets,
        authority=bulletin.authority,
        responsible=bulletin.responsible,
        reason=bulletin.reason,
        translators={v.language: v.translator for v in bulletin.variants if v.translator},
        opening=_first(bulletin.opening),
        exercise=bulletin.exercise,
        closing=_first(bulletin.closing),
        music=_first(v.clip for v in bulletin.variants if v.language == NO_LANGUAGE),
        pushed=broadcast.pushed,
    )
    return timing.form_of(form, broadcast.mode, broadcast.recurrence) if timed else form


def _first(clips: Iterable[Clip]) -> str:
    return next((clip.sha256 for clip in clips), "")


def _home(person: Person, acts: tuple[Act, ...]) -> str:
    """The area for which somebody writes who has not said yet for whom."""
    paths = [path for act in acts for path in scope(person.grants, act)]
    if not paths:
        raise NotAllowed
    return paths[0].strip("/").rpartition("/")[2]

"""Emergencies on one signature, stored ones and fresh ones, and the second person who looks at them afterwards: use
cases.

Imported by the web. Who calls these has just shown again who they are.
"""

from collections.abc import Callable, Mapping

import msgspec

from schedules.clock import MINUTE, DurationMs, UtcMs
from schedules.programme import BroadcastClass
from schedules.recurrence import Once
from server import bulletins, versions
from server.access import Act, Person, may
from server.airing_gate import must_pass
from server.bulletin import Decision, Review, is_overdue, seal, sounding
from server.bulletins import BroadcastPage
from server.compose_form import Mode
from server.composing import Draft
from server.draft import Basis
from server.lifecycle import Deed, Hindrance, after, begun
from server.refusals import Changed, NoEmergency, NotAllowed
from server.repositories.store import Store
from server.studio import Rendered

ORDERED_ONCE: DurationMs = 1 * MINUTE
"""Who orders a stored emergency again within this time has pressed twice, or has not seen that another did."""


class Unreviewed(msgspec.Struct, frozen=True):
    """An emergency that aired on one signature, and nobody else has looked at; `overdue`: for longer than a day."""

    page: BroadcastPage
    overdue: bool


def order(
    store: Store,
    person: Person,
    broadcast: str,
    now: UtcMs,
    new_id: Callable[[str], str],
    *,
    samples: bool = False,
) -> str:
    """Have a stored emergency sound now: a broadcast of the same bulletin at the same places, approved by who orders
    it. Its sound was approved when it was stored, by another than its writers, so one signature is enough. Who presses
    twice, or second, orders nothing new. The id of the broadcast that sounds."""
    found = bulletins.page(store, person, broadcast)
    if not found.may_order:
        raise NotAllowed
    just_now = store.broadcasts.ordered_since(found.bulletin.id, now - ORDERED_ONCE)
    if just_now is not None:
        return just_now
    must_pass(store, sounding(found.bulletin), samples=samples, newest=False)
    fresh = msgspec.structs.replace(
        found.broadcast,
        id=new_id("ps"),
        mode=Mode.now.value,
        recurrence=Once(now + bulletins.lead(store, found)),
        created_at=now,
        decision=None,
        review=None,
        replaces="",
        successor="",
        ordered=broadcast,
    )
    store.broadcasts.add(fresh)
    decision = Decision(fresh.id, True, seal(found.bulletin, fresh), person.id, now)
    store.broadcasts.decide(decision)
    store.trail.note(now, person, "order", fresh.id, area=found.bulletin.area, before=broadcast, after=decision.told)
    return fresh.id


def alarm(
    store: Store,
    person: Person,
    draft: Draft,
    rendered: Mapping[str, Rendered],
    now: UtcMs,
    new_id: Callable[[str], str],
    basis: Basis = bulletins.NEW,
    *,
    samples: bool = False,
) -> str:
    """Have an emergency sound now on its writer's signature alone; the id of the broadcast. Somebody else looks at it
    within a day. Raises `NoEmergency`, `NotAllowed`, `NotForAir`, `Stale`."""
    begins = begun(person.id, emergency=draft.broadcast_class is BroadcastClass.emergency)
    if isinstance(after(begins, Deed.alarm, person.id), Hindrance) or draft.mode is not Mode.now:
        raise NoEmergency
    areas = store.areas.named(draft.targets)
    if any(target not in areas or not may(person.grants, Act.alarm, areas[target].path) for target in draft.targets):
        raise NotAllowed
    sent = bulletins.compose(store, person, draft, rendered, now, new_id, basis, (Act.alarm,))
    found = bulletins.page(store, person, sent)
    if not may(person.grants, Act.alarm, store.areas.named([found.bulletin.area])[found.bulletin.area].path):
        raise NotAllowed
    if not store.broadcasts.set_recurrence(found.broadcast, Once(now + bulletins.lead(store, found))):
        raise Changed
    must_pass(store, found.bulletin.variants, samples=samples)
    decision = Decision(sent, True, found.seal, person.id, now, alone=True)
    store.broadcasts.decide(decision)
    store.trail.note(now, person, "alarm", sent, area=found.bulletin.area, before=draft.reason, after=decision.told)
    versions.supersede_older(store, person, found.broadcast, now)
    return sent


def unreviewed(store: Store, person: Person, now: UtcMs) -> list[Unreviewed]:
    """What stands red until a second person has looked: all that this person may see, the oldest first."""
    found = bulletins.visible(store, person, store.broadcasts.unreviewed())
    return [
        Unreviewed(page, is_overdue(page.broadcast.decision, now))
        for page in found
        if page.broadcast.decision is not None
    ]


def review(
    store: Store, person: Person, broadcast: str, *, confirmed: bool, note: str, now: UtcMs, samples: bool = False
) -> None:
    """The second person confirms that it was right to air it, or objects. Neither stops a sound: `withdraw` does. What
    could not be approved cannot be confirmed either."""
    found = bulletins.page(store, person, broadcast)
    if not found.may_review:
        raise Changed if found.alone and found.broadcast.review is not None else NotAllowed
    if confirmed:
        must_pass(store, sounding(found.bulletin), samples=samples, newest=False)
    if not store.broadcasts.review(Review(broadcast, confirmed, note[:1000], person.id, now)):
        raise Changed
    act = "confirm_alarm" if confirmed else "object_to_alarm"
    store.trail.note(now, person, act, broadcast, area=found.bulletin.area, before=found.seal, after=note[:1000])

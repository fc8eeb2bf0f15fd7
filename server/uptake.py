"""Uptake: what becomes, at each commune, of a bulletin that an office above sends down. Pure.

Imported by the use cases, the repository and the web. A broadcast that is `pushed` asks the communes in its places:
- ordinary: it waits; it sounds where it is accepted, from then on, and nowhere else;
- priority: it sounds by force, as Circular 39/2020 has it; a commune says that it has seen it, and may put it before or
  behind its own priority items;
- emergency: it sounds at once, and nothing here holds it up.
"""

import enum
from collections.abc import Iterable, Mapping

import msgspec

from schedules.clock import DAY, DurationMs, UtcMs
from schedules.programme import BroadcastClass, Turn
from server.access import Act, Grant
from server.area import COMMUNE, Area
from server.planning import ANY_TERMS, Terms

PATIENCE: DurationMs = 1 * DAY
"""So long a commune may be silent before it is told again; twice as long before it is told further up."""


class Answer(enum.Enum):
    """What a commune has said."""

    none = "none"
    accepted = "accepted"
    refused = "refused"


class Uptake(enum.Enum):
    """Where a bulletin from above stands at a commune."""

    waiting = "waiting"
    accepted = "accepted"
    refused = "refused"
    by_force = "by_force"  # it sounds whatever the commune says, which has said nothing
    lapsed = "lapsed"  # its time is over, and nobody has answered: it has sounded nowhere here


class Reply(msgspec.Struct, frozen=True):
    """The answer of a commune, and what was done to get one. `by`, `at`: of the answer; `accepted_at`: since when it
    sounds there, 0 if it never did; `reminded_at`: 0 for never; `level`: how far up it was told that nobody
    answers."""

    broadcast: str
    area: str
    answer: Answer = Answer.none
    turn: Turn = Turn.as_ruled
    reason: str = ""
    by: str = ""
    at: UtcMs = 0
    accepted_at: UtcMs = 0
    reminded_at: UtcMs = 0
    reminded_by: str = ""
    level: int = 0


class Reach(msgspec.Struct, frozen=True):
    """Where a broadcast goes. `parts`: by the commune that is asked, those places of its that are meant; `direct`:
    places that belong to no commune, or to the one that sends it, where nobody is asked; `joined`: by commune, those
    that have gone up in it."""

    parts: dict[str, tuple[Area, ...]] = {}
    direct: tuple[Area, ...] = ()
    joined: dict[str, tuple[Area, ...]] = {}


def asks(broadcast_class: BroadcastClass, *, pushed: bool) -> bool:
    """Whether it sounds only where it is accepted."""
    return pushed and broadcast_class not in (BroadcastClass.priority, BroadcastClass.emergency)


def uptake_of(broadcast_class: BroadcastClass, reply: Reply | None, *, pushed: bool, over: bool) -> Uptake:
    """Where it stands. `over`: nothing of it is due any more."""
    answer = reply.answer if reply is not None else Answer.none
    if answer is Answer.accepted:
        return Uptake.accepted
    if not asks(broadcast_class, pushed=pushed):
        return Uptake.by_force
    if answer is Answer.refused:
        return Uptake.refused
    return Uptake.lapsed if over else Uptake.waiting


def reach(issuer_path: str, targets: Iterable[Area], tree: Iterable[Area]) -> Reach:
    """Whom a broadcast of the area at `issuer_path` asks. `tree`: all areas that lie in the targets or above them, but
    for hamlets and loudspeakers of communes, which may be left out. A commune that lies in another has gone up in
    it."""
    areas = {area.id: area for area in tree}
    communes = {area.id for area in areas.values() if area.level == COMMUNE}
    outermost = {id_: area for id_, area in areas.items() if id_ in communes and not communes & {*area.ids[:-1]}}
    parts: dict[str, list[Area]] = {}
    direct: list[Area] = []
    for target in targets:
        around = next((outermost[id_] for id_ in target.ids if id_ in outermost), None)
        inside = [area for area in outermost.values() if area.path.startswith(target.path)]
        if around is not None:
            ours = issuer_path.startswith(around.path)
            (direct if ours else parts.setdefault(around.id, [])).append(target)
        elif not inside:
            direct.append(target)
        else:
            for area in inside:
                parts.setdefault(area.id, []).append(area)
            direct += _outside(target, inside, areas.values())
    joined: dict[str, list[Area]] = {}
    for id_ in sorted(communes - outermost.keys()):
        joined.setdefault(next(each for each in areas[id_].ids if each in outermost), []).append(areas[id_])
    return Reach(
        {id_: _once(found) for id_, found in parts.items()},
        _once(direct),
        {id_: tuple(found) for id_, found in joined.items() if id_ in parts},
    )


def taken(found: Reach, broadcast_class: BroadcastClass, replies: Mapping[str, Reply]) -> dict[str, Terms]:
    """The areas in whose programmes it stands, each with its terms. `replies`: by commune."""
    wanted = {area.id: ANY_TERMS for area in found.direct}
    for commune, places in found.parts.items():
        terms = _terms(broadcast_class, replies.get(commune))
        if terms is not None:
            wanted.update((place.id, terms) for place in places)
        elif replies.get(commune) is None:
            wanted.update(_before_it_joined(found.joined.get(commune, ()), places, broadcast_class, replies))
    return wanted


def first_patience(sent_at: UtcMs, due: UtcMs) -> tuple[UtcMs, UtcMs]:
    """When a commune that has not answered is told again, and when it is told further up: before it is `due` in any
    case, if there is time at all."""
    left = max(due - sent_at, 0)
    return sent_at + min(PATIENCE, left // 2), sent_at + min(2 * PATIENCE, left * 3 // 4)


def level_due(sent_at: UtcMs, due: UtcMs, now: UtcMs) -> int:
    """How far up it should have been told by now: 0, 1 or 2."""
    return sum(now >= at for at in first_patience(sent_at, due))


def may_answer(grants: Iterable[Grant], issuer_path: str, commune_path: str) -> bool:
    """Who approves at a commune, or between it and the office that sends: never that office itself."""
    return any(
        Act.approve in grant.acts
        and commune_path.startswith(grant.area_path)
        and grant.area_path.startswith(issuer_path)
        and grant.area_path != issuer_path
        for grant in grants
    )


def is_office(areas: Iterable[Area], paths: Iterable[str]) -> bool:
    """Whether somebody who writes on and below these paths writes for communes from above."""
    roots = tuple(paths)
    return any(area.level == COMMUNE and area.path not in roots for area in areas)


def _once(areas: Iterable[Area]) -> tuple[Area, ...]:
    return tuple({area.id: area for area in areas}.values())


def _terms(broadcast_class: BroadcastClass, reply: Reply | None) -> Terms | None:
    if not asks(broadcast_class, pushed=True):
        return ANY_TERMS if reply is None else Terms(turn=reply.turn)
    if reply is None or not reply.accepted_at:
        return None
    # What had begun before the commune changed its mind is not cut.
    return Terms(reply.accepted_at, reply.at if reply.answer is Answer.refused else None)


def _before_it_joined(
    joined: Iterable[Area], places: Iterable[Area], broadcast_class: BroadcastClass, replies: Mapping[str, Reply]
) -> dict[str, Terms]:
    """What a commune accepted before it went up in another still sounds in its places."""
    wanted: dict[str, Terms] = {}
    for area in joined:
        terms = _terms(broadcast_class, replies.get(area.id))
        if terms is None:
            continue
        for place in places:
            if place.path.startswith(area.path):
                wanted[place.id] = terms
            elif area.path.startswith(place.path):
                wanted[area.id] = terms
    return wanted


def _outside(target: Area, inside: Iterable[Area], areas: Iterable[Area]) -> list[Area]:
    """The highest areas in a target in which there is no commune and that lie in none."""
    communes = {area.id for area in inside}
    above = {id_ for area in inside for id_ in area.ids} - communes
    return [
        area
        for area in areas
        if area.path.startswith(target.path) and area.parent in above and area.id not in above | communes
    ]

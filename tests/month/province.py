"""The server of a month: a real database with the loudspeakers, the people who answer for them, and three plays a day.

Imported by the month and its tests.
"""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from pathlib import Path

import msgspec

from schedules.assignment import Allowance
from schedules.clock import DAY, MINUTE, UtcMs, civil_day
from schedules.programme import BroadcastClass
from schedules.recurrence import Daily
from server import bulletins, programmes, seed
from server.access import Role
from server.area import COMMUNE, HAMLET, LOUDSPEAKER, Area
from server.authority import Issued
from server.compose_form import Mode
from server.composing import Draft, DraftVariant
from server.migrations import bring_to_newest
from server.repositories.store import Store, Stores, engine_of
from server.upkeep import Upkeep
from tests.bench.province import PlainHasher, made_up
from tests.month.box import BUDGET
from tests.month.fault import Traits

ROOT = "tinh-lao-cai"
PLAYS = (5 * 60 + 30, 11 * 60, 17 * 60)
"""Civil minutes of the day."""


def settled(path: Path, every: Sequence[Traits], days: int, now: UtcMs) -> tuple[Stores, tuple[str, ...]]:
    """A new database, and the broadcasts that sound every day."""
    engine = engine_of(f"sqlite:///{path}")
    bring_to_newest(engine)
    stores = Stores(engine)
    with stores.open() as store:
        seed.seed_sample(store, seed.seed_province(store), PlainHasher(), lambda: "secret", now)
        root = store.areas.find(ROOT)
        if root is None:
            raise LookupError(ROOT)
        for username, role in (("bientap", Role.editor), ("pheduyet", Role.approver), ("tinh", Role.overseer)):
            store.staff.grant(username, ROOT, role)
        store.areas.keep(
            msgspec.structs.replace(root, settings=msgspec.structs.replace(root.settings, allowance=Allowance(BUDGET)))
        )
        for device in store.fleet.in_service():  # of the sample: they are not there
            store.fleet.enrolled(device, None)
        communes = [*store.areas.below([root.path], COMMUNE), _area("xa-them", root, COMMUNE)]
        store.areas.keep(communes[-1])  # the province has 99
        _people(store, communes[: 1 + max(box.commune for box in every)])
        _settle(store, communes, every, days, now)
    with stores.open() as store:
        broadcasts = tuple(_daily(store, minute, days, now) for minute in PLAYS)
    with stores.open() as store:
        programmes.bring_up_to_date(store, now)
    return stores, broadcasts


def certified(store: Store, device: str, number: int, now: UtcMs, until: UtcMs) -> None:
    """A loudspeaker is given a certificate that holds until then."""
    store.certificates.add(device, Issued("pem", f"{device}-{number}", device, "key", now, until))


def _people(store: Store, communes: Iterable[Area]) -> None:
    """An officer for each commune, and a technician for each."""
    for commune in communes:
        for role in (Role.editor, Role.technician):
            name = f"{role.value}-{commune.id}"
            store.staff.add(name, name, name, "x")
            store.staff.grant(name, commune.id, role)


def _settle(store: Store, communes: Sequence[Area], every: Iterable[Traits], days: int, now: UtcMs) -> None:
    hamlets: dict[int, Area] = {}
    for box in every:
        commune = communes[box.commune]
        if box.hamlet not in hamlets:
            hamlets[box.hamlet] = _area(f"thon-thang-{box.hamlet}", commune, HAMLET)
            store.areas.keep(hamlets[box.hamlet])
        store.fleet.keep(_area(box.device, hamlets[box.hamlet], LOUDSPEAKER), enrolled_at=now)
        if box.told:
            store.fleet.keep_upkeep(box.device, Upkeep(sim=f"{box.operator} 09{box.number:08d}"))
        certified(store, box.device, 0, now, now + (days + 400) * DAY)


def _area(name: str, above: Area, level: str) -> Area:
    return Area(id=name, parent=above.id, path=f"{above.path}{name}/", depth=above.depth + 1, level=level, name=name)


def _daily(store: Store, minute: int, days: int, now: UtcMs) -> str:
    editor, approver = store.staff.person("bientap", now), store.staff.person("pheduyet", now)
    if editor is None or approver is None:
        raise LookupError("the sample people are gone")
    first = civil_day(now)
    rule = Daily(minute, first, first + timedelta(days + 1))
    sound = made_up()
    words = (DraftVariant("vi", "Tin", "", sound.clip.sha256),)
    draft = Draft("Tin", "an-ninh", BroadcastClass.ordinary, words, (ROOT,), Mode.daily, rule)
    names = iter(f"{kind}-{minute}" for kind in range(99))
    broadcast = bulletins.compose(store, editor, draft, {"vi": sound}, now, lambda prefix: f"{prefix}-{next(names)}")
    seal = bulletins.page(store, approver, broadcast).seal
    bulletins.approve(store, approver, broadcast, seal, now, by_text=["vi"])
    return broadcast


def due(day: UtcMs) -> list[UtcMs]:
    """When something sounds on the civil day that begins then."""
    return [day + minute * MINUTE for minute in PLAYS]

"""A province for measurements: a database with as many loudspeakers as wanted, and a bulletin that is to air at all.

Imported by the bench.
"""

import shutil
from collections.abc import Sequence
from pathlib import Path

from audio.clip import Clip
from audio.quality import Loudness
from audio.voice import Provenance
from schedules.clock import DAY, HOUR, SECOND, UtcMs, civil_midnight
from schedules.playback import Outcome, Playback
from schedules.programme import BroadcastClass
from schedules.recurrence import Once
from schedules.wire import Report
from server import bulletins, programmes, seed, system_clock
from server.access import Role
from server.area import HAMLET, LOUDSPEAKER, Area
from server.bulletin import RECORDING
from server.compose_form import Mode
from server.composing import Draft, DraftVariant
from server.migrations import bring_to_newest
from server.repositories.store import Store, Stores, engine_of
from server.studio import Rendered

PER_HAMLET = 2
ROOT = "/tinh-lao-cai/"


class PlainHasher:
    """Stands in for argon2 where nobody signs in."""

    def hash(self, password: str) -> str:
        return f"plain:{password}"

    def verify(self, password: str, hash: str) -> bool:
        return hash == f"plain:{password}"


def five_oclock(now: UtcMs) -> UtcMs:
    """The next 05:00."""
    return civil_midnight(now) + DAY + 5 * HOUR


def stores_of(path: Path) -> Stores:
    """A database in a file."""
    return Stores(engine_of(f"sqlite:///{path}"))


def settle_province(path: Path, loudspeakers: int, now: UtcMs) -> Sequence[str]:
    """A new database with so many loudspeakers, two a hamlet, spread over all communes; their names."""
    engine = engine_of(f"sqlite:///{path}")
    bring_to_newest(engine)
    with Stores(engine).open() as store:
        areas = seed.seed_province(store)
        seed.seed_sample(store, areas, PlainHasher(), lambda: "secret", now)
        for username, role in (("bientap", Role.editor), ("pheduyet", Role.approver)):
            store.staff.grant(username, seed.PROVINCE, role)
        communes = store.areas.below([ROOT], "commune")
        names = [_loudspeaker(store, communes[n // PER_HAMLET % len(communes)], n) for n in range(loudspeakers)]
    with Stores(engine).open() as store:
        programmes.settle(store, now)
    engine.dispose()
    return names


def copy_of(path: Path, to: Path) -> Path:
    """The same once more, with nothing left in a journal beside it."""
    shutil.copy(path, to)
    return to


def air(
    stores: Stores,
    sound: Rendered,
    targets: Sequence[str],
    start: UtcMs | None,
    now: UtcMs,
    broadcast_class: BroadcastClass = BroadcastClass.ordinary,
) -> str:
    """An approved Vietnamese broadcast, at `start` or (None) at once; the name of its occurrence, or of the broadcast
    where its instant is the server's to choose."""
    variants = (DraftVariant("vi", "Thử", "", sound.clip.sha256),)
    when = (Mode.now, None) if start is None else (Mode.once, Once(start))
    draft = Draft("Bản tin", "an-ninh", broadcast_class, variants, tuple(targets), *when)
    with stores.open() as store:
        editor, approver = store.staff.person("bientap", now), store.staff.person("pheduyet", now)
        if editor is None or approver is None:
            raise LookupError("the sample people are gone")
        broadcast = bulletins.compose(store, editor, draft, {"vi": sound}, now, system_clock.new_id)
        seal = bulletins.page(store, approver, broadcast).seal
        bulletins.approve(store, approver, broadcast, seal, now, by_text=["vi"])
    return broadcast if start is None else f"{broadcast}@{start}"


def made_up(size: int = 30_000) -> Rendered:
    """A clip that nobody mastered."""
    return Rendered(Clip("ab" * 32, "vi", 60 * SECOND, size), Provenance(RECORDING), Loudness(-16, -2))


def report_of(occurrence: str, start: UtcMs) -> Report:
    """What a loudspeaker says of the first thing it ever played."""
    broadcast = occurrence.partition("@")[0]
    playback = Playback(
        1,
        occurrence,
        broadcast,
        broadcast,
        start,
        Outcome.played,
        started=start,
        ended=start + 60 * SECOND,
        due_ms=60 * SECOND,
        sounded_ms=60 * SECOND,
        clips=("ab" * 32,),
    )
    return Report("0123456789abcdef", (playback,))


def _loudspeaker(store: Store, commune: Area, number: int) -> str:
    hamlet, name = f"thon-do-{number // PER_HAMLET}", f"loa-do-{number}"
    path = f"{commune.path}{hamlet}/"
    if number % PER_HAMLET == 0:
        store.areas.keep(_area(hamlet, commune.id, path, commune.depth + 1, HAMLET))
    store.fleet.keep(_area(name, hamlet, f"{path}{name}/", commune.depth + 2, LOUDSPEAKER))
    return name


def _area(name: str, parent: str, path: str, depth: int, level: str) -> Area:
    return Area(id=name, parent=parent, path=path, depth=depth, level=level, name=name)

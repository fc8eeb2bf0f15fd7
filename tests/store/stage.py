"""A desk on a real database: who is there, what they write, what loudspeakers report.

Imported by the tests of this folder.
"""

import itertools
import shutil
from collections.abc import Iterator
from pathlib import Path

from audio.clip import Clip
from audio.quality import Loudness
from audio.voice import Provenance
from schedules.clock import HOUR, SECOND
from schedules.playback import Outcome, Playback
from schedules.programme import BroadcastClass
from schedules.recurrence import Once
from server import bulletins, programmes, seed
from server.access import Person
from server.compose_form import Mode
from server.composing import Draft, DraftVariant
from server.migrations import bring_to_newest
from server.repositories.store import Store, Stores, engine_of
from server.staff import Door
from server.studio import Rendered
from server.vault import Vault

NOW = 1_795_474_800_000


ANSWERED = ("UBND xã", "Chủ tịch xã", "lũ quét")
BY_TEXT = ("vi", "mww", "ium", "hni")
VAULT = Vault(b"v" * 32)
numbers = itertools.count(1)


class PlainHasher:
    """Stands in for argon2, which is slow on purpose."""

    def hash(self, password: str) -> str:
        return f"plain:{password}"

    def verify(self, password: str, hash: str) -> bool:
        return hash == f"plain:{password}"


DOOR = Door(PlainHasher(), VAULT)


def new_id(prefix: str) -> str:
    return f"{prefix}-{next(numbers):06d}"


def seed_database(path: Path) -> Path:
    """A database with the sample, at this path."""
    engine = engine_of(f"sqlite:///{path}")
    bring_to_newest(engine)
    with Stores(engine).open() as store:
        seed.seed_sample(store, seed.seed_province(store), PlainHasher(), lambda: "secret", NOW)
    engine.dispose()
    return path


def copy_of(seeded: Path, path: Path) -> Iterator[Stores]:
    """Its copy, while it is used."""
    shutil.copy(seeded, path)
    engine = engine_of(f"sqlite:///{path}")
    yield Stores(engine)
    engine.dispose()


def person(store: Store, username: str) -> Person:
    found = store.staff.person(username, NOW)
    assert found is not None
    return found


def sound(name: str = "a", language: str = "vi", seconds: int = 10) -> Rendered:
    clip = Clip((name.encode().hex() * 64)[:64], language, seconds * SECOND, 30_000)
    return Rendered(clip, Provenance("recording"), Loudness(-16, -2))


def compose(
    store: Store,
    start: int = NOW + HOUR,
    targets: tuple[str, ...] = ("xa-02647",),
    mode: Mode = Mode.once,
    **more: object,
) -> str:
    sounds = {"vi": sound(str(more.get("sound", "a")))}
    variants = tuple(DraftVariant(tag, "Mời họp", "mời họp", "") for tag in sounds)
    klass = more.get("klass", BroadcastClass.ordinary)
    recurrence = None if mode in (Mode.now, Mode.stored) else more.get("recurrence", Once(start))
    draft = Draft("Họp", "an-ninh", klass, variants, targets, mode, recurrence, *ANSWERED)  # type: ignore[arg-type]
    author = person(store, str(more.get("who", "bientap")))
    basis = more.get("basis", bulletins.NEW)
    return bulletins.compose(store, author, draft, sounds, NOW, new_id, basis)  # type: ignore[arg-type]


def approve(store: Store, broadcast: str, who: str = "pheduyet", at: int = NOW) -> None:
    """By its text, as somebody without a loudspeaker of their own would."""
    leader = person(store, who)
    seal = bulletins.page(store, leader, broadcast).seal
    bulletins.approve(store, leader, broadcast, seal, at, by_text=BY_TEXT)


def communes(store: Store) -> tuple[str, ...]:
    return tuple(a.id for a in store.areas.below(["/tinh-lao-cai/"], "commune") if a.name in seed.SAMPLE_HAMLETS)


def on_air(stores: Stores, start: int = NOW + HOUR, **more: object) -> str:
    with stores.open() as store:
        broadcast = compose(store, start, communes(store), **more)  # type: ignore[arg-type]
        approve(store, broadcast)
        programmes.bring_up_to_date(store, NOW)
    return broadcast


def playback(occurrence: str, sequence: int, outcome: Outcome = Outcome.played) -> Playback:
    return Playback(sequence, occurrence, "ps", "bt", NOW + HOUR, outcome, started=NOW + HOUR, sounded_ms=9, due_ms=9)

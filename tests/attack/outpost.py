"""One loudspeaker as it hears the broker: the real runner, journal, clip store and key ring in a folder; a link, a card and
a clock that tests hold.

Imported by the tests of this folder.
"""

import hashlib
from collections.abc import Callable
from pathlib import Path

import msgspec

from audio.clip import Clip
from device_agent import actions as do
from device_agent import events, timekeeping
from device_agent.clip_store import ClipStore
from device_agent.heads import Heads
from device_agent.journal import Journal
from device_agent.key_ring import KeyRing
from device_agent.ports import Parts
from device_agent.runner import Arrived, Runner
from device_agent.timekeeping import Reading, Timekeeping
from schedules import wire
from schedules.clock import HOUR, MINUTE, MonoMs, Now
from schedules.playback import Outcome, Playback
from tests.unit.device.stage import KEY, SIX

CONTENT = b"a sound as it was approved " * 50
CLIP = Clip(hashlib.sha256(CONTENT).hexdigest(), "vi", 20_000, len(CONTENT))


class HeldClock:
    """Set by the network; it moves only when a test says so."""

    def __init__(self) -> None:
        self.system, self.mono = SIX - HOUR, 1_000_000
        self.keeping = Timekeeping()

    def now(self) -> Now:
        return timekeeping.now(self.keeping, Reading(self.system, self.mono, True, 10, False))

    def ask(self) -> tuple[str, MonoMs]:
        nonce = f"nonce-{self.mono}"
        self.keeping = msgspec.structs.replace(self.keeping, question=nonce, asked=self.mono)
        return nonce, self.mono

    def learn(self, answer: wire.TimeAnswer) -> None:
        self.keeping = timekeeping.learnt(self.keeping, answer, self.mono)


class HeldLink:
    """Keeps what is published."""

    def __init__(self) -> None:
        self.published: list[tuple[wire.Route, bytes]] = []

    def start(
        self, on_linked: Callable[[], None], on_unlinked: Callable[[], None], on_message: Callable[[str, bytes], None]
    ) -> None:
        return None

    def stop(self) -> None:
        return None

    def publish(self, route: wire.Route, payload: bytes) -> None:
        self.published.append((route, payload))

    def listen(self, topics: list[str]) -> None:
        return None


class HeldCard:
    """Keeps what is placed."""

    def __init__(self) -> None:
        self.placed: list[do.PlaceSound] = []

    def start(self, announce: Callable[[events.Event], None]) -> None:
        return None

    def stop(self) -> None:
        return None

    def place(self, sound: do.PlaceSound) -> None:
        self.placed.append(sound)

    def cancel(self, occurrence: str) -> None:
        return None

    def fault(self) -> str:
        return ""

    def follow(self) -> None:
        return None


class Outpost:
    """Booted, linked, with one report on its way that nobody has acknowledged."""

    def __init__(self, folder: Path) -> None:
        self.clock, self.link, self.card = HeldClock(), HeldLink(), HeldCard()
        self.journal = Journal(folder / "journal.db", lambda: "j1")
        self.journal.remember(SIX - 2 * HOUR)
        self.journal.close(Playback(1, "cu@1", "cu", "cu", SIX - 9 * HOUR, Outcome.played))
        self.store, self.heads = ClipStore(folder / "clips", lambda _source, target, _ms: target.touch()), Heads()
        parts = Parts(
            device="loa-1",
            keys=(KEY.public,),
            keys_revision=0,
            key_ring=KeyRing(folder),
            version="1",
            clock=self.clock,
            journal=self.journal,
            store=self.store,
            heads=self.heads,
            run="r1",
            link=self.link,
            speaker=self.card,
            log_step=lambda _event, _now, _step: None,
            alive=lambda: None,
        )
        self.runner = Runner(parts)
        self.runner._advance(self.runner._booted())
        self.runner._advance(events.Linked())

    def close(self) -> None:
        """No thread and no file stays open."""
        self.runner._workshop.shutdown()
        self.journal.shut()

    def hear(self, topic: str, payload: bytes) -> None:
        """A message from the broker, and whatever is done about it in the workshop."""
        self.runner._inbox.put(Arrived(topic, payload))
        self.runner._turn()
        self.runner._workshop.submit(lambda: None).result(10)
        while not self.runner._inbox._things.empty():
            self.runner._turn()

    def later(self, hours: int = 12) -> None:
        """So much time passes, minute by minute where something is due."""
        for _ in range(hours * 4):
            self.clock.system += 15 * MINUTE
            self.clock.mono += 15 * MINUTE
            self.runner._advance(events.TimePassed())

    @property
    def refused(self) -> int:
        """How many messages it has refused, whatever the cause."""
        return sum(self.runner._state.held.refused.values())

    @property
    def report(self) -> bytes:
        """What it reported last."""
        return [payload for route, payload in self.link.published if route is wire.REPORT][-1]

    def fingerprint(self) -> dict[str, object]:
        """All that a word of the server may change, in memory and on the card."""
        state, held = self.runner._state, self.runner._state.held
        return {
            "assignment": held.assignment and held.assignment.revision,
            "programmes": {area: p.revision for area, p in held.programmes.items()},
            "alerts": {area: a.revision for area, a in held.alerts.items()},
            "keys": (held.keys_revision, held.keys),
            "reports": tuple(p.sequence for p in self.journal.unacknowledged),
            "settled": tuple(sorted(state.plays.settled)),
            "time": (self.clock.keeping.offset, self.clock.keeping.bound_ms),
            "clips": self.store.whole(),
            "partial": self.store.partial(),
            "heads": self.heads.of(CLIP.sha256),
            "placed": tuple(self.card.placed),
            "card": (self.journal.assignment, self.journal.programmes, self.journal.alerts),
        }

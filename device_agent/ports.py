"""The ports of one loudspeaker: what the runner needs of the shells around it.

Imported by the runner, the composition root and tests.
"""

from collections.abc import Callable
from typing import Protocol

import msgspec

from device_agent import actions as do
from device_agent import events
from device_agent.clip_store import ClipStore
from device_agent.heads import Heads
from device_agent.identity import Identity
from device_agent.journal import Journal
from device_agent.key_ring import KeyRing
from device_agent.state import Step
from schedules import wire
from schedules.clock import MonoMs, Now
from schedules.vitals import Vitals


class Clock(Protocol):
    """What the runner needs of a clock."""

    def now(self) -> Now:
        """The time, with its trust."""

    def ask(self) -> tuple[str, MonoMs]:
        """A nonce for a question to the server, and when it is asked."""

    def learn(self, answer: wire.TimeAnswer) -> None:
        """Take the server's answer."""


class Link(Protocol):
    """What the runner needs of the link to the broker."""

    def start(
        self,
        on_linked: Callable[[], None],
        on_unlinked: Callable[[], None],
        on_message: Callable[[str, bytes], None],
    ) -> None:
        """Begin to connect."""

    def stop(self) -> None:
        """Leave."""

    def publish(self, route: wire.Route, payload: bytes) -> None:
        """Send on this device's own topic of a kind."""

    def listen(self, topics: list[str]) -> None:
        """Be subscribed to exactly these."""


class Speaker(Protocol):
    """What the runner needs of the sound card."""

    def start(self, announce: Callable[[events.Event], None]) -> None:
        """Begin; every sound is announced from now on."""

    def stop(self) -> None:
        """Silence, and leave the card."""

    def place(self, sound: do.PlaceSound) -> None:
        """Let this sound."""

    def cancel(self, occurrence: str) -> None:
        """Stop this."""

    def follow(self) -> None:
        """The clock may know the time better than when it was placed: what sounds follows slowly."""

    def fault(self) -> str:
        """What is wrong with the card; empty while it is well."""


class Parts(msgspec.Struct, frozen=True):
    """The shells around one loudspeaker. `keys`: what its enrolment says of the signing keys, by the word of
    `keys_revision`; `log_step(event, now, step)` keeps the step log; `alive()` is called at
    least every `LOOK_EVERY`; `run` is a name that no other run has; `identity`: None where the
    broker knows no certificates; `vitals()` measures the box."""

    device: str
    keys: tuple[bytes, ...]
    keys_revision: int
    key_ring: KeyRing
    version: str
    clock: Clock
    journal: Journal
    store: ClipStore
    heads: Heads
    run: str
    link: Link
    speaker: Speaker
    log_step: Callable[[events.Event, Now, Step], None]
    alive: Callable[[], None]
    identity: Identity | None = None
    vitals: Callable[[], Vitals] = Vitals

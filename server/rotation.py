"""A change of signing keys: which loudspeakers know which key, and whether the old one may go. Pure.

Imported by the commands, the pages and tests.

A loudspeaker that has not heard of the next key when the old one goes will refuse every word from then on, and must be
enrolled anew: somebody climbs a mountain. So the old key goes when all have acknowledged the next, or when a person
has named those that are left behind.
"""

from collections.abc import Iterable, Mapping

import msgspec

from schedules.clock import UtcMs
from schedules.signing import key_id_of
from server.readiness import Heard


class Knowing(msgspec.Struct, frozen=True):
    """Which signing keys a loudspeaker last said that it takes (ids in hex, newest first), and when; nothing and None
    from one that has never said so."""

    device: str
    keys: tuple[str, ...] = ()
    said_at: UtcMs | None = None


def who_knows(devices: Iterable[str], heard: Mapping[str, Heard]) -> tuple[Knowing, ...]:
    """In the order of the devices."""
    return tuple(
        Knowing(device, found.status.keys, found.received_at) if (found := heard.get(device)) else Knowing(device)
        for device in devices
    )


def left_behind(knowing: Iterable[Knowing], newest: bytes) -> tuple[Knowing, ...]:
    """Those that would refuse every word if this public key alone held."""
    return tuple(each for each in knowing if key_id_of(newest).hex() not in each.keys)

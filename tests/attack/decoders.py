"""Every decoder of the product that reads what came from outside, with good inputs to begin from.

Imported by the tests of this folder. Each takes bytes and may raise only what it says it raises (`may_raise`).
"""

import secrets
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

import msgspec

from audio.sound_file import HEAD_BYTES, kind_of
from device_agent import events, loudspeaker
from device_agent.settings import SettingsError, read_enrolment
from device_agent.state import State
from schedules import wire
from schedules.alert import Alert, Head, contents_inside, unpack
from schedules.assignment import Assignment
from schedules.blocks import BlockRange, split_run
from schedules.clock import DAY, HOUR, MINUTE
from schedules.programme import BroadcastClass, Programme
from schedules.signing import seal, trusted_by
from server.auditing import verify_export
from tests.attack.headquarters import BareDesk, Headquarters
from tests.unit.device.stage import KEY, PATH, SIX, Stage, clip, slot
from tests.unit.device.test_attacker import assignment, programme

GOLDEN = Path(__file__).parents[1] / "unit" / "schedules" / "golden"
TRUSTED = trusted_by([KEY.public])
SEALED: tuple[type, ...] = (Programme, Assignment, Alert, wire.TimeAnswer, wire.Ack, wire.Keys)
PLAIN: tuple[type, ...] = (wire.Status, wire.Want, wire.Report, wire.AlertAck, wire.TimeQuestion)

Decoder = Callable[[bytes], object]


class Target(NamedTuple):
    """A decoder, inputs that it understands, and how many to make of them. `may_raise`: what is an answer of it."""

    read: Decoder
    seeds: tuple[bytes, ...]
    times: int
    may_raise: tuple[type[Exception], ...] = ()


def _golden(kind: type) -> bytes:
    return (GOLDEN / f"{kind.__name__}-1.json").read_bytes().strip()


ALERT = Alert(
    "xa-1",
    99,
    SIX,
    SIX + HOUR,
    (slot("lu", SIX, BroadcastClass.emergency),),
    ("sang@1",),
    (Head("0" * 64, 5, "1" * 64),),
)
WORDS: dict[type, tuple[bytes, ...]] = {
    **{kind: (_golden(kind),) for kind in (wire.Status, wire.Report, wire.TimeQuestion)},
    wire.Want: (_golden(wire.Want), wire.encode(wire.Want(clip("a").sha256, (BlockRange(0, 1),)))),
    wire.AlertAck: (wire.encode(wire.AlertAck("xa-1", 7)),),
    Programme: (_golden(Programme), wire.encode(programme("xa-1", 50, "a", "b", "c"))),
    Assignment: (_golden(Assignment), wire.encode(assignment("loa-1", 60, *PATH[:-1]))),
    Alert: (wire.encode(ALERT),),
    wire.TimeAnswer: (_golden(wire.TimeAnswer),),
    wire.Ack: (_golden(wire.Ack), wire.encode(wire.Ack("j1", 3, "r", "loa-1", "0" * 32))),
    wire.Keys: (wire.encode(wire.Keys(5, SIX, (KEY.public, secrets.token_bytes(32)))),),
}
TOPICS: dict[type, str] = {
    Programme: wire.PROGRAMME.topic("xa-1"),
    Assignment: wire.ASSIGNMENT.topic("loa-1"),
    wire.Ack: wire.ACK.topic("loa-1"),
    wire.Keys: wire.KEYS.topic(),
}
ENROLMENT = b'{"device":"loa-1","broker":"mqtt://h:1883","signing_keys":["' + b"A" * 43 + b'="],"keys_revision":1}'
EXPORT = (
    b'{"line":{"number":1,"at":5,"staff":"a","role":"","area":"","act":"x","subject":"y","before":"","after":"",'
    b'"address":"","device":"","previous":"' + b"0" * 64 + b'","hash":"' + b"1" * 64 + b'"}}\n'
    b'{"day":{"day":"2026-12-04","number":1,"hash":"1","public":"AAAA","envelope":"AAAA"}}\n{"end":[1,"x"]}\n'
)


def targets(folder: Path) -> dict[str, Target]:
    """All of them, by name."""
    desk = BareDesk()
    desk.programmes["xa-1"] = programme("xa-1", 50, "a")
    core, server = _Core(), Headquarters(folder, desk)
    enrolment = folder / "enrolment.json"

    def read_file(payload: bytes) -> object:
        enrolment.write_bytes(payload)
        return read_enrolment(enrolment)

    found = {f"plain {kind.__name__}": Target(_plain(kind), WORDS[kind], 3_500) for kind in (*PLAIN, *SEALED)}
    found |= {f"envelope {k.__name__}": Target(_opened(k), _envelopes(k), 2_500) for k in SEALED}
    found |= {f"sealed {kind.__name__}": Target(_sealed(kind), WORDS[kind], 1_500) for kind in SEALED}
    found |= {f"core {kind.__name__}": Target(core.takes(kind), WORDS[kind], 2_000) for kind in TOPICS}
    found |= {f"core envelope {k.__name__}": Target(core.hears(TOPICS[k]), _envelopes(k), 800) for k in TOPICS}
    found |= {
        f"server {kind.__name__}": Target(server.hears(route), WORDS[kind], 2_500)
        for kind, route in zip(
            PLAIN, (wire.STATUS, wire.WANT, wire.REPORT, wire.ALERT_ACK, wire.TIME_QUESTION), strict=True
        )
    }
    topics = tuple(topic.encode() for topic in (*TOPICS.values(), wire.BLOCK.topic("0" * 64, 12)))
    return found | {
        "core alert": Target(core.alerted, (b"".join((b"\0\0\1\0", _envelopes(Alert)[0], b"sound")),), 1_500),
        "alert packing": Target(_unpacked, (wire.seal_alert(ALERT, [b"sound"], KEY),), 5_000),
        "repair": Target(_repair, ((GOLDEN / "RepairBlock-1.block").read_bytes(),), 4_000),
        "blocks": Target(lambda payload: split_run(0, payload), (b"x" * 70_000,), 1_000),
        "topics": Target(_topics, topics, 6_000),
        "server topics": Target(server.hears_anywhere, topics, 2_000),
        "enrolment": Target(read_file, (ENROLMENT,), 3_000, (SettingsError,)),
        "audit export": Target(_verified, (EXPORT,), 4_000, (msgspec.DecodeError,)),
        "kind of sound": Target(
            lambda payload: kind_of(payload[:HEAD_BYTES]), (b"OggS" + bytes(60), b"RIFF" * 9), 3_000
        ),
    }


def _plain(kind: type) -> Decoder:
    return lambda payload: wire.decode(kind, payload)


def _opened(kind: type) -> Decoder:
    return lambda payload: wire.unseal_message(kind, payload, TRUSTED)


def _sealed(kind: type) -> Decoder:
    """As if the server itself had said it: what is rightly signed must be understood, or refused, as well."""
    return lambda payload: wire.unseal_message(kind, seal(kind.__name__, payload, KEY), TRUSTED)


def _envelopes(kind: type) -> tuple[bytes, ...]:
    return tuple(seal(kind.__name__, word, KEY) for word in WORDS[kind])


def _unpacked(payload: bytes) -> Mapping[str, bytes]:
    envelope, behind = unpack(payload)
    alert = wire.unseal_message(Alert, envelope, TRUSTED)
    return contents_inside(alert if isinstance(alert, Alert) else ALERT, behind)


def _repair(payload: bytes) -> object:
    repair = wire.decode_repair(payload)
    return repair and wire.encode_repair(repair)


def _topics(payload: bytes) -> object:
    topic = payload.decode("utf-8", "replace")
    routes = (wire.PROGRAMME, wire.ALERT, wire.ASSIGNMENT, wire.BLOCK, wire.KEYS, wire.STATUS)
    return wire.block_parts(topic), [route.parts(topic) for route in routes], wire.is_identifier(topic)


def _verified(payload: bytes) -> object:
    lines: Iterable[bytes] = payload.splitlines()
    return verify_export(lines)


class _Core:
    """A loudspeaker that holds a programme, and hears each input as if it were the first one."""

    def __init__(self) -> None:
        stage = Stage(SIX)
        stage.ready(slot("sang", SIX + MINUTE), slot("trua", SIX + 5 * HOUR))
        stage.happen(events.Linked())
        self._stage = stage
        self._state: State = stage.state

    def hears(self, topic: str) -> Decoder:
        """As it came."""

        def hear(payload: bytes) -> object:
            return self._happens(events.MessageArrived(topic, payload))

        return hear

    def takes(self, kind: type) -> Decoder:
        """Sealed by the server's key."""

        def take(payload: bytes) -> object:
            return self._happens(events.MessageArrived(TOPICS[kind], seal(kind.__name__, payload, KEY)))

        return take

    def alerted(self, payload: bytes) -> object:
        """As an alert, its own envelope or one that is rightly sealed."""
        envelope, behind = unpack(payload)
        self._happens(events.AlertArrived("xa-1", envelope, (), len(behind)))
        return self._happens(events.AlertArrived("xa-1", seal("Alert", payload, KEY), ("0" * 64,), 5))

    def _happens(self, event: events.Event) -> object:
        now = self._stage.now
        step = loudspeaker.advance(self._state, event, now)
        later = msgspec.structs.replace(now, utc=now.utc + DAY, mono=now.mono + DAY)
        return loudspeaker.advance(step.state, events.TimePassed(), later)

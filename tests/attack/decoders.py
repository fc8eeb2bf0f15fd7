"""Every decoder of the product that reads what came from outside, with good inputs to begin from.

Imported by the tests of this folder. Each takes bytes and may raise only what it says it raises (`may_raise`).
"""

import base64
import re
import secrets
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from audio.sound_file import HEAD_BYTES, kind_of
from device_agent import enrol_command, events, loudspeaker
from device_agent.enrol_command import NotEnrolled
from device_agent.identity import certificate_in, certified, key_in
from device_agent.settings import SettingsError, read_enrolment
from device_agent.state import State
from schedules import claim_code, wire
from schedules.alert import Alert, Head, contents_inside, unpack
from schedules.assignment import Assignment
from schedules.blocks import BlockRange, split_run
from schedules.clock import DAY, HOUR, MINUTE
from schedules.enrolling import Claim, Enrolled, Turned
from schedules.programme import BroadcastClass, Programme
from schedules.signing import seal, trusted_by
from server.auditing import verify_export
from server.certificates import request_of
from tests.attack.certified import KEYS
from tests.attack.headquarters import BareDesk, Headquarters
from tests.unit.device.stage import KEY, PATH, SIX, Stage, clip, slot
from tests.unit.device.test_attacker import assignment, programme

GOLDEN = Path(__file__).parents[1] / "unit" / "schedules" / "golden"
TRUSTED = trusted_by([KEY.public])
SEALED: tuple[type, ...] = (Programme, Assignment, Alert, wire.TimeAnswer, wire.Ack, wire.Keys, wire.Certificate)
PLAIN: tuple[type, ...] = (wire.Status, wire.Want, wire.Report, wire.AlertAck, wire.TimeQuestion, wire.Renewal)
DOOR: tuple[type, ...] = (Claim, Enrolled, Turned)

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
CERTIFICATE, AUTHORITY = re.findall(r"-+BEGIN [^\0]*?-+END .*\n", (Path(__file__).parent / "certified.crt").read_text())
"""Of a loudspeaker, and of who made it: signatures are never twice the same, and each input must be made again."""
RENEWAL = wire.decode(wire.Renewal, _golden(wire.Renewal)) or wire.Renewal(b"")
FIRST = assignment("loa-1", 60, *PATH[:-1])
ENROLLED = Enrolled("loa-1", CERTIFICATE, AUTHORITY, "mqtts://h:8883", (KEY.public,), 1, wire.seal_message(FIRST, KEY))
WORDS: dict[type, tuple[bytes, ...]] = {
    **{kind: (_golden(kind),) for kind in (wire.Status, wire.Report, wire.TimeQuestion, wire.Renewal)},
    wire.Want: (_golden(wire.Want), wire.encode(wire.Want(clip("a").sha256, (BlockRange(0, 1),)))),
    wire.AlertAck: (wire.encode(wire.AlertAck("xa-1", 7)),),
    Programme: (_golden(Programme), wire.encode(programme("xa-1", 50, "a", "b", "c"))),
    Assignment: (_golden(Assignment), wire.encode(assignment("loa-1", 60, *PATH[:-1]))),
    Alert: (wire.encode(ALERT),),
    wire.TimeAnswer: (_golden(wire.TimeAnswer),),
    wire.Ack: (_golden(wire.Ack), wire.encode(wire.Ack("j1", 3, "r", "loa-1", "0" * 32))),
    wire.Certificate: (_golden(wire.Certificate), wire.encode(wire.Certificate("loa-1", CERTIFICATE.encode()))),
    Claim: (wire.encode(Claim("k7qm2xpd", RENEWAL.request.decode(), "SN-1")),),
    Enrolled: (wire.encode(ENROLLED),),
    Turned: (wire.encode(Turned("too_many")),),
    wire.Keys: (wire.encode(wire.Keys(5, SIX, (KEY.public, secrets.token_bytes(32)))),),
}
TOPICS: dict[type, str] = {
    Programme: wire.PROGRAMME.topic("xa-1"),
    Assignment: wire.ASSIGNMENT.topic("loa-1"),
    wire.Ack: wire.ACK.topic("loa-1"),
    wire.Keys: wire.KEYS.topic(),
}
ENROLMENT = b'{"device":"loa-1","broker":"mqtt://h:1883","signing_keys":["' + b"A" * 43 + b'="],"keys_revision":1}'
CODE = claim_code.written(claim_code.Code("k7qm2xpd", "0123456789")).encode()
EXPORT = (
    b'{"line":{"number":1,"at":5,"staff":"a","role":"","area":"","act":"x","subject":"y","before":"","after":"",'
    b'"address":"","device":"","previous":"' + b"0" * 64 + b'","hash":"' + b"1" * 64 + b'"}}\n'
    b'{"day":{"day":"2026-12-04","number":1,"hash":"1","public":"AAAA","envelope":"AAAA"}}\n{"end":[1,"x"]}\n'
)


def targets(folder: Path) -> dict[str, Target]:
    """All of them, by name."""
    desk = BareDesk(folder)
    desk.programmes["xa-1"] = programme("xa-1", 50, "a")
    core, server = _Core(), Headquarters(folder, desk)
    enrolment = folder / "enrolment.json"

    def read_file(payload: bytes) -> object:
        enrolment.write_bytes(payload)
        return read_enrolment(enrolment)

    found = {f"plain {kind.__name__}": Target(_plain(kind), WORDS[kind], 3_500) for kind in (*PLAIN, *SEALED, *DOOR)}
    found |= {f"envelope {k.__name__}": Target(_opened(k), _envelopes(k), 2_500) for k in SEALED}
    found |= {f"sealed {kind.__name__}": Target(_sealed(kind), WORDS[kind], 1_500) for kind in SEALED}
    found |= {f"core {kind.__name__}": Target(core.takes(kind), WORDS[kind], 2_000) for kind in TOPICS}
    found |= {f"core envelope {k.__name__}": Target(core.hears(TOPICS[k]), _envelopes(k), 800) for k in TOPICS}
    found |= {
        f"server {kind.__name__}": Target(server.hears(route), WORDS[kind], 2_500)
        for kind, route in zip(
            PLAIN, (wire.STATUS, wire.WANT, wire.REPORT, wire.ALERT_ACK, wire.TIME_QUESTION, wire.RENEW), strict=True
        )
    }
    found |= _certifying(server)
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


def _certifying(server: Headquarters) -> dict[str, Target]:
    """What is read of certificates, of requests for them, and of what a loudspeaker and its server say when it is
    enrolled. DER is changed inside of its armour: a changed armour is hardly ever opened."""
    asking, key = x509.load_pem_x509_csr(RENEWAL.request), KEYS["loa-1"]
    authority = certificate_in(AUTHORITY.encode())
    [name] = asking.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    request, held = (
        (asking.public_bytes(Encoding.DER),),
        (certificate_in(CERTIFICATE.encode()).public_bytes(Encoding.DER),),
    )
    own = (key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()),)

    def renews(payload: bytes) -> object:
        if not server.desk.store.issued:
            server.desk.enrolled("loa-1", asking.public_key())  # type: ignore[arg-type]
        said = len(server.gateway.said)
        server.hear(wire.RENEW.topic("loa-1"), wire.encode(wire.Renewal(_armoured("CERTIFICATE REQUEST", payload))))
        return len(server.gateway.said) - said

    def enrolled(payload: bytes) -> object:
        found = wire.decode(Enrolled, payload)
        return found and enrol_command._check(found, key, authority)

    def is_taken(payload: bytes) -> object:
        return certified(_armoured("CERTIFICATE", payload), key, "loa-1", authority)

    return {
        "request": Target(lambda pem: request_of(pem, str(name.value)), (RENEWAL.request,), 2_000),
        "request inside": Target(renews, request, 3_000),
        "certificate": Target(certificate_in, (CERTIFICATE.encode(), AUTHORITY.encode()), 2_000, (ValueError,)),
        "certificate inside": Target(is_taken, held, 6_000),
        "key inside": Target(lambda payload: key_in(_armoured("PRIVATE KEY", payload)), own, 2_000, (ValueError,)),
        "enrolled": Target(enrolled, WORDS[Enrolled], 3_000, (NotEnrolled,)),
        "claim code": Target(lambda typed: claim_code.read(typed.decode("utf-8", "replace")), (CODE,), 3_000),
    }


def _armoured(kind: str, content: bytes) -> bytes:
    return f"-----BEGIN {kind}-----\n{base64.encodebytes(content).decode()}-----END {kind}-----\n".encode()


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

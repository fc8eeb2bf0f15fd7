"""How each topic of the wire is attacked: good words, stale ones, and words for others, in one table.

Imported by the tests of this folder.
"""

import itertools
from collections.abc import Callable
from typing import NamedTuple

import msgspec
from cryptography.hazmat.primitives.asymmetric import ec

from audio.clip import Clip
from schedules import wire
from schedules.alert import Alert, Head
from schedules.assignment import Assignment
from schedules.blocks import BlockRange
from schedules.clock import DAY, HOUR, MINUTE
from schedules.programme import BroadcastClass, Programme
from schedules.signing import SigningKey, seal
from server.authority import Authority
from server.certificates import DEVICE_LASTS
from tests.attack.certified import FOREIGN_KEY, KEYS, name_of, renewal
from tests.attack.outpost import CLIP, CONTENT, Outpost
from tests.unit.device.stage import KEY, PATH, SIX, slot

ROUTES = {name: route for name, route in vars(wire).items() if isinstance(route, wire.Route)}
STRANGER, NEXT = SigningKey(b"stranger-stranger-stranger-stran"), SigningKey(b"next-next-next-next-next-next-ne")
POSITIONS = 40
"""Places at which a message is cut or changed, spread over its length."""
NOW = SIX - HOUR
OTHER = Clip("d" * 64, "vi", 20_000, 90_000)


def programme(revision: int, *names: str, area: str = "xa-1", **more: int) -> Programme:
    slots = tuple(slot(name, SIX + n * HOUR, clips=(CLIP,)) for n, name in enumerate(names, 1))
    return msgspec.structs.replace(Programme(area, revision, NOW, NOW + 14 * DAY, slots, 0), **more)


def assignment(revision: int, device: str = "loa-1", path: tuple[str, ...] = PATH[:-1]) -> Assignment:
    return Assignment(device, revision, NOW, NOW + 400 * DAY, (*path, device), ("vi",), None)


def alert(revision: int, name: str, area: str = "xa-1", clip: Clip = CLIP) -> Alert:
    slots = (slot(name, NOW, BroadcastClass.emergency, clips=(clip,)),)
    return Alert(area, revision, NOW, NOW + 2 * HOUR, slots, (), (Head(clip.sha256, len(CONTENT), CLIP.sha256),))


def answer(post: Outpost, device: str = "loa-1", nonce: str = "") -> wire.TimeAnswer:
    nonce = nonce or post.clock.keeping.question
    return wire.TimeAnswer(device, nonce, post.clock.mono, NOW + 3 * MINUTE)


def ack(post: Outpost, device: str = "loa-1", report: str = "") -> wire.Ack:
    return wire.Ack("j1", 1, "r1", device, report or wire.digest_of(post.report))


def certificate(
    post: Outpost,
    days: int,
    *,
    to: str = "loa-1",
    names: str = "loa-1",
    key: ec.EllipticCurvePrivateKey = KEYS["loa-1"],
    by: Authority | None = None,
) -> wire.Certificate:
    """One that was made so many days after the one that the loudspeaker has."""
    made = (by or post.authority).device(names, key.public_key(), NOW + days * DAY)
    return wire.Certificate(to, made.pem.encode())


def others_certificates(post: Outpost) -> list[tuple[str, "Word"]]:
    """Each of them later than the one that the loudspeaker has, but for the last two."""
    namesake = Authority(post.identity.file.parent / "namesake", itertools.count(1).__next__)
    stranger = Authority(post.identity.file.parent / "stranger")
    own_name = name_of("loa-1", KEYS["loa-1"])
    in_its_name = post.authority.client(own_name, FOREIGN_KEY.public_key(), NOW + 90 * DAY)
    found = [
        certificate(post, 90, to="loa-2", names="loa-2", key=KEYS["loa-2"]),
        certificate(post, 90, to="loa-2"),
        certificate(post, 90, names="loa-2"),
        certificate(post, 90, key=FOREIGN_KEY),
        wire.Certificate("loa-1", in_its_name.pem.encode()),
        certificate(post, 90, by=namesake),
        certificate(post, 90, by=stranger),
        wire.Certificate("loa-1", post.authority.pem(NOW).encode()),
        certificate(post, -2 * DEVICE_LASTS // DAY),
        wire.Certificate("loa-1", b"-----BEGIN CERTIFICATE-----"),
    ]
    return [(CERTIFICATE(device), word) for word in found for device in {"loa-1", word.device}]


Word = Programme | Assignment | Alert | wire.Ack | wire.TimeAnswer | wire.Keys | wire.Certificate
Words = Callable[[Outpost], list[tuple[str, Word]]]


class Line(NamedTuple):
    """How a signed route to loudspeakers is attacked. `good`: the word that holds now; `stale`: words of the same route
    that were rightly said before, and must change nothing once the good one is there; `foreign`: rightly signed words
    for others, each with the topic that they are said on; `newer`: one that outdoes the good one. `counts`: whether the
    refusal is counted: an answer about the time, and a certificate, are asked for again and again until one fits, and
    nobody counts those that do not."""

    kind: type
    topic: str
    good: Callable[[Outpost], Word]
    stale: Words
    foreign: Words
    newer: Callable[[Outpost], Word]
    counts: bool = True


P, A, L = (route.topic for route in (wire.PROGRAMME, wire.ASSIGNMENT, wire.ALERT))
ACK, TIME, CERTIFICATE = wire.ACK.topic, wire.TIME_ANSWER.topic, wire.CERTIFICATE.topic
SIGNED: dict[str, Line] = {
    "PROGRAMME": Line(
        Programme,
        P("xa-1"),
        lambda _: programme(21, "moi"),
        lambda _: [(P("xa-1"), programme(20, "da-rut")), (P("xa-1"), programme(1, "xua"))],
        lambda _: [
            (P("xa-1"), programme(90, "noi-khac", area="xa-2")),
            (P("xa-2"), programme(90, "noi-khac", area="xa-2")),
            (P("thon-1"), programme(90, "moi")),
            (P("xa-1"), programme(90, "het", expires_at=NOW - 1)),
            (P("xa-1"), programme(90, "mai", issued_at=NOW + DAY)),
        ],
        lambda _: programme(22, "moi-hon"),
    ),
    "ASSIGNMENT": Line(
        Assignment,
        A("loa-1"),
        lambda _: assignment(11),
        lambda _: [(A("loa-1"), assignment(10, path=("tinh", "xa-9"))), (A("loa-1"), assignment(1))],
        lambda _: [(A("loa-1"), assignment(90, "loa-2")), (A("loa-2"), assignment(90, "loa-2")), (A("loa-2"), assignment(90))],
        lambda _: assignment(12),
    ),
    "ALERT": Line(
        Alert,
        L("xa-1"),
        lambda _: alert(21, "lu"),
        lambda _: [(L("xa-1"), alert(19, "lu-cu"))],
        lambda _: [(L("xa-1"), alert(90, "noi-khac", "xa-2", OTHER)), (L("xa-2"), alert(90, "o", "xa-2", OTHER)), (L("thon-1"), alert(90, "lu", clip=OTHER))],
        lambda _: alert(22, "lu-nua"),
    ),
    "ACK": Line(
        wire.Ack,
        ACK("loa-1"),
        ack,
        lambda post: [(ACK("loa-1"), ack(post, report="0" * 32))],
        lambda post: [(ACK("loa-1"), ack(post, "loa-2")), (ACK("loa-2"), ack(post)), (ACK("loa-1"), ack(post, report="f" * 32))],
        ack,
    ),
    "TIME_ANSWER": Line(
        wire.TimeAnswer,
        TIME("loa-1"),
        answer,
        lambda post: [(TIME("loa-1"), answer(post, nonce="nonce-of-before"))],
        lambda post: [(TIME("loa-1"), answer(post, "loa-2")), (TIME("loa-1"), answer(post, nonce="another"))],
        answer,
        counts=False,
    ),
    "CERTIFICATE": Line(
        wire.Certificate,
        CERTIFICATE("loa-1"),
        lambda post: certificate(post, 10),
        lambda post: [(CERTIFICATE("loa-1"), certificate(post, days)) for days in (9, 0, -1)],
        others_certificates,
        lambda post: certificate(post, 20),
        counts=False,
    ),
    "KEYS": Line(
        wire.Keys,
        wire.KEYS.topic(),
        lambda _: wire.Keys(5, NOW, (NEXT.public, KEY.public)),
        lambda _: [(wire.KEYS.topic(), wire.Keys(4, NOW, (STRANGER.public, KEY.public)))],
        lambda _: [(wire.KEYS.topic(), wire.Keys(9, NOW, ()))],
        lambda _: wire.Keys(6, NOW, (NEXT.public, KEY.public)),
    ),
}  # fmt: skip
RAW = {
    "BLOCK": (wire.BLOCK.topic(CLIP.sha256, 0), CONTENT),
    "URGENT_BLOCK": (wire.URGENT_BLOCK.topic(CLIP.sha256, 0), CONTENT),
    "REPAIR": (wire.REPAIR.topic("loa-1"), wire.encode_repair(wire.RepairBlock(CLIP.sha256, 0, CONTENT))),
    "URGENT_REPAIR": (
        wire.URGENT_REPAIR.topic("loa-1"),
        wire.encode_repair(wire.RepairBlock(CLIP.sha256, 0, CONTENT)),
    ),
}
"""Bytes of clips carry no signature: the signed programme names their hash."""
FROM_DEVICE = {
    "STATUS": wire.Status(True, "j1", run="r1", trust=wire.ClockTrust.server),
    "WANT": wire.Want(CLIP.sha256, (BlockRange(0, 0),)),
    "REPORT": wire.Report("j1", (), "r1"),
    "ALERT_ACK": wire.AlertAck("xa-1", 21),
    "TIME_QUESTION": wire.TimeQuestion("nonce", 5),
    "RENEW": renewal(),
}


def packed(word: Word, key: SigningKey = KEY, kind: str = "") -> bytes:
    """As it crosses the wire."""
    envelope = seal(kind or type(word).__name__, wire.encode(word), key)
    return len(envelope).to_bytes(4, "big") + envelope + CONTENT if isinstance(word, Alert) else envelope


def signed_bytes(payload: bytes, word: Word) -> int:
    """How much of a message is signed: what lies behind an alert is held against the hashes in it."""
    return len(payload) - (len(CONTENT) if isinstance(word, Alert) else 0)

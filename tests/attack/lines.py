"""How each topic of the wire is attacked: good words, stale ones, and words for others, in one table.

Imported by the tests of this folder.
"""

from collections.abc import Callable
from typing import NamedTuple

import msgspec

from audio.clip import Clip
from schedules import wire
from schedules.alert import Alert, Head
from schedules.assignment import Assignment
from schedules.blocks import BlockRange
from schedules.clock import DAY, HOUR, MINUTE
from schedules.programme import BroadcastClass, Programme
from schedules.signing import SigningKey, seal
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


Word = Programme | Assignment | Alert | wire.Ack | wire.TimeAnswer | wire.Keys
Words = Callable[[Outpost], list[tuple[str, Word]]]


class Line(NamedTuple):
    """How a signed route to loudspeakers is attacked. `good`: the word that holds now; `stale`: words of the same route
    that were rightly said before, and must change nothing once the good one is there; `foreign`: rightly signed words
    for others, each with the topic that they are said on; `newer`: one that outdoes the good one. `counts`: whether the
    refusal is counted: an answer about the time is asked for again and again, and nobody counts those that are late."""

    kind: type
    topic: str
    good: Callable[[Outpost], Word]
    stale: Words
    foreign: Words
    newer: Callable[[Outpost], Word]
    counts: bool = True


P, A, L = (route.topic for route in (wire.PROGRAMME, wire.ASSIGNMENT, wire.ALERT))
ACK, TIME = wire.ACK.topic, wire.TIME_ANSWER.topic
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
    "REPAIR": (wire.REPAIR.topic("loa-1"), wire.encode_repair(wire.RepairBlock(CLIP.sha256, 0, CONTENT))),
}
"""Bytes of clips carry no signature: the signed programme names their hash."""
FROM_DEVICE = {
    "STATUS": wire.Status(True, "j1", run="r1", trust=wire.ClockTrust.server),
    "WANT": wire.Want(CLIP.sha256, (BlockRange(0, 0),)),
    "REPORT": wire.Report("j1", (), "r1"),
    "ALERT_ACK": wire.AlertAck("xa-1", 21),
    "TIME_QUESTION": wire.TimeQuestion("nonce", 5),
}


def packed(word: Word, key: SigningKey = KEY, kind: str = "") -> bytes:
    """As it crosses the wire."""
    envelope = seal(kind or type(word).__name__, wire.encode(word), key)
    return len(envelope).to_bytes(4, "big") + envelope + CONTENT if isinstance(word, Alert) else envelope


def signed_bytes(payload: bytes, word: Word) -> int:
    """How much of a message is signed: what lies behind an alert is held against the hashes in it."""
    return len(payload) - (len(CONTENT) if isinstance(word, Alert) else 0)

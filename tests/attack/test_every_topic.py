"""Every topic attacked: said again, elsewhere, out of order, cut, changed by a bit, by another key, as another kind.

Nobody imports this module. The attacker holds the broker. A route that the wire gets and that has no line in these tables
fails; so does an attack on a good word that is none: each good word is first shown to be taken.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import msgspec
import pytest

from audio.clip import Clip
from device_agent import events
from schedules import wire
from schedules.alert import Alert, Head
from schedules.assignment import Assignment
from schedules.blocks import BlockRange
from schedules.clock import DAY, HOUR, MINUTE
from schedules.programme import BroadcastClass, Programme
from schedules.signing import SigningKey, seal, trusted_by
from tests.attack.headquarters import BareDesk, Headquarters
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


@pytest.fixture
def post(tmp_path: Path) -> Iterator[Outpost]:
    """It holds an assignment and a programme; a clip is on its way."""
    post = Outpost(tmp_path)
    post.hear(A("loa-1"), wire.seal_message(assignment(10), KEY))
    post.hear(P("xa-1"), wire.seal_message(programme(20, "sang"), KEY))
    yield post
    post.close()


def packed(word: Word, key: SigningKey = KEY, kind: str = "") -> bytes:
    """As it crosses the wire."""
    envelope = seal(kind or type(word).__name__, wire.encode(word), key)
    return len(envelope).to_bytes(4, "big") + envelope + CONTENT if isinstance(word, Alert) else envelope


def signed_bytes(payload: bytes, word: Word) -> int:
    """How much of a message is signed: what lies behind an alert is held against the hashes in it."""
    return len(payload) - (len(CONTENT) if isinstance(word, Alert) else 0)


def nothing_came_of_it(post: Outpost, line: Line, topic: str, payload: bytes) -> None:
    before, refused = post.fingerprint(), post.refused
    post.hear(topic, payload)
    assert post.fingerprint() == before
    if line.counts and topic == line.topic:
        assert post.refused == refused + 1


def test_every_route_has_a_line() -> None:
    assert SIGNED.keys() | RAW.keys() | FROM_DEVICE.keys() == ROUTES.keys()
    assert {ROUTES[name] for name in FROM_DEVICE} == {*wire.FROM_DEVICES, wire.REPORT}


each_signed = pytest.mark.parametrize("name", SIGNED)


@each_signed
def test_the_good_word_is_taken(post: Outpost, name: str) -> None:
    line, before = SIGNED[name], post.fingerprint()
    post.hear(line.topic, packed(line.good(post)))
    assert post.fingerprint() != before
    assert post.refused == 0


@each_signed
def test_replayed_and_reordered(post: Outpost, name: str) -> None:
    line = SIGNED[name]
    good, stale = line.good(post), line.stale(post)
    newer = line.newer(post)
    post.hear(line.topic, packed(good))
    for topic, word in [*stale, (line.topic, good)]:
        before = post.fingerprint()
        post.hear(topic, packed(word))
        assert post.fingerprint() == before, word
    signer = NEXT if isinstance(newer, wire.Keys) else KEY
    post.hear(line.topic, packed(newer, signer))
    for topic, word in [*stale, (line.topic, good)]:
        before = post.fingerprint()
        post.hear(topic, packed(word))
        assert post.fingerprint() == before, word


@each_signed
def test_redirected(post: Outpost, name: str) -> None:
    line = SIGNED[name]
    for topic, word in line.foreign(post):
        before = post.fingerprint()
        post.hear(topic, packed(word))
        assert post.fingerprint() == before, (topic, word)
    assert post.refused > 0 or not line.counts


@each_signed
def test_truncated(post: Outpost, name: str) -> None:
    line = SIGNED[name]
    word = line.good(post)
    whole = packed(word)
    signed = signed_bytes(whole, word)
    for cut in sorted({0, 1, 3, 4, 8, 75, 76, signed - 1, *range(0, signed, max(1, signed // POSITIONS))}):
        nothing_came_of_it(post, line, line.topic, whole[:cut])


@each_signed
def test_bit_flipped(post: Outpost, name: str) -> None:
    line = SIGNED[name]
    word = line.good(post)
    whole = packed(word)
    signed = signed_bytes(whole, word)
    for at in sorted({0, 3, 4, 11, 12, 75, signed - 1, *range(0, signed, max(1, signed // POSITIONS))}):
        nothing_came_of_it(post, line, line.topic, whole[:at] + bytes([whole[at] ^ 1 << at % 8]) + whole[at + 1 :])


@each_signed
def test_forged_by_another_key(post: Outpost, name: str) -> None:
    line = SIGNED[name]
    for word in (line.good(post), line.newer(post)):
        nothing_came_of_it(post, line, line.topic, packed(word, STRANGER))
        claimed = bytearray(packed(word, STRANGER))
        at = claimed.index(b"LB1S") + 4
        claimed[at : at + 8] = KEY.key_id  # under the name of the right one
        nothing_came_of_it(post, line, line.topic, bytes(claimed))


@each_signed
def test_of_another_kind(post: Outpost, name: str) -> None:
    line = SIGNED[name]
    word = line.good(post)
    for other in SIGNED.values():
        if other is not line:
            nothing_came_of_it(post, line, line.topic, packed(other.good(post)))
            nothing_came_of_it(post, line, line.topic, packed(word, kind=other.kind.__name__))


def test_after_all_that_nothing_has_sounded_and_nothing_is_forgotten(post: Outpost) -> None:
    """One attack after the other on one loudspeaker; then its day passes."""
    before = post.fingerprint()
    for line in SIGNED.values():
        for word in (line.good(post), line.newer(post)):
            post.hear(line.topic, packed(word, STRANGER))
            post.hear(line.topic, packed(word)[: -len(CONTENT) - 9 or None])
        for topic, word in line.foreign(post):
            post.hear(topic, packed(word))
    assert post.fingerprint() == before
    assert post.refused > len(SIGNED)
    post.later()
    assert post.card.placed == []
    assert [p.sequence for p in post.journal.unacknowledged if p.occurrence == "cu@1"] == [1]
    status = wire.decode(wire.Status, [payload for route, payload in post.link.published if route is wire.STATUS][-1])
    assert status is not None
    assert sum(status.refused.values()) == post.refused, "the counters tell the server"


@pytest.mark.parametrize("name", RAW)
def test_a_good_block_is_taken_and_sounds(post: Outpost, name: str) -> None:
    topic, payload = RAW[name]
    post.hear(topic, payload)
    assert post.store.whole() == (CLIP.sha256,)
    post.later()
    assert [placed.occurrence.partition("@")[0] for placed in post.card.placed] == ["sang"]


@pytest.mark.parametrize("name", RAW)
def test_a_block_that_was_changed_is_refused_when_the_clip_is_whole(post: Outpost, name: str) -> None:
    topic, payload = RAW[name]
    for at in range(len(payload) - len(CONTENT), len(payload), len(CONTENT) // 8):
        refused = post.refused
        post.hear(topic, payload[:at] + bytes([payload[at] ^ 4]) + payload[at + 1 :])
        assert post.store.whole() == ()
        assert post.refused == refused + 1
    post.later()
    assert post.card.placed == []


@pytest.mark.parametrize("name", RAW)
def test_a_block_that_is_cut_or_for_another_clip_is_nothing(post: Outpost, name: str) -> None:
    topic, payload = RAW[name]
    for cut in (0, 1, 31, 35, 36, len(payload) // 2, len(payload) - 1):
        post.hear(topic, payload[:cut])
    post.hear(wire.BLOCK.topic("e" * 64, 0), CONTENT)
    post.hear(wire.BLOCK.topic(CLIP.sha256, 7), CONTENT)
    post.hear(wire.REPAIR.topic("loa-1"), wire.encode_repair(wire.RepairBlock("e" * 64, 0, CONTENT)))
    assert post.store.whole() == ()
    assert post.store.partial() == {}
    post.hear(topic, payload)
    assert post.store.whole() == (CLIP.sha256,)
    before = post.fingerprint()
    post.hear(topic, payload[:-9] + b"otherwise")
    assert post.fingerprint() == before, "what is whole stays as it is"


def test_a_changed_beginning_behind_a_good_alert_does_not_sound(post: Outpost) -> None:
    good = packed(alert(21, "lu"))
    for tail in (CONTENT[:-9] + b"otherwise", CONTENT[: len(CONTENT) // 2], b""):
        post.hear(L("xa-1"), good[: -len(CONTENT)] + tail)
        assert post.heads.of(CLIP.sha256) is None
        assert post.card.placed == []
    post.hear(L("xa-1"), good)
    assert [placed.occurrence.partition("@")[0] for placed in post.card.placed] == ["lu"]


# the server's end


@pytest.fixture
def server(tmp_path: Path) -> Headquarters:
    desk = BareDesk()
    desk.programmes["xa-1"] = programme(20, "sang")
    desk.assignments["loa-1"] = assignment(10)
    found = Headquarters(tmp_path / "server", desk)
    found.gateway._look()
    return found


each_from_device = pytest.mark.parametrize("name", FROM_DEVICE)


def outcome(server: Headquarters) -> tuple[int, int, int]:
    """What was answered, filed, and not heeded."""
    return len(server.gateway.said), len(server.pigeonhole.letters), server.unheeded


def only_answers(server: Headquarters, said_before: int, device: str) -> None:
    """Whatever came of it went to this loudspeaker alone, and is none of the server's words for areas."""
    for topic, _ in server.gateway.said[said_before:]:
        route = next(r for r in ROUTES.values() if r.parts(topic) is not None)
        assert route in (wire.TIME_ANSWER, wire.REPAIR, wire.BLOCK), topic
        assert route is wire.BLOCK or route.parts(topic) == (device,)


@each_from_device
def test_what_a_loudspeaker_says_is_heeded(server: Headquarters, name: str) -> None:
    said, filed, unheeded = outcome(server)
    server.hear(ROUTES[name].topic("loa-1"), wire.encode(FROM_DEVICE[name]))
    found = outcome(server)
    assert found[2] == unheeded + (name == "REPORT"), "the desk of this test files no report, and says so"
    assert (found[1] > filed) == (name in ("STATUS", "REPORT"))
    assert (found[0] > said) == (name == "TIME_QUESTION")


@each_from_device
def test_said_by_an_attacker_it_moves_no_revision_and_makes_nobody_sound(server: Headquarters, name: str) -> None:
    """It carries no signature: replayed, redirected, cut or changed, it may be believed of the one in whose name it is
    said, and of nobody else; what the server says to areas is never touched."""
    payload, before = wire.encode(FROM_DEVICE[name]), server.gateway._state
    step = max(1, len(payload) // POSITIONS)
    changed = [
        payload[:at] + bytes([payload[at] ^ 1 << at % 8]) + payload[at + 1 :] for at in range(0, len(payload), step)
    ]
    others = [wire.encode(word) for word in FROM_DEVICE.values()]
    cut = [payload[:at] for at in range(0, len(payload), step)]
    sealed = [
        packed(line.good(None)) for key, line in SIGNED.items() if key in ("PROGRAMME", "ASSIGNMENT", "ALERT", "KEYS")
    ]  # type: ignore[arg-type]
    for attack in [payload, payload, *cut, *changed, *others, *sealed]:
        for device in ("loa-1", "loa-2", "khong-co"):
            said = len(server.gateway.said)
            server.hear(ROUTES[name].topic(device), attack)
            if said < 150:
                only_answers(server, said, device)
    after = server.gateway._state
    assert (after.programmes, after.assignments, after.desired) == (
        before.programmes,
        before.assignments,
        before.desired,
    )


@each_from_device
def test_what_is_cut_is_not_heeded_and_counted(server: Headquarters, name: str) -> None:
    payload = wire.encode(FROM_DEVICE[name])
    for cut in range(0, len(payload), max(1, len(payload) // POSITIONS)):
        before = server.unheeded
        server.hear(ROUTES[name].topic("loa-1"), payload[:cut])
        assert server.unheeded == before + 1, payload[:cut]


@each_from_device
@pytest.mark.parametrize("device", ["", "+", "#", "../x", "LOA", "a" * 64, "loa 1", "loa\0"])
def test_nobody_speaks_under_a_name_that_is_none(server: Headquarters, name: str, device: str) -> None:
    said, filed, unheeded = outcome(server)
    server.hear(ROUTES[name].topic(device), wire.encode(FROM_DEVICE[name]))
    assert outcome(server) == (said, filed, unheeded + 1)


@pytest.mark.parametrize("name", ["PROGRAMME", "ASSIGNMENT", "KEYS"])
def test_who_speaks_in_the_servers_place_is_overheard(server: Headquarters, name: str) -> None:
    """And the server will say its own word again; its own echo is nothing new."""
    line, state = SIGNED[name], server.gateway._state
    echo = next(((t, p) for t, p in server.gateway.said if t == line.topic), None)
    if echo is not None:
        server.hear(*echo)
        assert server.gateway._state == state
    said = len(server.gateway.said)
    server.hear(line.topic, packed(line.good(None), STRANGER))  # type: ignore[arg-type]
    if name == "KEYS":
        assert server.gateway._keys_again_at is not None
    else:
        [(topic, own)] = server.gateway.said[said:]
        word = wire.unseal_message(line.kind, own, trusted_by(server.gateway._signing.holding))
        assert (topic, word) == (line.topic, {"PROGRAMME": programme(20, "sang"), "ASSIGNMENT": assignment(10)}[name])
    assert server.unheeded == 0


def test_the_kept_words_alone_bring_a_loudspeaker_back(post: Outpost, tmp_path: Path) -> None:
    """After all refusals, a restart from the same card knows the same, and nothing else."""
    for line in SIGNED.values():
        post.hear(line.topic, packed(line.newer(post), STRANGER))
    kept = post.fingerprint()
    booted = post.runner._booted()
    assert booted.assignment == post.journal.assignment
    again = Outpost(tmp_path / "again")
    again.runner._advance(msgspec.structs.replace(booted, run="r2"))
    again.runner._advance(events.TimePassed())
    held = again.runner._state.held
    assert held.assignment is not None
    assert (held.assignment.revision, {a: p.revision for a, p in held.programmes.items()}, held.keys) == (
        kept["assignment"], kept["programmes"], (KEY.public,)
    )  # fmt: skip
    again.close()

"""Every topic attacked: said again, elsewhere, out of order, cut, changed by a bit, by another key, as another kind.

Nobody imports this module. The attacker holds the broker. A route that the wire gets and that has no line in these tables
fails; so does an attack on a good word that is none: each good word is first shown to be taken.
"""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from device_agent import events
from schedules import wire
from tests.attack.lines import (
    FROM_DEVICE,
    NEXT,
    POSITIONS,
    RAW,
    ROUTES,
    SIGNED,
    STRANGER,
    A,
    L,
    Line,
    P,
    alert,
    assignment,
    packed,
    programme,
    signed_bytes,
)
from tests.attack.outpost import CLIP, CONTENT, Outpost
from tests.unit.device.stage import KEY


@pytest.fixture
def post(tmp_path: Path) -> Iterator[Outpost]:
    """It holds an assignment and a programme; a clip is on its way."""
    post = Outpost(tmp_path)
    post.hear(A("loa-1"), wire.seal_message(assignment(10), KEY))
    post.hear(P("xa-1"), wire.seal_message(programme(20, "sang"), KEY))
    yield post
    post.close()


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

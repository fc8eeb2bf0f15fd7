"""Tests of the wire: every message survives it, nobody else's passes, and it can grow.

Nobody imports this module.
"""

import itertools
import zlib
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schedules import signing, wire
from schedules.assignment import Assignment
from schedules.blocks import (
    BLOCK_BYTES,
    BlockRange,
    block_count,
    block_length,
    indices_of,
    missing_of,
    ranges_of,
)
from schedules.playback import Outcome, Playback
from schedules.programme import BroadcastClass, Programme
from tests.unit.schedules.shapes import assignments, names, playbacks, programmes

KEY = signing.SigningKey(b"a" * 32)
OTHER = signing.SigningKey(b"b" * 32)
TRUSTED = {KEY.key_id: KEY.public}
GOLDEN = Path(__file__).parent / "golden"


@given(programmes)
def test_a_programme_survives(programme: Programme) -> None:
    assert wire.unseal_message(Programme, wire.seal_message(programme, KEY), TRUSTED) == programme


@given(assignments)
def test_an_assignment_survives(assignment: Assignment) -> None:
    assert wire.unseal_message(Assignment, wire.seal_message(assignment, KEY), TRUSTED) == assignment


@given(st.lists(playbacks, max_size=4), st.text(max_size=12))
def test_a_report_survives(found: list[Playback], journal: str) -> None:
    report = wire.Report(journal, tuple(found))
    assert wire.decode(wire.Report, wire.encode(report)) == report


@given(names, st.integers(0, 2**32 - 1), st.binary(max_size=200))
def test_a_repair_block_survives(clip: str, index: int, content: bytes) -> None:
    repair = wire.RepairBlock(clip, index, content)
    assert wire.decode_repair(wire.encode_repair(repair)) == repair


@given(st.binary(max_size=300))
def test_garbage_is_nothing(garbage: bytes) -> None:
    for kind in (wire.Report, wire.Status, wire.Want, wire.TimeQuestion, wire.Ack):
        assert wire.decode(kind, b"{" + garbage) is None
    assert isinstance(wire.unseal_message(Programme, garbage, TRUSTED), signing.Refusal)


@given(st.data())
def test_one_changed_byte_is_refused(data: st.DataObject) -> None:
    envelope = wire.seal_message(Programme("xa-1", 1, 2, 3, ()), KEY)
    at = data.draw(st.integers(0, len(envelope) - 1))
    changed = bytearray(envelope)
    changed[at] ^= data.draw(st.integers(1, 255))
    assert isinstance(wire.unseal_message(Programme, bytes(changed), TRUSTED), signing.Refusal)


def test_another_key_another_kind_and_a_bomb_are_refused() -> None:
    programme = Programme("xa-1", 1, 2, 3, ())
    assert wire.unseal_message(Programme, wire.seal_message(programme, OTHER), TRUSTED) is signing.Refusal.unknown_key
    sealed = wire.seal_message(programme, KEY)
    assert wire.unseal_message(Assignment, sealed, TRUSTED) is signing.Refusal.bad_signature
    packed = zlib.compress(bytes(signing.LARGEST_BODY + 1))
    signature = KEY.sign(b"Programme\0" + packed)
    bomb = b"LB1S" + KEY.key_id + signature + packed
    assert wire.unseal_message(Programme, bomb, TRUSTED) is signing.Refusal.too_large


def test_a_field_of_tomorrow_is_ignored_and_a_word_of_tomorrow_is_unknown() -> None:
    body = (
        b'{"sequence":1,"occurrence":"a@1","broadcast":"a","bulletin":"b","planned":1,"outcome":"sung","mood":"glad"}'
    )
    playback = wire.decode(Playback, body)
    assert playback is not None
    assert playback.outcome is Outcome.unknown
    slot = b'{"occurrence":"a@1","broadcast":"a","bulletin":"b","title":"t","broadcast_class":"royal","authority":1,"start":1,"useful_until":2,"clips":[]}'
    programme = wire.decode(
        Programme, b'{"area":"x","revision":1,"issued_at":1,"expires_at":2,"slots":[' + slot + b"]}"
    )
    assert programme is not None
    assert programme.slots[0].broadcast_class is BroadcastClass.unknown


@pytest.mark.parametrize("path", sorted(GOLDEN.glob("*.json")), ids=lambda path: path.stem)
def test_what_was_once_on_the_wire_is_understood_for_ever(path: Path) -> None:
    kinds = (wire.Status, wire.Want, wire.Report, wire.Ack, wire.TimeQuestion, wire.TimeAnswer, Programme, Assignment)
    kinds += (wire.Renewal, wire.Certificate)
    kind = next(k for k in kinds if k.__name__ == path.stem.partition("-")[0])
    content = path.read_bytes().strip()
    message = wire.decode(kind, content)
    assert message is not None
    assert says_all(msgspec.json.decode(wire.encode(message)), msgspec.json.decode(content))


def says_all(now: Any, before: Any) -> bool:
    """Whether nothing is lost of what was said; fields added since may stand beside it, at any depth."""
    if isinstance(before, dict):
        return all(name in now and says_all(now[name], value) for name, value in before.items())
    if isinstance(before, list):
        return len(now) == len(before) and all(says_all(n, b) for n, b in zip(now, before, strict=True))
    return bool(now == before)


def test_what_is_lost_of_a_message_would_be_seen() -> None:
    assert says_all({"a": [{"b": 1, "c": ""}]}, {"a": [{"b": 1}]})
    for now in ({"a": [{"b": 2}]}, {"a": [{}]}, {"a": []}, {}):
        assert not says_all(now, {"a": [{"b": 1}]})


def test_there_is_a_golden_file_of_every_message() -> None:
    assert {path.stem.partition("-")[0] for path in GOLDEN.glob("*.json")} == {
        "Status", "Want", "Report", "Ack", "TimeQuestion", "TimeAnswer", "Programme", "Assignment",
        "Renewal", "Certificate",
    }  # fmt: skip


@pytest.mark.parametrize(
    "kind", [Programme, Assignment, wire.TimeAnswer, wire.Certificate], ids=lambda kind: kind.__name__
)
def test_a_golden_envelope_still_opens_to_the_same_message(kind: type) -> None:
    sealed, plain = (
        (GOLDEN / f"{kind.__name__}-1.sealed").read_bytes(),
        (GOLDEN / f"{kind.__name__}-1.json").read_bytes(),
    )
    found = wire.unseal_message(kind, sealed, TRUSTED)
    assert not isinstance(found, signing.Refusal)
    assert found == wire.decode(kind, plain)


def test_a_golden_repair_block_is_read_and_written_the_same() -> None:
    payload = (GOLDEN / "RepairBlock-1.block").read_bytes()
    assert wire.decode_repair(payload) == wire.RepairBlock("ab" * 32, 258, b"OggS sample")
    assert wire.encode_repair(wire.RepairBlock("ab" * 32, 258, b"OggS sample")) == payload


def test_topics_are_built_and_read_back() -> None:
    topic = wire.PROGRAMME.topic("xa-1")
    assert topic == "loaban/1/area/xa-1/programme"
    assert wire.PROGRAMME.parts(topic) == ("xa-1",)
    assert wire.PROGRAMME.parts("loaban/2/area/xa-1/programme") is None
    assert wire.STATUS.parts(topic) is None
    assert wire.block_parts(wire.BLOCK.topic("a" * 64, 7)) == ("a" * 64, 7)
    assert wire.block_parts(wire.URGENT_BLOCK.topic("a" * 64, 7)) == ("a" * 64, 7)
    assert wire.block_parts(wire.BLOCK.topic("../../etc", 7)) is None
    assert wire.block_parts(wire.BLOCK.topic("a" * 64, "-1")) is None


@pytest.mark.parametrize("name", ["", "a/b", "#", "+", "../x", "A", "a" * 64, "xã"])
def test_what_could_break_a_topic_is_no_identifier(name: str) -> None:
    assert not wire.is_identifier(name)


@given(st.sets(st.integers(0, 500)))
def test_ranges_hold_exactly_their_blocks(indices: set[int]) -> None:
    ranges = ranges_of(indices)
    assert indices_of(ranges, 501) == indices
    assert all(b.first > a.last + 1 for a, b in itertools.pairwise(ranges))


@given(st.integers(0, 40 * BLOCK_BYTES), st.sets(st.integers(0, 60)))
def test_there_and_missing_are_the_whole(size: int, there: set[int]) -> None:
    count = block_count(size)
    missing = indices_of(missing_of(there, size), count)
    assert missing == set(range(count)) - there
    assert sum(block_length(size, i) for i in range(count)) == size


def test_a_hostile_range_costs_nothing() -> None:
    assert indices_of([BlockRange(-(2**60), 2**60)], 3) == {0, 1, 2}

"""Tests of the alert on the wire: it opens as it was sealed, and no byte of its sound can be changed on the way.

Nobody imports this module.
"""

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from audio.clip import Clip, name_of
from schedules import wire
from schedules.alert import (
    LARGEST_INSIDE,
    Alert,
    bytes_inside,
    contents_inside,
    head_of,
    unpack,
    urgent_slots,
    with_alert,
)
from schedules.blocks import BLOCK_BYTES
from schedules.clock import HOUR, MINUTE
from schedules.programme import BroadcastClass, Programme, Slot
from schedules.signing import SigningKey, trusted_by
from tests.unit.schedules.shapes import MIDNIGHT, clips, slot_lists

KEY = SigningKey(bytes(range(32)))
TRUSTED = trusted_by([KEY.public])


@given(st.lists(st.binary(min_size=1, max_size=500), max_size=4), slot_lists)
def test_it_opens_as_it_was_sealed(contents: list[bytes], slots: list) -> None:
    heads = tuple(head_of(f"{n:064x}", content) for n, content in enumerate(contents))
    alert = Alert("xa-1", 7, MIDNIGHT, MIDNIGHT + HOUR, tuple(slots), ("a@1",), heads)
    envelope, behind = unpack(wire.seal_alert(alert, contents, KEY))
    assert wire.unseal_message(Alert, envelope, TRUSTED) == alert
    assert contents_inside(alert, behind) == {head.clip: c for head, c in zip(heads, contents, strict=True)}


def test_a_whole_clip_that_is_not_what_its_name_says_is_no_beginning_of_it_nor_is_nothing() -> None:
    content, other = b"what was approved", b"what some one put!"
    clip = Clip(name_of([content]), "vi", 1_000, len(content))
    slot = Slot("a@1", "a", "b", "", BroadcastClass.emergency, 0, 1, 2, (clip,))
    for inside, heard in ((content, True), (other[: len(content)], False), (b"", False)):
        alert = Alert("xa-1", 7, 0, 9, (slot,), (), (head_of(clip.sha256, inside),))
        assert (clip.sha256 in contents_inside(alert, inside)) is heard


@given(st.data(), st.lists(st.binary(min_size=1, max_size=300), min_size=1, max_size=3))
def test_a_byte_that_was_changed_or_lost_on_the_way_is_never_heard(data: st.DataObject, contents: list[bytes]) -> None:
    alert = Alert("xa-1", 7, 0, 9, (), (), tuple(head_of(f"{n:064x}", c) for n, c in enumerate(contents)))
    payload = bytearray(wire.seal_alert(alert, contents, KEY))
    at = data.draw(st.integers(0, len(payload) - 1))
    if data.draw(st.booleans()):
        payload[at] ^= data.draw(st.integers(1, 255))
    else:
        del payload[at:]
    envelope, behind = unpack(bytes(payload))
    found = wire.unseal_message(Alert, envelope, TRUSTED)
    sealed = {f"{n:064x}": content for n, content in enumerate(contents)}
    if isinstance(found, Alert):
        assert found == alert
        heard = contents_inside(found, behind)
        assert len(heard) < len(sealed)
        assert all(sealed[name] == content for name, content in heard.items())


@given(st.lists(clips, max_size=30, unique_by=lambda c: c.sha256), st.integers(0, LARGEST_INSIDE))
def test_what_is_inside_fits_and_every_language_can_begin(found: list[Clip], room: int) -> None:
    inside = bytes_inside(found, room)
    sizes = {clip.sha256: clip.size for clip in found}
    assert sum(inside.values()) <= room
    assert all(0 < size <= sizes[name] for name, size in inside.items() if sizes[name])
    assert all(size == sizes[name] or size % BLOCK_BYTES == 0 for name, size in inside.items())
    if sum(sizes.values()) <= room:
        assert inside == sizes
    elif len(sizes) * BLOCK_BYTES <= room:
        assert inside.keys() == sizes.keys()
        assert room - sum(inside.values()) < BLOCK_BYTES, "room is left that could begin to sound"


def test_only_an_emergency_whose_time_has_come_is_urgent() -> None:
    def slot(name: str, klass: BroadcastClass, ahead: int, useful: int) -> object:
        return {
            "occurrence": name, "broadcast": name, "bulletin": name, "title": name, "broadcast_class": klass.value,
            "authority": 1, "start": MIDNIGHT + ahead, "useful_until": MIDNIGHT + useful, "clips": (),
        }  # fmt: skip

    listed = [
        slot("now", BroadcastClass.emergency, 1_000, HOUR),
        slot("later", BroadcastClass.emergency, HOUR, 2 * HOUR),
        slot("over", BroadcastClass.emergency, -HOUR, -MINUTE),
        slot("priority", BroadcastClass.priority, 0, HOUR),
    ]
    programme = msgspec.convert(
        {"area": "xa-1", "revision": 1, "issued_at": 0, "expires_at": 9, "slots": listed}, Programme
    )
    assert [s.occurrence for s in urgent_slots(programme, MIDNIGHT)] == ["now"]


@given(slot_lists, slot_lists)
def test_a_programme_with_an_alert_says_what_its_next_revision_says(held: list, fresh: list) -> None:
    before = Programme("xa-1", 3, 10, 100, tuple(held), since=5)
    gone = tuple(slot.occurrence for slot in held[: len(held) // 2])
    alert = Alert("xa-1", 4, 20, 90, tuple(fresh), gone)
    known = with_alert(before, alert)
    there = {slot.occurrence: slot for slot in known.slots}
    assert len(there) == len(known.slots)
    assert all(there[slot.occurrence] == slot for slot in fresh)
    assert not set(gone) - {slot.occurrence for slot in fresh} & there.keys() or set(gone) & there.keys() <= {
        slot.occurrence for slot in fresh
    }
    assert (known.revision, known.issued_at, known.since, known.expires_at) == (4, 20, 5, 100)
    assert with_alert(None, alert).slots == tuple(fresh)

"""Tests of what the bench's crowd makes of MQTT bytes.

Nobody imports this module.
"""

import struct

from hypothesis import given
from hypothesis import strategies as st

from tests.bench.bad_fetch import Messages
from tests.bench.crowd import PUBLISH, Head, head_of, packet, text


def published(topic: str, content: bytes, mid: int = 0) -> bytes:
    body = text(topic) + (struct.pack(">H", mid) if mid else b"") + b"\0" + content
    return packet(PUBLISH, 2 if mid else 0, body)


@given(st.text("abc/", min_size=1, max_size=80), st.integers(0, 40_000), st.integers(0, 65_535))
def test_the_head_of_a_message_is_read_and_never_guessed(topic: str, size: int, mid: int) -> None:
    message = published(topic, bytes(size), mid)
    head = head_of(message)
    assert head == Head(PUBLISH, len(message) - size, size, mid)
    assert all(head_of(message[:n]) is None for n in range(head.length))


@given(st.lists(st.integers(0, 3_000), min_size=1, max_size=5), st.data())
def test_what_a_cut_left_unfinished_is_counted_however_the_bytes_come(sizes: list[int], data: st.DataObject) -> None:
    whole = b"".join(published("clip/a/1", bytes(size), 7) for size in sizes)
    last = len(published("clip/a/1", bytes(sizes[-1]), 7))
    kept = data.draw(st.integers(1, last - 1)) if last > 1 else 1
    stream = whole[: len(whole) - last + kept]
    messages = Messages()
    at = 0
    while at < len(stream):
        step = data.draw(st.integers(1, 2_000))
        messages(1, stream[at : at + step])
        at += step
    assert messages.unfinished == kept
    messages(2, whole)
    assert messages.unfinished == kept

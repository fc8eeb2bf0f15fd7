"""Tests of the inbox: a flood waits at the door, and what this machine says itself never does.

Nobody imports this module.
"""

import queue
import threading

import pytest

from device_agent.inbox import ROOM_BYTES, Inbox
from tests.waiting import eventually

LARGE = ROOM_BYTES // 2


def test_a_flood_is_read_no_faster_than_it_is_dealt_with() -> None:
    inbox: Inbox[int] = Inbox()
    admitted: list[int] = []

    def flood() -> None:
        for number in range(6):
            inbox.admit(number, LARGE)
            admitted.append(number)

    thread = threading.Thread(target=flood, daemon=True)
    thread.start()
    eventually(lambda: admitted == [0, 1], 5, "there is room for two")
    inbox.put(99)
    taken = [inbox.get(1) for _ in range(7)]
    assert sorted(taken) == [0, 1, 2, 3, 4, 5, 99]
    assert [n for n in taken if n != 99] == [0, 1, 2, 3, 4, 5]
    thread.join(5)
    assert not thread.is_alive()
    with pytest.raises(queue.Empty):
        inbox.get(0)


def test_who_waits_at_the_door_is_let_go_when_nobody_reads_any_more() -> None:
    inbox: Inbox[int] = Inbox()
    thread = threading.Thread(target=lambda: [inbox.admit(n, LARGE) for n in range(9)], daemon=True)
    thread.start()
    inbox.shut()
    thread.join(5)
    assert not thread.is_alive()

"""Tests of what happens where several processes work on one database.

Nobody imports this module.
"""

import subprocess
import sys
from pathlib import Path

import pytest

from server.bell import Bell
from server.bell_ringer import BellRinger
from server.occupancy import Occupancy, Occupied
from tests.waiting import eventually

HOLD = """
import sys
from pathlib import Path
from server.occupancy import Occupancy
Occupancy(Path(sys.argv[1])).begin()
print("there", flush=True)
sys.stdin.read()
"""


def test_a_second_server_is_refused_until_the_first_is_gone_however_it_went(tmp_path: Path) -> None:
    pipe = subprocess.PIPE
    first = subprocess.Popen([sys.executable, "-c", HOLD, tmp_path], stdin=pipe, stdout=pipe)
    assert first.stdout is not None
    assert first.stdout.readline() == b"there\n"
    second = Occupancy(tmp_path)
    with pytest.raises(Occupied):
        second.begin()
    first.kill()
    first.wait()
    second.begin()
    second.begin()
    third = Occupancy(tmp_path)
    with pytest.raises(Occupied):
        third.begin()
    second.end()
    third.begin()
    third.end()


def test_what_another_process_did_rings_the_bell_once() -> None:
    done, rung = [1], []
    bell = Bell()
    bell.listen(rung.append)
    ringer = BellRinger(bell, lambda: done[-1], every_s=0.01)
    ringer.start()
    try:
        done.append(2)
        eventually(lambda: rung == ["programmes"], what="the bell")
        done.append(7)
        eventually(lambda: len(rung) == 2, what="the bell again")
    finally:
        ringer.stop()
    assert rung == ["programmes"] * 2


def test_a_database_that_is_away_for_a_moment_silences_no_bell() -> None:
    answers = iter([1, OSError("away"), 2])
    rung: list[str] = []
    bell = Bell()
    bell.listen(rung.append)

    def newest() -> int:
        answer = next(answers, 2)
        if isinstance(answer, Exception):
            raise answer
        return answer

    ringer = BellRinger(bell, newest, every_s=0.01)
    ringer.start()
    try:
        eventually(lambda: rung, what="the bell")
    finally:
        ringer.stop()

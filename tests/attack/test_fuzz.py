"""A hundred thousand inputs for the decoders: none raises what it must not, hangs, or grows memory.

Nobody imports this module. LOABAN_FUZZ_SEED throws other dice, LOABAN_FUZZ_TIMES makes so many times as many inputs; what
fails names the one input, and the command that makes it again.
"""

import gc
import logging
import os
import random
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.attack.decoders import TRUSTED, Target, targets
from tests.attack.mutation import mutated
from tests.contract.house import ROOT

SEED = os.environ.get("LOABAN_FUZZ_SEED", "1")
TIMES = int(os.environ.get("LOABAN_FUZZ_TIMES", "1"))
ONLY = os.environ.get("LOABAN_FUZZ_ONLY", "")
"""`NAME:NUMBER`: this one input."""
LEAST = 100_000
SLOWEST_S = 2.0
"""Of processor time: what takes longer than this hangs. The slowest seen takes a twentieth."""
MOST_GROWTH = 40 * 1024 * 1024
SOUNDS = 1_200

pytestmark = [pytest.mark.timeout(300)]


class Faulty(AssertionError):
    """What a decoder did that it must not do, for which input, and how to see it again."""


def input_of(name: str, number: int, target: Target) -> bytes:
    """Each input has dice of its own, so that it can be made alone."""
    dice = random.Random(f"{SEED}/{name}/{number}")
    return mutated(dice.choice(target.seeds), target.seeds, dice)


def fuzz(name: str, target: Target, numbers: range) -> None:
    """Raises `Faulty`."""
    for number in numbers:
        payload, began = input_of(name, number, target), time.process_time()
        try:
            target.read(payload)
        except target.may_raise:
            pass
        except BaseException as error:  # whatever it is
            raise Faulty(told(name, number, payload, f"raised {type(error).__name__}: {error}")) from error
        if time.process_time() - began > SLOWEST_S:
            raise Faulty(told(name, number, payload, f"took {time.process_time() - began:.1f} s"))


def told(name: str, number: int, payload: bytes, what: str) -> str:
    command = f'LOABAN_FUZZ_SEED={SEED} LOABAN_FUZZ_ONLY="{name}:{number}" ./loaban test -n 0 tests/attack/test_fuzz.py'
    return f"{name} {what}\non {payload[:200]!r}{' …' * (len(payload) > 200)} ({len(payload)} bytes)\nagain: {command}"


def grown() -> int:
    """Bytes that this process has needed at most, so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


@pytest.fixture(autouse=True)
def _silence() -> Iterator[None]:
    """What is not heeded is told in the server's own log; here a hundred thousand times."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


def test_a_hundred_thousand_inputs_crash_hang_and_grow_nothing(tmp_path: Path) -> None:
    every = targets(tmp_path)
    if ONLY:
        name, _, number = ONLY.rpartition(":")
        fuzz(name, every[name], range(int(number), int(number) + 1))
        return
    count = 0
    for name, target in every.items():  # whatever is made once is made now
        fuzz(name, target, range(target.times // 10))
        count += target.times // 10
    gc.collect()
    before = grown()
    for name, target in every.items():
        fuzz(name, target, range(target.times // 10, target.times * TIMES))
        count += target.times * TIMES - target.times // 10
        assert grown() - before < MOST_GROWTH, f"{name}: {grown() - before} bytes more than before"
    assert count >= LEAST, count


def test_damaged_sounds_neither_crash_nor_hang_the_decoder(tmp_path: Path) -> None:
    """In a process of its own: a library in C that fails takes its process with it."""
    whole = tmp_path / "whole.opus"
    tone = ["-f", "lavfi", "-i", "sine=frequency=440:duration=0.4", "-c:a", "libopus", "-ac", "1", "-f", "ogg"]
    subprocess.run(["ffmpeg", "-v", "error", *tone, str(whole)], check=True)
    command = [sys.executable, "-m", "tests.attack.sounds", str(whole), str(tmp_path), SEED, str(SOUNDS * TIMES)]
    found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=240, check=False)
    last = found.stdout.splitlines()[-1:]
    assert found.returncode == 0, (
        f"ended with {found.returncode} after {last}; again: {' '.join(command)}\n{found.stderr}"
    )
    assert last == [f"{SOUNDS * TIMES} sounds"]


@settings(max_examples=400, deadline=None)
@given(st.binary(max_size=600), st.binary(max_size=200))
def test_nor_does_anything_that_begins_well_and_goes_on_anyhow(head: bytes, tail: bytes) -> None:
    for read in READERS:
        for payload in (head + tail, b"LB1S" + next(iter(TRUSTED)) + head + tail, b'{"' + head + b'":' + tail + b"}"):
            read(payload)


READERS = [
    target.read
    for name, target in targets(Path("/nonexistent")).items()
    if name.startswith(("plain", "envelope", "alert packing", "repair", "topics"))
]


def test_what_a_decoder_does_wrong_is_noticed_and_can_be_made_again(tmp_path: Path) -> None:
    plain = targets(tmp_path)["plain Status"]

    def raises_on_depth(payload: bytes) -> object:
        if payload.startswith(b"[[[["):
            raise RecursionError("too deep")
        return plain.read(payload)

    with pytest.raises(Faulty, match=r'LOABAN_FUZZ_ONLY="deep:\d+"') as found:
        fuzz("deep", plain._replace(read=raises_on_depth), range(3_500))
    number = int(str(found.value).split('"deep:')[1].split('"')[0])
    assert input_of("deep", number, plain).startswith(b"[[[[")

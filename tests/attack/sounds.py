"""Feeds damaged sounds to the agent's decoder: as a clip from its card, and as the beginning that an alert carries.

Started by `test_fuzz`, in a process of its own: WHOLE FOLDER SEED TIMES. It says which input it is at, so that a crash
has a name.
"""

import contextlib
import random
import sys
import time
from pathlib import Path

from device_agent.clip_store import ClipFault
from device_agent.decoder import decode
from device_agent.sound.opus import OpusError, OpusStream
from tests.attack.mutation import flipped, overwritten, repeated, spliced, truncated

WAYS = (truncated, flipped, overwritten, spliced, repeated)
SLOWEST_S = 3.0
MOST_FRAMES = 48_000 * 60


def damaged(whole: bytes, seed: str, number: int) -> bytes:
    """One of them."""
    dice = random.Random(f"{seed}/{number}")
    found = whole
    for _ in range(dice.choice((1, 1, 2, 5))):
        found = dice.choice(WAYS)(found, (whole,), dice)
    return found


def main(whole: bytes, folder: Path, seed: str, times: int) -> int:
    """All of them; 1 where one takes too long."""
    source, target = folder / "clip.part", folder / "clip.new"
    for number in range(times):
        content, began = damaged(whole, seed, number), time.process_time()
        if number % 50 == 0:
            print(number, flush=True)
        source.write_bytes(content)
        with contextlib.suppress(ClipFault):
            decode(source, target, 400)
        _stream(content)
        if time.process_time() - began > SLOWEST_S:
            print(f"no. {number} takes {time.process_time() - began:.1f} s")
            return 1
    print(f"{times} sounds")
    return 0


def _stream(content: bytes) -> None:
    try:
        stream = OpusStream(content)
    except OpusError:
        return
    try:
        read = 0
        while (piece := stream.read()) and read < MOST_FRAMES:
            read += len(piece)
    except OpusError:
        pass
    finally:
        stream.close()


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]).read_bytes(), Path(sys.argv[2]), sys.argv[3], int(sys.argv[4])))

"""What an agent holds in memory while it fetches one bulletin and plays another.

Imported by the bench command; `python -m tests.bench.agent_memory` prints the table.
"""

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path

from schedules.clock import SECOND
from tests.bench.busy import resident_mb
from tests.bench.figures import Figure, table
from tests.fault.town import Town
from tests.waiting import eventually

DEVICE = "loa-mau-1"
PLAYED_S, FETCHED_S, FETCHED_KBITS = 45, 600, 64
RESIDENT_MB = 60


def measure(played_s: int = PLAYED_S, fetched_s: int = FETCHED_S) -> Iterator[Figure]:
    """A real agent of a real server, on a file card: 45 s sound while 10 min (4.8 MB) come, are checked and decoded."""
    with tempfile.TemporaryDirectory(prefix="agent-memory-") as folder:
        town = Town(Path(folder))
        try:
            town.open(DEVICE)
            agent = town.agents[DEVICE].pid
            sounding = town.air_tones(town.in_seconds(8), {"vi": played_s * SECOND}, (DEVICE,))
            eventually(lambda: town.status(DEVICE).sounding == sounding, 30, "it sounds")  # type: ignore[union-attr]
            held = [resident_mb(agent)]
            fetched = town.air_tones(town.in_seconds(120), {"vi": fetched_s * SECOND}, (DEVICE,), kbits=FETCHED_KBITS)

            def over() -> bool:
                held.append(resident_mb(agent))
                return bool(town.told(DEVICE, sounding)) and _holds(town, fetched)

            eventually(over, 110, "all has come and sounded")
            tones = len(town.tones(DEVICE))
            log = town.card(DEVICE).with_name(town.card(DEVICE).name + ".jsonl").read_text()
            dry = [line for line in log.splitlines() if json.loads(line)["event"] == "underrun"]
        finally:
            town.close()
    yield Figure("agent fetching and playing, most resident", max(held), "MB", held[0], RESIDENT_MB)
    yield Figure("underruns meanwhile", len(dry) + abs(tones - 1), "", None, 0)


def _holds(town: Town, occurrence: str) -> bool:
    """Whether the loudspeaker knows of an occurrence, and misses nothing."""
    status = town.status(DEVICE)
    programme = town.programme(DEVICE)
    named = any(slot.occurrence == occurrence for slot in programme.slots)
    return named and town.holds(DEVICE, programme.revision) and status is not None and not status.clips_missing


if __name__ == "__main__":
    print(table(measure()))

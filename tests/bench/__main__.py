"""`loaban bench`: speed, exactness and memory, each beside a floor measured in the same run.

Started by the launcher. Figures, never tests: machines are noisy.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

from schedules.clock import HOUR
from tests.bench import (
    agent_memory,
    alert,
    bad_fetch,
    causes,
    cut_in,
    ear,
    exporting,
    fan_out,
    filing,
    one_publish,
    pages,
    phrases,
    planning,
    slow_link,
    sound_start,
    thin_links,
    voices,
    words,
    year,
)
from tests.bench.figures import Figure, table
from tests.waiting import pass_time

_IDLE_S = 20


class Measure(NamedTuple):
    """One family of figures: in the sizes that the promises speak of, and small, to see that it works at all."""

    full: Callable[[], Iterable[Figure]]
    quick: Callable[[], Iterable[Figure]]


def main() -> int:
    """Measure, and print a table; the exit status tells whether every limit was kept."""
    measures = _measures()
    parser = argparse.ArgumentParser(prog="loaban bench")
    parser.add_argument("--quick", action="store_true", help="small sizes: whether it runs, not how fast it is")
    parser.add_argument("--only", choices=measures, nargs="+", default=list(measures), help="these alone")
    parser.add_argument("--skip", choices=measures, nargs="+", default=[], help="all but these")
    given = parser.parse_args()
    figures: list[Figure] = []
    for name in (name for name in given.only if name not in given.skip):
        measured = list(measures[name].quick() if given.quick else measures[name].full())
        print(table(measured), flush=True)
        figures += measured
    broken = [figure.name for figure in figures if not figure.holds]
    print(f"\n{len(figures)} figures; broken: {', '.join(broken) or 'none'}; load {os.getloadavg()[0]:.1f}")
    return 1 if broken else 0


def _measures() -> dict[str, Measure]:
    return {
        "idle": Measure(idle_agent, idle_agent),
        "village": Measure(simulation, simulation),
        "pages": Measure(pages.measure, pages.measure),
        "slow-link": Measure(slow_link.measure, lambda: slow_link.measure(1)),
        "readiness": Measure(pages.readiness, lambda: pages.readiness(10)),
        "voices": Measure(voices.measure, lambda: voices.measure(1, 2)),
        "phrases": Measure(phrases.measure, lambda: phrases.measure(5)),
        "words": Measure(words.measure, lambda: words.measure(2)),
        "export": Measure(exporting.measure, lambda: exporting.measure(2_000, 100)),
        "filing": Measure(filing.measure, lambda: filing.measure(60)),
        "planning": Measure(planning.measure, lambda: planning.measure(60, 3)),
        "year": Measure(year.measure, lambda: year.measure(30_000, 300)),
        "publish": Measure(one_publish.measure, lambda: one_publish.measure(10, 40)),
        "fan-out": Measure(fan_out.measure, lambda: fan_out.measure(20, 1)),
        "alert": Measure(alert.measure, lambda: alert.measure(20, 1)),
        "bad-fetch": Measure(bad_fetch.measure, lambda: bad_fetch.measure(15, 2)),
        "thin-links": Measure(thin_links.measure, lambda: thin_links.measure(100)),
        "causes": Measure(causes.measure, lambda: causes.measure(90, 3, 8, 3 * HOUR)),
        "ear": Measure(ear.measure, lambda: ear.measure(12)),
        "memory": Measure(agent_memory.measure, lambda: agent_memory.measure(8, 20)),
        "cut-in": Measure(lambda: cut_in.measure(cut_in.LONG_MINUTES), lambda: cut_in.measure(0.05, 3)),
        "starts": Measure(lambda: sound_start.measure(33), lambda: sound_start.measure(3)),
    }


def idle_agent() -> Iterable[Figure]:
    """Memory and processor of an agent that waits, beside a bare Python that only imports paho."""
    with tempfile.TemporaryDirectory() as folder:
        enrolment = {"device": "loa-bench", "broker": "mqtt://127.0.0.1:9", "signing_keys": []}
        Path(folder, "enrolment.json").write_text(json.dumps(enrolment))
        agent = [sys.executable, "-m", "device_agent", "--enrolment", f"{folder}/enrolment.json"]
        agent += ["--folder", folder, "--sound-card", f"file:{folder}/card.raw", "--log-level", "ERROR"]
        bare = [sys.executable, "-c", "import paho.mqtt.client, threading; threading.Event().wait()"]
        (rss, share), (floor_rss, floor_share) = _watched(agent), _watched(bare)
    yield Figure("idle agent, resident", rss, "MB", floor_rss, 45)
    yield Figure("idle agent, share of a core", share, "%", floor_share, 1)


def simulation() -> Iterable[Figure]:
    """A thousand loudspeakers for a day."""
    began = time.perf_counter()
    command = [sys.executable, "-m", "tests.village", "--agents", "1000", "--hours", "24"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    took = time.perf_counter() - began
    began = time.perf_counter()
    subprocess.run([sys.executable, "-m", "tests.village", "--help"], check=True, stdout=subprocess.DEVNULL)
    yield Figure("simulate 1000 loudspeakers, 24 h", took, "s", time.perf_counter() - began, 5)


def _watched(command: list[str]) -> tuple[float, float]:
    """Resident megabytes, and per cent of a core over a while of doing nothing."""
    process = subprocess.Popen(command)
    try:
        pass_time(3)
        before, began = _ticks(process.pid), time.monotonic()
        pass_time(_IDLE_S)
        share = (_ticks(process.pid) - before) / os.sysconf("SC_CLK_TCK") / (time.monotonic() - began) * 100
        status = Path(f"/proc/{process.pid}/status").read_text()
        rss = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))
        return rss / 1024, share
    finally:
        process.kill()
        process.wait()


def _ticks(pid: int) -> int:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


if __name__ == "__main__":
    sys.exit(main())

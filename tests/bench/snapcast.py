"""How far apart three Snapcast clients are on the same simulated cards, for comparison.

Imported by the measurement of starts.
"""

import array
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from device_agent.sound.pcm import RATE
from tests.bench.figures import Figure, percentile
from tests.fault.ports import free_ports
from tests.heard import heard
from tests.rig.cards import RigCards
from tests.waiting import pass_time

EVERY_MS, MARKER_MS = 1_200, 300
BUFFER_S = 1.0
"""Snapcast plays so long after what it gets."""
_LEVEL = 20_000


def measure(folder: Path, rig: RigCards, starts: int) -> Iterator[Figure]:
    """One server, three clients, so many markers; nothing, with the reason printed, where it does not run."""
    if shutil.which("snapserver") is None or shutil.which("snapclient") is None:
        print("without Snapcast: apt-get install --no-install-recommends snapserver snapclient", file=sys.stderr)
        return
    for card in rig.cards:
        for file in card.file.parent.glob(card.file.name + "*"):
            file.unlink()
    _play(folder, rig, starts)
    begun = [[stretch.utc_ns / 1e6 for stretch in heard(card.file)] for card in rig.cards]
    if len({len(times) for times in begun}) != 1 or not begun[0]:
        print(f"without Snapcast: its clients sounded {[len(times) for times in begun]} markers", file=sys.stderr)
        return
    skews = [max(together) - min(together) for together in zip(*begun, strict=True)]
    yield Figure("skew of three p95 of Snapcast", percentile(skews, 95), "ms")


def _play(folder: Path, rig: RigCards, starts: int) -> None:
    fifo, [port] = folder / "fifo", free_ports(1)
    os.mkfifo(fifo)
    (folder / "server.conf").write_text(
        f"[server]\ndatadir={folder}\n[http]\nenabled=false\n[tcp]\nenabled=false\n[stream]\nport={port}\n"
        f"bind_to_address=127.0.0.1\ncodec=pcm\nsource=pipe://{fifo}?name=bench&sampleformat={RATE}:16:1\n"
    )
    # It opens only what says that it wants to be seen.
    names = [f"snap{n}" for n, _ in enumerate(rig.cards)]
    entries = [
        f'pcm.{name} {{ type plug slave.pcm "{card.name}" hint {{ show on description "{name}" }} }}'
        for name, card in zip(names, rig.cards, strict=True)
    ]
    configuration = folder / "snapcast-asound.conf"
    configuration.write_text("\n".join([rig.configuration.read_text(), *entries, ""]))
    surroundings = {**os.environ, "ALSA_CONFIG_PATH": str(configuration)}
    client = ["snapclient", "-h", "127.0.0.1", "-p", str(port), "--mixer", "none"]
    commands = [["snapserver", "-c", str(folder / "server.conf")]]
    commands += [[*client, "-s", name, "--hostID", name, "-i", str(n)] for n, name in enumerate(names, 1)]
    with ExitStack() as ending:
        for command in commands:
            process = subprocess.Popen(command, env=surroundings, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            ending.callback(process.wait)
            ending.callback(process.terminate)
            pass_time(0.5)
        marker = array.array("h", [_LEVEL]).tobytes() * (RATE * MARKER_MS // 1000)
        silence = bytes(2 * RATE * (EVERY_MS - MARKER_MS) // 1000)
        markers = folder / "markers.raw"
        markers.write_bytes(bytes(2 * RATE * 2) + (marker + silence) * starts)
        # By a program that can be ended: nobody reads the pipe of a server that did not come up.
        subprocess.run(["cp", str(markers), str(fifo)], check=True, timeout=20 + starts * EVERY_MS / 1000)
        pass_time(BUFFER_S + 2)

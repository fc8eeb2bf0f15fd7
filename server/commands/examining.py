"""`loaban doctor`: what this machine lacks.

A composition root: imported by `server.__main__`.
"""

import argparse
import shutil
from pathlib import Path

from server.commands.written import Commands
from server.console import Console
from server.web.words import N_

NAMES: tuple[str, ...] = ("doctor",)


def describe(commands: Commands) -> None:
    """How it is written."""
    commands.add_parser("doctor")


def run(_given: argparse.Namespace, console: Console) -> int:
    """Look and tell; the exit status."""
    return _doctor(console)


def _doctor(console: Console) -> int:
    missing = [tool for tool in ("ffmpeg", "ffprobe", "espeak-ng") if shutil.which(tool) is None]
    for tool in missing:
        console.warn(
            N_("Missing: %(tool)s. Install it with: sudo apt-get install %(package)s"),
            tool=tool,
            package="ffmpeg" if tool == "ffprobe" else tool,
        )
    congestion = Path("/proc/sys/net/ipv4/tcp_congestion_control")
    if congestion.exists() and congestion.read_text().strip() != "bbr":
        console.say(N_("On the broker's machine, BBR saves a quarter of the time on bad links (see deploy/)."))
    if not missing:
        console.say(N_("Nothing is missing."))
    return 2 if missing else 0

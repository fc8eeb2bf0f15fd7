"""Builds the ALSA plug-in of the rig, and the configuration in which its cards stand. A shell.

Imported by tests and the bench.
"""

import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

SOURCE = Path(__file__).with_name("pcm_fakecard.c")
SYSTEM_CONFIGURATION = Path("/usr/share/alsa/alsa.conf")
HEADER = Path("/usr/include/alsa/pcm_external.h")
APT_LINE = "apt-get install -y --no-install-recommends gcc libc6-dev libasound2-dev alsa-utils"
USB_GRAIN, HEADPHONE_GRAIN = 48, 480
"""In what steps a card shows its position: each millisecond, each ten."""


class RigError(Exception):
    """The rig cannot be built here; the text says what to install, or what the compiler said."""


class RigCard(NamedTuple):
    """One card: its ALSA name, the file of what is written to it (`tests.heard` reads it), how wrong its clock is."""

    name: str
    file: Path
    ppm: float

    @property
    def unplugged(self) -> Path:
        """While this file is there, the card is away."""
        return self.file.with_name(self.file.name + ".unplugged")


class RigCards(NamedTuple):
    """`configuration`: what the environment variable `ALSA_CONFIG_PATH` must name before ALSA is first used."""

    configuration: Path
    cards: tuple[RigCard, ...]

    @property
    def environment(self) -> Mapping[str, str]:
        """To be added to the environment of a process that is to play on these cards."""
        return {"ALSA_CONFIG_PATH": str(self.configuration)}


def lacking() -> str:
    """What keeps the rig from being built, with the line that cures it; empty if nothing does."""
    missing = [name for name, there in _needs().items() if not there]
    return f"the sound card of the rig needs {', '.join(missing)}: {APT_LINE}" if missing else ""


def build(into: Path, ppms: tuple[float, ...] = (0.0, 40.0, -40.0), grain: int = USB_GRAIN) -> RigCards:
    """Compile the plug-in and lay out one card for each deviation. Raises `RigError`."""
    if why := lacking():
        raise RigError(why)
    into.mkdir(parents=True, exist_ok=True)
    plugin = into / "libasound_module_pcm_fakecard.so"
    command = ["gcc", "-shared", "-fPIC", "-O2", "-Wall", "-o", str(plugin), str(SOURCE), "-lasound"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    if done.returncode:
        raise RigError(f"the sound card of the rig does not compile:\n{done.stderr}")
    cards = tuple(RigCard(f"rig{n}", into / f"rig{n}.raw", ppm) for n, ppm in enumerate(ppms))
    configuration = into / "asound.conf"
    entries = [f'pcm.{c.name} {{ type fakecard file "{c.file}" ppm {c.ppm} grain {grain} }}' for c in cards]
    parts = [SYSTEM_CONFIGURATION.read_text(), f'pcm_type.fakecard {{ lib "{plugin}" }}', *entries]
    configuration.write_text("\n".join(parts) + "\n")
    return RigCards(configuration, cards)


def _needs() -> dict[str, bool]:
    return {
        "gcc": shutil.which("gcc") is not None,
        "libasound2-dev": HEADER.exists(),
        "libasound2-data": SYSTEM_CONFIGURATION.exists(),
    }

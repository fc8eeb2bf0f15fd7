"""Builds the ALSA plug-ins of the rig, and the configuration in which its cards and ears stand. A shell.

Imported by tests and the bench.
"""

import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

SOURCES = {"card": Path(__file__).with_name("pcm_fakecard.c"), "ear": Path(__file__).with_name("pcm_fakeear.c")}
SYSTEM_CONFIGURATION = Path("/usr/share/alsa/alsa.conf")
HEADER = Path("/usr/include/alsa/pcm_external.h")
APT_LINE = "apt-get install -y --no-install-recommends gcc libc6-dev libasound2-dev alsa-utils"
EARS = {
    "ear": "delay 180 gain -12 noise -32 ppm 55",
    "dead": "delay 180 gain -90 noise -32 ppm 55",
    "line": "delay 3 gain -6 noise -70 ppm 0",
}
"""What may hear each card (`ear0` hears the first): a microphone in noise about as loud as speech is there, the same
before an amplifier that is dead, and a line back from the amplifier."""
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
    card, ear = (_compiled(source, into / f"libasound_module_pcm_fake{name}.so") for name, source in SOURCES.items())
    cards = tuple(RigCard(f"rig{n}", into / f"rig{n}.raw", ppm) for n, ppm in enumerate(ppms))
    configuration = into / "asound.conf"
    entries = [f'pcm.{c.name} {{ type fakecard file "{c.file}" ppm {c.ppm} grain {grain} }}' for c in cards]
    for n, each in enumerate(cards):
        entries += [f'pcm.{name}{n} {{ type fakeear file "{each.file}" {how} }}' for name, how in EARS.items()]
    types = [f'pcm_type.fakecard {{ lib "{card}" }}', f'pcm_type.fakeear {{ lib "{ear}" }}']
    parts = [SYSTEM_CONFIGURATION.read_text(), *types, *entries]
    configuration.write_text("\n".join(parts) + "\n")
    return RigCards(configuration, cards)


def _compiled(source: Path, plugin: Path) -> Path:
    command = ["gcc", "-shared", "-fPIC", "-O2", "-Wall", "-o", str(plugin), str(source), "-lasound", "-lm"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    if done.returncode:
        raise RigError(f"the sound card of the rig does not compile:\n{done.stderr}")
    return plugin


def _needs() -> dict[str, bool]:
    return {
        "gcc": shutil.which("gcc") is not None,
        "libasound2-dev": HEADER.exists(),
        "libasound2-data": SYSTEM_CONFIGURATION.exists(),
    }

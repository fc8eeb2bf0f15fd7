"""A player process for measurements: one sound card, one sound, many starts; `python -m tests.bench.player --help`.

Started by the bench and by tests, which may kill it; imported by nobody.
"""

import argparse
import queue
import subprocess
import time
from pathlib import Path

from device_agent import events
from device_agent.actions import PlaceSound
from device_agent.sound.alsa import AlsaCard
from device_agent.sound.file_card import FileCard
from device_agent.sound.pcm import Pcm
from device_agent.speaker import EngineSpeaker
from device_agent.system_clock import SystemClock
from tests.waiting import pass_time

PLACE_AHEAD_MS = 4_000


def play(card: str, ppm: float, sound: Path, starts: list[int]) -> None:
    """Play the sound at each instant (UTC, ms), placed ahead as the agent does; return when all have ended."""

    def open_card() -> Pcm:
        kind, _, where = card.partition(":")
        return FileCard(Path(where), ppm) if kind == "file" else AlsaCard(where)

    told: queue.SimpleQueue[events.Event] = queue.SimpleQueue()
    speaker = EngineSpeaker(open_card, Path, SystemClock().utc_and_mono_ns)
    speaker.start(told.put)
    for start in starts:
        _wait_until(start - PLACE_AHEAD_MS)
        speaker.place(PlaceSound(f"at@{start}", start, ((str(sound), 0),), 100, 0))
    left = len(starts)
    while left:
        left -= not isinstance(told.get(), events.SoundStarted)
    speaker.stop()


PROGRAMS = {
    "aplay": ["aplay", "-q", "-D", "{card}", "{sound}"],
    "mpv": ["mpv", "--no-config", "--really-quiet", "--no-video", "--ao=alsa", "--audio-device=alsa/{card}", "{sound}"],
}
"""The ordinary means."""


def spawn(program: str, card: str, sound: Path, starts: list[int]) -> None:
    """Start a player program at each instant."""
    name = card.partition(":")[2]
    command = [part.format(card=name, sound=sound) for part in PROGRAMS[program]]
    for start in starts:
        _wait_until(start)
        subprocess.run(command, check=False, stdin=subprocess.DEVNULL)


def _wait_until(utc_ms: int) -> None:
    pass_time(utc_ms / 1000 - time.time())


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Play a sound at given instants.")
    parser.add_argument("card", help="file:PATH or alsa:NAME")
    parser.add_argument("sound", type=Path, help="a mono 16-bit WAV at 48 kHz")
    parser.add_argument("starts", type=int, nargs="+", help="UTC, ms")
    parser.add_argument("--ppm", type=float, default=0.0, help="how much too fast a file card runs")
    parser.add_argument("--by", choices=PROGRAMS, help="start this program each time instead")
    given = parser.parse_args()
    if given.by:
        spawn(given.by, given.card, given.sound, given.starts)
    else:
        play(given.card, given.ppm, given.sound, given.starts)

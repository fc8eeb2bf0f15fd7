"""Memory cards that are full, read-only or rotten, and sound cards that go and return: what can sound sounds, and the
rest is told as it was.

Nobody imports this module.
"""

import array
import contextlib
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from device_agent.replay import read_line
from device_agent.runner import IDLE_FOR
from schedules.clock import SECOND
from schedules.playback import Outcome, Reason
from tests.fault.town import Town
from tests.fault.witnesses import Account, agree
from tests.waiting import eventually

pytestmark = [pytest.mark.sound, pytest.mark.broker]
FULL, WORN, GONE, AWAY, SWAPPED, WELL = (f"loa-mau-{n}" for n in range(1, 7))


@pytest.fixture
def small_disk(town: Town) -> Iterator[Path]:
    """The folder of a loudspeaker on a file system of 2 MB of its own, where this machine lets a test make one; else
    the same folder, to be called full by the machine."""
    folder = town.folder / FULL
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder)]
    mounted = os.geteuid() == 0 and subprocess.run(mount, check=False, capture_output=True).returncode == 0
    yield folder
    if mounted:
        town.close()
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.mark.soak
def test_memory_and_sound_cards_that_fail_silence_nothing_that_can_sound(town: Town, small_disk: Path) -> None:
    """One town: a memory card that is full, one that has become read-only, a sound card that goes in mid-play and
    returns, one that comes back only for the third play, and a loudspeaker that is well."""
    devices = (FULL, WORN, GONE, AWAY, WELL)
    town.open(*devices)
    start = town.in_seconds(32)
    held = town.air_tones(start, {"vi": 5000})
    soon = town.air_tones(start + 8 * SECOND, {"vi": 1500})
    town.ready(soon, *devices)
    fill(town, small_disk)
    town.machine(WORN).disk_read_only(f"{WORN}/")
    town.unplug(AWAY)
    assert town.now() < start - 4 * SECOND, "the machine was too slow to prepare this test"
    news = town.air_tones(start + 13 * SECOND, {"vi": 2000})
    eventually(lambda: town.now() > start + SECOND, 60, "it is in mid-play")
    town.unplug(GONE)
    eventually(lambda: town.now() > start + 2 * SECOND, 20, "it is gone for a second")
    town.plug(GONE)
    for device in (FULL, WORN):
        eventually(lambda device=device: refused(town, device, "disk"), 10, "it says that there is no room")
        town.machine(device).heal()
    (small_disk / "filler").unlink(missing_ok=True)
    eventually(lambda: town.now() > start + 10 * SECOND, 20, "two of them have been")
    town.plug(AWAY)
    found = agree(town, *devices, within=60)
    for line in (small_disk / "steps" / "steps.jsonl").read_bytes().splitlines():
        read_line(line)  # a full card leaves steps out, and no half one behind
    for device in (FULL, WORN, GONE, WELL):
        for occurrence in (held, soon):
            assert is_on_time(found[device, occurrence]), found[device, occurrence].words()
    gone = found[GONE, held].playback
    assert 3000 < (gone.sounded_ms or 0) < 4500  # a second of five, and what the card took to be found again
    for occurrence in (held, soon):
        playback = found[AWAY, occurrence].playback
        assert (playback.outcome, playback.reason) == (Outcome.failed, Reason.card_missing)
    for device in devices:
        assert found[device, news].playback.outcome in (Outcome.played, Outcome.late), found[device, news].words()


def is_on_time(account: Account) -> bool:
    """Whether it began when it was ordered, and is called played."""
    return account.playback.outcome is Outcome.played and abs(account.late_ms) < 60


def refused(town: Town, device: str, cause: str) -> int:
    """How often a loudspeaker has refused something for this cause, by its last status."""
    status = town.status(device)
    return status.refused.get(cause, 0) if status is not None else 0


def fill(town: Town, folder: Path) -> None:
    """Not one more byte has room."""
    if not folder.is_mount():
        town.machine(FULL).disk_full(f"{FULL}/")
        return
    with (folder / "filler").open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(bytes(4096))


@pytest.mark.soak
def test_a_stored_sound_that_has_become_another_is_fetched_again_before_its_hour(town: Town) -> None:
    """While the power is off, another sound comes to lie under the name of a stored one, at twice its pitch. Its hour
    is far: there is time to look. Then it is ordered for soon."""
    town.open(SWAPPED)
    far = town.air_tones(town.in_seconds(IDLE_FOR / SECOND + 60), {"vi": 2000})
    town.ready(far, SWAPPED)
    town.kill(SWAPPED)
    [stored] = (town.folder / SWAPPED / "clips").glob("*.wav")
    sound = stored.read_bytes()
    samples = array.array("h", sound[44:])
    stored.write_bytes(sound[:44] + (samples[::2] + samples[::2]).tobytes())
    town.start(SWAPPED)
    eventually(lambda: refused(town, SWAPPED, "rotten"), 30, "it has looked")
    near = town.air_tones(town.in_seconds(30), {"vi": 2000}, like=far)
    town.withdraw(far)
    found = agree(town, SWAPPED, within=90)
    assert is_on_time(found[SWAPPED, near]), found[SWAPPED, near].words()

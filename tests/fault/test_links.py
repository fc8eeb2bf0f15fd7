"""Links that are thin, lose, and are cut: every clip comes whole, each block of it once, and is on time on air.

Nobody imports this module.
"""

import os
from pathlib import Path

import pytest

from schedules.blocks import BLOCK_BYTES
from schedules.playback import Outcome, Reason
from schedules.programme import BroadcastClass
from tests.bad_link import BadLink, Conditions, Cuts
from tests.broker.mosquitto import Mosquitto
from tests.fault.ports import free_ports
from tests.fault.town import NOW, Town
from tests.fault.witnesses import agree
from tests.lossy_network import LossyNetwork, lacking
from tests.waiting import eventually

pytestmark = [pytest.mark.sound, pytest.mark.broker, pytest.mark.soak]
FAR, CUT, NEAR = "loa-mau-1", "loa-mau-2", "loa-mau-3"
CUTS = int(os.environ.get("LOABAN_CUTS", "4"))
IN_FLIGHT = 4
"""Blocks that may be on their way when a link is cut: what the link lets a broker have open."""


def data_of(town: Town, device: str) -> int:
    """Bytes that a loudspeaker has fetched, by its own count."""
    status = town.status(device)
    return status.data_today if status is not None else 0


@pytest.mark.timeout(200)
def test_a_tenth_lost_at_128_kbit_and_an_alert_comes_while_a_clip_is_fetched(tmp_path: Path) -> None:
    """In a network of the kernel's own that drops every tenth packet: a clip of 250 kB, an alert while it comes, and
    the report of both."""
    if why := lacking():
        (pytest.fail if os.environ.get("CI") else pytest.skip)(why)
    [port] = free_ports(1)
    with LossyNetwork(128, 10) as network:
        listeners = "".join(f"listener {port} {host}\n" for host in ("127.0.0.1", network.host))
        broker = Mosquitto(port, tmp_path / "mosquitto", listeners + "allow_anonymous true\nuser root\n")
        town = Town(tmp_path, broker)
        town.roads[FAR] = f"mqtt://{network.host}:{port}"
        town.inside[FAR] = network
        try:
            town.open(FAR, NEAR)
            start = town.in_seconds(75)
            occurrence = town.air_tones(start, {"vi": 8000}, kbits=250)
            eventually(lambda: data_of(town, NEAR) > 0, 30, "it is on its way")
            alert = town.air_tones(NOW, {"vi": 1500}, (FAR, NEAR), BroadcastClass.emergency)
            eventually(lambda: town.told(FAR, alert), 60, "the alert has been told")
            assert town.now() < start, "the alert did not wait for the clip"
            found = agree(town, FAR, NEAR, within=100)
        finally:
            town.close()
    for device in (FAR, NEAR):
        assert found[device, occurrence].playback.outcome is Outcome.played
        # Over such a link, its own word says how far its clock can be trusted.
        exact = max(60, found[device, occurrence].playback.bound_ms)
        assert abs(found[device, occurrence].late_ms) < exact, found[device, occurrence].words()
    assert found[NEAR, alert].playback.outcome is Outcome.played
    # A packet that is lost three times in a row costs more than the ten seconds after which a play is called late.
    assert found[FAR, alert].playback.outcome in (Outcome.played, Outcome.late)


@pytest.mark.timeout(300 + 150 * CUTS)
def test_a_link_that_is_cut_at_random_moments_costs_no_block_twice(town: Town) -> None:
    """`LOABAN_CUTS` cuts during one clip of a quarter of a megabyte. What was in flight at a cut may be fetched again."""
    size = 250_000
    cuts = Cuts(seed=7, times=CUTS, mean_bytes=size / (CUTS + 1))
    with BadLink(("127.0.0.1", town.port), Conditions(bytes_per_s=64_000, delay_s=0.1), cuts) as link:
        town.roads[CUT] = link.url
        town.open(CUT, NEAR)
        start = town.in_seconds(20 + 4 * CUTS)
        occurrence = town.air_tones(start, {"vi": 8_000}, kbits=250)
        town.ready(occurrence, NEAR)
        within = 40 + 60 * CUTS
        eventually(lambda: link.cut_count >= CUTS and holds_all(town, CUT), within, "it has come over all cuts")
        wasted = link.carried.from_target - size
        found = agree(town, CUT, NEAR, within=90 + 60 * CUTS)
    assert wasted < 0.05 * size + CUTS * IN_FLIGHT * BLOCK_BYTES + 60_000, wasted
    for device in (CUT, NEAR):
        playback = found[device, occurrence].playback
        assert (playback.outcome, playback.reason) != (Outcome.missed, Reason.clip_incomplete)


def holds_all(town: Town, device: str) -> bool:
    """Whether a loudspeaker is there and misses nothing."""
    status = town.status(device)
    return status is not None and status.online and bool(status.programmes) and not status.clips_missing

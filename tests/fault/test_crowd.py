"""The broker of a province dies and returns: the loudspeakers come back one by one, and no marker sticks at offline.

Nobody imports this module. `LOABAN_CROWD` says how many loudspeakers besides the real ones (5000 in the long form),
`LOABAN_REAL` how many of those (200).
"""

import os
from pathlib import Path

import pytest
from sqlmodel import col, insert, select

from schedules import wire
from schedules.clock import SECOND
from schedules.playback import Outcome
from schedules.programme import Programme
from schedules.signing import trusted_by
from server.area import Area
from server.repositories.areas import row_of
from server.tables.areas import AreaRow
from server.tables.fleet import LoudspeakerRow, StatusRow
from tests.broker.mosquitto import Mosquitto
from tests.fault.crowd import Crowd
from tests.fault.ports import free_ports
from tests.fault.town import Town
from tests.fault.witnesses import agree
from tests.waiting import eventually

pytestmark = [pytest.mark.sound, pytest.mark.broker, pytest.mark.scale]
CROWD = int(os.environ.get("LOABAN_CROWD", "600"))
REAL = int(os.environ.get("LOABAN_REAL", "4"))
HAMLET = "thon-mau-trung-tam"


@pytest.mark.timeout(300 + CROWD // 10)
def test_after_the_broker_died_all_come_back_one_by_one_and_no_marker_sticks(tmp_path: Path) -> None:
    [port] = free_ports(1)
    plain = f"listener {port} 127.0.0.1\nallow_anonymous true\nmax_queued_messages 20000\nuser root\n"
    town = Town(tmp_path, Mosquitto(port, tmp_path / "mosquitto", plain))
    crowd_names = [f"dong-{n}" for n in range(CROWD)]
    real_names = [f"that-{n}" for n in range(REAL)]
    enrol(town, [*crowd_names, *real_names])
    try:
        with Crowd(crowd_names, port, HAMLET, seed=1) as crowd:
            town.open(*real_names)
            eventually(lambda: len(online(town)) == CROWD + REAL, 60 + CROWD / 40, "all are online")
            before = town.air_tones(town.in_seconds(12 + REAL), {"vi": 1500}, (HAMLET,))
            town.ready(before, *real_names)
            crowd.cut(0.3)
            eventually(lambda: len(crowd.linked) < 0.9 * CROWD, 10, "a third has lost its link")
            crowd.links.clear()
            town.kill_broker()
            died = town.now()
            eventually(lambda: not crowd.linked, 20, "nobody is linked")
            eventually(lambda: town.now() > died + 4 * SECOND, 10, "the broker has been away")
            town.broker.start()
            eventually(lambda: len(crowd.linked) == CROWD, 60, "all are back")
            assert_spread(crowd.links)
            eventually(lambda: len(online(town)) == CROWD + REAL, 60 + CROWD / 40, "no marker sticks at offline")
            after = town.air_tones(town.in_seconds(15 + REAL), {"vi": 1500}, (HAMLET,))
            newest = town.programme(HAMLET).revision
            eventually(lambda: revisions(town, crowd) == {newest: CROWD}, 30, "all hold the newest programme")
            found = agree(town, *real_names, within=60 + REAL)
    finally:
        town.close()
    for device in real_names:
        for occurrence in (before, after):
            assert found[device, occurrence].playback.outcome is Outcome.played
            assert abs(found[device, occurrence].late_ms) < 100, found[device, occurrence].words()


def assert_spread(links: list[float]) -> None:
    """No tenth of a second of the return is that of a crowd: in an even return over eight seconds, each has 1.3 %."""
    crowded = max(sum(at <= other < at + 0.1 for other in links) for at in links[:: max(1, len(links) // 200)])
    assert crowded < 0.08 * len(links) + 5, f"{crowded} of {len(links)} came within a tenth of a second"


def enrol(town: Town, names: list[str]) -> None:
    """So many loudspeakers more in one hamlet."""
    with town.stores.open() as store:
        hamlet = store.areas.find(HAMLET)
        assert hamlet is not None
        areas = [Area(n, HAMLET, f"{hamlet.path}{n}/", hamlet.depth + 1, "loudspeaker", n) for n in names]
        session = store.fleet._session
        session.exec(insert(AreaRow), params=[row_of(area).model_dump() for area in areas])
        session.exec(insert(LoudspeakerRow), params=[{"id": n, "serial": "", "place": ""} for n in names])


def online(town: Town) -> list[str]:
    """Who is online by the server's word."""
    with town.stores.open() as store:
        return list(store.fleet._session.exec(select(StatusRow.device).where(col(StatusRow.online))))


def revisions(town: Town, crowd: Crowd) -> dict[int, int]:
    """How many of the crowd hold which revision of the hamlet's programme."""
    trusted = trusted_by([town.key.public])
    sealed: dict[bytes, int] = {}
    for payload in list(crowd.programmes.values()):
        sealed[payload] = sealed.get(payload, 0) + 1
    counts: dict[int, int] = {}
    for payload, number in sealed.items():
        programme = wire.unseal_message(Programme, payload, trusted)
        assert isinstance(programme, Programme)
        counts[programme.revision] = counts.get(programme.revision, 0) + number
    return counts

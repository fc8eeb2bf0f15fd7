"""The chimes that come with the program, and the library, in the database.

Imported by pytest alone.
"""

import hashlib

import msgspec

from audio.chime import CHIMES
from audio.clip import NO_LANGUAGE, Clip
from audio.quality import Loudness
from audio.refusal import MasteringError, MasteringFault
from audio.voice import Provenance
from schedules.assignment import EXERCISE
from server import chimes, programmes, seed
from server.area import AreaSettings, Effective
from server.repositories.store import Stores
from server.studio import Rendered
from server.tune import Tune, TuneKind, signals_of
from tests.store.stage import NOW


class Maker:
    """Makes a clip of each name; `version` makes others of them."""

    def __init__(self, version: str = "1", fault: MasteringError | None = None) -> None:
        self.version, self.fault = version, fault

    def chime(self, name: str) -> Rendered:
        if self.fault:
            raise self.fault
        digest = hashlib.sha256(f"{name}{self.version}".encode()).hexdigest()
        return Rendered(Clip(digest, NO_LANGUAGE, 2_900, 9_000), Provenance("chime"), Loudness(-16, -2))


def test_they_are_there_once_and_a_newer_program_replaces_them(stores: Stores) -> None:
    for version, times in (("1", 2), ("2", 1)):
        for _ in range(times):
            chimes.install(stores, Maker(version), NOW)
        with stores.open() as store:
            assert store.library.built_in() == {name: Maker(version).chime(name).clip for name in CHIMES}
    with stores.open() as store:
        assert {clip.sha256 for clip in store.library.built_in().values()} <= store.library.kept()


def test_where_they_cannot_be_made_the_server_goes_on(stores: Stores) -> None:
    chimes.install(stores, Maker(fault=MasteringError(MasteringFault.no_tool)), NOW)
    with stores.open() as store:
        assert store.library.built_in() == {}


def test_loudspeakers_are_told_of_them_and_the_server_brings_them(stores: Stores) -> None:
    chimes.install(stores, Maker(), NOW)
    with stores.open() as store:
        programmes.bring_up_to_date(store, NOW)
        signals = store.fleet.assignments(["loa-mau-1"])["loa-mau-1"].signals
        assert [chime.announces for chime in signals.chimes] == ["ordinary", "priority", "emergency", EXERCISE]
        assert (signals.emergency_times, signals.pause_ms, signals.again_after_ms) == (2, 600, 2_000)
        wanted = programmes.desired(store, {}, {}, NOW)
        assert {clip.sha256 for clip in store.library.built_in().values()} <= wanted.clips.keys() - wanted.later


def test_an_area_switches_them_off_and_an_exercise_keeps_its_own(stores: Stores) -> None:
    chimes.install(stores, Maker(), NOW)
    with stores.open() as store:
        hamlet = store.areas.find("thon-mau-ta-chai")
        assert hamlet is not None
        off = AreaSettings(chime=False, emergency_times=1)
        store.areas.keep(msgspec.structs.replace(hamlet, settings=off))
        programmes.bring_up_to_date(store, NOW)
        signals = store.fleet.assignments(["loa-mau-6"])["loa-mau-6"].signals
        assert [chime.announces for chime in signals.chimes] == [EXERCISE]
        assert signals.emergency_times == 1
        assert store.fleet.assignments(["loa-mau-1"])["loa-mau-1"].signals.emergency_times == 2


def test_a_tune_that_is_retired_or_unknown_leaves_the_chime_of_the_program(stores: Stores) -> None:
    chimes.install(stores, Maker(), NOW)
    with stores.open() as store:
        sound = Maker("own").chime("own")
        store.broadcasts.keep_clip(sound.clip, sound.provenance, sound.loudness, NOW)
        store.library.add(Tune("am-1", seed.PROVINCE, "Riêng", TuneKind.jingle, "tỉnh", sound.clip, "bientap", NOW))
        built_in = store.library.built_in()
        for tunes, expected in (("am-1", sound.clip), ("am-2", built_in["emergency"])):
            found = signals_of(Effective(chimes={"emergency": tunes}), built_in, store.library.clips([tunes]))
            assert [c.opening for c in found.chimes if c.announces == "emergency"] == [expected]
        assert store.library.retire("am-1", NOW)
        assert not store.library.retire("am-1", NOW)
        assert store.library.clips(["am-1"]) == {}

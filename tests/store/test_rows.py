"""Tests that every struct is its row and back, on a real database.

Nobody imports this module.
"""

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schedules import wire
from schedules.playback import Playback
from server import oversight
from server.area import Area, AreaSettings
from server.repositories.areas import area_of, row_of
from server.repositories.store import Stores
from tests.store.stage import NOW, numbers
from tests.unit.schedules.shapes import playbacks

names = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=30)


areas = st.builds(
    Area, id=names, parent=st.one_of(st.none(), names), path=names, depth=st.integers(0, 9), level=names, name=names,
    former_names=names, languages=st.lists(names, max_size=3).map(tuple),
    settings=st.builds(AreaSettings, pause_ms=st.one_of(st.none(), st.integers(0, 9999)), quiet_hours_off=st.sampled_from([None, True, False])),
)  # fmt: skip


@given(areas)
def test_an_area_is_its_row_and_back(area: Area) -> None:
    assert area_of(row_of(area)) == area


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(playbacks)
def test_a_playback_is_its_row_and_back(stores: Stores, found: Playback) -> None:
    sequence = next(numbers)
    found = msgspec.structs.replace(found, sequence=sequence, occurrence=f"x{sequence}@1")
    with stores.open() as store:
        oversight.file_report(store, "loa-mau-2", wire.Report("j", (found,)), NOW)
        assert store.logbook.reported("loa-mau-2", found.occurrence) == [found]

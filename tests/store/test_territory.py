"""Areas that are added, renamed, ended and merged, on a real database with loudspeakers.

Imported by pytest alone.
"""

from datetime import date

import msgspec
import pytest

from schedules.assignment import QuietHours
from schedules.clock import DAY, HOUR
from server import oversight, programmes, territory
from server.access import Act, Role, may
from server.area import Area
from server.area_change import AreaFault
from server.refusals import NotAllowed, NotFound
from server.repositories.logbook import LogFilter
from server.repositories.store import Store, Stores
from server.web.places import Wish, narrowed
from tests.store.stage import NOW, communes, new_id, on_air, person

TODAY, YESTERDAY = date(2026, 11, 24), date(2026, 11, 23)


def add(store: Store, parent: str, name: str, who: str = "quantri", level: str = "hamlet") -> Area | AreaFault:
    return territory.add(store, person(store, who), parent, level, name, TODAY, NOW, new_id)


def test_a_hamlet_is_added_where_one_may_and_once(stores: Stores) -> None:
    with stores.open() as store:
        here = communes(store)[0]
        made = add(store, here, "  Thôn Mới ")
        assert isinstance(made, Area)
        assert (made.name, made.level, made.valid_from, made.parent) == ("Thôn Mới", "hamlet", "2026-11-24", here)
        assert store.areas.find(made.id) == made
        assert add(store, here, "Thôn Mới") is AreaFault.taken
        assert add(store, here, "") is AreaFault.no_name
        assert add(store, here, "Xã Con", level="commune") is AreaFault.no_level
        assert add(store, made.id, "Thôn trong thôn") is AreaFault.no_level
        assert isinstance(add(store, "tinh-lao-cai", "Xã Mới", level="commune"), Area)
        with pytest.raises(NotAllowed):
            add(store, here, "Thôn Khác", "bientap")
        with pytest.raises(NotFound):
            add(store, "loa-mau-1", "Thôn Khác")
        with pytest.raises(NotAllowed):
            add(store, "huyen-bat-xat", "Xã Muộn", level="commune")
        assert store.trail.latest(1)[0].act == "add_area"


def test_a_renamed_commune_is_found_by_both_names(stores: Stores) -> None:
    with stores.open() as store:
        here = store.areas.named(communes(store)[:1])[communes(store)[0]]
        keeper = person(store, "quantri")
        renamed = territory.rename(store, keeper, here.id, "Xã Hoàn Toàn Mới", NOW)
        assert isinstance(renamed, Area)
        assert renamed.former_names == here.name
        every = territory.places(store, keeper)
        for words in (here.name, "hoan toan"):
            found, _ = narrowed(every, Wish(words=words), lambda area: area, lambda area: area.name)
            assert here.id in [area.id for area in found]
        page = territory.page(store, keeper, here.id, NOW)
        assert page.area.name == "Xã Hoàn Toàn Mới"
        assert territory.rename(store, keeper, here.id, " ", NOW) is AreaFault.no_name


def test_a_place_with_loudspeakers_is_not_ended_and_one_without_is(stores: Stores) -> None:
    with stores.open() as store:
        keeper, here = person(store, "quantri"), communes(store)[0]
        assert territory.retire(store, keeper, here, TODAY, NOW) is AreaFault.in_use
        made = add(store, here, "Thôn Tạm")
        assert isinstance(made, Area)
        assert territory.retire(store, keeper, made.id, None, NOW) is AreaFault.no_day
        assert territory.retire(store, keeper, made.id, YESTERDAY, NOW) is AreaFault.too_early
        gone = territory.retire(store, keeper, made.id, TODAY, NOW)
        assert isinstance(gone, Area)
        with pytest.raises(NotAllowed):
            territory.rename(store, keeper, made.id, "Thôn Nữa", NOW + DAY)
        assert isinstance(add(store, here, "Thôn Tạm"), AreaFault), "until its last day is over its name is taken"
        again = territory.add(store, keeper, here, "hamlet", "Thôn Tạm", TODAY, NOW + DAY, new_id)
        assert isinstance(again, Area)


def test_two_communes_are_merged_and_logs_loudspeakers_and_guards_stay(stores: Stores) -> None:
    on_air(stores)
    with stores.open() as store:
        goes, stays = communes(store)
        keeper = person(store, "quantri")
        old, into = store.areas.find(goes), store.areas.find(stays)
        assert old is not None
        assert into is not None
        strict = msgspec.structs.replace(old.settings, quiet_hours=QuietHours(20 * 60, 7 * 60), quiet_hours_off=False)
        store.areas.keep(msgspec.structs.replace(old, settings=strict))
        old = store.areas.find(goes)
        assert old is not None
        before = {each.id: store.areas.effective(each) for each in store.fleet.below([old.path])}
        spoken = {
            each.id: oversight.visible_area(store, keeper, each.id).languages for each in store.areas.below([old.path])
        }
        plays = store.logbook.count(LogFilter((old.path,), NOW, NOW + DAY))
        assert before
        assert plays
        for wrong in (goes, "thon-mau-ta-chai", "tinh-lao-cai", "none"):
            assert territory.merge(store, keeper, goes, wrong, YESTERDAY, NOW) is AreaFault.no_target
        merged = territory.merge(store, keeper, goes, stays, YESTERDAY, NOW)
        assert isinstance(merged, Area)
        assert merged.path == f"{into.path}{goes}/"
        assert {each.id: store.areas.effective(each) for each in store.fleet.below([merged.path])} == before
        after = {each.id: each.languages for each in store.areas.below([merged.path]) if each.id in spoken}
        assert after.keys() == spoken.keys()
        for each in store.areas.below([merged.path]):
            assert each.depth == len(each.ids) - 1
        assert store.logbook.count(LogFilter((merged.path,), NOW, NOW + DAY)) == plays, "its log stays its own"
        found = store.areas.find(stays)
        assert found is not None
        assert old.name in found.former_names
    with stores.open() as store:
        programmes.bring_up_to_date(store, NOW)
        assigned = store.fleet.assignments(before)
        assert all(stays in each.area_path and goes in each.area_path for each in assigned.values())


def test_after_a_merger_the_old_staff_look_and_the_new_answer(stores: Stores) -> None:
    with stores.open() as store:
        goes, stays = communes(store)
        for username, area in (("cu", goes), ("moi", stays)):
            store.staff.add(username, username, username, "x")
            store.staff.grant(username, area, Role.editor)
        merged = territory.merge(store, person(store, "quantri"), goes, stays, YESTERDAY, NOW)
        assert isinstance(merged, Area)
        old, new = person(store, "cu"), person(store, "moi")
        assert may(old.grants, Act.see, merged.path)
        assert not may(old.grants, Act.write, merged.path)
        assert may(new.grants, Act.write, merged.path)
        page = territory.page(store, person(store, "quantri"), goes, NOW)
        assert page.over
        assert page.loudspeakers == 3


def test_who_administers_one_commune_draws_no_other_to_it(stores: Stores) -> None:
    with stores.open() as store:
        goes, stays = communes(store)
        store.staff.add("quanxa", "quanxa", "Quản trị xã", "x")
        for area in (goes, stays):
            store.staff.grant("quanxa", area, Role.administrator)
        both = person(store, "quanxa")
        assert territory.page(store, both, goes, NOW).targets == ()
        assert territory.merge(store, both, goes, stays, TODAY, NOW + HOUR) is AreaFault.no_target

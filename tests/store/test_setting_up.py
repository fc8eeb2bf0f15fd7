"""Tests of migrations, of seeding, and of setting up from the command line, on a real database.

Nobody imports this module.
"""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import msgspec
import pytest
from alembic import command

from schedules.assignment import Allowance, QuietHours
from schedules.recurrence import Daily, Once, Recurrence, Weekly
from server import administration, programmes, seed
from server.area import AreaSettings
from server.bulletin import ends_at
from server.migrations import bring_to_newest, config_of
from server.repositories.store import Stores, engine_of
from tests.store.stage import NOW, PlainHasher, person


def test_migrations_and_tables_say_the_same(tmp_path: Path) -> None:
    engine = engine_of(f"sqlite:///{tmp_path / 'fresh.db'}")
    bring_to_newest(engine)
    command.check(config_of(engine))


def test_an_older_database_is_brought_to_the_newest_with_what_it_holds(tmp_path: Path) -> None:
    engine = engine_of(f"sqlite:///{tmp_path / 'old.db'}")
    command.upgrade(config_of(engine), "0001")
    rules: dict[str, Recurrence | None] = {
        "once": Once(NOW),
        "ends": Daily(300, date(2026, 11, 1), date(2026, 11, 30)),
        "endless": Weekly((0, 4), 1020, date(2026, 11, 1)),
        "now": None,
    }
    with engine.begin() as connection:
        connection.exec_driver_sql("pragma foreign_keys = off")
        insert = (
            "insert into broadcast (id, bulletin, mode, recurrence, author, created_at) values (?, 'b', 'm', ?, 'x', 1)"
        )
        for name, rule in rules.items():
            connection.exec_driver_sql(insert, (name, msgspec.json.encode(rule).decode() if rule else ""))
    bring_to_newest(engine)
    with engine.connect() as connection:
        found = {row.id: row.ends_at for row in connection.exec_driver_sql("select id, ends_at from broadcast")}
    assert found == {name: ends_at(rule) for name, rule in rules.items()}
    command.downgrade(config_of(engine), "0001")
    bring_to_newest(engine)
    engine.dispose()


def test_who_held_a_role_holds_it_after_the_upgrade(tmp_path: Path) -> None:
    engine = engine_of(f"sqlite:///{tmp_path / 'old.db'}")
    command.upgrade(config_of(engine), "0006")
    columns = (
        "id, path, depth, level, name, former_names, search_key, sort_key, valid_from, valid_to, languages, settings"
    )
    with engine.begin() as connection:
        for statement in (
            "insert into area_level (id, name, position) values ('commune', 'Xã', 0)",
            f"insert into area ({columns}) values ('xa', '/xa/', 0, 'commune', 'Xã', '', '', '', '', '', '[]', '{{}}')",  # noqa: S608
            "insert into staff (id, username, display_name, password_hash) values ('an', 'an', 'An', 'x')",
            "insert into staff_grant (staff, area, role) values ('an', 'xa', 'approver'), ('an', 'xa', 'editor')",
        ):
            connection.exec_driver_sql(statement)
    bring_to_newest(engine)
    with Stores(engine).open() as store:
        found = person(store, "an")
        account = store.staff.find("an")
    assert {grant.role.value for grant in found.grants} == {"approver", "editor"}
    assert account is not None
    assert not account.must_change
    assert not account.disabled_at
    command.downgrade(config_of(engine), "0006")
    with engine.connect() as connection:
        assert connection.exec_driver_sql("select count(*) from staff_grant").scalar() == 2
    engine.dispose()


def test_what_is_committed_outlives_a_power_cut(tmp_path: Path) -> None:
    with engine_of(f"sqlite:///{tmp_path / 'fresh.db'}").connect() as connection:
        asked = [connection.exec_driver_sql(f"pragma {p}").scalar() for p in ("synchronous", "foreign_keys")]
    assert asked == [2, 1], "full, and on"


def test_the_province_has_ninety_nine_communes_and_seeding_twice_changes_nothing(stores: Stores) -> None:
    with stores.open() as store:
        before = store.areas.below(["/"])
        assert len([a for a in before if a.level == "commune"]) == 99
        again = seed.seed_sample(store, seed.seed_province(store), PlainHasher(), lambda: "other", NOW)
        assert again == {}
        assert store.areas.below(["/"]) == before
        named = {a.name: a for a in before}
    for (district, _), members in seed.FORMER_DISTRICTS.items():
        assert all(named[m].parent == district for m in members)
        assert named[seed.FORMER_DISTRICTS and members[0]].valid_from == "2025-07-01"
    assert len([a for a in before if a.level == "loudspeaker"]) == 6


def test_what_people_changed_survives_a_second_seeding(stores: Stores) -> None:
    with stores.open() as store:
        area = store.areas.find("thon-mau-sim-san")
        assert area is not None
        store.areas.keep(msgspec.structs.replace(area, languages=("hni",)))
        province = store.areas.find("tinh-lao-cai")
        assert province is not None
        store.areas.keep(msgspec.structs.replace(province, settings=AreaSettings(pause_ms=700)))
        seed.seed_sample(store, seed.seed_province(store), PlainHasher(), lambda: "x", NOW)
        assert store.areas.find("thon-mau-sim-san").languages == ("hni",)  # type: ignore[union-attr]
        found = store.areas.find("tinh-lao-cai")
        assert found is not None
        assert found.settings == AreaSettings(pause_ms=700, quiet_hours_off=True)


def test_a_server_is_set_up_from_the_command_line(stores: Stores) -> None:
    with stores.open() as store:
        hasher = PlainHasher()
        assert administration.add_person(store, "Moi", "Người mới (mẫu)", "editor", "Xã Y Tý", hasher, "pw", NOW)
        assert not administration.add_person(store, "moi", "", "approver", "Xã Bản Xèo", hasher, "pw2", NOW)
        assert len(person(store, "moi").grants) == 2
        hamlet = administration.add_hamlet(store, "Bản Mới", "Xã Y Tý", "ium:60,vi", NOW)
        speaker = administration.add_loudspeaker(store, "Loa 1", hamlet.id, "S1", "cột điện", NOW)
        again = administration.add_loudspeaker(store, "Loa 1", "Bản Mới", "S2", "", NOW)
        assert (hamlet.id, speaker.id, again.id) == ("thon-ban-moi-xa-y-ty", "loa-loa-1-ban-moi", "loa-loa-1-ban-moi-2")
        administration.set_quiet_hours(store, "Bản Mới", "21:30-06:00", NOW)
        programmes.bring_up_to_date(store, NOW)
        assignment = store.fleet.assignments()[speaker.id]
        assert assignment.languages == ("ium", "vi")
        assert assignment.quiet_hours == QuietHours(21 * 60 + 30, 6 * 60)
        administration.set_quiet_hours(store, "Bản Mới", "inherit", NOW)
        programmes.bring_up_to_date(store, NOW)
        assert store.fleet.assignments()[speaker.id].quiet_hours is None, "the sample's province switches them off"


def test_what_a_sim_may_fetch_is_set_for_an_area_and_inherited_by_all_below(stores: Stores) -> None:
    with stores.open() as store:
        free = {device for device, path in store.fleet.paths().items() if "/thon-mau-sim-san/" in path}
        administration.set_allowance(store, "tinh-lao-cai", "50", "1000", NOW)
        administration.set_allowance(store, "thon-mau-sim-san", "0", "0", NOW)
        programmes.bring_up_to_date(store, NOW)
        told = {device: assignment.allowance for device, assignment in store.fleet.assignments().items()}
        assert free
        assert free < told.keys()
        assert {told[device] for device in free} == {Allowance(0, 0)}, "0: no limit, whatever is above"
        assert {told[device] for device in told.keys() - free} == {Allowance(50_000_000, 1_000_000_000)}
        administration.set_allowance(store, "thon-mau-sim-san", "inherit", "inherit", NOW)
        programmes.bring_up_to_date(store, NOW)
        assert {a.allowance for a in store.fleet.assignments().values()} == {Allowance(50_000_000, 1_000_000_000)}


def test_the_lead_of_an_alert_is_set_for_an_area_and_inherited(stores: Stores) -> None:
    with stores.open() as store:
        hamlet = store.areas.find("thon-mau-sim-san")
        assert hamlet is not None
        assert store.areas.effective(hamlet).alert_lead_ms == 1_000
        administration.set_alert_lead(store, "tinh-lao-cai", "2500", NOW)
        assert store.areas.effective(hamlet).alert_lead_ms == 2_500
        administration.set_alert_lead(store, hamlet.id, "0", NOW)
        assert store.areas.effective(store.areas.find(hamlet.id) or hamlet).alert_lead_ms == 0, "0 is a word, not none"
        administration.set_alert_lead(store, hamlet.id, "inherit", NOW)
        assert store.areas.effective(store.areas.find(hamlet.id) or hamlet).alert_lead_ms == 2_500


@pytest.mark.parametrize(
    "wrong",
    [
        lambda store: administration.add_person(store, "a/b", "", "editor", "Xã Y Tý", PlainHasher(), "", NOW),
        lambda store: administration.add_person(store, "ab", "", "king", "Xã Y Tý", PlainHasher(), "", NOW),
        lambda store: administration.add_person(store, "ab", "", "editor", "Xã Không Có", PlainHasher(), "", NOW),
        lambda store: administration.add_hamlet(store, "Bản", "Xã Y Tý", "xx", NOW),
        lambda store: administration.add_hamlet(store, "Bản", "Xã Y Tý", "", NOW),
        lambda store: administration.add_hamlet(store, "Bản", "Xã Y Tý", "vi:70,ium:31", NOW),
        lambda store: administration.add_hamlet(store, "Bản", "Xã Y Tý", "vi,vi", NOW),
        lambda store: administration.add_hamlet(store, " ", "Xã Y Tý", "vi", NOW),
        lambda store: administration.add_hamlet(store, "Bản", "thon-mau-sim-san", "vi", NOW),
        lambda store: administration.add_loudspeaker(store, "Loa", "loa-mau-1", "", "", NOW),
        lambda store: administration.add_loudspeaker(store, "Loa", "tinh-lao-cai", "", "", NOW),
        lambda store: administration.set_quiet_hours(store, "Xã Y Tý", "25:00-05:00", NOW),
        lambda store: administration.set_allowance(store, "Xã Y Tý", "-1", "100", NOW),
        lambda store: administration.set_allowance(store, "Xã Y Tý", "1,5", "100", NOW),
        lambda store: administration.set_allowance(store, "Xã Y Tý", "1000", "50", NOW),
        lambda store: administration.set_allowance(store, "Xã Y Tý", "inherit", "50", NOW),
        lambda store: administration.set_alert_lead(store, "Xã Y Tý", "10001", NOW),
        lambda store: administration.set_alert_lead(store, "Xã Không Có", "0", NOW),
    ],
)
def test_what_cannot_be_so_is_refused(stores: Stores, wrong: Callable) -> None:
    with pytest.raises(administration.Unfit), stores.open() as store:
        wrong(store)

"""Tests of the audit: whatever is done is in it, and whoever touches it is found out.

Nobody imports this module.
"""

import argparse
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from schedules.clock import DAY, HOUR
from schedules.signing import SigningKey
from server import auditing, bulletins, origin, seed
from server.administration import set_quiet_hours
from server.audit import BEGINNING, ROTATE_KEYS, AuditLine, Break, DaySeal, Fault, first_break, linked, sealed
from server.commands import inspecting
from server.console import Console
from server.keyring import Keyring
from server.parts import assemble, unheard
from server.repositories.store import Store, Stores
from server.settings import Settings
from tests.store.stage import NOW, on_air, person

KEY = SigningKey(b"k" * 32)


def chain(length: int, *, key_change: int = 0) -> list[AuditLine]:
    """So many lines, one an hour; a change of keys at this line."""
    lines: list[AuditLine] = []
    for number in range(1, length + 1):
        act, after = (ROTATE_KEYS, SigningKey(b"n" * 32).key_id.hex()) if number == key_change else ("do", f"n{number}")
        previous = lines[-1].hash if lines else BEGINNING
        at = NOW + number * HOUR
        lines.append(linked(AuditLine(number, at, "a", "editor", "/t/", act, "x", "", after, "::1", "web", previous)))
    return lines


def end(lines: list[AuditLine]) -> tuple[int, str]:
    """As it is kept apart."""
    return lines[-1].number, lines[-1].hash


def test_a_whole_chain_is_whole() -> None:
    lines = chain(30)
    assert first_break(lines, [sealed("d1", lines[9], KEY), sealed("d2", lines[29], KEY)], end(lines)) is None
    assert first_break([], [], (0, BEGINNING)) is None


@given(st.data())
def test_whatever_is_touched_is_named(data: st.DataObject) -> None:
    lines = chain(12)
    at = data.draw(st.integers(0, 11))
    field = data.draw(st.sampled_from([name for name in AuditLine.__struct_fields__ if name not in ("number", "hash")]))
    old = getattr(lines[at], field)
    new = old + 1 if isinstance(old, int) else data.draw(st.text(max_size=5).filter(lambda text: text != old))
    touched = [*lines[:at], msgspec.structs.replace(lines[at], **{field: new}), *lines[at + 1 :]]
    assert first_break(touched, [], end(lines)) == Break(Fault.changed, at + 1)
    rehashed = [*lines[:at], linked(touched[at]), *lines[at + 1 :]]
    found = first_break(rehashed, [], end(lines))
    assert found is not None
    assert found.number <= at + 2


@given(st.integers(0, 11), st.integers(0, 11))
def test_a_line_that_is_gone_or_out_of_order_is_named(first: int, second: int) -> None:
    lines = chain(12)
    less = lines[:first] + lines[first + 1 :]
    assert first_break(less, [], end(lines)) == Break(Fault.missing if first < 11 else Fault.cut_off, first + 1)
    swapped = list(lines)
    swapped[first], swapped[second] = swapped[second], swapped[first]
    if first != second:
        assert first_break(swapped, [], end(lines)) == Break(Fault.missing, min(first, second) + 1)


def test_who_rewrites_everything_is_betrayed_by_the_seal_of_a_day() -> None:
    """He has the whole database, but not the signing key."""
    lines = chain(10)
    day = sealed("2026-11-23", lines[4], KEY)
    other: list[AuditLine] = []
    for line in lines:
        lie = msgspec.structs.replace(line, staff="b", previous=other[-1].hash if other else BEGINNING)
        other.append(linked(lie))
    assert first_break(other, [], end(other)) is None, "without seals it looks whole"
    assert first_break(other, [day], end(other)) == Break(Fault.seal_broken, 5, "2026-11-23")
    forged = msgspec.structs.replace(day, hash=other[4].hash)
    assert first_break(other, [forged], end(other)) == Break(Fault.seal_forged, 5, "2026-11-23")
    own = sealed("2026-11-23", other[4], SigningKey(b"o" * 32))
    before = sealed("2026-11-22", other[2], KEY)
    assert first_break(other, [before, own], end(other)) == Break(Fault.strange_key, 5, "2026-11-23")
    assert first_break(lines[:3], [day], end(lines[:3])) == Break(Fault.cut_off, 4, "2026-11-23")


def test_a_new_key_seals_once_it_has_been_announced() -> None:
    lines = chain(10, key_change=5)
    days = [sealed("d1", lines[3], KEY), sealed("d2", lines[7], SigningKey(b"n" * 32))]
    assert first_break(lines, days, end(lines)) is None


def test_what_is_done_is_in_it_with_who_where_from_and_what_was_before(stores: Stores) -> None:
    with origin.acting_from("10.1.2.3", "Điện thoại mẫu"):
        broadcast = on_air(stores)
        with stores.open() as store:
            bulletins.withdraw(store, person(store, "bientap"), broadcast, NOW)
    with stores.open() as store:
        set_quiet_hours(store, "Xã Y Tý", "off", NOW)
        set_quiet_hours(store, "Xã Y Tý", "21:00-05:00", NOW)
        found = {line.act: line for line in store.trail.lines()}
        assert auditing.verify(store) is None
    assert {"compose", "approve", "withdraw", "guards"} <= found.keys()
    gone = found["withdraw"]
    assert (gone.staff, gone.role, gone.subject, gone.before) == ("bientap", "editor", broadcast, "approved")
    assert gone.area.startswith("/tinh-lao-cai/")
    assert (gone.address, gone.device) == ("10.1.2.3", "Điện thoại mẫu")
    assert found["guards"].after == '{"quiet_hours":{"start":1260,"end":300},"quiet_hours_off":false}'
    assert found["guards"].before == '{"quiet_hours_off":true}'
    assert found["guards"].address == ""


def test_an_act_that_is_rolled_back_leaves_no_line(stores: Stores) -> None:
    with pytest.raises(RuntimeError), stores.open() as store:
        store.trail.note(NOW, "", "do", "x")
        raise RuntimeError
    with stores.open() as store:
        store.trail.note(NOW, "", "other", "x")
        assert auditing.verify(store) is None
        assert [line.act for line in store.trail.latest(1)] == ["other"]


@pytest.mark.parametrize("table", ["audit_line", "audit_day"])
@pytest.mark.parametrize("harm", ["update {} set hash = 'x'", "delete from {}"])
def test_the_database_itself_refuses_to_change_it(stores: Stores, table: str, harm: str) -> None:
    with stores.open() as store:
        store.trail.note(NOW, "", "do", "x")
        auditing.seal_day(store, KEY, NOW + 2 * DAY)
    with pytest.raises(DBAPIError, match="only added to"), stores._engine.begin() as connection:
        connection.execute(text(harm.format(table)))


def test_many_writers_make_one_chain(stores: Stores) -> None:
    failures: list[BaseException] = []

    def write(name: str) -> None:
        try:
            for n in range(15):
                with stores.open() as store:
                    store.trail.note(NOW + n, name, "do", "x")
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=write, args=(f"w{n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failures == []
    with stores.open() as store:
        assert auditing.verify(store) is None
        assert sum(line.staff.startswith("w") for line in store.trail.lines()) == 60


def test_each_day_is_sealed_once_it_is_over(stores: Stores) -> None:
    def noted(store: Store, at: int) -> None:
        store.trail.note(at, "", "do", "x")

    with stores.open() as store:
        before = store.trail.end()[0]
        noted(store, NOW)
        assert not auditing.seal_day(store, KEY, NOW + HOUR), "the day is not over"
        noted(store, NOW + 2 * DAY)
        assert auditing.seal_day(store, KEY, NOW + 2 * DAY + HOUR)
        assert not auditing.seal_day(store, KEY, NOW + 2 * DAY + 2 * HOUR), "sealed already"
        assert auditing.seal_day(store, KEY, NOW + 9 * DAY), "also after days without anything"
        assert [day.number for day in store.trail.days()] == [before + 1, before + 2]
        assert auditing.verify(store) is None


def test_an_inspector_needs_no_database(stores: Stores) -> None:
    on_air(stores)
    with stores.open() as store:
        auditing.seal_day(store, KEY, NOW + 2 * DAY)
        for n in range(5):
            store.trail.note(NOW + 2 * DAY, "", "do", f"n{n}")
        written = list(auditing.exported(store))
    assert auditing.verify_export(written) is None
    for harm, fault in _harms(written):
        found = auditing.verify_export(harm)
        assert found is not None
        assert found.fault is fault


def _harms(written: list[bytes]) -> list[tuple[list[bytes], Fault]]:
    lines = [n for n, each in enumerate(written) if each.startswith(b'{"line"')]
    middle = lines[len(lines) // 2]
    changed = written[middle].replace(b'"act":"', b'"act":"x')
    return [
        ([*written[:middle], changed, *written[middle + 1 :]], Fault.changed),
        (written[:middle] + written[middle + 1 :], Fault.missing),
        (written[: lines[-1]] + written[lines[-1] + 1 :], Fault.cut_off),
        (written[:-1], Fault.cut_off),
    ]


def command(act: str, file: Path | None = None) -> int:
    """`loaban audit`; its exit status."""
    return inspecting.run(argparse.Namespace(command="audit", act=act, file=file), Console("vi"))


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Of a server that has done something."""
    monkeypatch.setenv("LOABAN_DATA_FOLDER", str(tmp_path / "data"))
    monkeypatch.setenv("LOABAN_BROKER", "mqtt://127.0.0.1:9")
    parts = assemble(Settings(), unheard)
    with parts.stores.open() as store:
        seed.seed_province(store)
        for window in ("off", "21:00-05:00", "inherit"):
            set_quiet_hours(store, "Xã Y Tý", window, NOW)
    return tmp_path / "data" / "loaban.db"


def test_the_command_names_the_first_broken_link(database: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command("verify") == 0
    assert command("show") == 0
    assert "quiet_hours" in capsys.readouterr().out
    export = database.parent / "audit.jsonl"
    assert command("export", export) == 0
    assert command("verify", export) == 0
    assert command("verify", database) == 2
    tamper(database, "update audit_line set after = 'off' where number = 2")
    assert command("verify") == inspecting.BROKEN
    assert "2" in capsys.readouterr().err


def tamper(database: Path, harm: str) -> None:
    """As who holds the file: the triggers are no hindrance to him."""
    script = (
        "import sqlite3,sys; d=sqlite3.connect(sys.argv[1]);"
        "[d.execute(f'drop trigger {n}') for (n,) in d.execute(\"select name from sqlite_master where type='trigger'\").fetchall()];"
        "d.execute(sys.argv[2]); d.commit()"
    )
    subprocess.run([sys.executable, "-c", script, str(database), harm], check=True, env=dict(os.environ))


def test_the_gateway_seals_by_itself(stores: Stores, tmp_path: Path) -> None:
    from server.authority import Authority
    from server.bell import Bell
    from server.desk import Desk

    with stores.open() as store:
        store.trail.note(NOW, "", "do", "x")
    clock: Callable[[], int] = lambda: NOW + 2 * DAY  # noqa: E731
    keyring = Keyring(tmp_path, lambda: b"s" * 32)
    Desk(stores, Bell(), clock, lambda _device, _report: None, keyring, Authority(tmp_path)).settle()
    with stores.open() as store:
        day = store.trail.newest_day()
    assert isinstance(day, DaySeal)
    assert day.public == keyring.current().key.public

"""Tests of what `loaban doctor` calls weak: each rule alone, and that a good set-up is called good.

Nobody imports this module.
"""

from collections.abc import Mapping

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.checkup import FATAL, WARN_BEFORE, Address, Finding, Kept, Machine, Weakness, examine, status
from server.commands.examining import address_of

GOOD = Machine(
    host="127.0.0.1",
    broker=Address("mqtts", "broker.laocai.example"),
    database=Address("postgresql", "db.laocai.example", "sslmode=verify-full"),
    keys=(Kept("data/signing.key", 0o600, 0o700),),
    databases=(Kept("data/loaban.db", 0o644, 0o700),),
    free=50_000_000_000,
    size=100_000_000_000,
)

WEAK: list[tuple[Mapping[str, object], Finding]] = [
    ({"missing_tools": ("ffmpeg",)}, Finding(Weakness.tool_missing, "ffmpeg")),
    ({"database_readable": False}, Finding(Weakness.database_unreadable)),
    ({"behind_tls": False}, Finding(Weakness.pages_without_tls)),
    ({"host": "0.0.0.0"}, Finding(Weakness.pages_open, "0.0.0.0")),  # noqa: S104
    ({"host": "::"}, Finding(Weakness.pages_open, "::")),
    ({"certificates": (("c", WARN_BEFORE - 1), ("d", WARN_BEFORE))}, Finding(Weakness.certificate_ending, "c")),
    ({"broker": None}, Finding(Weakness.broker_embedded)),
    ({"broker": Address("mqtt", "10.0.0.7")}, Finding(Weakness.broker_without_tls, "10.0.0.7")),
    ({"broker": Address("", "")}, Finding(Weakness.broker_without_tls, "")),
    ({"database": Address("postgresql", "db")}, Finding(Weakness.database_without_tls, "db")),
    ({"database": Address("postgresql+psycopg", "db", "sslmode=prefer")}, Finding(Weakness.database_without_tls, "db")),
    ({"keys": (Kept("k", 0o640, 0o700),)}, Finding(Weakness.key_readable, "k")),
    ({"keys": (Kept("k", 0o604, 0o700),)}, Finding(Weakness.key_readable, "k")),
    ({"databases": (Kept("d", 0o644, 0o755),)}, Finding(Weakness.database_readable, "d")),
    ({"shared_keys": ("demo-data/8000/signing.key",)}, Finding(Weakness.key_shared, "demo-data/8000/signing.key")),
    ({"synchronised": False}, Finding(Weakness.clock_not_synchronised)),
    ({"loud_areas": ("Xã Y Tý",)}, Finding(Weakness.quiet_hours_off, "Xã Y Tý")),
    ({"sample": ("bientap", "tinh")}, Finding(Weakness.sample_in_production, "bientap, tinh")),
    ({"without_second_factor": ("lanhdao",)}, Finding(Weakness.second_factor_off, "lanhdao")),
    ({"free": 1_500_000_000}, Finding(Weakness.disk_nearly_full, "1.5 GB")),
    ({"free": 900_000_000, "size": 10_000_000_000}, Finding(Weakness.disk_nearly_full, "0.9 GB")),
    ({"shut_in": False}, Finding(Weakness.decoder_not_shut_in)),
    ({"voice_abroad": True}, Finding(Weakness.voice_abroad)),
    ({"miscounted": 3}, Finding(Weakness.summary_wrong, "3")),
    ({"unreviewed": ("Hà Nhì", "Dao (Đỏ)")}, Finding(Weakness.language_unreviewed, "Hà Nhì, Dao (Đỏ)")),
]


def with_(changes: Mapping[str, object]) -> Machine:
    return msgspec.structs.replace(GOOD, **changes)


def test_a_good_set_up_is_called_good() -> None:
    assert examine(GOOD) == ()
    assert status(()) == 0


@pytest.mark.parametrize(("changes", "finding"), WEAK, ids=[f.weakness.value + str(n) for n, (_, f) in enumerate(WEAK)])
def test_each_weakness_is_found_and_nothing_else_is(changes: Mapping[str, object], finding: Finding) -> None:
    found = examine(with_(changes))
    assert found == (finding,)
    assert status(found) == (2 if finding.weakness in FATAL else 1)


def test_a_demonstration_may_do_without_most_and_not_be_open() -> None:
    demo = Machine(
        production=False, behind_tls=False, loud_areas=("Lào Cai",), sample=("bientap",), without_second_factor=("x",)
    )
    assert examine(demo) == ()
    opened = msgspec.structs.replace(demo, host="0.0.0.0")  # noqa: S104
    assert examine(opened) == (Finding(Weakness.demo_open, "0.0.0.0"),)  # noqa: S104


@pytest.mark.parametrize(
    "fine",
    [
        {"broker": Address("mqtt", "127.0.0.1")},
        {"broker": Address("mqtt", "localhost")},
        {"host": "0.0.0.0", "own_tls": True},  # noqa: S104
        {"database": None},
        {"database": Address("postgresql", "localhost")},
        {"database": Address("sqlite", "")},
        {"database": Address("postgresql", "")},
        {"synchronised": None},
        {"free": 1_500_000_000, "size": 10_000_000_000},
        {"databases": (Kept("d", 0o600, 0o755),)},
    ],
)
def test_what_only_looks_weak_is_not(fine: Mapping[str, object]) -> None:
    assert examine(with_(fine)) == ()


def test_every_weakness_can_be_found() -> None:
    assert {finding.weakness for _, finding in WEAK} | {Weakness.demo_open} == set(Weakness)


@given(st.sets(st.sampled_from(range(len(WEAK)))))
def test_one_weakness_hides_no_other(chosen: set[int]) -> None:
    changes: dict[str, object] = {}
    for index in chosen:
        changes |= WEAK[index][0]
    expected = {f for c, f in (WEAK[i] for i in chosen) if all(changes[name] == value for name, value in c.items())}
    assert expected <= set(examine(with_(changes)))


@given(st.text(max_size=40), st.text(max_size=40))
def test_addresses_without_sense_end_in_no_traceback(broker: str, database: str) -> None:
    assert address_of("//[") == Address("", "//[")
    assert address_of("mqtts://a:8883/?x=1") == Address("mqtts", "a", "x=1")
    examine(with_({"broker": address_of(broker), "database": address_of(database)}))

"""Tests of the sums of reports, their periods, and the manifest of a file.

Nobody imports this module.
"""

from datetime import date

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schedules.clock import HOUR, at_civil
from schedules.playback import Outcome, Reason
from schedules.programme import BroadcastClass
from schedules.signing import SigningKey
from server.audit import BEGINNING, AuditLine, linked
from server.manifest import EXPORT, Manifest, Verdict, read, signed, verdict
from server.period import Every, Period, current, period_of, recent
from server.report import By, Sound, Tally, summed

KEY, OTHER = SigningKey(b"k" * 32), SigningKey(b"o" * 32)
LENGTHS = {"bt": {"vi": 60_000, "mww": 30_000, "ium": 10_000}, "music": {"zxx": 5_000}}
TALLY = Tally("xa", "an-ninh", BroadcastClass.ordinary, Outcome.played, Reason.none, False, 1, 60_000)
SOUND = Sound("xa", "bt", ("vi", "mww", "ium"), ("ium",), 9 * HOUR)
_tags = st.lists(st.sampled_from(["vi", "mww", "ium", "khb"]), max_size=4, unique=True).map(tuple)
sounds = st.lists(
    st.builds(
        Sound,
        st.sampled_from(["xa-1", "xa-2", ""]),
        st.sampled_from(["bt", "music", "gone"]),
        _tags,
        _tags,
        st.integers(1, 10**9),
    ),
    max_size=20,
)
tallies = st.lists(
    st.builds(
        Tally,
        st.sampled_from(["xa-1", "xa-2", ""]),
        st.sampled_from(["an-ninh", "van-hoa", ""]),
        st.sampled_from(BroadcastClass),
        st.sampled_from([None, *Outcome]),
        st.sampled_from(Reason),
        st.booleans(),
        st.integers(1, 500),
        st.integers(0, 10**9),
    ),
    max_size=20,
)


@pytest.mark.parametrize(
    ("text", "first", "until"),
    [
        ("2026-11", date(2026, 11, 1), date(2026, 12, 1)),
        ("2026-12", date(2026, 12, 1), date(2027, 1, 1)),
        ("2026-Q1", date(2026, 1, 1), date(2026, 4, 1)),
        ("2026-Q4", date(2026, 10, 1), date(2027, 1, 1)),
    ],
)
def test_a_period_begins_and_ends_at_civil_midnight(text: str, first: date, until: date) -> None:
    period = period_of(text)
    assert period is not None
    assert (period.first, period.since, period.until) == (first, at_civil(first, 0), at_civil(until, 0))
    assert period.text == text
    assert period.next.last == period


@pytest.mark.parametrize(
    "text", ["", "2026", "2026-13", "2026-00", "2026-Q5", "2026-11-01", "٢٠٢٦-11", "1999-01", "9999-12"]
)
def test_what_is_no_period_is_none(text: str) -> None:
    assert period_of(text) is None


def test_the_periods_that_are_offered_are_without_a_gap() -> None:
    now = at_civil(date(2026, 2, 1), 0)
    assert [p.text for p in recent(now, 3)] == ["2026-02", "2026-01", "2025-12"]
    assert [p.text for p in recent(now, 2, Every.quarter)] == ["2026-Q1", "2025-Q4"]
    assert current(now - 1) == Period(2026, 1)


@given(tallies, sounds)
def test_every_play_and_every_millisecond_is_told_once(given_: list[Tally], sounded: list[Sound]) -> None:
    report = summed(Period(2026, 11), given_, sounded, LENGTHS)
    total = report.total
    assert total.planned == sum(t.plays for t in given_)
    ended = (total.played, total.late, total.cut, total.skipped, total.missed, total.failed, total.unknown, total.open)
    assert sum(ended) == total.planned
    assert total.sounded_ms == sum(t.sounded_ms for t in given_)
    for by in (By.broadcast_class, By.topic):
        assert sum(report.hours[by].values()) == total.sounded_ms, by
    assert sum(report.hours[By.language].values()) == sum(sound.sounded_ms for sound in sounded)
    told = total.cut + total.skipped + total.missed + total.failed + total.unknown
    assert sum(report.causes.values()) == told


def test_what_sounded_is_shared_among_the_languages_that_sounded() -> None:
    hours = summed(Period(2026, 11), [], [SOUND], LENGTHS).hours[By.language]
    assert hours == {("xa", "vi"): 6 * HOUR, ("xa", "mww"): 3 * HOUR}
    unplanned, music = msgspec.structs.replace(SOUND, languages=()), msgspec.structs.replace(SOUND, bulletin="music")
    assert summed(Period(2026, 11), [], [unplanned], LENGTHS).hours[By.language] == hours
    assert summed(Period(2026, 11), [], [music], LENGTHS).hours[By.language] == {("xa", "zxx"): 9 * HOUR}


def test_a_report_that_may_still_come_counts_neither_as_sounded_nor_as_silent() -> None:
    silent = msgspec.structs.replace(TALLY, outcome=None, silent=True, sounded_ms=0)
    waiting = msgspec.structs.replace(silent, silent=False)
    [line] = summed(Period(2026, 11), [TALLY, silent, waiting], [], {}).lines.values()
    assert (line.planned, line.unknown, line.open, line.share) == (3, 1, 1, 50.0)
    [only] = summed(Period(2026, 11), [waiting], [], {}).lines.values()
    assert only.share is None


LINE = linked(AuditLine(7, 1, "a", "overseer", "/t/", EXPORT, "x.csv", "", "ab" * 32, "", "", BEGINNING))
MANIFEST = Manifest("x.csv", 10, "ab" * 32, "t", "Tỉnh", 0, 1, 3, 1, LINE.number, LINE.hash)


def test_a_file_that_is_as_it_was_signed_is_whole() -> None:
    found = read(signed(MANIFEST, KEY))
    assert verdict(found, 10, "ab" * 32) is Verdict.whole
    assert verdict(found, 10, "ab" * 32, frozenset({KEY.key_id.hex()}), {7: LINE}) is Verdict.whole
    assert found.manifest == MANIFEST


@pytest.mark.parametrize(("size", "sha256"), [(11, "ab" * 32), (10, "ac" * 32)])
def test_a_file_that_was_changed_is_named(size: int, sha256: str) -> None:
    assert verdict(read(signed(MANIFEST, KEY)), size, sha256) is Verdict.changed


@pytest.mark.parametrize("field", ["sha256", "area_name", "rows", "since", "head"])
def test_a_manifest_that_was_rewritten_is_forged(field: str) -> None:
    found = read(signed(MANIFEST, KEY))
    value = getattr(MANIFEST, field)
    changed = msgspec.structs.replace(MANIFEST, **{field: value + 1 if isinstance(value, int) else value[::-1] + "c"})
    forged = msgspec.structs.replace(found, manifest=changed)
    assert verdict(forged, changed.size, changed.sha256) is Verdict.forged
    assert verdict(msgspec.structs.replace(found, key=OTHER.key_id.hex()), 10, "ab" * 32) is Verdict.forged
    assert verdict(msgspec.structs.replace(found, public=OTHER.public), 10, "ab" * 32) is Verdict.forged


def test_a_key_of_ones_own_does_not_pass_for_the_servers() -> None:
    mine = read(signed(MANIFEST, OTHER))
    assert verdict(mine, 10, "ab" * 32, frozenset({KEY.key_id.hex()})) is Verdict.strange_key


def test_a_file_that_the_audit_does_not_know_is_named() -> None:
    found = read(signed(MANIFEST, KEY))
    other = linked(msgspec.structs.replace(LINE, after="cd" * 32))
    for audit in ({}, {7: other}):
        assert verdict(found, 10, "ab" * 32, audit=audit) is Verdict.not_in_audit

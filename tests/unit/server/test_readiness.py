"""Readiness before air: who is ready, what the others lack, and until when the rest may still come, as the loudspeaker
itself has it.

Nobody imports this module.
"""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from device_agent import events
from device_agent.state import status_of
from schedules.assignment import Allowance, Assignment, QuietHours
from schedules.clock import DAY, HOUR, MINUTE, SECOND, ClockTrust, UtcMs, civil_minute
from schedules.playback import Reason
from schedules.programme import BroadcastClass, Programme, Slot
from schedules.wire import Status
from server.planning import named_since
from server.readiness import Deadline, Heard, Lack, Standing, deadline, kind_of, silenced, standing, used
from tests.unit.device.stage import PATH, SIX, Stage, clip, slot
from tests.unit.schedules import shapes

NOW = SIX - HOUR
ASSIGNMENT = Assignment("loa-1", 1, NOW, NOW + 400 * DAY, PATH, ("mww", "vi"), None)
TWO = slot("a", clips=(clip("a-vi"), clip("a-mww", "mww"), clip("a-ium", "ium")))
HOLDS = Status(online=True, journal="j", programmes={"xa-1": 7}, trust=ClockTrust.ntp, at=NOW)
SINCE = {"xa-1": 5}
VI, MWW, OTHER = clip("a-vi").sha256, clip("a-mww", "mww").sha256, clip("b").sha256
LIMIT = Allowance(daily_bytes=100, monthly_bytes=1_000)


def _of(status: Status, received_at: UtcMs = NOW, what: Slot = TWO, allowance: Allowance | None = None) -> Standing:
    assignment = msgspec.structs.replace(ASSIGNMENT, allowance=allowance)
    return standing(what, assignment, Heard(status, received_at), SINCE, NOW)


@pytest.mark.parametrize(
    ("changes", "lacks"),
    [
        ({}, ()),
        ({"online": False}, ()),
        ({"clips_missing": (OTHER,)}, ()),
        ({"programmes": {"xa-1": 5}}, ()),
        ({"programmes": {"xa-1": 4}}, (Lack.programme,)),
        ({"programmes": {}}, (Lack.programme,)),
        ({"programmes": {"xa-1": 4}, "online": False}, (Lack.no_link, Lack.programme)),
        ({"clips_missing": (MWW,)}, (Lack.sound,)),
        ({"clips_missing": (MWW,), "online": False}, (Lack.no_link, Lack.sound)),
        ({"trust": ClockTrust.guessed}, (Lack.clock,)),
        ({"sound_card": "gone"}, (Lack.sound_card,)),
        ({"clips_missing": (MWW,), "held_back": 1}, (Lack.card_full, Lack.sound)),
        ({"memory_card": "read-only"}, ()),
        ({"memory_card": "read-only", "clips_missing": (MWW,)}, (Lack.memory_card, Lack.sound)),
        ({"memory_card": "read-only", "programmes": {}}, (Lack.programme, Lack.memory_card)),
        ({"clips_missing": (MWW, OTHER), "held_back": 1}, (Lack.sound,)),
        ({"clips_missing": (MWW,), "held_back": 1, "data_today": 100}, (Lack.data_spent, Lack.sound)),
        ({"clips_missing": (MWW,), "held_back": 1, "data_month": 1_000}, (Lack.data_spent, Lack.sound)),
        ({"clips_missing": (MWW,), "held_back": 1, "data_today": 100, "at": NOW - DAY}, (Lack.card_full, Lack.sound)),
    ],
)
def test_a_loudspeaker_says_what_it_lacks(changes: dict[str, object], lacks: tuple[Lack, ...]) -> None:
    assert _of(msgspec.structs.replace(HOLDS, **changes), allowance=LIMIT).lacks == lacks


def test_the_languages_still_missing_are_named_and_foreign_ones_are_not() -> None:
    found = _of(msgspec.structs.replace(HOLDS, clips_missing=(MWW, clip("a-ium", "ium").sha256)))
    assert (found.missing, found.parts_there, found.parts) == (("mww",), 1, 2)


def test_an_emergency_asks_for_no_clock_and_is_never_held_back() -> None:
    urgent = msgspec.structs.replace(TWO, broadcast_class=BroadcastClass.emergency)
    told = msgspec.structs.replace(HOLDS, trust=ClockTrust.none, clips_missing=(MWW,), held_back=1, data_today=100)
    assert _of(told, what=urgent, allowance=LIMIT).lacks == (Lack.sound,)


def test_who_has_never_spoken_and_who_has_been_away_for_too_long() -> None:
    assert standing(TWO, ASSIGNMENT, None, SINCE, NOW) == Standing((Lack.never_heard,), linked=False)
    away = msgspec.structs.replace(HOLDS, online=False)
    assert _of(away, NOW - 13 * DAY).lacks == ()
    assert _of(away, NOW - 15 * DAY).lacks == (Lack.no_link,), "what it holds has come to its end"


def test_what_was_used_yesterday_or_last_month_counts_no_more() -> None:
    status = msgspec.structs.replace(HOLDS, data_today=5, data_month=9)
    assert used(status, NOW) == (5, 9)
    assert used(status, NOW + DAY) == (0, 9)
    assert used(status, NOW + 40 * DAY) == (0, 0)


def test_an_older_programme_is_enough_if_it_says_the_same_of_the_slot() -> None:
    first = Programme("xa-1", 10, NOW, NOW + DAY, (TWO,))
    known = named_since(first, None, {})
    assert known == {TWO.occurrence: 10}
    later = slot("b", SIX + HOUR)
    second = Programme("xa-1", 11, NOW, NOW + DAY, (TWO, later))
    known = named_since(second, first, known)
    assert known == {TWO.occurrence: 10, later.occurrence: 11}
    changed = msgspec.structs.replace(TWO, clips=TWO.clips[:1])
    third = Programme("xa-1", 12, NOW, NOW + DAY, (changed, later))
    assert named_since(third, second, known) == {TWO.occurrence: 12, later.occurrence: 11}
    assert named_since(second, first, {}) == {TWO.occurrence: 10, later.occurrence: 11}, "from before it was counted"


# What stands in the way, quiet hours, and how long after its start a slot that misses its sound may still get it.
LONG = 4 * 60
CASES = [
    ("nothing", [], None, 15 * MINUTE),
    ("a better one", [slot("p", SIX + 10 * MINUTE, BroadcastClass.priority, (clip("p", seconds=600),))], None, 358 * SECOND),
    ("a lesser one, which gives way", [slot("z", SIX + 10 * MINUTE, clips=(clip("z", seconds=600),))], None, 594 * SECOND),
    ("quiet hours", [], 12, 8 * MINUTE),
]  # fmt: skip


@pytest.mark.parametrize(("others", "quiet", "last"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_until_when_the_sound_may_come_is_what_the_loudspeaker_does(
    others: list[Slot], quiet: int | None, last: int
) -> None:
    late = slot("a", clips=(clip("a", seconds=LONG),))
    hours = QuietHours(civil_minute(SIX) + quiet, civil_minute(SIX) + 60) if quiet else None
    assignment = msgspec.structs.replace(ASSIGNMENT, languages=("vi",), quiet_hours=hours)
    programme = Programme("xa-1", 1, NOW, NOW + 16 * DAY, (late, *others))
    found = deadline(late, assignment, [programme], NOW)
    assert found.all == found.any
    assert found.any is not None
    assert found.any - SIX in (last, last + 1 * SECOND, last - 1 * SECOND)
    for after, sounds in ((0, True), (6 * SECOND, False)):
        stage = Stage()
        stage.boot()
        stage.assign(quiet=hours)
        stage.programme(late, *others)
        for other in others:
            stage.happen(events.ClipStored(other.clips[0].sha256))
        stage.until(found.any + after)
        stage.happen(events.ClipStored(late.clips[0].sha256))
        assert ("a" in stage.placed()) is sounds, after


def test_with_several_languages_patience_ends_before_the_time_does() -> None:
    programme = Programme("xa-1", 1, NOW, NOW + 16 * DAY, (TWO,))
    assert deadline(TWO, ASSIGNMENT, [programme], NOW) == Deadline(SIX + 450 * SECOND, SIX + 15 * MINUTE)
    assert deadline(TWO, ASSIGNMENT, [programme], SIX + 10 * MINUTE) == Deadline(None, SIX + 15 * MINUTE)
    assert deadline(TWO, ASSIGNMENT, [programme], SIX + 16 * MINUTE) == Deadline(None, None)


def test_what_the_plan_keeps_silent_is_told_with_its_reason() -> None:
    quiet = msgspec.structs.replace(ASSIGNMENT, quiet_hours=QuietHours(civil_minute(SIX) - 5, civil_minute(SIX) + 5))
    programme = Programme("xa-1", 1, NOW, NOW + 16 * DAY, (TWO,))
    assert silenced(TWO, quiet, [programme]) is Reason.quiet_hours
    assert silenced(TWO, ASSIGNMENT, [programme]) is Reason.none
    assert silenced(TWO, msgspec.structs.replace(ASSIGNMENT, languages=("hni",)), [programme]) is Reason.no_language


@given(shapes.slot_lists.filter(bool), shapes.assignments, st.integers(-60, 240))
def test_a_deadline_lies_within_the_useful_time_and_never_in_the_past(
    slots: list[Slot], assignment: Assignment, minutes: int
) -> None:
    wanted = slots[0]
    now = wanted.start + minutes * MINUTE
    found = deadline(wanted, assignment, [Programme("xa-1", 1, NOW, NOW + DAY, tuple(slots))], now)
    assert found.any is None or max(wanted.start, now) <= found.any <= max(wanted.useful_until, wanted.start)
    assert found.all is None or (found.any is not None and now <= found.all <= found.any)


TRUSTS = st.sampled_from([ClockTrust.server, ClockTrust.ntp, ClockTrust.rtc, ClockTrust.guessed, ClockTrust.none])


@given(st.sets(st.sampled_from([VI, MWW])), st.sampled_from(["nothing", "an older one", "the newest"]), TRUSTS)
def test_who_is_called_ready_sounds_whole_and_on_time_and_nobody_else_does(
    stored: set[str], told: str, trust: ClockTrust
) -> None:
    """The judgement of the server, from the loudspeaker's own status, against what the loudspeaker then does."""
    stage = Stage(trust=trust)
    stage.boot()
    stage.assign(languages=("mww", "vi"))
    if told != "nothing":
        stage.programme(msgspec.structs.replace(TWO, clips=TWO.clips[:1]))
    newest = stage.revision + 1
    if told == "the newest":
        stage.programme(TWO)
    for name in stored:
        stage.happen(events.ClipStored(name))
    status = status_of(stage.state, stage.now)
    found = standing(TWO, ASSIGNMENT, Heard(status, stage.utc), {"xa-1": newest}, stage.utc)
    stage.until(SIX + SECOND)
    assert (not found.lacks) is (told == "the newest" and stage.placed() == ["a"])


@given(shapes.assignments, shapes.assignments)
def test_loudspeakers_of_one_kind_plan_everything_alike(one: Assignment, other: Assignment) -> None:
    """Whatever is left out of the kind is not heeded by the plan: who, since when, how loud, at what cost; and a trial,
    which gives way to everything."""
    heeded = set(Assignment.__struct_fields__) - {
        "device", "revision", "issued_at", "expires_at", "volume", "lead_in_ms", "allowance", "area_path", "trial",
    }  # fmt: skip
    for field in heeded:
        changed = msgspec.structs.replace(one, **{field: getattr(other, field)})
        differs = getattr(one, field) != getattr(other, field)
        assert (kind_of(one, ()) != kind_of(changed, ())) == differs, field

"""Verdicts, totals, the areas that hold exactly some loudspeakers, and when a make-up may sound.

Imported by pytest alone.
"""

from collections.abc import Collection

import pytest

from audio.clip import Clip
from schedules.assignment import Assignment, QuietHours
from schedules.clock import DAY, HOUR, MINUTE, UtcMs, at_civil, civil_day
from schedules.playback import Outcome, Playback, Reason
from schedules.programme import BroadcastClass, Programme, Slot
from server.area import Area
from server.ledger import SILENT_AFTER
from server.make_up import AHEAD, kinds_of, silence_at, soonest
from server.result import FAILED, WITHDRAWN, Verdict, gathered, may_help, tally_of, verdict_of

NOW: UtcMs = 1_795_474_800_000
UNTIL = NOW - SILENT_AFTER


@pytest.mark.parametrize("outcome", [o for o in Outcome if o is not Outcome.unknown])
def test_every_outcome_has_its_verdict(outcome: Outcome) -> None:
    sounded = outcome in (Outcome.played, Outcome.late)
    found = verdict_of(outcome.value, UNTIL, NOW)
    assert (found is Verdict.sounded) is sounded
    assert (found in FAILED) is not sounded


def test_a_report_that_may_still_come_is_waited_for() -> None:
    assert verdict_of("", UNTIL, NOW) is Verdict.waiting
    assert verdict_of("", UNTIL - 1, NOW) is Verdict.unreported
    assert verdict_of(WITHDRAWN, UNTIL - 1, NOW) is Verdict.withdrawn


def test_totals_leave_out_what_was_withdrawn() -> None:
    tally = tally_of({"played": 50, "late": 5, "cut": 1, "missed": 1, "failed": 1, "": 2, WITHDRAWN: 4}, UNTIL - 1, NOW)
    assert (tally.sounded, tally.total, tally.failed, tally.withdrawn) == (55, 60, 5, 4)


def test_a_repeat_cannot_help_who_has_no_sound_in_its_languages() -> None:
    skipped = Playback(1, "a@1", "a", "b", 1, Outcome.skipped, Reason.no_language)
    assert not may_help(skipped)
    assert may_help(None)


def _tree() -> list[Area]:
    paths = ("/t/x/h1/a/", "/t/x/h1/b/", "/t/x/h2/c/", "/t/x/h3/d/", "/t/x/h3/e/", "/t/y/h4/f/")
    return [Area(p.split("/")[-2], p.split("/")[-3], p, 3, "loudspeaker", p) for p in paths]


@pytest.mark.parametrize(
    ("chosen", "areas"),
    [
        ("a", ("a",)),
        ("ab", ("h1",)),
        ("abc", ("c", "h1")),
        ("abcde", ("x",)),
        ("abcdef", ("t",)),
        ("f", ("f",)),
        ("", ()),
    ],
)
def test_areas_hold_exactly_the_chosen_loudspeakers(chosen: Collection[str], areas: tuple[str, ...]) -> None:
    assert gathered(chosen, _tree()) == areas
    held = {each.id for each in _tree() if any(area in each.ids for area in areas)}
    assert held == set(chosen)


MORNING = at_civil(civil_day(NOW), 5 * 60)
CLIP = Clip("a" * 64, "vi", 60_000, 1)


def _slot(start: UtcMs, broadcast: str = "m", klass: BroadcastClass = BroadcastClass.ordinary) -> Slot:
    return Slot(f"{broadcast}@{start}", broadcast, "b", "t", klass, 2, start, start + 15 * MINUTE, (CLIP,))


def _assignment(device: str = "d", **changes: object) -> Assignment:
    given = {"device": device, "revision": 1, "issued_at": 0, "expires_at": NOW + DAY, "area_path": ("t", device)}
    return Assignment(**{**given, "languages": ("vi",), "quiet_hours": QuietHours(), **changes})  # type: ignore[arg-type]


def test_the_soonest_instant_is_the_first_outside_the_quiet_hours() -> None:
    kinds = kinds_of([_assignment()], {})
    night = MORNING - 2 * HOUR + 7_000
    assert silence_at(_slot(night), night, kinds) is Reason.quiet_hours
    assert soonest(_slot(night), night, kinds) == MORNING
    assert soonest(_slot(MORNING), MORNING + 7_000, kinds) == MORNING + 7_000, "at once where nothing is in the way"


def test_all_of_them_must_be_able_to_sound() -> None:
    late = _assignment("e", quiet_hours=QuietHours(start=22 * 60, end=6 * 60))
    kinds = kinds_of([_assignment(), late], {})
    assert soonest(_slot(MORNING), MORNING, kinds) == MORNING + HOUR


def test_a_longer_better_one_is_waited_for_and_what_never_can_sound_has_no_instant() -> None:
    long = Clip("c" * 64, "vi", 40 * MINUTE, 1)
    other = Slot("o@1", "o", "b", "t", BroadcastClass.priority, 2, MORNING, MORNING + HOUR, (long,))
    programmes = {"t": Programme("t", 1, 0, NOW + DAY, (other,))}
    kinds = kinds_of([_assignment()], programmes)
    assert silence_at(_slot(MORNING), MORNING + MINUTE, kinds) is Reason.displaced
    assert soonest(_slot(MORNING), MORNING + MINUTE, kinds) == MORNING + 30 * MINUTE
    deaf = kinds_of([_assignment(languages=("mww",))], {})
    assert soonest(_slot(MORNING), MORNING, deaf) is None
    assert AHEAD >= DAY

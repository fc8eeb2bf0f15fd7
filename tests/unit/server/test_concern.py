"""When something is raised, told further up, and over.

Imported by pytest alone.
"""

from hypothesis import given
from hypothesis import strategies as st

from schedules.assignment import QuietHours
from schedules.clock import HOUR, MINUTE, civil_midnight
from server.concern import (
    MEGABYTE,
    Change,
    Concern,
    ConcernKind,
    ConcernRules,
    Ended,
    Escalated,
    Place,
    Raised,
    decide,
    is_wrong,
    value_of,
)
from server.concern_form import ConcernFault, Typed, checked

NOON = civil_midnight(1_795_474_800_000) + 12 * HOUR
ALL_WELL = Place(
    "loa", "/tinh/xa/thon/loa/", 0, 0, clock_lost=False, disk_free=5_000 * MEGABYTE, temperature_c=30, share=100
)
RULES = ConcernRules(quiet=None)
limits = st.one_of(st.none(), st.integers(1, 100))
rules = st.builds(
    ConcernRules,
    silent_h=limits,
    unknown=limits,
    clock=st.booleans(),
    disk_mb=limits,
    temperature_c=limits,
    share=limits,
    quiet=st.sampled_from([None, QuietHours(22 * 60, 6 * 60)]),
    escalate_h=limits,
)
places = st.builds(
    Place,
    id=st.just("loa"),
    path=st.just("/tinh/xa/thon/loa/"),
    silent_since=st.one_of(st.none(), st.just(0), st.integers(NOON - 200 * HOUR, NOON)),
    unknown=st.one_of(st.none(), st.integers(0, 200)),
    clock_lost=st.one_of(st.none(), st.booleans()),
    disk_free=st.one_of(st.none(), st.integers(1, 200 * MEGABYTE)),
    temperature_c=st.one_of(st.none(), st.integers(-20, 110)),
    share=st.one_of(st.none(), st.integers(0, 100)),
)


def step(place: Place, its: ConcernRules, standing: list[Concern], now: int, height: int = 2) -> list[Change]:
    return decide([place], {"loa": its}, standing, {"loa": height}, now)


def after(standing: list[Concern], changes: list[Change]) -> list[Concern]:
    """What stands then."""
    by_kind = {concern.kind: concern for concern in standing}
    for change in changes:
        by_kind.pop(change.concern.kind, None)
        if not isinstance(change, Ended):
            by_kind[change.concern.kind] = change.concern
    return list(by_kind.values())


@given(st.lists(st.tuples(places, st.integers(1, 30)), min_size=1, max_size=25), rules)
def test_each_cause_is_raised_once_told_upwards_in_order_and_ends_once(
    days: list[tuple[Place, int]], its: ConcernRules
) -> None:
    standing: list[Concern] = []
    now = NOON
    for place, hours in days:
        changes = step(place, its, standing, now)
        for change in changes:
            concern, before = change.concern, [c for c in standing if c.kind is change.concern.kind]
            match change:
                case Raised():
                    assert before == []
                    assert not its.is_quiet(now)
                    assert value_of(place, concern.kind, now) is not None
                case Escalated():
                    assert [c.level + 1 for c in before] == [concern.level]
                    assert concern.level <= 2
                    assert not its.is_quiet(now)
                    assert its.escalate_h is not None
                    assert now - before[0].told_at >= its.escalate_h * HOUR
                case Ended():
                    assert len(before) == 1
                    assert concern.ended_at == now
        standing = after(standing, changes)
        for concern in standing:
            value = value_of(place, concern.kind, now)
            assert value is None or is_wrong(concern.kind, value, its, stands=True)
        assert step(place, its, standing, now) == [], "the same facts change nothing twice"
        now += hours * HOUR


@given(places, rules)
def test_what_is_not_known_raises_nothing_and_ends_nothing(place: Place, its: ConcernRules) -> None:
    standing = after([], step(place, its, [], NOON))
    unknown = Place("loa", place.path)
    assert step(unknown, its, [], NOON) == []
    assert not [c for c in step(unknown, its, standing, NOON) if not isinstance(c, Escalated)]


def test_a_loudspeaker_is_silent_only_after_its_hours_and_well_as_soon_as_it_speaks() -> None:
    gone = Place("loa", ALL_WELL.path, silent_since=NOON)
    assert step(gone, RULES, [], NOON + 6 * HOUR) == []
    [raised] = step(gone, RULES, [], NOON + 6 * HOUR + 1)
    assert isinstance(raised, Raised)
    assert raised.concern.kind is ConcernKind.silent
    [ended] = step(ALL_WELL, RULES, [raised.concern], NOON + 7 * HOUR)
    assert isinstance(ended, Ended)


def test_what_an_outage_has_silenced_is_raised_together_and_stays_so() -> None:
    """Each was heard for the last time at another minute; another commune has its own."""
    there = "/tinh/xa/thon/"
    lost = [Place(f"loa-{n}", f"{there}loa-{n}/", silent_since=NOON + n * 7 * MINUTE) for n in range(4)]
    later = Place("loa-9", f"{there}loa-9/", silent_since=NOON + 2 * HOUR)
    far = Place("xa-khac", "/tinh/xa-khac/thon/xa-khac/", silent_since=NOON + 7 * MINUTE)
    places = [*lost, later, far]
    rules = {place.id: RULES for place in places}
    now = NOON + 6 * HOUR + MINUTE
    raised = decide(places, rules, [], dict.fromkeys(rules, 0), now)
    assert [(type(c), c.concern.place) for c in raised] == [(Raised, place.id) for place in lost]
    standing = [change.concern for change in raised]
    assert decide([*lost, later], rules, standing, dict.fromkeys(rules, 0), now + 5 * MINUTE) == []
    back = Place("loa-3", f"{there}loa-3/", silent_since=0)
    assert [type(c) for c in decide([back], rules, standing, dict.fromkeys(rules, 0), now + 5 * MINUTE)] == [Ended]


def test_a_value_that_sways_about_its_limit_rings_once() -> None:
    hot = Place("loa", ALL_WELL.path, temperature_c=76)
    [raised] = step(hot, RULES, [], NOON)
    standing, later = [raised.concern], NOON + MINUTE
    assert step(Place("loa", ALL_WELL.path, temperature_c=74), RULES, standing, later) == []
    assert [type(c) for c in step(Place("loa", ALL_WELL.path, temperature_c=70), RULES, standing, later)] == [Ended]
    full = Place("loa", ALL_WELL.path, disk_free=199 * MEGABYTE)
    [raised] = step(full, RULES, [], NOON)
    standing = [raised.concern]
    assert step(Place("loa", ALL_WELL.path, disk_free=230 * MEGABYTE), RULES, standing, later) == []
    assert [type(c) for c in step(Place("loa", ALL_WELL.path, disk_free=250 * MEGABYTE), RULES, standing, later)] == [
        Ended
    ]


def test_who_acknowledges_keeps_it_from_going_up_and_the_top_is_the_end() -> None:
    gone = Place("loa", ALL_WELL.path, silent_since=NOON)
    now = NOON + 7 * HOUR
    [raised] = step(gone, RULES, [], now)
    concern, later = raised.concern, now + 24 * HOUR
    assert step(gone, RULES, [concern], later - 1) == []
    [first] = step(gone, RULES, [concern], later)
    assert isinstance(first, Escalated)
    assert step(gone, RULES, [first.concern], later) == []
    [second] = step(gone, RULES, [first.concern], later + 24 * HOUR)
    assert step(gone, RULES, [second.concern], later + 1_000 * HOUR) == []
    seen = Concern(
        concern.kind, "loa", concern.value, concern.raised_at, concern.told_at, seen_by="an", seen_at=now + 1
    )
    assert step(gone, RULES, [seen], later + 1_000 * HOUR) == []


def test_in_quiet_times_nothing_is_raised_and_what_is_over_may_end() -> None:
    night = ConcernRules()
    gone = Place("loa", ALL_WELL.path, silent_since=NOON)
    assert step(gone, night, [], NOON + 11 * HOUR) == []
    assert len(step(gone, night, [], NOON + 18 * HOUR)) == 1
    paused = ConcernRules(quiet=None, paused_until=NOON + 40 * HOUR)
    assert step(gone, paused, [], NOON + 39 * HOUR) == []
    [raised] = step(gone, paused, [], NOON + 40 * HOUR)
    assert [type(c) for c in step(ALL_WELL, night, [raised.concern], NOON + 60 * HOUR)] == [Ended]


def test_what_is_switched_off_ends() -> None:
    gone = Place("loa", ALL_WELL.path, silent_since=NOON - 9 * HOUR)
    [raised] = step(gone, RULES, [], NOON)
    never = ConcernRules(silent_h=None, quiet=None)
    assert [type(c) for c in step(gone, never, [raised.concern], NOON)] == [Ended]


FORM = {"silent_h": "4", "unknown": "", "disk_mb": "100", "temperature_c": "70", "share": "90", "escalate_h": "12"}


def test_the_form_is_read_or_every_fault_is_named() -> None:
    read = checked(Typed(FORM, True, "21:30", "05:00", ""), ConcernRules(paused_until=7), NOON)
    assert read == ConcernRules(4, None, True, 100, 70, 90, QuietHours(21 * 60 + 30, 5 * 60), 12, paused_until=7)
    paused = checked(Typed(FORM, False, "", "", "3"), ConcernRules(), NOON)
    assert isinstance(paused, ConcernRules)
    assert (paused.quiet, paused.clock, paused.paused_until) == (None, False, NOON + 72 * HOUR)
    ended = checked(Typed(FORM, False, "", "", "0"), ConcernRules(paused_until=NOON * 2), NOON)
    assert isinstance(ended, ConcernRules)
    assert ended.paused_until == 0
    bad = {**FORM, "silent_h": "x", "share": "101", "disk_mb": "0", "unknown": "-1", "escalate_h": "١"}
    faults = checked(Typed(bad, True, "22:00", "", "99"), ConcernRules(), NOON)
    assert faults == {
        **dict.fromkeys(["silent_h", "share", "disk_mb", "unknown", "escalate_h"], ConcernFault.no_number),
        "quiet_from": ConcernFault.no_hour,
        "paused_days": ConcernFault.too_long,
    }

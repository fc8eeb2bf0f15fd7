"""Where what comes from above stands at each commune, and in whose programmes: the table, the tree, the patience.

Imported by pytest alone.
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schedules.clock import DAY, HOUR
from schedules.programme import BroadcastClass, Turn
from server.access import Act, Grant, Role
from server.area import Area
from server.planning import ANY_TERMS, Terms
from server.uptake import (
    Answer,
    Reach,
    Reply,
    Uptake,
    asks,
    first_patience,
    is_office,
    level_due,
    may_answer,
    reach,
    taken,
    uptake_of,
)

ORDINARY, PRIORITY, EMERGENCY = BroadcastClass.ordinary, BroadcastClass.priority, BroadcastClass.emergency
CLASSES = st.sampled_from(BroadcastClass)


def area(path: str, level: str) -> Area:
    ids = path.strip("/").split("/")
    return Area(ids[-1], ids[-2] if len(ids) > 1 else None, path, len(ids) - 1, level, ids[-1])


PROVINCE = area("/t/", "province")
REGION = area("/t/k/", "region")
HIGH = area("/t/k/a/", "commune")
LOW = area("/t/b/", "commune")
HAMLET = area("/t/k/a/thon/", "hamlet")
STRAY = area("/t/k/doi/", "hamlet")
JOINED = area("/t/b/cu/", "commune")
TREE = [PROVINCE, REGION, HIGH, LOW, STRAY, JOINED]


def replied(commune: str, answer: Answer, *, at: int = 50, since: int = 50, turn: Turn = Turn.as_ruled) -> Reply:
    return Reply("ps", commune, answer, turn, by="lan", at=at, accepted_at=since)


@pytest.mark.parametrize(
    ("klass", "pushed", "answer", "over", "state"),
    [
        (ORDINARY, True, None, False, Uptake.waiting),
        (ORDINARY, True, Answer.none, False, Uptake.waiting),
        (ORDINARY, True, Answer.none, True, Uptake.lapsed),
        (ORDINARY, True, Answer.accepted, False, Uptake.accepted),
        (ORDINARY, True, Answer.accepted, True, Uptake.accepted),
        (ORDINARY, True, Answer.refused, False, Uptake.refused),
        (ORDINARY, True, Answer.refused, True, Uptake.refused),
        (ORDINARY, False, None, False, Uptake.by_force),
        (PRIORITY, True, None, False, Uptake.by_force),
        (PRIORITY, True, Answer.accepted, False, Uptake.accepted),
        (PRIORITY, True, None, True, Uptake.by_force),
        (EMERGENCY, True, None, False, Uptake.by_force),
        (EMERGENCY, True, Answer.accepted, True, Uptake.accepted),
    ],
)
def test_the_states(klass: BroadcastClass, pushed: bool, answer: Answer | None, over: bool, state: Uptake) -> None:
    reply = replied("a", answer) if answer is not None else None
    assert uptake_of(klass, reply, pushed=pushed, over=over) is state


def test_whom_a_province_asks() -> None:
    found = reach(PROVINCE.path, [PROVINCE], TREE)
    assert found == Reach({"a": (HIGH,), "b": (LOW,)}, (STRAY,), {"b": (JOINED,)})


def test_a_hamlet_is_answered_for_by_its_commune_and_a_commune_asks_nobody_but_others() -> None:
    assert reach(PROVINCE.path, [HAMLET], [*TREE, HAMLET]).parts == {"a": (HAMLET,)}
    assert reach(HIGH.path, [HAMLET], [*TREE, HAMLET]) == Reach({}, (HAMLET,), {})
    assert reach(PROVINCE.path, [STRAY], TREE) == Reach({}, (STRAY,), {})


def test_an_ordinary_one_stands_where_it_is_accepted_from_then_on() -> None:
    found = reach(PROVINCE.path, [PROVINCE], TREE)
    assert taken(found, ORDINARY, {}) == {"doi": ANY_TERMS}
    replies = {"a": replied("a", Answer.accepted), "b": replied("b", Answer.refused, since=0)}
    assert taken(found, ORDINARY, replies) == {"doi": ANY_TERMS, "a": Terms(50)}


def test_who_changes_their_mind_cuts_nothing_that_has_begun() -> None:
    found = reach(PROVINCE.path, [HIGH], TREE)
    assert taken(found, ORDINARY, {"a": replied("a", Answer.refused, at=90)}) == {"a": Terms(50, 90)}


def test_a_priority_one_stands_everywhere_in_the_turn_that_each_commune_gave_it() -> None:
    found = reach(PROVINCE.path, [PROVINCE], TREE)
    replies = {"a": replied("a", Answer.accepted, turn=Turn.last)}
    assert taken(found, PRIORITY, replies) == {"doi": ANY_TERMS, "a": Terms(turn=Turn.last), "b": ANY_TERMS}


def test_what_a_commune_accepted_before_it_joined_another_still_stands_there() -> None:
    found = reach(PROVINCE.path, [LOW], TREE)
    before = {"cu": replied("cu", Answer.accepted)}
    assert taken(found, ORDINARY, before) == {"cu": Terms(50)}
    assert taken(found, ORDINARY, {**before, "b": replied("b", Answer.refused, since=0)}) == {}
    hamlet = area("/t/b/cu/thon/", "hamlet")
    inside = reach(PROVINCE.path, [hamlet], [*TREE, hamlet])
    assert taken(inside, ORDINARY, before) == {"thon": Terms(50)}


@given(CLASSES, st.dictionaries(st.sampled_from("ab"), st.sampled_from(Answer)), st.integers(0, 100))
def test_nothing_that_asks_stands_where_nobody_ever_accepted_and_all_else_stands_everywhere(
    klass: BroadcastClass, answers: dict[str, Answer], at: int
) -> None:
    since = {each: 7 if answer is Answer.accepted else 0 for each, answer in answers.items()}
    replies = {each: replied(each, answer, at=at, since=since[each]) for each, answer in answers.items()}
    stands = taken(reach(PROVINCE.path, [PROVINCE], TREE), klass, replies)
    for commune in "ab":
        state = uptake_of(klass, replies.get(commune), pushed=True, over=False)
        assert (commune in stands) == (state in (Uptake.accepted, Uptake.by_force))
        assert asks(klass, pushed=True) or state in (Uptake.accepted, Uptake.by_force)


@given(st.integers(0, 10**12), st.integers(-DAY, 30 * DAY))
def test_it_is_told_again_and_further_up_before_it_is_due(sent: int, left: int) -> None:
    again, above = first_patience(sent, sent + left)
    assert sent <= again <= above <= sent + max(left, 0)
    assert [level_due(sent, sent + left, at) for at in (again, above)][-1] == 2
    assert level_due(sent, sent + left, sent - 1) == 0


def test_patience_is_a_day_where_there_is_time() -> None:
    assert first_patience(0, 10 * DAY) == (DAY, 2 * DAY)
    assert first_patience(0, 4 * HOUR) == (2 * HOUR, 3 * HOUR)


@pytest.mark.parametrize(
    ("role", "path", "may"),
    [
        (Role.approver, "/t/k/a/", True),
        (Role.approver, "/t/k/", True),  # between the office and the commune
        (Role.approver, "/t/", False),  # the office that sends
        (Role.approver, "/t/b/", False),
        (Role.approver, "/t/k/a/thon/", False),
        (Role.editor, "/t/k/a/", False),
        (Role.administrator, "/t/k/a/", False),
    ],
)
def test_who_answers(role: Role, path: str, may: bool) -> None:
    assert may_answer([Grant(role, path)], "/t/", "/t/k/a/") is may
    assert not may_answer([Grant(role, path, past=True)], "/t/", "/t/k/a/")
    assert Act.approve in Grant(Role.approver, path).acts


def test_who_writes_for_communes_from_above() -> None:
    assert is_office(TREE, ["/t/"])
    assert not is_office([HIGH, HAMLET], ["/t/k/a/"])

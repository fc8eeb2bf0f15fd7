"""Tests of grants: who may do what where and when, and who may give what to whom.

Nobody imports this module.
"""

from datetime import date

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schedules.clock import DAY, HOUR, SECOND, at_civil
from server.access import (
    ALLOWS,
    DECIDING,
    Act,
    Given,
    Grant,
    Person,
    Role,
    governs,
    may,
    may_anywhere,
    may_give,
    owes_second_factor,
    scope,
    within_reach,
)
from server.area import Area
from server.granting import GrantForm, PersonnelFault, Term, fault_of_grant, fault_of_name, term_of
from server.guessing import Pace, held_back

PROVINCE, COMMUNE, HAMLET, OTHER = "/tinh/", "/tinh/xa/", "/tinh/xa/thon/", "/tinh/xa-khac/"
AREAS = (PROVINCE, COMMUNE, HAMLET, OTHER)
NOW = at_civil(date(2026, 12, 4), 12 * 60)

MATRIX: dict[Role, str] = {
    # see, write, approve, alarm, review, install, correct, hand_out, set_area, manage_staff
    Role.editor: "see write",
    Role.approver: "see write approve review correct",
    Role.overseer: "see hand_out",
    Role.technician: "see install correct",
    Role.emergency_officer: "see alarm",
    Role.administrator: "see install correct hand_out set_area manage_staff",
}
"""What each role may do on its area and below: written down a second time on purpose."""


@pytest.mark.parametrize("area", AREAS)
@pytest.mark.parametrize("held_on", AREAS)
@pytest.mark.parametrize("act", Act)
@pytest.mark.parametrize("role", Role)
def test_the_matrix_of_role_act_and_area(role: Role, act: Act, held_on: str, area: str) -> None:
    allowed = act.value in MATRIX[role].split() and area.startswith(held_on)
    grants = [Grant(role, held_on)]
    assert may(grants, act, area) == allowed
    assert (held_on in scope(grants, act)) == may_anywhere(grants, act) == (act.value in MATRIX[role].split())
    assert within_reach(grants, act, area) == (act.value in MATRIX[role].split() and held_on.startswith(area))


def test_who_decides_owes_a_second_factor() -> None:
    hard = {Act.approve, Act.alarm, Act.manage_staff, Act.set_area, Act.review}
    assert {role for role in Role if ALLOWS[role] & hard} == DECIDING
    for role in Role:
        assert owes_second_factor([Grant(Role.editor, COMMUNE), Grant(role, HAMLET)]) == (role in DECIDING)
        assert not owes_second_factor([Grant(role, COMMUNE, past=True)])


def a_grant(**changes: object) -> Given:
    return msgspec.structs.replace(Given(1, "an", "xa", COMMUNE, Role.approver), **changes)


@pytest.mark.parametrize(
    ("after", "stands"),
    [(-1, False), (0, True), (HOUR - 1, True), (HOUR, False), (DAY, False)],
)
def test_a_grant_holds_from_its_first_instant_until_before_its_end(after: int, stands: bool) -> None:
    given = a_grant(begins=NOW, ends=NOW + HOUR)
    assert (given.in_force(NOW + after) is not None) == stands
    assert given.over(NOW + after) == (after >= HOUR)


def test_a_grant_without_an_end_goes_on() -> None:
    assert a_grant().in_force(NOW + 3650 * DAY) == Grant(Role.approver, COMMUNE)
    assert a_grant(begins=NOW + 1, ends=NOW).in_force(NOW + 2) is None, "ended before it began"


MIDNIGHT = at_civil(date(2025, 7, 1), 0)


@pytest.mark.parametrize("role", Role)
def test_on_an_area_that_has_ended_one_may_only_look(role: Role) -> None:
    given = a_grant(role=role, valid_to="2025-06-30")
    before, after = given.in_force(MIDNIGHT - 1), given.in_force(MIDNIGHT)
    assert before == Grant(role, COMMUNE)
    assert after == Grant(role, COMMUNE, past=True)
    assert [act for act in Act if may([after], act, HAMLET)] == [Act.see]
    assert scope([after], Act.see) == (COMMUNE,)
    assert not may_anywhere([after], Act.write)


def test_on_an_area_that_is_still_to_come_one_may_nothing() -> None:
    given = a_grant(valid_from="2025-07-01")
    assert given.in_force(MIDNIGHT - 1) is None
    assert given.in_force(MIDNIGHT) == Grant(Role.approver, COMMUNE)


def keeper(*grants: Grant) -> Person:
    return Person("quantri", "quantri", "Quản trị", grants)


@given(st.sampled_from(Role), st.sampled_from(AREAS), st.sampled_from(AREAS), st.sampled_from(["quantri", "an"]))
def test_a_role_is_given_by_an_administrator_below_and_never_to_oneself(
    role: Role, held_on: str, area: str, receiver: str
) -> None:
    may_it = role is Role.administrator and area.startswith(held_on) and receiver != "quantri"
    assert may_give(keeper(Grant(role, held_on)), receiver, area) == may_it
    assert not may_give(keeper(Grant(role, held_on, past=True)), receiver, area)


def test_nobody_climbs_by_the_account_of_somebody_higher() -> None:
    commune = keeper(Grant(Role.administrator, COMMUNE))
    here, above = a_grant(), a_grant(area="tinh", area_path=PROVINCE)
    assert governs(commune, "an", "", [here], NOW)
    assert governs(commune, "an", COMMUNE, [], NOW)
    assert not governs(commune, "an", "", [], NOW), "nobody's account is not everybody's"
    assert not governs(commune, "an", "", [here, above], NOW)
    assert not governs(commune, "an", PROVINCE, [here], NOW)
    assert not governs(commune, "quantri", "", [here], NOW)
    assert governs(commune, "an", "", [here, msgspec.structs.replace(above, ends=NOW)], NOW), (
        "what is over counts no more"
    )
    to_come = msgspec.structs.replace(above, begins=NOW + DAY)
    assert not governs(commune, "an", "", [here, to_come], NOW), "what is to come does"


@pytest.mark.parametrize(
    ("since", "until", "term"),
    [
        ("", "", Term(NOW, None)),
        ("4/12/2026", "", Term(NOW, None)),
        ("05/12/2026", "", Term(at_civil(date(2026, 12, 5), 0), None)),
        ("", "4/12/2026", Term(NOW, at_civil(date(2026, 12, 5), 0))),
        ("05/12/2026", "05/12/2026", Term(at_civil(date(2026, 12, 5), 0), at_civil(date(2026, 12, 6), 0))),
        ("3/12/2026", "", {"since": PersonnelFault.past}),
        ("", "3/12/2026", {"until": PersonnelFault.past}),
        ("06/12/2026", "05/12/2026", {"until": PersonnelFault.ends_before_it_begins}),
        ("31/02/2027", "x", {"since": PersonnelFault.no_such_date, "until": PersonnelFault.no_such_date}),
        ("05/12/0000", "", {"since": PersonnelFault.no_such_date}),
        ("٠٥/١٢/٢٠٢٦", "", {"since": PersonnelFault.no_such_date}),
    ],
)
def test_from_when_until_when(since: str, until: str, term: object) -> None:
    assert term_of(GrantForm("editor", "xa", since, until), NOW) == term


@pytest.mark.parametrize("role", Role)
def test_on_an_area_that_has_ended_only_looking_is_given(role: Role) -> None:
    area = Area("huyen", "tinh", "/tinh/huyen/", 1, "former_district", "Huyện (cũ)", valid_to="2025-06-30")
    faults = fault_of_grant(role, area, [], Term(NOW, None), NOW)
    assert faults == ({} if role is Role.overseer else {"area": PersonnelFault.area_ended})
    there = msgspec.structs.replace(area, valid_to="2026-12-04")
    assert fault_of_grant(role, there, [], Term(NOW, None), NOW) == {}, "its last day"


def test_what_is_held_is_not_given_twice() -> None:
    area = Area("xa", "tinh", COMMUNE, 1, "commune", "Xã")
    held = [a_grant(ends=NOW + DAY)]
    assert fault_of_grant(Role.approver, area, held, Term(NOW, NOW + DAY), NOW) == {"role": PersonnelFault.held_already}
    assert fault_of_grant(Role.approver, area, held, Term(NOW, NOW + 2 * DAY), NOW) == {}, "longer"
    assert fault_of_grant(Role.approver, area, held, Term(NOW, None), NOW) == {}, "for ever"
    assert fault_of_grant(Role.editor, area, held, Term(NOW, NOW + DAY), NOW) == {}, "another role"
    assert fault_of_grant(Role.approver, area, held, Term(NOW + DAY, None), NOW + DAY) == {}, "over"


@pytest.mark.parametrize(
    ("username", "name", "fields"),
    [
        ("an.nguyen-2", "Nguyễn Văn An", []),
        ("a", "Nguyễn Văn An", ["username"]),
        ("An", "Nguyễn Văn An", ["username"]),
        ("a/b", "Nguyễn Văn An", ["username"]),
        ("khoa ", "Nguyễn Văn An", ["username"]),
        ("x" * 41, " ", ["username", "display_name"]),
        ("an2", "x" * 81, ["display_name"]),
        ("an2", "An\x00", ["display_name"]),
    ],
)
def test_names_of_somebody_new(username: str, name: str, fields: list[str]) -> None:
    assert list(fault_of_name(username, name)) == fields


def test_a_pace_stops_or_slows() -> None:
    stops, slows = Pace(3, HOUR), Pace(3, HOUR, SECOND)
    two, three = [NOW - 5, NOW - 3], [NOW - 5, NOW - 3, NOW - 1]
    assert not held_back(stops, two, NOW)
    assert held_back(stops, three, NOW)
    assert held_back(slows, three, NOW)
    assert not held_back(slows, three, NOW + SECOND)
    assert held_back(stops, three, NOW + SECOND)
    assert not held_back(stops, three, NOW + HOUR)

"""Who is told of what.

Imported by pytest alone.
"""

from hypothesis import given
from hypothesis import strategies as st

from schedules.clock import HOUR, MINUTE, civil_midnight
from server.access import Act, Grant, Person, Role, may
from server.letter import FIRST_PAUSE, GIVEN_UP_AFTER, LONGEST_PAUSE, Fate, Letter, LetterState, after_try, pause
from server.notice import MATTER, Event, Matter, NoticeKind, told, watchers
from server.notice_choice import Choice, Way, due, is_address

NOON = civil_midnight(1_795_474_800_000) + 12 * HOUR
COMMUNE, OTHER, PROVINCE = "/tinh/xa/", "/tinh/xa-khac/", "/tinh/"
PATHS = st.sampled_from([COMMUNE, OTHER, PROVINCE, "/tinh/xa/thon/"])
PEOPLE = st.lists(
    st.builds(
        lambda name, held: Person(name, name, name, tuple(held)),
        st.sampled_from("abcdef"),
        st.lists(st.builds(Grant, st.sampled_from(Role), PATHS, st.booleans()), max_size=3),
    ),
    max_size=6,
    unique_by=lambda person: person.id,
)


def who(name: str, role: Role, path: str = COMMUNE) -> Person:
    return Person(name, name, name, (Grant(role, path),))


def submitted(**changes: object) -> Event:
    told_of = {"kind": NoticeKind.waits, "key": "compose 1", "at": NOON, "link": "/ban-tin/ps-1", "paths": (COMMUNE,)}
    return Event(**{**told_of, **changes})  # type: ignore[arg-type]


def test_what_waits_is_told_to_who_may_approve_it_everywhere_and_has_not_written_it() -> None:
    people = [
        who("lead", Role.approver),
        who("above", Role.approver, PROVINCE),
        who("elsewhere", Role.approver, OTHER),
        who("writer", Role.approver),
        who("editor", Role.editor),
        who("looks", Role.overseer, PROVINCE),
    ]
    event = submitted(by="writer", writers=frozenset({"writer", "editor"}))
    assert [notice.staff for notice in told(event, people)] == ["lead", "above"]
    both = submitted(paths=(COMMUNE, OTHER))
    assert [notice.staff for notice in told(both, people)] == ["above"]
    assert told(submitted(paths=()), people) == ()


def test_a_second_person_is_told_of_an_emergency_on_one_signature_and_never_its_officer() -> None:
    people = [who("officer", Role.emergency_officer), who("lead", Role.approver), who("editor", Role.editor)]
    [notice] = told(submitted(kind=NoticeKind.alone, by="officer", urgent=True), people)
    assert (notice.staff, notice.urgent, notice.matter) == ("lead", True, Matter.emergency)


@given(PEOPLE, st.sampled_from(NoticeKind), st.sets(st.sampled_from("abcdef")), st.lists(PATHS, max_size=3))
def test_nobody_is_told_of_their_own_act_nor_twice_nor_without_a_reason(
    people: list[Person], kind: NoticeKind, named: set[str], paths: list[str]
) -> None:
    event = submitted(kind=kind, by="a", writers=frozenset("b"), named=frozenset(named), paths=tuple(paths))
    staff = [notice.staff for notice in told(event, people)]
    assert "a" not in staff
    assert len(staff) == len(set(staff))
    for person in people:
        if person.id in staff and kind in (NoticeKind.waits, NoticeKind.alone):
            act = Act.approve if kind is NoticeKind.waits else Act.review
            assert person.id != "b"
            assert all(may(person.grants, act, path) for path in paths)
        elif person.id in staff:
            assert person.id in named


def test_who_watches_an_area_holds_a_role_on_just_this_node_and_now() -> None:
    past = Person("past", "past", "past", (Grant(Role.overseer, COMMUNE, past=True),))
    people = [who("editor", Role.editor), who("above", Role.overseer, PROVINCE), past]
    assert watchers(people, COMMUNE) == {"editor"}
    assert watchers(people, PROVINCE) == {"above"}


def test_every_kind_belongs_to_a_matter_that_people_can_choose() -> None:
    assert set(MATTER) == set(NoticeKind)
    assert set(MATTER.values()) == set(Matter)


@given(st.integers(0, 24 * 60 - 1))
def test_the_night_keeps_back_all_but_the_urgent(minute: int) -> None:
    now = civil_midnight(NOON) + minute * MINUTE
    [calm] = told(submitted(), [who("lead", Role.approver)])
    [urgent] = told(submitted(urgent=True), [who("lead", Role.approver)])
    at_night = not 6 * 60 <= minute < 22 * 60
    leaves = due(calm, Choice(), now)
    assert due(urgent, Choice(), now) == due(calm, Choice(quiet=False), now) == now
    assert leaves == now if not at_night else now < leaves <= now + 8 * HOUR
    assert (leaves - civil_midnight(leaves)) // MINUTE == 6 * 60 if at_night else True


def test_the_ways_are_what_was_chosen_and_mail_needs_an_address() -> None:
    assert Choice().ways(Matter.approval) == (Way.push,)
    assert Choice(address="a@b.vn").ways(Matter.approval) == (Way.push, Way.mail)
    chosen = Choice(address="a@b.vn", push=frozenset(), mail=frozenset({Matter.concern}))
    assert chosen.ways(Matter.approval) == ()
    assert chosen.ways(Matter.concern) == (Way.mail,)


def test_an_address_is_one_recipient_on_one_line() -> None:
    assert is_address("ten.nguoi+loa@xa-yty.laocai.example")
    for bad in (
        "",
        "a",
        "a@",
        "@b",
        "a@b\nBcc: c@d",
        "a@b,c@d",
        "a b@c",
        "<a@b>",
        'a"@b',
        "a@b;",
        "a@-b",
        "é@b.vn",
        "a" * 300 + "@b",
    ):
        assert not is_address(bad), bad


def a_letter() -> Letter:
    return Letter("id", Way.mail, "lead", submitted(), NOON, NOON)


@given(st.lists(st.sampled_from([Fate.later]), max_size=200))
def test_a_letter_is_tried_for_days_ever_more_seldom_and_then_given_up(fates: list[Fate]) -> None:
    letter, now = a_letter(), NOON
    for fate in fates:
        if letter.state is not LetterState.waiting:
            break
        before = letter
        letter = after_try(letter, fate, "away", now)
        assert letter.tries == before.tries + 1
        if letter.state is LetterState.given_up:
            assert now - letter.made_at >= GIVEN_UP_AFTER
        else:
            assert FIRST_PAUSE <= letter.due - now <= LONGEST_PAUSE
        now = letter.due
    assert pause(0) == FIRST_PAUSE
    assert pause(1_000) == LONGEST_PAUSE


def test_what_is_delivered_refused_or_without_a_recipient_is_not_tried_again() -> None:
    ends = {Fate.delivered: LetterState.delivered, Fate.gone: LetterState.given_up, Fate.refused: LetterState.given_up}
    for fate, state in ends.items():
        after = after_try(a_letter(), fate, "so", NOON + 1)
        assert (after.state, after.ended_at) == (state, NOON + 1)

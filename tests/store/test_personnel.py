"""Tests of accounts and grants on a real database: who keeps whom, what ends by itself, what is written down.

Nobody imports this module.
"""

from collections.abc import Callable

import pytest

from schedules.clock import DAY, HOUR, civil_midnight
from server import personnel, staff
from server.access import Act, Person, Role, may_anywhere
from server.granting import GrantForm, PersonnelFault
from server.personnel import Newcomer
from server.refusals import NotAllowed, NotFound
from server.repositories.store import Store, Stores
from server.staff import SignedIn, SignInRefused, Step, Visit
from tests.store.stage import DOOR, NOW, PlainHasher, communes

HASHER, HERE = PlainHasher(), Visit("10.0.0.1")
TOMORROW = civil_midnight(NOW) + DAY


@pytest.fixture
def administrators(stores: Stores) -> tuple[str, str]:
    """Ids of two communes; each has an administrator named after it."""
    with stores.open() as store:
        first, second = communes(store)
        for name, area in (("mot", first), ("hai", second)):
            store.staff.add(name, name, f"Quản trị {name} (mẫu)", "plain:secret")
            store.staff.grant(name, area, Role.administrator)
    return first, second


def person(store: Store, username: str, now: int = NOW) -> Person:
    found = store.staff.person(username, now)
    assert found is not None
    return found


def make(store: Store, by: str, area: str, username: str = "an", role: str = "editor", **term: str) -> object:
    form = GrantForm(role, area, **term)
    return personnel.make(store, person(store, by), Newcomer(username, "Nguyễn An"), form, HASHER, "first", NOW)


def notes(store: Store) -> list[tuple[str, str, str, str, str]]:
    return [(line.staff, line.act, line.subject, line.before, line.after) for line in store.trail.lines()]


def test_an_account_is_made_with_a_role_and_a_password_that_must_be_changed(
    stores: Stores, administrators: tuple[str, str]
) -> None:
    with stores.open() as store:
        assert make(store, "mot", administrators[0], " An ") == "an"
        signed_in = staff.sign_in(store, DOOR, "an", "first", HERE, NOW, "t")
        assert isinstance(signed_in, SignedIn)
        standing = staff.standing(store, "t", NOW)
        assert standing is not None
        assert standing.step is Step.password
        assert [grant.role for grant in standing.person.grants] == [Role.editor]
        assert make(store, "mot", administrators[0], "an") == {"username": PersonnelFault.taken}
        found = personnel.members(store, person(store, "mot"), NOW)
        assert "an" in {member.account.id for member in found}
        said = notes(store)
    assert ("mot", "account", "an", "", "Nguyễn An") in said
    assert any(by == "mot" and act == "grant" and after.startswith("editor ") for by, act, _, _, after in said)


def test_nobody_gives_beyond_their_own_area_or_to_themselves(stores: Stores, administrators: tuple[str, str]) -> None:
    first, second = administrators
    with stores.open() as store:
        make(store, "mot", first)
        for area in (second, "tinh-lao-cai", "nowhere"):
            for role in Role:
                with pytest.raises(NotFound):
                    make(store, "mot", area, "binh", role.value)
                with pytest.raises(NotFound):
                    personnel.give(store, person(store, "mot"), "an", GrantForm(role.value, area), NOW)
        with pytest.raises(NotAllowed):
            personnel.give(store, person(store, "mot"), "mot", GrantForm("approver", first), NOW)
        with pytest.raises(NotFound):
            personnel.give(store, person(store, "hai"), "an", GrantForm("approver", second), NOW)
        assert store.staff.find("binh") is None
        assert [given.role for given in store.staff.given(["an"])] == [Role.editor]


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.administrator])
def test_no_other_role_keeps_people(stores: Stores, administrators: tuple[str, str], role: Role) -> None:
    with stores.open() as store:
        make(store, "mot", administrators[0])
        store.staff.add("khac", "khac", "Khác (mẫu)", "plain:secret")
        store.staff.grant("khac", "tinh-lao-cai", role)
        other = person(store, "khac")
        with pytest.raises(NotAllowed):
            personnel.members(store, other, NOW)
        with pytest.raises(NotFound):
            personnel.member(store, other, "an", NOW)
        with pytest.raises(NotAllowed):
            personnel.make(store, other, Newcomer("b2", "B"), GrantForm("editor", administrators[0]), HASHER, "x", NOW)


def test_a_grant_ends_by_itself_in_a_session_that_goes_on(stores: Stores, administrators: tuple[str, str]) -> None:
    today = "24/11/2026"
    with stores.open() as store:
        assert make(store, "mot", administrators[0], until=today) == "an"
        staff.sign_in(store, DOOR, "an", "first", HERE, TOMORROW - HOUR, "t")

        def writes(now: int) -> bool:
            found = staff.who(store, "t", now)
            return found is not None and may_anywhere(found.grants, Act.write)

        assert writes(TOMORROW - 1)
        assert not writes(TOMORROW)
        assert staff.who(store, "t", TOMORROW) is not None, "without a right, but still themselves"


def test_a_grant_that_has_not_begun_allows_nothing(stores: Stores, administrators: tuple[str, str]) -> None:
    with stores.open() as store:
        assert make(store, "mot", administrators[0], since="25/11/2026") == "an"
        assert person(store, "an", TOMORROW - 1).grants == ()
        assert len(person(store, "an", TOMORROW).grants) == 1


def test_a_grant_is_ended_and_stays_in_the_record(stores: Stores, administrators: tuple[str, str]) -> None:
    with stores.open() as store:
        make(store, "mot", administrators[0])
        [given] = store.staff.given(["an"])
        with pytest.raises(NotFound):
            personnel.end(store, person(store, "hai"), "an", str(given.id), NOW)
        personnel.end(store, person(store, "mot"), "an", str(given.id), NOW + HOUR)
        assert len(person(store, "an", NOW + HOUR - 1).grants) == 1
        assert person(store, "an", NOW + HOUR).grants == ()
        [kept] = store.staff.given(["an"])
        assert kept.ends == NOW + HOUR
        with pytest.raises(NotFound):
            personnel.end(store, person(store, "mot"), "an", str(given.id), NOW + HOUR)
        own = next(g for g in store.staff.given(["mot"]))
        with pytest.raises(NotAllowed):
            personnel.end(store, person(store, "mot"), "mot", str(own.id), NOW)
        line = notes(store)[-1]
    assert line[:3] == ("mot", "end_grant", "an")
    assert line[3].startswith("editor ")


ACCOUNT_ACTS: dict[str, Callable[[Store, Person, str], None]] = {
    "password": lambda store, by, who: personnel.set_password(store, by, who, HASHER, "anew", NOW),
    "off": lambda store, by, who: personnel.switch(store, by, who, NOW, on=False),
    "sign out": lambda store, by, who: personnel.sign_out(store, by, who, NOW),
}


@pytest.mark.parametrize("act", ACCOUNT_ACTS)
def test_an_account_is_kept_by_who_administers_all_of_it(
    stores: Stores, administrators: tuple[str, str], act: str
) -> None:
    first, second = administrators
    do = ACCOUNT_ACTS[act]
    with stores.open() as store:
        make(store, "mot", first)
        with pytest.raises(NotFound):
            do(store, person(store, "hai"), "an")
        with pytest.raises(NotAllowed):
            do(store, person(store, "mot"), "mot")
        store.staff.grant("an", second, Role.approver)
        for by in ("mot", "hai"):
            with pytest.raises(NotAllowed):
                do(store, person(store, by), "an")
            [seen] = [m for m in personnel.members(store, person(store, by), NOW) if m.account.id == "an"]
            assert len(seen.held) == 1, "and sees no grant elsewhere"
        staff.sign_in(store, DOOR, "an", "first", HERE, NOW, "t")
        do(store, person(store, "quantri"), "an")
        assert staff.who(store, "t", NOW) is None
        assert notes(store)[-1][0] == "quantri"


def test_who_is_switched_off_is_told_what_a_stranger_is_told(stores: Stores, administrators: tuple[str, str]) -> None:
    with stores.open() as store:
        make(store, "mot", administrators[0])
        personnel.switch(store, person(store, "mot"), "an", NOW, on=False)
        assert staff.sign_in(store, DOOR, "an", "first", HERE, NOW, "t") is SignInRefused.wrong
        assert store.staff.names()["an"] == "Nguyễn An", "the name stays"
        personnel.switch(store, person(store, "mot"), "an", NOW, on=True)
        assert isinstance(staff.sign_in(store, DOOR, "an", "first", HERE, NOW, "t"), SignedIn)


def test_who_gives_a_new_password_does_not_get_in_with_it(stores: Stores, administrators: tuple[str, str]) -> None:
    with stores.open() as store:
        store.factors.keep("pheduyet", DOOR.vault.seal("pheduyet", "JBSWY3DPEHPK3PXP"), 0)
        personnel.set_password(store, person(store, "quantri"), "pheduyet", HASHER, "anew", NOW)
        entered = staff.sign_in(store, DOOR, "pheduyet", "anew", HERE, NOW, "t")
        assert isinstance(entered, SignedIn)
        assert entered.owes_code
        assert staff.who(store, "t", NOW) is None


def test_an_area_that_moves_takes_its_grants_along(stores: Stores, administrators: tuple[str, str]) -> None:
    """Communes are joined and put under others: a grant is on the area, not on the way to it."""
    with stores.open() as store:
        area = store.areas.find("thon-mau-sim-san")
        assert area is not None
        store.staff.grant("bientap", area.id, Role.technician)
        second = store.areas.find(administrators[1])
        assert second is not None
        moved = type(area)(area.id, second.id, f"{second.path}{area.id}/", area.depth, area.level, area.name)
        store.areas.keep(moved)
        held = [g.area_path for g in person(store, "bientap").grants if g.role is Role.technician]
        assert held == [moved.path]

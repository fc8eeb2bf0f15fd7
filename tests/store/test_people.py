"""Tests of signing in, and of who sees what, on a real database.

Nobody imports this module.
"""

import pytest

from schedules.clock import DAY, HOUR, MINUTE, SECOND
from server import bulletins, oversight, staff
from server.access import Role
from server.guessing import OF_ACCOUNT, OF_ONE
from server.refusals import NotAllowed, NotFound
from server.repositories.store import Stores
from server.staff import SignedIn, SignInRefused, Visit
from tests.store.stage import BY_TEXT, DOOR, NOW, communes, compose, on_air, person

HERE, THERE = Visit("10.0.0.1"), Visit("10.9.9.9")


def test_signing_in_and_out(stores: Stores) -> None:
    with stores.open() as store:
        wrong = staff.sign_in(store, DOOR, "bientap", "nope", HERE, NOW, "t")
        nobody = staff.sign_in(store, DOOR, "nobody", "nope", HERE, NOW, "t")
        assert wrong is nobody is SignInRefused.wrong
        right = staff.sign_in(store, DOOR, " BienTap ", "secret", HERE, NOW, "token")
        assert right == SignedIn("token", "bientap")
        assert staff.who(store, "token", NOW + HOUR).username == "bientap"  # type: ignore[union-attr]
        assert staff.who(store, "tokem", NOW) is None
        assert staff.who(store, "token", NOW + 14 * HOUR) is None, "idle for too long"
        staff.sign_in(store, DOOR, "bientap", "secret", HERE, NOW, "two")
        staff.sign_out(store, "two", NOW)
        assert staff.who(store, "two", NOW) is None


def test_guessing_is_stopped_without_locking_anybody_out(stores: Stores) -> None:
    with stores.open() as store:
        for _ in range(OF_ONE.free):
            assert staff.sign_in(store, DOOR, "bientap", "guess", THERE, NOW, "t") is SignInRefused.wrong
        attacker = staff.sign_in(store, DOOR, "bientap", "secret", THERE, NOW, "t")
        assert attacker is SignInRefused.too_many
        owner = staff.sign_in(store, DOOR, "bientap", "secret", HERE, NOW, "t1")
        assert isinstance(owner, SignedIn)
        assert len(store.sessions.failures("password", 0, username="bientap", place="10.9.9.9")) == OF_ONE.free
        later = staff.sign_in(store, DOOR, "bientap", "secret", THERE, NOW + 16 * MINUTE, "t2")
        assert isinstance(later, SignedIn)
        assert store.sessions.failures("password", 0) == [], "what counts no more is forgotten"
        assert staff.who(store, "t1", NOW + MINUTE) is not None


def test_many_addresses_that_guess_one_account_are_slowed_down_and_its_owner_is_not_locked_out(stores: Stores) -> None:
    known = Visit("10.0.0.1", known_as="browser-1")
    with stores.open() as store:
        for number in range(OF_ACCOUNT.free):
            stranger = Visit(f"10.1.0.{number}")
            assert staff.sign_in(store, DOOR, "bientap", "guess", stranger, NOW, "t") is SignInRefused.wrong
        fresh = Visit("10.2.0.1")
        assert staff.sign_in(store, DOOR, "bientap", "secret", fresh, NOW + SECOND, "t") is SignInRefused.too_many
        assert isinstance(staff.sign_in(store, DOOR, "pheduyet", "secret", fresh, NOW + SECOND, "o"), SignedIn), (
            "others"
        )
        assert isinstance(staff.sign_in(store, DOOR, "bientap", "secret", known, NOW + SECOND, "t1"), SignedIn)
        assert isinstance(staff.sign_in(store, DOOR, "bientap", "secret", fresh, NOW + 31 * SECOND, "t2"), SignedIn)


def test_what_an_owner_mistypes_at_home_does_not_slow_the_owner_elsewhere(stores: Stores) -> None:
    with stores.open() as store:
        for number in range(OF_ACCOUNT.free):
            home = Visit("10.0.0.1", known_as=f"browser-{number // 4}")
            assert staff.sign_in(store, DOOR, "bientap", "mistyped", home, NOW, "t") is SignInRefused.wrong
        assert isinstance(staff.sign_in(store, DOOR, "bientap", "secret", Visit("10.2.0.1"), NOW, "t1"), SignedIn)


def test_a_browser_that_is_known_is_no_way_round_the_limit(stores: Stores) -> None:
    known = Visit("10.0.0.1", known_as="browser-1")
    with stores.open() as store:
        for _ in range(OF_ONE.free):
            staff.sign_in(store, DOOR, "bientap", "guess", known, NOW, "t")
        moved = Visit("10.0.0.2", known_as="browser-1")
        assert staff.sign_in(store, DOOR, "bientap", "secret", moved, NOW, "t") is SignInRefused.too_many
        assert isinstance(staff.sign_in(store, DOOR, "bientap", "secret", HERE, NOW, "t"), SignedIn), "its own count"


def test_a_stranger_sees_nothing_and_an_overseer_decides_nothing(stores: Stores) -> None:
    broadcast = on_air(stores)
    with stores.open() as store:
        store.staff.add("la", "la", "Người lạ (mẫu)", "x")
        with pytest.raises(NotFound):
            bulletins.page(store, person(store, "la"), broadcast)
        with pytest.raises(NotFound):
            oversight.visible_area(store, person(store, "la"), "tinh-lao-cai")
        nothing = oversight.filter_of(store, person(store, "la"), "", NOW, NOW + DAY, "", "")
        assert oversight.log_page(store, nothing, NOW).rows == ()
        assert store.logbook.bulletins_named(nothing.paths, NOW, NOW + DAY) == {}
        overseer = person(store, "tinh")
        assert bulletins.page(store, overseer, broadcast).may_decide is False
        with pytest.raises(NotAllowed):
            bulletins.withdraw(store, overseer, broadcast, NOW)


def test_the_former_district_sees_its_communes_and_no_others(stores: Stores) -> None:
    on_air(stores)
    with stores.open() as store:
        overseer = person(store, "huyenbatxat")
        wanted = oversight.filter_of(store, overseer, "", NOW, NOW + DAY, "", "")
        rows = oversight.log_page(store, wanted, NOW).rows
        assert {row.where[0] for row in rows} == {"Xã Y Tý"}
        with pytest.raises(NotFound):
            oversight.filter_of(store, overseer, "xa-02647", NOW, NOW + DAY, "", "")
        province = oversight.filter_of(store, person(store, "tinh"), "huyen-bat-xat", NOW, NOW + DAY, "", "")
        assert len(oversight.log_page(store, province, NOW).rows) == 3


def test_a_commune_neither_lends_the_authority_of_the_province_nor_silences_it(stores: Stores) -> None:
    with stores.open() as store:
        for username in ("ted", "ned"):
            store.staff.add(username, username, "Cán bộ tỉnh (mẫu)", "x")
            store.staff.grant(username, "tinh-lao-cai", Role.approver)
        broadcast = compose(store, targets=communes(store)[:1], who="ted")
        leader = person(store, "pheduyet")
        page = bulletins.page(store, leader, broadcast)
        assert (page.bulletin.area, page.may_decide, page.may_withdraw) == ("tinh-lao-cai", False, False)
        with pytest.raises(NotAllowed):
            bulletins.approve(store, leader, broadcast, page.seal, NOW, BY_TEXT)
        bulletins.approve(store, person(store, "ned"), broadcast, page.seal, NOW, BY_TEXT)

"""Tests of signing in, and of who sees what, on a real database.

Nobody imports this module.
"""

import pytest

from schedules.clock import DAY, HOUR, MINUTE
from server import bulletins, oversight, staff
from server.access import Role
from server.refusals import NotAllowed, NotFound
from server.repositories.store import Stores
from server.staff import SignedIn, SignInRefused
from tests.store.stage import BY_TEXT, NOW, PlainHasher, communes, compose, on_air, person


def test_signing_in_and_out(stores: Stores) -> None:
    hasher = PlainHasher()
    with stores.open() as store:
        wrong = staff.sign_in(store, hasher, "bientap", "nope", "10.0.0.1", NOW, "t")
        nobody = staff.sign_in(store, hasher, "nobody", "nope", "10.0.0.1", NOW, "t")
        assert wrong is nobody is SignInRefused.wrong
        right = staff.sign_in(store, hasher, " BienTap ", "secret", "10.0.0.1", NOW, "token")
        assert right == SignedIn("token")
        assert staff.who(store, "token", NOW + HOUR).username == "bientap"  # type: ignore[union-attr]
        assert staff.who(store, "tokem", NOW) is None
        assert staff.who(store, "token", NOW + 14 * HOUR) is None, "idle for too long"
        staff.sign_in(store, hasher, "bientap", "secret", "10.0.0.1", NOW, "two")
        staff.sign_out(store, "two")
        assert staff.who(store, "two", NOW) is None


def test_guessing_is_stopped_without_locking_anybody_out(stores: Stores) -> None:
    hasher = PlainHasher()
    with stores.open() as store:
        for _ in range(staff.FAILURES_OF_ONE):
            staff.sign_in(store, hasher, "bientap", "guess", "10.9.9.9", NOW, "t")
        attacker = staff.sign_in(store, hasher, "bientap", "secret", "10.9.9.9", NOW, "t")
        assert attacker is SignInRefused.too_many
        owner = staff.sign_in(store, hasher, "bientap", "secret", "10.0.0.1", NOW, "t1")
        assert isinstance(owner, SignedIn)
        assert store.staff.failures("bientap", "10.9.9.9", NOW)[0] == staff.FAILURES_OF_ONE
        later = staff.sign_in(store, hasher, "bientap", "secret", "10.9.9.9", NOW + 16 * MINUTE, "t2")
        assert isinstance(later, SignedIn)
        assert store.staff.failures("bientap", "10.9.9.9", 0) == (0, 0), "what counts no more is forgotten"
        assert staff.who(store, "t1", NOW + MINUTE) is not None


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

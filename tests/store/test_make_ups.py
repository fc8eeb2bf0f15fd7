"""Which broadcast says an occurrence again: two who press in the same moment order one.

Imported by pytest alone.
"""

import msgspec

from schedules.clock import HOUR, MINUTE
from schedules.playback import Outcome
from schedules.wire import Report
from server import bulletins, oversight, repeating, results
from server.access import Role
from server.repeating import Wish
from server.repositories.store import Stores
from server.result import Verdict
from server.results import Choice
from tests.store.stage import NOW, new_id, on_air, person, playback

SILENT = Wish(frozenset({Verdict.silent}))
LATER = NOW + 3 * HOUR


def _failed(stores: Stores, broadcast: str, loudspeakers: tuple[str, ...]) -> str:
    """They miss it, and say so."""
    name = f"{broadcast}@{NOW + HOUR}"
    with stores.open() as store:
        bulletin = store.broadcasts.named([broadcast])[0].bulletin
        for loudspeaker in loudspeakers:
            missed = playback(name, 1, Outcome.missed)
            missed = msgspec.structs.replace(missed, broadcast=broadcast, bulletin=bulletin)
            oversight.file_report(store, loudspeaker, Report("j", (missed,)), NOW + 2 * HOUR)
        store.staff.grant("pheduyet", "tinh-lao-cai", Role.approver)
        store.staff.grant("bientap", "tinh-lao-cai", Role.approver)
    return name


def test_two_who_press_in_the_same_moment_order_one(stores: Stores) -> None:
    broadcast = on_air(stores)
    name = _failed(stores, broadcast, ("loa-mau-1", "loa-mau-2"))
    with stores.open() as store:
        assert store.results.keep_make_up(name, 1, "ps-other")
        assert not store.results.keep_make_up(name, 1, "ps-late"), "the number is taken"
        assert store.results.keep_make_up(name, 2, "ps-next")
        assert store.results.make_ups(name) == ["ps-other", "ps-next"]
        assert store.results.made_up_by("ps-next") == name
        assert store.results.made_up_by("ps-late") == ""


def test_who_orders_second_gets_what_the_first_ordered(stores: Stores) -> None:
    broadcast = on_air(stores)
    name = _failed(stores, broadcast, ("loa-mau-1", "loa-mau-2"))
    ordered = set()
    for who in ("pheduyet", "bientap", "pheduyet"):
        with stores.open() as store:
            ordered.add(repeating.order(store, person(store, who), broadcast, name, SILENT, LATER, new_id))
    assert len(ordered) == 1
    with stores.open() as store:
        [made] = store.broadcasts.named(store.results.make_ups(name))
        assert {made.id} == ordered
        assert made.writers == store.broadcasts.named([broadcast])[0].writers


def test_a_make_up_that_fails_is_made_up_for_in_its_turn_and_falls_with_the_first(stores: Stores) -> None:
    broadcast = on_air(stores)
    name = _failed(stores, broadcast, ("loa-mau-1", "loa-mau-2"))
    with stores.open() as store:
        leader = person(store, "pheduyet")
        first = repeating.order(store, leader, broadcast, name, SILENT, LATER, new_id)
        assert isinstance(first, str)
        begun = store.broadcasts.named([first])[0].recurrence
        start = begun.at  # type: ignore[union-attr]
        bulletin = store.broadcasts.named([first])[0].bulletin
        failed = playback(f"{first}@{start}", 2, Outcome.failed)
        failed = msgspec.structs.replace(failed, broadcast=first, bulletin=bulletin, planned=start)
        oversight.file_report(store, "loa-mau-1", Report("j", (failed,)), start + MINUTE)
        second = repeating.order(store, leader, first, failed.occurrence, SILENT, start + HOUR, new_id)
        assert isinstance(second, str)
        assert store.broadcasts.named([second])[0].targets == ("loa-mau-1",)
        page = results.result_page(store, leader, first, Choice(), start + HOUR, linked=True)
        assert [made.broadcast.id for made, _ in page.make_ups] == [second]
        assert page.makes_up is not None
        assert page.makes_up.broadcast.id == broadcast
        bulletins.withdraw(store, leader, broadcast, start + 2 * HOUR)
        assert all(each.withdrawn_at for each in store.broadcasts.named([first, second]))

"""Tests of who may hear what they have had made, on a real database.

Nobody imports this module.
"""

from schedules.clock import DAY
from server import hearing
from server.repositories.store import Stores
from tests.store.stage import NOW, person

CLIP, OTHER = "a" * 64, "b" * 64


def test_what_nobody_sent_is_heard_for_a_month_by_who_made_it_and_no_longer(stores: Stores) -> None:
    with stores.open() as store:
        author, other = person(store, "bientap"), person(store, "pheduyet")
        hearing.made(store, author, CLIP, NOW)
        hearing.made(store, author, CLIP, NOW + DAY)
        assert hearing.may_hear(store, author, CLIP)
        assert not hearing.may_hear(store, other, CLIP)
        assert not hearing.may_hear(store, author, OTHER)
        hearing.made(store, other, OTHER, NOW + hearing.REMEMBERED)
        assert hearing.may_hear(store, author, CLIP), "made once more since"
        hearing.made(store, other, OTHER, NOW + hearing.REMEMBERED + 2 * DAY)
        assert not hearing.may_hear(store, author, CLIP)

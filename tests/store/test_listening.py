"""Tests of "heard before approved" on a real database.

Nobody imports this module.
"""

import pytest

from audio.clip import Clip
from schedules.clock import HOUR, SECOND
from schedules.programme import BroadcastClass
from schedules.recurrence import Once
from server import bulletins, listening
from server.compose_form import Mode
from server.composing import Draft, DraftVariant
from server.lifecycle import BroadcastState
from server.refusals import Changed, NotAllowed, NotFound, NotHeard, TooSoon
from server.repositories.store import Store, Stores
from tests.store.stage import NOW, communes, new_id, person, sound

LENGTH = 10 * SECOND
ENOUGH = LENGTH * 95 // 100


def two_languages(store: Store, texts: tuple[str, str] = ("Mời họp", "Nyob zoo")) -> str:
    sounds = {"vi": sound("a"), "mww": sound("b", "mww")}
    variants = tuple(DraftVariant(tag, text, "", "x") for tag, text in zip(sounds, texts, strict=True))
    draft = Draft("Họp", "an-ninh", BroadcastClass.ordinary, variants, communes(store), Mode.once, Once(NOW + HOUR))
    return bulletins.compose(store, person(store, "bientap"), draft, sounds, NOW, new_id)


def clip_of(store: Store, broadcast: str, language: str) -> Clip:
    page = bulletins.page(store, person(store, "bientap"), broadcast)
    return next(v.clip for v in page.bulletin.variants if v.language == language)


def seal_of(store: Store, broadcast: str) -> str:
    return bulletins.page(store, person(store, "pheduyet"), broadcast).seal


def listen(store: Store, broadcast: str, language: str, took: int = LENGTH, who: str = "pheduyet") -> None:
    """Fetched now, and said to be heard so long afterwards."""
    leader = person(store, who)
    listening.fetched(store, leader, broadcast, clip_of(store, broadcast, language).sha256, NOW)
    listening.ended(store, leader, broadcast, seal_of(store, broadcast), language, NOW + took)


def approve(store: Store, broadcast: str, *by_text: str) -> None:
    bulletins.approve(store, person(store, "pheduyet"), broadcast, seal_of(store, broadcast), NOW + HOUR // 2, by_text)


def test_what_was_heard_in_each_language_is_approved_and_logged_as_heard(stores: Stores) -> None:
    with stores.open() as store:
        broadcast = two_languages(store)
        listen(store, broadcast, "vi")
        with pytest.raises(NotHeard) as missing:
            approve(store, broadcast)
        assert missing.value.languages == ("mww",)
        listen(store, broadcast, "mww")
        approve(store, broadcast)
        decision = bulletins.page(store, person(store, "tinh"), broadcast).broadcast.decision
        assert decision is not None
        assert (set(decision.heard), decision.by_text) == ({"vi", "mww"}, ())
        assert "heard=" in store.trail.latest(1)[0].after
        assert [line.act for line in store.trail.latest(3)] == ["approve", "heard", "heard"]


def test_what_was_only_read_is_logged_as_that(stores: Stores) -> None:
    with stores.open() as store:
        broadcast = two_languages(store)
        listen(store, broadcast, "vi")
        approve(store, broadcast, "vi", "mww")
        decision = bulletins.page(store, person(store, "tinh"), broadcast).broadcast.decision
        assert decision is not None
        assert (decision.heard, decision.by_text) == (("vi",), ("mww",)), "what was heard was heard"
        assert "heard=vi by_text=mww" in store.trail.latest(1)[0].after


def test_what_has_no_text_is_not_approved_by_it(stores: Stores) -> None:
    with stores.open() as store:
        broadcast = two_languages(store, ("Mời họp", ""))
        with pytest.raises(NotHeard) as missing:
            approve(store, broadcast, "vi", "mww")
        assert missing.value.languages == ("mww",)
        listen(store, broadcast, "mww")
        approve(store, broadcast, "vi", "mww")


@pytest.mark.parametrize(("took", "believed"), [(0, False), (ENOUGH - 1, False), (ENOUGH, True)])
def test_nobody_hears_ten_seconds_in_less(stores: Stores, took: int, believed: bool) -> None:
    with stores.open() as store:
        broadcast = two_languages(store)
        if not believed:
            with pytest.raises(TooSoon):
                listen(store, broadcast, "vi", took)
            return
        listen(store, broadcast, "vi", took)
        page = bulletins.page(store, person(store, "pheduyet"), broadcast)
        assert bulletins.heard_languages(store, person(store, "pheduyet"), page) == ("vi",)


def test_a_sound_that_never_went_out_was_not_heard(stores: Stores) -> None:
    with stores.open() as store:
        broadcast = two_languages(store)
        leader, seal = person(store, "pheduyet"), seal_of(store, broadcast)
        with pytest.raises(TooSoon):
            listening.ended(store, leader, broadcast, seal, "vi", NOW + HOUR)
        listening.fetched(store, leader, broadcast, "f" * 64, NOW)  # another sound
        with pytest.raises(TooSoon):
            listening.ended(store, leader, broadcast, seal, "vi", NOW + HOUR)
        with pytest.raises(NotFound):
            listening.ended(store, leader, broadcast, seal, "hni", NOW + HOUR)


def test_a_new_sound_voids_what_was_heard(stores: Stores) -> None:
    with stores.open() as store:
        broadcast = two_languages(store)
        before = seal_of(store, broadcast)
        listen(store, broadcast, "vi")
        listen(store, broadcast, "mww")
        bulletin = bulletins.page(store, person(store, "tinh"), broadcast).bulletin.id
        bulletins.render_again(store, bulletin, "mww", sound("c", "mww"), NOW)
        with pytest.raises(Changed):
            bulletins.approve(store, person(store, "pheduyet"), broadcast, before, NOW)
        with pytest.raises(Changed):
            listening.ended(store, person(store, "pheduyet"), broadcast, before, "vi", NOW + HOUR)
        with pytest.raises(NotHeard) as missing:
            approve(store, broadcast)
        assert set(missing.value.languages) == {"vi", "mww"}


def test_what_another_heard_counts_for_nobody_else(stores: Stores) -> None:
    with stores.open() as store:
        broadcast = two_languages(store)
        for stranger in ("bientap", "tinh"):
            with pytest.raises(NotAllowed):
                listen(store, broadcast, "vi", who=stranger)
        listen(store, broadcast, "vi")
        other = bulletins.page(store, person(store, "tinh"), broadcast)
        assert bulletins.heard_languages(store, person(store, "tinh"), other) == ()
        assert other.state is BroadcastState.submitted

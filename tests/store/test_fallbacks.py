"""Tests of what a lesser voice has spoken: it is spoken again while nobody has approved it, and left alone afterwards.

Nobody imports this module.
"""

import threading
from collections.abc import Iterator

import msgspec
import pytest

from audio.voice import Provenance, VoiceError, VoiceFault
from schedules.clock import HOUR
from schedules.programme import BroadcastClass
from schedules.recurrence import Once
from server import bulletins, fallbacks
from server.compose_form import Mode
from server.composing import Draft, DraftVariant
from server.fallbacks import Renewal, StoodIn, candidates, renew
from server.repositories.store import Store, Stores
from server.studio import Rendered
from tests.store.stage import NOW, communes, new_id, person, sound
from tests.waiting import eventually


def spoken(name: str, fallback_from: str = "") -> Rendered:
    """A machine's clip."""
    made = sound(name)
    return msgspec.structs.replace(made, provenance=Provenance("any", ai_made=True, fallback_from=fallback_from))


class Speaker:
    """Speaks with the voice that it has now, or none."""

    def __init__(self, made: Rendered | None = None) -> None:
        self.made, self.asked = made, list[str]()

    def speak(self, words: str, language: str) -> Rendered:
        self.asked.append(words)
        if self.made is None:
            raise VoiceError(VoiceFault.unavailable, "no voice at all")
        return self.made


def written(store: Store, name: str = "robot", fallback_from: str = "piper") -> str:
    """A bulletin that waits for approval, spoken by whom we have."""
    variants = (DraftVariant("vi", "Mời họp", "mời họp"),)
    klass = BroadcastClass.ordinary
    draft = Draft("Họp", "an-ninh", klass, variants, communes(store), Mode.once, Once(NOW + HOUR))
    rendered = {"vi": spoken(name, fallback_from)}
    return bulletins.compose(store, person(store, "bientap"), draft, rendered, NOW, new_id)


def clip_of(stores: Stores, broadcast: str) -> str:
    with stores.open() as store:
        return bulletins.page(store, person(store, "bientap"), broadcast).bulletin.variants[0].clip.sha256


def test_it_is_spoken_again_when_the_better_voice_is_back(stores: Stores) -> None:
    with stores.open() as store:
        broadcast = written(store)
        (candidate,) = candidates(store)
    assert (candidate.language, candidate.spoken, candidate.instead_of) == ("vi", "mời họp", "piper")
    better = spoken("better")
    assert renew(stores, Speaker(better), lambda: NOW) == [candidate]
    assert clip_of(stores, broadcast) == better.clip.sha256
    with stores.open() as store:
        assert candidates(store) == []
        line = store.trail.latest(1)[0]
    assert (line.act, line.after) == ("render", f"vi {better.clip.sha256}")


@pytest.mark.parametrize("made", [None, spoken("again", "piper")], ids=["no voice", "stands in still"])
def test_it_stays_as_it_is_while_the_better_voice_is_away(stores: Stores, made: Rendered | None) -> None:
    with stores.open() as store:
        broadcast = written(store)
    before = clip_of(stores, broadcast)
    assert renew(stores, Speaker(made), lambda: NOW) == []
    assert clip_of(stores, broadcast) == before


def test_what_was_approved_stays_as_it_was_heard(stores: Stores) -> None:
    with stores.open() as store:
        broadcast = written(store)
        leader = person(store, "pheduyet")
        bulletins.approve(store, leader, broadcast, bulletins.page(store, leader, broadcast).seal, NOW, by_text=["vi"])
    speaker = Speaker(spoken("better"))
    assert renew(stores, speaker, lambda: NOW) == []
    assert speaker.asked == []


def test_who_approves_while_it_is_being_spoken_approves_what_they_heard(stores: Stores) -> None:
    with stores.open() as store:
        broadcast = written(store)
    before = clip_of(stores, broadcast)

    class Meanwhile(Speaker):
        def speak(self, words: str, language: str) -> Rendered:
            with stores.open() as store:
                leader = person(store, "pheduyet")
                bulletins.approve(
                    store, leader, broadcast, bulletins.page(store, leader, broadcast).seal, NOW, by_text=["vi"]
                )
            return super().speak(words, language)

    assert renew(stores, Meanwhile(spoken("better")), lambda: NOW) == []
    assert clip_of(stores, broadcast) == before


def test_what_the_best_voice_or_a_person_has_spoken_is_nobodys_business(stores: Stores) -> None:
    with stores.open() as store:
        written(store, "best", "")
        assert candidates(store) == []


def test_it_is_woken_before_its_time() -> None:
    worked = threading.Event()
    made = Renewal(lambda: [worked.set()][:0], lambda: None, every_s=60)
    made.start()
    made.wake()
    assert worked.wait(5)
    made.stop()


@pytest.fixture
def renewal() -> Iterator[tuple[Renewal, list[int], threading.Event]]:
    worked, told = list[int](), threading.Event()

    def work() -> list[StoodIn]:
        worked.append(1)
        if len(worked) == 1:
            raise OSError("the database is away for a moment")
        return [StoodIn("bt", "vi", "", "", "")] if len(worked) > 2 else []

    made = Renewal(work, told.set, every_s=0.01)
    made.start()
    yield made, worked, told
    made.stop()


def test_it_looks_now_and_then_and_a_failure_does_not_end_it(
    renewal: tuple[Renewal, list[int], threading.Event],
) -> None:
    _, worked, told = renewal
    eventually(told.is_set, what="the news")
    assert len(worked) >= 3
    assert fallbacks.EVERY_S >= 60

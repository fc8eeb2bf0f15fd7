"""One suite for every kind of card: what the engine relies on holds on a virtual, a file and an ALSA card alike.

Nobody imports this module.
"""

import contextlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

import pytest

from device_agent.sound.alsa import AlsaCard
from device_agent.sound.file_card import FileCard
from device_agent.sound.pcm import FRAME_BYTES, RATE, RING_FRAMES, CardLost, CardMissing, Pcm, Underrun
from tests.heard import runs
from tests.rig.cards import RigCard, RigCards
from tests.virtual_card import Socket, VirtualClock
from tests.waiting import pass_time

pytestmark = pytest.mark.sound
SLACK = RATE // 1000 * 50
"""Real cards take real time, and the machine is busy: frames by which a look may be late."""


class Place(Protocol):
    """Where a card of some kind can be opened, taken away and listened to."""

    def open(self) -> Pcm: ...

    def unplug(self) -> None: ...

    def plug(self) -> None: ...

    def pass_ms(self, ms: int) -> None: ...

    def sounded(self) -> list[bytes]:
        """What sounded in each run of the card."""
        ...


class VirtualPlace:
    def __init__(self) -> None:
        self._socket = Socket(VirtualClock())

    def open(self) -> Pcm:
        return self._socket.open()

    def unplug(self) -> None:
        self._socket.unplug()

    def plug(self) -> None:
        self._socket.plugged = True

    def pass_ms(self, ms: int) -> None:
        self._socket.clock.advance(ms / 1000)

    def sounded(self) -> list[bytes]:
        return [bytes(run.frames) for run in self._socket.runs]


class FilePlace:
    """Both the file card and the rig's keep the same two files."""

    def __init__(self, file: Path, opener: Callable[[], Pcm]) -> None:
        self._file, self._opener = file, opener
        self._away = file.with_name(file.name + ".unplugged")

    def open(self) -> Pcm:
        return self._opener()

    def unplug(self) -> None:
        self._away.touch()

    def plug(self) -> None:
        self._away.unlink()

    def pass_ms(self, ms: int) -> None:
        pass_time(ms / 1000)

    def sounded(self) -> list[bytes]:
        return [samples.tobytes() for _, _, samples in runs(self._file)]


def rig_place(card: RigCard, environment: dict[str, str]) -> FilePlace:
    os.environ.update(environment)
    for file in card.file.parent.glob(card.file.name + "*"):
        file.unlink()
    return FilePlace(card.file, lambda: AlsaCard(card.name))


@pytest.fixture(params=["virtual", "file", "alsa"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    if request.param == "virtual":
        return VirtualPlace()
    if request.param == "file":
        return FilePlace(tmp_path / "card", lambda: FileCard(tmp_path / "card"))
    rig: RigCards = request.getfixturevalue("rig")
    return rig_place(rig.cards[0], dict(rig.environment))


@pytest.fixture
def card(place: Place) -> Iterator[Pcm]:
    card = place.open()
    yield card
    with contextlib.suppress(CardLost):
        card.close()


def frames(count: int, first: int = 1) -> bytes:
    """So many frames, each another number."""
    return b"".join((n % 32_000).to_bytes(FRAME_BYTES, "little") for n in range(first, first + count))


def test_nothing_sounds_before_the_start(place: Place, card: Pcm) -> None:
    assert card.write(frames(4800)) == 4800
    place.pass_ms(60)
    assert card.delay() == 4800
    assert place.sounded() == []


def test_it_sounds_at_its_rate_what_was_written_in_order(place: Place, card: Pcm) -> None:
    card.write(frames(9600))
    card.start()
    place.pass_ms(100)
    assert 9600 - 4800 - SLACK <= card.delay() <= 9600 - 4800
    assert card.write(frames(2400, first=9601)) == 2400
    place.pass_ms(30)
    card.drop()
    [heard] = place.sounded()
    assert len(heard) > 6000 * FRAME_BYTES
    assert heard == frames(len(heard) // FRAME_BYTES)


def test_the_ring_takes_what_it_has_room_for(place: Place, card: Pcm) -> None:
    card.write(frames(RING_FRAMES // 2))
    card.start()
    taken = card.write(frames(RING_FRAMES))
    assert RING_FRAMES // 2 <= taken <= RING_FRAMES // 2 + SLACK
    assert card.write(frames(RING_FRAMES)) <= SLACK
    assert card.delay() <= RING_FRAMES


def test_a_ring_run_dry_is_told_and_can_be_started_again(place: Place, card: Pcm) -> None:
    card.write(frames(960))
    card.start()
    place.pass_ms(60)
    with pytest.raises(Underrun):
        card.write(frames(960)) or card.delay()
    with pytest.raises(Underrun):
        card.delay()
    card.drop()
    assert card.write(frames(960, first=5000)) == 960
    card.start()
    place.pass_ms(10)
    card.drop()
    first, second = place.sounded()
    assert first == frames(960)
    assert second == frames(len(second) // FRAME_BYTES, first=5000)


def test_what_is_dropped_does_not_sound_and_the_position_told_the_truth(place: Place, card: Pcm) -> None:
    card.write(frames(9600))
    card.start()
    place.pass_ms(70)
    claimed = 9600 - card.delay()
    card.drop()
    assert card.delay() == 0
    card.write(frames(960, first=20_000))
    card.start()
    place.pass_ms(5)
    card.drop()
    first, second = (len(run) // FRAME_BYTES for run in place.sounded())
    assert claimed >= 70 * RATE // 1000 - RATE // 1000
    assert claimed <= first <= claimed + SLACK
    assert 0 < second <= 960


def test_a_card_that_is_away_cannot_be_opened(place: Place) -> None:
    place.unplug()
    with pytest.raises(CardMissing):
        place.open()
    place.plug()
    place.open().close()


def test_a_card_taken_away_is_lost_until_it_is_opened_anew(place: Place, card: Pcm) -> None:
    card.write(frames(4800))
    card.start()
    place.unplug()
    for use in (card.delay, card.drop, lambda: card.write(frames(10))):
        with pytest.raises(CardLost):
            use()
    place.plug()
    with pytest.raises(CardLost):
        card.delay()
    card.close()
    anew = place.open()
    assert anew.write(frames(480)) == 480
    anew.close()


def test_it_may_be_closed_twice(card: Pcm) -> None:
    card.close()
    card.close()

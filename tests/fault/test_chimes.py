"""What stands around the words, as real sound cards recorded it: chime, languages in order, closing; an emergency twice;
and what sounds where the chime is gone.

Nobody imports this module.
"""

from pathlib import Path

import pytest

from device_agent.sound.pcm import RATE
from schedules.assembly import Piece, pieces_of
from schedules.assignment import Assignment
from schedules.clock import SECOND, ClockTrust
from schedules.playback import Outcome
from schedules.programme import BroadcastClass, Slot
from schedules.wire import Status
from server import seed
from server.area import AreaSettings
from tests.fault.town import Order, Town
from tests.heard import Stretch, heard, pitch
from tests.waiting import eventually

pytestmark = [pytest.mark.sound, pytest.mark.broker]
ONE, TWO, BARE = "loa-mau-1", "loa-mau-4", "loa-mau-5"
EXACT = 40
"""Milliseconds between what was planned and what the card recorded."""
FAINT = 130
"""Of a chime, so much at its ends is too faint to be counted as sound."""


def known(town: Town, device: str, occurrence: str) -> tuple[Slot, Assignment]:
    """The slot, and what the loudspeaker is told of itself."""
    with town.stores.open() as store:
        assignment = store.fleet.assignments([device])[device]
        slots = [s for p in store.fleet.programmes(assignment.area_path).values() for s in p.slots]
    return next(s for s in slots if s.occurrence == occurrence), assignment


def prepared(status: Status | None) -> bool:
    """All chimes are there, and the time is known: who asks while the server is just starting asks again after 20 s."""
    return status is not None and not status.clips_missing and status.trust is ClockTrust.server


def alike(order: Order, pieces: list[Piece], stretches: list[Stretch], start: float) -> None:
    """Each piece sounded, in this order, at its instant, the words by their pitch."""
    assert len(stretches) == len(pieces), [(s.utc_ns / 1e6 - start, s.ms) for s in stretches]
    for piece, stretch in zip(pieces, stretches, strict=True):
        off = stretch.utc_ns / 1e6 - start - piece.offset_ms
        language = piece.clip.language
        if piece.signal:
            assert -EXACT < off < FAINT + EXACT, f"{language} {off:+.0f} ms"
            assert piece.clip.duration_ms - 800 < stretch.ms < piece.clip.duration_ms + EXACT
        else:
            assert abs(off) < EXACT, f"{language} {off:+.0f} ms"
            assert abs(stretch.ms - order.lengths_ms[language]) < EXACT
            assert abs(pitch(stretch.samples[RATE // 10 : RATE]) - order.pitches[language]) < 8


def test_the_card_has_chime_languages_in_order_and_closing_and_an_emergency_twice(town: Town) -> None:
    town.chimes = True
    town.set_area(seed.PROVINCE, AreaSettings(quiet_hours_off=True))
    town.open(ONE, TWO, BARE)
    eventually(lambda: all(map(prepared, [town.status(d) for d in (ONE, TWO, BARE)])), 60, "chimes are there")
    start = town.in_seconds(10)
    news = town.air_tones(start, {"vi": 1500, "mww": 2000, "ium": 1200}, (ONE, TWO, BARE))
    town.ready(news, ONE, TWO, BARE)
    slot, _ = known(town, BARE, news)
    for chime in known(town, BARE, news)[1].signals.chimes:
        if chime.announces == "ordinary" and chime.opening is not None:
            [wav] = (town.folder / BARE).rglob(f"{chime.opening.sha256}.wav")
            Path(wav).unlink()  # gone from the card, and nobody has noticed
    eventually(lambda: all(town.told(d, news) for d in (ONE, TWO, BARE)), 40, "it has sounded")
    for device in (ONE, TWO):
        pieces = [*pieces_of(slot, known(town, device, news)[1])]
        assert [p.signal for p in pieces] == [True, *(False for _ in pieces[2:]), True]
        alike(town.ordered[news], pieces, heard(town.card(device)), start)
        told = town.reported(device, news)
        assert told.clips == tuple(piece.clip.sha256 for piece in pieces)
        assert (told.outcome, told.without) == (Outcome.played, ())
        assert abs((told.sounded_ms or 0) - told.due_ms) < EXACT
    languages = [p.clip.language for p in pieces_of(slot, known(town, TWO, news)[1])]
    assert languages == ["zxx", "mww", "vi", "zxx"]
    bare, whole = town.reported(BARE, news), pieces_of(slot, known(town, BARE, news)[1])
    assert bare.without == (whole[0].clip.sha256,)
    left = [piece for piece in whole if piece.clip.sha256 not in bare.without]
    moved = [Piece(piece.clip, piece.offset_ms - left[0].offset_ms, piece.signal) for piece in left]
    alike(town.ordered[news], moved, heard(town.card(BARE)), start)

    before = len(heard(town.card(TWO)))
    alarm = town.air_tones(0, {"vi": 1500, "mww": 2000}, (TWO,), BroadcastClass.emergency)
    began = town.ordered[alarm].start
    told = town.reported(TWO, alarm)
    slot, assignment = known(town, TWO, alarm)
    pieces = [*pieces_of(slot, assignment)]
    assert [p.clip.language for p in pieces] == ["zxx", "mww", "vi", "mww", "vi", "zxx"]
    alike(town.ordered[alarm], pieces, heard(town.card(TWO))[before:], began)
    assert told.outcome is Outcome.played
    assert abs((told.started or 0) - began) < 10 * SECOND

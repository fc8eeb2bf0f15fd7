"""Tests of what a loudspeaker puts around the words: only what is there, waited for by nobody, and told as it was.

Nobody imports this module.
"""

import msgspec

from audio.clip import NO_LANGUAGE
from device_agent import actions as do
from device_agent import events
from schedules.assignment import Chime, Signals
from schedules.clock import MINUTE, SECOND
from schedules.playback import Outcome, Reason
from schedules.programme import BroadcastClass, Slot
from tests.unit.device.stage import SIX, Stage, clip, slot

OPENING, ALARM, CLOSING = (clip(name, NO_LANGUAGE, 3) for name in ("mở", "còi", "đóng"))
SIGNALS = Signals((Chime("ordinary", OPENING, CLOSING), Chime("emergency", ALARM, CLOSING)), emergency_times=2)
EMERGENCY = BroadcastClass.emergency
WORDS = 3_600
"""After so much of chime and pause the words begin."""


def stage(*slots: Slot, chimes: bool = True, at: int = SIX - MINUTE) -> Stage:
    there = Stage(at)
    there.signals = SIGNALS
    there.ready(*slots)
    if chimes:
        for each in (OPENING, ALARM, CLOSING):
            there.happen(events.ClipStored(each.sha256))
    return there


def placed(there: Stage) -> do.PlaceSound:
    return there.actions(do.PlaceSound)[-1]


def test_chimes_are_wanted_before_any_bulletin_needs_them_and_the_emergency_s_first() -> None:
    there = stage(slot("a"), chimes=False)
    assert [each.sha256 for each in there.state.clips.wanted] == [ALARM.sha256, OPENING.sha256, CLOSING.sha256]
    assert not {ALARM.sha256, OPENING.sha256} & there.state.clips.later.keys(), "the server brings them at once"


def test_a_bulletin_sounds_between_its_chimes() -> None:
    there = stage(slot("a"))
    there.until(SIX - 3 * SECOND)
    sound = placed(there)
    assert sound.start == SIX
    assert sound.pieces == ((OPENING.sha256, 0), (clip("a").sha256, WORDS), (CLOSING.sha256, WORDS + 20_600))
    assert set(sound.optional) == {OPENING.sha256, CLOSING.sha256}
    there.sound("a", WORDS + 20_600 + 3_000)
    told = there.closed()["a"]
    assert (told.outcome, told.reason, told.without) == (Outcome.played, Reason.none, ())
    assert told.clips == tuple(name for name, _ in sound.pieces)


def test_a_missing_chime_delays_nothing_and_is_named() -> None:
    there = stage(slot("a"), chimes=False)
    there.until(SIX - 3 * SECOND)
    assert placed(there).start == SIX
    assert placed(there).pieces == ((clip("a").sha256, 0),)
    there.sound("a")
    told = there.closed()["a"]
    assert (told.outcome, told.reason) == (Outcome.played, Reason.none)
    assert set(told.without) == {OPENING.sha256, CLOSING.sha256}


def test_a_chime_that_comes_while_the_bulletin_is_planned_is_sounded() -> None:
    there = stage(slot("a"), chimes=False)
    there.until(SIX - 30 * SECOND)
    there.happen(events.ClipStored(OPENING.sha256))
    there.until(SIX - 3 * SECOND)
    assert placed(there).pieces == ((OPENING.sha256, 0), (clip("a").sha256, WORDS))


def test_a_chime_that_rots_beforehand_is_left_out() -> None:
    there = stage(slot("a"))
    there.until(SIX - 30 * SECOND)
    there.happen(events.ClipRotten(OPENING.sha256))
    there.until(SIX - 3 * SECOND)
    assert placed(there).pieces[0] == (clip("a").sha256, 0)
    assert there.placed() == ["a"]


def test_an_emergency_says_its_words_twice_and_starts_no_later_for_its_chime() -> None:
    for chimes in (True, False):
        there = stage(at=SIX - SECOND, chimes=chimes)
        there.alert(slot("flood", SIX, EMERGENCY, useful=120 * MINUTE))
        sound = placed(there)
        assert sound.start == SIX
        names = [name for name, _ in sound.pieces]
        assert names.count(clip("flood").sha256) == 2
        assert (names[0] == ALARM.sha256) is chimes


def test_who_comes_late_to_an_emergency_and_lacks_its_chime_joins_at_the_word_of_the_others() -> None:
    there = stage(at=SIX + 6 * SECOND, chimes=False)
    there.alert(slot("flood", SIX, EMERGENCY, useful=120 * MINUTE))
    assert (placed(there).joins, placed(there).start) == (True, SIX + WORDS)
    assert placed(there).pieces[0] == (clip("flood").sha256, 0)


def test_who_comes_while_the_others_hear_the_chime_that_it_lacks_does_not_wait() -> None:
    there = stage(at=SIX + SECOND, chimes=False)
    there.alert(slot("flood", SIX, EMERGENCY, useful=120 * MINUTE))
    assert (placed(there).joins, placed(there).start) == (False, SIX + SECOND)


def test_what_the_card_could_not_read_is_told_as_left_out() -> None:
    there = stage(slot("a"))
    there.until(SIX - 3 * SECOND)
    there.pass_(SIX - there.utc)
    there.happen(events.SoundStarted(placed(there).occurrence, SIX, (OPENING.sha256,)))
    there.pass_(23_600)
    there.happen(events.SoundEnded(placed(there).occurrence, there.utc, 23_600, True))
    told = there.closed()["a"]
    assert told.clips == (clip("a").sha256, CLOSING.sha256)
    assert (told.without, told.due_ms) == ((OPENING.sha256,), 23_600)


def test_its_own_opening_is_fetched_and_sounded_and_where_it_is_missing_the_chime_stands_in() -> None:
    own = clip("nhạc", NO_LANGUAGE, 15)
    with_own = msgspec.structs.replace(slot("a"), opening=(own,))
    for there_is in (True, False):
        there = stage(with_own)
        assert own.sha256 in {each.sha256 for each in there.state.clips.wanted}
        if there_is:
            there.happen(events.ClipStored(own.sha256))
        there.until(SIX - 3 * SECOND)
        assert placed(there).pieces[0] == ((own if there_is else OPENING).sha256, 0)
        there.sound("a")
        assert there.closed()["a"].without == (() if there_is else (own.sha256,))


def test_music_alone_sounds_whatever_a_hamlet_speaks() -> None:
    anthem = clip("quốc ca", NO_LANGUAGE, 60)
    there = Stage(SIX - MINUTE)
    there.signals = SIGNALS
    there.ready(slot("a", clips=(anthem,)), languages=("ium", "vi"))
    there.happen(events.ClipStored(anthem.sha256))
    there.until(SIX - 3 * SECOND)
    assert placed(there).pieces == ((anthem.sha256, 0),)
    there.sound("a", 60_000)
    assert there.closed()["a"].missing == ()

"""Tests of the playback engine in virtual time: order, exact frames, cuts, underruns, drift, and cards that vanish.

Nobody imports this module.
"""

import array
from pathlib import Path

import pytest

from device_agent.sound.engine import LINGER_NS, LOOK_AGAIN_S
from device_agent.sound.pcm import RATE
from device_agent.sound.queued import FADE_FRAMES, OPEN_AHEAD_NS
from tests.unit.sound.stage import SECOND, Stage, numbered, tone, wav

FRAME_NS = SECOND / RATE
MS = SECOND // 1000


@pytest.fixture
def stage() -> Stage:
    return Stage()


def test_a_sound_starts_at_its_frame_and_each_of_its_frames_is_heard_once(stage: Stage, tmp_path: Path) -> None:
    start = stage.place("a", 4.0, [(numbered(tmp_path / "a.wav", 0.5), 0)])
    stage.run(6)
    [(instant, frames)] = stage.heard()
    assert abs(instant - start) <= FRAME_NS
    assert frames == [1 + (1 + n) % 32_000 for n in range(RATE // 2)]
    started, ended = stage.ear.all()
    assert (started.kind, started.name) == ("started", "a")
    assert abs(started.mono_ns - start) <= FRAME_NS
    assert (ended.kind, ended.ms, ended.whole) == ("ended", 500, True)


def test_pieces_lie_at_their_offsets(stage: Stage, tmp_path: Path) -> None:
    pieces = [(numbered(tmp_path / "a.wav", 0.3), 0), (numbered(tmp_path / "b.wav", 0.2, first=9000), 800)]
    start = stage.place("two", 3.5, pieces)
    stage.run(6)
    (first, a), (second, b) = stage.heard()
    assert abs(first - start) <= FRAME_NS
    assert abs(second - first - 800 * MS) <= FRAME_NS
    assert (len(a), len(b), b[0]) == (RATE * 3 // 10, RATE // 5, 9001)
    assert stage.ear.all()[-1].ms == 1000


def test_the_card_is_open_around_a_sound_and_no_longer(stage: Stage, tmp_path: Path) -> None:
    stage.place("a", 10.0, [(numbered(tmp_path / "a.wav", 0.2), 0)])
    stage.run(10 - OPEN_AHEAD_NS / SECOND - 0.1)
    assert stage.socket.opened == 0
    stage.run(0.2)
    assert stage.socket.opened == 1
    stage.run(OPEN_AHEAD_NS / SECOND + 0.2 + LINGER_NS / SECOND + 0.2)
    sounded = sum(len(run.frames) for run in stage.socket.runs)
    stage.run(5)
    assert sum(len(run.frames) for run in stage.socket.runs) == sounded
    assert stage.socket.opened == 1


def test_sounds_follow_each_other_on_one_open_card_in_the_order_of_their_instants(stage: Stage, tmp_path: Path) -> None:
    second = stage.place("b", 4.5, [(numbered(tmp_path / "b.wav", 0.2), 0)])
    first = stage.place("a", 3.5, [(numbered(tmp_path / "a.wav", 0.2), 0)])
    stage.run(6)
    assert [told.name for told in stage.ear.all()] == ["a", "a", "b", "b"]
    assert not [link for link in Path("/proc/self/fd").iterdir() if str(link.resolve()).startswith(str(tmp_path))]
    (instant_a, _), (instant_b, _) = stage.heard()
    assert abs(instant_a - first) <= FRAME_NS
    assert abs(instant_b - second) <= FRAME_NS
    assert stage.socket.opened == 1


def test_a_late_sound_starts_at_once_from_its_beginning(stage: Stage, tmp_path: Path) -> None:
    stage.place("late", -5.0, [(numbered(tmp_path / "a.wav", 0.2), 0)])
    ordered = stage.clock.now_ns
    stage.run(1)
    [(instant, frames)] = stage.heard()
    assert (frames[0], len(frames)) == (2, RATE // 5)
    assert instant - ordered < 20 * MS


def test_the_amplifier_gets_its_lead_in(stage: Stage, tmp_path: Path) -> None:
    stage.place("now", 0, [(numbered(tmp_path / "a.wav", 0.2), 0)], lead_in_ms=1500)
    ordered = stage.clock.now_ns
    stage.run(3)
    [(instant, _)] = stage.heard()
    assert 1500 * MS <= instant - ordered < 1520 * MS
    assert stage.ear.all()[-1].whole


def test_for_a_slow_amplifier_the_card_opens_earlier(stage: Stage, tmp_path: Path) -> None:
    start = stage.place("a", 6.0, [(numbered(tmp_path / "a.wav", 0.2), 0)], lead_in_ms=4500)
    stage.run(7)
    [(instant, _)] = stage.heard()
    assert abs(instant - start) <= FRAME_NS


def test_an_amplifier_that_is_awake_does_not_wait_again(stage: Stage, tmp_path: Path) -> None:
    stage.place("a", 3.0, [(numbered(tmp_path / "a.wav", 0.2), 0)], lead_in_ms=1500)
    stage.run(3.5)
    ordered = stage.clock.now_ns
    stage.place("alert", 0, [(numbered(tmp_path / "b.wav", 0.2), 0)], lead_in_ms=1500, urgent=True)
    stage.run(1)
    assert stage.heard()[-1][0] - ordered < 20 * MS


def test_a_cut_is_immediate_and_counted_as_the_card_heard_it(stage: Stage, tmp_path: Path) -> None:
    start = stage.place("long", 3.5, [(numbered(tmp_path / "a.wav", 3), 0)])
    stage.run(4.5)
    cut_at = stage.clock.now_ns
    stage.engine.cancel("long")
    stage.run(0.5)
    [(_, frames), (_, faded)] = stage.heard()
    ended = stage.ear.all()[-1]
    assert (ended.kind, ended.whole) == ("ended", False)
    assert abs(ended.ms - (len(frames) + len(faded)) * 1000 // RATE) <= 1
    assert abs(len(frames) * FRAME_NS - (cut_at - start)) < 20 * MS
    assert FADE_FRAMES - 10 <= len(faded) <= FADE_FRAMES
    assert faded[0] in range(frames[-1] - 5, frames[-1] + 5), "it goes on from where it was cut"


def test_what_is_cancelled_before_its_start_never_sounds(stage: Stage, tmp_path: Path) -> None:
    stage.place("a", 4.0, [(numbered(tmp_path / "a.wav", 0.2), 0)])
    stage.run(3.8)
    stage.engine.cancel("a")
    stage.engine.cancel("unknown")
    stage.run(1)
    assert stage.heard() == []
    assert [(t.kind, t.name, t.ms, t.whole) for t in stage.ear.all()] == [
        ("ended", "unknown", 0, False),
        ("ended", "a", 0, False),
    ]


def test_an_urgent_sound_cuts_what_sounds_within_20_ms(stage: Stage, tmp_path: Path) -> None:
    stage.place("ordinary", 3.0, [(numbered(tmp_path / "a.wav", 5), 0)])
    stage.run(4)
    ordered = stage.clock.now_ns
    stage.place("alert", 0, [(tone(tmp_path / "b.wav", 0.2, peak=-9000), 0)], urgent=True)
    stage.run(1)
    told = stage.ear.all()
    assert [(t.kind, t.name) for t in told] == [
        ("started", "ordinary"),
        ("ended", "ordinary"),
        ("started", "alert"),
        ("ended", "alert"),
    ]
    assert not told[1].whole
    assert told[3].whole
    assert told[2].mono_ns - ordered < 20 * MS
    assert stage.socket.runs[-1].started_ns - ordered < 20 * MS


def test_an_urgent_sound_does_not_wait_for_the_silence_in_the_ring(stage: Stage, tmp_path: Path) -> None:
    stage.place("later", 4.0, [(numbered(tmp_path / "a.wav", 0.2), 0)])
    stage.run(2)
    ordered = stage.clock.now_ns
    stage.place("alert", 0, [(numbered(tmp_path / "b.wav", 0.2), 0)], urgent=True)
    stage.run(4)
    alert, later = stage.heard()
    assert alert[0] - ordered < 20 * MS
    assert abs(later[0] - ordered - 2 * SECOND) <= 20 * MS
    assert all(told.whole for told in stage.ear.all() if told.kind == "ended")


def test_what_was_in_the_ring_when_an_urgent_one_came_is_heard_whole_afterwards(stage: Stage, tmp_path: Path) -> None:
    stage.place("ordinary", 3.0, [(numbered(tmp_path / "a.wav", 0.5), 0)])
    stage.run(2.8)
    stage.place("alert", 0, [(numbered(tmp_path / "b.wav", 0.5), 0)], urgent=True)
    stage.run(2)
    assert [(t.name, t.ms, t.whole) for t in stage.ear.all() if t.kind == "ended"] == [
        ("alert", 500, True),
        ("ordinary", 500, True),
    ]


def test_no_word_of_another_sounds_before_an_urgent_one_that_is_near(stage: Stage, tmp_path: Path) -> None:
    stage.place("ordinary", 1.0, [(numbered(tmp_path / "a.wav", 0.5), 0)])
    stage.place("alert", 1.2, [(numbered(tmp_path / "b.wav", 0.5), 0)], urgent=True)
    stage.run(3)
    assert [t.name for t in stage.ear.all() if t.kind == "started"] == ["alert", "ordinary"]


def test_a_slow_machine_takes_nothing_from_a_sound_that_starts_at_once(stage: Stage, tmp_path: Path) -> None:
    stage.socket.write_takes_s = 0.003
    stage.place("now", 0, [(numbered(tmp_path / "a.wav", 2), 0)])
    stage.run(3)
    assert [len(frames) for _, frames in stage.heard()] == [RATE * 2]


def test_a_sound_that_was_kept_waiting_is_heard_whole_afterwards(stage: Stage, tmp_path: Path) -> None:
    stage.place("a", 3.0, [(numbered(tmp_path / "a.wav", 1), 0)])
    stage.place("b", 3.5, [(numbered(tmp_path / "b.wav", 0.5), 0)])
    stage.run(6)
    assert [(t.name, t.ms) for t in stage.ear.all() if t.kind == "ended"] == [("a", 1000), ("b", 500)]


def test_after_an_underrun_a_sound_goes_on_where_it_would_be(stage: Stage, tmp_path: Path) -> None:
    start = stage.place("a", 3.0, [(numbered(tmp_path / "a.wav", 3), 0)])
    stage.run(4)
    stage.clock.advance(0.9)
    stage.run(3)
    before, after = stage.heard()
    at = round((after[0] - start) / FRAME_NS)
    assert abs(after[1][0] - (2 + at) % 32_000) <= 2
    ended = stage.ear.all()[-1]
    assert (ended.kind, ended.whole) == ("ended", True)
    assert abs(ended.ms - (len(before[1]) + len(after[1])) * 1000 / RATE) <= 1


@pytest.mark.parametrize("ppm", [80, -80])
@pytest.mark.parametrize("grain", [1, 480])
def test_a_card_with_a_wrong_clock_keeps_in_step(ppm: float, grain: int, tmp_path: Path) -> None:
    stage = Stage(ppm, grain)
    click = wav(tmp_path / "click.wav", array.array("h", [9000] * 48))
    pieces = [(click, offset) for offset in range(0, 60_000, 4_000)]
    start = stage.place("long", 3.5, pieces)
    stage.run(65)
    instants = [instant for instant, _ in stage.heard()]
    errors = [abs(instant - start - 4 * SECOND * n) for n, instant in enumerate(instants)]
    assert len(errors) == len(pieces)
    assert max(errors) < 0.5 * MS
    assert stage.ear.all()[-1].whole


def test_a_card_that_comes_back_goes_on_where_the_sound_would_be(stage: Stage, tmp_path: Path) -> None:
    start = stage.place("long", 3.0, [(numbered(tmp_path / "a.wav", 3), 0)])
    stage.run(4)
    stage.socket.unplug()
    stage.run(0.8)
    assert stage.engine.fault
    stage.socket.plugged = True
    stage.run(4)
    assert not stage.engine.fault
    before, after = stage.heard()
    at = round((after[0] - start) / FRAME_NS)
    assert abs(after[1][0] - (2 + at) % 32_000) <= 2
    ended = stage.ear.all()[-1]
    assert ended.whole
    assert abs(ended.ms - (len(before[1]) + len(after[1])) * 1000 / RATE) <= 15


def test_a_card_that_does_not_come_back_in_time_has_failed_with_what_had_sounded(stage: Stage, tmp_path: Path) -> None:
    stage.place("a", 3.0, [(numbered(tmp_path / "a.wav", 2), 0)])
    stage.run(3.5)
    stage.socket.unplug()
    stage.run(3)
    failed = stage.ear.all()[-1]
    assert (failed.kind, failed.cause) == ("failed", "card_lost")
    assert 450 <= failed.ms <= 500


def test_a_card_that_came_back_for_the_last_words_has_failed(stage: Stage, tmp_path: Path) -> None:
    stage.place("a", 3.0, [(numbered(tmp_path / "a.wav", 3), 0)])
    stage.run(3.3)
    stage.socket.unplug()
    stage.run(2.4)
    stage.socket.plugged = True
    stage.run(2)
    failed = stage.ear.all()[-1]
    assert (failed.kind, failed.cause) == ("failed", "card_lost")
    assert 300 < failed.ms < 900


def test_a_late_sound_waits_for_its_card_as_long_as_any(stage: Stage, tmp_path: Path) -> None:
    stage.socket.unplug()
    stage.place("late", -5, [(numbered(tmp_path / "a.wav", 1), 0)])
    stage.run(0.6)
    stage.socket.plugged = True
    stage.run(3)
    assert [(t.kind, t.ms) for t in stage.ear.all()][-1] == ("ended", 1000)


def test_with_no_card_at_all_a_sound_fails_when_its_time_is_over(stage: Stage, tmp_path: Path) -> None:
    stage.socket.unplug()
    start = stage.place("a", 1.0, [(numbered(tmp_path / "a.wav", 0.5), 0)])
    stage.run(3)
    [failed] = stage.ear.all()
    assert (failed.kind, failed.cause, failed.ms) == ("failed", "card_missing", 0)
    assert 500 * MS <= failed.mono_ns - start < 1000 * MS


def test_a_card_whose_position_stands_still_is_opened_anew(stage: Stage, tmp_path: Path) -> None:
    stage.place("a", 3.0, [(numbered(tmp_path / "a.wav", 5), 0)])
    stage.run(3.5)
    stage.socket.stuck = True
    stage.run(1.8)
    assert not stage.engine.fault
    stage.run(0.4)
    stage.socket.stuck = False
    stage.run(4)
    assert stage.socket.opened == 2
    ended = stage.ear.all()[-1]
    assert ended.whole
    assert 2000 < ended.ms < 3500


def test_a_fault_is_not_told_for_longer_than_it_lasts(stage: Stage, tmp_path: Path) -> None:
    stage.socket.unplug()
    stage.place("a", 0, [(numbered(tmp_path / "a.wav", 0.2), 0)])
    stage.run(1)
    assert stage.engine.fault
    stage.socket.plugged = True
    assert stage.engine.patience() == LOOK_AGAIN_S
    stage.clock.advance(LOOK_AGAIN_S)
    stage.run(4)
    assert not stage.engine.fault
    assert stage.engine.patience() is None


def test_an_idle_engine_sleeps_until_it_is_needed(stage: Stage, tmp_path: Path) -> None:
    assert stage.engine.patience() is None
    stage.place("a", 100.0, [(numbered(tmp_path / "a.wav", 0.2), 0)])
    assert stage.engine.patience() == pytest.approx(100 - OPEN_AHEAD_NS / SECOND)


def test_a_file_that_is_no_sound_has_failed_before_air(stage: Stage, tmp_path: Path) -> None:
    (tmp_path / "bad.wav").write_bytes(b"not a sound")
    wav(tmp_path / "slow.wav", array.array("h", [1, 2]), rate=8000)
    wav(tmp_path / "empty.wav", array.array("h"))
    for name in ("bad", "slow", "empty", "missing"):
        stage.place(name, 4, [(tmp_path / f"{name}.wav", 0)])
    stage.place("nothing", 4, [])
    assert {(t.kind, t.cause, t.ms) for t in stage.ear.all()} == {("failed", "file_unreadable", 0)}
    assert stage.engine.patience() is None


def test_a_file_that_ends_before_its_time_fails_there_and_the_next_sound_is_heard(stage: Stage, tmp_path: Path) -> None:
    broken = numbered(tmp_path / "a.wav", 2)
    stage.place("a", 3.0, [(broken, 0)])
    stage.place("b", 6.0, [(numbered(tmp_path / "b.wav", 0.2), 0)])
    with broken.open("r+b") as file:
        file.truncate(44 + RATE * 2)
    stage.run(8)
    told = stage.ear.all()
    assert [(t.kind, t.name, t.cause) for t in told] == [
        ("started", "a", ""),
        ("failed", "a", "file_unreadable"),
        ("started", "b", ""),
        ("ended", "b", ""),
    ]
    assert 400 < told[1].ms <= 1000


def test_a_fault_of_the_program_does_not_end_the_engine(stage: Stage, tmp_path: Path) -> None:
    stage.place("a", 3.0, [(numbered(tmp_path / "a.wav", 1), 0)])
    stage.run(1)
    assert stage.socket.open_now is not None
    stage.socket.open_now.write = lambda _frames: 1 // 0  # type: ignore[method-assign]
    stage.run(4)
    assert stage.ear.all()[-1].whole
    assert stage.socket.opened == 2

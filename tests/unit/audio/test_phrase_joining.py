"""Joins cannot be heard: no jump above −50 dBFS, no step in loudness above 1 LU, whatever the recordings are like.

Nobody imports this module.
"""

import math
from array import array
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audio.mastering import measure
from audio.phrase_joining import (
    SMALLEST_STEP_DBFS,
    TARGET_LUFS,
    Joined,
    Placed,
    Take,
    join,
    largest_jump,
    largest_level_step,
)
from audio.phrase_loudness import dbfs, loudness
from audio.phrase_take import TAKE_RATE, TakeFault, judged, measured
from audio.sample_announcer import Announcer, say
from audio.voice import VoiceError
from audio.voices.phrase_bank import PhraseBank, Script, Spoken, write_take

announcers = st.builds(
    Announcer,
    hertz=st.integers(90, 320),
    level=st.floats(-26, -4),
    noise=st.floats(-85, -62),
    offset=st.integers(-900, 900),
    lead_ms=st.integers(60, 200),
)


def take(announcer: Announcer, words: int = 2, pause_ms: int = 0, seed: int = 1) -> Take:
    samples = say(announcer, words, seed)
    return Take(samples, measured(samples), pause_ms)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(announcers, st.integers(1, 3), st.sampled_from([0, 0, 220, 450])), min_size=2, max_size=4))
def test_no_join_can_be_heard(parts: list[tuple[Announcer, int, int]]) -> None:
    takes = [take(who, words, pause, seed) for seed, (who, words, pause) in enumerate(parts, 1)]
    for each in takes:
        assert judged(each.measures, 2, len(each.samples)) == (), "a take that the bank would have kept"
    joined = join(takes)
    assert largest_jump(joined) <= SMALLEST_STEP_DBFS
    assert largest_level_step(joined) <= 1
    assert max(map(abs, joined.samples)) < 32_767, "nothing is clipped"
    assert len(joined.placed) == len(takes)


def hard(takes: list[Take]) -> Joined:
    """As somebody would join them who knows nothing of it: cut in the middle of the sound, as loud as it came."""
    out, placed = array("h"), []
    for each in takes:
        begins = len(out)
        out.extend(each.samples[each.measures.begins + 900 : each.measures.ends - 900])
        placed.append(Placed(begins, len(out), begins, len(out)))
    return Joined(out, tuple(placed))


def test_the_measures_see_a_cut_a_step_and_an_offset() -> None:
    takes = [take(Announcer(150, -8)), take(Announcer(210, -24), seed=2), take(Announcer(180, -10), seed=3)]
    joined = hard(takes)
    assert largest_jump(joined) > SMALLEST_STEP_DBFS + 10
    assert largest_level_step(joined) > 6
    still = join(takes)
    middle = still.placed[1].begins + 100
    broken = array("h", still.samples)
    for at in range(middle, len(broken)):
        broken[at] = max(-32_768, min(32_767, broken[at] + 300))
    assert largest_jump(Joined(broken, still.placed)) > SMALLEST_STEP_DBFS


def test_pieces_lie_where_the_pauses_put_them() -> None:
    joined = join([take(Announcer(150), pause_ms=450), take(Announcer(150)), take(Announcer(150))])
    first, second, third = joined.placed
    assert second.begins - first.ends == TAKE_RATE * 450 // 1000
    assert third.begins < second.ends, "without a pause, their quiet ends lie on one another"
    assert third.first > second.last, "and what is spoken does not"
    assert len(joined.samples) == third.ends
    assert len(join([]).samples) == 0


@pytest.mark.parametrize("pause_ms", [0, 300])
def test_even_a_take_that_was_cut_in_the_middle_of_a_sound_begins_and_ends_in_silence(pause_ms: int) -> None:
    """Somebody spoke at the very beginning and end: what surrounds the words is no quieter than they are."""
    tone = array("h", (round(9_000 * math.sin(2 * math.pi * 200 * at / TAKE_RATE)) for at in range(TAKE_RATE)))
    whole = msgspec.structs.replace(measured(say(Announcer(200), 4)), begins=3_030, ends=20_030, lufs=-12.0, peak=-11.0)
    joined = join([Take(tone, whole, pause_ms), Take(tone, whole)])
    assert largest_jump(joined) <= SMALLEST_STEP_DBFS
    assert abs(joined.samples[0]) < 30
    assert abs(joined.samples[-1]) < 30


def test_one_that_would_be_clipped_brings_all_down_together() -> None:
    spiky = array("h", say(Announcer(150, -24), 3))
    spiky[len(spiky) // 2] = 30_000
    joined = join([Take(spiky, measured(spiky)), take(Announcer(200), seed=2)])
    assert dbfs(max(map(abs, joined.samples))) <= -0.9
    assert largest_level_step(joined) <= 1


def test_loudness_is_what_ffmpeg_measures(tmp_path: Path) -> None:
    samples = array("h", [x for n in range(8) for x in say(Announcer(220, -12, lead_ms=20), 4, n + 1)])
    write_take(tmp_path / "long.wav", samples)
    assert loudness(samples, TAKE_RATE) == pytest.approx(measure(tmp_path / "long.wav").integrated, abs=0.7)
    joined = join([take(Announcer(220), 6), take(Announcer(120, -25), 6, seed=2)])
    write_take(tmp_path / "joined.wav", joined.samples)
    assert measure(tmp_path / "joined.wav").integrated == pytest.approx(TARGET_LUFS, abs=1.0)


@pytest.mark.parametrize(
    ("announcer", "words", "fault"),
    [
        (Announcer(200, -48), 2, TakeFault.faint),
        (Announcer(200, -14, noise=-38), 2, TakeFault.noisy),
        (Announcer(200, -14, lead_ms=10), 2, TakeFault.cut_off),
        (Announcer(200), 9, TakeFault.too_short),
        (Announcer(200, level=8), 2, TakeFault.clipped),
        (Announcer(200, level=-99, noise=-70), 2, TakeFault.silent),
    ],
)
def test_a_take_that_must_be_said_once_more_says_why(announcer: Announcer, words: int, fault: TakeFault) -> None:
    samples = say(announcer, 2)
    assert fault in judged(measured(samples), words, len(samples))


def test_a_good_take_passes_and_one_with_an_aside_is_too_long() -> None:
    samples = say(Announcer(200), 3)
    found = measured(samples)
    assert judged(found, 3, len(samples)) == ()
    assert found.sounds_ms == pytest.approx(3 * 210, abs=60)
    longer = say(Announcer(200), 14)
    assert TakeFault.too_long in judged(measured(longer), 1, len(longer))
    assert judged(measured(array("h")), 1, 0) == (TakeFault.silent,)
    assert judged(measured(array("h", [0] * 4800)), 1, 4800) == (TakeFault.silent,)


def test_the_engine_says_who_speaks_and_refuses_what_is_missing(tmp_path: Path) -> None:
    samples = say(Announcer(200), 2)
    write_take(tmp_path / "a.wav", samples)
    spoken = Spoken(tmp_path / "a.wav", measured(samples))
    bank = PhraseBank()
    made = bank.render(Script((spoken, spoken), ("pt-1", "pt-2"), "abc"), tmp_path / "out.wav")
    assert (made.engine, made.voice, made.parameters, made.ai_made) == (
        "phrase-bank",
        "pt-1, pt-2",
        "manifest=abc",
        False,
    )
    sample = bank.identity(Script((spoken,), ("mau-mww",), "abc", sample=True))
    assert (sample.ai_made, sample.voice) == (True, "mẫu mau-mww")
    for broken in (Script((), (), ""), Script((Spoken(tmp_path / "none.wav", spoken.measures),), ("x",), "")):
        with pytest.raises(VoiceError):
            bank.render(broken, tmp_path / "none-out.wav")
    (tmp_path / "bad.wav").write_bytes(b"RIFF")
    with pytest.raises(VoiceError):
        bank.render(Script((Spoken(tmp_path / "bad.wav", spoken.measures),), ("x",), ""), tmp_path / "none-out.wav")
    assert not (tmp_path / "none-out.wav").exists()

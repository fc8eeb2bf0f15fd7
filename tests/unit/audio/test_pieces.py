"""Tests of cutting and mending by lists, and of the splices that come of it.

Nobody imports this module.
"""

import array
import itertools
import math
import wave
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from audio.pieces import SHORTEST_PIECE_MS, Piece, Pieces, kept, length_ms, replaced
from audio.splicing import FADE_MS, splice

RATE = 24_000
pieces = st.lists(
    st.builds(
        lambda t, b, n: Piece(t, b, b + n), st.sampled_from("abc"), st.integers(0, 9_000), st.integers(20, 9_000)
    ),
    min_size=1,
    max_size=4,
).map(tuple)


@given(pieces, st.integers(0, 40_000), st.integers(0, 40_000))
def test_what_is_kept_is_what_lay_there(given_pieces: Pieces, one: int, other: int) -> None:
    begins, ends = sorted((one, other))
    found = kept(given_pieces, begins, ends)
    whole = length_ms(given_pieces)
    wanted = max(0, min(ends, whole) - min(begins, whole))
    assert 0 <= wanted - length_ms(found) <= 2 * SHORTEST_PIECE_MS
    assert all(piece.length_ms >= SHORTEST_PIECE_MS for piece in found)
    assert kept(given_pieces, 0, whole) == given_pieces


@given(pieces, st.integers(0, 9_000), st.integers(0, 9_000))
def test_what_is_said_anew_stands_where_the_old_was(given_pieces: Pieces, one: int, other: int) -> None:
    begins, ends = sorted((one, other))
    anew = (Piece("d", 100, 700),)
    found = replaced(given_pieces, begins, ends, anew)
    assert found.count(anew[0]) == 1
    at = found.index(anew[0])
    assert found[:at] == kept(given_pieces, 0, begins)
    assert found[at + 1 :] == kept(given_pieces, ends, length_ms(given_pieces))


def tone(path: Path, hertz: int, loud: float, seconds: float = 2) -> Path:
    samples = array.array(
        "h", (round(loud * 32_000 * math.cos(2 * math.pi * hertz * n / RATE)) for n in range(round(RATE * seconds)))
    )
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, RATE, 0, "NONE", ""))
        file.writeframes(samples.tobytes())
    return path


def heard(path: Path) -> "array.array[int]":
    with wave.open(str(path)) as file:
        return array.array("h", file.readframes(file.getnframes()))


def test_a_splice_does_not_click_and_both_sides_are_equally_loud(tmp_path: Path) -> None:
    takes = {"a": tone(tmp_path / "a.wav", 200, 0.4), "b": tone(tmp_path / "b.wav", 230, 0.12)}
    cut = (Piece("a", 0, 703), Piece("b", 333, 1_204), Piece("a", 1_111, 1_900))
    splice(cut, takes, tmp_path / "out.wav")
    samples = heard(tmp_path / "out.wav")
    assert abs(len(samples) - length_ms(cut) * RATE // 1000) <= 3
    steepest = 0.4 * 32_000 * 2 * math.pi * 230 / RATE * 1.2
    assert max(abs(one - other) for one, other in itertools.pairwise(samples)) < steepest
    middle = samples[RATE : RATE + RATE // 4]
    beginning = samples[RATE // 4 : RATE // 2]
    ratio = math.sqrt(sum(s * s for s in middle) / sum(s * s for s in beginning))
    assert abs(20 * math.log10(ratio)) < 1
    join = 703 * RATE // 1000
    assert max(abs(s) for s in samples[join - 2 : join + 2]) < 1_000  # faded to nothing on both sides
    assert max(abs(s) for s in samples[join - 2 * FADE_MS * RATE // 1000 : join]) > 8_000


def test_a_take_alone_stays_as_it_is(tmp_path: Path) -> None:
    takes = {"a": tone(tmp_path / "a.wav", 200, 0.4)}
    splice((Piece("a", 500, 1_500),), takes, tmp_path / "out.wav")
    assert heard(tmp_path / "out.wav") == heard(takes["a"])[RATE // 2 : RATE * 3 // 2]

"""Tests of the claim code: typed as people type, never mistaken, worth nothing to who reads its hash.

Nobody imports this module.
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schedules import claim_code
from schedules.claim_code import ALPHABET, Code

CODES = st.builds(Code, st.text(ALPHABET, min_size=8, max_size=8), st.text(ALPHABET, min_size=10, max_size=10))


@given(CODES, st.sampled_from([str, str.lower, lambda text: text.replace("-", " "), lambda text: f"  {text}\n"]))
def test_a_code_is_read_as_it_was_written(code: Code, typing: object) -> None:
    assert callable(typing)
    assert claim_code.read(typing(claim_code.written(code))) == code


def test_what_looks_alike_is_alike() -> None:
    code = Code("01010101", "1111100000")
    typed = claim_code.written(code).replace("0", "O").replace("1", "l", 3).replace("1", "I")
    assert claim_code.read(typed) == code


@given(CODES, st.data())
def test_one_slip_of_the_finger_is_seen(code: Code, data: st.DataObject) -> None:
    letters = claim_code.written(code).lower().replace("-", "")
    at = data.draw(st.integers(0, len(letters) - 1))
    wrong = letters[:at] + data.draw(st.sampled_from(ALPHABET.replace(letters[at], ""))) + letters[at + 1 :]
    assert claim_code.read(wrong) is None


@given(CODES, st.integers(0, 18))
def test_two_neighbours_exchanged_are_seen(code: Code, at: int) -> None:
    letters = claim_code.written(code).lower().replace("-", "")
    wrong = letters[:at] + letters[at + 1] + letters[at] + letters[at + 2 :]
    assert claim_code.read(wrong) is None or wrong == letters


@given(st.text(max_size=300))
def test_anything_else_is_no_code(typed: str) -> None:
    found = claim_code.read(typed)
    assert found is None or claim_code.read(claim_code.written(found)) == found


@pytest.mark.parametrize("typed", ["", "K7QM", "K7QM-2XPD-9RTA-WXYZ-AAAAA", "uuuu-uuuu-uuuu-uuuu-uuuu", "x" * 10_000])
def test_what_is_too_short_too_long_or_strange_is_none(typed: str) -> None:
    assert claim_code.read(typed) is None


def test_secret_seal_and_hash_depend_on_all_that_they_should() -> None:
    assert claim_code.secret_of(bytes(32)) != claim_code.secret_of(b"\1" * 32)
    spread = {claim_code.secret_of(bytes([n]) + b"the rest is the same") for n in range(200)}
    assert len(spread) == 200
    assert all(len({secret[at] for secret in spread}) > 16 for at in range(claim_code.SECRET_LETTERS))
    assert len(claim_code.secret_of(b"\xff" * 32)) == claim_code.SECRET_LETTERS
    assert len(claim_code.seal_of(b"a")) == claim_code.SEAL_LETTERS
    assert claim_code.seal_of(b"a") != claim_code.seal_of(b"b")
    one, other, elsewhere = Code("0" * 8, "0" * 10), Code("1" * 8, "0" * 10), Code("0" * 8, "1" * 10)
    assert len({claim_code.hash_of(code) for code in (one, other, elsewhere)}) == 3
    assert one.secret not in claim_code.hash_of(one)

"""Tests of the way to air: what may follow on what, by whom, and that nothing airs which nobody else has approved.

Nobody imports this module.
"""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.lifecycle import (
    DUE,
    STANDING,
    STEPS,
    BroadcastState,
    Deed,
    Hindrance,
    Part,
    Passage,
    after,
    airs,
    begun,
)

PEOPLE = ("ed", "eve", "leader", "officer")
S, D = BroadcastState, Deed

# As the rules of the station say it, written down once more: state: deeds that follow on it.
FOLLOWS = {
    S.draft: {D.keep, D.submit, D.alarm, D.withdraw},
    S.submitted: {D.approve, D.send_back, D.render, D.supersede, D.withdraw},
    S.returned: {D.render, D.supersede, D.withdraw},
    S.approved: {D.render, D.supersede, D.withdraw},
    S.voided: {D.approve, D.send_back, D.render, D.supersede, D.withdraw},
    S.superseded: set(),
    S.withdrawn: set(),
}


@pytest.mark.parametrize(("state", "deed"), list(product(S, D)), ids=lambda x: x.value)
def test_from_every_state_only_the_listed_deeds_lead_on(state: S, deed: D) -> None:
    passage = Passage(state, frozenset({"ed"}), emergency=True)
    found = after(passage, deed, "leader")
    assert (found is not Hindrance.not_now) == (deed in FOLLOWS[state])
    assert ((state, deed) in STEPS) == (deed in FOLLOWS[state])


@pytest.mark.parametrize("state", S)
@pytest.mark.parametrize("deed", [D.approve, D.send_back])
def test_who_wrote_in_any_version_decides_nothing(state: S, deed: D) -> None:
    old = Passage(S.returned, frozenset({"leader", "ed"}))
    new = after(begun("eve", emergency=False, replaces=old), D.submit, "eve")
    assert isinstance(new, Passage)
    assert after(new, deed, "leader") is Hindrance.own_work
    assert isinstance(after(new, deed, "other"), Passage)
    passage = Passage(state, frozenset({"leader"}), emergency=True)
    assert isinstance(after(passage, deed, "leader"), Hindrance)


def test_one_signature_is_for_emergencies() -> None:
    assert after(begun("officer", emergency=False), D.alarm, "officer") is Hindrance.no_emergency
    alone = after(begun("officer", emergency=True), D.alarm, "officer")
    assert isinstance(alone, Passage)
    assert airs(alone)
    assert alone.alone


def test_what_is_due_and_what_stands() -> None:
    assert all((state, D.approve) in STEPS for state in DUE)
    assert all((state, D.supersede) in STEPS and (state, D.withdraw) in STEPS for state in STANDING)
    assert {state for state in S if (state, D.supersede) in STEPS} == set(STANDING)


deeds = st.lists(st.tuples(st.sampled_from(D), st.sampled_from(PEOPLE)), max_size=12)


@given(st.sampled_from(PEOPLE), st.booleans(), st.one_of(st.none(), st.sets(st.sampled_from(PEOPLE))), deeds)
def test_whatever_is_done_in_whatever_order_nothing_airs_that_nobody_else_has_approved(
    writer: str, emergency: bool, before: set[str] | None, story: list[tuple[D, str]]
) -> None:
    replaces = Passage(S.returned, frozenset(before)) if before is not None else None
    passage = begun(writer, emergency=emergency, replaces=replaces)
    wrote, signed = {writer} | (before or set()), ""
    for deed, who in story:
        found = after(passage, deed, who)
        if isinstance(found, Hindrance):
            continue  # and nothing has changed: a passage is never touched
        part, state = STEPS[passage.state, deed]
        if part in (Part.writer, Part.officer):
            wrote.add(who)
        if deed in (D.approve, D.alarm):
            signed = who if deed is D.approve else "alone"
        assert found.state is state
        assert found.writers == wrote
        passage = found
        if airs(passage):
            assert signed not in wrote
            assert signed != "alone" or emergency
            assert signed
        assert airs(passage) == (passage.state is S.approved), "what is called approved airs, and nothing else does"

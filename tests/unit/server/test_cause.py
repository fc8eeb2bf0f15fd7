"""Tests of the cause chain: what is told of a silent loudspeaker, whom it sends, and that neighbours are heard first.

Nobody imports this module.
"""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schedules.clock import DAY, HOUR, MINUTE, ClockTrust
from schedules.vitals import Vitals
from schedules.wire import Status
from server.cause import RULES, Cause, Fact, Owner, Seen, chain
from server.readiness import SILENT_FOR, Heard
from server.web import cause_words
from server.web.frame import translations

NOW = 1_800_000_000_000
WELL = Status(online=True, trust=ClockTrust.server, disk_free_bytes=5_000_000_000)
LOST = NOW - 5 * HOUR
VIETNAMESE = translations("vi").gettext


def seen(at: int = NOW - MINUTE, lost_around: tuple[int, ...] = (), **changes: Any) -> Seen:
    status = msgspec.structs.replace(WELL, **{k: v for k, v in changes.items() if k in Status.__struct_fields__})
    found = Seen(Heard(status, at, changes.get("doubled_at")), changes.get("neighbours", 4), lost_around, True, NOW)
    return msgspec.structs.replace(found, linked=changes.get("linked", True))


def facts(given: Seen) -> list[Fact]:
    return [known.fact for known in chain(given).known]


@pytest.mark.parametrize(
    ("given", "cause", "owner"),
    [
        (seen(), Cause.well, Owner.nobody),
        (Seen(None, 4, (), linked=True, now=NOW), Cause.never_installed, Owner.technician),
        (seen(linked=False), Cause.server_away, Owner.province),
        (seen(doubled_at=NOW - HOUR), Cause.two_boxes, Owner.technician),
        (seen(LOST, (LOST, LOST + HOUR, LOST - HOUR)), Cause.area_dark, Owner.operator),
        (seen(LOST, (LOST - 3 * DAY,)), Cause.alone_dark, Owner.hamlet_head),
        (seen(LOST, (LOST, LOST), neighbours=20), Cause.alone_dark, Owner.hamlet_head),
        (seen(LOST, (), neighbours=0), Cause.alone_dark, Owner.hamlet_head),
        (seen(sound_card="no such card"), Cause.sound_card, Owner.technician),
        (seen(memory_card="read-only"), Cause.memory_card, Owner.technician),
        (seen(held_back=2, disk_free_bytes=1_000_000), Cause.card_full, Owner.technician),
        (seen(held_back=2), Cause.data_spent, Owner.commune),
        (seen(refused={"bad_signature": 3, "truncated": 9}), Cause.refuses, Owner.technician),
        (seen(refused={"truncated": 9}), Cause.well, Owner.nobody),
        (seen(trust=ClockTrust.guessed), Cause.clock, Owner.nobody),
        (seen(clips_missing=("a" * 64,)), Cause.weak_link, Owner.operator),
        (seen(LOST, (LOST - 3 * DAY,), vitals=Vitals(battery=12, mains=False)), Cause.battery_empty, Owner.hamlet_head),
        (seen(LOST, (LOST - 3 * DAY,), vitals=Vitals(battery=12, mains=True)), Cause.alone_dark, Owner.hamlet_head),
        (seen(LOST, (LOST, LOST, LOST), vitals=Vitals(battery=12)), Cause.area_dark, Owner.operator),
        (seen(vitals=Vitals(mains=False, battery=90)), Cause.no_mains, Owner.hamlet_head),
        (seen(vitals=Vitals(temperature=83)), Cause.hot, Owner.technician),
        (seen(vitals=Vitals(temperature=79, mains=True, battery=100)), Cause.well, Owner.nobody),
        (seen(vitals=Vitals(low_voltage=True)), Cause.weak_supply, Owner.technician),
    ],
)
def test_each_fault_is_named_and_sent_to_who_can_mend_it(given: Seen, cause: Cause, owner: Owner) -> None:
    found = chain(given)
    assert (found.cause, found.owner) == (cause, owner)


def test_every_rule_is_the_answer_to_something() -> None:
    """Each line of the table is reached by the cases above."""
    marks = test_each_fault_is_named_and_sent_to_who_can_mend_it.pytestmark[0]  # type: ignore[attr-defined]
    assert {cause for cause, _, _ in RULES} <= {cause for _, cause, _ in marks.args[1]}


def test_the_chain_of_a_silent_one_begins_with_its_silence_and_its_neighbours() -> None:
    together = seen(LOST, (LOST, LOST), neighbours=3, sound_card="gone")
    assert facts(together)[:3] == [Fact.silent_since, Fact.neighbours_silent, Fact.still_plays]
    assert Fact.sound_card in facts(together)
    assert facts(seen(NOW - 20 * DAY))[-1] is Fact.knows_nothing


def test_a_last_will_counts_at_once_and_silence_after_a_while() -> None:
    assert chain(seen(online=False)).cause is Cause.alone_dark
    assert chain(seen(NOW - SILENT_FOR)).cause is Cause.well
    assert chain(seen(NOW - SILENT_FOR - 1)).cause is Cause.alone_dark


statuses = st.builds(
    Status,
    online=st.booleans(),
    trust=st.sampled_from(ClockTrust),
    sound_card=st.sampled_from(["", "gone"]),
    memory_card=st.sampled_from(["", "full"]),
    held_back=st.integers(0, 2),
    disk_free_bytes=st.sampled_from([0, 1_000, 10**10]),
    clips_missing=st.sampled_from([(), ("a" * 64,)]),
    refused=st.dictionaries(st.sampled_from(["bad_signature", "expired"]), st.integers(1, 3)),
)
anything = st.builds(
    Seen,
    heard=st.none() | st.builds(Heard, statuses, st.integers(0, NOW), st.none() | st.integers(0, NOW)),
    neighbours=st.integers(0, 30),
    lost_around=st.lists(st.integers(0, NOW), max_size=10).map(tuple),
    linked=st.booleans(),
    now=st.just(NOW),
)


@given(anything)
def test_whatever_is_known_it_is_told_in_whole_words(given: Seen) -> None:
    found = chain(given)
    told = [cause_words.fact(VIETNAMESE, known, str, str) for known in found.known]
    assert all(told)
    assert not any("%" in each for each in told)
    assert (found.cause is Cause.well) == (found.owner is Owner.nobody and not cause_words.ACTS[found.cause])
    if found.cause is not Cause.well:
        assert found.known

"""Tests of the cause chain: what is told of a silent loudspeaker, whom it sends, and that neighbours are heard first.

Nobody imports this module.
"""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schedules.assignment import Allowance
from schedules.clock import DAY, HOUR, MINUTE, ClockTrust
from schedules.vitals import Vitals
from schedules.wire import Status
from server.cause import RULES, Cause, Fact, Owner, Seen, chain
from server.neighbours import Neighbour, operator_of
from server.readiness import SILENT_FOR, Heard
from server.web import cause_words
from server.web.frame import translations

NOW = 1_800_000_000_000
WELL = Status(online=True, trust=ClockTrust.server, disk_free_bytes=5_000_000_000, at=NOW - MINUTE)
LOST = NOW - 5 * HOUR
VIETNAMESE = translations("vi").gettext


def stayed(number: int, **changes: Any) -> tuple[Neighbour, ...]:
    """So many neighbours that are in contact."""
    return (Neighbour(**changes),) * number


def lost(*at: int, **changes: Any) -> tuple[Neighbour, ...]:
    """Neighbours that were heard last at these instants."""
    return tuple(Neighbour(each, **changes) for each in at)


def seen(at: int = NOW - MINUTE, around: tuple[Neighbour, ...] = (), **changes: Any) -> Seen:
    given = {name: value for name, value in changes.items() if name in Status.__struct_fields__}
    more = {name: value for name, value in changes.items() if name not in Status.__struct_fields__}
    heard = Heard(msgspec.structs.replace(WELL, **given), at, more.pop("doubled_at", None), more.pop("restarts", ()))
    return Seen(heard, around, **{"linked": True, "now": NOW, **more})


def facts(given: Seen) -> list[Fact]:
    return [known.fact for known in chain(given).known]


OFF, ON = Vitals(mains=False, battery=70), Vitals(mains=True, battery=100)
FULL_BUDGET = Allowance(daily_bytes=1_000)


@pytest.mark.parametrize(
    ("given", "cause", "owner"),
    [
        (seen(), Cause.well, Owner.nobody),
        (Seen(None, (), linked=True, now=NOW), Cause.never_installed, Owner.technician),
        (seen(linked=False), Cause.server_away, Owner.province),
        (seen(LOST, deaf=True), Cause.all_dark, Owner.province),
        (seen(deaf=True), Cause.well, Owner.nobody),
        (seen(LOST, enrolled=False), Cause.shut_out, Owner.technician),
        (seen(LOST, certified_until=LOST + HOUR), Cause.certificate_over, Owner.technician),
        (seen(LOST, certified_until=NOW + HOUR), Cause.alone_dark, Owner.hamlet_head),
        (seen(NOW - 9 * DAY, certified_until=NOW - HOUR), Cause.alone_dark, Owner.hamlet_head),
        (seen(doubled_at=NOW - HOUR), Cause.two_boxes, Owner.technician),
        (seen(doubled_at=NOW - 4 * DAY), Cause.well, Owner.nobody),
        (seen(LOST, lost(LOST, LOST + HOUR, LOST - HOUR) + stayed(1)), Cause.area_dark, Owner.operator),
        (seen(LOST, lost(LOST, LOST) + lost(*[LOST - 3 * DAY] * 9)), Cause.area_dark, Owner.operator),
        (seen(LOST, lost(LOST - 3 * DAY) + stayed(3)), Cause.alone_dark, Owner.hamlet_head),
        (seen(LOST, lost(LOST, LOST) + stayed(18)), Cause.alone_dark, Owner.hamlet_head),
        (seen(LOST), Cause.alone_dark, Owner.hamlet_head),
        (
            seen(LOST, lost(LOST, LOST, operator="viettel") + stayed(3, operator="vina"), operator="viettel"),
            Cause.network_down,
            Owner.operator,
        ),
        (
            seen(
                LOST, lost(LOST, LOST, operator="viettel", near=True) + stayed(3, operator="vina"), operator="viettel"
            ),
            Cause.hamlet_dark,
            Owner.hamlet_head,
        ),
        (
            seen(LOST, lost(LOST, LOST, operator="viettel") + lost(LOST, LOST, operator="vina"), operator="viettel"),
            Cause.area_dark,
            Owner.operator,
        ),
        (
            seen(LOST, lost(LOST, LOST, operator="viettel") + stayed(3), operator="viettel"),
            Cause.alone_dark,
            Owner.hamlet_head,
        ),
        (seen(LOST, lost(LOST + 30 * MINUTE, near=True) + stayed(9)), Cause.hamlet_dark, Owner.hamlet_head),
        (seen(LOST, lost(LOST + HOUR, near=True) + stayed(9)), Cause.alone_dark, Owner.hamlet_head),
        (seen(LOST, stayed(3, mains=False) + stayed(1, mains=True)), Cause.area_power, Owner.operator),
        (seen(vitals=OFF, around=stayed(3, mains=False) + stayed(1)), Cause.area_power, Owner.operator),
        (
            seen(vitals=OFF, around=stayed(3, mains=False) + lost(*[LOST] * 9, mains=True)),
            Cause.area_power,
            Owner.operator,
        ),
        (seen(vitals=OFF, around=stayed(1, mains=False) + stayed(3)), Cause.no_mains, Owner.hamlet_head),
        (seen(vitals=OFF, around=lost(LOST, near=True) + stayed(5)), Cause.hamlet_power, Owner.hamlet_head),
        (seen(LOST, stayed(3, mains=False), vitals=Vitals(battery=9)), Cause.battery_empty, Owner.hamlet_head),
        (
            seen(vitals=OFF, around=stayed(1, mains=False, near=True) + stayed(5, mains=True)),
            Cause.hamlet_power,
            Owner.hamlet_head,
        ),
        (seen(vitals=OFF, around=stayed(5, mains=True)), Cause.no_mains, Owner.hamlet_head),
        (seen(vitals=OFF), Cause.no_mains, Owner.hamlet_head),
        (seen(sound_card="no such card"), Cause.sound_card, Owner.technician),
        (seen(memory_card="read-only"), Cause.memory_card, Owner.technician),
        (seen(held_back=2), Cause.card_full, Owner.technician),
        (seen(held_back=2, allowance=FULL_BUDGET), Cause.card_full, Owner.technician),
        (seen(held_back=2, allowance=FULL_BUDGET, data_today=1_000), Cause.data_spent, Owner.commune),
        (seen(refused={"bad_signature": 3, "truncated": 9}), Cause.refuses, Owner.technician),
        (seen(refused={"truncated": 9}), Cause.well, Owner.nobody),
        (seen(trust=ClockTrust.guessed), Cause.clock, Owner.nobody),
        (seen(clips_missing=("a" * 64,)), Cause.weak_link, Owner.operator),
        (seen(clips_missing=("a" * 64,), complete_at=NOW - HOUR), Cause.well, Owner.nobody),
        (seen(LOST, stayed(3), vitals=Vitals(battery=12, mains=False)), Cause.battery_empty, Owner.hamlet_head),
        (seen(LOST, stayed(3), vitals=OFF), Cause.battery_empty, Owner.hamlet_head),
        (
            seen(LOST, lost(LOST, near=True) + stayed(1, near=True, feeds_itself=True) + stayed(5)),
            Cause.hamlet_dark,
            Owner.hamlet_head,
        ),
        (seen(LOST, stayed(2, near=True, feeds_itself=True) + stayed(5)), Cause.alone_dark, Owner.hamlet_head),
        (seen(LOST, stayed(3), vitals=Vitals(battery=12, mains=True)), Cause.alone_dark, Owner.hamlet_head),
        (seen(LOST, lost(LOST, LOST, LOST), vitals=Vitals(battery=12)), Cause.area_dark, Owner.operator),
        (seen(vitals=Vitals(battery=12)), Cause.battery_low, Owner.technician),
        (seen(vitals=Vitals(temperature=83)), Cause.hot, Owner.technician),
        (seen(vitals=Vitals(temperature=79, mains=True, battery=100)), Cause.well, Owner.nobody),
        (seen(vitals=Vitals(low_voltage=True)), Cause.weak_supply, Owner.technician),
        (seen(restarts=tuple(NOW - n * HOUR for n in range(1, 5))), Cause.restarts, Owner.technician),
        (seen(restarts=tuple(NOW - n * DAY for n in range(1, 9))), Cause.well, Owner.nobody),
        (seen(unheard=3), Cause.unheard, Owner.technician),
        (seen(unheard=2), Cause.well, Owner.nobody),
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
    together = seen(LOST, lost(LOST, LOST) + stayed(1), sound_card="gone")
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
    unheard=st.integers(0, 4),
    refused=st.dictionaries(st.sampled_from(["bad_signature", "expired"]), st.integers(1, 3)),
)
instants = st.integers(0, NOW)
operators = st.sampled_from(["", "viettel", "vina"])
around = st.builds(
    Neighbour,
    lost_at=st.none() | instants,
    near=st.booleans(),
    operator=operators,
    mains=st.sampled_from([None, True, False]),
)
anything = st.builds(
    Seen,
    heard=st.none()
    | st.builds(Heard, statuses, instants, st.none() | instants, st.lists(instants, max_size=6).map(tuple)),
    neighbours=st.lists(around, max_size=10).map(tuple),
    linked=st.booleans(),
    now=st.just(NOW),
    deaf=st.booleans(),
    operator=operators,
    enrolled=st.booleans(),
    certified_until=st.none() | instants,
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


@pytest.mark.parametrize(
    ("sim", "operator"),
    [("Viettel 0912 345 678", "viettel"), ("SIM VinaPhone, 091", "vinaphone"), ("0912345678", ""), ("", "")],
)
def test_the_network_is_read_from_what_was_written_of_a_sim(sim: str, operator: str) -> None:
    assert operator_of(sim) == operator

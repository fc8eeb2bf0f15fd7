"""A month in short form: what befalls loudspeakers is named rightly, what is well is called well, and people are told of
each silence once.

Nobody imports this module. The long form is `loaban bench --only causes`.
"""

from pathlib import Path

import pytest

from schedules.clock import HOUR
from server.cause import Cause, Chain, Owner
from tests.month.__main__ import live
from tests.month.fault import Kind
from tests.month.month import Month
from tests.month.told import Told
from tests.month.verdict import Verdicts
from tests.village.scenario import START

pytestmark = pytest.mark.scale
LEAST, LEAST_OF_A_KIND, FALSE_ALARMS = 0.95, 0.85, 0.01


@pytest.fixture(scope="module")
def month(tmp_path_factory: pytest.TempPathFactory) -> Month:
    folder: Path = tmp_path_factory.mktemp("month")
    lived = live(folder, seed=780, loudspeakers=90, days=3, more=8, look_every=3 * HOUR)
    print(*lived.verdicts.table(), sep="\n")
    return lived


def test_each_fault_is_named_rightly_and_who_acts_next(month: Month) -> None:
    verdicts = month.verdicts
    seen = {fault.kind for fault, _ in verdicts.first} | {Kind.server_down}  # nobody can look while it lasts
    assert seen == set(Kind), "something befell nobody who was looked at"
    assert verdicts.share() >= LEAST
    kinds = {kind.value: verdicts.share(kind) for kind in Kind}
    assert {kind: share for kind, share in kinds.items() if share < LEAST_OF_A_KIND} == {}


def test_what_nothing_has_befallen_is_called_well(month: Month) -> None:
    assert month.verdicts.healthy.total() > 100
    assert month.verdicts.false_alarms <= FALSE_ALARMS


def test_every_silence_that_is_worth_it_is_told_once_and_ends(month: Month) -> None:
    told = Told.of(month)
    assert told.raised > 0
    assert (told.missed, told.doubled, told.groundless, told.open) == (0, 0, 0, 0)
    assert told.upward[0] == told.upward[1]


@pytest.mark.parametrize("cause", [Cause.well, Cause.alone_dark])
def test_a_wrong_name_is_seen_to_be_wrong(month: Month, cause: Cause) -> None:
    """The same faults, but whatever is asked, this is said."""
    every = [box.traits for box in month.boxes]
    lied = Verdicts(every, month.faults)
    lie = Chain((), cause, Owner.hamlet_head)
    for hour in range(0, (month.end - START) // HOUR, 3):
        lied.look({} if cause is Cause.well else {box.device: lie for box in every}, START + hour * HOUR)
    assert lied.share_while(Kind.hot) < 0.5  # a power cut of its place may be told as well
    assert lied.share() < LEAST - 0.1
    assert (lied.false_alarms > 0.9) == (cause is not Cause.well)

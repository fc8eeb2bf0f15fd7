"""Power that goes in a download, in a write of the journal, in mid-play: each play still has one outcome, a true one.

Nobody imports this module.
"""

import pytest

from schedules.clock import SECOND
from schedules.playback import Outcome, Reason
from tests.fault.machine import AFTER, BEFORE, WITHIN
from tests.fault.town import LOUDSPEAKERS, Town
from tests.fault.witnesses import agree
from tests.waiting import LOOK_EVERY_S, pass_time

pytestmark = [pytest.mark.sound, pytest.mark.broker]


def revived(town: Town, until: int) -> int:
    """Start again whoever loses power, up to an instant; how many did."""
    deaths = 0
    while town.now() < until:
        for device in town.dead():
            deaths += 1
            town.machine(device).heal()
            town.kill(device)
            town.start(device)
        pass_time(LOOK_EVERY_S)
    return deaths


@pytest.mark.soak
def test_power_that_goes_in_a_download_costs_no_play(town: Town) -> None:
    """At each loudspeaker in another write: of a block, of the mark that it is there, of the decoded sound. What no
    flush had brought to the card is lost with it, here and there."""
    town.open(*LOUDSPEAKERS)
    places = [(3, ".part", WITHIN), (5, ".have", BEFORE), (9, ".part", AFTER), (4, ".new", WITHIN), (1, ".new", BEFORE)]
    for device, (number, word, when) in zip(LOUDSPEAKERS, [*places, (7, ".have", AFTER)], strict=True):
        town.machine(device).power_goes_at_write(number, word, when, luck=number)
    start = town.in_seconds(26)
    occurrence = town.air_tones(start, {"vi": 6000}, kbits=250)
    assert revived(town, start - SECOND) == len(LOUDSPEAKERS)
    found = agree(town, *LOUDSPEAKERS)
    for device in LOUDSPEAKERS:
        account = found[device, occurrence]
        assert account.playback.outcome is Outcome.played, account.words()
        assert abs(account.late_ms) < 60, account.words()


def test_power_that_goes_in_a_write_of_the_journal_leaves_one_true_outcome(town: Town) -> None:
    """Six loudspeakers, three plays each: the power goes in the first to the eighteenth write or flush around a play,
    before it, in its middle, or after it."""
    town.open(*LOUDSPEAKERS)
    starts = [town.in_seconds(11 + 7 * n) for n in range(3)]
    occurrences = [town.air_tones(start, {"vi": 1200}) for start in starts]
    town.ready(occurrences[-1], *LOUDSPEAKERS)
    deaths = 0
    for turn, start in enumerate(starts):
        revived(town, start - 4500)
        for n, device in enumerate(LOUDSPEAKERS):
            town.machine(device).power_goes_at_write(1 + n + 6 * turn, "journal.db", (BEFORE, WITHIN, AFTER)[n % 3])
        deaths += revived(town, start + 2 * SECOND)
        for device in LOUDSPEAKERS:
            town.machine(device).heal()
    assert deaths >= 12
    found = agree(town, *LOUDSPEAKERS)
    outcomes = [t.playback.outcome for t in found.values()]
    assert set(outcomes) <= {Outcome.played, Outcome.cut, Outcome.late}
    cut = [t.playback.reason for t in found.values() if t.playback.outcome is Outcome.cut]
    assert set(cut) <= {Reason.restarted}
    assert outcomes.count(Outcome.played) >= 6

"""Tests by simulation of what many loudspeakers on thin links fetch: each block once, soon, and an emergency first.

Nobody imports this module.
"""

from collections.abc import Sequence
from statistics import median

import pytest

from audio.clip import Clip
from device_agent.sound.engine import LONGEST_STALL_S
from schedules.alert import bytes_inside
from schedules.clock import MINUTE, SECOND
from schedules.programme import BroadcastClass
from server import delivery
from server.spreading import SHARE_AGAIN
from tests.village.promises import check
from tests.village.scenario import scenario
from tests.village.simulation import live
from tests.village.valley import BLOCKS, IDEAL, ORDERED, Valley
from tests.village.weather import WORST, Dice, Weather
from tests.village.world import World


def test_links_that_are_cut_now_and_then_fetch_a_clip_once_and_soon() -> None:
    valley, dice = Valley(100), Dice("cuts")
    [clip] = valley.air("tin", ORDERED + 50 * MINUTE)
    valley.cut_all(dice, 2)
    valley.run(ORDERED + 30 * MINUTE)
    times = valley.times_fetched()
    assert median(times) <= 1.05
    assert times[-1] <= 1.2
    assert valley.last_whole(clip) < 2 * IDEAL


@pytest.mark.parametrize("lasts", [5, 20, 60])
@pytest.mark.parametrize("one_of", [2, 3, 10])
def test_where_many_links_go_at_once_the_others_do_not_pay_for_it(one_of: int, lasts: int) -> None:
    valley = Valley(60)
    [clip] = valley.air("tin", ORDERED + 50 * MINUTE)
    for number, device in enumerate(valley.households):
        if number % one_of == 0:
            valley.cut(device, ORDERED + 20 * SECOND, lasts * SECOND + number)
    valley.run(ORDERED + 30 * MINUTE)
    times = valley.times_fetched()
    assert median(times) <= 1.05
    assert times[-1] <= 1.2
    assert valley.last_whole(clip) < 1.2 * IDEAL + lasts * SECOND
    if lasts * SECOND > SHARE_AGAIN - 20 * SECOND:
        assert valley.blocks_sent() < 3 * BLOCKS, "the others have it: what these miss goes to them together"


def test_what_the_broker_has_lost_for_all_is_sent_again_for_all() -> None:
    valley = Valley(100)
    [clip] = valley.air("tin", ORDERED + 50 * MINUTE)
    valley.at(ORDERED + 30 * SECOND, lambda: valley.serve(delivery.BrokerUnlinked()))
    for number, device in enumerate(valley.households):
        valley.cut(device, ORDERED + 30 * SECOND, 20 * SECOND + number)
    valley.at(ORDERED + 40 * SECOND, lambda: valley.serve(delivery.BrokerLinked()))
    valley.run(ORDERED + 30 * MINUTE)
    times = valley.times_fetched()
    assert median(times) <= 1.05
    assert times[-1] <= 1.2
    assert valley.last_whole(clip) < 1.2 * IDEAL + 20 * SECOND
    assert valley.blocks_sent() < 3 * BLOCKS, "not to each of a hundred"


def silences(valley: Valley, clips: Sequence[Clip]) -> dict[str, float]:
    """By loudspeaker: for how many seconds its emergency falls silent, because what the alert brought of a clip has
    sounded and the rest of it is not there yet. Clips sound in the order of the loudspeaker's languages."""
    inside = bytes_inside(clips)
    found: dict[str, float] = {}
    for device, household in valley.households.items():
        order = valley.home.assignments[device].languages
        ours = sorted((c for c in clips if c.language in order), key=lambda c: order.index(c.language))
        at = float(valley.begun[device])
        silent = 0.0
        for clip in ours:
            runs_dry = at + clip.duration_ms * inside[clip.sha256] / clip.size
            silent += max(0.0, household.whole[clip.sha256] - runs_dry)
            at = max(at, household.whole[clip.sha256] - runs_dry + at) + clip.duration_ms
        found[device] = silent / SECOND
    return found


def test_an_emergency_of_one_message_and_many_blocks_does_not_wait_for_what_else_goes_over_its_link() -> None:
    """1.2 MB of an emergency, ordered while five bulletins wait at the broker: six minutes of what takes 77 seconds."""
    valley = Valley(24)
    for number in range(5):
        valley.air(f"tin{number}", ORDERED + (40 + number) * MINUTE)
    valley.run(ORDERED + 10 * SECOND)
    ordered = valley.now
    flood = valley.air("lu", ordered + SECOND, BroadcastClass.emergency)
    valley.run(ordered + 10 * MINUTE)
    assert max(valley.begun.values()) - ordered < MINUTE
    assert max(silences(valley, flood).values()) < LONGEST_STALL_S / 2, "its link is never given to the others"
    assert valley.times_fetched()[-1] <= 1.1


@pytest.mark.parametrize(("kbits", "blocks", "longest"), [(128, 12, 5), (128, 24, 30), (512, 24, 0), (1024, 75, 5)])
def test_an_emergency_in_three_languages_goes_on_for_whoever_hears_which_first(
    kbits: int, blocks: int, longest: int
) -> None:
    """Twelve blocks are a minute of each language, 24 are two, 75 are more than six."""
    valley = Valley(24, kbits)
    flood = valley.air("lu", ORDERED + SECOND, BroadcastClass.emergency, ("vi", "mww", "ium"), blocks)
    valley.run(ORDERED + 30 * MINUTE)
    assert max(silences(valley, flood).values()) <= longest
    assert valley.times_fetched()[-1] <= 1.2


def test_the_end_of_an_emergency_is_heard_while_its_blocks_come() -> None:
    valley = Valley(12)
    valley.air("lu", ORDERED + SECOND, BroadcastClass.emergency)
    valley.run(ORDERED + MINUTE)
    assert all(household.sounding for household in valley.households.values())
    valley.home.broadcasts = []
    valley.plan()
    valley.run(valley.now + 20 * SECOND)
    assert not any(household.sounding for household in valley.households.values())


@pytest.mark.parametrize("kbits", [128, 512])
def test_what_was_ordered_before_an_emergency_still_comes_soon(kbits: int) -> None:
    valley = Valley(12, kbits)
    [flood] = valley.air("lu", ORDERED + SECOND, BroadcastClass.emergency)
    [clip] = valley.air("tin", ORDERED + 40 * MINUTE)
    valley.run(ORDERED + 20 * MINUTE)
    assert valley.last_whole(flood) < flood.duration_ms
    assert valley.last_whole(clip) < 5 * MINUTE


@pytest.mark.parametrize("weather", [Weather(kbits=128), WORST._replace(kbits=64)])
def test_in_bad_weather_too_every_promise_is_kept_on_thin_links_and_hardly_a_block_comes_twice(
    weather: Weather,
) -> None:
    world = World(scenario(2, 30, 1, weather))
    live(world)
    check(world)
    times = sorted(h.arrived / h.stored for h in world.households.values() if h.stored)
    assert median(times) <= 1.02
    assert times[-1] <= 1.25

"""Everything is killed at random, again and again: server, broker, loudspeakers. Afterwards all witnesses must agree.

Nobody imports this module. `LOABAN_CHAOS_S` says for how many seconds (600 for the long form), `LOABAN_CHAOS_SEED` from
which chances; a failing run names its seed.
"""

import contextlib
import os
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from schedules.clock import MINUTE, SECOND, DurationMs, UtcMs
from schedules.programme import BroadcastClass
from server.refusals import NotAllowed
from tests.broker.mosquitto import Mosquitto
from tests.fault.ports import free_ports
from tests.fault.town import Town
from tests.fault.witnesses import Account, agree
from tests.waiting import pass_time

pytestmark = [pytest.mark.sound, pytest.mark.broker, pytest.mark.soak]
DEVICES = ("loa-mau-1", "loa-mau-2", "loa-mau-3", "loa-mau-4")
CLASSES = (BroadcastClass.ordinary,) * 7 + (BroadcastClass.priority, BroadcastClass.priority, BroadcastClass.emergency)
SECONDS = int(os.environ.get("LOABAN_CHAOS_S", "75"))
SEED = int(os.environ.get("LOABAN_CHAOS_SEED", "0")) or random.SystemRandom().randrange(1, 1_000_000)


class Chaos:
    """What falls in the town, and when it rises again; and what staff order meanwhile."""

    def __init__(self, town: Town, seed: int) -> None:
        self.town, self.dice = town, random.Random(seed)
        self.kills = 0
        self.rises: list[tuple[UtcMs, str]] = []
        self.next_order = self.next_kill = town.now()

    def run(self, until: UtcMs) -> None:
        """Let it rage; then let everybody rise."""
        while self.town.now() < until:
            if self.town.now() >= self.next_order:
                self.next_order += self.dice.randrange(2_000, 5_000) * max(1, SECONDS // 400)
                self._order()
            if self.town.now() >= self.next_kill:
                self.next_kill += self.dice.randrange(300, 1_700)
                self._kill(self.dice.choice([*DEVICES, *DEVICES, "server", "broker"]))
            self._rise(self.town.now())
            pass_time(0.02)
        self._rise(until + MINUTE)

    def _order(self) -> None:
        start = self.town.now() + self.dice.randrange(3 * SECOND, 12 * SECOND)
        tags = self.dice.choice([("vi",), ("vi",), ("vi", "mww")])
        lengths: dict[str, DurationMs] = {tag: self.dice.randrange(700, 2600) for tag in tags}
        targets = tuple(self.dice.sample(DEVICES, self.dice.randrange(1, 5)))
        occurrence = self.town.air_tones(start, lengths, targets, self.dice.choice(CLASSES))
        if self.dice.random() < 0.2:
            with contextlib.suppress(NotAllowed):  # it is over
                self.town.withdraw(self.dice.choice([occurrence, *self.town.ordered]))

    def _kill(self, who: str) -> None:
        if any(who == down for _, down in self.rises):
            return
        self.kills += 1
        self.rises.append((self.town.now() + self.dice.randrange(3 * SECOND), who))
        killers: dict[str, Callable[[], None]] = {"server": self.town.kill_server, "broker": self.town.kill_broker}
        killers.get(who, lambda: self.town.kill(who))()

    def _rise(self, now: UtcMs) -> None:
        risers: dict[str, Callable[[], None]] = {"server": self.town.start_server, "broker": self.town.broker.start}
        for rise in [rise for rise in self.rises if rise[0] <= now]:
            self.rises.remove(rise)
            risers.get(rise[1], lambda who=rise[1]: self.town.start(who))()


@pytest.mark.timeout(SECONDS * 2 + 300)
def test_after_everything_was_killed_at_random_all_witnesses_agree(tmp_path: Path) -> None:
    [port] = free_ports(1)
    town = Town(tmp_path, Mosquitto(port, tmp_path / "mosquitto"))
    for device in ("loa-mau-1", "loa-mau-4"):
        town.machine(device).clock_source(synchronised=True)
    try:
        town.open(*DEVICES)
        chaos = Chaos(town, SEED)
        chaos.run(town.now() + SECONDS * SECOND)
        last = max(order.start for order in town.ordered.values())
        while town.now() < last + 3 * SECOND:
            pass_time(0.1)
        town.leap(16 * MINUTE)  # what could not begin in its useful time is over now, and owes an outcome
        found = agree(town, *DEVICES, within=120)
    except BaseException as fault:
        fault.add_note(f"again: LOABAN_CHAOS_S={SECONDS} LOABAN_CHAOS_SEED={SEED}")
        raise
    finally:
        town.close()
    print(f"{chaos.kills} kills, {len(town.ordered)} orders, {told_as(found.values())}")
    assert chaos.kills > SECONDS / 3


def told_as(accounts: "object") -> dict[str, int]:
    """How many ended how."""
    counts: dict[str, int] = {}
    for account in accounts:  # type: ignore[attr-defined]
        assert isinstance(account, Account)
        for playback in account.told:
            key = f"{playback.outcome.value} ({playback.reason.value})"
            counts[key] = counts.get(key, 0) + 1
    return counts

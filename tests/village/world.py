"""The world: a heap for a clock, loudspeakers, a server and the weather between them.

Imported by the command line of the village and tests.
"""

import heapq
from collections.abc import Callable

from device_agent import actions as do
from device_agent import events
from schedules import wire
from schedules.blocks import block_count, indices_of
from schedules.clock import DAY, HOUR, MINUTE, SECOND, UtcMs
from schedules.programme import BroadcastClass
from schedules.recurrence import Once
from server import delivery
from tests.village.home import COMMUNES, PROVINCE, Home, broadcast, device_of
from tests.village.household import Household
from tests.village.weather import Dice, Weather

START: UtcMs = 1_795_478_400_000  # a Monday, 07:00 in Việt Nam


class World:
    """`run` until the end, then `settle`: calm weather, in which everything still owed comes home."""

    def __init__(self, seed: int, loudspeakers: int, days: float, weather: Weather) -> None:
        self.dice, self.weather = Dice(seed), weather
        self.now: UtcMs = START
        self.end = START + round(days * DAY)
        self.home = Home(loudspeakers, START)
        self.server_up = True
        self.households = {device_of(n): Household(device_of(n)) for n in range(loudspeakers)}
        self._listening: dict[str, set[str]] = {}
        self._heap: list[tuple[UtcMs, int, Callable[[], None]]] = []
        self._count = 0
        self._server_timer = 0
        for household in self.households.values():
            for _area, slot in self.home.approved.values():
                household.clips.update((clip.sha256, clip) for clip in slot.clips)
            self.at(START + self.dice.between(0, 20 * SECOND), lambda h=household: self.boot(h))
        self._forecast(days)
        self.serve(self.home.plan(START))
        self.serve(delivery.BrokerLinked())

    def at(self, when: UtcMs, what: Callable[[], None]) -> None:
        """Let something happen at an instant."""
        self._count += 1
        heapq.heappush(self._heap, (max(when, self.now), self._count, what))

    def run(self, until: UtcMs) -> None:
        """Let everything happen up to an instant."""
        while self._heap and self._heap[0][0] <= until:
            self.now, _, what = heapq.heappop(self._heap)
            what()
        self.now = until

    def settle(self) -> None:
        """The weather clears, all power and links come back, and a day passes in which nothing new is approved."""
        self.weather = self.weather._replace(loss=0, duplicates=0, slowest_ms=200, rotten_clips=0)
        self.server_up = True
        self.serve(delivery.BrokerLinked())
        for household in self.households.values():
            if not household.powered:
                self.boot(household)
            household.trusted = True
            self.link(household)
        self.run(self.end + 6 * HOUR)

    # power, link and clock

    def boot(self, household: Household) -> None:
        """The power comes."""
        if household.powered:
            return
        household.powered = True
        household.boots += 1
        household.trusted = not self.dice.happens(self.weather.bad_clocks)
        if not household.trusted:
            household.skew = int(self.dice.one_of((-self.now + HOUR, DAY, -2 * HOUR, -DAY, 3 * HOUR)))
        self.step(household, household.booted())
        self.at(self.now + self.dice.between(SECOND, 30 * SECOND), lambda: self.link(household))

    def cut_power(self, household: Household) -> None:
        """The power goes in the middle of whatever was going on."""
        if not household.powered:
            return
        household.hush(self.now)
        household.powered = household.linked = False
        household.timer += 1
        self._listens(household, ())
        back = self.dice.between(SECOND, self.weather.longest_power_cut)
        self.at(self.now + back, lambda: self.boot(household))

    def link(self, household: Household) -> None:
        """The link comes; with it the server's time."""
        if household.linked or not household.powered or not self.server_up:
            return
        household.linked = True
        household.trusted = True
        self.step(household, events.Linked())
        for area in household.state.listening.areas:
            self._retained(household, area)
        self.to_device(household, wire.ASSIGNMENT.topic(household.device), self._assignment(household))

    def unlink(self, household: Household, back: UtcMs) -> None:
        """The link goes."""
        if household.linked:
            household.linked = False
            self._listens(household, ())
            self.step(household, events.Unlinked())
        self.at(back, lambda: self.link(household))

    # the wire

    def to_device(self, household: Household, topic: str, payload: bytes) -> None:
        """A message on its way to a loudspeaker."""
        if self.dice.happens(self.weather.loss):
            return
        for _ in range(2 if self.dice.happens(self.weather.duplicates) else 1):
            delay = self.dice.between(20, self.weather.slowest_ms)
            self.at(self.now + delay, lambda: self._arrive(household, topic, payload))

    def to_server(self, household: Household, deal: Callable[[], None]) -> None:
        """A message on its way to the server."""
        if household.linked and not self.dice.happens(self.weather.loss):
            for _ in range(2 if self.dice.happens(self.weather.duplicates) else 1):
                self.at(self.now + self.dice.between(20, self.weather.slowest_ms), deal)

    def _arrive(self, household: Household, topic: str, payload: bytes) -> None:
        if household.linked:
            self.step(household, events.MessageArrived(topic, payload))

    def _retained(self, household: Household, area: str) -> None:
        programme = self.home.programmes.get(area)
        if programme is not None:
            self.to_device(household, wire.PROGRAMME.topic(area), self.home.sealed(programme))

    def _assignment(self, household: Household) -> bytes:
        return self.home.sealed(self.home.assignments[household.device])

    # the server

    def serve(self, event: delivery.Event) -> None:
        """One step of the real delivery."""
        if not self.server_up:
            return
        step = delivery.advance(self.home.delivery, event, self.now)
        self.home.delivery = step.state
        for action in step.actions:
            self._deliver(action)
        if step.wake_at is not None:
            self._server_timer += 1
            mark = self._server_timer
            self.at(step.wake_at, lambda: self.serve(delivery.TimePassed()) if mark == self._server_timer else None)

    def _deliver(self, action: delivery.Action) -> None:
        match action:
            case delivery.PublishProgramme():
                for household in self.households.values():
                    if household.linked and action.area in household.state.listening.areas:
                        self._retained(household, action.area)
            case delivery.PublishAssignment():
                household = self.households[action.device]
                if household.linked:
                    self.to_device(household, wire.ASSIGNMENT.topic(household.device), self._assignment(household))
            case delivery.SendBlocks():
                names = [action.device] if action.device else sorted(self._listening.get(action.clip, ()))
                for name in names:
                    self._blocks(self.households[name], action)

    def _blocks(self, household: Household, action: delivery.SendBlocks) -> None:
        size = household.clips[action.clip].size
        for index in sorted(indices_of(action.blocks, block_count(size))):
            if not self.dice.happens(self.weather.loss):
                delay = self.dice.between(20, self.weather.slowest_ms)
                self.at(self.now + delay, lambda i=index: self._block(household, action.clip, i))

    def _block(self, household: Household, clip: str, index: int) -> None:
        wanted = household.state.clips
        if not household.linked or index in wanted.blocks.get(clip, ()) or clip in wanted.verifying:
            return
        if any(c.sha256 == clip for c in wanted.wanted):
            household.partial.setdefault(clip, set()).add(index)
            self.step(household, events.BlockStored(clip, index))

    # what a loudspeaker does

    def step(self, household: Household, event: events.Event) -> None:
        """One step of a loudspeaker, and what comes of it."""
        step = household.advance(event, self.now)
        for action in step.actions:
            self._perform(household, action)
        household.timer += 1
        if step.wake_at is not None and household.powered:
            mark = household.timer
            self.at(
                step.wake_at,
                lambda: self.step(household, events.TimePassed()) if mark == household.timer else None,
            )

    def _perform(self, household: Household, action: do.Action) -> None:
        boot = household.boots
        match action:
            case do.PlaceSound():
                start = household.place(action, self.now)
                self.at(start, lambda: self._started(household, action, boot))
                self.at(start + household.length(action), lambda: self._ended(household, action, boot))
            case do.CancelSound():
                sounded = household.hush(self.now)
                self.at(
                    self.now,
                    lambda: self.step(household, events.SoundEnded(action.occurrence, self.now, sounded, False)),
                )
            case do.Listen():
                self._listens(household, action.clips)
                for area in action.areas:
                    if household.linked and area not in household.state.held.programmes:
                        self._retained(household, area)
            case do.AskBlocks():
                want = wire.decode(wire.Want, wire.encode(action.want))
                assert want is not None
                wanted = delivery.BlocksWanted(household.device, want.clip, want.blocks)
                self.to_server(household, lambda: self.serve(wanted))
            case do.VerifyClip():
                self.at(self.now + SECOND, lambda: self._verified(household, action.clip.sha256, boot))
            case do.DiscardClips():
                household.there -= set(action.clips)
                for name in action.clips:
                    household.partial.pop(name, None)
            case do.SendReport():
                payload = wire.encode(action.report)
                self.to_server(household, lambda: self._reported(household, payload))

    def _listens(self, household: Household, clips: tuple[str, ...]) -> None:
        for names in self._listening.values():
            names.discard(household.device)
        for clip in clips:
            self._listening.setdefault(clip, set()).add(household.device)

    def _started(self, household: Household, sound: do.PlaceSound, boot: int) -> None:
        if household.boots == boot and household.powered and household.sounding and household.sounding[0] == sound:
            self.step(household, events.SoundStarted(sound.occurrence, household.now(self.now).utc))

    def _ended(self, household: Household, sound: do.PlaceSound, boot: int) -> None:
        if household.boots == boot and household.powered and household.sounding and household.sounding[0] == sound:
            sounded = household.hush(self.now)
            at = household.now(self.now).utc
            self.step(household, events.SoundEnded(sound.occurrence, at, sounded, True))

    def _verified(self, household: Household, clip: str, boot: int) -> None:
        if household.boots != boot or not household.powered:
            return
        household.partial.pop(clip, None)
        if self.dice.happens(self.weather.rotten_clips):
            self.step(household, events.ClipRefused(clip, "hash_differs"))
        else:
            household.there.add(clip)
            self.step(household, events.ClipStored(clip))

    def _reported(self, household: Household, payload: bytes) -> None:
        report = wire.decode(wire.Report, payload)
        assert report is not None
        if self.server_up:
            ack = self.home.file(household.device, report)
            self.to_device(household, wire.ACK.topic(household.device), wire.encode(ack))

    # what the days bring

    def _forecast(self, days: float) -> None:
        weather, dice = self.weather, self.dice
        span = round(days * DAY)
        for household in self.households.values():
            for _ in range(dice.times(weather.power_cuts, days)):
                self.at(START + dice.between(MINUTE, span), lambda h=household: self.cut_power(h))
            for _ in range(dice.times(weather.outages, days)):
                self.at(START + dice.between(MINUTE, span), lambda h=household: self._outage(h))
        for _ in range(dice.times(weather.server_outages, days)):
            self.at(START + dice.between(MINUTE, span), self._server_outage)
        for hour in range(1, int(days * 24)):
            self.at(START + hour * HOUR, self._plan)
        for number in range(max(1, int(days))):
            self.at(START + dice.between(HOUR, span), lambda n=number: self._approve_now(n))
        if days > 2:
            self.at(START + 2 * DAY + dice.between(0, DAY), self._withdraw_one)

    def _outage(self, household: Household) -> None:
        self.unlink(household, self.now + self.dice.between(SECOND, self.weather.longest_outage))

    def _server_outage(self) -> None:
        self.serve(delivery.BrokerUnlinked())
        self.server_up = False
        back = self.now + self.dice.between(MINUTE, 10 * HOUR)
        for household in self.households.values():
            self.unlink(household, back + self.dice.between(0, MINUTE))

        def return_() -> None:
            self.server_up = True
            self.serve(self.home.plan(self.now))
            self.serve(delivery.BrokerLinked())

        self.at(back, return_)

    def _plan(self) -> None:
        if self.server_up and self.now < self.end:
            self.serve(self.home.plan(self.now))

    def _approve_now(self, number: int) -> None:
        if not self.server_up:
            return
        area = (PROVINCE, *COMMUNES)[number % 4]
        classes = (BroadcastClass.ordinary, BroadcastClass.priority, BroadcastClass.emergency)
        fresh = broadcast(f"ngay-{number}", area, Once(self.now + 15 * SECOND), self.now, classes[number % 3], 30)
        for household in self.households.values():
            household.clips.update((clip.sha256, clip) for clip in fresh.clips)
        self.home.broadcasts.append(fresh)
        self._plan()

    def _withdraw_one(self) -> None:
        self.home.broadcasts = [b for b in self.home.broadcasts if b.id != "trua"]
        self._plan()

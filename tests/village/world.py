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
from schedules.playback import Reason
from schedules.programme import BroadcastClass
from schedules.recurrence import Once
from server import delivery
from tests.village.home import COMMUNES, PROVINCE, Home, broadcast, device_of
from tests.village.household import Household
from tests.village.weather import CALM, Dice, Weather

START: UtcMs = 1_795_478_400_000  # a Monday, 07:00 in Việt Nam
SKEWS = (0, DAY, -2 * HOUR, -DAY, 3 * HOUR)
"""What a bad clock is wrong by; 0 stands for one that begins in 1970."""


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
        """The weather clears, all power and links come back, and some hours pass."""
        self.weather = CALM._replace(slowest_ms=self.weather.slowest_ms)
        self.server_up = True
        self.serve(delivery.BrokerLinked())
        for household in self.households.values():
            self.boot(household)
            self.trust(household)
            self.link(household)
        self.run(self.end + 6 * HOUR)

    # power, link and clock

    def boot(self, household: Household) -> None:
        """The power comes."""
        if household.powered:
            return
        household.powered = True
        household.boots += 1
        household.switched_on = self.now - self.dice.between(0, MINUTE)
        household.trusted = not self.dice.happens(self.weather.bad_clocks)
        household.skew = int(self.dice.one_of(SKEWS)) or -self.now
        self.step(household, household.booted())
        self.at(self.now + self.dice.between(SECOND, 30 * SECOND), lambda: self.link(household))

    def cut_power(self, household: Household) -> None:
        """The power goes in the middle of whatever was going on."""
        if not household.powered:
            return
        household.cancelled.update(household.emergencies_open())  # each is made up after the restart
        household.hush(self.now)
        household.powered = household.linked = False
        household.timer += 1
        self._listens(household, ())
        back = self.dice.between(SECOND, max(self.weather.longest_power_cut, 2 * SECOND))
        self.at(self.now + back, lambda: self.boot(household))

    def leap(self, household: Household) -> None:
        """The clock goes wrong in the middle of everything, and is noticed to be; a while later it is right again."""
        if household.powered and household.trusted:
            household.trusted = False
            self.step(household, events.TimePassed())
            self.at(self.now + self.dice.between(SECOND, HOUR), lambda: self.trust(household))

    def trust(self, household: Household) -> None:
        """The time is known."""
        if household.powered and not household.trusted:
            household.trusted = True
            self.step(household, events.TimePassed())

    def link(self, household: Household) -> None:
        """The link comes; with it the server's time."""
        if household.linked or not household.powered or not self.server_up:
            return
        household.linked = True
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
            if self.dice.happens(self.weather.cuts_in_mid_step):
                self.cut_power(household)
                return
            household.keep(action, self.now)
            self._perform(household, action)
        household.timer += 1
        if step.wake_at is not None and household.powered:
            mark = household.timer
            self.at(
                household.switched_on + step.wake_at,
                lambda: self.step(household, events.TimePassed()) if mark == household.timer else None,
            )

    def _perform(self, household: Household, action: do.Action) -> None:
        boot = household.boots
        match action:
            case do.PlaceSound():
                self._sound(household, action)
            case do.CancelSound():
                household.cancelled[action.occurrence] += 1
                sounded = household.hush(self.now)
                ended = events.SoundEnded(action.occurrence, household.now(self.now).utc, sounded, False)
                self.at(self.now, lambda: self._said_by_card(household, ended, boot))
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
            case do.AskTime() if not household.trusted:
                self.to_server(household, lambda: self._time_asked(household, boot))
            case do.PublishStatus():
                assert action.status == wire.decode(wire.Status, wire.encode(action.status))

    def _listens(self, household: Household, clips: tuple[str, ...]) -> None:
        for names in self._listening.values():
            names.discard(household.device)
        for clip in clips:
            self._listening.setdefault(clip, set()).add(household.device)

    def _sound(self, household: Household, sound: do.PlaceSound) -> None:
        boot = household.boots
        start = household.place(sound, self.now)
        length = household.length(sound, start)
        if self.dice.happens(self.weather.rotten_sounds):
            self.at(self.now, lambda: self._failed(household, sound, Reason.file_unreadable, boot))
        elif self.dice.happens(self.weather.bad_cards):
            self.at(start, lambda: self._started(household, sound, boot))
            lost = start + self.dice.between(1, length - 1)
            self.at(lost, lambda: self._failed(household, sound, Reason.card_lost, boot))
        else:
            self.at(start, lambda: self._started(household, sound, boot))
            self.at(start + length, lambda: self._ended(household, sound, boot))

    def _said_by_card(self, household: Household, event: events.Event, boot: int) -> None:
        if household.boots == boot and household.powered:
            self.step(household, event)

    def _still(self, household: Household, sound: do.PlaceSound, boot: int) -> bool:
        sounding = household.sounding
        return household.boots == boot and household.powered and sounding is not None and sounding[0] is sound

    def _started(self, household: Household, sound: do.PlaceSound, boot: int) -> None:
        if self._still(household, sound, boot):
            self.step(household, events.SoundStarted(sound.occurrence, household.now(self.now).utc))

    def _ended(self, household: Household, sound: do.PlaceSound, boot: int) -> None:
        if self._still(household, sound, boot):
            sounded = household.hush(self.now)
            at = household.now(self.now).utc
            self.step(household, events.SoundEnded(sound.occurrence, at, sounded, True))

    def _failed(self, household: Household, sound: do.PlaceSound, reason: Reason, boot: int) -> None:
        if self._still(household, sound, boot):
            sounded = household.hush(self.now)
            at = household.now(self.now).utc
            self.step(household, events.SoundFailed(sound.occurrence, at, sounded, reason))

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

    def _time_asked(self, household: Household, boot: int) -> None:
        if self.server_up:
            delay = self.dice.between(20, self.weather.slowest_ms)
            self.at(self.now + delay, lambda: self.trust(household) if household.boots == boot else None)

    # what the days bring

    def _forecast(self, days: float) -> None:
        weather, dice = self.weather, self.dice
        span = round(days * DAY)
        for household in self.households.values():
            for _ in range(dice.times(weather.power_cuts, days)):
                self.at(START + dice.between(MINUTE, span), lambda h=household: self.cut_power(h))
            for _ in range(dice.times(weather.outages, days)):
                self.at(START + dice.between(MINUTE, span), lambda h=household: self._outage(h))
            for _ in range(dice.times(weather.clock_leaps, days)):
                self.at(START + dice.between(MINUTE, span), lambda h=household: self.leap(h))
        for _ in range(dice.times(weather.server_outages, days)):
            self.at(START + dice.between(MINUTE, span), self._server_outage)
        for hour in range(1, int(days * 24)):
            self.at(START + hour * HOUR, self._plan)
        for number in range(dice.times(weather.approvals, max(days, 1))):
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
            if self.dice.happens(0.5):  # it was the server, not the broker: it remembers what is in its database
                self.home.delivery = delivery.State()
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

"""The world: a heap for a clock, loudspeakers, a server and the weather between them.

Imported by the command line of the village and tests.
"""

import heapq
from collections.abc import Callable

from device_agent import actions as do
from device_agent import events, loudspeaker
from schedules import wire
from schedules.alert import Alert
from schedules.blocks import BLOCK_BYTES, BlockRange, block_count, runs_of
from schedules.clock import HOUR, MINUTE, SECOND, ClockTrust, UtcMs, civil_day
from schedules.playback import Reason
from schedules.signing import seal
from server import delivery
from server.alerting import PublishAlert
from server.spreading import SendBlocks
from tests.village.fate import befall
from tests.village.home import KEY, LANGUAGES, WITHOUT_VIETNAMESE, Home, chimes
from tests.village.household import Core, Household
from tests.village.scenario import RIGHT, START, Clock, Scenario, device_of
from tests.village.thin_link import ThinLink
from tests.village.weather import CALM

CALM_FOR = 3 * HOUR
"""Longer than any pause between two tries, and than an emergency is of use."""
KNOWN = Clock(ClockTrust.server)
"""The clock of a loudspeaker that the server has answered."""


class World:
    """`run` until the end, then `settle`: calm weather, in which everything still owed comes home. `retained`: what
    the broker keeps; `hearers`: who listened to its area when a broadcast was approved; `told`: if set, it hears of every incident."""

    LANGUAGES: tuple[tuple[str, ...], ...] = (*LANGUAGES, WITHOUT_VIETNAMESE)  # of its hamlets, in turn

    def __init__(self, scenario: Scenario, core: Core = loudspeaker.advance) -> None:
        self.scenario, self.weather = scenario, scenario.weather
        self.now, self.end = START, scenario.until
        self.home = Home(scenario, START, self.LANGUAGES)
        self.server_up = True
        self.told: Callable[[str, str], None] | None = None
        self.retained: dict[str, bytes] = {}
        self.hearers: dict[str, frozenset[str]] = {}
        self.households = {device_of(n): Household(scenario.seed, n, core) for n in scenario.lives}
        self._listening: dict[str, set[str]] = {}
        self._heap: list[tuple[UtcMs, int, Callable[[], None]]] = []
        self._count = self._server_timer = 0
        for household in self.households.values():
            household.clips |= {clip.sha256: clip for clip in chimes()}
            for _area, slot in self.home.approved.values():
                household.clips.update((clip.sha256, clip) for clip in slot.clips)
            self.at(START + household.dice.between(0, 20 * SECOND), lambda h=household: self.boot(h))
        for incident in scenario.incidents:
            if incident.at <= self.end:
                self.at(incident.at, lambda i=incident: befall(self, i))
        for hour in range(1, int((self.end - START) / HOUR) + 1):
            self.at(START + hour * HOUR, self.plan)
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
        self.now = max(self.now, until)

    def settle(self) -> None:
        """The weather clears, all power and links come back, and some hours pass."""
        self.weather = CALM._replace(slowest_ms=self.weather.slowest_ms, kbits=self.weather.kbits)
        self.server_up = True
        self.serve(self.home.plan(self.now))
        self.serve(delivery.BrokerLinked())
        for household in self.households.values():
            self.boot(household)
            self.trust(household)
            self.link(household)
        self.run(self.end + CALM_FOR)

    # power, link and clock

    def boot(self, household: Household) -> None:
        """The power comes."""
        if household.powered:
            return
        household.powered = True
        household.boots += 1
        household.switched_on = self.now - household.dice.between(0, MINUTE)
        household.clock, household.next_clock = household.next_clock, RIGHT
        self.step(household, household.booted())
        self.at(self.now + household.dice.between(SECOND, 30 * SECOND), lambda: self.link(household))

    def cut_power(self, household: Household, lasts: int) -> None:
        """The power goes in the middle of whatever was going on."""
        if not household.powered:
            return
        household.cancelled.update(household.emergencies_open())  # each is made up after the restart
        household.hush(self.now)
        self._off(household)
        household.powered = False
        household.fuse = None
        household.timer += 1
        self._listens(household, ())
        self.at(self.now + lasts, lambda: self.boot(household))

    def leap(self, household: Household, clock: Clock, lasts: int) -> None:
        """The clock goes wrong in the middle of everything, and is noticed to be; a while later it is right again."""
        if household.powered and household.clock == KNOWN:
            household.clock = clock
            self.step(household, events.TimePassed())
            self.at(self.now + lasts, lambda: self.trust(household))

    def trust(self, household: Household) -> None:
        """The time is known."""
        if household.powered and household.clock != KNOWN:
            household.clock = KNOWN
            self.step(household, events.TimePassed())

    def link(self, household: Household) -> None:
        """The link comes; with it the server's time."""
        if household.linked or not household.powered or not self.server_up:
            return
        household.linked = True
        household.offline.append((household.offline_since, self.now))
        household.thin_link = ThinLink(self.weather.kbits, lambda ms, what: self.at(self.now + ms, what))
        self._listens(household, household.state.listening.clips)
        self.step(household, events.Linked())
        for area in household.state.listening.areas:
            self._retained(household, wire.PROGRAMME.topic(area))
        self._retained(household, wire.ASSIGNMENT.topic(household.device))

    def _off(self, household: Household) -> None:
        if household.linked:
            household.linked, household.offline_since = False, self.now
            household.thin_link.cut()
            self.serve(delivery.StatusHeard(household.device, False))  # its last will

    def unlink(self, household: Household, back: UtcMs) -> None:
        """The link goes."""
        if household.linked:
            self._off(household)
            self._listens(household, ())
            self.step(household, events.Unlinked())
        self.at(back, lambda: self.link(household))

    # the wire

    def to_device(self, household: Household, topic: str, payload: bytes) -> None:
        """A message on its way to a loudspeaker."""
        self._down(household, lambda: self._arrive(household, topic, payload), len(payload))

    def _down(self, household: Household, arrive: Callable[[], None], size: int, qos: int = 1) -> None:
        if not self.weather.kbits:
            return self._sent(household, arrive)
        return household.thin_link.carry(size + events.OVERHEAD, qos, arrive)

    def _sent(self, household: Household, arrive: Callable[[], None]) -> None:
        dice = household.dice
        if dice.happens(self.weather.loss):
            return
        for _ in range(2 if dice.happens(self.weather.duplicates) else 1):
            self.at(self.now + dice.between(20, self.weather.slowest_ms), arrive)

    def to_server(self, household: Household, deal: Callable[[], None]) -> None:
        """A message on its way to the server."""
        if household.linked:
            self._sent(household, deal)

    def _arrive(self, household: Household, topic: str, payload: bytes) -> None:
        if household.linked:
            self.step(household, events.MessageArrived(topic, payload))

    def _retained(self, household: Household, topic: str) -> None:
        if topic in self.retained:
            self.to_device(household, topic, self.retained[topic])

    def _alerted(self, household: Household, alert: Alert, envelope: bytes) -> None:
        """As the runner takes it: what came inside can sound at once, then its blocks go to the card."""
        if not household.linked:
            return
        heads = tuple(head.clip for head in alert.heads)
        inside = sum(head.size for head in alert.heads)
        self.step(household, events.AlertArrived(alert.area, envelope, heads, inside))
        for head in alert.heads:
            for index in range(block_count(head.size)):
                if household.powered:
                    self._keep_block(household, head.clip, index)

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
                topic = wire.PROGRAMME.topic(action.area)
                self.retained[topic] = self.home.sealed(self.home.programmes[action.area])
                for household in self.hearing(action.area):
                    self._retained(household, topic)
            case delivery.PublishAssignments():
                for device in action.devices:
                    topic = wire.ASSIGNMENT.topic(device)
                    self.retained[topic] = self.home.sealed(self.home.assignments[device])
                    if self.households[device].linked:
                        self._retained(self.households[device], topic)
            case PublishAlert():
                alert = self.home.alert(action.area, action.named, self.now, with_sound=action.with_sound)
                if alert is not None:
                    self._alert(alert, seal("Alert", wire.encode(alert), KEY))
            case SendBlocks():
                for name in [action.device] if action.device else sorted(self._listening.get(action.clip, ())):
                    self._blocks(self.households[name], action)

    def _alert(self, alert: Alert, envelope: bytes) -> None:
        size = len(envelope) + sum(head.size for head in alert.heads)
        for household in self.hearing(alert.area):
            self._down(household, lambda h=household: self._alerted(h, alert, envelope), size, wire.ALERT.qos)

    def hearing(self, area: str) -> list[Household]:
        """Who has a link and listens to an area."""
        return [h for h in self.households.values() if h.linked and area in h.state.listening.areas]

    def _blocks(self, household: Household, action: SendBlocks) -> None:
        qos = (wire.URGENT_BLOCK if action.urgent else wire.BLOCK).qos
        for run in runs_of(action.blocks, action.run if self.weather.kbits else 1):
            self._down(household, lambda r=run: self._run(household, action.clip, r), run.count * BLOCK_BYTES, qos)

    def _run(self, household: Household, clip: str, run: BlockRange) -> None:
        if household.linked:
            self.step(household, events.PayloadArrived(run.count * BLOCK_BYTES, clip))
        for index in range(run.first, run.last + 1):
            if household.linked:
                household.arrived += 1
                if clip not in household.state.clips.urgent:
                    household.spent[civil_day(self.now)] += BLOCK_BYTES
                household.stored += self._keep_block(household, clip, index)

    def _keep_block(self, household: Household, clip: str, index: int) -> bool:
        wanted = household.state.clips
        if index in wanted.blocks.get(clip, ()) or clip in wanted.verifying:
            return False
        if not any(c.sha256 == clip for c in wanted.wanted):
            return False
        household.partial.setdefault(clip, set()).add(index)
        self.step(household, events.BlockStored(clip, index))
        return True

    # what a loudspeaker does

    def step(self, household: Household, event: events.Event) -> None:
        """One step of a loudspeaker, and what comes of it."""
        step = household.advance(event, self.now)
        for action in step.actions:
            if household.fuse is not None:
                household.fuse -= 1
                if household.fuse <= 0:
                    self.cut_power(household, household.dark_for)
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
                        self._retained(household, wire.PROGRAMME.topic(area))
            case do.AskBlocks():
                want = wire.decode(wire.Want, wire.encode(action.want))
                assert want is not None
                wanted = delivery.BlocksWanted(household.device, want.clip, want.blocks, want.more)
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
            case do.AckAlert():
                heard = delivery.AlertHeard(household.device, action.ack.area, action.ack.revision)
                self.to_server(household, lambda: self.serve(heard))
            case do.AskTime() if household.clock != KNOWN:
                self.to_server(household, lambda: self._time_asked(household, boot))
            case do.PublishStatus():
                self.at(self.now, lambda: self.serve(household.heard(action.status)))

    def _listens(self, household: Household, clips: tuple[str, ...]) -> None:
        for names in self._listening.values():
            names.discard(household.device)
        for clip in clips:
            self._listening.setdefault(clip, set()).add(household.device)

    def _sound(self, household: Household, sound: do.PlaceSound) -> None:
        boot = household.boots
        start = household.place(sound, self.now)
        length = household.length(sound, start)
        if household.next_sound_is_rotten:
            household.next_sound_is_rotten = False
            self.at(self.now, lambda: self._failed(household, sound, Reason.file_unreadable, boot))
        elif household.card_will_go:
            household.card_will_go = False
            self.at(start, lambda: self._started(household, sound, boot))
            lost = start + household.dice.between(1, length - 1)
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
            household.began = household.now(self.now).utc
            self.step(household, events.SoundStarted(sound.occurrence, household.began))

    def _ended(self, household: Household, sound: do.PlaceSound, boot: int) -> None:
        if self._still(household, sound, boot):
            sounded = household.hush(self.now)
            at = household.now(self.now).utc
            self.step(household, events.SoundEnded(sound.occurrence, at, sounded, True))

    def _failed(self, household: Household, sound: do.PlaceSound, reason: Reason, boot: int) -> None:
        if self._still(household, sound, boot):
            sounded = household.hush(self.now)
            if sound.urgent:
                household.failed[sound.occurrence] = self.now
                household.cancelled[sound.occurrence] += 1
            at = household.now(self.now).utc
            self.step(household, events.SoundFailed(sound.occurrence, at, sounded, reason))

    def _verified(self, household: Household, clip: str, boot: int) -> None:
        if household.boots != boot or not household.powered:
            return
        household.partial.pop(clip, None)
        if household.next_clip_is_rotten:
            household.next_clip_is_rotten = False
            self.step(household, events.ClipRefused(clip, "hash_differs"))
        else:
            household.there.add(clip)
            household.whole[clip] = self.now
            self.step(household, events.ClipStored(clip))

    def _reported(self, household: Household, payload: bytes) -> None:
        if self.server_up:
            ack = self.home.file(household.device, payload)
            self.to_device(household, wire.ACK.topic(household.device), wire.seal_message(ack, KEY))

    def _time_asked(self, household: Household, boot: int) -> None:
        if self.server_up:
            delay = household.dice.between(20, self.weather.slowest_ms)
            self.at(self.now + delay, lambda: self.trust(household) if household.boots == boot else None)

    def plan(self) -> None:
        """The server looks at what has changed."""
        if self.server_up and self.now <= self.end:
            self.serve(self.home.plan(self.now))

"""The runner: the agent's only loop. It feeds the core, performs its actions in order and re-arms one timer. A shell.

Imported by the composition root and by tests, which hand it their own parts.
"""

import logging
import queue
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import assert_never

import msgspec

from audio.clip import Clip
from device_agent import actions as do
from device_agent import events, loudspeaker
from device_agent.clip_store import ClipFault
from device_agent.decoder import step_back
from device_agent.inbox import Inbox
from device_agent.ports import Parts
from device_agent.state import blank
from device_agent.validity import is_due
from schedules import wire
from schedules.alert import Alert, contents_inside, unpack
from schedules.blocks import split_run
from schedules.clock import MINUTE, SECOND, DurationMs, MonoMs, Now, may_judge_by_clock
from schedules.signing import Refusal, trusted_by

LOOK_EVERY: DurationMs = 5 * SECOND
"""The longest sleep: so soon is a stepped clock noticed."""
HEALTH_EVERY: DurationMs = 1 * MINUTE
SCRUB_EVERY: DurationMs = 10 * MINUTE
"""One stored clip is read again so often."""
IDLE_FOR: DurationMs = 2 * MINUTE
REMEMBER_EVERY: DurationMs = 10 * MINUTE

_log = logging.getLogger("loaban.agent")


class Arrived(msgspec.Struct, frozen=True):
    """A message as it came, not yet sorted."""

    topic: str
    payload: bytes


class Stopped(msgspec.Struct, frozen=True):
    """Somebody asked the agent to stop."""


class Runner:
    """One loudspeaker at work, from `run` to `stop`."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._inbox: Inbox[events.Event | Arrived | Stopped] = Inbox()
        self._state = blank(parts.device)
        self._wake_at: MonoMs | None = None
        self._workshop = ThreadPoolExecutor(1, "workshop", initializer=step_back)
        self._health_at: MonoMs = 0
        self._remember_at: MonoMs = 0
        self._scrub_at: MonoMs = 0
        self._renewal_asked: MonoMs | None = None
        self.ready = threading.Event()

    def run(self) -> None:
        """Work until `stop`; to be called once, from the thread that made the journal."""
        self._parts.speaker.start(self._inbox.put)  # before the boot: what fails while it is placed must be heard of
        self._advance(self._booted())
        self._parts.link.start(
            lambda: self._inbox.put(events.Linked()),
            lambda: self._inbox.put(events.Unlinked()),
            lambda topic, payload: self._inbox.admit(Arrived(topic, payload), len(payload)),
        )
        self.ready.set()
        try:
            while self._turn():
                self._parts.alive()
        finally:
            self._inbox.shut()
            self._parts.link.stop()
            self._parts.speaker.stop()
            self._workshop.shutdown(wait=False, cancel_futures=True)
            self._parts.journal.shut()

    def stop(self) -> None:
        """Leave the loop soon; may be called from any thread or a signal."""
        self._inbox.put(Stopped())

    def _booted(self) -> events.Booted:
        journal, store = self._parts.journal, self._parts.store
        keys_revision, keys = max((self._parts.keys_revision, self._parts.keys), self._parts.key_ring.held())
        return events.Booted(
            device=self._parts.device,
            keys=keys,
            keys_revision=keys_revision,
            journal=journal.name,
            next_sequence=journal.next_sequence,
            assignment=journal.assignment,
            programmes=journal.programmes,
            alerts=journal.alerts,
            open_playbacks=journal.open_playbacks,
            settled=journal.settled,
            unacknowledged=journal.unacknowledged,
            clips=store.whole(),
            partial=store.partial(),
            version=self._parts.version,
            run=self._parts.run,
            spending=journal.spending,
            aired=journal.aired,
            remembered=journal.remembered,
        )

    def _turn(self) -> bool:
        """Wait for one thing and deal with it; False to leave."""
        try:
            found = self._inbox.get(timeout=self._patience())
        except queue.Empty:
            self._look_around()
            self._advance(events.TimePassed())
            return True
        if isinstance(found, Stopped):
            return False
        if not isinstance(found, Arrived):
            self._advance(found)
        elif (area := wire.ALERT.parts(found.topic)) is not None:
            self._alert(area[0], found.payload)
        else:
            for event in self._sorted(found):
                self._advance(event)
        return True

    def _patience(self) -> float:
        """Seconds to wait, at most."""
        if self._wake_at is None:
            return LOOK_EVERY / 1000
        return min(max(self._wake_at - self._parts.clock.now().mono, 0), LOOK_EVERY) / 1000

    def _look_around(self) -> None:
        now = self._parts.clock.now()
        self._parts.speaker.follow()
        if now.mono >= self._health_at:
            self._health_at = now.mono + HEALTH_EVERY
            self._advance(self._measured())
        if now.mono >= self._remember_at and may_judge_by_clock(now.trust):
            self._remember_at = now.mono + REMEMBER_EVERY
            self._parts.journal.remember(now.utc)
        self._renew(now)
        if now.mono >= self._scrub_at and self._is_idle(now):
            self._scrub_at = now.mono + SCRUB_EVERY
            self._workshop.submit(self._scrub)

    def _renew(self, now: Now) -> None:
        """Ask for the next certificate in good time."""
        identity = self._parts.identity
        if identity is not None and self._state.linked and is_due(identity.validity, now, self._renewal_asked):
            self._renewal_asked = now.mono
            self._parts.link.publish(wire.RENEW, wire.encode(wire.Renewal(identity.request())))

    def _certified(self, payload: bytes) -> None:
        """The next link shows the new certificate; this one goes on."""
        identity = self._parts.identity
        found = wire.unseal_message(wire.Certificate, payload, trusted_by(self._state.held.keys))
        if identity is None or isinstance(found, Refusal) or found.device != self._parts.device:
            return
        if identity.take(found.certificate):
            _log.info("a new certificate, until %d", identity.validity.not_after)

    def _measured(self) -> events.HealthMeasured:
        journal, store = self._parts.journal, self._parts.store
        ring = self._parts.key_ring
        journal.retry()
        ring.retry()
        identity = self._parts.identity
        card = journal.fault or store.fault or ring.fault or (identity.fault if identity else "")
        fault, vitals = self._parts.speaker.fault(), self._parts.vitals()
        return events.HealthMeasured(store.free_bytes(), fault, store.room_bytes(), card, vitals)

    def _is_idle(self, now: Now) -> bool:
        """Whether nothing sounds, is about to, or is being checked."""
        state = self._state
        soon = self._wake_at is not None and state.plays.rundown and state.plays.rundown[0].start < now.utc + IDLE_FOR
        return state.plays.airing is None and not state.clips.verifying and not soon

    def _scrub(self) -> None:
        """In the workshop thread: read one stored clip again; one that has rotted is fetched anew before its slot."""
        rotten = self._parts.store.scrub()
        if rotten is not None:
            _log.warning("clip %s has rotted on the card", rotten[:12])
            self._inbox.put(events.ClipRotten(rotten))

    def _sorted(self, arrived: Arrived) -> Iterator[events.Event]:
        """Blocks and the time are dealt with here; everything else is for the core."""
        topic, size = arrived.topic, len(arrived.payload)
        if (block := wire.block_parts(topic)) is not None:
            name, first = block
            yield events.PayloadArrived(size, name)
            yield from self._run(name, first, arrived.payload)
        elif wire.REPAIR.parts(topic) is not None or wire.URGENT_REPAIR.parts(topic) is not None:
            repair = wire.decode_repair(arrived.payload)
            yield events.PayloadArrived(size, repair.clip if repair else "")
            if repair is not None:
                yield from self._run(repair.clip, repair.index, repair.content)
        elif wire.TIME_ANSWER.parts(topic) is not None:
            yield events.PayloadArrived(size)
            yield from self._time_answered(arrived.payload)
        elif wire.CERTIFICATE.parts(topic) is not None:
            yield events.PayloadArrived(size)
            self._certified(arrived.payload)
        else:
            yield events.MessageArrived(topic, arrived.payload)

    def _alert(self, area: str, payload: bytes) -> None:
        """What came inside is ready to sound before anything is written; then it goes to the card like any block."""
        envelope, behind = unpack(payload)
        alert = wire.unseal_message(Alert, envelope, trusted_by(self._state.held.keys))
        inside = contents_inside(alert, behind) if isinstance(alert, Alert) and alert.area == area else {}
        ours = {clip.sha256: clip for slot in alert.slots for clip in slot.clips} if isinstance(alert, Alert) else {}
        heads = inside.keys() & ours.keys()
        for name in heads:
            self._parts.heads.hold(ours[name], inside[name])
        self._advance(events.AlertArrived(area, envelope, tuple(sorted(heads)), len(behind)))
        # Of an alert that is no news, or whose clips are there, nothing is held.
        self._parts.heads.discard(heads - self._state.clips.heads)
        for name, content in inside.items():
            for event in self._run(name, 0, content):
                self._advance(event)

    def _run(self, name: str, first: int, content: bytes) -> Iterator[events.Event]:
        """The blocks of one message, each written before it is told of."""
        for index, block in split_run(first, content):
            event = self._block(name, index, block)
            if event is not None:
                yield event

    def _block(self, name: str, index: int, content: bytes) -> events.Event | None:
        clips = self._state.clips
        clip = next((c for c in clips.wanted if c.sha256 == name), None)
        if clip is None or name in clips.verifying or index in clips.blocks.get(name, ()):
            return None
        try:
            kept = self._parts.store.write_block(clip, index, content)
        except OSError as error:
            _log.error("cannot write block %d of clip %s: %s", index, name[:12], error)
            return events.WriteFailed()
        return events.BlockStored(name, index) if kept else None

    def _time_answered(self, payload: bytes) -> Iterator[events.Event]:
        answer = wire.unseal_message(wire.TimeAnswer, payload, trusted_by(self._state.held.keys))
        if not isinstance(answer, Refusal) and answer.device == self._parts.device:
            self._parts.clock.learn(answer)
            self._parts.speaker.follow()
            yield events.TimePassed()

    def _advance(self, event: events.Event) -> None:
        now = self._parts.clock.now()
        step = loudspeaker.advance(self._state, event, now)
        self._parts.log_step(event, now, step)
        self._state, self._wake_at = step.state, step.wake_at
        for action in step.actions:
            self._perform(action)

    def _perform(self, action: do.Action) -> None:
        link = self._parts.link
        match action:
            case (
                do.KeepAssignment()
                | do.KeepProgramme()
                | do.KeepAlert()
                | do.KeepKeys()
                | do.KeepSpending()
                | do.KeepAired()
                | do.OpenPlayback()
                | do.ClosePlayback()
                | do.ForgetReports()
            ):
                self._write(action)
            case do.AckAlert():
                link.publish(wire.ALERT_ACK, wire.encode(action.ack))
            case do.PlaceSound():
                self._parts.speaker.place(action)
            case do.CancelSound():
                self._parts.speaker.cancel(action.occurrence)
            case do.VerifyClip():
                self._workshop.submit(self._verify, action.clip)
            case do.DiscardClips():
                self._parts.store.discard(action.clips)
                self._parts.heads.discard(action.clips)
            case do.Listen():
                areas = [route.topic(area) for area in action.areas for route in (wire.PROGRAMME, wire.ALERT)]
                link.listen(areas + [wire.blocks_of(clip) for clip in action.clips])
            case do.AskBlocks():
                link.publish(wire.WANT, wire.encode(action.want))
            case do.SendReport():
                link.publish(wire.REPORT, wire.encode(action.report))
            case do.PublishStatus():
                link.publish(wire.STATUS, wire.encode(action.status))
            case do.AskTime():
                nonce, asked = self._parts.clock.ask()
                link.publish(wire.TIME_QUESTION, wire.encode(wire.TimeQuestion(nonce, asked)))
            case _:
                assert_never(action)

    def _write(self, action: do.Written) -> None:
        journal = self._parts.journal
        match action:
            case do.KeepAssignment():
                journal.keep_assignment(action.payload)
            case do.KeepProgramme():
                journal.keep_programme(action.area, action.payload)
            case do.KeepAlert():
                journal.keep_alert(action.area, action.envelope)
            case do.KeepKeys():
                self._parts.key_ring.keep(action.revision, action.keys)
            case do.KeepSpending():
                journal.keep_spending(action.spending)
            case do.KeepAired():
                journal.keep_aired(action.aired)
            case do.OpenPlayback():
                journal.open(action.playback)
            case do.ClosePlayback():
                journal.close(action.playback)
            case do.ForgetReports():
                journal.forget(action.up_to)
            case _:
                assert_never(action)

    def _verify(self, clip: Clip) -> None:
        """In the workshop thread: what takes long must not keep the loop from its hour."""
        try:
            self._parts.store.finish(clip)
        except ClipFault as fault:
            _log.warning("clip %s refused: %s", clip.sha256[:12], fault)
            self._inbox.put(events.ClipRefused(clip.sha256, fault.cause, fault.left))
        except Exception:  # noqa: BLE001
            # Whatever else went wrong: a clip that is neither stored nor refused would never be fetched again.
            _log.exception("clip %s could not be verified", clip.sha256[:12])
            self._inbox.put(events.ClipRefused(clip.sha256, "undecodable"))
        else:
            self._inbox.put(events.ClipStored(clip.sha256))
            self._parts.heads.discard([clip.sha256])

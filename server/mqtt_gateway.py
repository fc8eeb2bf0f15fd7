"""The gateway: the server's end of the wire. A shell around `delivery`; one of the two rooms that know paho.

Imported by composition roots.
"""

import logging
import queue
import sys
import threading
from collections.abc import Callable
from typing import Any, assert_never
from urllib.parse import urlsplit

import msgspec
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.subscribeoptions import SubscribeOptions

from schedules import wire
from schedules.alert import bytes_inside, head_of
from schedules.blocks import indices_of, runs_of
from schedules.clock import MINUTE, SECOND, DurationMs
from server import delivery, log_lines
from server.alerting import PublishAlert
from server.authority import Credentials
from server.bell import Bell
from server.clip_archive import ClipArchive
from server.filing import MOST_WAITING, Filer, Letter
from server.keyring import Keyring
from server.mqtt_line import address_of, limits, wary_paho
from server.ports import Desk
from server.spreading import SendBlocks
from server.system_clock import mono_ms

LOOK_EVERY: DurationMs = 5 * MINUTE
"""The horizon moves on by itself; so often is it looked at without a ring."""
KEYS_EVERY: DurationMs = 5 * SECOND
"""So soon is it noticed that a command has changed the signing keys."""
IN_FLIGHT = 500
"""Messages that may be here and not dealt with; the broker keeps the others."""
LOOK_AGAIN: DurationMs = 1 * SECOND
"""After a look that failed."""
KEEP_ALIVE_S = 30
LONGEST_RETRY_S = 10
_MANY_BLOCKS = 1_000_000
_PIECE = 300
"""Bytes that a message takes here beside its own."""

_OWN = SubscribeOptions(qos=0, noLocal=True, retainHandling=SubscribeOptions.RETAIN_DO_NOT_SEND)

_log = logging.getLogger("loaban.gateway")


class Arrived(msgspec.Struct, frozen=True):
    """A message, with what the broker must be told when it has been dealt with."""

    topic: str
    payload: bytes
    mid: int
    qos: int


class Rung(msgspec.Struct, frozen=True):
    """Something has been committed."""


class Published(msgspec.Struct, frozen=True):
    """There are new assignments."""


class Stopped(msgspec.Struct, frozen=True):
    """Somebody asked the gateway to stop."""


class Gateway:
    """One thread takes everything in order; paho's own thread only delivers, and what loudspeakers say of themselves
    is filed by a thread of its own."""

    def __init__(
        self,
        broker: str,
        name: str,
        desk: Desk,
        keyring: Keyring,
        archive: ClipArchive,
        bell: Bell,
        credentials: Credentials | None = None,
    ) -> None:
        """`broker`: `mqtt://host:port`, or `mqtts://…` with `credentials`; `name`: the client id of this gateway."""
        url = urlsplit(broker)
        self.broker = broker
        self._address = address_of(url)
        self._desk, self._keyring, self._archive, self._bell = desk, keyring, archive, bell
        self._signing = keyring.current()
        self._inbox: queue.SimpleQueue[Arrived | Rung | Published | Stopped | delivery.Event] = queue.SimpleQueue()
        self._state = delivery.State()
        self._wake_at: int | None = None
        self._look_at = 0
        self._unheeded = 0
        self._said: dict[str, str] = {}
        self._keys_again_at: int | None = None
        self._came = self._dealt_with = 0
        self._to_settle = threading.Event()
        self._stopping = threading.Event()
        self._leave_bell: Callable[[], None] = _nothing
        self._paho = wary_paho(name, url, credentials)
        self._paho.reconnect_delay_set(1, LONGEST_RETRY_S)
        self._paho.on_connect = self._connected
        self._paho.on_disconnect = self._disconnected
        self._paho.on_message = self._arrived
        self._filer = Filer(desk)
        self._thread = threading.Thread(target=self._run, name="gateway", daemon=True)
        self._settler = threading.Thread(target=self._settle, name="settler", daemon=True)

    @property
    def linked(self) -> bool:
        """Whether the broker is reached."""
        return bool(self._paho.is_connected())

    def start(self) -> None:
        """Connect, and go on trying for ever."""
        self._leave_bell = self._bell.listen(lambda topic: self._inbox.put(Rung()) if topic == "programmes" else None)
        self._paho.connect_async(*self._address, keepalive=KEEP_ALIVE_S, properties=limits(IN_FLIGHT))
        self._paho.loop_start()
        self._filer.start()
        self._thread.start()
        self._settler.start()

    def stop(self) -> None:
        """Leave the broker, end the thread."""
        self._leave_bell()
        self._inbox.put(Stopped())
        self._stopping.set()
        self._to_settle.set()
        self._thread.join(5)
        self._settler.join(5)
        self._filer.stop()
        self._paho.disconnect()
        self._paho.loop_stop()

    def _run(self) -> None:
        while True:
            try:
                found = self._inbox.get(timeout=self._patience())
            except queue.Empty:
                found = delivery.TimePassed()
            if isinstance(found, Stopped):
                return
            if isinstance(found, Arrived):
                self._dealt_with += len(found.payload) + _PIECE
            try:
                self._take(found)
            except Exception:  # noqa: BLE001
                # One message, or a database that is busy, must not silence the province: what has not gone out is
                # due again, soon.
                _log.exception("could not deal with %s", type(found).__name__)
                self._look_at = mono_ms() + LOOK_AGAIN

    def _patience(self) -> float:
        now = mono_ms()
        wake_at = self._look_at if self._wake_at is None else min(self._wake_at, self._look_at)
        return min(max(wake_at - now, 0), KEYS_EVERY) / 1000

    def _take(self, found: Arrived | Rung | Published | delivery.Event) -> None:
        if isinstance(found, Published):
            self._advance(self._desk.desired())
            return
        if self._keyring.current() is not self._signing:
            self._sign_anew()
        if self._keys_again_at is not None and mono_ms() >= self._keys_again_at:
            self._keys_again_at = None
            self._announce_keys()
        if mono_ms() >= self._look_at or isinstance(found, Rung):
            self._look()
        if isinstance(found, Arrived):
            if not self._hand_over(found):
                try:
                    self._heed(found)
                finally:
                    self._done_with(found)
        elif not isinstance(found, Rung):
            self._advance(found)
            if isinstance(found, delivery.BrokerLinked):
                self._announce_keys()

    def _sign_anew(self) -> None:
        """All that stands is said again under the key that signs now, and only then that no other holds: who hears it
        in this order never is without a programme."""
        self._signing = self._keyring.current()
        _log.warning("the signing keys have changed: %s signs", self._signing.key.key_id.hex())
        self._state = delivery.resealed(self._state)
        self._advance(self._desk.desired())
        self._announce_keys()

    def _announce_keys(self) -> None:
        if self._signing.announced is not None and self._state.linked:
            self._publish(wire.KEYS, wire.seal_message(self._signing.announced, self._signing.key))

    def _look(self) -> None:
        self._look_at = mono_ms() + LOOK_EVERY
        self._advance(self._desk.desired())
        self._to_settle.set()

    def _settle(self) -> None:
        """In a thread of its own: thousands of rows of the log must not keep an alert, or a report, waiting."""
        while True:
            self._to_settle.wait()
            self._to_settle.clear()
            if self._stopping.is_set():
                return
            try:
                changed = self._desk.settle()
            except Exception:  # noqa: BLE001
                _log.exception("could not bring the loudspeakers up to date")
                self._stopping.wait(LOOK_AGAIN / 1000)
                self._to_settle.set()
            else:
                if changed:
                    self._inbox.put(Published())

    def _advance(self, event: delivery.Event) -> None:
        step = delivery.advance(self._state, event, mono_ms())
        self._state, self._wake_at = step.state, step.wake_at
        for number, action in enumerate(step.actions):
            try:
                self._perform(action)
            except Exception:
                self._state = delivery.undone(self._state, step.actions[number:])
                raise

    def _perform(self, action: delivery.Action) -> None:
        match action:
            case delivery.PublishProgramme():
                if (programme := self._desk.programme(action.area)) is not None:
                    self._publish(wire.PROGRAMME, wire.seal_message(programme, self._signing.key), action.area)
            case PublishAlert():
                self._publish_alert(action)
            case delivery.PublishAssignments():
                for device, assignment in self._desk.assignments(action.devices).items():
                    self._publish(wire.ASSIGNMENT, wire.seal_message(assignment, self._signing.key), device)
            case SendBlocks():
                self._send_blocks(action)
            case _:
                assert_never(action)

    def _send_blocks(self, action: SendBlocks) -> None:
        to_one, to_all = (wire.URGENT_REPAIR, wire.URGENT_BLOCK) if action.urgent else (wire.REPAIR, wire.BLOCK)
        if action.device:
            for index, content in self._archive.blocks(action.clip, sorted(indices_of(action.blocks, _MANY_BLOCKS))):
                repair = wire.encode_repair(wire.RepairBlock(action.clip, index, content))
                self._publish(to_one, repair, action.device)
            return
        for run in runs_of(action.blocks, action.run):
            content = b"".join(c for _, c in self._archive.blocks(action.clip, range(run.first, run.last + 1)))
            self._publish(to_all, content, action.clip, run.first)

    def _publish_alert(self, action: PublishAlert) -> None:
        alert = self._desk.alert(action.area, action.named)
        if alert is None:
            return
        contents: list[bytes] = []
        if action.with_sound:
            inside = bytes_inside(clip for slot in alert.slots for clip in slot.clips)
            found = {name: self._archive.beginning(name, size) for name, size in inside.items()}
            heads = {name: content for name, content in found.items() if content}
            contents = list(heads.values())
            alert = msgspec.structs.replace(alert, heads=tuple(head_of(name, c) for name, c in heads.items()))
        lives = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
        lives.MessageExpiryInterval = max(1, (alert.expires_at - self._desk.now()) // SECOND)
        self._publish(wire.ALERT, wire.seal_alert(alert, contents, self._signing.key), alert.area, lives=lives)

    def _publish(self, route: wire.Route, payload: bytes, *parts: object, lives: Properties | None = None) -> None:
        topic = route.topic(*parts)
        if route in wire.FROM_SERVER:
            self._said[topic] = wire.digest_of(payload)
        self._paho.publish(topic, payload, route.qos, route.retain, lives)

    def _hand_over(self, arrived: Arrived) -> bool:
        """How a loudspeaker is goes to the filer; whether it was that."""
        parts = wire.STATUS.parts(arrived.topic)
        if parts is None or not wire.is_identifier(parts[0]):
            return False
        status = wire.decode(wire.Status, arrived.payload)
        if status is None:
            return False
        self._filer.hand(Letter(parts[0], status, lambda _ack: self._done_with(arrived), len(arrived.payload)))
        # Thousands name the same clips: each name is kept once.
        missing = frozenset(map(sys.intern, status.clips_missing)) if status.online else frozenset()
        self._advance(delivery.StatusHeard(parts[0], status.online, missing, f"{status.run}/{status.link}"))
        return True

    def _done_with(self, arrived: Arrived) -> None:
        # A broker holds back all messages after some that are never acknowledged. Nothing is lost by it: a
        # loudspeaker forgets a report for our own acknowledgement alone, and asks again for what it misses.
        if arrived.qos:
            self._paho.ack(arrived.mid, arrived.qos)

    def _heed(self, arrived: Arrived) -> None:
        for route, deal in (
            (wire.WANT, self._want),
            (wire.ALERT_ACK, self._alert_ack),
            (wire.TIME_QUESTION, self._time),
            (wire.RENEW, self._renew),
        ):
            parts = route.parts(arrived.topic)
            if parts is not None and wire.is_identifier(parts[0]):
                with log_lines.hearing(parts[0]):
                    if deal(parts[0], arrived.payload):
                        return
        if not self._overhear(arrived):
            self._count_unheeded(arrived)

    def _overhear(self, arrived: Arrived) -> bool:
        """Whether it is on a topic of the server's own. What it has said there itself is nothing new."""
        said = next((route for route in wire.FROM_SERVER if route.parts(arrived.topic) is not None), None)
        if said is None or self._said.get(arrived.topic) == wire.digest_of(arrived.payload):
            return said is not None
        _log.warning("somebody else speaks in the server's place: %s (%d bytes)", arrived.topic, len(arrived.payload))
        of = next(iter(said.parts(arrived.topic) or ()), "")
        if said is wire.KEYS:
            self._keys_again_at = self._keys_again_at or mono_ms() + KEYS_EVERY
        else:
            self._advance(delivery.Overheard(area=of) if said is wire.PROGRAMME else delivery.Overheard(device=of))
        return True

    def _count_unheeded(self, arrived: Arrived) -> None:
        self._unheeded += 1
        _log.warning("unheeded message no. %d on %s (%d bytes)", self._unheeded, arrived.topic, len(arrived.payload))

    def _want(self, device: str, payload: bytes) -> bool:
        want = wire.decode(wire.Want, payload)
        if want is not None:
            self._advance(delivery.BlocksWanted(device, want.clip, want.blocks, want.more))
        return want is not None

    def _alert_ack(self, device: str, payload: bytes) -> bool:
        ack = wire.decode(wire.AlertAck, payload)
        if ack is not None:
            self._advance(delivery.AlertHeard(device, ack.area, ack.revision))
        return ack is not None

    def _time(self, device: str, payload: bytes) -> bool:
        question = wire.decode(wire.TimeQuestion, payload)
        if question is not None:
            answer = wire.TimeAnswer(device, question.nonce, question.asked, self._desk.now())
            self._publish(wire.TIME_ANSWER, wire.seal_message(answer, self._signing.key), device)
        return question is not None

    def _renew(self, device: str, payload: bytes) -> bool:
        renewal = wire.decode(wire.Renewal, payload)
        found = None if renewal is None else self._desk.renewed(device, renewal.request)
        if found is not None:
            answer = wire.Certificate(device, found.encode())
            self._publish(wire.CERTIFICATE, wire.seal_message(answer, self._signing.key), device)
        return found is not None

    def _connected(self, _paho: Any, _given: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        if reason.is_failure:
            _log.error("the broker refused the link: %s", reason)
            return
        topics = [(route.topic("+"), SubscribeOptions(qos=route.qos)) for route in wire.FROM_DEVICES]
        topics += [(route.topic(*"+" * route.pattern.count("+")), _OWN) for route in wire.FROM_SERVER]
        self._paho.subscribe(topics)
        self._inbox.put(delivery.BrokerLinked())

    def _disconnected(self, _paho: Any, _given: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        _log.warning("no link to the broker: %s", reason)
        self._inbox.put(delivery.BrokerUnlinked())

    def _arrived(self, _paho: Any, _given: Any, message: Any) -> None:
        arrived = Arrived(message.topic, bytes(message.payload), message.mid, message.qos)
        if self._came - self._dealt_with > MOST_WAITING:
            self._done_with(arrived)  # a flood: what matters of it will be said again
            return
        self._came += len(arrived.payload) + _PIECE
        self._inbox.put(arrived)


def _nothing() -> None:
    """Before `start`, there is no bell to leave."""

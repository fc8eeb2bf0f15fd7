"""The agent's link to the broker: paho-mqtt, MQTT 5. A shell.

Imported by the composition root; the runner sees only its methods. It never blocks the caller: a thread of its own
connects, delivers and connects again, when `relinking` says so.
"""

import logging
import ssl
import threading
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlsplit

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.subscribeoptions import SubscribeOptions

from device_agent import relinking
from device_agent.relinking import Relinking
from schedules import wire
from schedules.clock import MonoMs

KEEP_ALIVE_S = 60
CONNECT_TIMEOUT_S = 30
"""A TLS handshake takes long at 128 kbit/s with every tenth packet lost."""
RECEIVE_MAXIMUM = 4
"""Messages of QoS 1 on their way at once: so few that an alert, which does not wait for them, soon finds the link
free; so many that a round trip of 200 ms does not stall it."""
LARGEST_PACKET = wire.LARGEST_MESSAGE + 64 * 1024
_TAKEN_OVER = 142
_TIMED_OUT = 141
"""What a broker says to who has been silent for too long: its own link broke."""

_log = logging.getLogger("loaban.link")


Judge = Callable[[dict[str, Any] | None], None]


class _Wary(paho.Client):
    """What a broker sends is not believed: neither a size that nobody needs, nor a packet that cannot be read, nor a
    certificate that is over. `ended_by_broker`: it, or something on the way, has closed the link."""

    judge: Judge
    ended_by_broker = False

    def _ssl_wrap_socket(self, tcp_sock: Any) -> ssl.SSLSocket:
        found = super()._ssl_wrap_socket(tcp_sock)
        self.judge(found.getpeercert())
        return found

    def _sock_recv(self, bufsize: int) -> bytes:
        if bufsize > LARGEST_PACKET:
            raise ConnectionError(f"the broker announces a packet of {bufsize} bytes")
        try:
            received = super()._sock_recv(bufsize)
        except ConnectionResetError:
            self.ended_by_broker = True
            raise
        self.ended_by_broker |= not received
        return received

    def _packet_handle(self) -> MQTTErrorCode:
        try:
            return super()._packet_handle()
        except Exception:  # noqa: BLE001
            _log.exception("a packet that cannot be read")
            return MQTTErrorCode.MQTT_ERR_PROTOCOL


class MqttLink:
    """`on_linked`, `on_unlinked` and `on_message(topic, payload)` are called from the link's own thread."""

    def __init__(
        self,
        device: str,
        broker: str,
        run: str,
        mono: Callable[[], MonoMs],
        luck: Callable[[], float],
        tls: Callable[[], ssl.SSLContext] = ssl.create_default_context,
        judge: Judge = lambda _peer: None,
    ) -> None:
        """`broker`: `mqtt://host:port` or `mqtts://…`; `run` names this run of the agent; `luck()` is a fresh random
        number in [0, 1). With `mqtts`, `tls()` is asked for each link, and `judge` raises where the broker's
        certificate does not hold now."""
        self._url = urlsplit(broker)
        self._address = (self._url.hostname or "127.0.0.1", self._url.port or self._usual_port())
        self._device, self._name_of_run = device, run
        self._tls, self._judge = tls, judge
        self._mono, self._luck = mono, luck
        self._relinking = Relinking()
        self._links = 0
        self._topics: set[str] = set()
        self._on_linked: Callable[[], None] = _nothing
        self._on_unlinked: Callable[[], None] = _nothing
        self._on_message: Callable[[str, bytes], None] = _nothing
        self._stopping = threading.Event()
        self._taken_over = self._by_broker = False
        self._paho = self._client()
        self._thread = threading.Thread(target=self._work, name="link", daemon=True)

    @property
    def taken_over(self) -> int:
        """How often another came with the same name."""
        return self._relinking.taken_over

    def start(
        self,
        on_linked: Callable[[], None],
        on_unlinked: Callable[[], None],
        on_message: Callable[[str, bytes], None],
    ) -> None:
        """Begin to connect; go on trying for ever."""
        self._on_linked, self._on_unlinked, self._on_message = on_linked, on_unlinked, on_message
        self._thread.start()

    def stop(self) -> None:
        """Say goodbye (offline) and end the thread."""
        self._stopping.set()
        if self._paho.is_connected():
            sent = self._paho.publish(wire.STATUS.topic(self._device), self._will(self._links), wire.STATUS.qos, True)
            sent.wait_for_publish(1.0)
        self._paho.disconnect()
        self._thread.join(5)

    def publish(self, route: wire.Route, payload: bytes) -> None:
        """Send on this device's own topic of a kind. With no link it is dropped: the core sends again."""
        if self._paho.is_connected():
            self._paho.publish(route.topic(self._device), payload, route.qos, route.retain)

    def listen(self, topics: Iterable[str]) -> None:
        """Be subscribed to exactly these topics, beside the device's own; now and after every reconnect."""
        wanted = set(topics)
        gone, new = self._topics - wanted, wanted - self._topics
        self._topics = wanted
        if self._paho.is_connected():
            if gone:
                self._paho.unsubscribe(sorted(gone))
            self._subscribe(self._paho, new)

    def _work(self) -> None:
        pause = round(relinking.FIRST * self._luck())
        while not self._stopping.wait(pause / 1000):
            self._paho = self._client()
            self._taken_over = self._by_broker = False
            try:
                if self._url.scheme == "mqtts":
                    self._paho.tls_set_context(self._tls())
                lives = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
                lives.ReceiveMaximum, lives.MaximumPacketSize = RECEIVE_MAXIMUM, LARGEST_PACKET
                self._paho.connect(*self._address, keepalive=KEEP_ALIVE_S, clean_start=True, properties=lives)
                self._paho.loop_forever()
            except (OSError, ValueError) as error:
                _log.info("no link: %s", error)
            except Exception:  # noqa: BLE001
                # Whatever a broker can make of a link: it must not be the last one.
                _log.exception("the link broke")
            self._relinking, pause = relinking.unlinked(
                self._relinking,
                self._mono(),
                self._luck(),
                taken_over=self._taken_over,
                by_broker=self._by_broker or self._paho.ended_by_broker,
            )
            if self._taken_over:
                _log.error("another came with the name %s: two boxes, one identity", self._device)

    def _client(self) -> _Wary:
        """A fresh one for every link: what the one before had not got rid of is out of date."""
        client = _Wary(
            CallbackAPIVersion.VERSION2,
            client_id=self._device,
            protocol=MQTTProtocolVersion.MQTTv5,
            reconnect_on_failure=False,
        )
        client.connect_timeout = CONNECT_TIMEOUT_S
        client.judge = self._judge
        if self._url.username:
            client.username_pw_set(self._url.username, self._url.password)
        client.will_set(
            wire.STATUS.topic(self._device), self._will(self._links + 1), wire.STATUS.qos, wire.STATUS.retain
        )
        client.on_connect = self._connected
        client.on_disconnect = self._disconnected
        client.on_message = self._arrived
        client.on_subscribe = self._subscribed
        return client

    def _will(self, link: int) -> bytes:
        """It says which link has ended: one that comes late cannot take a newer link for dead."""
        return wire.encode(wire.Status(online=False, run=self._name_of_run, link=link))

    def _usual_port(self) -> int:
        return 8883 if self._url.scheme == "mqtts" else 1883

    def _subscribe(self, client: paho.Client, topics: Iterable[str]) -> None:
        options = SubscribeOptions(qos=1)
        wanted = [(topic, options) for topic in sorted(topics)]
        if wanted:
            client.subscribe(wanted)

    def _connected(self, client: paho.Client, _given: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        if reason.is_failure:
            _log.warning("the broker refused the link: %s", reason)
            return
        self._links += 1
        self._relinking = relinking.linked(self._relinking, self._mono())
        self._subscribe(client, {*self._topics, *(route.topic(self._device) for route in wire.TO_DEVICE)})
        self._on_linked()

    def _subscribed(self, client: paho.Client, _given: Any, _mid: int, reasons: Any, _properties: Any) -> None:
        """Mosquitto lets in whoever has a certificate, and then to nothing: whom it does not know yet, or no more. To
        be linked and deaf is worse than to come again."""
        if reasons and all(reason.is_failure for reason in reasons):
            _log.warning("the broker lets this loudspeaker hear nothing: it is not known there yet, or shut out")
            client.disconnect()

    def _disconnected(self, _client: Any, _given: Any, flags: Any, reason: Any, _properties: Any) -> None:
        _log.info("no link: %s", reason)
        self._taken_over = reason.value == _TAKEN_OVER
        self._by_broker = flags.is_disconnect_packet_from_server and reason.value not in (_TAKEN_OVER, _TIMED_OUT)
        self._on_unlinked()

    def _arrived(self, _client: Any, _given: Any, message: Any) -> None:
        self._on_message(message.topic, bytes(message.payload))


def _nothing(*_given: object) -> None:
    """Before `start`, nobody listens."""

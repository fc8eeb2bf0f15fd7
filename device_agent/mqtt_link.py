"""The agent's link to the broker: paho-mqtt, MQTT 5. A shell.

Imported by the composition root; the runner sees only its methods. It never blocks the caller: paho's own thread
connects, reconnects and delivers.
"""

import logging
import ssl
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlsplit

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.subscribeoptions import SubscribeOptions

from schedules import wire

KEEP_ALIVE_S = 60
FIRST_RETRY_S = 1
LONGEST_RETRY_S = 120

_log = logging.getLogger("loaban.link")


class MqttLink:
    """`on_linked`, `on_unlinked` and `on_message(topic, payload)` are called from paho's thread."""

    def __init__(self, device: str, broker: str, ca_file: str, spread: float) -> None:
        """`broker`: `mqtt://host:port` or `mqtts://…`; `spread` in [0, 1) shifts this agent's retries."""
        url = urlsplit(broker)
        self._device = device
        self._address = (url.hostname or "127.0.0.1", url.port or (8883 if url.scheme == "mqtts" else 1883))
        self._paho = paho.Client(CallbackAPIVersion.VERSION2, client_id=device, protocol=MQTTProtocolVersion.MQTTv5)
        if url.scheme == "mqtts":
            self._paho.tls_set(ca_certs=ca_file or None, tls_version=ssl.PROTOCOL_TLS_CLIENT)
        if url.username:
            self._paho.username_pw_set(url.username, url.password)
        self._paho.reconnect_delay_set(FIRST_RETRY_S + round(2 * spread), LONGEST_RETRY_S)
        self._paho.will_set(
            wire.STATUS.topic(device),
            wire.encode(wire.Status(online=False)),
            qos=wire.STATUS.qos,
            retain=wire.STATUS.retain,
        )
        self._topics: set[str] = set()
        self._on_linked: Callable[[], None] = _nothing
        self._on_unlinked: Callable[[], None] = _nothing
        self._on_message: Callable[[str, bytes], None] = _nothing
        self._paho.on_connect = self._connected
        self._paho.on_disconnect = self._disconnected
        self._paho.on_message = self._arrived

    def start(
        self,
        on_linked: Callable[[], None],
        on_unlinked: Callable[[], None],
        on_message: Callable[[str, bytes], None],
    ) -> None:
        """Begin to connect; go on trying for ever."""
        self._on_linked, self._on_unlinked, self._on_message = on_linked, on_unlinked, on_message
        self._paho.connect_async(*self._address, keepalive=KEEP_ALIVE_S, clean_start=True)
        self._paho.loop_start()

    def stop(self) -> None:
        """Say goodbye (offline) and end the thread."""
        if self._paho.is_connected():
            goodbye = wire.encode(wire.Status(online=False))
            sent = self._paho.publish(wire.STATUS.topic(self._device), goodbye, wire.STATUS.qos, wire.STATUS.retain)
            sent.wait_for_publish(1.0)
        self._paho.disconnect()
        self._paho.loop_stop()

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
            self._subscribe(new)

    def _subscribe(self, topics: Iterable[str]) -> None:
        options = SubscribeOptions(qos=1)
        wanted = [(topic, options) for topic in sorted(topics)]
        if wanted:
            self._paho.subscribe(wanted)

    def _connected(self, _paho: Any, _given: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        if reason.is_failure:
            _log.warning("the broker refused the link: %s", reason)
            return
        self._subscribe({*self._topics, *(route.topic(self._device) for route in wire.TO_DEVICE)})
        self._on_linked()

    def _disconnected(self, _paho: Any, _given: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        _log.info("no link: %s", reason)
        self._on_unlinked()

    def _arrived(self, _paho: Any, _given: Any, message: Any) -> None:
        self._on_message(message.topic, bytes(message.payload))


def _nothing(*_given: object) -> None:
    """Before `start`, nobody listens."""

"""The line on which reports come home: a link to the broker of its own, shared with as many other processes as a
province needs. A shell; one of the rooms that know paho.

Imported by composition roots. Each report goes to one of those who share; it is acknowledged, to the broker as to the
loudspeaker, when it has been committed. Whoever dies in between has acknowledged nothing: the broker gives its reports
to another, and a loudspeaker sends again what it has heard nothing of.
"""

import logging
from typing import Any
from urllib.parse import urlsplit

import msgspec
import paho.mqtt.client as paho
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from schedules import wire
from server.authority import Credentials
from server.broker_accounts import SHARED
from server.filing import Cabinet, Filer, Letter
from server.keyring import Keyring
from server.mqtt_line import address_of, limits, wary_paho

KEEP_ALIVE_S = 30
LONGEST_RETRY_S = 10
SESSION_S = 60
"""So long does the broker keep what comes for a line that has died: enough for a restart. It goes on giving it its
share of the reports meanwhile, so it must not be long: loudspeakers send again after a quarter of a minute."""
IN_FLIGHT = 2_000
"""Reports that may be on their way and not yet committed."""

_log = logging.getLogger("loaban.reports")


class ReportLine:
    """From `start` to `stop`. `name` is its own at the broker: two lines with one name would throw each other out."""

    def __init__(
        self,
        broker: str,
        name: str,
        cabinet: Cabinet,
        keyring: Keyring,
        *,
        shared: bool = True,
        credentials: Credentials | None = None,
    ) -> None:
        """`broker`: `mqtt://host:port`, or `mqtts://…` with `credentials`. One that is not `shared` is alone, as with
        the embedded broker, which knows neither sharing nor memory well enough."""
        url = urlsplit(broker)
        self._address = address_of(url)
        self._filer, self._keyring = Filer(cabinet), keyring
        self._shared = shared
        self._unheeded = 0
        self._paho = wary_paho(name, url, credentials)
        self._paho.reconnect_delay_set(1, LONGEST_RETRY_S)
        self._paho.on_connect = self._connected
        self._paho.on_message = self._arrived

    @property
    def linked(self) -> bool:
        """Whether the broker is reached."""
        return bool(self._paho.is_connected())

    def start(self) -> None:
        """Connect, and go on trying for ever."""
        lives = limits(IN_FLIGHT)
        lives.SessionExpiryInterval = SESSION_S if self._shared else 0
        self._filer.start()
        self._paho.connect_async(*self._address, keepalive=KEEP_ALIVE_S, clean_start=not self._shared, properties=lives)
        self._paho.loop_start()

    def stop(self) -> None:
        """File what has come, leave the broker."""
        self._filer.stop()
        ends = Properties(PacketTypes.DISCONNECT)  # type: ignore[no-untyped-call]
        if self._shared:
            ends.SessionExpiryInterval = 0
        self._paho.disconnect(properties=ends)
        self._paho.loop_stop()

    def _connected(self, client: paho.Client, _given: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        if reason.is_failure:
            _log.error("the broker refused the link: %s", reason)
        else:
            topic = wire.shared(wire.REPORT, SHARED) if self._shared else wire.REPORT.topic("+")
            client.subscribe(topic, wire.REPORT.qos)

    def _arrived(self, _client: Any, _given: Any, message: paho.MQTTMessage) -> None:
        parts = wire.REPORT.parts(message.topic)
        report = wire.decode(wire.Report, bytes(message.payload))
        if parts is None or not wire.is_identifier(parts[0]) or report is None:
            self._filed(message.mid, message.qos, "", None)
            return
        device, digest = parts[0], wire.digest_of(bytes(message.payload))
        mid, qos = message.mid, message.qos

        def filed(ack: wire.Ack | None) -> None:
            named = None if ack is None else msgspec.structs.replace(ack, device=device, report=digest)
            self._filed(mid, qos, device, named)

        self._filer.hand(Letter(device, report, filed, len(message.payload)))

    def _filed(self, mid: int, qos: int, device: str, ack: wire.Ack | None) -> None:
        """It has been committed, or cannot be filed by anybody. A broker holds back all messages after some that are
        never acknowledged; nothing is lost by it, for a loudspeaker forgets for our own acknowledgement alone."""
        if ack is not None:
            sealed = wire.seal_message(ack, self._keyring.current().key)
            self._paho.publish(wire.ACK.topic(device), sealed, wire.ACK.qos, wire.ACK.retain)
        else:
            self._unheeded += 1
            _log.warning("unheeded report no. %d of “%s”", self._unheeded, device)
        self._paho.ack(mid, qos)

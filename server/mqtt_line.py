"""A line to the broker that believes nothing of what comes over it. A shell; one of the rooms that know paho.

Imported by the gateway and the line of reports.
"""

import logging
import ssl
from collections.abc import Callable
from typing import Any
from urllib.parse import SplitResult

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from schedules import wire
from server.authority import Credentials

LARGEST_PACKET = wire.LARGEST_FROM_DEVICE + 4 * 1024
"""Bytes of a message with its topic."""
TLS = "mqtts"

_log = logging.getLogger("loaban.line")


class WaryPaho(paho.Client):
    """What a broker sends is not believed: neither a size that nobody needs, nor a packet that cannot be read. Of
    either, the link ends, and begins anew; an exception would end the thread that reads it for ever."""

    def _sock_recv(self, bufsize: int) -> bytes:
        if bufsize > LARGEST_PACKET:
            raise ConnectionError(f"the broker announces a packet of {bufsize} bytes")
        return super()._sock_recv(bufsize)

    def _packet_handle(self) -> MQTTErrorCode:
        try:
            return super()._packet_handle()
        except Exception:  # noqa: BLE001
            _log.exception("a packet that cannot be read")
            return MQTTErrorCode.MQTT_ERR_PROTOCOL


def wary_paho(name: str, url: SplitResult, credentials: Credentials | None = None) -> paho.Client:
    """A client of this name, which says itself when it has dealt with a message. With `mqtts` it proves with its
    credentials who it is; a broker then knows it by the name in its certificate, and by no other."""
    name = credentials.name if credentials else name
    client = WaryPaho(CallbackAPIVersion.VERSION2, client_id=name, protocol=MQTTProtocolVersion.MQTTv5, manual_ack=True)
    if url.username:
        client.username_pw_set(url.username, url.password)
    if url.scheme == TLS:
        client.tls_set_context(_tls(credentials))
    return client


def address_of(url: SplitResult) -> tuple[str, int]:
    """Host and port of a broker."""
    return url.hostname or "127.0.0.1", url.port or (8883 if url.scheme == TLS else 1883)


def _tls(credentials: Credentials | None) -> ssl.SSLContext:
    """The broker's certificate is our own authority's: no other could vouch for another one."""
    context = ssl.create_default_context(cafile=credentials.authority if credentials else None)
    if credentials is not None:
        context.load_cert_chain(credentials.file)
    return context


def limits(in_flight: int) -> Properties:
    """What the broker is asked for: so many messages at most that are on their way and not dealt with, none of them
    larger than any that is read."""
    asked = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
    asked.ReceiveMaximum, asked.MaximumPacketSize = in_flight, LARGEST_PACKET
    return asked


Arrive = Callable[[Any, Any, paho.MQTTMessage], None]

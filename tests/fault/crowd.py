"""A crowd: thousands of loudspeakers that only link, listen and say that they are there, in one thread on real sockets.

Imported by the fault tests. MQTT 5 as far as that needs it; when to try again, the product's own rule says.
"""

import asyncio
import contextlib
import random
import resource
import struct
import threading
import time
from collections.abc import Iterable, Iterator

from device_agent import relinking
from device_agent.relinking import Relinking
from schedules import wire
from schedules.clock import ClockTrust

_CONNECT, _PUBLISH, _PUBACK, _SUBSCRIBE = 0x10, 0x30, 0x40, 0x82
_PING = b"\xc0\x00"
_PING_EVERY_S = 30.0
_CLEAN_WITH_WILL = 0x02 | 0x04 | 0x08 | 0x20


class Crowd:
    """`names` link to a broker on loopback. `linked`: who is linked now; `links`: for which monotonic second
    each try that let somebody in was due (thousands in one thread are a little late); `programmes`: the last sealed programme that each has heard."""

    def __init__(self, names: Iterable[str], port: int, area: str, seed: int) -> None:
        self.names = tuple(names)
        self.linked: set[str] = set()
        self.links: list[float] = []
        self.programmes: dict[str, bytes] = {}
        self._port, self._area, self._dice = port, area, random.Random(seed)
        self._writers: dict[str, asyncio.StreamWriter] = {}
        self._torn: set[str] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="crowd", daemon=True)

    def __enter__(self) -> "Crowd":
        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
        self._thread.start()
        return self

    def __exit__(self, *_fault: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def cut(self, share: float) -> None:
        """Reset the links of so many, drawn at random: the broker will say their last will."""
        self._loop.call_soon_threadsafe(self._cut, share)

    def _cut(self, share: float) -> None:
        for name, writer in list(self._writers.items()):
            if self._dice.random() < share:
                self._torn.add(name)
                writer.transport.abort()

    def _run(self) -> None:
        lives = [self._loop.create_task(self._live(name, n)) for n, name in enumerate(self.names)]
        self._loop.run_forever()
        for life in lives:
            life.cancel()
        self._loop.run_until_complete(asyncio.gather(*lives, return_exceptions=True))
        self._loop.close()

    async def _live(self, name: str, number: int) -> None:
        state, links = Relinking(), 0
        pause = round(relinking.FIRST * self._dice.random())
        while True:
            due = time.monotonic() + pause / 1000
            await asyncio.sleep(pause / 1000)
            with contextlib.suppress(OSError, asyncio.IncompleteReadError):
                reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
                links += 1
                try:
                    writer.write(self._hello(name, number, links))
                    if (await _packet(reader))[0] == 0x20:
                        state = relinking.linked(state, _mono())
                        self.links.append(due)
                        self.linked.add(name)
                        self._writers[name] = writer
                        await self._listen(name, reader, writer)
                finally:
                    self.linked.discard(name)
                    self._writers.pop(name, None)
                    writer.transport.abort()
            by_broker = name not in self._torn
            self._torn.discard(name)
            state, pause = relinking.unlinked(state, _mono(), self._dice.random(), by_broker=by_broker)

    def _hello(self, name: str, number: int, links: int) -> bytes:
        """Who it is, with a last will; what it listens to; and that it is there."""
        run = f"crowd-{number}"
        status = wire.Status(True, "crowd", "crowd", trust=ClockTrust.server, run=run, link=links, number=1)
        will = wire.encode(wire.Status(online=False, run=run, link=links))
        topic = wire.STATUS.topic(name)
        head = _text("MQTT") + bytes([5, _CLEAN_WITH_WILL]) + struct.pack(">H", 60) + b"\x00"
        connect = head + _text(name) + b"\x00" + _text(topic) + struct.pack(">H", len(will)) + will
        topics = (wire.PROGRAMME.topic(self._area), wire.ASSIGNMENT.topic(name))
        subscribe = b"\x00\x01\x00" + b"".join(_text(t) + b"\x01" for t in topics)
        publish = _text(topic) + b"\x00\x02\x00" + wire.encode(status)
        return b"".join(_framed(k, body) for k, body in _packets(connect, subscribe, publish))

    async def _listen(self, name: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            try:
                kind, body = await asyncio.wait_for(_packet(reader), _PING_EVERY_S)
            except TimeoutError:
                writer.write(_PING)
                continue
            if kind & 0xF0 == _PUBLISH:
                topic, pid, payload = _published(kind, body)
                if pid:
                    writer.write(_framed(_PUBACK, pid))
                if wire.PROGRAMME.parts(topic) is not None:
                    self.programmes[name] = payload


def _packets(connect: bytes, subscribe: bytes, publish: bytes) -> Iterator[tuple[int, bytes]]:
    yield _CONNECT, connect
    yield _SUBSCRIBE, subscribe
    yield _PUBLISH | 0x02 | 0x01, publish  # QoS 1, retained


def _framed(kind: int, body: bytes) -> bytes:
    size, length = bytearray(), len(body)
    while True:
        length, low = length >> 7, length & 0x7F
        size.append(low | (0x80 if length else 0))
        if not length:
            return bytes([kind]) + bytes(size) + body


def _text(text: str) -> bytes:
    return struct.pack(">H", len(text)) + text.encode()


async def _packet(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    kind = (await reader.readexactly(1))[0]
    length, shift = 0, 0
    while True:
        byte = (await reader.readexactly(1))[0]
        length |= (byte & 0x7F) << shift
        shift += 7
        if not byte & 0x80:
            return kind, await reader.readexactly(length)


def _published(kind: int, body: bytes) -> tuple[str, bytes, bytes]:
    """Topic, packet id (none with QoS 0) and payload."""
    end = 2 + struct.unpack(">H", body[:2])[0]
    topic, pid = body[2:end].decode(), b""
    if kind & 0x06:
        pid, end = body[end : end + 2], end + 2
    return topic, pid, body[end + 1 + body[end] :]


def _mono() -> int:
    return time.monotonic_ns() // 1_000_000

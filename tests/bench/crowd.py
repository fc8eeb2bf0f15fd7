"""A crowd of receivers in one process: raw sockets that subscribe, or download, and only count.

Started by the bench as `python -m tests.bench.crowd mqtt|http PORT COUNT TOPIC_OR_PATH BYTES`, imported for `Crowd`. It
prints "ready" when all are there; downloads begin with a line on its standard input; at the end it prints when each of
them had everything, on the machine's monotonic clock.
"""

import json
import resource
import select
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Sequence
from types import TracebackType
from typing import NamedTuple

AT_ONCE = 256 * 1024
LONGEST_S = 60.0
HEAD = 300
"""So many bytes hold the head of any message here."""
PUBLISH, PUBACK = 3, 4


class Crowd:
    """Several of these processes, from `with` to its end."""

    def __init__(self, kind: str, port: int, count: int, what: str, size: int, processes: int = 2) -> None:
        shares = [count // processes + (n < count % processes) for n in range(processes)]
        command = [sys.executable, "-m", "tests.bench.crowd", kind, str(port)]
        self._processes = [
            subprocess.Popen([*command, str(s), what, str(size)], stdin=-1, stdout=-1, text=True) for s in shares
        ]

    def __enter__(self) -> "Crowd":
        for process in self._processes:
            if self._line(process) != "ready":
                raise RuntimeError("a crowd did not assemble")
        return self

    def go(self) -> None:
        """Begin to download."""
        for process in self._processes:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()

    def done(self) -> Sequence[float]:
        """When each had everything (monotonic seconds), in order of time."""
        return sorted(at for process in self._processes for at in json.loads(self._line(process)))

    def __exit__(
        self, _kind: type[BaseException] | None, _fault: BaseException | None, _tb: TracebackType | None
    ) -> None:
        for process in self._processes:
            process.kill()
            process.communicate()

    def _line(self, process: "subprocess.Popen[str]") -> str:
        assert process.stdout is not None
        return process.stdout.readline().strip()


class Head(NamedTuple):
    """The head of an MQTT packet: its kind, the bytes of the head, those that follow it, and the packet id (0 where
    none is to be acknowledged). Of a PUBLISH, the topic and properties belong to the head."""

    kind: int
    length: int
    rest: int
    mid: int


def head_of(start: bytes) -> Head | None:
    """The head at the start of these bytes, or None where they do not hold it wholly."""
    measured = _variable(start, 1)
    if measured is None:
        return None
    size, at = measured
    kind, qos = start[0] >> 4, start[0] >> 1 & 3
    if kind != PUBLISH:
        return Head(kind, at, size, 0)
    body = at
    if len(start) < at + 2:
        return None
    at += 2 + int.from_bytes(start[at : at + 2], "big")
    if len(start) < at + (2 if qos else 0):
        return None
    mid = int.from_bytes(start[at : at + 2], "big") if qos else 0
    measured = _variable(start, at + (2 if qos else 0))
    if measured is None or len(start) < measured[1] + measured[0]:
        return None
    at = measured[1] + measured[0]
    return Head(kind, at, size - (at - body), mid)


def packet(kind: int, flags: int, body: bytes) -> bytes:
    """A packet with its head."""
    size, length = b"", len(body)
    while True:
        length, low = length >> 7, length & 127
        size += bytes([low | (128 if length else 0)])
        if not length:
            return bytes([kind << 4 | flags]) + size + body


def text(words: str) -> bytes:
    """A string as MQTT has it."""
    return struct.pack(">H", len(words.encode())) + words.encode()


class Ear:
    """One subscriber: takes what comes, acknowledges, counts payloads."""

    def __init__(self, port: int, name: str, topic: str) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self._head, self._left, self._mid, self.got = b"", 0, 0, 0
        self.subscribed = False
        variable = text("MQTT") + bytes([5, 2]) + struct.pack(">H", 0) + b"\0"
        self.socket.sendall(packet(1, 0, variable + text(name)))
        self.socket.sendall(packet(8, 2, struct.pack(">H", 1) + b"\0" + text(topic) + b"\1"))

    def take(self, content: memoryview) -> None:
        """Bytes as they come."""
        at, acks = 0, b""
        while at < len(content):
            if not self._left:
                before = len(self._head)
                self._head += bytes(content[at : at + HEAD])
                head = head_of(self._head)
                if head is None:
                    return self._acknowledge(acks)
                at += head.length - before
                self._head, self._left, self._mid = b"", head.rest, head.mid
                self.got += head.rest if head.kind == PUBLISH else 0
                self.subscribed |= head.kind == 9
            taken = min(self._left, len(content) - at)
            at, self._left = at + taken, self._left - taken
            if not self._left and self._mid:
                acks, self._mid = acks + packet(PUBACK, 0, struct.pack(">H", self._mid)), 0
        return self._acknowledge(acks)

    def whole(self, size: int) -> bool:
        """Whether so much has come."""
        return self.got >= size and not self._left

    def _acknowledge(self, acks: bytes) -> None:
        if acks:
            self.socket.sendall(acks)


class Download:
    """One download, by an HTTP/1.1 request. It connects when it asks: a loudspeaker holds a link to the broker all day,
    and one to a web server for as long as it fetches."""

    def __init__(self, port: int, path: str) -> None:
        self.socket = socket.socket()
        self._address = ("127.0.0.1", port)
        self._request = f"GET {path} HTTP/1.1\r\nHost: bench\r\n\r\n".encode()
        self._body_begun = self.subscribed = False
        self._head, self.got = b"", 0

    def ask(self) -> None:
        """Connect, and send the request."""
        self.socket.connect(self._address)
        self.socket.sendall(self._request)

    def take(self, content: memoryview) -> None:
        """Bytes as they come."""
        if self._body_begun:
            self.got += len(content)
            return
        self._head += bytes(content)
        head, found, body = self._head.partition(b"\r\n\r\n")
        if found:
            if b" 200 " not in head.split(b"\r\n")[0]:
                raise RuntimeError(head.decode())
            self._body_begun, self.got, self._head = True, len(body), b""

    def whole(self, size: int) -> bool:
        """Whether so much has come."""
        return self.got >= size


def _variable(start: bytes, at: int) -> tuple[int, int] | None:
    """A number of variable length, and where it ends."""
    value = shift = 0
    while at < len(start):
        value |= (start[at] & 127) << shift
        shift, at = shift + 7, at + 1
        if start[at - 1] < 128:
            return value, at
    return None


def _listen(ears: "Sequence[Ear | Download]", size: int, all_subscribed: bool) -> list[float]:
    """Take everything until all are subscribed, or have so many bytes; when each had."""
    poll, by_number = select.epoll(), {ear.socket.fileno(): ear for ear in ears}
    buffer = bytearray(AT_ONCE)
    view, done, until = memoryview(buffer), [], time.monotonic() + LONGEST_S
    for number, ear in by_number.items():
        ear.socket.setblocking(False)
        poll.register(number, select.EPOLLIN)
    left = set(by_number)
    while left and time.monotonic() < until:
        for number, _event in poll.poll(1):
            ear = by_number[number]
            size_now = ear.socket.recv_into(view)
            if not size_now:
                raise ConnectionError("the sender has gone")
            ear.take(view[:size_now])
            if number in left and (ear.subscribed if all_subscribed else ear.whole(size)):
                left.discard(number)
                done.append(time.monotonic())
    if left:
        raise TimeoutError(f"{len(left)} have not got everything")
    return done


def main() -> None:
    """Assemble, say so, listen, say when each had everything."""
    kind, port, count, what, size = sys.argv[1:]
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    ears: Sequence[Ear | Download]
    if kind == "mqtt":
        ears = [Ear(int(port), f"crowd-{time.monotonic_ns()}-{n}", what) for n in range(int(count))]
        _listen(ears, 0, all_subscribed=True)
        print("ready", flush=True)
    else:
        downloads = [Download(int(port), what) for n in range(int(count))]
        print("ready", flush=True)
        sys.stdin.readline()
        for download in downloads:
            download.ask()
        ears = downloads
    print(json.dumps(_listen(ears, int(size), all_subscribed=False)), flush=True)


if __name__ == "__main__":
    main()

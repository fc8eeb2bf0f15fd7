"""A bad link on loopback: a TCP proxy that is slow, far away, loses, hangs, refuses and is cut, and counts what passes.

Imported by the fault tests and the bench. What it decides (how long a piece takes, when a cut falls) is in plain
functions over a seeded chance; the rest is one thread that ends by itself.
"""

import asyncio
import contextlib
import random
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import NamedTuple

SEGMENT = 1_400
"""Bytes that are lost together."""
QUICKEST_REPAIR_S = 0.04
"""From a loss until it is noticed and sent again, on a link with no delay."""
LONGEST_REPAIR_S = 8.0
_PIECE = 64 * 1024
_QUEUE = 8 * 1024
"""Bytes that wait before a slow link: more would be delivered to nobody when it is cut."""


class Conditions(NamedTuple):
    """`bytes_per_s` each way, 0 for no limit; `delay_s` one way; `loss`: the share of segments that are lost, and so
    hold up all behind them until they have been sent again."""

    bytes_per_s: float = 0
    delay_s: float = 0
    loss: float = 0


PERFECT = Conditions()


class Cuts(NamedTuple):
    """At most `times` cuts of all that is linked at random moments, the same for the same seed: on average every
    `mean_bytes` carried from the target, or every `mean_s`."""

    seed: int
    times: int
    mean_bytes: float = 0
    mean_s: float = 0

    def gaps(self) -> Iterator[float]:
        """From one cut to the next, in bytes or seconds."""
        chance = random.Random(self.seed)
        for _ in range(self.times):
            yield chance.expovariate(1 / (self.mean_bytes or self.mean_s))


class Passage(NamedTuple):
    """When a piece has left (the next one can go), and when it is there."""

    gone_at: float
    there_at: float


def passage(size: int, now: float, free_at: float, link: Conditions, chance: Callable[[], float]) -> Passage:
    """How a piece passes a link whose last piece left at `free_at`. `chance()` is in [0, 1), drawn once for each
    segment and once again for each time it is lost."""
    gone_at = max(now, free_at)
    left = size
    while left > 0:
        segment = min(left, SEGMENT)
        left -= segment
        takes = segment / link.bytes_per_s if link.bytes_per_s else 0.0
        gone_at += takes
        repair = max(2 * link.delay_s, QUICKEST_REPAIR_S)
        while link.loss and chance() < link.loss:
            gone_at += repair + takes
            repair = min(2 * repair, LONGEST_REPAIR_S)
    return Passage(gone_at, gone_at + link.delay_s)


class Carried(NamedTuple):
    """Bytes handed over: to the target, from the target; `lost`: taken from a sender and in flight when the link was
    cut."""

    to_target: int
    from_target: int
    lost: int


class BadLink:
    """Listens on `host`:`port` and leads to `target`. `lasts_s`: it ends itself after so long; `tap` sees all that is
    handed over from the target, with the number of the connection."""

    def __init__(
        self,
        target: tuple[str, int],
        conditions: Conditions = PERFECT,
        cuts: Cuts | None = None,
        *,
        seed: int = 0,
        host: str = "127.0.0.1",
        lasts_s: float = 1_800,
        tap: Callable[[int, bytes], None] | None = None,
    ) -> None:
        self.conditions = conditions
        self.links = self.cut_count = 0
        self.host, self.port = host, 0
        self._target, self._cuts, self._lasts_s = target, cuts, lasts_s
        self._chance, self._tap = random.Random(seed), tap
        self._counts = [0, 0, 0]
        self._free_at = [0.0, 0.0]
        self._refusing_until = self._hanging_until = 0.0
        self._linked: set[_Pair] = set()
        self._gaps = cuts.gaps() if cuts is not None and cuts.mean_bytes else iter(())
        self._next_cut = next(self._gaps, None)
        self._loop = asyncio.new_event_loop()
        self._over = asyncio.Event()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, name="bad link", daemon=True)

    @property
    def url(self) -> str:
        """As a broker."""
        return f"mqtt://{self.host}:{self.port}"

    @property
    def carried(self) -> Carried:
        """What has passed until now."""
        return Carried(*self._counts)

    def start(self) -> "BadLink":
        """Begin to listen."""
        self._thread.start()
        if not self._ready.wait(5):
            raise TimeoutError("the bad link does not listen")
        return self

    def stop(self) -> None:
        """Cut everything, end the thread."""
        if self._thread.is_alive():
            self._ask(self._over.set)
            self._thread.join(5)

    def __enter__(self) -> "BadLink":
        return self.start()

    def __exit__(
        self, _kind: type[BaseException] | None, _fault: BaseException | None, _tb: TracebackType | None
    ) -> None:
        self.stop()

    def cut(self, share: float = 1.0) -> None:
        """Reset this share of all connections, drawn at random."""
        self._ask(self._cut, share)

    def refuse(self, seconds: float) -> None:
        """Cut everything, and reset whoever tries again before so long has passed; 0 to welcome everybody again."""
        self._refusing_until = time.monotonic() + seconds
        if seconds:
            self._ask(self._cut, 1.0)

    def hang(self, seconds: float) -> None:
        """Let nothing pass for a while, and tell nobody: no connection is reset."""
        self._hanging_until = time.monotonic() + seconds

    def _ask(self, what: Callable[..., None], *given: object) -> None:
        with contextlib.suppress(RuntimeError):  # it has ended by itself
            self._loop.call_soon_threadsafe(what, *given)

    def _run(self) -> None:
        with contextlib.suppress(asyncio.CancelledError):
            self._loop.run_until_complete(self._serve())
        self._loop.close()

    async def _serve(self) -> None:
        listener = _socket(self.conditions)
        listener.bind((self.host, 0))
        self.port = listener.getsockname()[1]
        server = await asyncio.start_server(self._accepted, sock=listener, limit=self._room())
        clock = asyncio.ensure_future(self._cut_by_time())
        self._ready.set()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._over.wait(), self._lasts_s)
        clock.cancel()
        server.close()
        self._cut(1.0)
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for other in others:
            other.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    def _room(self) -> int:
        return _QUEUE if self.conditions.bytes_per_s else _PIECE

    async def _cut_by_time(self) -> None:
        for gap in self._cuts.gaps() if self._cuts is not None and self._cuts.mean_s else ():
            await asyncio.sleep(gap)
            self._cut(1.0)

    async def _accepted(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if time.monotonic() < self._refusing_until:
            return _reset(writer)
        onward = _socket(self.conditions)
        onward.setblocking(False)
        try:
            await self._loop.sock_connect(onward, self._target)
            there, on = await asyncio.open_connection(sock=onward, limit=self._room())
        except OSError:
            onward.close()
            return _reset(writer)
        self.links += 1
        pair = _Pair(self.links, writer, on)
        self._linked.add(pair)
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.gather(self._carry(pair, reader, on, 0), self._carry(pair, there, writer, 1))
        self._linked.discard(pair)
        return None

    async def _carry(self, pair: "_Pair", source: asyncio.StreamReader, sink: asyncio.StreamWriter, way: int) -> None:
        """Take pieces as fast as the link lets them leave; another task hands them over when they are there."""
        flying: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()
        landing = asyncio.ensure_future(self._land(pair, flying, sink, way))
        with contextlib.suppress(OSError):
            while not landing.done():
                piece = await source.read(SEGMENT if self.conditions != PERFECT else _PIECE)
                there = passage(len(piece), time.monotonic(), self._free_at[way], self.conditions, self._chance.random)
                self._free_at[way] = there.gone_at
                pair.flying += len(piece)
                flying.put_nowait((there.there_at, piece))
                if not piece:
                    break
                await asyncio.sleep(there.gone_at - time.monotonic())
            await landing
        landing.cancel()

    async def _land(
        self, pair: "_Pair", flying: "asyncio.Queue[tuple[float, bytes]]", sink: asyncio.StreamWriter, way: int
    ) -> None:
        while not pair.is_cut:
            at, piece = await flying.get()
            # It may be told to hang while it waits.
            while (left := max(at, self._hanging_until) - time.monotonic()) > 0:  # noqa: ASYNC110
                await asyncio.sleep(left)
            if pair.is_cut:
                return
            if not piece:
                sink.close()
                return
            pair.flying -= len(piece)
            self._counts[way] += len(piece)
            if self._tap is not None and way == 1:
                self._tap(pair.number, piece)
            sink.write(piece)
            self._cut_by_bytes()
            await sink.drain()

    def _cut_by_bytes(self) -> None:
        if self._next_cut is not None and self._counts[1] >= self._next_cut:
            gap = next(self._gaps, None)
            self._next_cut = None if gap is None else self._counts[1] + gap
            self._cut(1.0)

    def _cut(self, share: float) -> None:
        pairs = sorted(self._linked, key=id)
        chosen = pairs if share >= 1 else [pair for pair in pairs if self._chance.random() < share]
        for pair in chosen:
            self._linked.discard(pair)
            self._counts[2] += pair.flying
            pair.reset()
        self.cut_count += bool(chosen)


class _Pair:
    """The two connections of one link."""

    def __init__(self, number: int, *writers: asyncio.StreamWriter) -> None:
        self.number, self._writers = number, writers
        self.flying = 0
        self.is_cut = False

    def reset(self) -> None:
        self.is_cut = True
        for writer in self._writers:
            _reset(writer)


def _socket(conditions: Conditions) -> socket.socket:
    made = socket.socket()
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if conditions.bytes_per_s:
        # As over a real link: small segments, and no megabyte that waits inside the system.
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, SEGMENT)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _QUEUE)
    return made


def _reset(writer: asyncio.StreamWriter) -> None:
    end = writer.get_extra_info("socket")
    with contextlib.suppress(OSError):
        end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()

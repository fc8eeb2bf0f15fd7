"""The road between a loudspeaker and the broker: a TCP proxy on loopback that cuts, delays and throttles.

Imported by the fault tests. One thread, real sockets; what is sent on a cut road is lost, as it is on a real one.
"""

import asyncio
import contextlib
import threading
from collections.abc import Callable, Coroutine
from typing import Any


class Road:
    """From `port` on 127.0.0.1 to another; blocked at first. `bytes_per_s`: each way, None without limit; `delay_s`: one
    way. `carried` counts the bytes to the loudspeaker, `cuts` the connections that were cut."""

    def __init__(self, port: int, target: int, *, bytes_per_s: float | None = None, delay_s: float = 0) -> None:
        self.url = f"mqtt://127.0.0.1:{port}"
        self._port, self._target = port, target
        self._bytes_per_s, self._delay_s = bytes_per_s, delay_s
        self._open_now: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None
        self.carried = self.cuts = 0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="road", daemon=True)
        self._thread.start()
        self._free = asyncio.Event()
        self._do(self._built())

    def open(self) -> None:
        """Let traffic through from now on, also what has been waiting."""
        self._loop.call_soon_threadsafe(self._free.set)

    def block(self) -> None:
        """Cut what there is; what comes is neither refused nor answered, as where a mountain is in the way."""
        self._loop.call_soon_threadsafe(self._free.clear)
        self.cut()

    def cut(self) -> None:
        """Cut the connections that there are; new ones are let through."""
        self._do(self._cut())

    def end(self) -> None:
        """Nothing is there any more."""
        self._do(self._ended())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()

    def _do(self, what: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(what, self._loop).result(10)

    async def _built(self) -> None:
        self._server = await asyncio.start_server(self._met, "127.0.0.1", self._port)

    async def _ended(self) -> None:
        if self._server is not None:
            self._server.close()
        await self._cut()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for other in others:
            other.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    async def _cut(self) -> None:
        for writer in list(self._open_now):
            self.cuts += 1
            writer.transport.abort()

    async def _met(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.CancelledError):
            await self._through(reader, writer)

    async def _through(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self._free.wait()
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._target)
        except OSError:
            writer.transport.abort()
            return
        self._open_now.update((writer, far_writer))
        try:
            await asyncio.gather(
                self._carry(reader, far_writer, lambda _: None), self._carry(far_reader, writer, self._counted)
            )
        finally:
            self._open_now -= {writer, far_writer}
            writer.transport.abort()
            far_writer.transport.abort()

    def _counted(self, count: int) -> None:
        self.carried += count

    async def _carry(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, count: Callable[[int], None]
    ) -> None:
        with contextlib.suppress(OSError):
            while piece := await reader.read(2048):
                if self._bytes_per_s:
                    await asyncio.sleep(len(piece) / self._bytes_per_s)
                if self._delay_s:
                    self._loop.call_later(self._delay_s, self._deliver, writer, piece)
                else:
                    writer.write(piece)
                    await writer.drain()
                count(len(piece))
        writer.transport.abort()

    @staticmethod
    def _deliver(writer: asyncio.StreamWriter, piece: bytes) -> None:
        if not writer.transport.is_closing():
            writer.write(piece)

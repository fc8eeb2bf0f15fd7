"""Serves the pages of a stage, in a thread for tests that drive a browser, or as a program of its own.

Imported by `tests/browser`; as a program (`python -m tests.browser.serving FOLDER`) it is killed by a test.
"""

import contextlib
import socket
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import uvicorn
from starlette.types import ASGIApp

from tests.waiting import eventually
from tests.web.stage import House, sample_database


@contextlib.contextmanager
def serving(house: House | ASGIApp, certificate: Path | None = None) -> Iterator[str]:
    """The address of the pages, as long as the block lasts. `certificate`: a file with key and certificate: HTTPS."""
    served = house.served if isinstance(house, House) else house
    config = uvicorn.Config(served, port=0, log_level="warning", timeout_graceful_shutdown=2, ssl_certfile=certificate)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, name="pages")
    thread.start()
    try:
        eventually(lambda: server.started, what="the server")
        yield f"{'https' if certificate else 'http'}://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(10)
        assert not thread.is_alive(), "the server does not stop"


def main(folder: Path) -> None:
    """Serve until a signal, as `loaban serve` does; say on which port."""
    house = House(folder, sample_database(folder / "sample.db"))
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        print(listening.getsockname()[1], flush=True)
        config = uvicorn.Config(house.served, log_level="warning", timeout_graceful_shutdown=2)
        uvicorn.Server(config).run(sockets=[listening])


if __name__ == "__main__":
    main(Path(sys.argv[1]))

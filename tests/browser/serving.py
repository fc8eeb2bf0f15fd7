"""Serves the pages of a stage, in a thread for tests that drive a browser, or as a program of its own.

Imported by `tests/browser`; as a program (`python -m tests.browser.serving PORT FOLDER`) it is killed by a test.
"""

import contextlib
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import uvicorn

from tests.waiting import eventually
from tests.web.stage import House, sample_database


@contextlib.contextmanager
def serving(house: House) -> Iterator[str]:
    """The address of the pages, as long as the block lasts."""
    config = uvicorn.Config(house.app, port=0, log_level="warning", timeout_graceful_shutdown=2)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, name="pages")
    thread.start()
    try:
        eventually(lambda: server.started, what="the server")
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(10)
        assert not thread.is_alive(), "the server does not stop"


def main(port: int, folder: Path) -> None:
    """Serve until a signal, as `loaban serve` does."""
    house = House(folder, sample_database(folder / "sample.db"))
    uvicorn.run(house.app, port=port, log_level="warning", timeout_graceful_shutdown=2)


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))

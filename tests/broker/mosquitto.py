"""A real Mosquitto on loopback, for tests.

Imported by tests of brokers and faults.
"""

import os
import shutil
import socket
import subprocess
from pathlib import Path

import pytest

from tests.waiting import eventually


class Mosquitto:
    """Mosquitto on 127.0.0.1:`port`, with the product's own configuration or a plain one."""

    def __init__(self, port: int, folder: Path, configuration: str = "") -> None:
        program = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin")
        if program is None:
            if os.environ.get("CI"):
                pytest.fail("mosquitto is missing: apt-get install mosquitto")
            pytest.skip("mosquitto is missing: apt-get install mosquitto")
        folder.mkdir(parents=True, exist_ok=True)
        self._program = program
        self._configuration = folder / "mosquitto.conf"
        plain = f"listener {port} 127.0.0.1\nallow_anonymous true\nmax_queued_messages 20000\nuser root\n"
        self._configuration.write_text(configuration or plain)
        self.url = f"mqtt://127.0.0.1:{port}"
        self._port = port
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start, and wait until it takes connections."""
        self.process = subprocess.Popen([self._program, "-c", str(self._configuration)], stderr=subprocess.DEVNULL)
        eventually(self._listens, 10, "mosquitto listens")

    def stop(self) -> None:
        """Stop."""
        if self.process is not None:
            self.process.terminate()
            self.process.wait(10)
            self.process = None

    def _listens(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, "mosquitto has ended"
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self._port)) == 0

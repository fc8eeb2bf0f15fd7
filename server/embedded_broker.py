"""The embedded MQTT broker: iotcore in a child process, on loopback. A shell.

Imported by composition roots and tests. It keeps nothing over a restart (the server publishes again) and knows no
accounts, and with TLS it lets in who shows no certificate (iotcore 0.4, tried): for a real province, use a broker of
its own.
"""

import subprocess
from pathlib import Path

from iotcore import Broker

from schedules.wire import LARGEST_MESSAGE

_CONFIGURATION = """
id = 0

[router]
id = 0
max_connections = 10010
max_outgoing_packet_count = 500
max_segment_size = 104857600
max_segment_count = 10

[v5.1]
name = "v5"
listen = "127.0.0.1:{port}"
next_connection_delay_ms = 1

[v5.1.connections]
connection_timeout_ms = 60000
max_payload_size = {largest}
max_inflight_count = 500
dynamic_filters = true

[v4.1]
name = "v4"
listen = "127.0.0.1:{older_port}"
next_connection_delay_ms = 1

[v4.1.connections]
connection_timeout_ms = 60000
max_payload_size = {largest}
max_inflight_count = 500
dynamic_filters = true
"""


class EmbeddedBroker:
    """A broker for MQTT 5 on 127.0.0.1:`port`; for older clients on the port after it. It ends with this
    process."""

    def __init__(self, port: int, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        configuration = folder / "broker.toml"
        text = _CONFIGURATION.format(port=port, older_port=port + 1, largest=LARGEST_MESSAGE)
        configuration.write_text(text)
        self.url = f"mqtt://127.0.0.1:{port}"
        self._broker = Broker(config_path=str(configuration))

    def start(self) -> None:
        """Start, and wait until it takes connections. Raises OSError if the port is taken."""
        self._broker.start()

    def stop(self) -> None:
        """Stop and free the port."""
        self._broker.stop()

    @property
    def process(self) -> "subprocess.Popen[bytes] | None":
        """The child process, for whoever must end it in another way."""
        found: subprocess.Popen[bytes] | None = self._broker._process  # noqa: SLF001
        return found

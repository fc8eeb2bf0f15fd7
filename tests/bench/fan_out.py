"""How soon a clip of 1.2 MB has reached a thousand loudspeakers, and how soon by the ordinary means.

Imported by the bench command; `python -m tests.bench.fan_out [SUBSCRIBERS]` prints the table.
"""

import hashlib
import random
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from schedules import wire
from schedules.alert import Alert
from schedules.assignment import Assignment
from schedules.clock import UtcMs
from schedules.programme import Programme
from server import delivery, system_clock
from server.bell import Bell
from server.clip_archive import ClipArchive
from server.keyring import Keyring
from server.mqtt_gateway import Gateway
from tests.bench.crowd import Crowd
from tests.bench.figures import Figure, table
from tests.broker.mosquitto import Mosquitto
from tests.fault.ports import free_ports
from tests.waiting import eventually

CLIP_BYTES, BARE_BYTES = 1_200_000, 64 * 1024
SUBSCRIBERS, ROUNDS = 1_000, 4
TIMES_BARE = 1.3
NGINX_LINE = "apt-get install -y --no-install-recommends nginx-light"


def measure(subscribers: int = SUBSCRIBERS, rounds: int = ROUNDS) -> Iterator[Figure]:
    """The same bytes through the gateway, through the broker alone and from nginx, in turn: the time until the
    last one had all, the best of the rounds, because whatever else the machine does only adds to it."""
    with tempfile.TemporaryDirectory(prefix="fan-out-", dir="/tmp") as folder:
        place = Path(folder)
        place.chmod(0o755)
        content = random.Random(3).randbytes(CLIP_BYTES)
        broker = Mosquitto(free_ports(1)[0], place / "mosquitto")
        broker.start()
        product, bare, nginx = [], [], []
        try:
            for n in range(rounds):
                bare.append(_bare(broker, subscribers, content))
                product.append(_through_gateway(broker, subscribers, content, place / f"clips{n}"))
                if program := shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin"):
                    nginx.append(_downloaded(program, subscribers, content, place / f"nginx{n}"))
        finally:
            broker.stop()
    reached, by_broker = min(product), min(bare)
    name = f"clip of 1.2 MB at {subscribers} subscribers"
    yield Figure(name, reached, "s", by_broker, TIMES_BARE * by_broker)
    if nginx:
        by_nginx = min(nginx)
        yield Figure(f"{name}, beside nginx", reached, "s", by_nginx, by_nginx)
    else:
        print(f"without nginx: {NGINX_LINE}", file=sys.stderr)


class SmallDesk:
    """A desk that wants one clip to be everywhere."""

    def __init__(self, clips: dict[str, int]) -> None:
        self._clips = clips

    def now(self) -> UtcMs:
        return system_clock.utc_ms()

    def desired(self) -> delivery.DesiredChanged:
        return delivery.DesiredChanged({}, {}, self._clips)

    def settle(self) -> bool:
        return False

    def alert(self, area: str, named: Iterable[str]) -> Alert | None:
        return None

    def programme(self, area: str) -> Programme | None:
        return None

    def assignments(self, devices: Iterable[str]) -> dict[str, Assignment]:
        return {}

    def renewed(self, device: str, request: bytes) -> str | None:
        return None

    def file_reports(self, reports: object) -> list[wire.Ack | None]:
        return []

    def file_statuses(self, statuses: object) -> None:
        return None


class WatchedArchive(ClipArchive):
    """It remembers when it was first asked for blocks: then the sending begins."""

    asked_at = 0.0

    def blocks(self, name: str, indices: Iterable[int]) -> Iterator[tuple[int, bytes]]:
        self.asked_at = self.asked_at or time.monotonic()
        return super().blocks(name, indices)


def _through_gateway(broker: Mosquitto, subscribers: int, content: bytes, folder: Path) -> float:
    name = hashlib.sha256(content).hexdigest()
    archive = WatchedArchive(folder)
    archive.write(f"{name}.opus", content)
    port = int(broker.url.rpartition(":")[2])
    with Crowd("mqtt", port, subscribers, wire.BLOCK.topic(name, "+"), len(content)) as crowd:
        key = Keyring(folder / "keys", lambda: bytes(32))
        gateway = Gateway(broker.url, "bench-gateway", SmallDesk({name: len(content)}), key, archive, Bell())
        gateway.start()
        try:
            return crowd.done()[-1] - archive.asked_at
        finally:
            gateway.stop()


def _bare(broker: Mosquitto, subscribers: int, content: bytes) -> float:
    with publishing(broker) as publish:
        port = int(broker.url.rpartition(":")[2])
        with Crowd("mqtt", port, subscribers, "bare/clip", len(content)) as crowd:
            began = time.monotonic()
            for n in range(0, len(content), BARE_BYTES):
                publish("bare/clip", content[n : n + BARE_BYTES], 1)
            return crowd.done()[-1] - began


class publishing:  # noqa: N801 - reads as what it does
    """A bare publisher: `with publishing(broker) as publish: publish(topic, payload, qos)`."""

    def __init__(self, broker: Mosquitto) -> None:
        self._port = int(broker.url.rpartition(":")[2])
        self._client = paho.Client(CallbackAPIVersion.VERSION2, protocol=MQTTProtocolVersion.MQTTv5)

    def __enter__(self) -> Callable[[str, bytes, int], object]:
        self._client.connect("127.0.0.1", self._port)
        self._client.loop_start()
        eventually(self._client.is_connected, 10, "the publisher is linked")
        return self._client.publish

    def __exit__(self, *_fault: object) -> None:
        self._client.disconnect()
        self._client.loop_stop()


class Nginx:
    """nginx on loopback, serving a folder, from `with` to its end."""

    def __init__(self, program: str, port: int, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.port, self._configuration = port, folder / "nginx.conf"
        self._command = [program, "-p", str(folder), "-c", str(self._configuration), "-e", str(folder / "error.log")]
        self._configuration.write_text(
            f"daemon off; pid {folder}/pid; worker_processes auto; worker_rlimit_nofile 20000; user root;\n"
            "events { worker_connections 4000; }\n"
            f"http {{ access_log off; sendfile on; tcp_nopush on; client_body_temp_path {folder}/b;\n"
            f"proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u;\n"
            f"scgi_temp_path {folder}/s; server {{ listen 127.0.0.1:{port} backlog=2000; root {folder}; }} }}\n"
        )
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> "Nginx":
        self._process = subprocess.Popen(self._command, stderr=subprocess.DEVNULL)
        eventually(self._listens, 10, "nginx listens")
        return self

    def __exit__(self, *_fault: object) -> None:
        assert self._process is not None
        self._process.terminate()
        self._process.wait(10)

    def _listens(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0


def _downloaded(program: str, subscribers: int, content: bytes, folder: Path) -> float:
    folder.mkdir()
    (folder / "clip").write_bytes(content)
    with (
        Nginx(program, free_ports(1)[0], folder) as nginx,
        Crowd("http", nginx.port, subscribers, "/clip", len(content)) as crowd,
    ):
        began = time.monotonic()
        crowd.go()
        return crowd.done()[-1] - began


if __name__ == "__main__":
    print(table(measure(int(sys.argv[1]) if sys.argv[1:] else SUBSCRIBERS)))

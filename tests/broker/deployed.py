"""A real Mosquitto under the product's own configuration, and people at it with certificates, good and bad.

Imported by tests of the broker and of faults.
"""

import json
import re
import ssl
from pathlib import Path
from typing import Any

import paho.mqtt.client as paho
from cryptography.hazmat.primitives.asymmetric import ec

from device_agent.identity import key_pem
from server import system_clock
from server.authority import Authority
from server.broker_accounts import beginning, desired
from tests.broker.mosquitto import Mosquitto
from tests.waiting import eventually

DEPLOY = Path(__file__).resolve().parents[2] / "deploy" / "mosquitto.conf"


def deployed(port: int, folder: Path, authority: Authority, *, plugin: bool = True) -> Mosquitto:
    """`deploy/mosquitto.conf` on another port, with what `loaban broker-files` writes; or without its `plugin`."""
    folder.mkdir(parents=True)
    key, certificate = authority.server(["127.0.0.1", "localhost"], system_clock.utc_ms())
    (folder / "ca.crt").write_text(authority.pem(system_clock.utc_ms()))
    (folder / "server.crt").write_text(certificate)
    (folder / "server.key").write_text(key)
    (folder / "dynamic-security.json").write_text(json.dumps(beginning(desired({}))))
    text = DEPLOY.read_text()
    return deployed_in(folder, port, text if plugin else re.sub(r"^plugin.*$", "", text, flags=re.MULTILINE))


def deployed_in(folder: Path, port: int, configuration: str) -> Mosquitto:
    """With the files in this folder; nothing of the configuration is changed but where they lie, and the port."""
    text = configuration.replace("/etc/mosquitto/loaban", str(folder)).replace("/var/lib/mosquitto/", f"{folder}/")
    text = re.sub(r"^listener 8883$", f"listener {port} 127.0.0.1", text, flags=re.MULTILINE)
    assert str(port) in text
    broker = Mosquitto(port, folder / "run", f"{text}\nuser root\n")
    broker.url = f"mqtts://127.0.0.1:{port}"
    return broker


def certified(authority: Authority, name: str, folder: Path) -> Path:
    """A file with a fresh key and this authority's certificate for this common name."""
    key = ec.generate_private_key(ec.SECP256R1())
    made = authority.client(name, key.public_key(), system_clock.utc_ms())
    file = folder / f"{name}.pem"
    file.write_bytes(key_pem(key) + made.pem.encode())
    return file


class Guest:
    """Somebody at the broker with a certificate, or without one; it never comes back by itself."""

    def __init__(self, url: str, authority: Path, file: Path | None, client_id: str = "guest") -> None:
        self.heard: list[tuple[str, bytes]] = []
        self.refused: list[bool] = []
        self.gone: list[str] = []
        self.paho = paho.Client(
            paho.CallbackAPIVersion.VERSION2, client_id, protocol=paho.MQTTv5, reconnect_on_failure=False
        )
        context = ssl.create_default_context(cafile=authority)
        if file is not None:
            context.load_cert_chain(file)
        self.paho.tls_set_context(context)
        self.paho.on_message = lambda _c, _g, message: self.heard.append((message.topic, bytes(message.payload)))
        self.paho.on_subscribe = self.paho.on_publish = self._answered
        self.paho.on_disconnect = lambda _c, _g, _f, reason, _p: self.gone.append(str(reason))
        host, _, port = url.removeprefix("mqtts://").partition(":")
        self.paho.connect(host, int(port))
        self.paho.loop_start()
        eventually(lambda: self.paho.is_connected() or bool(self.gone), 10, "the broker has answered")

    def _answered(self, _client: Any, _given: Any, _mid: int, reasons: Any, _properties: Any) -> None:
        self.refused += [reason.is_failure for reason in (reasons if isinstance(reasons, list) else [reasons])]

    def may_hear(self, topic: str) -> bool:
        """Whether it may subscribe."""
        before = len(self.refused)
        self.paho.subscribe(topic, 1)
        eventually(lambda: len(self.refused) > before, 10, f"an answer on {topic}")
        return not self.refused[-1]

    def may_say(self, topic: str, payload: bytes = b"x", *, retain: bool = False) -> bool:
        """Whether it may publish."""
        before = len(self.refused)
        self.paho.publish(topic, payload, 1, retain)
        eventually(lambda: len(self.refused) > before, 10, f"an answer on {topic}")
        return not self.refused[-1]

    def leave(self) -> None:
        """Go."""
        self.paho.disconnect()
        self.paho.loop_stop()

"""What stands at the other end of a letter: a mail server, a push service and a webhook's receiver, small ones of their
own on loopback.

Imported by the tests of this folder and of the browser.
"""

import base64
import contextlib
import os
import socketserver
import ssl
import threading
from collections.abc import Iterator
from email import message_from_bytes
from email.message import Message
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import http_ece
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat


class MailOffice(socketserver.ThreadingTCPServer):
    """Speaks as much SMTP as a client needs. `shown`: its certificate, with TLS from the first byte (`at_once`) or after
    STARTTLS, and then mail is taken under it alone. `dies_after_data`: it takes the whole message and is gone before it says
    so, that many times; `answers`: what it says to a recipient, 250 when there is nothing left."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Line)
        self.shown: ssl.SSLContext | None = None
        self.at_once = False
        self.taken: list[Message] = []
        self.dies_after_data = 0
        self.answers: list[str] = []
        self.lock = threading.Lock()

    @property
    def url(self) -> str:
        scheme = "smtp" if self.shown is None else "smtps" if self.at_once else "smtp+starttls"
        return f"{scheme}://127.0.0.1:{self.server_address[1]}"


class _Line(socketserver.StreamRequestHandler):
    server: MailOffice

    def handle(self) -> None:
        shown, sealed = self.server.shown, self.server.shown is None
        if shown is not None and self.server.at_once:
            if not self._seal(shown):
                return
            sealed = True
        self._say("220 loa.test ready")
        while line := self.rfile.readline(2_000):
            word = line.strip().upper()
            if word.startswith((b"EHLO", b"HELO")):
                self._say("250-loa.test", *(() if sealed else ("250-STARTTLS",)), "250 8BITMIME")
            elif word == b"STARTTLS" and shown is not None:
                self._say("220 go on")
                if not self._seal(shown):
                    return
                sealed = True
            elif not sealed and word != b"QUIT":
                self._say("530 only under TLS")
            elif word.startswith(b"RCPT"):
                with self.server.lock:
                    answers = self.server.answers
                    said = answers.pop(0) if answers else "250 ok"
                self._say(said)
            elif word == b"DATA":
                self._say("354 go on")
                if not self._data():
                    return
            elif word == b"QUIT":
                self._say("221 bye")
                return
            else:
                self._say("250 ok")

    def _seal(self, shown: ssl.SSLContext) -> bool:
        """From here on under TLS; False where who calls does not trust it."""
        try:
            self.connection = shown.wrap_socket(self.connection, server_side=True)
        except OSError:
            return False
        self.rfile, self.wfile = self.connection.makefile("rb"), self.connection.makefile("wb", 0)
        return True

    def _data(self) -> bool:
        lines = []
        while (line := self.rfile.readline(100_000)) != b".\r\n":
            if not line:
                return False
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        with self.server.lock:
            self.server.taken.append(message_from_bytes(b"".join(lines), policy=default))
            if self.server.dies_after_data:
                self.server.dies_after_data -= 1
                return False
        self._say("250 taken")
        return True

    def _say(self, *lines: str) -> None:
        with contextlib.suppress(OSError):
            self.wfile.write("".join(f"{line}\r\n" for line in lines).encode())


class Office(ThreadingHTTPServer):
    """Takes POSTs. `answers`: statuses, 201 when there is nothing left."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Posted)
        self.taken: list[tuple[str, dict[str, str], bytes]] = []
        self.answers: list[int] = []
        self.lock = threading.Lock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Posted(BaseHTTPRequestHandler):
    server: Office

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        with self.server.lock:
            headers = {name.lower(): value for name, value in self.headers.items()}
            self.server.taken.append((self.path, headers, body))
            status = self.server.answers.pop(0) if self.server.answers else 201
        self.send_response(status)
        if status in (301, 302, 307, 308):
            self.send_header("location", f"{self.server.url}/elsewhere")
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing on the terminal."""


class BrowserKeys:
    """What a browser makes when it subscribes, and opens messages with."""

    def __init__(self) -> None:
        self._key, self._secret = ec.generate_private_key(ec.SECP256R1()), os.urandom(16)

    @property
    def p256dh(self) -> str:
        point = self._key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        return base64.urlsafe_b64encode(point).rstrip(b"=").decode()

    @property
    def auth(self) -> str:
        return base64.urlsafe_b64encode(self._secret).rstrip(b"=").decode()

    def open(self, body: bytes) -> bytes:
        return bytes(http_ece.decrypt(body, private_key=self._key, auth_secret=self._secret, version="aes128gcm"))


@contextlib.contextmanager
def running(server: socketserver.BaseServer) -> Iterator[None]:
    """While the block lasts."""
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)

"""The one stream of news: what it carries, and that it holds nobody back. No browser is needed here.

Imported by pytest alone.
"""

import http.client
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.serving import serving
from tests.waiting import eventually
from tests.web.stage import PASSWORD, House, sample_database

STOP_S = 2.0


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    house = House(tmp_path, sample_database(tmp_path / "sample.db"))
    yield house
    house.close()


def _sign_in(address: str) -> str:
    """A session's cookie."""
    connection = http.client.HTTPConnection(address.removeprefix("http://"), timeout=5)
    body = f"username=bientap&password={PASSWORD}"
    connection.request("POST", "/dang-nhap", body, {"content-type": "application/x-www-form-urlencoded"})
    answer = connection.getresponse()
    cookie = (answer.headers["set-cookie"] or "").partition(";")[0]
    connection.close()
    assert cookie.startswith("loaban=")
    return cookie


def _stream(address: str, cookie: str) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection(address.removeprefix("http://"), timeout=10)
    connection.request("GET", "/su-kien", headers={"cookie": cookie})
    answer = connection.getresponse()
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert _next(answer) == "hello"
    return answer


def _next(stream: http.client.HTTPResponse) -> str:
    while True:
        line = stream.readline().decode()
        assert line, "the stream has ended"
        if line.startswith("event:"):
            return line.removeprefix("event:").strip()


def test_every_listener_hears_the_bell_and_many_rings_are_one(house: House) -> None:
    with serving(house) as address:
        cookie = _sign_in(address)
        streams = [_stream(address, cookie) for _ in range(3)]
        for _ in range(50):
            house.bell.ring("log")
        house.bell.ring("fleet")
        for stream in streams:
            assert {_next(stream), _next(stream)} == {"log", "fleet"}
        house.bell.ring("programmes")
        for stream in streams:
            assert _next(stream) == "programmes", "fifty rings were more than one"
            stream.close()
    assert house.bell._listeners == []


def test_nobody_listens_without_a_session(house: House) -> None:
    with serving(house) as address:
        connection = http.client.HTTPConnection(address.removeprefix("http://"), timeout=5)
        connection.request("GET", "/su-kien")
        assert connection.getresponse().status == 204  # tells an EventSource not to try again
        connection.close()


def test_an_open_stream_does_not_hold_up_the_end(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.browser.serving", str(tmp_path)]
    root = Path(__file__).resolve().parents[2]
    process = subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        address = f"http://127.0.0.1:{process.stdout.readline().strip()}"
        eventually(lambda: _is_open(address), 20, "the server")
        stream = _stream(address, _sign_in(address))
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        process.wait(STOP_S + 3)
        assert time.monotonic() - began < STOP_S
        stream.close()
    finally:
        process.kill()
        process.communicate()


def _is_open(address: str) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", int(address.rpartition(":")[2]))) == 0

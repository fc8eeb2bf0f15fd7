"""Tests of installing a voice, from a real server on loopback that cuts, lies and sends half.

Nobody imports this module.
"""

import hashlib
import http.client
import io
import threading
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from audio.voice_catalogue import CATALOGUE, KnownVoice
from audio.voice_installer import InstallFault, NotInstalled, _SameSafety, bring, fetch, sha256_of
from audio.voices.piper_voice import installed

MODEL = bytes(range(256)) * 2_000
DESCRIPTION = b'{"espeak": {"voice": "vi"}, "language": {"family": "vi"}}'
VOICE = KnownVoice("vi_VN-test-low", "vi", "", len(MODEL), hashlib.sha256(MODEL).hexdigest(), "free")


class Home(BaseHTTPRequestHandler):
    """Sends what `server.model` holds; at most `server.most` bytes each time, though it promises all."""

    def do_GET(self) -> None:
        server = self.server
        server.asked.append((self.path, self.headers.get("Range", "")))  # type: ignore[attr-defined]
        body = server.description if self.path.endswith(".json") else server.model  # type: ignore[attr-defined]
        if body is None:
            self.send_error(404)
            return
        begin = 0
        if server.resumes and (wanted := self.headers.get("Range")):  # type: ignore[attr-defined]
            begin = int(wanted.removeprefix("bytes=").removesuffix("-"))
        self.send_response(206 if begin else 200)
        self.send_header("Content-Length", str(len(body) - begin))
        self.end_headers()
        self.wfile.write(body[begin : begin + server.most])  # type: ignore[attr-defined]

    def log_message(self, *arguments: object) -> None:
        """Quietly."""


class Server(ThreadingHTTPServer):
    """The public home of a voice."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Home)
        self.model: bytes | None = MODEL
        self.description: bytes | None = DESCRIPTION
        self.most, self.resumes = 10**9, True
        self.asked: list[tuple[str, str]] = []

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/voice.onnx"


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    server = Server()
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def refused(home: Server, folder: Path, voice: KnownVoice = VOICE) -> InstallFault:
    """Why it was not installed; and then nothing is there that an engine would take for a voice."""
    with pytest.raises(NotInstalled) as failed:
        fetch(voice, folder, home.address)
    assert installed(folder) == ()
    return failed.value.fault


def test_a_voice_is_fetched_checked_and_put_in_its_place(home: Server, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    model = fetch(VOICE, tmp_path / "voices", home.address, lambda *far: told.append(far))
    assert model.read_bytes() == MODEL
    assert [(each.name, each.language) for each in installed(tmp_path / "voices")] == [(VOICE.name, "vi")]
    assert sorted(path.name for path in model.parent.iterdir()) == [model.name, f"{model.name}.json"]
    assert told[-1] == (len(MODEL), len(MODEL))


def test_a_link_that_is_cut_is_taken_up_where_it_was_cut(home: Server, tmp_path: Path) -> None:
    home.most = 200_000
    fetch(VOICE, tmp_path, home.address)
    ranges = [range_ for path, range_ in home.asked if not path.endswith(".json")]
    assert ranges == ["", "bytes=200000-", "bytes=400000-"]


def test_what_came_before_it_was_given_up_is_not_fetched_again(home: Server, tmp_path: Path) -> None:
    home.most = 100_000
    assert refused(home, tmp_path) is InstallFault.cut
    home.asked.clear()
    assert fetch(VOICE, tmp_path, home.address).read_bytes() == MODEL
    assert home.asked[1] == ("/voice.onnx", "bytes=400000-")


def test_a_server_that_cannot_go_on_in_the_middle_begins_anew(home: Server, tmp_path: Path) -> None:
    (tmp_path / f"{VOICE.name}.onnx.part").write_bytes(b"half of something else")
    home.resumes = False
    assert fetch(VOICE, tmp_path, home.address).read_bytes() == MODEL


def test_another_file_of_the_same_size_is_thrown_away(home: Server, tmp_path: Path) -> None:
    home.model = MODEL[:-1] + b"?"
    assert refused(home, tmp_path) is InstallFault.wrong_hash
    assert list(tmp_path.iterdir()) == []
    home.model = MODEL
    fetch(VOICE, tmp_path, home.address)


def test_more_than_it_should_be_is_not_taken_in(home: Server, tmp_path: Path) -> None:
    home.model = MODEL + b"!" * 1_000_000
    assert refused(home, tmp_path) is InstallFault.wrong_size
    assert list(tmp_path.iterdir()) == []


def test_less_than_it_should_be_is_told_as_cut(home: Server, tmp_path: Path) -> None:
    home.model = MODEL[:1_000]
    assert refused(home, tmp_path) is InstallFault.cut


@pytest.mark.parametrize("description", [b"<html>", b"{}", b'{"espeak": {"voice": "en-us"}}', b"{" * 300_000])
def test_a_description_that_is_none_or_of_another_language_is_refused(
    home: Server, tmp_path: Path, description: bytes
) -> None:
    home.description = description
    assert refused(home, tmp_path) is InstallFault.no_description


def test_a_file_that_is_not_there_and_a_server_that_is_not_there(home: Server, tmp_path: Path) -> None:
    home.model = None
    assert refused(home, tmp_path) is InstallFault.refused
    with pytest.raises(NotInstalled) as failed:
        fetch(VOICE, tmp_path, "http://no-such-host.invalid/voice.onnx")
    assert failed.value.fault is InstallFault.no_network
    with pytest.raises(NotInstalled) as failed:
        fetch(VOICE, tmp_path, "file:///etc/passwd")
    assert failed.value.fault is InstallFault.refused


def test_nobody_is_sent_from_https_to_less() -> None:
    request = urllib.request.Request("https://home.example/voice.onnx")
    headers = http.client.HTTPMessage()
    with pytest.raises(NotInstalled):
        _SameSafety().redirect_request(request, io.BytesIO(), 302, "", headers, "http://cdn.example/voice.onnx")
    onward = _SameSafety().redirect_request(request, io.BytesIO(), 302, "", headers, "https://cdn.example/voice.onnx")
    assert onward is not None


def test_a_voice_that_was_carried_here_is_checked_alike(tmp_path: Path) -> None:
    source, folder = tmp_path / "stick.onnx", tmp_path / "voices"
    source.write_bytes(MODEL)
    with pytest.raises(NotInstalled) as failed:
        bring(VOICE.name, source, folder, VOICE)
    assert failed.value.fault is InstallFault.no_file
    source.with_name("stick.onnx.json").write_bytes(DESCRIPTION)
    assert sha256_of(bring(VOICE.name, source, folder, VOICE)) == VOICE.sha256
    source.write_bytes(MODEL[:-1] + b"?")
    with pytest.raises(NotInstalled) as failed:
        bring(VOICE.name, source, folder, VOICE)
    assert failed.value.fault is InstallFault.wrong_hash
    assert sha256_of(folder / f"{VOICE.name}.onnx") == VOICE.sha256, "what was there is as it was"
    assert bring("another", source, folder, None).read_bytes() == source.read_bytes()


def test_the_catalogue_names_the_voice_as_it_is_published() -> None:
    voice = CATALOGUE["vi_VN-vais1000-medium"]
    assert (voice.size, len(voice.sha256), voice.language) == (63_201_294, 64, "vi")
    assert voice.home.startswith("https://")

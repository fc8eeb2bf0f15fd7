"""Uploaded recordings, through the real door: a real server on loopback, the real studio, files made to hurt.

Imported by pytest alone.
"""

import hashlib
import io
import socket
import struct
import subprocess
import wave
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import pytest

from audio.sound_file import LARGEST_UPLOAD
from server.clip_archive import ClipArchive
from server.originals import Originals
from server.studio import Studio
from server.web import security
from tests.browser.serving import serving
from tests.store.test_studio import Whistle
from tests.waiting import eventually
from tests.web.stage import PASSWORD, House
from tests.web.test_composing import GOOD, Form

Send = Callable[..., httpx2.Response]
RATE = 16_000
FORM = {name: value for name, value in GOOD.items() if name != "action"}


def sound(seconds: float = 1, rate: int = RATE) -> bytes:
    """A square wave in a WAV file."""
    with io.BytesIO() as made:
        with wave.open(made, "wb") as file:
            file.setparams((1, 2, rate, 0, "NONE", ""))
            file.writeframes((b"\x00\x20" * 20 + b"\x00\xe0" * 20) * int(seconds * rate / 40))
        return made.getvalue()


def silence(seconds: int, *options: str) -> bytes:
    """Much sound in few bytes."""
    command = ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", f"anullsrc=r=8000:cl=mono:d={seconds}", *options, "-"]
    return subprocess.run(command, check=True, capture_output=True).stdout


@pytest.fixture
def real(tmp_path: Path, sample: Path) -> Iterator[House]:
    def studio(archive: ClipArchive) -> Studio:
        return Studio(Whistle(), archive, Originals(tmp_path / "originals"))

    house = House(tmp_path, sample, studio=studio, patience_s=100)
    yield house
    house.close()


@pytest.fixture
def address(real: House) -> Iterator[str]:
    with serving(real) as address:
        yield address


@pytest.fixture
def writer(address: str) -> Iterator[httpx2.Client]:
    """An editor who has signed in."""
    with httpx2.Client(base_url=address, timeout=120) as writer:
        answer = writer.post("/dang-nhap", data={"username": "bientap", "password": PASSWORD})
        assert answer.status_code == 303
        yield writer


@pytest.fixture
def send(writer: httpx2.Client) -> Send:
    """Press "Upload and listen" with one file."""

    def send(content: bytes, name: str = "ghi am.wav", field: str = "file-mww", **typed: str) -> httpx2.Response:
        data = {**FORM, "action": "upload", **typed}
        return writer.post("/ban-tin/soan", data=data, files={field: (name, content, "text/html")})

    return send


def kept(answer: httpx2.Response, field: str = "recording-mww") -> str:
    """The clip that the form carries."""
    return Form(answer.text).fields[field][0]


def left_over(house: House) -> list[Path]:
    """Files that are neither kept nor needed."""
    return list((house.originals.folder / "incoming").iterdir())


def originals(house: House) -> list[Path]:
    return [path for path in house.originals.folder.iterdir() if path.is_file()]


def test_a_recording_is_taken_heard_kept_and_sent(real: House, writer: httpx2.Client, send: Send) -> None:
    content = sound()
    answer = send(content)
    assert answer.status_code == 200
    name = kept(answer)
    heard = writer.get(f"/am-thanh/{name}.mp3")
    assert (heard.status_code, heard.headers["content-type"]) == (200, "audio/mpeg")
    [original] = originals(real)
    assert original.name == hashlib.sha256(content).hexdigest()
    assert original.read_bytes() == content
    assert original.stat().st_mode & 0o777 == 0o600
    assert left_over(real) == []
    sent = writer.post("/ban-tin/soan", data={**FORM, "recording-mww": name, "action": "save"})
    assert sent.status_code == 303
    assert f"/am-thanh/{name}.mp3" in writer.get(sent.headers["location"]).text


def test_a_recording_may_stand_for_the_machine_voice_and_be_dropped_again(send: Send, writer: httpx2.Client) -> None:
    name = kept(send(sound(), field="file-vi"), "recording-vi")
    listened = writer.post("/ban-tin/soan", data={**FORM, "recording-vi": name, "action": "listen"}).text
    assert listened.count(f"/am-thanh/{name}.mp3") == 2  # beside its field, and as what will sound
    dropped = writer.post("/ban-tin/soan", data={**FORM, "recording-vi": name, "drop-vi": "1", "action": "upload"})
    assert (dropped.status_code, kept(dropped, "recording-vi")) == (200, "")


@pytest.mark.parametrize(
    "name",
    [
        "../../../../tmp/loaban-was-here.wav",
        "..\\..\\x.wav",
        "/etc/passwd",
        "\0.wav",
        "a" * 5_000,
        "Họp thôn.wav",
        "%2e%2e%2f",
    ],
    ids=["up", "windows", "root", "nul", "long", "vietnamese", "escaped"],
)
def test_what_a_file_is_called_is_nobodys_business(real: House, send: Send, tmp_path: Path, name: str) -> None:
    content = sound()
    answer = send(content, name)
    assert answer.status_code == 200, answer.text
    assert [path.name for path in originals(real)] == [hashlib.sha256(content).hexdigest()]
    assert not Path("/tmp/loaban-was-here.wav").exists()  # noqa: S108
    assert {path.name for path in tmp_path.iterdir()} <= {
        "clips",
        "originals",
        "phrases",
        "takes",
        "loaban.db",
        "loaban.db-shm",
        "loaban.db-wal",
        "signing.key",
    }


@pytest.mark.parametrize("tag", ["../../x", "no-such", "", "mww/../../x", "a" * 3_000])
def test_a_language_that_is_not_offered_is_refused(real: House, send: Send, tag: str) -> None:
    answer = send(sound(), field=f"file-{tag}")
    assert answer.status_code == 422
    assert originals(real) == []
    assert left_over(real) == []


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"not a sound at all", "không phải bản ghi âm"),
        (b"<html><script>alert(1)</script>" + sound(), "không phải bản ghi âm"),
        (b"%PDF-1.7\n" + sound(), "không phải bản ghi âm"),
        (b"PK\x03\x04" + sound(), "không phải bản ghi âm"),
        (b"#EXTM3U\n#EXTINF:2,\nfile:///etc/passwd\n", "không phải bản ghi âm"),
        (b"ID3\x04\x00\x00\x00\x00\x00\x00<html>" + b"x" * 3_000, "không phải bản ghi âm|bị hỏng"),
        (sound()[:40], "bị hỏng|không phải bản ghi âm"),
        (sound()[:44], "bị hỏng|không phải bản ghi âm"),
        (sound(0.05), "ngắn hơn"),
        (bytes(44).join((sound()[:44], b"")) + bytes(64_000), "không có tiếng|bị hỏng|không phải bản ghi âm"),
    ],
    ids=["text", "html", "pdf", "zip", "playlist", "polyglot", "header", "no frames", "short", "silent"],
)
def test_what_is_no_recording_is_told_beside_its_field(real: House, send: Send, content: bytes, said: str) -> None:
    answer = send(content)
    told = Form(answer.text).messages["recording-mww"]
    assert answer.status_code == 422
    assert any(each in told for each in said.split("|")), told
    assert Form(answer.text).fields["title"] == [GOOD["title"]]
    assert (originals(real), left_over(real)) == ([], [])


def test_an_empty_file_is_no_file(real: House, send: Send) -> None:
    answer = send(b"")
    assert (answer.status_code, kept(answer)) == (200, "")
    assert left_over(real) == []


def test_bombs_of_length_rate_and_nesting_do_not_go_off(real: House, send: Send) -> None:
    hours = silence(4 * 3_600, "-c:a", "flac", "-f", "flac")
    assert len(hours) < 3_000_000
    told = Form(send(hours).text).messages["recording-mww"]
    assert "dài" in told
    assert "sáu mươi phút" in told
    shape = struct.pack("<HHIIHH", 1, 1, 4_000_000_000, 4_000_000_000, 2, 16)
    fast = b"RIFF" + struct.pack("<I", 4_036) + b"WAVEfmt " + struct.pack("<I", 16) + shape
    fast += b"data" + struct.pack("<I", 4_000) + bytes(4_000)
    assert "recording-mww" in Form(send(fast).text).messages
    nested = b"\0\0\0\x18ftypM4A \0\0\0\0M4A isom" + b"".join(
        struct.pack(">I", 2**31 - 8 * n) + b"moov" for n in range(4_000)
    )
    assert "recording-mww" in Form(send(nested).text).messages
    assert (originals(real), left_over(real)) == ([], [])


def test_a_file_beyond_the_limit_is_dropped_as_it_comes_and_the_form_stays(real: House, send: Send) -> None:
    answer = send(sound() + bytes(LARGEST_UPLOAD))
    assert answer.status_code == 422
    assert "lớn hơn 25 MB" in Form(answer.text).messages["recording-mww"]
    assert Form(answer.text).fields["title"] == [GOOD["title"]]
    assert left_over(real) == []


def raw(address: str, writer: httpx2.Client, head: str, body: bytes = b"") -> tuple[socket.socket, str]:
    """A request written by hand."""
    place = urlsplit(address)
    connection = socket.create_connection((place.hostname or "", place.port or 0), timeout=20)
    cookies = "; ".join(f"{name}={value}" for name, value in writer.cookies.items())
    connection.sendall(
        f"POST /ban-tin/soan HTTP/1.1\r\nHost: {place.netloc}\r\nCookie: {cookies}\r\n{head}\r\n".encode() + body
    )
    return connection, place.netloc


def test_who_announces_too_much_is_refused_before_it_comes(address: str, writer: httpx2.Client) -> None:
    kind = "Content-Type: multipart/form-data; boundary=x\r\n"
    connection, _ = raw(address, writer, f"{kind}Content-Length: {security.LARGEST_UPLOAD + 1}\r\n")
    with connection:
        assert connection.recv(200).startswith(b"HTTP/1.1 413")


def test_a_stranger_sends_nothing_to_the_disk(real: House, address: str) -> None:
    with httpx2.Client(base_url=address, timeout=60) as stranger:
        answer = stranger.post("/ban-tin/soan", data=FORM, files={"file-mww": ("a.wav", sound(), "audio/wav")})
    assert (answer.status_code, answer.headers["location"]) == (303, "/dang-nhap")
    assert (originals(real), left_over(real)) == ([], [])


def test_an_upload_that_breaks_off_leaves_nothing(real: House, address: str, writer: httpx2.Client) -> None:
    part = b'--x\r\nContent-Disposition: form-data; name="file-mww"; filename="a.wav"\r\n\r\n'
    head = "Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 90000\r\n"
    connection, _ = raw(address, writer, head, part + sound())
    eventually(lambda: left_over(real), what="the file on its way")
    connection.close()
    eventually(lambda: not left_over(real), what="the file that broke off")
    assert originals(real) == []


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"--x",
        b"--x\r\n\r\nno name\r\n--x--\r\n",
        b'--x\r\nContent-Disposition: form-data; name="file-mww"; filename="a"\r\n\r\nno end',
        b"--x\r\n" + b"A: b\r\n" * 5_000 + b"\r\n--x--\r\n",
        b"".join(b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n\r\n' for _ in range(2_100)) + b"--x--\r\n",
        b'--x\r\nContent-Disposition: form-data; name="text"\r\n\r\n' + b"x" * 900_000 + b"\r\n--x--\r\n",
        b"".join(
            b'--x\r\nContent-Disposition: form-data; name="file-%d"; filename="a"\r\n\r\nx\r\n' % n for n in range(41)
        )
        + b"--x--\r\n",
    ],
    ids=["empty", "begun", "no name", "no end", "headers", "parts", "long field", "files"],
)
def test_a_body_that_is_no_form_is_refused_and_leaves_nothing(real: House, writer: httpx2.Client, body: bytes) -> None:
    headers = {"content-type": "multipart/form-data; boundary=x"}
    answer = writer.post("/ban-tin/soan", content=body, headers=headers)
    assert (answer.status_code, answer.headers["content-type"]) == (400, "text/html; charset=utf-8")
    assert (originals(real), left_over(real)) == ([], [])


def test_an_original_is_served_by_no_address(real: House, writer: httpx2.Client, send: Send) -> None:
    send(sound())
    [original] = originals(real)
    for path in (
        f"/am-thanh/{original.name}.mp3",
        f"/am-thanh/..%2foriginals%2f{original.name}",
        f"/originals/{original.name}",
        f"/tinh/x/..%2f..%2f..%2foriginals%2f{original.name}",
    ):
        assert writer.get(path).status_code == 404, path
    assert real.originals.folder.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    "tail",
    [
        b"<html><script>alert(1)</script></html>",
        b"PK\x03\x04" + bytes(200) + b"PK\x05\x06" + bytes(18),
        b"#!/bin/sh\nid\n",
    ],
    ids=["html", "zip", "script"],
)
def test_a_sound_that_is_something_else_as_well_is_served_as_a_sound_alone(
    real: House, writer: httpx2.Client, send: Send, tail: bytes
) -> None:
    name = kept(send(sound() + tail))
    heard = writer.get(f"/am-thanh/{name}.mp3")
    assert heard.headers["content-type"] == "audio/mpeg"
    assert heard.headers["x-content-type-options"] == "nosniff"
    for path in real.archive.folder.iterdir():
        assert tail not in path.read_bytes(), path.name


def test_a_body_that_hides_its_size_is_refused_when_it_has_grown_too_large(real: House, writer: httpx2.Client) -> None:
    def endless() -> Iterator[bytes]:
        yield b'--x\r\nContent-Disposition: form-data; name="file-mww"; filename="a.wav"\r\n\r\n'
        for _ in range(security.LARGEST_UPLOAD // 65_536 + 2):
            yield bytes(65_536)

    headers = {"content-type": "multipart/form-data; boundary=x"}
    answer = writer.post("/ban-tin/soan", content=endless(), headers=headers)
    assert answer.status_code == 413
    assert "quá lớn" in answer.text
    assert (originals(real), left_over(real)) == ([], [])


def test_two_presses_in_one_moment_are_one_upload(real: House, send: Send) -> None:
    content = sound()
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: send(content), range(4)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({kept(answer) for answer in answers}) == 1
    assert len(originals(real)) == 1
    assert left_over(real) == []

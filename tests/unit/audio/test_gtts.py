"""Tests of the voice over the network: it may fail in every way, and then another voice speaks.

Nobody imports this module.
"""

import base64
import itertools
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from gtts import gTTS, gTTSError

from audio.mastering import to_wav
from audio.narrator import narrator_of
from audio.voice import VoiceError, VoiceFault
from audio.voices.espeak_voice import EspeakVoice
from audio.voices.gtts_voice import LONGEST_WAIT_S, REST_S, GttsVoice, Patience, fetch

LONG = "Kính mời bà con đến nhà văn hóa thôn họp lúc bảy giờ tối nay. " * 5


def copy(source: Path, target: Path) -> None:
    target.write_bytes(source.read_bytes())


def unhurried() -> None:
    """A patience without end."""


def unpaused(seconds: float) -> None:
    """A pause that takes no time."""


class Service:
    """A stand-in for the network service: answers from a list."""

    def __init__(self, *answers: bytes | Exception) -> None:
        self.answers = list(answers)
        self.asked = 0

    def __call__(self, words: str, into: Path, patience: Patience) -> None:
        self.asked += 1
        answer = self.answers.pop(0)
        into.write_bytes(b"" if isinstance(answer, Exception) else answer)
        if isinstance(answer, Exception):
            raise answer


def gtts(service: Service, pauses: list[float], clock: list[float] | None = None) -> GttsVoice:
    return GttsVoice(copy, pauses.append, lambda: (clock or [0.0])[0], service, jitter=lambda: 0.5)


def test_gtts_tries_again_with_growing_pauses(tmp_path: Path) -> None:
    pauses: list[float] = []
    service = Service(gTTSError("no network"), b"", b"mp3")
    assert gtts(service, pauses).render("xin chào", "vi", tmp_path / "a.wav").engine == "gTTS"
    assert pauses == [1.25, 2.25]


def test_an_empty_answer_is_no_answer_and_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(VoiceError) as failed:
        gtts(Service(b"", b"", b""), []).render("xin chào", "vi", tmp_path / "a.wav")
    assert failed.value.fault is VoiceFault.empty
    assert list(tmp_path.iterdir()) == []


def test_after_too_many_requests_the_service_is_left_alone(tmp_path: Path) -> None:
    clock = [0.0]
    service = Service(gTTSError("429 (Too Many Requests)"), b"mp3")
    voice = gtts(service, [], clock)
    for _ in range(3):
        with pytest.raises(VoiceError):
            voice.render("xin chào", "vi", tmp_path / "a.wav")
    assert service.asked == 1
    clock[0] = REST_S + 1
    voice.render("xin chào", "vi", tmp_path / "a.wav")


def test_the_next_voice_stands_in_and_says_so(tmp_path: Path) -> None:
    voices = [gtts(Service(gTTSError("x"), gTTSError("x"), gTTSError("x")), []), EspeakVoice()]
    provenance = narrator_of(voices, tmp_path).narrate("xin chào bà con", "vi", tmp_path / "a.wav")
    assert (provenance.engine, provenance.fallback_from) == ("espeak-ng", "gTTS")


@pytest.mark.parametrize("error", [AssertionError("No text"), ValueError("not base64"), OSError("reset")])
def test_whatever_the_library_raises_is_a_voice_that_did_not_speak(tmp_path: Path, error: Exception) -> None:
    with pytest.raises(VoiceError) as failed:
        gtts(Service(error, error, error), []).render("xin chào", "vi", tmp_path / "a.wav")
    assert failed.value.fault is VoiceFault.unavailable
    assert list(tmp_path.iterdir()) == []


def test_a_page_instead_of_sound_is_refused_and_another_voice_speaks(tmp_path: Path) -> None:
    page = Service(b"<html>Please sign in to this network</html>")
    voice = GttsVoice(to_wav, unpaused, lambda: 0.0, page)
    narrator = narrator_of([voice, EspeakVoice()], tmp_path / "kept")
    provenance = narrator.narrate("xin chào bà con", "vi", tmp_path / "a.wav")
    assert (provenance.engine, provenance.fallback_from) == ("espeak-ng", "gTTS")
    assert len(list((tmp_path / "kept").iterdir())) == 1


def test_a_slow_service_is_not_waited_for(tmp_path: Path) -> None:
    clock, service = [0.0], Service(b"", b"", b"mp3")
    voice = GttsVoice(copy, clock.append, lambda: 2 * LONGEST_WAIT_S * len(clock), service)
    with pytest.raises(VoiceError) as failed:
        voice.render("xin chào", "vi", tmp_path / "a.wav")
    assert failed.value.fault is VoiceFault.timed_out
    assert service.asked == 1


class Loopback(BaseHTTPRequestHandler):
    """Answers as Google Translate does, with the parts of `server.sounds` in turn; None: 200 and nothing."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        sound: bytes | None = self.server.sounds.pop(0)  # type: ignore[attr-defined]
        said = f'["{base64.b64encode(sound).decode()}"]' if sound is not None else ""
        line = json.dumps(["wrb.fr", "jQ1olc", said], separators=(",", ":")) if said else ""
        self.send_response(200 if sound != b"429" else 429)
        self.end_headers()
        self.wfile.write(f")]}}'\n[{line}]\n".encode())

    def log_message(self, *arguments: object) -> None:
        """Quietly."""


@contextmanager
def service_with(*sounds: bytes | None) -> Iterator[type[gTTS]]:
    """The real gTTS, asking a server on this machine."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Loopback)
    server.sounds = list(sounds)  # type: ignore[attr-defined]

    class Nearby(gTTS):  # type: ignore[misc]
        def _prepare_requests(self) -> Any:
            requests = super()._prepare_requests()
            for request in requests:
                request.url = f"http://127.0.0.1:{server.server_port}/"
            return requests

    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield Nearby
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)


def test_the_parts_of_a_long_text_are_joined(tmp_path: Path) -> None:
    parts = len(gTTS(LONG, lang="vi").get_bodies())
    assert parts > 3
    with service_with(*[b"%d;" % number for number in range(parts)]) as engine:
        fetch(LONG, tmp_path / "a.mp3", unhurried, engine)
    assert (tmp_path / "a.mp3").read_bytes() == b"".join(b"%d;" % number for number in range(parts))


@pytest.mark.parametrize("nothing", [None, b""])
def test_a_part_answered_with_nothing_is_no_answer_at_all(tmp_path: Path, nothing: bytes | None) -> None:
    sounds: list[bytes | None] = [b"x"] * 20
    sounds[2] = nothing
    with service_with(*sounds) as engine, pytest.raises((VoiceError, gTTSError)):
        fetch(LONG, tmp_path / "a.mp3", unhurried, engine)
    assert not (tmp_path / "a.mp3").exists()


def test_too_many_requests_are_told_by_the_service_itself(tmp_path: Path) -> None:
    with service_with(b"429") as engine:
        voice = GttsVoice(copy, unpaused, lambda: 0.0, lambda w, into, p: fetch(w, into, p, engine))
        for _ in range(2):
            with pytest.raises(VoiceError) as failed:
                voice.render("xin chào", "vi", tmp_path / "a.wav")
            assert failed.value.fault is VoiceFault.refused


def test_processes_tell_each_other_that_the_service_wants_rest(tmp_path: Path) -> None:
    clock, note = [1_000.0], tmp_path / "note.json"

    def another(service: Service) -> GttsVoice:
        return GttsVoice(copy, unpaused, lambda: clock[0], service, note)

    with pytest.raises(VoiceError):
        another(Service(gTTSError("429 (Too Many Requests)"))).render("xin chào", "vi", tmp_path / "a.wav")
    service = Service(b"mp3")
    assert "600" in another(service).trouble("vi")
    with pytest.raises(VoiceError):
        another(service).render("xin chào", "vi", tmp_path / "a.wav")
    assert service.asked == 0
    clock[0] = 3.0  # the machine has been started anew: its monotonic clock began again
    another(service).render("xin chào", "vi", tmp_path / "a.wav")
    note.write_text("{")
    assert another(Service()).trouble("vi") == ""


def test_no_more_than_one_request_a_second_is_sent(tmp_path: Path) -> None:
    now, asked = [100.0], list[float]()

    def pause(seconds: float) -> None:
        now[0] += seconds

    def ask(words: str, into: Path, patience: Patience) -> None:
        for _ in range(3):
            patience()
            asked.append(now[0])
        into.write_bytes(b"mp3")

    for _ in range(2):  # two processes
        GttsVoice(copy, pause, lambda: now[0], ask, tmp_path / "note.json").render("xin", "vi", tmp_path / "a.wav")
    assert [after - before for before, after in itertools.pairwise(asked)] == [1.0] * 5

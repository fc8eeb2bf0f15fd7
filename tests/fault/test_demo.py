"""The one command of the main job, as a newcomer would start it.

Nobody imports this module.
"""

import os
import re
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from audio.chime import CHIMES
from tests.fault.ports import free_ports
from tests.heard import heard, pitch
from tests.waiting import eventually

pytestmark = [pytest.mark.sound, pytest.mark.broker]
TONES = {"mww": 700, "ium": 1100}
CHIME = CHIMES["ordinary"][0].hertz


class Demo:
    """A running demonstration; `lines` is what it has printed."""

    def __init__(self, folder: Path, port: int, *options: str, language: str = "vi") -> None:
        self.folder, self.port = folder, port
        self.lines: list[str] = []
        command = [sys.executable, "-W", "ignore", "-m", "server", "demo", "--port", str(port), "--data", str(folder)]
        self.process = subprocess.Popen(
            [*command, *options],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
            env={**os.environ, "LOABAN_LANG": language, "TZ": "America/New_York"},
        )
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        self.lines.extend(iter(self.process.stdout.readline, ""))

    def said(self, words: str) -> list[str]:
        return [line for line in list(self.lines) if words in line]

    def stop(self) -> float:
        """Ctrl-C, as a terminal sends it: to all of them; how long it took."""
        began = time.monotonic()
        os.killpg(self.process.pid, signal.SIGINT)
        self.process.wait(20)
        return time.monotonic() - began


def free_row() -> int:
    """A port whose next eleven are free too."""
    while True:
        [port] = free_ports(1)
        if port < 65_000:
            return port


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "demo"
    subprocess.run(["pkill", "-9", "-f", str(tmp_path)], check=False)


def processes(folder: Path) -> list[str]:
    done = subprocess.run(["pgrep", "-af", str(folder)], capture_output=True, text=True, check=False)
    return [line for line in done.stdout.splitlines() if "pgrep" not in line]


def test_the_demonstration_from_first_start_to_second(folder: Path) -> None:
    port = free_row()
    began = time.monotonic()
    demo = Demo(folder, port, "--fresh")
    eventually(lambda: demo.said(f"http://127.0.0.1:{port}"), 40, "it says where it is")
    assert urllib.request.urlopen(f"http://127.0.0.1:{port}/dang-nhap", timeout=5).status == 200
    passwords = [re.fullmatch(r"\s+(\w+)\s+(\S+)\n", line) for line in list(demo.lines)]
    assert {found[1] for found in passwords if found} == {
        "bientap",
        "pheduyet",
        "tinh",
        "huyenbatxat",
        "trucbao",
        "quantri",
    }
    card = folder / "loudspeakers" / "loa-mau-1" / "card.raw"
    eventually(lambda: heard(card), 60 - (time.monotonic() - began), "the first bulletin sounds")
    eventually(lambda: len(demo.said("đã phát “")) == 6, 60, "all six have reported")
    assert demo.stop() < 5
    assert processes(folder) == []
    _each_heard_its_own_languages(folder)
    again = Demo(folder, port)
    eventually(lambda: again.said(f"http://127.0.0.1:{port}"), 40, "it starts again")
    assert again.said("vẫn dùng được")
    assert not any(re.fullmatch(r"\s+bientap\s+(\S+)\n", line) for line in list(again.lines))
    assert again.stop() < 5
    assert processes(folder) == []


def test_a_taken_port_is_said_in_plain_words(folder: Path) -> None:
    port = free_row()
    first = Demo(folder, port)
    eventually(lambda: first.said(f"http://127.0.0.1:{port}"), 40, "the first is there")
    second = Demo(folder.with_name("second"), port, language="en")
    assert second.process.wait(20) == 2
    eventually(lambda: second.said("is taken by another program"), 5, "it says why")
    first.stop()


def _each_heard_its_own_languages(folder: Path) -> None:
    """Behind the chime, for which nobody waits, by the tone that begins each sample recording: Mông 700 Hz, Dao 1100 Hz, Vietnamese none."""
    expected = {1: ["vi"], 2: ["vi", "ium"], 3: ["vi"], 4: ["mww", "vi"], 5: ["ium", "vi"], 6: ["vi", "mww", "ium"]}
    chimed = 0
    for number, languages in expected.items():
        stretches = heard(folder / "loudspeakers" / f"loa-mau-{number}" / "card.raw")
        tones = [round(pitch(s.samples[2400:24_000])) for s in stretches]
        chimed += abs(tones[0] - CHIME) < 12
        tones = tones[1:] if abs(tones[0] - CHIME) < 12 else tones
        found = [next((tag for tag, hertz in TONES.items() if abs(tone - hertz) < 8), "") for tone in tones]
        recorded = [tag for tag in languages if tag in TONES]
        assert [tag for tag in found if tag] == recorded, f"loudspeaker {number}: {tones}"
        assert (found[0] == "") == (languages[0] == "vi"), f"loudspeaker {number}: {tones}"
    assert chimed, "no loudspeaker had its chime in time"

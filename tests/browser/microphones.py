"""A Chromium with a microphone into which a file speaks, for tests of recording.

Imported by `tests/browser`.
"""

import shutil
import subprocess
import wave
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Playwright

from tests.browser.conftest import CHROMIUM, SWITCHES

TEXT = (
    "Kính thưa bà con nhân dân. Tối nay có mưa to, đề phòng lũ quét và sạt lở đất ở ven suối. "
    "Mời bà con đến nhà văn hóa thôn họp lúc bảy giờ. Xin mời."
)


def speech(path: Path, seconds: float = 20) -> Path:
    """A WAV in which a voice speaks, over and over."""
    spoken = path.with_suffix(".spoken.wav")
    subprocess.run(["espeak-ng", "-v", "vi", "-s", "130", "-w", str(spoken), TEXT], check=True)
    command = ["ffmpeg", "-v", "error", "-y", "-stream_loop", "-1", "-i", str(spoken), "-t", str(seconds)]
    subprocess.run([*command, "-ar", "48000", "-ac", "1", str(path)], check=True)
    return path


def length(path: Path) -> float:
    """Seconds of a WAV."""
    with wave.open(str(path)) as file:
        return file.getnframes() / file.getframerate()


@contextmanager
def listening(playwright: Playwright, said: Path | None, *more: str) -> Iterator[Browser]:
    """A browser; `said`: what its microphone hears, over and over."""
    switches = [*SWITCHES.split(), "--use-fake-device-for-media-stream", *more]
    if said is not None:
        switches.append(f"--use-file-for-fake-audio-capture={said}")
    browser = playwright.chromium.launch(executable_path=shutil.which(CHROMIUM), args=switches)
    try:
        yield browser
    finally:
        browser.close()


def phrase(path: Path) -> Path:
    """A WAV in which a voice says one short phrase, with quiet before and much of it behind."""
    spoken = path.with_suffix(".spoken.wav")
    words = "Kính thưa bà con."
    subprocess.run(["espeak-ng", "-v", "vi", "-s", "150", "-w", str(spoken), words], check=True)
    quiet = "anoisesrc=r=48000:a=0.0004:d="
    command = ["ffmpeg", "-v", "error", "-y", "-f", "lavfi", "-i", f"{quiet}1.2", "-i", str(spoken)]
    command += ["-f", "lavfi", "-i", f"{quiet}20"]
    joined = "[1:a]aresample=48000,volume=-6dB[s];[0:a][s][2:a]concat=n=3:v=0:a=1"
    subprocess.run([*command, "-filter_complex", joined, "-ac", "1", str(path)], check=True)
    return path


def nothing(path: Path) -> Path:
    """A WAV in which nobody speaks."""
    source = ["-f", "lavfi", "-i", "anullsrc=r=48000:cl=mono:d=10"]
    subprocess.run(["ffmpeg", "-v", "error", "-y", *source, str(path)], check=True)
    return path

"""Tests of `loaban voices` as it is typed: what it says of each engine, and installing a voice that was carried here.

Nobody imports this module.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from server.settings import Settings

ROOT = Path(__file__).parents[2]
DESCRIPTION = '{"espeak": {"voice": "vi"}, "language": {"family": "vi"}}'


def typed(folder: Path, *arguments: object, **settings: str) -> tuple[int, str, str]:
    """Exit status, output and warnings."""
    own = {f"LOABAN_{name.upper()}": value for name, value in settings.items()}
    environment = {**os.environ, "LOABAN_DATA_FOLDER": str(folder), "LOABAN_LANG": "vi", **own, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-W", "ignore", "-m", "server", "voices", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment, cwd=folder)
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode, done.stdout, done.stderr


def test_it_says_what_each_engine_lacks(tmp_path: Path) -> None:
    status, said, _ = typed(
        tmp_path, voices="vi=gtts,piper,command,espeak-ng;blt=command", voice_command="no-such-thing"
    )
    assert status == 0
    for line in (
        "Tiếng vi, ưu tiên từ trên xuống:",
        "– gtts: chưa thiết lập (LOABAN_GTTS=true)",
        "– piper: chưa thiết lập (./loaban voices install vi_VN-vais1000-medium;",
        "✗ command: Không tìm thấy chương trình / no such program: no-such-thing",
        "✓ espeak-ng 1.",
        "Tiếng blt, ưu tiên từ trên xuống:",
    ):
        assert line in said


def test_an_order_that_cannot_be_stops_the_server_in_words(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"espeak-ng speaks no “mww”"):
        Settings(data_folder=tmp_path, voices="mww=espeak-ng")
    with pytest.raises(ValueError, match=r"horn, column"):
        Settings(data_folder=tmp_path, sound_preset="siren")


def test_a_voice_that_was_carried_here_is_installed_noted_and_spoken_of(tmp_path: Path) -> None:
    (tmp_path / "stick").mkdir()
    (tmp_path / "stick" / "mai.onnx").write_bytes(b"weights")
    (tmp_path / "stick" / "mai.onnx.json").write_text(DESCRIPTION)
    folder = tmp_path / "data"
    folder.mkdir()
    status, said, _ = typed(folder, "install", "vi_VN-mai", "--from", tmp_path / "stick" / "mai.onnx")
    assert status == 0
    assert "Đã cài: vi_VN-mai. SHA-256" in said
    assert "không có trong danh mục" in said
    assert "Giọng Piper đã cài: vi_VN-mai (vi)" in said
    audit = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "server", "audit", "show"],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "LOABAN_DATA_FOLDER": str(folder), "PYTHONPATH": str(ROOT)},
    )
    assert "install-voice  vi_VN-mai" in audit.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("install",), "Giọng nào?"),
        (("install", "../../etc/x", "--from", "/etc/hostname"), "Giọng nào?"),
        (("install", "vi_VN-unknown"), "Giọng nào?"),
        (("install", "vi_VN-vais1000-medium", "--from", "/no/such/file"), "Không có tệp"),
        (("install", "vi_VN-vais1000-medium", "--address", "http://127.0.0.1:9/x.onnx"), "Khi không có mạng"),
    ],
)
def test_what_cannot_be_installed_is_said_with_what_to_do(
    tmp_path: Path, arguments: tuple[str, ...], said: str
) -> None:
    status, _, warned = typed(tmp_path, *arguments, no_proxy="*")
    assert status == 2
    assert said in warned

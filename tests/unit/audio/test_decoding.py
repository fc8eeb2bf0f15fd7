"""Tests of decoding what people upload: every kind of recorder, and files that were made to hurt.

Nobody imports this module.
"""

import struct
import subprocess
import wave
from pathlib import Path

import pytest

from audio.clip import SAMPLE_RATE
from audio.decoding import decode
from audio.quality import LONGEST_MS
from audio.refusal import MasteringError, MasteringFault
from audio.sound_file import Kind

TONE = ("-f", "lavfi", "-i", "sine=440:d=2")
LONG_S = LONGEST_MS // 1000 + 60


def make(path: Path, *arguments: str, source: tuple[str, ...] = TONE) -> Path:
    subprocess.run(["ffmpeg", "-v", "error", "-y", *source, *arguments, str(path)], check=True)
    return path


def refusal(source: Path, tmp_path: Path) -> MasteringError:
    with pytest.raises(MasteringError) as refused:
        decode(source, tmp_path / "out.wav")
    assert not (tmp_path / "out.wav").exists()
    return refused.value


def seconds(path: Path) -> float:
    with wave.open(str(path)) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, SAMPLE_RATE)
        return file.getnframes() / SAMPLE_RATE


def header(channels: int, rate: int, frames: bytes = b"", claimed: int | None = None) -> bytes:
    """A WAV that says so of itself."""
    shape = struct.pack("<HHIIHH", 1, channels, rate, rate * channels * 2 % 2**32, channels * 2 % 2**16, 16)
    size = len(frames) if claimed is None else claimed
    return (
        b"RIFF"
        + struct.pack("<I", 36)
        + b"WAVEfmt "
        + struct.pack("<I", 16)
        + shape
        + b"data"
        + struct.pack("<I", size)
        + frames
    )


@pytest.mark.parametrize(
    ("name", "options", "kind"),
    [
        ("a.mp3", ["-id3v2_version", "3"], Kind.mp3),
        ("bare.mp3", ["-id3v2_version", "0", "-write_xing", "0"], Kind.mp3),
        ("a.m4a", [], Kind.mp4),
        ("a.3gp", ["-ar", "8000", "-c:a", "aac"], Kind.mp4),
        ("a.aac", [], Kind.aac),
        ("a.ogg", [], Kind.ogg),
        ("a.opus", [], Kind.ogg),
        ("a.wav", ["-c:a", "pcm_s24le"], Kind.wav),
        ("phone.wav", ["-c:a", "pcm_mulaw", "-ar", "8000"], Kind.wav),
        ("a.flac", [], Kind.flac),
        ("a.webm", [], Kind.webm),
        ("a.wma", [], Kind.wma),
        ("a.aiff", [], Kind.aiff),
        ("a.caf", [], Kind.caf),
        ("surround.wav", ["-ac", "6"], Kind.wav),
        ("wrong name.txt", ["-f", "mp3"], Kind.mp3),
    ],
)
def test_what_telephones_recorders_and_browsers_make_is_decoded(
    tmp_path: Path, name: str, options: list[str], kind: Kind
) -> None:
    assert decode(make(tmp_path / name, *options), tmp_path / "out.wav") is kind
    assert abs(seconds(tmp_path / "out.wav") - 2) < 0.2


def test_an_amr_file_of_an_old_telephone_is_decoded(tmp_path: Path) -> None:
    (tmp_path / "a.amr").write_bytes(b"#!AMR\n" + (b"\x3c" + bytes(31)) * 100)
    assert decode(tmp_path / "a.amr", tmp_path / "out.wav") is Kind.amr
    assert abs(seconds(tmp_path / "out.wav") - 2) < 0.1


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("live.webm", ["-c:a", "libopus", "-live", "1", "-f", "webm"]),
        ("live.ogg", ["-c:a", "libopus", "-page_duration", "200000"]),
        (
            "live.mp4",
            ["-c:a", "aac", "-movflags", "frag_keyframe+empty_moov+default_base_moof", "-frag_duration", "500000"],
        ),
    ],
)
def test_a_recording_that_broke_off_gives_what_was_spoken(tmp_path: Path, name: str, options: list[str]) -> None:
    """As browsers write them: no length in front, and no end when the tab dies."""
    whole = make(tmp_path / name, *options, source=("-f", "lavfi", "-i", "anoisesrc=d=10:a=0.2"))
    content = whole.read_bytes()
    (tmp_path / "broken").write_bytes(content[: len(content) * 6 // 10])
    decode(tmp_path / "broken", tmp_path / "out.wav")
    assert 5 < seconds(tmp_path / "out.wav") < 6.6


def test_a_film_gives_its_sound_and_its_pictures_are_not_looked_at(tmp_path: Path) -> None:
    film = make(tmp_path / "a.mp4", "-f", "lavfi", "-i", "testsrc=d=2:s=64x64", "-c:v", "libx264")
    decode(film, tmp_path / "out.wav")
    assert abs(seconds(tmp_path / "out.wav") - 2) < 0.2
    mute = make(tmp_path / "mute.mp4", source=("-f", "lavfi", "-i", "testsrc=d=1:s=64x64"))
    (tmp_path / "out.wav").unlink()
    assert refusal(mute, tmp_path).fault is MasteringFault.not_sound


def test_hours_in_a_small_file_cost_no_more_than_the_longest_recording(tmp_path: Path) -> None:
    """One that says how long it is, and one that does not."""
    silence = ("-f", "lavfi", "-i", f"anullsrc=r=8000:cl=mono:d={LONG_S}")
    honest = make(tmp_path / "honest.flac", source=silence)
    assert honest.stat().st_size < 1_000_000
    told = refusal(honest, tmp_path)
    assert (told.fault, told.length_ms) == (MasteringFault.too_long, LONG_S * 1000)
    with (tmp_path / "dumb.mka").open("wb") as dumb:
        pipe = ["ffmpeg", "-v", "error", *silence, "-c:a", "flac", "-f", "matroska", "-"]
        subprocess.run(pipe, stdout=dumb, check=True)
    told = refusal(tmp_path / "dumb.mka", tmp_path)
    assert (told.fault, told.length_ms) == (MasteringFault.too_long, 0)


@pytest.mark.parametrize(
    ("content", "faults"),
    [
        (header(255, 48_000, bytes(255 * 2 * 100)), {MasteringFault.unfit, MasteringFault.not_sound}),
        (header(1, 2_000_000_000, bytes(4_000)), {MasteringFault.unfit, MasteringFault.not_sound}),
        (header(1, 1, bytes(200)), {MasteringFault.unfit, MasteringFault.not_sound}),
        (header(0, 0, bytes(200)), {MasteringFault.unfit, MasteringFault.not_sound}),
        (header(2, 48_000), {MasteringFault.damaged, MasteringFault.not_sound}),
        (b"OggS" + bytes(10_000), {MasteringFault.not_sound, MasteringFault.damaged}),
        (b"ID3\x04\x00\x00\x7f\x7f\x7f\x7f" + bytes(100), {MasteringFault.not_sound, MasteringFault.damaged}),
        (b"\x1aE\xdf\xa3" + b"\xff" * 5_000, {MasteringFault.not_sound, MasteringFault.damaged}),
        (b"\0\0\0\x08ftyp" + b"\x7f\xff\xff\xffmoov" * 500, {MasteringFault.not_sound, MasteringFault.damaged}),
    ],
    ids=["255 channels", "2 GHz", "1 Hz", "nothing", "empty", "ogg", "id3", "webm", "mp4"],
)
def test_what_was_made_to_hurt_is_refused(tmp_path: Path, content: bytes, faults: set[MasteringFault]) -> None:
    (tmp_path / "upload").write_bytes(content)
    assert refusal(tmp_path / "upload", tmp_path).fault in faults


def test_a_recording_that_lies_about_its_length_gives_what_there_is(tmp_path: Path) -> None:
    (tmp_path / "cut.wav").write_bytes(header(1, 16_000, b"\0\x10\0\xf0" * 8_000, claimed=64_000))
    decode(tmp_path / "cut.wav", tmp_path / "out.wav")
    assert abs(seconds(tmp_path / "out.wav") - 1) < 0.05


@pytest.mark.parametrize(
    "text",
    [
        "ffconcat version 1.0\nfile private.wav\n",
        "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:2,\nprivate.wav\n#EXT-X-ENDLIST\n",
        "#EXTM3U\n#EXTINF:2,\nhttp://127.0.0.1:1/private.wav\n",
        "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nm=audio 5004 RTP/AVP 0\n",
        "<?xml version='1.0'?><MPD xmlns='urn:mpeg:dash:schema:mpd:2011'><BaseURL>private.wav</BaseURL></MPD>",
        "file:private.wav",
        "data:audio/wav;base64,UklGRg==",
    ],
    ids=["concat", "hls", "m3u", "sdp", "dash", "address", "data"],
)
def test_no_upload_names_another_file_or_address(tmp_path: Path, text: str) -> None:
    make(tmp_path / "private.wav")
    for beginning in ("", "ID3", "RIFF\0\0\0\0WAVE", "OggS"):
        (tmp_path / "upload").write_text(beginning + text)
        assert refusal(tmp_path / "upload", tmp_path).fault in (MasteringFault.not_sound, MasteringFault.damaged)

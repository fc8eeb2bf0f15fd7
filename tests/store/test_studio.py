"""Tests of the studio, the archive and the signing key, on real files.

Nobody imports this module.
"""

import stat
import wave
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from audio.refusal import MasteringError, MasteringFault
from audio.sound_file import LARGEST_UPLOAD
from audio.voice import Progress, Provenance, unheeded
from schedules.blocks import BLOCK_BYTES
from server.clip_archive import ClipArchive
from server.keyring import signing_key
from server.originals import Originals
from server.studio import Studio

RATE = 16_000


def tone(path: Path, pitch: int = 40) -> None:
    """Two seconds of a square wave, `pitch` samples long."""
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, RATE, 0, "NONE", ""))
        file.writeframes((b"\x00\x20" * (pitch // 2) + b"\x00\xe0" * (pitch // 2)) * (2 * RATE // pitch))


class Whistle:
    """A narrator that whistles whatever it is given, and counts; `stands_in`: for a better one of that name."""

    def __init__(self, *, stands_in: str = "") -> None:
        self.spoken, self.stands_in = 0, stands_in

    def speaks(self, language: str) -> bool:
        return language == "vi"

    def identity(self, language: str) -> Provenance:
        return Provenance(self.stands_in or "whistle")

    def narrate(
        self, words: str, language: str, into: Path, progress: Progress = unheeded, *, urgent: bool = False
    ) -> Provenance:
        self.spoken += 1
        tone(into)
        progress(1, 1)
        return Provenance("whistle", fallback_from=self.stands_in)


@pytest.fixture
def archive(tmp_path: Path) -> ClipArchive:
    return ClipArchive(tmp_path / "clips")


def studio_of(voice: Whistle, archive: ClipArchive) -> Studio:
    return Studio(voice, archive, Originals(archive.folder.parent / "originals"))


def recording(tmp_path: Path) -> bytes:
    tone(tmp_path / "upload.wav", 50)
    return (tmp_path / "upload.wav").read_bytes()


def test_the_same_words_are_spoken_once_also_after_a_restart(archive: ClipArchive) -> None:
    voice = Whistle()
    first = studio_of(voice, archive).speak("kính thưa bà con", "vi")
    assert studio_of(voice, archive).speak("kính thưa bà con", "vi") == first
    assert voice.spoken == 1
    studio_of(voice, archive).speak("kính thưa cô bác", "vi")
    assert voice.spoken == 2
    assert studio_of(voice, archive).find(first.clip.sha256) == first
    assert studio_of(voice, archive).find("f" * 64) is None


def test_words_of_a_voice_that_stood_in_are_spoken_again(archive: ClipArchive) -> None:
    voice = Whistle(stands_in="flute")
    for _ in range(2):
        studio_of(voice, archive).speak("kính thưa bà con", "vi")
    assert voice.spoken == 2


def test_two_who_render_the_same_words_in_one_moment_both_get_them(archive: ClipArchive) -> None:
    studio = studio_of(Whistle(), archive)
    with ThreadPoolExecutor(3) as pool:
        clips = list(pool.map(lambda _: studio.speak("kính thưa bà con", "vi").clip, range(3)))
    assert len(set(clips)) == 1
    assert sorted(p.suffix for p in archive.folder.iterdir()) == [".json", ".mp3", ".opus", ".render", ".svg"]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: archive.write("note", b"x" * n), range(1, 200)))
    assert set((archive.folder / "note").read_bytes()) == {ord("x")}
    assert not list(archive.folder.glob("*.new"))


def test_a_recording_becomes_a_clip_and_what_is_none_is_refused(archive: ClipArchive, tmp_path: Path) -> None:
    studio = studio_of(Whistle(), archive)
    rendered = studio.record(recording(tmp_path), "mww")
    assert (rendered.clip.language, rendered.provenance.engine) == ("mww", "recording")
    for content, fault in (
        (b"", MasteringFault.not_sound),
        (b"RIFF but no sound at all", MasteringFault.not_sound),
        (bytes(LARGEST_UPLOAD + 1), MasteringFault.too_large),
    ):
        with pytest.raises(MasteringError) as caught:
            studio.record(content, "mww")
        assert caught.value.fault is fault
    assert studio.find(rendered.clip.sha256) == rendered


def test_blocks_of_a_clip_are_its_bytes_and_nothing_else_can_be_asked_for(archive: ClipArchive) -> None:
    name, content = "a" * 64, bytes(range(256)) * 150
    (archive.folder / f"{name}.opus").write_bytes(content)
    blocks = dict(archive.blocks(name, [2, 0, 1, 3, 999]))
    assert list(blocks) == [2, 0, 1]
    assert blocks[0] + blocks[1] + blocks[2] == content
    assert len(blocks[0]) == BLOCK_BYTES
    for strange in ("b" * 64, "../" + name, "", "A" * 64):
        assert list(archive.blocks(strange, [0])) == []
        assert archive.preview(strange) is None


def test_the_signing_key_is_made_once_and_is_for_the_server_alone(tmp_path: Path) -> None:
    first = signing_key(tmp_path / "new", lambda: b"k" * 32)
    assert signing_key(tmp_path / "new", lambda: b"other" * 6 + b"xx").public == first.public
    path = tmp_path / "new" / "signing.key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.write_bytes(b"short")
    with pytest.raises(ValueError, match=r".*"):
        signing_key(tmp_path / "new", lambda: b"k" * 32)

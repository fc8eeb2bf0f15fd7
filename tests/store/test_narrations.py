"""Tests of narrations: nobody waits for a voice, whoever asked sees how far it is, and others do not.

Nobody imports this module.
"""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from audio.clip import Clip
from audio.quality import Loudness
from audio.refusal import MasteringError, MasteringFault
from audio.speech_check import Compared, compare
from audio.voice import Progress, Provenance, VoiceError, VoiceFault
from server.clip_archive import ClipArchive
from server.narrations import Ask, Narrations
from server.originals import Originals
from server.studio import Rendered, Studio
from tests.store.test_studio import Whistle, recording
from tests.waiting import eventually

ASK = Ask("kính thưa bà con", "vi")


class SlowSpeaker:
    """Speaks a sentence each time that it is allowed to; `faults` are raised first."""

    def __init__(self, *faults: Exception) -> None:
        self.allowed, self.spoken, self.faults = threading.Semaphore(0), 0, list(faults)
        self.stands_in = ""

    def speak(self, words: str, language: str, progress: Progress, *, urgent: bool = False) -> Rendered:
        self.spoken += 1
        if self.faults:
            raise self.faults.pop(0)
        for done in range(3):
            progress(done, 3)
            assert self.allowed.acquire(timeout=10)
        provenance = Provenance("slow", fallback_from=self.stands_in)
        return Rendered(Clip("a" * 64, language, 1_000, 100), provenance, Loudness(-16, -2))

    def check(self, rendered: Rendered, words: str) -> Rendered:
        return rendered

    def find(self, name: str) -> Rendered | None:
        return None

    def allow(self, sentences: int) -> None:
        self.allowed.release(sentences)


@pytest.fixture
def speaker() -> Iterator[SlowSpeaker]:
    made = SlowSpeaker()
    yield made
    made.allow(1_000)


def test_it_is_told_how_far_it_is_and_read_once(speaker: SlowSpeaker) -> None:
    narrations = Narrations(speaker)
    key = narrations.begin(ASK, "an")
    assert narrations.begin(ASK, "binh") == key
    eventually(lambda: (found := narrations.look(key, "an")) and found.total == 3, what="the first sentence")
    for done in (1, 2):
        speaker.allow(1)
        eventually(lambda done=done: narrations.look(key, "an").done == done)  # type: ignore[misc]
    assert not narrations.look(key, "an").ended  # type: ignore[union-attr]
    speaker.allow(1)
    narration = narrations.look(key, "an", 10)
    assert narration and narration.rendered and (narration.done, narration.total) == (3, 3)
    assert narrations.look(key, "binh") == narration
    assert speaker.spoken == 1


def test_who_has_not_asked_is_told_nothing(speaker: SlowSpeaker) -> None:
    narrations = Narrations(speaker)
    key = narrations.begin(ASK, "an")
    assert narrations.look(key, "binh") is None
    assert narrations.look("0" * 64, "an") is None


def test_others_wait_for_their_turn_and_too_many_are_asked_to_come_again(speaker: SlowSpeaker) -> None:
    narrations = Narrations(speaker, at_once=1, most_waiting=1)
    first, second, third = (narrations.begin(Ask(words, "vi"), "an") for words in ("một", "hai", "ba"))
    eventually(lambda: narrations.look(first, "an").total == 3)  # type: ignore[union-attr]
    assert narrations.look(second, "an").total == 0  # type: ignore[union-attr]
    refused = narrations.look(third, "an")
    assert refused and isinstance(refused.fault, MasteringError) and refused.fault.fault is MasteringFault.busy
    speaker.allow(6)
    assert narrations.look(second, "an", 10).rendered  # type: ignore[union-attr]


def test_an_emergency_waits_for_no_other(speaker: SlowSpeaker) -> None:
    narrations = Narrations(speaker)
    first = narrations.begin(ASK, "an")
    eventually(lambda: narrations.look(first, "an").total == 3)  # type: ignore[union-attr]
    urgent = narrations.begin(Ask("sơ tán ngay", "vi", urgent=True), "an")
    eventually(lambda: narrations.look(urgent, "an").total == 3)  # type: ignore[union-attr]
    assert not narrations.look(first, "an").ended  # type: ignore[union-attr]


def test_what_failed_is_tried_again_and_what_stood_in_only_when_it_is_wished() -> None:
    speaker = SlowSpeaker(VoiceError(VoiceFault.unavailable, "x"), ZeroDivisionError())
    speaker.stands_in = "better"
    speaker.allow(100)
    narrations = Narrations(speaker)
    for kind in (VoiceError, MasteringError):
        found = narrations.look(narrations.begin(ASK, "an"), "an", 10)
        assert found and isinstance(found.fault, kind)
    for afresh, spoken in ((False, 3), (False, 3), (True, 4)):
        found = narrations.look(narrations.begin(ASK, "an", afresh=afresh), "an", 10)
        assert found and found.rendered
        assert speaker.spoken == spoken
    speaker.stands_in = ""
    narrations.look(narrations.begin(ASK, "an", afresh=True), "an", 10)
    narrations.look(narrations.begin(ASK, "an", afresh=True), "an", 10)
    assert speaker.spoken == 5, "the better one has spoken: nothing is said again"


class Ear:
    """A recogniser that always hears the same, and counts."""

    name = "ear"

    def __init__(self, heard: str) -> None:
        self.heard, self.listened = heard, 0

    def trouble(self) -> str:
        return ""

    def hear(self, clip: Path) -> str:
        assert clip.stat().st_size
        self.listened += 1
        return self.heard


class Named(Whistle):
    """A whistle that says it is another engine."""

    def identity(self, language: str) -> Provenance:
        return Provenance(self.stands_in)

    def narrate(
        self, words: str, language: str, into: Path, progress: Progress = lambda _d, _t: None, *, urgent: bool = False
    ) -> Provenance:
        super().narrate(words, language, into)
        return Provenance(self.stands_in)


def checking(tmp_path: Path, ear: Ear, engine: str) -> Studio:
    archive = ClipArchive(tmp_path / "clips")
    return Studio(Named(stands_in=engine), archive, Originals(tmp_path / "originals"), ear)


def test_a_clip_that_says_something_else_is_held_and_listened_to_once(tmp_path: Path) -> None:
    ear = Ear("trời mưa to quá")
    studio = checking(tmp_path, ear, "piper")
    for _ in range(2):
        checked = studio.speak("kính thưa bà con", "vi").checked
        assert checked == compare("kính thưa bà con", "trời mưa to quá", "ear")
        assert checked.held
    before = studio.spoken_before("kính thưa bà con", "vi")
    assert before
    assert before.checked == studio.checked(before.clip.sha256, "kính thưa bà con") == checked
    assert studio.checked(before.clip.sha256, "lời khác") is None
    assert ear.listened == 1


def test_numbers_that_the_recogniser_writes_in_digits_are_read_out(tmp_path: Path) -> None:
    checked = checking(tmp_path, Ear("họp lúc 19h30"), "piper").speak("họp lúc mười chín giờ ba mươi", "vi").checked
    assert checked
    assert checked.wrong == 0


def test_the_robot_is_not_listened_to_and_no_language_but_vietnamese(tmp_path: Path) -> None:
    ear = Ear("")
    assert checking(tmp_path, ear, "espeak-ng").speak("kính thưa bà con", "vi").checked is None
    studio = checking(tmp_path, ear, "piper")
    mong = studio.record(recording(tmp_path), "mww")
    assert studio.check(mong, "nyob zoo") == mong
    vietnamese = studio.record(recording(tmp_path), "vi")
    assert studio.check(vietnamese, "") == vietnamese, "nobody has written what it should say"
    assert ear.listened == 0
    found: Compared | None = studio.check(vietnamese, "kính thưa bà con").checked
    assert found
    assert found.held, "a recording is listened to: silence is no bulletin"


def test_a_recording_is_listened_to_through_the_same_door(tmp_path: Path) -> None:
    studio = checking(tmp_path, Ear("kính thưa bà con"), "piper")
    clip = studio.record(recording(tmp_path), "vi").clip.sha256
    narrations = Narrations(studio)
    found = narrations.look(narrations.begin(Ask("kính thưa bà con", "vi", clip), "an"), "an", 10)
    assert found and found.rendered and found.rendered.checked and found.rendered.checked.wrong == 0
    gone = narrations.look(narrations.begin(Ask("kính thưa bà con", "vi", "f" * 64), "an"), "an", 10)
    assert gone and gone.fault


def test_a_picture_of_an_older_clip_is_drawn_when_it_is_looked_at(tmp_path: Path) -> None:
    studio = checking(tmp_path, Ear(""), "piper")
    name = studio.record(recording(tmp_path), "vi").clip.sha256
    path = tmp_path / "clips" / f"{name}.svg"
    drawn = path.read_bytes()
    path.unlink()
    assert studio.picture(name) == path
    assert path.read_bytes() == drawn
    assert studio.picture("f" * 64) is None

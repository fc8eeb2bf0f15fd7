"""Tests of whole texts: sentences apart, kept, joined without a click, by one voice, in a process of its own.

Nobody imports this module but tests of engines.
"""

import array
import itertools
import math
import os
import threading
import time
import wave
from collections.abc import Sequence
from pathlib import Path

import msgspec
import pytest

from audio.joining import finish, join
from audio.narrator import AT_ONCE, narrator_of
from audio.preference import DEFAULT, Unfit, preferences
from audio.sentence_cache import SentenceCache, key_of
from audio.sentences import AFTER_PARAGRAPH_MS, AFTER_SENTENCE_MS, LONGEST, sentences
from audio.spoken_text import speak as spoken_words
from audio.voice import Provenance, VoiceError, VoiceFault
from audio.voices.command_voice import Line
from audio.voices.roster import VoiceSettings, order_of
from audio.working_narrator import WorkingNarrator
from tests.waiting import eventually

RATE = 16_000
TEXT = "kính thưa bà con. thôn ta họp tối nay! xin mời."


def write_tone(path: Path, ms: int, *, hertz: float = 210, peak: int = 20_000) -> None:
    """A tone that begins at its very top: joined as it is, it clicks."""
    count = RATE * ms // 1000
    samples = array.array("h", (round(peak * math.cos(2 * math.pi * hertz * n / RATE)) for n in range(count)))
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, RATE, 0, "NONE", ""))
        file.writeframes(samples.tobytes())


def samples_of(path: Path) -> "array.array[int]":
    with wave.open(str(path), "rb") as file:
        return array.array("h", file.readframes(file.getnframes()))


class Singer:
    """A voice that sings a tone for each word, and keeps what it was asked; it fails at words that it cannot say."""

    def __init__(self, name: str = "singer", version: str = "1", cannot: str = "\0") -> None:
        self.name, self.version, self.cannot = name, version, cannot
        self.sung: list[str] = []

    def speaks(self, language: str) -> bool:
        return language == "vi"

    def trouble(self, language: str) -> str:
        return ""

    def identity(self, language: str) -> Provenance:
        return Provenance(self.name, self.version, ai_made=True)

    def render(self, words: str, language: str, into: Path) -> Provenance:
        if self.cannot in words:
            raise VoiceError(VoiceFault.refused, words)
        self.sung.append(words)
        write_tone(into, 200 * len(words.split()))
        return self.identity(language)


class Choir(Singer):
    """A voice that takes several sentences at once; it keeps how many."""

    def __init__(self) -> None:
        super().__init__("choir")
        self.together: list[int] = []

    def render_each(self, wanted: Sequence[tuple[str, Path]], language: str) -> Provenance:
        self.together.append(len(wanted))
        for words, into in wanted:
            self.render(words, language, into)
        return self.identity(language)


def test_a_text_is_parted_where_a_reader_would_breathe() -> None:
    found = sentences("Kính thưa bà con.  Họp lúc 7 giờ,\u00a0ai cũng đến! Nhé?\n\n…\nXin cảm ơn")
    assert [(each.words, each.pause_ms) for each in found] == [
        ("Kính thưa bà con.", AFTER_SENTENCE_MS),
        ("Họp lúc 7 giờ, ai cũng đến!", AFTER_SENTENCE_MS),
        ("Nhé?", AFTER_PARAGRAPH_MS),
        ("Xin cảm ơn", 0),
    ]
    assert sentences(" \n.,!\n") == ()


def test_what_goes_on_for_ever_is_parted_too_and_no_word_is_lost() -> None:
    endless = "mưa to, " * 200 + "gió" * 300
    found = sentences(endless)
    assert max(len(each.words) for each in found) <= LONGEST
    assert "".join(each.words for each in found).replace(" ", "") == endless.replace(" ", "")


def test_a_corrected_word_costs_one_sentence(tmp_path: Path) -> None:
    voice = Singer()
    narrator = narrator_of([voice], tmp_path / "kept")
    narrator.narrate(TEXT, "vi", tmp_path / "a.wav")
    assert voice.sung == ["kính thưa bà con.", "thôn ta họp tối nay!", "xin mời."]
    narrator.narrate(TEXT.replace("tối", "sáng"), "vi", tmp_path / "b.wav")
    assert voice.sung[3:] == ["thôn ta họp sáng nay!"]
    narrator.narrate(TEXT, "vi", tmp_path / "c.wav")
    assert len(voice.sung) == 4
    assert (tmp_path / "c.wav").read_bytes() == (tmp_path / "a.wav").read_bytes()
    narrator_of([Singer(version="2")], tmp_path / "kept").narrate(TEXT, "vi", tmp_path / "d.wav")


@pytest.mark.parametrize("other", [Provenance("a", "1", "v", "p2"), Provenance("a", "2", "v", "p"), Provenance("b")])
def test_another_engine_version_voice_or_parameter_is_another_sentence(other: Provenance) -> None:
    assert key_of("xin chào", "vi", Provenance("a", "1", "v", "p")) != key_of("xin chào", "vi", other)


def test_a_join_does_not_click(tmp_path: Path) -> None:
    """At a join no sample steps by more than −50 dBFS from the one before, beyond what the tone itself does."""
    narrator_of([Singer()], tmp_path / "kept").narrate(TEXT, "vi", tmp_path / "a.wav")
    joined = samples_of(tmp_path / "a.wav")
    silent = [n for n in range(1, len(joined)) if (joined[n] == 0) != (joined[n - 1] == 0)]
    edges = [n for n in silent if not any(joined[n - 60 : n]) or not any(joined[n : n + 60])]
    assert len(edges) >= 4, "two pauses have four ends"
    assert max(abs(joined[n] - joined[n - 1]) for n in edges) <= 32_768 * 10 ** (-50 / 20)
    assert max(abs(joined[0]), abs(joined[-1])) <= 32_768 * 10 ** (-50 / 20)
    write_tone(tmp_path / "raw.wav", 400)
    join([(tmp_path / "raw.wav", 300), (tmp_path / "raw.wav", 0)], tmp_path / "raw-joined.wav")
    assert samples_of(tmp_path / "raw-joined.wav")[0] > 10_000, "unfinished, it would click"


def test_pauses_are_as_long_as_they_are_written(tmp_path: Path) -> None:
    narrator_of([Singer()], tmp_path / "kept").narrate(TEXT, "vi", tmp_path / "a.wav")
    with wave.open(str(tmp_path / "a.wav")) as file:
        assert abs(file.getnframes() * 1000 // RATE - (4 + 5 + 2) * 200 - 2 * AFTER_SENTENCE_MS) <= 30


@pytest.mark.parametrize(("ms", "peak"), [(400, 0), (20, 9_000), (60_000, 9_000)], ids=["silent", "cut off", "endless"])
def test_what_cannot_be_these_words_is_not_kept(tmp_path: Path, ms: int, peak: int) -> None:
    write_tone(tmp_path / "odd.wav", ms, peak=peak)
    with pytest.raises(VoiceError) as refused:
        finish(tmp_path / "odd.wav", "kính thưa bà con")
    assert refused.value.fault is VoiceFault.empty
    (tmp_path / "odd.wav").write_bytes(b"<html>")
    with pytest.raises(VoiceError):
        finish(tmp_path / "odd.wav", "kính thưa bà con")


def test_a_text_has_one_voice_and_it_is_told_who_stood_in_for_whom(tmp_path: Path) -> None:
    best, next_ = Singer("best", cannot="mời"), Singer("next")
    provenance = narrator_of([best, next_], tmp_path / "kept").narrate(TEXT, "vi", tmp_path / "a.wav")
    assert (provenance.engine, provenance.fallback_from) == ("next", "best")
    assert len(next_.sung) == 3
    best.cannot = "\0"
    again = narrator_of([best, next_], tmp_path / "kept").narrate(TEXT, "vi", tmp_path / "a.wav")
    assert (again.engine, again.fallback) == ("best", False)
    assert len(best.sung) == 3, "what it could say the first time was kept"


def test_where_no_engine_can_nothing_is_left_behind(tmp_path: Path) -> None:
    narrator = narrator_of([Singer(cannot="mời")], tmp_path / "kept")
    with pytest.raises(VoiceError) as failed:
        narrator.narrate(TEXT, "vi", tmp_path / "a.wav")
    assert failed.value.fault is VoiceFault.refused
    assert not (tmp_path / "a.wav").exists()
    for language, fault in (("mww", VoiceFault.language), ("vi", VoiceFault.empty)):
        with pytest.raises(VoiceError) as failed:
            narrator.narrate("…" if language == "vi" else TEXT, language, tmp_path / "a.wav")
        assert failed.value.fault is fault


def test_an_engine_that_begins_slowly_gets_some_sentences_at_once(tmp_path: Path) -> None:
    choir, told = Choir(), list[tuple[int, int]]()
    words = " ".join(f"câu thứ {number} đây." for number in "abcdefghijk")
    narrator_of([choir], tmp_path / "kept").narrate(words, "vi", tmp_path / "a.wav", lambda *far: told.append(far))
    assert choir.together == [AT_ONCE, AT_ONCE, 1]
    assert told == sorted(told)
    assert told[0] == (0, 11)
    assert told[-1] == (11, 11)


def test_the_oldest_unused_sentences_go_when_there_are_too_many(tmp_path: Path) -> None:
    cache = SentenceCache(tmp_path, quota=30_000)
    for age, key in enumerate(("old", "used", "new")):
        write_tone(tmp_path / "fresh", 400)
        path = cache.keep(key, tmp_path / "fresh")
        os.utime(path, (age + 1, age + 1))
    assert cache.find("used")
    assert cache.sweep() == 1
    assert (cache.find("old"), bool(cache.find("used")), bool(cache.find("new"))) == (None, True, True)
    assert cache.sweep() == 0


def test_a_damaged_kept_sentence_does_not_silence_the_text(tmp_path: Path) -> None:
    voice = Singer()
    narrator = narrator_of([voice], tmp_path / "kept")
    narrator.narrate(TEXT, "vi", tmp_path / "a.wav")
    whole = (tmp_path / "a.wav").read_bytes()
    for path in (tmp_path / "kept").glob("*.wav"):
        path.write_bytes(b"RIFF rot")
    narrator.narrate(TEXT, "vi", tmp_path / "a.wav")
    assert (tmp_path / "a.wav").read_bytes() == whole


@pytest.mark.parametrize(
    "written",
    ["vi", "vi=", "=piper", "vi=siri", "mww=espeak-ng", "hmn=gtts", "vi=piper;vi=espeak-ng", "../x=piper"],
)
def test_an_order_that_cannot_be_is_refused_in_words(written: str) -> None:
    with pytest.raises(Unfit) as refused:
        preferences(written)
    assert len(str(refused.value)) > 10


def test_no_machine_speaks_a_language_that_nobody_named(tmp_path: Path) -> None:
    assert preferences(" blt = command ; vi=espeak-ng,piper,espeak-ng;") == {
        "blt": ("command",),
        "vi": ("espeak-ng", "piper"),
    }
    assert preferences(DEFAULT).keys() == {"vi"}
    settings = VoiceSettings(str(tmp_path))
    assert [voice.name for voice in order_of(settings, "vi")] == ["espeak-ng"], "what is not set up is passed over"
    for language in ("mww", "ium", "tyz", "nut", "pcc", "hni"):
        with pytest.raises(VoiceError) as refused:
            WorkingNarrator(settings).narrate("xin chào", language, tmp_path / "a.wav")
        assert refused.value.fault is VoiceFault.language
        assert language in str(refused.value)
    assert not WorkingNarrator(VoiceSettings(str(tmp_path), order="vi=piper")).speaks("vi")


def test_a_process_of_its_own_speaks_and_tells_how_far_it_is(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    narrator = WorkingNarrator(VoiceSettings(str(tmp_path)))
    provenance = narrator.narrate(TEXT, "vi", tmp_path / "a.wav", lambda *far: told.append(far))
    assert provenance == narrator.identity("vi")
    assert provenance.engine == "espeak-ng"
    assert told[0] == (0, 3)
    assert told[-1] == (3, 3)
    with wave.open(str(tmp_path / "a.wav")) as file:
        assert file.getnframes() > 2 * file.getframerate()


def slow_house(folder: Path, engine: str) -> VoiceSettings:
    """A house whose engine of its own is a script."""
    script = folder / "engine.sh"
    script.write_text(engine)
    line = Line(f"/bin/bash {script}", "1", folders=(str(folder),))
    return VoiceSettings(str(folder), order="vi=command", command=line)


def test_stopped_in_the_middle_it_goes_on_from_there(tmp_path: Path) -> None:
    write_tone(tmp_path / "tone.wav", 900)
    settings = slow_house(tmp_path, f"read words; [[ $words == xin* ]] && sleep 60; cat {tmp_path}/tone.wav")
    told: list[tuple[int, int]] = []
    narrator, failed = WorkingNarrator(settings, wait_s=30), list[VoiceError]()

    def speak() -> None:
        try:
            narrator.narrate(TEXT, "vi", tmp_path / "a.wav", lambda *far: told.append(far))
        except VoiceError as error:
            failed.append(error)

    thread = threading.Thread(target=speak)
    thread.start()
    eventually(lambda: (2, 3) in told, 20, "the second sentence")
    worker = next(pid for pid in Path("/proc").glob("[0-9]*") if _is_worker(pid, os.getpid()))
    os.kill(int(worker.name), 9)
    thread.join()
    assert failed[0].fault is VoiceFault.unavailable
    assert not (tmp_path / "a.wav").exists()
    told.clear()
    (tmp_path / "engine.sh").write_text(f"read words; cat {tmp_path}/tone.wav")
    narrator.narrate(TEXT, "vi", tmp_path / "a.wav", lambda *far: told.append(far))
    assert told[0] == (2, 3)


def _is_worker(pid: Path, parent: int) -> bool:
    try:
        ours = f"\nPPid:\t{parent}\n" in (pid / "status").read_text()
        return ours and b"audio.voice_worker" in (pid / "cmdline").read_bytes()
    except OSError:
        return False


def test_what_takes_too_long_is_ended_with_all_its_children(tmp_path: Path) -> None:
    settings = slow_house(tmp_path, "sleep 61.25")
    with pytest.raises(VoiceError) as failed:
        WorkingNarrator(settings, wait_s=1.5).narrate(TEXT, "vi", tmp_path / "a.wav")
    assert failed.value.fault is VoiceFault.timed_out
    eventually(lambda: not [p for p in Path("/proc").glob("[0-9]*/cmdline") if b"61.25" in _line(p)], 10, "the end")


def _line(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def silences(path: Path, quiet: int = 60) -> list[float]:
    """The pauses of a WAV that are longer than a fifth of a second, in milliseconds."""
    with wave.open(str(path)) as file:
        rate, samples = file.getframerate(), array.array("h", file.readframes(file.getnframes()))
    loud = [n for n, sample in enumerate(samples) if abs(sample) > quiet]
    gaps = [(b - a) * 1000 / rate for a, b in itertools.pairwise(loud) if b - a > rate // 5]
    return [round(gap) for gap in gaps]


def test_a_blank_line_in_the_written_text_is_a_longer_pause_in_the_sound(tmp_path: Path) -> None:
    narrator = WorkingNarrator(VoiceSettings(str(tmp_path)))
    for name, between in (("sentence", " "), ("paragraph", "\n\n")):
        words = spoken_words(f"Kính thưa bà con.{between}Thôn ta họp tối nay.").words
        narrator.narrate(words, "vi", tmp_path / f"{name}.wav")
    [sentence], [paragraph] = (silences(tmp_path / f"{name}.wav") for name in ("sentence", "paragraph"))
    assert abs(sentence - AFTER_SENTENCE_MS) < 80
    assert abs(paragraph - AFTER_PARAGRAPH_MS) < 80


@pytest.mark.parametrize("engine", ["sleep 62.5", "exit 3"], ids=["hangs", "fails"])
def test_an_emergency_is_spoken_by_the_local_voice_when_the_better_one_keeps_it_waiting(
    engine: str, tmp_path: Path
) -> None:
    settings = msgspec.structs.replace(slow_house(tmp_path, engine), order="vi=command,espeak-ng")
    narrator = WorkingNarrator(settings, deadline_s=1.5)
    began = time.monotonic()
    provenance = narrator.narrate(TEXT, "vi", tmp_path / "a.wav", urgent=True)
    assert time.monotonic() - began < 8
    assert (provenance.engine, provenance.fallback_from) == ("espeak-ng", "command")
    with wave.open(str(tmp_path / "a.wav")) as file:
        assert file.getnframes() > 2 * file.getframerate()
    eventually(lambda: not [p for p in Path("/proc").glob("[0-9]*/cmdline") if b"62.5" in _line(p)], 10, "the end")


def test_an_emergency_whose_only_voice_is_a_slow_one_waits_for_it(tmp_path: Path) -> None:
    with pytest.raises(VoiceError) as failed:
        WorkingNarrator(slow_house(tmp_path, "exit 3"), deadline_s=1.5).narrate(
            TEXT, "vi", tmp_path / "a.wav", urgent=True
        )
    assert failed.value.fault is not VoiceFault.timed_out

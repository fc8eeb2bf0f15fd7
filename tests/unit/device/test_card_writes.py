"""Tests of what a day costs the memory card: the real core, journal and clip store; by what is handed to the kernel.

Nobody imports this module.
"""

from pathlib import Path

from audio.clip import Clip, name_of
from device_agent import actions as do
from device_agent import events
from device_agent.clip_store import ClipStore
from device_agent.collecting import DECODED_BYTES_PER_MS
from device_agent.journal import Journal
from device_agent.runner import REMEMBER_EVERY
from schedules.blocks import split_run
from schedules.clock import DAY, HOUR, MINUTE, SECOND
from tests.unit.agent.test_journal_faults import DAILY_BYTES
from tests.unit.device.stage import SIX, Stage, slot

PLAYS = 20
LENGTH = 15 * SECOND
SENT_BYTES_PER_MS = 3
"""Opus at 24 kbit/s."""


def content_of(number: int) -> bytes:
    return bytes([number, *range(100)]) * (LENGTH * SENT_BYTES_PER_MS // 101)


def clip_of(number: int) -> Clip:
    content = content_of(number)
    return Clip(name_of([content]), "vi", LENGTH, len(content))


def as_long(_source: Path, target: Path, expected_ms: int) -> None:
    """A WAV in its length."""
    with target.open("wb") as file:
        for _ in range(expected_ms // 1000):
            file.write(bytes(DECODED_BYTES_PER_MS * 1000))


def written() -> int:
    """Bytes that this process has handed to the kernel so far."""
    return int(Path("/proc/self/io").read_text().split("wchar:")[1].split()[0])


class Box(Stage):
    """A stage with a real memory card. `to_journal` and `to_clips`: bytes written so far."""

    def __init__(self, folder: Path) -> None:
        super().__init__(SIX - 6 * HOUR)
        self.journal = Journal(folder / "journal.db", lambda: "j1")
        self.store = ClipStore(folder / "clips", as_long)
        self.to_journal = self.to_clips = 0

    def happen(self, event: events.Event) -> list[do.Action]:
        actions = super().happen(event)
        before = written()
        for action in actions:
            self.keep(action)
        self.to_journal += written() - before
        for action in actions:
            if isinstance(action, do.VerifyClip):
                self.verify(action.clip)
            elif isinstance(action, do.SendReport):
                self.acked()
        return actions

    def keep(self, action: do.Action) -> None:
        match action:
            case do.KeepAssignment():
                self.journal.keep_assignment(action.payload)
            case do.KeepProgramme():
                self.journal.keep_programme(action.area, action.payload)
            case do.KeepSpending():
                self.journal.keep_spending(action.spending)
            case do.OpenPlayback():
                self.journal.open(action.playback)
            case do.ClosePlayback():
                self.journal.close(action.playback)
            case do.ForgetReports():
                self.journal.forget(action.up_to)

    def fetch(self, number: int) -> None:
        for index, block in split_run(0, content_of(number)):
            before = written()
            assert self.store.write_block(clip_of(number), index, block)
            self.to_clips += written() - before
            self.happen(events.BlockStored(clip_of(number).sha256, index))

    def verify(self, clip: Clip) -> None:
        before = written()
        self.store.finish(clip)
        self.to_clips += written() - before
        self.happen(events.ClipStored(clip.sha256))

    def remember(self) -> None:
        before = written()
        self.journal.remember(self.utc)
        self.to_journal += written() - before


def test_a_day_of_twenty_plays_costs_the_card_their_sound_and_little_else(tmp_path: Path) -> None:
    """Every play is a new sound, which is the most there can be; the programme changes every hour. Decoded sound is what
    counts: 5.76 MB a minute, written once. The rest is a thousandth of that, and the journal."""
    box = Box(tmp_path)
    slots = [slot(f"b{n}", SIX + n * 40 * MINUTE, clips=(clip_of(n),)) for n in range(PLAYS)]
    box.boot()
    box.assign()
    box.happen(events.Linked())
    box.programme(*slots)
    for number in range(PLAYS):
        box.fetch(number)
    played = 0
    while box.utc < SIX - 6 * HOUR + DAY:
        box.until(box.utc + REMEMBER_EVERY)
        box.remember()
        if len(box.placed()) > played:
            played += 1
            box.sound(box.placed()[-1], LENGTH)
        if not box.utc % HOUR:
            box.programme(*slots)
    assert len(box.closed()) == played == PLAYS
    sound = PLAYS * LENGTH * (DECODED_BYTES_PER_MS + SENT_BYTES_PER_MS)
    assert 0.99 * sound < box.to_clips < 1.001 * sound
    assert 100_000 < box.to_journal < DAILY_BYTES
    box.journal.shut()

"""Tests of the journal on a card that rots, fills up, or loses its power in the middle of a write.

Nobody imports this module.
"""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from device_agent.journal import Journal
from device_agent.spending import Spending
from schedules.clock import DAY
from schedules.playback import Outcome, Playback

DAILY_BYTES = 5_000_000
_numbers = count(1)


def opened(folder: Path) -> Journal:
    return Journal(folder / "journal.db", lambda: f"journal-{next(_numbers)}")


def playback(number: int) -> Playback:
    return Playback(number, f"b1@{number}", "b1", "bulletin", number, Outcome.played)


def filled(folder: Path, plays: int = 60) -> str:
    """A journal with something in every table; its name."""
    journal = opened(folder)
    journal.keep_assignment(b"sealed assignment")
    journal.keep_programme("xa-1", b"sealed programme" * 900)
    journal.keep_alert("xa-1", b"sealed alert")
    journal.keep_spending(Spending(this_month=5))
    for number in range(1, plays + 1):
        journal.open(playback(number))
        journal.close(playback(number))
    journal.forget(10)
    journal.open(playback(plays + 1))
    journal.remember(777)
    journal.shut()
    return journal.name


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_wherever_the_card_rots_the_loudspeaker_boots(tmp_path: Path, data: st.DataObject) -> None:
    folder = tmp_path / f"{next(_numbers)}"
    name = filled(folder)
    path = folder / "journal.db"
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(content) - 1))
        length = data.draw(st.sampled_from([1, 16, 512, 4096]))
        content[at : at + length] = data.draw(st.sampled_from([b"\0", b"\xff", b"{"])) * len(content[at : at + length])
    path.write_bytes(content)
    journal = opened(folder)
    everything = (
        journal.assignment, journal.programmes, journal.alerts, journal.open_playbacks, journal.unacknowledged,
        journal.settled, journal.next_sequence, journal.remembered, journal.spending,
    )  # fmt: skip
    assert len(everything) == 9, "everything can be read"
    assert journal.name == name or [p.sequence for p in journal.unacknowledged] == list(
        range(1, len(journal.unacknowledged) + 1)
    )
    journal.close(playback(1_000))
    assert not journal.fault
    journal.shut()
    shutil.rmtree(folder)


def test_what_can_still_be_read_is_saved_under_another_name(tmp_path: Path) -> None:
    name = filled(tmp_path)
    db = sqlite3.connect(tmp_path / "journal.db")
    db.execute("update closed set playback = 'not a playback' where sequence = 30")
    db.commit()
    db.close()
    journal = opened(tmp_path)
    assert journal.name != name
    assert journal.assignment == b"sealed assignment"
    assert journal.alerts == (("xa-1", b"sealed alert"),)
    assert [p.occurrence for p in journal.unacknowledged] == [f"b1@{n}" for n in range(11, 61) if n != 30]
    assert [p.sequence for p in journal.unacknowledged] == list(range(1, 50))
    assert journal.next_sequence == 50
    assert len(journal.settled) == 60
    assert (tmp_path / "journal.db.broken-1").exists()
    assert opened(tmp_path).name == journal.name


def test_only_the_newest_broken_ones_are_kept(tmp_path: Path) -> None:
    for _ in range(6):
        opened(tmp_path).shut()
        (tmp_path / "journal.db").write_bytes(b"this is no database" * 500)
    opened(tmp_path).shut()
    assert len(list(tmp_path.glob("journal.db.broken-?"))) == 3


@pytest.fixture
def small_card(tmp_path: Path) -> Iterator[Path]:
    """A card of its own, which can be filled and made read-only."""
    card = tmp_path / "card"
    card.mkdir()
    if os.geteuid() or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", card], check=False).returncode:
        pytest.skip("only root may mount a file system of its own")
    yield card
    subprocess.run(["umount", "-l", card], check=True)


def fill(card: Path) -> None:
    with (card / "ballast").open("wb", buffering=0) as file:
        try:
            while file.write(bytes(4096)):
                pass
        except OSError:
            return


def test_a_card_that_is_full_at_the_start_still_gives_what_it_holds(small_card: Path) -> None:
    name = filled(small_card)
    (small_card / "journal.db-shm").unlink(missing_ok=True)
    fill(small_card)
    journal = opened(small_card)
    assert journal.assignment == b"sealed assignment"
    assert len(journal.unacknowledged) == 50
    for number in range(100, 160):
        journal.keep_programme(f"xa-{number}", bytes(20_000))
        journal.close(playback(number))
    assert journal.fault
    (small_card / "ballast").unlink()
    journal.retry()
    assert not journal.fault
    journal.shut()
    again = opened(small_card)
    assert again.name in (name, journal.name)
    assert [p.occurrence for p in again.unacknowledged][-60:] == [f"b1@{n}" for n in range(100, 160)]


def test_what_a_full_card_refused_is_written_in_order_once_there_is_room(small_card: Path) -> None:
    journal = opened(small_card)
    fill(small_card)
    for number in range(1, 40):
        journal.keep_programme(f"xa-{number}", bytes(4_000))
        journal.close(playback(number))
    assert journal.fault
    (small_card / "ballast").unlink()
    journal.close(playback(40))
    assert not journal.fault
    journal.shut()
    assert [p.sequence for p in opened(small_card).unacknowledged] == list(range(1, 41))


def test_a_card_that_can_only_be_read_still_gives_what_it_holds(small_card: Path) -> None:
    filled(small_card)
    subprocess.run(["mount", "-o", "remount,ro", small_card], check=True)
    journal = opened(small_card)
    assert journal.fault
    assert journal.programmes == (("xa-1", b"sealed programme" * 900),)
    journal.close(playback(journal.next_sequence))
    journal.retry()
    assert journal.fault
    subprocess.run(["mount", "-o", "remount,rw", small_card], check=True)
    journal.retry()
    assert not journal.fault
    journal.shut()
    again = opened(small_card)
    assert (again.name, len(again.unacknowledged)) == (journal.name, 51)


def test_a_folder_that_cannot_be_made_leaves_a_journal_in_memory(tmp_path: Path) -> None:
    (tmp_path / "card").write_text("a file where the folder should be")
    journal = Journal(tmp_path / "card" / "journal.db", lambda: "j")
    journal.close(playback(1))
    assert journal.fault
    assert journal.unacknowledged == (playback(1),)


WRITER = """
import sys
from pathlib import Path
from device_agent.journal import Journal
from tests.unit.agent.test_journal_faults import playback
journal = Journal(Path(sys.argv[1]), lambda: "j")
for number in range(journal.next_sequence, 10_000):
    journal.open(playback(number))
    journal.close(playback(number))
    print(number, flush=True)
"""


@pytest.mark.parametrize("lines", [1, 2, 3, 50, 400])
def test_a_power_cut_between_two_instructions_loses_nothing_that_was_written(tmp_path: Path, lines: int) -> None:
    for _ in range(3):
        writer = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(tmp_path / "journal.db")], stdout=subprocess.PIPE, text=True
        )
        assert writer.stdout is not None
        last = [writer.stdout.readline() for _ in range(lines)][-1]
        writer.send_signal(signal.SIGKILL)
        last = [last, *writer.stdout.read().splitlines()][-1]
        writer.wait()
        journal = opened(tmp_path)
        kept = [p.sequence for p in journal.unacknowledged]
        assert kept == list(range(1, len(kept) + 1))
        assert len(kept) >= int(last)
        assert journal.name == "j"
        journal.shut()


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_what_was_not_yet_on_the_card_may_be_cut_or_scrambled_anywhere(tmp_path: Path, data: st.DataObject) -> None:
    """The file as a power cut leaves it: all that had been synchronised when a method returned, and of the next write
    whatever happened to reach the card."""
    folder = tmp_path / f"{next(_numbers)}"
    journal = opened(folder)
    written = data.draw(st.integers(1, 30))
    for number in range(1, written + 1):
        journal.close(playback(number))
    safe = (folder / "journal.db-wal").stat().st_size
    for number in range(written + 1, written + 1 + data.draw(st.integers(1, 4))):
        journal.close(playback(number))
    after = folder / "after"
    after.mkdir()
    shutil.copy(folder / "journal.db", after)
    wal = bytearray((folder / "journal.db-wal").read_bytes())
    end = data.draw(st.integers(safe, len(wal)))
    if data.draw(st.booleans()):
        del wal[end:]
    for _ in range(data.draw(st.integers(0, 3))):
        if len(wal) > safe:
            wal[data.draw(st.integers(safe, len(wal) - 1))] ^= data.draw(st.integers(1, 255))
    (after / "journal.db-wal").write_bytes(wal)
    journal.shut()
    found = opened(after)
    kept = [p.sequence for p in found.unacknowledged]
    assert kept == list(range(1, len(kept) + 1))
    assert len(kept) >= written
    assert found.name == journal.name
    found.shut()
    shutil.rmtree(folder)


def test_a_day_writes_less_than_five_megabytes() -> None:
    """Twenty plays, their reports, the time every ten minutes, programmes that change every hour: by what the process
    hands to the kernel."""
    script = """
import sys, tempfile
from pathlib import Path
from device_agent.journal import Journal
from device_agent.spending import Spending
from tests.unit.agent.test_journal_faults import playback
with tempfile.TemporaryDirectory() as folder:
    journal = Journal(Path(folder) / "journal.db", lambda: "j")
    before = int(open("/proc/self/io").read().split("wchar:")[1].split()[0])
    for n in range(1, 21):
        journal.open(playback(n)); journal.open(playback(n)); journal.close(playback(n)); journal.forget(n)
    for n in range(144):
        journal.remember(n)
    for n in range(24):
        journal.keep_programme("xa-1", bytes(8_000))
    for n in range(100):
        journal.keep_spending(Spending(this_month=n))
    journal.shut()
    print(int(open("/proc/self/io").read().split("wchar:")[1].split()[0]) - before)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert 100_000 < int(done.stdout) < DAILY_BYTES


def test_what_is_older_than_any_programme_reaches_is_no_longer_remembered(tmp_path: Path) -> None:
    journal = opened(tmp_path)
    journal.close(playback(1))
    old = Playback(2, "b1@2", "b1", "bulletin", 90 * DAY, Outcome.played)
    journal.close(old)
    assert journal.settled == ("b1@2",)

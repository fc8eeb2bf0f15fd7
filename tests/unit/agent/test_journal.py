"""Tests of `device_agent.journal`: what it keeps over a restart, and what it does with a broken card.

Nobody imports this module.
"""

import os
from itertools import count
from pathlib import Path

import pytest

from device_agent.journal import Journal
from schedules.playback import Outcome, Playback

_numbers = count(1)


def opened(folder: Path) -> Journal:
    return Journal(folder / "journal.db", lambda: f"journal-{next(_numbers)}")


def playback(occurrence: str, sequence: int = 0) -> Playback:
    return Playback(sequence, occurrence, "b1", "bulletin", 1_000, Outcome.played)


def test_everything_is_there_again_after_a_restart(tmp_path: Path) -> None:
    first = opened(tmp_path)
    first.keep_assignment(b"sealed assignment")
    first.keep_programme("xa-1", b"sealed programme")
    first.open(playback("b1@1"))
    first.open(playback("b1@2"))
    first.close(playback("b1@1", 1))
    first.remember(777)
    name = first.name
    first.shut()
    again = opened(tmp_path)
    assert again.name == name
    assert again.assignment == b"sealed assignment"
    assert again.programmes == (("xa-1", b"sealed programme"),)
    assert again.open_playbacks == (playback("b1@2"),)
    assert again.unacknowledged == (playback("b1@1", 1),)
    assert again.settled == ("b1@1",)
    assert again.next_sequence == 2
    assert again.remembered == 777


def test_what_is_acknowledged_is_forgotten_but_never_played_again(tmp_path: Path) -> None:
    journal = opened(tmp_path)
    journal.close(playback("b1@1", 1))
    journal.close(playback("b1@2", 2))
    journal.forget(1)
    assert [p.sequence for p in journal.unacknowledged] == [2]
    assert journal.settled == ("b1@1", "b1@2")
    assert journal.next_sequence == 3


def test_an_empty_programme_drops_it(tmp_path: Path) -> None:
    journal = opened(tmp_path)
    journal.keep_programme("xa-1", b"sealed")
    journal.keep_programme("xa-1", b"")
    assert journal.programmes == ()


def test_a_ruined_file_is_put_aside_and_a_new_journal_begun(tmp_path: Path) -> None:
    first = opened(tmp_path)
    name = first.name
    first.shut()
    (tmp_path / "journal.db").write_bytes(b"this is no database" * 500)
    again = opened(tmp_path)
    assert again.name != name
    assert again.next_sequence == 1
    assert (tmp_path / "journal.db.broken-1").exists()


def test_a_process_that_dies_without_a_word_loses_nothing(tmp_path: Path) -> None:
    child = os.fork()
    if child == 0:
        journal = opened(tmp_path)
        journal.open(playback("b1@1"))
        journal.close(playback("b1@1", 1))
        os._exit(9)
    os.waitpid(child, 0)
    assert opened(tmp_path).unacknowledged == (playback("b1@1", 1),)


def test_a_card_that_cannot_be_written_is_told_and_does_not_stop_the_loudspeaker(tmp_path: Path) -> None:
    journal = opened(tmp_path)
    journal.remember(1)
    journal.shut()
    journal.open(playback("b1@1"))
    assert journal.fault


@pytest.mark.parametrize("occurrence", ["b1@1", "", "b" * 5_000, "bản tin@5"])
def test_any_occurrence_name_is_kept(tmp_path: Path, occurrence: str) -> None:
    journal = opened(tmp_path)
    journal.close(playback(occurrence, 1))
    assert journal.settled == (occurrence,)

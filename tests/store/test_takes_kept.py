"""What presenters record, as files: decoded by the shut-in decoder, measured, kept or refused with its reasons.

Nobody imports this module.
"""

import subprocess
from pathlib import Path

import pytest

from audio.phrase_take import TAKE_RATE, TakeFault, measured
from audio.refusal import MasteringError, MasteringFault
from audio.sample_announcer import Announcer, say
from audio.voices.phrase_bank import read_take, write_take
from server import phrase_filling, phrases
from server.originals import Originals, Upload
from server.phrase_filling import Filled, Readiness
from server.refusals import NotAllowed, NotFound
from server.repositories.store import Stores
from server.take_archive import Examined, TakeArchive
from tests.store import phrase_stage as stage
from tests.store.stage import NOW, new_id, person


@pytest.fixture
def takes(tmp_path: Path) -> TakeArchive:
    return stage.archive(tmp_path)


def uploaded(folder: Path, announcer: Announcer, words: int, kind: str = "") -> Upload:
    """As it is, or as a telephone sends it: 48 kHz, two channels, in this format."""
    wav = folder / "said.wav"
    write_take(wav, say(announcer, words))
    sent = folder / f"sent.{kind}" if kind else wav
    if kind:
        both = ["-ar", "48000", "-af", "pan=stereo|c0=c0|c1=c0"]
        subprocess.run(["ffmpeg", "-v", "error", "-y", "-i", wav, *both, sent], check=True)
    return received(folder, sent.read_bytes())


def received(folder: Path, content: bytes) -> Upload:
    incoming = Originals(folder / "originals").begin()
    incoming.write(content)
    return incoming.finish()


@pytest.mark.parametrize("kind", ["wav", "ogg", "webm", "m4a", "mp3"])
def test_what_a_telephone_sends_becomes_a_take(takes: TakeArchive, tmp_path: Path, kind: str) -> None:
    found = takes.examine(uploaded(tmp_path, Announcer(220), 3, kind), 3)
    assert found.faults == ()
    assert takes.has(found.file)
    samples = read_take(takes.path(found.file))
    assert len(samples) / TAKE_RATE == pytest.approx(0.87, abs=0.2)
    assert found.measures.sounds_ms == pytest.approx(630, abs=90)
    assert [path.name for path in takes.folder.iterdir()] == [found.file], "nothing is left lying about"


@pytest.mark.parametrize(
    ("announcer", "said", "words", "fault"),
    [
        (Announcer(220, -50), 3, 3, TakeFault.faint),
        (Announcer(220, noise=-36), 3, 3, TakeFault.noisy),
        (Announcer(220, level=9), 3, 3, TakeFault.clipped),
        (Announcer(220), 3, 12, TakeFault.too_short),
        (Announcer(220), 16, 1, TakeFault.too_long),
        (Announcer(220, lead_ms=5), 3, 3, TakeFault.cut_off),
    ],
)
def test_what_must_be_said_again_is_not_kept(
    takes: TakeArchive, tmp_path: Path, announcer: Announcer, said: int, words: int, fault: TakeFault
) -> None:
    found = takes.examine(uploaded(tmp_path, announcer, said), words)
    assert fault in found.faults
    assert not found.file
    assert list(takes.folder.iterdir()) == []


def test_what_is_no_sound_is_refused(takes: TakeArchive, tmp_path: Path) -> None:
    with pytest.raises(MasteringError) as refused:
        takes.examine(received(tmp_path, b"MZ" * 500), 3)
    assert refused.value.fault is MasteringFault.not_sound
    write_take(tmp_path / "long.wav", [0, 8_000] * TAKE_RATE * 16)
    with pytest.raises(MasteringError) as long:
        takes.examine(received(tmp_path, (tmp_path / "long.wav").read_bytes()), 3)
    assert long.value.fault is MasteringFault.too_long
    assert list(takes.folder.iterdir()) == []


def test_a_session_of_uploads_makes_a_bank_that_speaks(stores: Stores, takes: TakeArchive, tmp_path: Path) -> None:
    """Every prompt that one bulletin needs, uploaded, examined and kept as the session page does it."""
    with stores.open() as store:
        stage.edition(store)
        who = stage.presenter(store)
        editor = person(store, "bientap")
        found = phrase_filling.fill(store, editor, stage.MEETING, stage.VALUES)
        assert isinstance(found, Filled)
        needed = found.of("mww").missing  # type: ignore[union-attr]
    for step in needed:
        with stores.open() as store:
            prompt = phrases.prompt_of(store, person(store, "bientap"), "mww", step.key, who.id)
        examined = takes.examine(uploaded(tmp_path, Announcer(200), prompt.words), prompt.words)
        with stores.open() as store:
            kept = phrases.keep_take(store, person(store, "bientap"), "mww", prompt.key, who.id, examined, NOW, new_id)
            assert store.phrases.take(kept.id) == kept
    with stores.open() as store:
        again = phrase_filling.fill(store, person(store, "bientap"), stage.MEETING, stage.VALUES)
        assert isinstance(again, Filled)
        assert again.of("mww").readiness is Readiness.spoken  # type: ignore[union-attr]
        session = phrases.session(store, person(store, "bientap"), "mww", who.id)
        assert session.recorded == len(needed)
        assert session.next is not None
        assert session.next.key not in {step.key for step in needed}


def test_nobody_keeps_a_take_that_is_not_theirs_to_keep(stores: Stores, takes: TakeArchive) -> None:
    samples = say(Announcer(220), 2)
    with stores.open() as store:
        stage.edition(store)
        who = stage.presenter(store)
        editor, overseer = person(store, "bientap"), person(store, "tinh")
        good = Examined(measured(samples), (), takes.keep(samples, sample=False))
        bad = Examined(good.measures, (TakeFault.noisy,))
        with pytest.raises(NotAllowed):
            phrases.keep_take(store, overseer, "mww", "gio:19", who.id, good, NOW, new_id)
        with pytest.raises(NotAllowed):
            phrases.keep_take(store, editor, "mww", "gio:19", who.id, bad, NOW, new_id)
        for language, unit, presenter in (
            ("ium", "gio:19", who.id), ("mww", "gio:24", who.id), ("mww", "gio:19", "pt-x"),
        ):  # fmt: skip
            with pytest.raises(NotFound):
                phrases.keep_take(store, editor, language, unit, presenter, good, NOW, new_id)
        first = phrases.keep_take(store, editor, "mww", "gio:19", who.id, good, NOW, new_id)
        newer = phrases.keep_take(store, editor, "mww", "gio:19", who.id, good, NOW + 1, new_id)
        assert [take.id for take in store.phrases.takes("mww", [who.id])] == [newer.id] != [first.id]

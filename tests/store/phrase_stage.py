"""A phrase bank in a seeded database: editions that are approved, presenters, and all their takes.

Imported by tests.
"""

from pathlib import Path

from audio.phrase_take import measured
from audio.sample_announcer import Announcer, say
from schedules.clock import UtcMs
from server import phrase_editions, phrases, presenters
from server.access import Person
from server.phrase import EditionText, Presenter
from server.phrase_catalogue import template
from server.presenters import PresenterForm
from server.repositories.store import Store
from server.take_archive import Examined, TakeArchive
from tests.store.stage import NOW, new_id, person

COMMUNE = "xa-03013"
"""Tả Phìn, where Mông and Dao are spoken."""
VALUES = {
    "noi": "Thôn Tả Chải (mẫu)",
    "dia_diem": "trường học",
    "gio": "19:30",
    "ngay": "05/12/2026",
}
MEETING = "hop-thon"


def edition(store: Store, language: str = "mww", template_id: str = MEETING, text: str = "") -> EditionText:
    """An approved edition: in these tests the words of a translation are Vietnamese, and say that they stand for it."""
    wanted = template(template_id)
    assert wanted is not None
    written = phrase_editions.write(
        store, person(store, "bientap"), language, template_id, text or f"(mẫu) {wanted.text}", "Giàng A Mẫu", 0, NOW
    )
    assert isinstance(written, EditionText), written
    approved = phrase_editions.approve(
        store, person(store, "pheduyet"), language, template_id, written.number, "Vàng Thị Mẫu", NOW
    )
    assert isinstance(approved, EditionText), approved
    return approved


def presenter(
    store: Store, name: str = "Sùng Thị Mẫu", languages: tuple[str, ...] = ("mww",), **more: bool
) -> Presenter:
    """Somebody who lends their voice."""
    form = PresenterForm(name, COMMUNE, languages, "01/11/2026", "mọi bản tin của xã", "giấy số 1, tủ văn thư")
    added = presenters.add(store, person(store, "bientap"), form, NOW, new_id, **more)
    assert isinstance(added, Presenter), added
    return added


def record(
    store: Store,
    takes: TakeArchive,
    who: Presenter,
    language: str = "mww",
    *,
    but: tuple[str, ...] = (),
    hertz: int = 220,
    by: Person | None = None,
    now: UtcMs = NOW,
) -> int:
    """Every prompt but these, as the session page would keep it; how many. Those of as many words share a file."""
    author, kept = by or person(store, "bientap"), 0
    sounds: dict[int, Examined] = {}
    for state in phrases.session(store, author, language, who.id).prompts:
        if state.prompt.key in but:
            continue
        words = min(state.prompt.words, 6)
        if words not in sounds:
            samples = say(Announcer(hertz), words)
            sounds[words] = Examined(measured(samples), (), takes.keep(samples, sample=who.sample))
        phrases.keep_take(store, author, language, state.prompt.key, who.id, sounds[words], now, new_id)
        kept += 1
    return kept


def archive(folder: Path) -> TakeArchive:
    """A folder for takes."""
    return TakeArchive(folder / "takes")

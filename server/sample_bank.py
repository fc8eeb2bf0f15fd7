"""The sample bank of a demonstration: synthetic announcers that beep, and texts that stand for translations. Everything
in it says that it is a sample ("mẫu"), and the gate lets none of it pass anywhere but in a demonstration.

Imported by the demonstration and tests. Seeding twice changes nothing.
"""

from collections.abc import Callable

from audio.phrase_take import Measures, measured
from audio.sample_announcer import Announcer, say
from audio.sample_speech import tone_of
from schedules.clock import UtcMs
from server import phrase_editions, phrases
from server.access import Person
from server.area import Area
from server.phrase import SAMPLE_PREFIX, Consent, EditionText, KeptTake, Presenter
from server.phrase_catalogue import templates
from server.repositories.store import Store
from server.seed import SAMPLE_HAMLETS
from server.take_archive import TakeArchive

LANGUAGES = ("mww", "ium", "hni")
MOST_BEATS = 4
"""A take of the sample has a beat for each word, and no more than these: it says nothing anyway."""
_TRANSLATOR, _REVIEWER = "chưa có người dịch (mẫu)", "Người thẩm định (mẫu)"
_CONSENT = Consent("2026-01-01", "tiếng máy của bản chạy thử (mẫu)", "không cần: không phải người (mẫu)")


def seed_bank(
    store: Store, takes: TakeArchive, writer: Person, approver: Person, now: UtcMs, new_id: Callable[[str], str]
) -> int:
    """A bank in each of the sample's languages; how many takes were made."""
    communes = [area for area in store.areas.below(["/"], phrases.COMMUNE) if area.name in SAMPLE_HAMLETS]
    areas = store.areas.below([area.path for area in communes])
    made = 0
    for language in LANGUAGES:
        if store.phrases.presenter(f"{SAMPLE_PREFIX}{language}") is None:
            _translate(store, language, writer, approver, now)
            made += _record(store, takes, language, areas, writer, now, new_id)
    return made


def _translate(store: Store, language: str, writer: Person, approver: Person, now: UtcMs) -> None:
    """The Vietnamese text, marked: nobody makes up a sentence in another language here."""
    for template in templates():
        if store.phrases.edition(language, template.id) is not None:
            continue
        text = f"(mẫu) {template.text}"
        written = phrase_editions.write(store, writer, language, template.id, text, _TRANSLATOR, 0, now, sample=True)
        if isinstance(written, EditionText):
            phrase_editions.approve(store, approver, language, template.id, written.number, _REVIEWER, now)


def _record(
    store: Store,
    takes: TakeArchive,
    language: str,
    areas: list[Area],
    writer: Person,
    now: UtcMs,
    new_id: Callable[[str], str],
) -> int:
    name = f"Giọng mẫu {_name(store, language)} (tiếng máy)"
    home = next(area for area in areas if area.name == phrases.places_of(areas, language)[0])
    announcer = Presenter(
        f"{SAMPLE_PREFIX}{language}", name, home.id, (language,), _CONSENT, writer.id, now, sample=True
    )
    store.phrases.add_presenter(announcer)
    sounds: dict[int, tuple[str, Measures]] = {}
    kept = []
    for prompt in phrases.prompts(store, language, areas):
        beats = min(prompt.words, MOST_BEATS)
        if beats not in sounds:
            samples = say(Announcer(tone_of(language)), beats)
            sounds[beats] = (takes.keep(samples, sample=True), measured(samples))
        file, measures = sounds[beats]
        text = f"(mẫu) {prompt.text or prompt.gloss}"
        kept.append(KeptTake(new_id("mau"), language, prompt.key, announcer.id, text, file, measures, writer.id, now))
    store.phrases.keep_takes(kept)
    store.trail.note(now, writer, "seed_bank", announcer.id, area=home.id, after=f"{name}: {len(kept)}")
    return len(kept)


def _name(store: Store, language: str) -> str:
    found = store.languages.find(language)
    return found.name if found is not None else language

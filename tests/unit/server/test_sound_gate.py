"""What may go on air: every way in which a sound of a minority language may not.

Nobody imports this module.
"""

import msgspec
import pytest

from audio.clip import Clip
from audio.voice import Provenance
from server.bulletin import Variant
from server.phrase import Consent, EditionText, ManifestLine, Presenter
from server.sound_gate import Bank, Bar, barred

CLIP = "c" * 64
EDITION = EditionText("mww", "hop", 2, "x", "A", "bientap", 1, "B", "pheduyet", 2)
WHO = Presenter("pt-1", "Sùng", "xa", ("mww",), Consent("2026-11-01", "x", "y"), "bientap", 1)
BANK = Bank(
    {CLIP: [ManifestLine(CLIP, 0, "mww", "hop", 2, "gio:19", "19 giờ", "bt-1", "pt-1")]},
    {"pt-1": WHO},
    {("mww", "hop"): EDITION},
    frozenset({("mww", "hop", 2)}),
)
PEOPLE = Provenance("phrase-bank", "1", "pt-1")


def variant(provenance: Provenance = PEOPLE, language: str = "mww", **more: bool) -> Variant:
    return Variant(language, "x", "", "phrases", Clip(CLIP, language, 1, 1), provenance, **more)


def why(given: Variant, bank: Bank = BANK, *, samples: bool = False, newest: bool = True) -> Bar | None:
    return barred([given], bank, samples=samples, newest=newest).get(given.language)


def test_people_with_a_reviewed_text_pass() -> None:
    assert why(variant()) is None


def test_a_recording_passes_and_vietnamese_by_a_machine() -> None:
    assert why(variant(Provenance("recording"))) is None
    assert why(variant(Provenance("espeak-ng", ai_made=True), "vi")) is None


@pytest.mark.parametrize("engine", ["espeak-ng", "piper", "command", "gtts", "recording", "anything"])
@pytest.mark.parametrize("samples", [False, True])
def test_no_machine_speaks_a_minority_language_not_in_a_demonstration_either(engine: str, samples: bool) -> None:
    assert why(variant(Provenance(engine, ai_made=True)), samples=samples) is Bar.machine


def test_a_sound_that_says_it_is_of_the_bank_but_is_in_no_manifest_does_not_pass() -> None:
    assert why(variant(), Bank({}, {}, {})) is Bar.unknown
    assert why(variant(language="ium")) is Bar.unknown, "nor one of another language"


def test_who_has_withdrawn_is_not_heard() -> None:
    gone = msgspec.structs.replace(WHO, withdrawn_at=5)
    assert why(variant(), msgspec.structs.replace(BANK, presenters={"pt-1": gone})) is Bar.withdrawn
    assert why(variant(), msgspec.structs.replace(BANK, presenters={})) is Bar.withdrawn
    assert why(variant(revoked=True)) is Bar.withdrawn
    assert why(variant(Provenance("recording"), revoked=True)) is Bar.withdrawn


def test_a_sample_passes_in_a_demonstration_alone() -> None:
    sample = msgspec.structs.replace(BANK, presenters={"pt-1": msgspec.structs.replace(WHO, sample=True)})
    assert why(variant(), sample) is Bar.sample, "whatever its provenance says"
    assert why(variant(msgspec.structs.replace(PEOPLE, ai_made=True))) is Bar.sample
    assert why(variant(msgspec.structs.replace(PEOPLE, ai_made=True)), sample, samples=True) is None
    text = msgspec.structs.replace(BANK, editions={("mww", "hop"): msgspec.structs.replace(EDITION, sample=True)})
    assert why(variant(), text) is Bar.sample, "a text that is no translation, spoken by people"
    assert why(variant(), text, samples=True) is None


def test_a_text_that_nobody_has_reviewed_or_that_has_changed_does_not_pass() -> None:
    assert why(variant(), msgspec.structs.replace(BANK, approved=frozenset())) is Bar.unreviewed
    assert why(variant(), msgspec.structs.replace(BANK, editions={})) is Bar.unreviewed
    newer = msgspec.structs.replace(BANK, editions={("mww", "hop"): msgspec.structs.replace(EDITION, number=3)})
    assert why(variant(), newer) is Bar.changed
    assert why(variant(), newer, newest=False) is None, "what was approved once goes on"


def test_the_vietnamese_that_comes_with_the_program_needs_no_review() -> None:
    line = ManifestLine(CLIP, 0, "vi", "hop", 0, "gio:19", "19 giờ", "bt-1", "pt-1")
    bank = Bank({CLIP: [line]}, {"pt-1": WHO}, {})
    assert why(variant(language="vi"), bank) is None
    own = msgspec.structs.replace(EDITION, language="vi", number=1)
    assert why(variant(language="vi"), msgspec.structs.replace(bank, editions={("vi", "hop"): own})) is Bar.changed


def test_one_bad_language_is_named_among_good_ones() -> None:
    machine = variant(Provenance("command", ai_made=True), "ium")
    vietnamese = variant(Provenance("espeak-ng", ai_made=True), "vi")
    assert barred([vietnamese, variant(), machine], BANK, samples=False) == {"ium": Bar.machine}

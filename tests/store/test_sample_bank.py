"""The sample bank of a demonstration: it speaks every template, says everywhere that it is a sample, and is made once.

Nobody imports this module.
"""

import itertools
from pathlib import Path

from server import phrase_filling, phrases
from server.area import LOUDSPEAKER
from server.phrase_catalogue import templates
from server.phrase_filling import Filled, Readiness
from server.repositories.store import Stores
from server.sample_bank import LANGUAGES, seed_bank
from tests.store import phrase_stage as stage
from tests.store.stage import NOW, new_id, person

VALUES = {
    "gio": "19:30", "tu_gio": "7:00", "den_gio": "17:15", "ngay": "31/12/2026",
    "tu_ngay": "01/01/2027", "den_ngay": "12/01/2027", "muc_nuoc": "2", "dai": "10", "so_ho": "20", "nhiet_do": "-3",
    "tuoi_tu": "2", "tuoi_den": "24", "cap": "5", "so_nguoi": "7", "gia_danh": "công an", "cap_hoc": "tiểu học",
    "ly_do": "trời rét", "dia_diem": "trường học", "diem_den": "trường học",
}  # fmt: skip


PLACES = {"Thôn Tả Chải (mẫu)": "hni", "Thôn Sim San 1 (mẫu)": "mww"}
"""Places, and the language that is not spoken in their commune."""


def test_it_speaks_every_template_and_says_everywhere_that_it_is_a_sample(stores: Stores, tmp_path: Path) -> None:
    takes = stage.archive(tmp_path)
    with stores.open() as store:
        writer, approver = person(store, "bientap"), person(store, "pheduyet")
        assert seed_bank(store, takes, writer, approver, NOW, new_id) > 500
        assert seed_bank(store, takes, writer, approver, NOW, new_id) == 0
        for template, (place, lacking) in itertools.product(templates(), PLACES.items()):
            found = phrase_filling.fill(store, writer, template.id, {**VALUES, "noi": place})
            assert isinstance(found, Filled), (template.id, found)
            spoken = {voiced.language for voiced in found.languages if voiced.readiness is Readiness.spoken}
            named = any(slot.name == "noi" for slot in template.slots)
            assert spoken == set(LANGUAGES) - ({lacking} if named else set()), template.id
            for voiced in found.languages:
                if voiced.language != "vi":
                    assert voiced.text.startswith("(mẫu)"), "no sentence is made up in another language"
                    assert all(who.sample and "mẫu" in who.name for who in voiced.presenters)
                if voiced.language in spoken:
                    assert phrase_filling.script_of(takes, voiced).sample
        assert all(path.name.startswith("mau-") for path in takes.folder.iterdir())
        for language in LANGUAGES:
            assert all(edition.sample for edition in store.phrases.newest_editions(language))


def test_eight_templates_ask_for_at_most_250_prompts(stores: Stores) -> None:
    """The real Vietnamese texts, with numbers and their classifiers, days, months, hours and the sample's places."""
    with stores.open() as store:
        areas = [a for a in store.areas.below(["/tinh-lao-cai/"]) if a.level != LOUDSPEAKER]
        prompts = phrases.prompts(store, "vi", areas)
        assert len({prompt.key for prompt in prompts}) == len(prompts)
        assert len(templates()) >= 8
        assert 150 < len(prompts) <= 250
        kinds = {prompt.key.partition(":")[0] for prompt in prompts}
        assert kinds == {"doan", "thu", "ngay", "thang", "gio", "phut", "so", "ten"}
        assert "hai mươi mốt giờ" in {prompt.text for prompt in prompts}
        assert "âm ba độ" in {prompt.text for prompt in prompts}

"""The phrase bank from end to end on a real database: write, approve, record, fill, join, master, approve, withdraw.

Nobody imports this module.
"""

from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from audio.narrator import narrator_of
from audio.phrase_template import TextError
from audio.voices.espeak_voice import EspeakVoice
from schedules.clock import DAY, HOUR, MINUTE
from schedules.programme import BroadcastClass
from schedules.recurrence import Once
from server import alarms, bulletins, phrase_editions, phrase_filling, phrases, presenters, programmes
from server.clip_archive import ClipArchive
from server.compose_form import Mode
from server.composing import Draft, DraftVariant
from server.lifecycle import BroadcastState
from server.originals import Originals
from server.phrase_editions import NameProblem
from server.phrase_filling import Filled, Readiness
from server.refusals import Changed, NotAllowed, NotForAir, NotFound, OwnWork, Stale
from server.repositories.store import Store, Stores
from server.studio import Rendered, Studio
from server.take_archive import TakeArchive
from tests.store import phrase_stage as stage
from tests.store.stage import ANSWERED, BY_TEXT, NOW, new_id, person, sound


@pytest.fixture
def takes(tmp_path: Path) -> TakeArchive:
    return stage.archive(tmp_path)


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    narrator = narrator_of([EspeakVoice()], tmp_path / "sentences")
    return Studio(narrator, ClipArchive(tmp_path / "clips"), Originals(tmp_path / "originals"))


def filled(store: Store, values: dict[str, str] = stage.VALUES, template: str = stage.MEETING) -> Filled:
    found = phrase_filling.fill(store, person(store, "bientap"), template, values)
    assert isinstance(found, Filled), found
    return found


def spoken(stores: Stores, studio: Studio, takes: TakeArchive) -> tuple[Filled, dict[str, Rendered]]:
    """A meeting in Mông, made as the pages make it."""
    with stores.open() as store:
        found = filled(store)
    rendered = phrase_filling.sounds(studio, takes, found)
    with stores.open() as store:
        phrase_filling.keep_sounds(store, person(store, "bientap"), found, rendered, NOW)
    return found, rendered


def send(
    store: Store, found: Filled, rendered: dict[str, Rendered], klass: BroadcastClass = BroadcastClass.ordinary,
    mode: Mode = Mode.once,
) -> str:  # fmt: skip
    voiced = {v.language: v for v in found.languages}
    sounds = {"vi": sound("v"), **rendered}
    variants = tuple(
        DraftVariant(tag, voiced[tag].text, "lời", each.clip.sha256 if tag != "vi" else "")
        for tag, each in sounds.items()
    )
    when = Once(NOW + HOUR) if mode is Mode.once else None
    draft = Draft(found.title, "an-ninh", klass, variants, (stage.COMMUNE,), mode, when, *ANSWERED)
    return bulletins.compose(store, person(store, "bientap"), draft, sounds, NOW, new_id)


def approve(store: Store, broadcast: str, *, samples: bool = False) -> None:
    leader = person(store, "pheduyet")
    seal = bulletins.page(store, leader, broadcast).seal
    bulletins.approve(store, leader, broadcast, seal, NOW, BY_TEXT, samples=samples)


def test_from_the_first_prompt_to_the_loudspeaker_and_its_manifest(
    stores: Stores, takes: TakeArchive, studio: Studio
) -> None:
    with stores.open() as store:
        stage.edition(store)
        who = stage.presenter(store)
        assert filled(store).of("mww").readiness is Readiness.lacking  # type: ignore[union-attr]
        assert stage.record(store, takes, who) > 50
    found, rendered = spoken(stores, studio, takes)
    assert list(rendered) == ["mww"], "nobody has recorded Vietnamese, or written Dao"
    made = rendered["mww"].provenance
    assert (made.engine, made.voice, made.ai_made) == ("phrase-bank", who.id, False)
    assert abs(rendered["mww"].loudness.integrated + 16) < 1
    with stores.open() as store:
        broadcast = send(store, found, rendered)
        approve(store, broadcast)
        page = bulletins.page(store, person(store, "pheduyet"), broadcast)
        assert page.state is BroadcastState.approved
        [mong] = [v for v in page.bulletin.variants if v.language == "mww"]
        lines = store.phrases.manifests([mong.clip.sha256])[mong.clip.sha256]
        said = " ".join(line.text for line in lines)
        assert said.startswith("(mẫu) Kính thưa bà con Mời bà con Thôn Tả Chải (mẫu) đến họp tại trường học vào 19 giờ")
        assert {line.presenter for line in lines} == {who.id}
        assert all(store.phrases.take(line.take).unit == line.unit for line in lines)  # type: ignore[union-attr]
        programmes.bring_up_to_date(store, NOW)
        slots = [slot for p in store.fleet.programmes().values() for slot in p.slots]
        assert mong.clip.sha256 in {clip.sha256 for slot in slots for clip in slot.clips}


def test_what_is_missing_is_named_with_who_could_record_it(stores: Stores, takes: TakeArchive) -> None:
    with stores.open() as store:
        stage.edition(store)
        who, other = stage.presenter(store), stage.presenter(store, "Lý Mẫu", ("ium",))
        stage.record(store, takes, who, but=("gio:19", "phut:30", "thu:5"))
        mong = filled(store).of("mww")
        assert mong is not None
        assert mong.readiness is Readiness.lacking
        assert [step.key for step in mong.missing] == ["gio:19", "phut:30", "thu:5"]
        assert [helper.id for helper in mong.helpers] == [who.id], "who speaks Dao records no Mông"
        assert other.id != who.id
        assert filled(store).of("ium").readiness is Readiness.unwritten  # type: ignore[union-attr]


def test_a_change_voids_the_approval_and_what_was_made_of_it(
    stores: Stores, takes: TakeArchive, studio: Studio
) -> None:
    with stores.open() as store:
        first = stage.edition(store)
        stage.record(store, takes, stage.presenter(store))
    found, rendered = spoken(stores, studio, takes)
    with stores.open() as store:
        broadcast = send(store, found, rendered)
        editor = person(store, "bientap")
        fresh = phrase_editions.write(
            store, editor, "mww", stage.MEETING, f"{first.text} Xin cảm ơn.", "Giàng A Mẫu", first.number, NOW
        )
        assert isinstance(fresh, phrase_editions.EditionText)
        assert not fresh.approved
        assert filled(store).of("mww").readiness is Readiness.unreviewed  # type: ignore[union-attr]
        with pytest.raises(NotForAir) as refused:
            approve(store, broadcast)
        assert refused.value.bars == {"mww": "changed"}


def test_who_translated_does_not_review(stores: Stores) -> None:
    with stores.open() as store:
        leader, editor = person(store, "pheduyet"), person(store, "bientap")
        text = "(mẫu) " + stage.template(stage.MEETING).text  # type: ignore[union-attr]
        phrase_editions.write(store, leader, "mww", stage.MEETING, text, "Giàng A Mẫu", 0, NOW)
        with pytest.raises(OwnWork):
            phrase_editions.approve(store, leader, "mww", stage.MEETING, 1, "Vàng Thị Mẫu", NOW)
        with pytest.raises(NotAllowed):
            phrase_editions.approve(store, editor, "mww", stage.MEETING, 1, "Vàng Thị Mẫu", NOW)
        phrase_editions.write(store, editor, "ium", stage.MEETING, text, "Giàng A Mẫu", 0, NOW)
        for name, fault in (("", "empty"), ("giang a  mau", "same_person"), ("x" * 200, "too_long")):
            [error] = phrase_editions.approve(store, leader, "ium", stage.MEETING, 1, name, NOW)
            assert isinstance(error, NameProblem)
            assert error.fault.value == fault
        # Who wrote an earlier saving of what is approved now has written in it too.
        phrase_editions.write(store, editor, "mww", stage.MEETING, f"{text} Hết.", "Giàng A Mẫu", 1, NOW)
        with pytest.raises(OwnWork):
            phrase_editions.approve(store, leader, "mww", stage.MEETING, 2, "Vàng Thị Mẫu", NOW)


def test_two_who_save_at_once_do_not_overwrite_one_another(stores: Stores) -> None:
    with stores.open() as store:
        first = stage.edition(store)
        editor = person(store, "bientap")
        phrase_editions.write(store, editor, "mww", stage.MEETING, f"{first.text} Một.", "A", first.number, NOW)
        with pytest.raises(Stale):
            phrase_editions.write(store, editor, "mww", stage.MEETING, f"{first.text} Hai.", "B", first.number, NOW)
        with pytest.raises(Changed):
            phrase_editions.approve(
                store, person(store, "pheduyet"), "mww", stage.MEETING, first.number, "Vàng Thị Mẫu", NOW
            )
        faulty = phrase_editions.write(store, editor, "mww", stage.MEETING, "Không có chỗ trống", "A", 2, NOW)
        assert {error.details for error in faulty if isinstance(error, TextError)} == {  # type: ignore[union-attr]
            "noi", "dia_diem", "gio", "thu", "ngay",
        }  # fmt: skip
        with pytest.raises(NotFound):
            phrase_editions.write(store, editor, "mww", "khong-co", "x", "A", 0, NOW)


class TestWithdrawal:
    """Consent is withdrawn at each stage of a bulletin's way."""

    @pytest.fixture
    def sent(self, stores: Stores, takes: TakeArchive, studio: Studio) -> Callable[..., tuple[str, str]]:
        def make(klass: BroadcastClass = BroadcastClass.ordinary, mode: Mode = Mode.once) -> tuple[str, str]:
            with stores.open() as store:
                stage.edition(store)
                who = stage.presenter(store)
                stage.record(store, takes, who)
            found, rendered = spoken(stores, studio, takes)
            with stores.open() as store:
                return send(store, found, rendered, klass, mode), who.id

        return make

    def withdraw(self, stores: Stores, takes: TakeArchive, who: str, now: int = NOW) -> None:
        with stores.open() as store:
            files = presenters.withdraw(store, person(store, "bientap"), who, "đổi ý", now)
        presenters.forget(takes, files)

    def test_takes_are_never_used_again(
        self, stores: Stores, takes: TakeArchive, sent: Callable[..., tuple[str, str]]
    ) -> None:
        _, who = sent()
        assert list(takes.folder.glob("*.wav"))
        self.withdraw(stores, takes, who)
        assert not list(takes.folder.glob("*.wav"))
        with stores.open() as store:
            mong = filled(store).of("mww")
            assert mong is not None
            assert (mong.readiness, mong.helpers) == (Readiness.lacking, ())
            with pytest.raises(NotAllowed):
                phrases.prompt_of(store, person(store, "bientap"), "mww", "gio:19", who)
            with pytest.raises(Changed):
                presenters.withdraw(store, person(store, "bientap"), who, "", NOW)

    def test_what_waits_cannot_be_approved(
        self, stores: Stores, takes: TakeArchive, sent: Callable[..., tuple[str, str]]
    ) -> None:
        broadcast, who = sent()
        self.withdraw(stores, takes, who)
        with stores.open() as store:
            with pytest.raises(NotForAir) as refused:
                approve(store, broadcast)
            assert refused.value.bars == {"mww": "withdrawn"}
            [silenced] = presenters.silenced(store, person(store, "pheduyet"), NOW)
            assert (silenced.page.broadcast.id, silenced.languages) == (broadcast, ("mww",))
            told = [line.act for line in store.trail.lines() if line.subject == silenced.page.bulletin.id]
            assert "revoke_sound" in told

    def test_what_is_approved_and_still_to_air_is_voided(
        self, stores: Stores, takes: TakeArchive, sent: Callable[..., tuple[str, str]]
    ) -> None:
        broadcast, who = sent()
        with stores.open() as store:
            approve(store, broadcast)
            programmes.bring_up_to_date(store, NOW)
        self.withdraw(stores, takes, who)
        with stores.open() as store:
            page = bulletins.page(store, person(store, "pheduyet"), broadcast)
            assert page.state is BroadcastState.voided
            programmes.bring_up_to_date(store, NOW)
            assert not [slot for p in store.fleet.programmes().values() for slot in p.slots]
            with pytest.raises(NotForAir):
                approve(store, broadcast)

    def test_what_has_aired_stays_as_it_was(
        self, stores: Stores, takes: TakeArchive, sent: Callable[..., tuple[str, str]]
    ) -> None:
        broadcast, who = sent()
        with stores.open() as store:
            approve(store, broadcast)
        self.withdraw(stores, takes, who, NOW + DAY)
        with stores.open() as store:
            page = bulletins.page(store, person(store, "pheduyet"), broadcast)
            assert page.state is BroadcastState.approved
            assert presenters.silenced(store, person(store, "pheduyet"), NOW + DAY) == []
            clips = [v.clip.sha256 for v in page.bulletin.variants]
            assert store.phrases.manifests(clips), "who said what is still known"

    def test_an_emergency_goes_on_in_its_other_languages(
        self, stores: Stores, takes: TakeArchive, sent: Callable[..., tuple[str, str]]
    ) -> None:
        broadcast, who = sent(BroadcastClass.emergency, Mode.stored)
        with stores.open() as store:
            approve(store, broadcast)
        self.withdraw(stores, takes, who)
        with stores.open() as store:
            leader = person(store, "pheduyet")
            page = bulletins.page(store, leader, broadcast)
            assert page.state is BroadcastState.approved
            ordered = alarms.order(store, leader, broadcast, NOW + MINUTE, new_id)
            programmes.bring_up_to_date(store, NOW + MINUTE)
            slots = [s for p in store.fleet.programmes().values() for s in p.slots if s.broadcast == ordered]
            assert slots
            assert {clip.language for slot in slots for clip in slot.clips} == {"vi"}
            [silenced] = [s for s in presenters.silenced(store, leader, NOW) if s.page.broadcast.id == broadcast]
            assert silenced.languages == ("mww",)

    def test_a_sound_that_is_being_made_meanwhile_is_not_kept(
        self, stores: Stores, takes: TakeArchive, studio: Studio
    ) -> None:
        with stores.open() as store:
            stage.edition(store)
            who = stage.presenter(store)
            stage.record(store, takes, who)
            found = filled(store)
        rendered = phrase_filling.sounds(studio, takes, found)
        self.withdraw(stores, takes, who.id)
        with stores.open() as store, pytest.raises(Changed):
            phrase_filling.keep_sounds(store, person(store, "bientap"), found, rendered, NOW)


def test_a_machine_that_speaks_a_minority_language_does_not_pass(stores: Stores) -> None:
    with stores.open() as store:
        machine = sound("m", "mww")
        machine = msgspec.structs.replace(
            machine, provenance=msgspec.structs.replace(machine.provenance, engine="command", ai_made=True)
        )
        draft = Draft(
            "Họp", "an-ninh", BroadcastClass.emergency,
            (DraftVariant("vi", "Mời họp", "mời họp"), DraftVariant("mww", "x", "", machine.clip.sha256)),
            (stage.COMMUNE,), Mode.now, None, *ANSWERED,
        )  # fmt: skip
        sounds = {"vi": sound(), "mww": machine}
        broadcast = bulletins.compose(store, person(store, "bientap"), draft, sounds, NOW, new_id)
        with pytest.raises(NotForAir) as refused:
            approve(store, broadcast, samples=True)
        assert refused.value.bars == {"mww": "machine"}
    with stores.open() as store, pytest.raises(NotForAir):
        alarms.alarm(store, person(store, "trucbao"), draft, sounds, NOW, new_id)


def test_a_synthetic_announcer_passes_in_a_demonstration_alone(
    stores: Stores, takes: TakeArchive, studio: Studio
) -> None:
    with stores.open() as store:
        stage.edition(store)
        stage.record(store, takes, stage.presenter(store, sample=True))
    found, rendered = spoken(stores, studio, takes)
    made = rendered["mww"].provenance
    assert made.ai_made
    assert made.voice.startswith("mẫu ")
    assert all(path.name.startswith("mau-") for path in takes.folder.glob("*.wav"))
    with stores.open() as store:
        broadcast = send(store, found, rendered)
        with pytest.raises(NotForAir) as refused:
            approve(store, broadcast)
        assert refused.value.bars == {"mww": "sample"}
        approve(store, broadcast, samples=True)


def urgent(found: Filled, rendered: dict[str, Rendered]) -> tuple[Draft, dict[str, Rendered]]:
    """An emergency that is to sound at once, in Vietnamese and as the bank says it."""
    mong = found.of("mww")
    assert mong is not None
    variants = (DraftVariant("vi", "Sơ tán", "sơ tán"), DraftVariant("mww", mong.text, "", rendered["mww"].clip.sha256))
    return (
        Draft("Lũ", "an-ninh", BroadcastClass.emergency, variants, (stage.COMMUNE,), Mode.now, None, *ANSWERED),
        {"vi": sound("v"), **rendered},
    )


def test_an_emergency_passes_the_gate_at_its_order_and_at_its_review(
    stores: Stores, takes: TakeArchive, studio: Studio
) -> None:
    """What a demonstration has let sound is neither ordered again nor confirmed by a server that is none."""
    with stores.open() as store:
        stage.edition(store)
        stage.record(store, takes, stage.presenter(store, sample=True))
    found, rendered = spoken(stores, studio, takes)
    with stores.open() as store:
        stored = send(store, found, rendered, BroadcastClass.emergency, Mode.stored)
        approve(store, stored, samples=True)
        alone = alarms.alarm(store, person(store, "trucbao"), *urgent(found, rendered), NOW, new_id, samples=True)
    with stores.open() as store:
        leader = person(store, "pheduyet")
        with pytest.raises(NotForAir):
            alarms.order(store, leader, stored, NOW, new_id)
        with pytest.raises(NotForAir):
            alarms.review(store, leader, alone, confirmed=True, note="", now=NOW)
        alarms.review(store, leader, alone, confirmed=False, note="giọng mẫu", now=NOW)
        assert alarms.order(store, leader, stored, NOW, new_id, samples=True)


def test_an_officer_alone_airs_no_voice_that_was_withdrawn(stores: Stores, takes: TakeArchive, studio: Studio) -> None:
    with stores.open() as store:
        stage.edition(store)
        who = stage.presenter(store)
        stage.record(store, takes, who)
    found, rendered = spoken(stores, studio, takes)
    with stores.open() as store:
        officer = person(store, "trucbao")
        presenters.withdraw(store, person(store, "bientap"), who.id, "", NOW)
        with pytest.raises(NotForAir) as refused:
            alarms.alarm(store, officer, *urgent(found, rendered), NOW, new_id)
        assert refused.value.bars == {"mww": "withdrawn"}


def test_people_may_speak_in_an_emergency_on_one_signature(stores: Stores, takes: TakeArchive, studio: Studio) -> None:
    with stores.open() as store:
        stage.edition(store)
        stage.record(store, takes, stage.presenter(store))
    found, rendered = spoken(stores, studio, takes)
    with stores.open() as store:
        sent = alarms.alarm(store, person(store, "trucbao"), *urgent(found, rendered), NOW, new_id)
        assert bulletins.page(store, person(store, "pheduyet"), sent).state is BroadcastState.approved

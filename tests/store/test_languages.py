"""Tests of the use cases around languages: the province's list, what hamlets speak, what is missing, who is asked, who
says that it is right; on a real database.

Nobody imports this module.
"""

import msgspec
import pytest

from audio.preference import DEFAULT
from audio.voices.roster import VoiceSettings
from audio.working_narrator import WorkingNarrator
from schedules.clock import DAY, HOUR
from schedules.programme import BroadcastClass
from schedules.recurrence import Once
from server import asking, bulletins, covering, hamlets, programmes, seed, tongues, vetting
from server.access import Person, Role
from server.bulletins import NEW
from server.compose_form import Mode
from server.composing import Draft, DraftVariant
from server.draft import Basis
from server.hamlet import HamletFault, Spoken, Wrong
from server.language_form import LanguageFault, LanguageForm, form_of
from server.lifecycle import BroadcastState
from server.oversight import hamlet_preview
from server.refusals import Changed, NotAllowed, NotFound, OwnWork
from server.repositories.store import Store, Stores
from server.request import RequestState
from tests.store.stage import NOW, approve, communes, new_id, person, sound

LAO_CHAI, TA_CHAI, Y_TY = "thon-mau-lao-chai", "thon-mau-ta-chai", "xa-02701"


def send(
    store: Store,
    *languages: str,
    targets: tuple[str, ...] = (),
    basis: Basis = NEW,
    klass: BroadcastClass = BroadcastClass.ordinary,
    who: str = "bientap",
    at: int = NOW + HOUR,
) -> str:
    """Something in these languages, each recorded."""
    sounds = {tag: sound(f"{tag}{'x' if basis.replaces else ''}", tag) for tag in languages}
    variants = tuple(DraftVariant(tag, f"Lời {tag}", "", each.clip.sha256) for tag, each in sounds.items())
    told = ("UBND xã", "Chủ tịch xã", "lũ quét") if klass is not BroadcastClass.ordinary else ("", "", "")
    draft = Draft("Họp", "an-ninh", klass, variants, targets or communes(store), Mode.once, Once(at), *told)
    return bulletins.compose(store, person(store, who), draft, sounds, NOW, new_id, basis)


def made(store: Store, username: str, area: str, role: Role) -> Person:
    store.staff.add(username, username, f"Người {username}", "plain:x")
    store.staff.grant(username, area, role)
    return person(store, username)


def test_a_language_is_added_changed_and_retired_and_the_audit_knows_it(stores: Stores) -> None:
    with stores.open() as store:
        admin = person(store, "quantri")
        form = LanguageForm("tyz-x-batxat", "Tày", "Thổ", "Bát Xát", "Chữ Tày – Nùng", phrase_forms=True)
        language = tongues.add(store, admin, form, DEFAULT, NOW)
        assert store.languages.find("tyz-x-batxat") == language
        assert tongues.add(store, admin, form, DEFAULT, NOW) == {"tag": LanguageFault.there_already}
        vietnamese = form_of(store.areas.languages()["vi"])
        wished = msgspec.structs.replace(vietnamese, engines=("espeak-ng", "", "piper"), own_engines=True)
        tongues.change(store, admin, wished, DEFAULT, NOW)
        gone = msgspec.structs.replace(form, retired=True)
        tongues.change(store, admin, gone, DEFAULT, NOW)
        tongues.change(store, admin, gone, DEFAULT, NOW)  # changes nothing, and says nothing
        assert tongues.restrictions(store.areas.languages().values()) == {
            "vi": ("espeak-ng", "piper"), "tyz-x-batxat": (),
        }  # fmt: skip
        acts = [line.act for line in store.trail.lines() if line.subject in ("vi", "tyz-x-batxat")]
        assert acts == ["add_language", "language", "language"]
        for language in seed.LANGUAGES:
            store.languages.add(language)
        assert store.languages.find("vi").engines == ("espeak-ng", "piper"), "what people changed stays"  # type: ignore[union-attr]
        assert tongues.lines(store, DEFAULT)[0].language.tag == "vi"
        assert tongues.lines(store, DEFAULT)[-1].language.tag == "tyz-x-batxat", "what is retired comes last"


@pytest.mark.parametrize("who", ["bientap", "pheduyet", "tinh", "huyenbatxat"])
def test_only_administrators_of_the_province_touch_the_languages(stores: Stores, who: str) -> None:
    with stores.open() as store:
        own = made(store, "quantrixa", Y_TY, Role.administrator)
        for each in (person(store, who), own):
            with pytest.raises(NotAllowed):
                tongues.add(store, each, LanguageForm("qaa", "Thử"), DEFAULT, NOW)
            with pytest.raises(NotAllowed):
                tongues.change(store, each, LanguageForm("vi", "Khác"), DEFAULT, NOW)
            with pytest.raises(NotAllowed):
                tongues.add_reviewer(store, each, "hni", "bientap", NOW)
            with pytest.raises(NotAllowed):
                tongues.drop_reviewer(store, each, "hni", "bientap", NOW)


def test_what_a_row_says_of_machines_is_asked_each_time(stores: Stores) -> None:
    def restricted() -> dict[str, tuple[str, ...]]:
        with stores.open() as store:
            return dict(tongues.restrictions(store.areas.languages().values()))

    narrator = WorkingNarrator(VoiceSettings("."), restricted=restricted)
    assert narrator.speaks("vi")
    with stores.open() as store:
        vi = store.areas.languages()["vi"]
        store.languages.keep(msgspec.structs.replace(vi, engines=()))
        store.languages.keep(msgspec.structs.replace(store.areas.languages()["mww"], engines=("espeak-ng",)))
    assert not narrator.speaks("vi")
    assert not narrator.speaks("mww"), "a row never allows what the house does not"


def test_what_a_hamlet_speaks_is_set_and_its_loudspeakers_follow(stores: Stores) -> None:
    with stores.open() as store:
        programmes.bring_up_to_date(store, NOW)
        before = store.fleet.assignments()
        own = made(store, "quantrixa", Y_TY, Role.administrator)
        spoken = hamlets.set_spoken(store, own, LAO_CHAI, [("hni", "55"), ("vi", "45"), ("", "")], "90", NOW)
        assert spoken == Spoken(("hni", "vi"), {"hni": 55, "vi": 45}, 90)
        programmes.bring_up_to_date(store, NOW)
        after = store.fleet.assignments()
        assert {device for device in after if after[device] != before[device]} == {"loa-mau-3"}
        assert after["loa-mau-3"].languages == ("hni", "vi")
        assert after["loa-mau-3"].revision > before["loa-mau-3"].revision
        [line] = [line for line in store.trail.lines() if line.act == "languages"]
        assert (line.before, line.after) == ("vi:65,hni:35 / 80", "hni:55,vi:45 / 90")
        wrong = hamlets.set_spoken(store, own, LAO_CHAI, [("hni", "55"), ("vi", "46")], "", NOW)
        assert wrong == Wrong(HamletFault.too_much, "101")
        assert hamlets.set_spoken(store, own, LAO_CHAI, [("", "")], "", NOW) == Spoken()
        assert hamlets.page(store, own, LAO_CHAI).holds == ("vi",), "as the area above says"
        with pytest.raises(NotFound):
            hamlets.set_spoken(store, own, TA_CHAI, [("vi", "")], "", NOW)
        with pytest.raises(NotAllowed):
            hamlets.set_spoken(store, person(store, "bientap"), TA_CHAI, [("vi", "")], "", NOW)
        with pytest.raises(NotFound):
            hamlets.page(store, person(store, "quantri"), "loa-mau-3")


def test_a_retired_language_stays_where_it_is_spoken_and_is_offered_nowhere_else(stores: Stores) -> None:
    with stores.open() as store:
        admin = person(store, "quantri")
        tongues.change(
            store, admin, msgspec.structs.replace(form_of(store.areas.languages()["hni"]), retired=True), DEFAULT, NOW
        )
        assert isinstance(hamlets.set_spoken(store, admin, LAO_CHAI, [("hni", "30")], "", NOW), Spoken)
        assert hamlets.set_spoken(store, admin, TA_CHAI, [("hni", "30")], "", NOW) == Wrong(HamletFault.unknown, "hni")


def test_what_would_be_missing_is_known_before_approval(stores: Stores) -> None:
    with stores.open() as store:
        editor = person(store, "bientap")
        found = covering.gaps_at(store, editor, communes(store), {"vi", "mww", "ium"}, emergency=False)
        assert [(gap.area.id, gap.missing) for gap in found] == [(LAO_CHAI, ("hni",))]
        one = covering.gaps_at(store, editor, ["loa-mau-3"], {"hni"}, emergency=False)
        assert [(gap.area.id, gap.missing) for gap in one] == [(LAO_CHAI, ("vi",))]
        elsewhere = made(store, "noikhac", "xa-02647", Role.editor)
        assert covering.gaps_at(store, elsewhere, communes(store), (), emergency=False) == ()
        hamlets.set_spoken(store, person(store, "quantri"), LAO_CHAI, [("hni", "")], "", NOW)
        alarm = covering.gaps_at(store, editor, [LAO_CHAI], {"hni"}, emergency=True)
        assert [gap.missing for gap in alarm] == [("vi",)]
        # The loudspeakers' own function says the same.
        approve(store, send(store, "hni", targets=(LAO_CHAI,), klass=BroadcastClass.emergency))
        programmes.bring_up_to_date(store, NOW)
        _, [entry] = hamlet_preview(store, editor, LAO_CHAI, NOW, NOW + DAY)
        assert (entry.plays, entry.missing) == (True, ("vi",))


def test_the_figures_of_the_coverage_page_lead_to_what_they_count(stores: Stores) -> None:
    with stores.open() as store:
        viewer = person(store, "tinh")
        first = send(store, "vi", "mww")
        approve(store, first)
        second = send(store, "vi", "hni", targets=(LAO_CHAI,))
        send(store, "vi", at=NOW + 30 * DAY)  # too far ahead
        bulletins.withdraw(store, person(store, "bientap"), send(store, "vi"), NOW)
        page = covering.coverage(store, viewer, NOW)
        found = {tally.language: tally for tally in page.tallies}
        assert (page.hamlets, page.airings, page.whole) == (6, 2, True)
        assert (found["hni"].hamlets, found["hni"].households, found["hni"].airings, found["hni"].lack) == (1, 28, 2, 1)
        assert found["ium"].uncounted == 1, "nobody has counted in Tả Chải"
        assert found["vi"].lack == 0
        lacks = covering.of_language(store, viewer, "hni", 0, NOW)
        assert [each.airing.broadcast for each in lacks.found] == [first]
        assert (lacks.spoken, lacks.after) == (1, 0)
        assert [area.id for area in hamlets.speaking(store, viewer, "hni")] == [LAO_CHAI]
        has = covering.of_language(store, viewer, "hni", 0, NOW, there=True)
        assert [each.airing.broadcast for each in has.found] == [second]
        assert second not in {each.airing.broadcast for each in lacks.found}
        nobody = made(store, "khong", "xa-02647", Role.overseer)
        assert covering.coverage(store, nobody, NOW).tallies == []


def test_who_is_asked_is_told_and_whoever_sends_the_recording_ends_it(stores: Stores) -> None:
    with stores.open() as store:
        made(store, "lythihni", Y_TY, Role.editor)
        leader, editor = person(store, "pheduyet"), person(store, "bientap")
        broadcast = send(store, "vi", targets=(LAO_CHAI,))
        found, bulletin = _both(store, broadcast)
        assert set(asking.candidates(store, bulletin, found, NOW)) == {"bientap", "pheduyet", "lythihni"}
        asked = asking.ask(store, leader, broadcast, "hni", "lythihni", "Trước  5 giờ\u202e nhé", NOW)
        assert asked.note == "Trước  5 giờ nhé"
        with pytest.raises(Changed):
            asking.ask(store, leader, broadcast, "hni", "lythihni", "", NOW)
        with pytest.raises(NotFound):
            asking.ask(store, leader, broadcast, "hni", "tinh", "", NOW)
        presenter = person(store, "lythihni")
        [mine] = asking.of_person(store, presenter)
        assert (mine.broadcast, mine.by, mine.mine) == (broadcast, leader.display_name, True)
        assert asking.of_person(store, editor) == []
        second = send(store, "vi", targets=(LAO_CHAI,), basis=Basis(replaces=broadcast))
        assert [each.broadcast for each in asking.of_person(store, presenter)] == [second], "it goes on with the newest"
        third = send(store, "vi", "hni", targets=(LAO_CHAI,), basis=Basis(replaces=second), who="lythihni")
        assert asking.of_person(store, presenter) == []
        [done] = asking.of_broadcast(store, editor, _both(store, third)[0])
        assert (done.request.state, done.request.ended_at) == (RequestState.done, NOW)
        acts = [line.act for line in store.trail.lines() if line.act.endswith("_recording")]
        assert acts == ["ask_recording", "done_recording"]


def test_a_request_is_declined_by_who_is_asked_and_taken_back_by_who_may_write(stores: Stores) -> None:
    with stores.open() as store:
        leader, editor, officer = (person(store, name) for name in ("pheduyet", "bientap", "trucbao"))
        broadcast = send(store, "vi", targets=(LAO_CHAI,))
        one = asking.ask(store, leader, broadcast, "hni", "bientap", "", NOW)
        with pytest.raises(NotFound):
            asking.decline(store, leader, one.id, "không", NOW)
        assert asking.decline(store, editor, one.id, "Tôi ốm", NOW).state is RequestState.declined
        with pytest.raises(Changed):
            asking.take_back(store, leader, one.id, NOW)
        again = asking.ask(store, leader, broadcast, "hni", "bientap", "", NOW)
        with pytest.raises(NotAllowed):
            asking.take_back(store, officer, again.id, NOW)
        assert asking.take_back(store, editor, again.id, NOW).state is RequestState.taken_back
        shown = asking.of_broadcasts(store, leader, [broadcast])[broadcast]
        assert [each.request.answer for each in shown] == ["Tôi ốm", ""]


def test_who_knows_a_language_says_that_it_is_right_and_the_seal_covers_it(stores: Stores) -> None:
    with stores.open() as store:
        admin, leader = person(store, "quantri"), person(store, "pheduyet")
        native = made(store, "nguoihanhi", Y_TY, Role.overseer)
        broadcast = send(store, "vi", "hni", targets=(LAO_CHAI,))
        seal = bulletins.page(store, native, broadcast).seal
        with pytest.raises(NotAllowed):
            vetting.vet(store, native, broadcast, "hni", seal, NOW)
        for username in ("nguoihanhi", "bientap"):
            assert tongues.add_reviewer(store, admin, "hni", username, NOW)
        assert not tongues.add_reviewer(store, admin, "hni", "khong-co", NOW)
        with pytest.raises(OwnWork):
            vetting.vet(store, person(store, "bientap"), broadcast, "hni", seal, NOW)
        with pytest.raises(NotAllowed):
            vetting.vet(store, native, broadcast, "vi", seal, NOW)
        with pytest.raises(Changed):
            vetting.vet(store, native, broadcast, "hni", "another", NOW)
        vetting.vet(store, native, broadcast, "hni", seal, NOW + 1)
        page = bulletins.page(store, leader, broadcast)
        [hni] = [v for v in page.bulletin.variants if v.language == "hni"]
        assert (hni.reviewer, hni.reviewed_at) == ("nguoihanhi", NOW + 1)
        assert page.seal != seal
        with pytest.raises(Changed):
            bulletins.approve(store, leader, broadcast, seal, NOW, by_text=["vi", "hni"])
        approve(store, broadcast)
        assert vetting.open_to(store, native, bulletins.page(store, native, broadcast)) == frozenset()
        with pytest.raises(Changed):
            vetting.vet(store, native, broadcast, "hni", page.seal, NOW)
        tongues.drop_reviewer(store, admin, "hni", "nguoihanhi", NOW)
        assert bulletins.page(store, leader, broadcast).state is BroadcastState.approved, "what was said stays said"


def test_what_has_the_same_words_and_sound_in_the_next_version_was_looked_at(stores: Stores) -> None:
    with stores.open() as store:
        native = made(store, "nguoihanhi", Y_TY, Role.overseer)
        tongues.add_reviewer(store, person(store, "quantri"), "hni", "nguoihanhi", NOW)
        broadcast = send(store, "vi", "hni", targets=(LAO_CHAI,))
        vetting.vet(store, native, broadcast, "hni", bulletins.page(store, native, broadcast).seal, NOW)
        sounds = {"vi": sound("khac"), "hni": sound("hni", "hni")}
        variants = tuple(DraftVariant(tag, f"Lời {tag}", "", each.clip.sha256) for tag, each in sounds.items())
        draft = Draft("Họp", "an-ninh", BroadcastClass.ordinary, variants, (LAO_CHAI,), Mode.once, Once(NOW + HOUR))
        second = bulletins.compose(
            store, person(store, "bientap"), draft, sounds, NOW, new_id, Basis(replaces=broadcast)
        )
        looked = {v.language: v.reviewer for v in bulletins.page(store, native, second).bulletin.variants}
        assert looked == {"vi": "", "hni": "nguoihanhi"}
        other = {"vi": sound("khac"), "hni": sound("khac-hni", "hni")}
        third = bulletins.compose(store, person(store, "bientap"), draft, other, NOW, new_id, Basis(replaces=second))
        assert {v.reviewer for v in bulletins.page(store, native, third).bulletin.variants} == {""}
        bulletin = bulletins.page(store, native, second).bulletin
        bulletins.render_again(store, bulletin.id, "hni", sound("moi", "hni"), NOW)
        assert {v.reviewer for v in bulletins.page(store, native, second).bulletin.variants} == {""}, "another sound"


def _both(store: Store, broadcast: str):  # type: ignore[no-untyped-def]
    found = store.broadcasts.find(broadcast)
    assert found is not None
    return found, store.broadcasts.bulletins([found.bulletin])[found.bulletin]

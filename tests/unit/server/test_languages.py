"""Tests of what people type for languages and hamlets, and of what is covered.

Nobody imports this module.
"""

import unicodedata

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from audio.language import SEED, Language
from audio.preference import narrowed, preferences
from server.area import Area
from server.compose_form import ComposeForm
from server.composing import Draft, Offered, check, cleaned
from server.coverage import Airing, Gap, gaps, households_of, reaching, tallies
from server.hamlet import MOST_LANGUAGES, HamletFault, Spoken, Wrong, checked, pairs_of, spoken_by, spoken_in, written
from server.language_form import LanguageFault, LanguageForm, form_of, read, tag_fault

KNOWN = frozenset(language.tag for language in SEED)
TRICKY = (
    "Nyob zoo, peb tsev neeg Hmoob",
    "Cxiv yag ntơư nênhs Môngz",
    "Mình tó̱ i̱-mô̆ng ă̌",  # two marks on one letter
    "ꪼꪕ ꪁꪫꪱꪣ ꪼꪕ",  # the Thái script of the North-West
    "ꪎꪰꪉꪒꪲ ꪶꪀꪉ ꪵꪙ꪿",
    "Cần Tày: bươn nâ̰y, pỉ noọng",
    "g̃ ȋ́ ɓ ụ̄̀",
)


@pytest.mark.parametrize("text", TRICKY)
def test_every_mark_of_a_minority_text_is_kept(text: str) -> None:
    once = cleaned(text)
    assert unicodedata.is_normalized("NFC", once)
    assert unicodedata.normalize("NFD", once) == unicodedata.normalize("NFD", text)
    assert cleaned(once) == once


LETTERS = st.characters(categories=("Lu", "Ll", "Lo", "Lm", "Mn", "Mc", "Nd"))
MARKS = st.characters(categories=("Mn",))


@given(st.text(st.one_of(LETTERS, MARKS, st.sampled_from("ꪀꪁꪂꪰꪲꪳꪱꪵꪶꪷꪸ꪿꫁ "))))
def test_no_letter_and_no_mark_is_ever_lost(text: str) -> None:
    kept = unicodedata.normalize("NFD", text).strip()
    assert unicodedata.normalize("NFD", cleaned(text)) in (kept, unicodedata.normalize("NFD", text.strip()))


@given(st.text(st.one_of(LETTERS, MARKS), min_size=1, max_size=40), st.text(LETTERS, max_size=20))
def test_a_variant_is_what_was_typed_in_composed_letters(text: str, translator: str) -> None:
    form = ComposeForm(
        title="Họp", topic="t", text="Mời họp.", texts={"blt": text}, recordings={"blt": "a" * 64},
        translators={"blt": translator}, targets=("xa",),
    )  # fmt: skip
    draft = check(form, Offered(frozenset({"t"}), frozenset({"blt"}), frozenset({"xa"})), 0)
    assert isinstance(draft, Draft)
    [variant] = [v for v in draft.variants if v.language == "blt"]
    assert unicodedata.normalize("NFD", variant.text) == unicodedata.normalize("NFD", text)
    assert unicodedata.is_normalized("NFC", variant.text)
    assert variant.translator == " ".join(unicodedata.normalize("NFC", translator).split())
    assert variant.origin == ("translated" if variant.translator else "typed")
    assert [v.origin for v in draft.variants if v.language == "vi"] == ["typed"]


@pytest.mark.parametrize(
    ("line", "households", "expected"),
    [
        ("vi:60,ium:40", "80", Spoken(("vi", "ium"), {"vi": 60, "ium": 40}, 80)),
        ("ium, vi", "", Spoken(("ium", "vi"))),
        ("hni:35 %,vi", "", Spoken(("hni", "vi"), {"hni": 35})),
        ("hni:0", "", Spoken(("hni",), {"hni": 0})),
        ("", "", Spoken()),
        ("vi:60,ium:41", "", Wrong(HamletFault.too_much, "101")),
        ("vi:101", "", Wrong(HamletFault.no_share, "101")),
        ("vi:-1", "", Wrong(HamletFault.no_share, "-1")),
        ("vi:½", "", Wrong(HamletFault.no_share, "½")),
        (":40", "", Wrong(HamletFault.no_share, "40")),
        ("vi,vi", "", Wrong(HamletFault.twice, "vi")),
        ("xx", "", Wrong(HamletFault.unknown, "xx")),
        ("vi", "nhiều", Wrong(HamletFault.no_number, "nhiều")),
        ("vi", "9999999", Wrong(HamletFault.no_number, "9999999")),
        (",".join(sorted(KNOWN)[: MOST_LANGUAGES + 1]), "", Wrong(HamletFault.too_many, str(MOST_LANGUAGES + 1))),
    ],
)
def test_languages_and_shares_are_read_as_typed(line: str, households: str, expected: Spoken | Wrong) -> None:
    assert checked(pairs_of(line), households, KNOWN) == expected


@st.composite
def spokens(draw: st.DrawFn) -> Spoken:
    tags = draw(st.lists(st.sampled_from(sorted(KNOWN)), unique=True, max_size=MOST_LANGUAGES))
    shares, left = {}, 100
    for tag in tags:
        if draw(st.booleans()):
            shares[tag] = draw(st.integers(0, left))
            left -= shares[tag]
    return Spoken(tuple(tags), shares, draw(st.integers(0, 500)))


@given(spokens())
def test_what_is_written_down_is_read_back_in_its_order(spoken: Spoken) -> None:
    line = written(spoken).partition(" / ")[0]
    assert checked(pairs_of(line), str(spoken.households), KNOWN) == spoken
    assert spoken_in(spoken_by(hamlet("a"), spoken)) == spoken


def hamlet(name: str, *languages: str, households: int = 0, **shares: int) -> Area:
    path = f"/tinh/xa/{name}/"
    return Area(
        name, "xa", path, 2, "hamlet", name, languages=languages or ("vi",), shares=shares, households=households
    )


UP = hamlet("tren", "hni", "vi", households=81, hni=35, vi=65)
DOWN = hamlet("duoi", "vi", "ium")
ALONE = hamlet("le", "hni", households=10, hni=100)
EVERY = [UP, DOWN, ALONE]


def test_what_a_hamlet_would_miss_is_told_hamlet_by_hamlet() -> None:
    assert gaps(EVERY, {"vi"}, emergency=False) == (Gap(UP, ("hni",)), Gap(DOWN, ("ium",)), Gap(ALONE, ("hni",)))
    assert gaps(EVERY, {"hni", "ium"}, emergency=True)[-1] == Gap(ALONE, ("vi",)), "an emergency is for all"
    assert gaps(EVERY, {"vi", "hni", "ium"}, emergency=True) == ()


def test_households_are_counted_only_where_somebody_has_counted() -> None:
    assert [households_of(area, "hni") for area in EVERY] == [28, None, 10]


def airing(name: str, *there: str, path: str = "/tinh/xa/", emergency: bool = False) -> Airing:
    return Airing(name, name, 0, (path,), frozenset(there), emergency)


def test_every_figure_is_the_length_of_what_lies_behind_it() -> None:
    airings = [airing("a", "vi"), airing("b", "vi", "hni"), airing("c", "vi", path=DOWN.path), airing("d", path="/x/")]
    airings.append(airing("loa", "ium", path=f"{ALONE.path}loa-1/", emergency=True))
    found = {tally.language: tally for tally in tallies(EVERY, airings)}
    assert (found["hni"].hamlets, found["hni"].households, found["hni"].uncounted) == (2, 38, 0)
    assert (found["hni"].airings, found["hni"].lack) == (3, 2)
    assert (found["ium"].airings, found["ium"].lack) == (3, 3)
    assert (found["vi"].airings, found["vi"].lack) == (4, 1), "an emergency in one hamlet that has no Vietnamese"
    for tag, tally in found.items():
        assert len(reaching(EVERY, airings, tag, there=False)) == tally.lack
        assert len(reaching(EVERY, airings, tag, there=True)) == tally.airings - tally.lack
    [first, last] = reaching(EVERY, airings, "hni", there=False)
    assert (first.airing.broadcast, first.hamlets, first.households) == ("a", 2, 38)
    assert (last.airing.broadcast, last.hamlets, last.households) == ("loa", 1, 10)


PATHS = st.sampled_from(["/tinh/", "/tinh/xa/", UP.path, DOWN.path, ALONE.path, f"{UP.path}loa/", "/khac/"])
TAGS = st.sampled_from(["vi", "hni", "ium", "mww"])
AIRINGS = st.lists(
    st.builds(
        Airing, st.just("ps"), st.just("T"), st.just(0), st.lists(PATHS, min_size=1, max_size=3).map(tuple),
        st.frozensets(TAGS), st.booleans(),
    ),
    max_size=6,
)  # fmt: skip


@given(AIRINGS)
def test_the_table_and_its_lists_never_differ(airings: list[Airing]) -> None:
    for tally in tallies(EVERY, airings):
        without, having = (len(reaching(EVERY, airings, tally.language, there=there)) for there in (False, True))
        assert (without, without + having) == (tally.lack, tally.airings)


@pytest.mark.parametrize("language", SEED, ids=lambda language: language.tag)
def test_a_language_that_nobody_changes_stays_as_it_is(language: Language) -> None:
    assert read(form_of(language), language.tag, ("piper",)) == (language, {})


def test_what_is_wrong_with_a_language_is_told_field_by_field() -> None:
    form = LanguageForm("", " ", "x" * 81, "a\u202eb", engines=("piper", "xx"), own_engines=True, retired=True)
    _, faults = read(form, "vi", ("piper",))
    assert faults == {
        "name": LanguageFault.empty, "own_name": LanguageFault.too_long, "variety": LanguageFault.unseen,
        "engines": LanguageFault.no_engine, "retired": LanguageFault.needed,
    }  # fmt: skip
    wrong = {tag: tag_fault(tag, KNOWN) for tag in ("", "Tày", "TYZ", "tyz", "tyz-x-batxat")}
    assert list(wrong.values()) == [
        LanguageFault.empty, LanguageFault.no_tag, LanguageFault.no_tag, LanguageFault.there_already, None
    ]  # fmt: skip


def test_a_row_takes_away_machines_and_never_adds_one() -> None:
    house = "vi=piper,gtts,espeak-ng; blt=command"
    assert preferences(narrowed(house, {})) == preferences(house)
    told = narrowed(house, {"vi": ("espeak-ng", "command", "piper"), "mww": ("piper",), "blt": ()})
    assert preferences(told) == {"vi": ("espeak-ng", "piper")}
    assert preferences(narrowed("vi=piper", {"vi": ()})) == {}


def test_a_language_struct_without_the_new_fields_is_as_before() -> None:
    old = msgspec.json.decode(b'{"tag":"tyz","name":"T"}', type=Language)
    assert (old.engines, old.phrase_forms, old.retired) == (None, False, False)

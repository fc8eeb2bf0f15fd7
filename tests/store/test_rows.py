"""Tests that every struct is its row and back, on a real database.

Nobody imports this module.
"""

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audio.clip import Clip
from audio.language import Language
from audio.quality import Loudness
from audio.voice import Provenance
from schedules import wire
from schedules.assignment import Allowance, Assignment
from schedules.clock import ClockTrust
from schedules.playback import Playback
from schedules.programme import BroadcastClass, Programme
from schedules.recurrence import Daily, Once, Weekly
from server import oversight
from server.area import Area, AreaSettings
from server.bulletin import Broadcast, Bulletin, Decision, Variant
from server.ledger import Planned
from server.repositories.areas import area_of, row_of
from server.repositories.logbook import LogFilter
from server.repositories.store import Stores
from server.request import RecordingRequest, RequestState
from tests.store.stage import NOW, communes, compose, numbers
from tests.unit.schedules.shapes import assignments, playbacks, programmes

on_a_database = settings(
    max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], deadline=None
)
names = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=30)
written = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=60)
instants = st.integers(0, 2**52)
minutes = st.integers(0, 1439)
areas = st.builds(
    Area, id=names, parent=st.one_of(st.none(), names), path=names, depth=st.integers(0, 9), level=names, name=names,
    former_names=names, languages=st.lists(names, max_size=3).map(tuple), households=st.integers(0, 2**31 - 1),
    settings=st.builds(AreaSettings, chime=st.sampled_from([None, True, False]), chimes=st.none() | st.dictionaries(st.sampled_from(["ordinary", "closing"]), st.text(max_size=9)), emergency_times=st.none() | st.integers(1, 3), pause_ms=st.one_of(st.none(), st.integers(0, 9999)), quiet_hours_off=st.sampled_from([None, True, False]), alert_lead_ms=st.one_of(st.none(), st.integers(0, 9999)), allowance=st.one_of(st.none(), st.builds(Allowance, instants, instants))),
).flatmap(
    lambda area: st.dictionaries(st.sampled_from(area.languages or ("vi",)), st.integers(0, 100)).map(
        lambda shares: msgspec.structs.replace(area, shares=shares if area.languages else {})
    )
)  # fmt: skip
recurrences = st.one_of(
    st.builds(Once, instants),
    st.builds(Daily, minutes, st.dates(), st.one_of(st.none(), st.dates())),
    st.builds(Weekly, st.sets(st.integers(0, 6), min_size=1).map(tuple), minutes, st.dates()),
)
statuses = st.builds(
    wire.Status, online=st.just(True), journal=names, programmes=st.dictionaries(names, instants, max_size=3),
    clips_missing=st.lists(names, max_size=3).map(tuple), trust=st.sampled_from(ClockTrust), bound_ms=instants,
    sounding=names, at=instants,
)  # fmt: skip
provenances = st.builds(Provenance, names, names, names, names, st.booleans(), names)


@st.composite
def variants(draw: st.DrawFn, language: str) -> Variant:
    clip = Clip(f"{next(numbers):064x}", language, draw(st.integers(1, 600_000)), draw(st.integers(1, 10**7)))
    answers = draw(st.dictionaries(written, written, max_size=2))
    whence = draw(written), draw(written), draw(names), draw(instants)
    return Variant(language, draw(written), draw(written), draw(names), clip, draw(provenances), answers, *whence)


bulletins = st.builds(
    Bulletin,
    id=st.builds(lambda: f"bt-{next(numbers)}"),
    title=written,
    topic=st.just("an-ninh"),
    broadcast_class=st.sampled_from(BroadcastClass),
    area=st.just("tinh-lao-cai"),
    author=st.just("bientap"),
    created_at=instants,
    variants=st.lists(st.sampled_from(["hni", "ium", "mww", "vi"]), unique=True)
    .map(sorted)
    .flatmap(lambda tags: st.tuples(*(variants(tag) for tag in tags))),
)


languages = st.builds(
    Language, tag=st.just("tyz-x-thu"), name=names, own_name=written, variety=names, orthography=names,
    engines=st.one_of(st.none(), st.lists(names, max_size=3).map(tuple)), phrase_forms=st.booleans(), retired=st.booleans(),
)  # fmt: skip


@on_a_database
@given(languages)
def test_a_language_is_its_row_and_back(stores: Stores, language: Language) -> None:
    with stores.open() as store:
        store.languages.keep(language)
    with stores.open() as store:
        assert store.languages.find(language.tag) == language
        assert store.areas.languages()[language.tag] == language
        assert not store.languages.add(Language(language.tag, "khác")), "what people changed stays"


def test_a_row_of_languages_of_before_there_were_shares_is_read_as_it_was(stores: Stores) -> None:
    row = row_of(Area("thon-1", None, "/thon-1/", 0, "hamlet", "Thôn"))
    row.languages = '["vi","ium"]'
    assert (area_of(row).languages, area_of(row).shares) == (("vi", "ium"), {})
    shared = msgspec.structs.replace(area_of(row), shares={"ium": 40})
    assert row_of(shared).languages == '["vi",["ium",40]]', "a share that nobody knows is not written"


@on_a_database
@given(st.lists(st.tuples(st.sampled_from(["hni", "vi"]), st.sampled_from(["bientap", "pheduyet"])), max_size=6))
def test_who_reviews_a_language_is_a_set(stores: Stores, added: list[tuple[str, str]]) -> None:
    with stores.open() as store:
        for tag, staff in added:
            fresh = staff not in store.languages.reviewers([tag]).get(tag, [])
            assert store.languages.add_reviewer(tag, staff, "quantri", NOW) == fresh
        assert store.languages.reviewed_by("bientap") == {tag for tag, staff in added if staff == "bientap"}
        for tag, staff in set(added):
            assert store.languages.drop_reviewer(tag, staff)
            assert not store.languages.drop_reviewer(tag, staff)
        assert store.languages.reviewers() == {}


@on_a_database
@given(written, st.sampled_from([RequestState.done, RequestState.declined, RequestState.taken_back]))
def test_a_request_is_its_row_and_back_and_ends_once(stores: Stores, note: str, state: RequestState) -> None:
    with stores.open() as store:
        line = compose(store, targets=communes(store))
        made = store.requests.add(RecordingRequest(0, line, line, "hni", "bientap", "pheduyet", NOW, note))
        assert made == RecordingRequest(made.id, line, line, "hni", "bientap", "pheduyet", NOW, note)
        assert made in store.requests.open_of("bientap", 500)
        assert store.requests.end(made.id, state, NOW + 1, note)
        assert not store.requests.end(made.id, RequestState.done, NOW + 2), "somebody else was faster"
    with stores.open() as store:
        ended = msgspec.structs.replace(made, state=state, answer=note, ended_at=NOW + 1)
        assert store.requests.of([line]) == [ended]
        assert store.requests.find(made.id) == ended
        assert ended not in store.requests.open_of("bientap", 500)


@given(areas)
def test_an_area_is_its_row_and_back(area: Area) -> None:
    assert area_of(row_of(area)) == area


@on_a_database
@given(bulletins, st.one_of(st.none(), recurrences), st.one_of(st.none(), instants), written, st.booleans())
def test_a_bulletin_and_its_broadcast_are_their_rows_and_back(
    stores: Stores, bulletin: Bulletin, recurrence: Once | None, withdrawn_at: int | None, note: str, approved: bool
) -> None:
    broadcast = Broadcast(
        f"ps-{next(numbers)}", bulletin.id, "m", recurrence, "bientap", NOW, ("tinh-lao-cai", "xa-02647"), withdrawn_at
    )
    decision = Decision(broadcast.id, approved, "s" * 64, "pheduyet", NOW, note)
    with stores.open() as store:
        for variant in bulletin.variants:
            store.broadcasts.keep_clip(variant.clip, variant.provenance, Loudness(-16, -2), NOW)
        store.broadcasts.add_bulletin(bulletin)
        store.broadcasts.add(broadcast)
        store.broadcasts.decide(msgspec.structs.replace(decision, approved=not approved))
        store.broadcasts.decide(decision)
    with stores.open() as store:
        assert store.broadcasts.bulletins([bulletin.id]) == {bulletin.id: bulletin}
        assert store.broadcasts.find(broadcast.id) == msgspec.structs.replace(broadcast, decision=decision)
        assert [b.id for b in store.broadcasts.of_bulletin(bulletin.id)] == [broadcast.id]


@on_a_database
@given(programmes, assignments, statuses)
def test_what_is_published_and_what_was_heard_is_kept_as_it_was(
    stores: Stores, programme: Programme, assignment: Assignment, status: wire.Status
) -> None:
    programme = msgspec.structs.replace(programme, area="xa-02647", revision=programme.revision % 2**60)
    assignment = msgspec.structs.replace(assignment, device="loa-mau-1", revision=assignment.revision % 2**60)
    with stores.open() as store:
        store.fleet.keep_programme(programme)
        store.fleet.keep_assignment(assignment)
        store.fleet.hear("loa-mau-1", status, NOW)
    with stores.open() as store:
        assert store.fleet.programmes(["xa-02647"]) == {"xa-02647": programme}
        assert store.fleet.assignments(["loa-mau-1"]) == {"loa-mau-1": assignment}
        assert store.fleet.heard(["loa-mau-1"], NOW)["loa-mau-1"].status == status


@on_a_database
@given(
    st.builds(
        Planned, loudspeaker=st.just("loa-mau-1"), occurrence=st.builds(lambda: f"ps-{next(numbers)}@1"), broadcast=names,
        bulletin=names, title=written, broadcast_class=st.sampled_from(BroadcastClass), planned=instants,
        useful_until=instants, clips=st.lists(names, max_size=3).map(tuple), withdrawn=st.booleans(),
    )
)  # fmt: skip
def test_a_planned_play_is_its_row_and_back(stores: Stores, planned: Planned) -> None:
    with stores.open() as store:
        store.logbook.keep_expected([planned], [])
        found = store.logbook.lines(LogFilter(("/",), planned.planned, planned.planned + 1), 500)
        assert planned in [line.planned for line in found]


@on_a_database
@given(playbacks)
def test_a_playback_is_its_row_and_back(stores: Stores, found: Playback) -> None:
    sequence = next(numbers)
    found = msgspec.structs.replace(found, sequence=sequence, occurrence=f"x{sequence}@1")
    with stores.open() as store:
        oversight.file_report(store, "loa-mau-2", wire.Report("j", (found,)), NOW)
        assert store.logbook.reported("loa-mau-2", found.occurrence) == [found]

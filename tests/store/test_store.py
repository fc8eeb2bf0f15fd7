"""Tests of seeding, filing, planning and people on a real database.

Nobody imports this module.
"""

import itertools
import random
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec
import pytest
from alembic import command
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audio.clip import Clip
from audio.quality import Loudness
from audio.voice import Provenance
from schedules import wire
from schedules.assignment import QuietHours
from schedules.clock import DAY, HOUR, MINUTE, SECOND
from schedules.playback import Outcome, Playback, Reason
from schedules.programme import BroadcastClass
from schedules.recurrence import Once
from server import administration, bulletins, oversight, programmes, seed, staff
from server.access import Person
from server.area import Area, AreaSettings
from server.bulletin import BroadcastState
from server.composing import Draft, DraftVariant, Mode
from server.ledger import LogState
from server.migrations import bring_to_newest, config_of
from server.refusals import Changed, NotAllowed, NotFound, OwnWork
from server.repositories.areas import area_of, row_of
from server.repositories.logbook import LogFilter
from server.repositories.store import Store, Stores, engine_of
from server.staff import SignedIn, SignInRefused
from server.studio import Rendered
from tests.unit.schedules.shapes import playbacks

NOW = 1_795_474_800_000
_numbers = itertools.count(1)


class PlainHasher:
    """Stands in for argon2, which is slow on purpose."""

    def hash(self, password: str) -> str:
        return f"plain:{password}"

    def verify(self, password: str, hash: str) -> bool:
        return hash == f"plain:{password}"


def new_id(prefix: str) -> str:
    return f"{prefix}-{next(_numbers):06d}"


@pytest.fixture
def stores(tmp_path: Path) -> Iterator[Stores]:
    engine = engine_of(f"sqlite:///{tmp_path / 'loaban.db'}")
    bring_to_newest(engine)
    stores = Stores(engine)
    with stores.open() as store:
        seed.seed_sample(store, seed.seed_province(store), PlainHasher(), lambda: "secret", NOW)
    yield stores
    engine.dispose()


def person(store: Store, username: str) -> Person:
    found = store.staff.person(username)
    assert found is not None
    return found


def sound(name: str = "a", language: str = "vi", seconds: int = 10) -> Rendered:
    clip = Clip((name.encode().hex() * 64)[:64], language, seconds * SECOND, 30_000)
    return Rendered(clip, Provenance("recording"), Loudness(-16, -2))


def compose(
    store: Store,
    start: int = NOW + HOUR,
    targets: tuple[str, ...] = ("xa-02647",),
    mode: Mode = Mode.once,
    **more: object,
) -> str:
    sounds = {"vi": sound(str(more.get("sound", "a")))}
    variants = tuple(DraftVariant(tag, "Mời họp", "mời họp", "") for tag in sounds)
    klass = more.get("klass", BroadcastClass.ordinary)
    recurrence = None if mode is Mode.now else Once(start)
    draft = Draft("Họp", "an-ninh", klass, variants, targets, mode, recurrence)  # type: ignore[arg-type]
    return bulletins.compose(store, person(store, "bientap"), draft, sounds, NOW, new_id)


def communes(store: Store) -> tuple[str, ...]:
    return tuple(a.id for a in store.areas.below(["/tinh-lao-cai/"], "commune") if a.name in seed.SAMPLE_HAMLETS)


def on_air(stores: Stores, start: int = NOW + HOUR, **more: object) -> str:
    with stores.open() as store:
        broadcast = compose(store, start, communes(store), **more)  # type: ignore[arg-type]
        leader = person(store, "pheduyet")
        bulletins.approve(store, leader, broadcast, bulletins.page(store, leader, broadcast).seal, NOW)
        programmes.bring_up_to_date(store, NOW)
    return broadcast


def test_migrations_and_tables_say_the_same(tmp_path: Path) -> None:
    engine = engine_of(f"sqlite:///{tmp_path / 'fresh.db'}")
    bring_to_newest(engine)
    command.check(config_of(engine))


def test_the_province_has_ninety_nine_communes_and_seeding_twice_changes_nothing(stores: Stores) -> None:
    with stores.open() as store:
        before = store.areas.below(["/"])
        assert len([a for a in before if a.level == "commune"]) == 99
        again = seed.seed_sample(store, seed.seed_province(store), PlainHasher(), lambda: "other", NOW)
        assert again == {}
        assert store.areas.below(["/"]) == before
        named = {a.name: a for a in before}
    for (district, _), members in seed.FORMER_DISTRICTS.items():
        assert all(named[m].parent == district for m in members)
        assert named[seed.FORMER_DISTRICTS and members[0]].valid_from == "2025-07-01"
    assert len([a for a in before if a.level == "loudspeaker"]) == 6


def test_what_people_changed_survives_a_second_seeding(stores: Stores) -> None:
    with stores.open() as store:
        area = store.areas.find("thon-mau-sim-san")
        assert area is not None
        store.areas.keep(msgspec.structs.replace(area, languages=("hni",)))
        seed.seed_sample(store, seed.seed_province(store), PlainHasher(), lambda: "x", NOW)
        assert store.areas.find("thon-mau-sim-san").languages == ("hni",)  # type: ignore[union-attr]


names = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=30)
areas = st.builds(
    Area, id=names, parent=st.one_of(st.none(), names), path=names, depth=st.integers(0, 9), level=names, name=names,
    former_names=names, languages=st.lists(names, max_size=3).map(tuple),
    settings=st.builds(AreaSettings, pause_ms=st.one_of(st.none(), st.integers(0, 9999)), quiet_hours_off=st.sampled_from([None, True, False])),
)  # fmt: skip


@given(areas)
def test_an_area_is_its_row_and_back(area: Area) -> None:
    assert area_of(row_of(area)) == area


def test_the_way_from_draft_to_programme_and_log(stores: Stores) -> None:
    with stores.open() as store:
        broadcast = compose(store, NOW + HOUR, communes(store))
        programmes.bring_up_to_date(store, NOW)
        assert store.fleet.programmes() == {}, "nobody has approved it"
        editor, leader = person(store, "bientap"), person(store, "pheduyet")
        page = bulletins.page(store, leader, broadcast)
        assert [p.broadcast.id for p in bulletins.waiting(store, leader, NOW + 1)] == [broadcast]
        assert bulletins.waiting(store, editor, NOW + 1) == []
        with pytest.raises(OwnWork):
            bulletins.approve(store, editor, broadcast, page.seal, NOW)
        with pytest.raises(Changed):
            bulletins.approve(store, leader, broadcast, "0" * 64, NOW)
        bulletins.approve(store, leader, broadcast, page.seal, NOW)
        programmes.bring_up_to_date(store, NOW)
        assert {a: len(p.slots) for a, p in store.fleet.programmes().items()} == dict.fromkeys(communes(store), 1)
        wanted = LogFilter(("/tinh-lao-cai/",), NOW, NOW + DAY)
        rows = oversight.log_page(store, wanted, NOW).rows
        assert len(rows) == 6
        assert {row.state for row in rows} == {LogState.not_reached}


def test_a_new_rendering_voids_the_approval(stores: Stores) -> None:
    broadcast = on_air(stores)
    with stores.open() as store:
        page = bulletins.page(store, person(store, "pheduyet"), broadcast)
        assert page.state is BroadcastState.approved
        bulletins.render_again(store, page.bulletin.id, "vi", sound("b"), NOW)
        assert bulletins.page(store, person(store, "pheduyet"), broadcast).state is BroadcastState.voided
        programmes.bring_up_to_date(store, NOW)
        assert all(p.slots == () for p in store.fleet.programmes().values())


def test_what_is_withdrawn_leaves_programme_and_log_says_so(stores: Stores) -> None:
    broadcast = on_air(stores)
    with stores.open() as store:
        bulletins.withdraw(store, person(store, "bientap"), broadcast, NOW + MINUTE)
        programmes.bring_up_to_date(store, NOW + MINUTE)
        assert all(p.slots == () for p in store.fleet.programmes().values())
        rows = oversight.log_page(store, LogFilter(("/",), NOW, NOW + DAY), NOW + MINUTE).rows
        assert {row.state for row in rows} == {LogState.withdrawn}


def test_now_begins_soon_after_its_approval(stores: Stores) -> None:
    broadcast = on_air(stores, mode=Mode.now)
    with stores.open() as store:
        found = store.broadcasts.find(broadcast)
        assert found is not None
        assert found.recurrence == Once(NOW + 15 * SECOND)
        assert bulletins.page(store, person(store, "pheduyet"), broadcast).state is BroadcastState.approved


def test_a_stranger_sees_nothing_and_an_overseer_decides_nothing(stores: Stores) -> None:
    broadcast = on_air(stores)
    with stores.open() as store:
        store.staff.add("la", "la", "Người lạ (mẫu)", "x")
        with pytest.raises(NotFound):
            bulletins.page(store, person(store, "la"), broadcast)
        with pytest.raises(NotFound):
            oversight.visible_area(store, person(store, "la"), "tinh-lao-cai")
        overseer = person(store, "tinh")
        assert bulletins.page(store, overseer, broadcast).may_decide is False
        with pytest.raises(NotAllowed):
            bulletins.withdraw(store, overseer, broadcast, NOW)


def test_the_former_district_sees_its_communes_and_no_others(stores: Stores) -> None:
    on_air(stores)
    with stores.open() as store:
        overseer = person(store, "huyenbatxat")
        wanted = oversight.filter_of(store, overseer, "", NOW, NOW + DAY, "", "")
        rows = oversight.log_page(store, wanted, NOW).rows
        assert {row.where[0] for row in rows} == {"Xã Y Tý"}
        with pytest.raises(NotFound):
            oversight.filter_of(store, overseer, "xa-02647", NOW, NOW + DAY, "", "")
        province = oversight.filter_of(store, person(store, "tinh"), "huyen-bat-xat", NOW, NOW + DAY, "", "")
        assert len(oversight.log_page(store, province, NOW).rows) == 3


def playback(occurrence: str, sequence: int, outcome: Outcome = Outcome.played) -> Playback:
    return Playback(sequence, occurrence, "ps", "bt", NOW + HOUR, outcome, started=NOW + HOUR, sounded_ms=9, due_ms=9)


def test_reports_are_filed_once_in_any_order_and_from_any_journal(stores: Stores) -> None:
    first = f"{on_air(stores)}@{NOW + HOUR}"
    second = f"{on_air(stores, NOW + 2 * HOUR)}@{NOW + 2 * HOUR}"
    one, two = playback(first, 1), playback(second, 2, Outcome.missed)
    with stores.open() as store:
        for report in ((two,), (one, two), (one,), (one, two)):
            ack = oversight.file_report(store, "loa-mau-1", wire.Report("j1", report), NOW + 3 * HOUR)
        assert ack == wire.Ack("j1", 2)
        assert store.logbook.reported("loa-mau-1", first) == [one]
        new_card = wire.Report("j2", (playback("ps-old@5", 1),))
        assert oversight.file_report(store, "loa-mau-1", new_card, NOW + 30 * DAY) == wire.Ack("j2", 1)
        assert store.logbook.reported("loa-mau-1", "ps-old@5") != []
        assert oversight.file_report(store, "loa-unknown", new_card, NOW) is None
        played = oversight.filter_of(store, person(store, "tinh"), "", NOW, NOW + DAY, "played", "")
        names = {r.line.planned.occurrence for r in oversight.log_page(store, played, NOW).rows}
        assert names == {first, "ps-old@5"}, "the one that was missed is not among them"


def test_the_same_report_filed_by_several_at_once_is_one(stores: Stores) -> None:
    occurrence = f"{on_air(stores)}@{NOW + HOUR}"
    report = wire.Report("j1", tuple(playback(occurrence if n == 1 else f"x@{n}", n) for n in range(1, 20)))

    def file(_number: int) -> None:
        for _ in range(5):
            try:
                with stores.open() as store:
                    oversight.file_report(store, "loa-mau-1", report, NOW)
            except Exception:  # noqa: S112 - the database refuses one of two; the loudspeaker sends again
                continue
            else:
                return

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(file, range(8)))
    with stores.open() as store:
        assert len(store.logbook.reported("loa-mau-1", occurrence)) == 1


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(playbacks)
def test_a_playback_is_its_row_and_back(stores: Stores, found: Playback) -> None:
    sequence = next(_numbers)
    found = msgspec.structs.replace(found, sequence=sequence, occurrence=f"x{sequence}@1")
    with stores.open() as store:
        oversight.file_report(store, "loa-mau-2", wire.Report("j", (found,)), NOW)
        assert store.logbook.reported("loa-mau-2", found.occurrence) == [found]


def test_a_last_will_keeps_what_was_said_before(stores: Stores) -> None:
    with stores.open() as store:
        alive = wire.Status(online=True, journal="j1", programmes={"xa": 3})
        oversight.file_status(store, "loa-mau-1", alive, NOW)
        oversight.file_status(store, "loa-mau-1", wire.Status(online=False), NOW + MINUTE)
        heard = store.fleet.heard(["loa-mau-1"])["loa-mau-1"]
        assert (heard.status.online, heard.status.programmes) == (False, {"xa": 3})


def test_a_row_is_ready_when_programme_and_sound_have_arrived(stores: Stores) -> None:
    broadcast = on_air(stores)
    with stores.open() as store:
        held = {a: p.revision for a, p in store.fleet.programmes().items()}
        for n, missing in ((1, ()), (2, (sound().clip.sha256,))):
            status = wire.Status(online=True, journal="j", programmes=held, clips_missing=missing)
            oversight.file_status(store, f"loa-mau-{n}", status, NOW)
        page = bulletins.page(store, person(store, "tinh"), broadcast)
        wanted = LogFilter(("/",), NOW, NOW + DAY, "", page.bulletin.id)
        ready = oversight.readiness(store, wanted, NOW)
        assert (ready.ready, ready.total) == (1, 6)
        assert {row.state for row in ready.lagging} == {LogState.preparing, LogState.not_reached}


def test_the_preview_shows_what_the_hamlet_hears_and_why_not(stores: Stores) -> None:
    first = on_air(stores, NOW + HOUR)
    second = on_air(stores, NOW + HOUR, klass=BroadcastClass.priority)
    with stores.open() as store:
        viewer = person(store, "tinh")
        _, entries = oversight.hamlet_preview(store, viewer, "thon-mau-trung-tam", NOW, NOW + DAY)
        by_name = {e.slot.broadcast: e for e in entries}
        assert by_name[second].start == NOW + HOUR
        assert (by_name[first].reason, by_name[first].other) == (Reason.delayed, by_name[second].slot.occurrence)


def test_signing_in_and_out(stores: Stores) -> None:
    hasher = PlainHasher()
    with stores.open() as store:
        wrong = staff.sign_in(store, hasher, "bientap", "nope", "10.0.0.1", NOW, "t")
        nobody = staff.sign_in(store, hasher, "nobody", "nope", "10.0.0.1", NOW, "t")
        assert wrong is nobody is SignInRefused.wrong
        right = staff.sign_in(store, hasher, " BienTap ", "secret", "10.0.0.1", NOW, "token")
        assert right == SignedIn("token")
        assert staff.who(store, "token", NOW + HOUR).username == "bientap"  # type: ignore[union-attr]
        assert staff.who(store, "tokem", NOW) is None
        assert staff.who(store, "token", NOW + 14 * HOUR) is None, "idle for too long"
        staff.sign_in(store, hasher, "bientap", "secret", "10.0.0.1", NOW, "two")
        staff.sign_out(store, "two")
        assert staff.who(store, "two", NOW) is None


def test_guessing_is_stopped_without_locking_anybody_out(stores: Stores) -> None:
    hasher = PlainHasher()
    with stores.open() as store:
        for _ in range(staff.FAILURES_OF_ONE):
            staff.sign_in(store, hasher, "bientap", "guess", "10.9.9.9", NOW, "t")
        attacker = staff.sign_in(store, hasher, "bientap", "secret", "10.9.9.9", NOW, "t")
        assert attacker is SignInRefused.too_many
        owner = staff.sign_in(store, hasher, "bientap", "secret", "10.0.0.1", NOW, "t1")
        assert isinstance(owner, SignedIn)
        later = staff.sign_in(store, hasher, "bientap", "secret", "10.9.9.9", NOW + 16 * MINUTE, "t2")
        assert isinstance(later, SignedIn)


def test_pages_of_the_log_follow_each_other_without_gap(stores: Stores) -> None:
    broadcast = on_air(stores)
    reports = [playback(f"{broadcast}x{n}@{n}", n) for n in range(1, 131)]
    random.Random(1).shuffle(reports)
    with stores.open() as store:
        oversight.file_report(store, "loa-mau-1", wire.Report("j1", tuple(reports)), NOW)
        wanted = LogFilter(("/",), NOW, NOW + DAY)
        seen: list[tuple] = []
        while True:
            page = oversight.log_page(store, wanted, NOW)
            seen += [(r.line.planned.planned, r.line.planned.occurrence, r.line.planned.loudspeaker) for r in page.rows]
            if page.after is None:
                break
            wanted = msgspec.structs.replace(wanted, after=page.after)
        assert len(seen) == len(set(seen)) == 136
        assert seen == sorted(seen, reverse=True)


def test_a_server_is_set_up_from_the_command_line(stores: Stores) -> None:
    with stores.open() as store:
        hasher = PlainHasher()
        assert administration.add_person(store, "Moi", "Người mới (mẫu)", "editor", "Xã Y Tý", hasher, "pw", NOW)
        assert not administration.add_person(store, "moi", "", "approver", "Xã Bản Xèo", hasher, "pw2", NOW)
        assert len(person(store, "moi").grants) == 2
        hamlet = administration.add_hamlet(store, "Bản Mới", "Xã Y Tý", ("ium", "vi"), NOW)
        speaker = administration.add_loudspeaker(store, "Loa 1", hamlet.id, "S1", "cột điện", NOW)
        again = administration.add_loudspeaker(store, "Loa 1", "Bản Mới", "S2", "", NOW)
        assert (hamlet.id, speaker.id, again.id) == ("thon-ban-moi-xa-y-ty", "loa-loa-1-ban-moi", "loa-loa-1-ban-moi-2")
        administration.set_quiet_hours(store, "Bản Mới", "21:30-06:00", NOW)
        programmes.bring_up_to_date(store, NOW)
        assignment = store.fleet.assignments()[speaker.id]
        assert assignment.languages == ("ium", "vi")
        assert assignment.quiet_hours == QuietHours(21 * 60 + 30, 6 * 60)
        administration.set_quiet_hours(store, "Bản Mới", "inherit", NOW)
        programmes.bring_up_to_date(store, NOW)
        assert store.fleet.assignments()[speaker.id].quiet_hours is None, "the sample's province switches them off"


@pytest.mark.parametrize(
    "wrong",
    [
        lambda store: administration.add_person(store, "a/b", "", "editor", "Xã Y Tý", PlainHasher(), "", NOW),
        lambda store: administration.add_person(store, "ab", "", "king", "Xã Y Tý", PlainHasher(), "", NOW),
        lambda store: administration.add_person(store, "ab", "", "editor", "Xã Không Có", PlainHasher(), "", NOW),
        lambda store: administration.add_hamlet(store, "Bản", "Xã Y Tý", ("xx",), NOW),
        lambda store: administration.add_hamlet(store, " ", "Xã Y Tý", ("vi",), NOW),
        lambda store: administration.set_quiet_hours(store, "Xã Y Tý", "25:00-05:00", NOW),
    ],
)
def test_what_cannot_be_so_is_refused(stores: Stores, wrong: Callable) -> None:
    with pytest.raises(administration.Unfit), stores.open() as store:
        wrong(store)

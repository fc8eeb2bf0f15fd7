"""Tests of retention and legal holds on a real database and real files.

Nobody imports this module.
"""

import os
from pathlib import Path

import msgspec
import pytest

from audio.voice import Provenance
from schedules.clock import DAY, HOUR, civil_day
from schedules.recurrence import Daily
from server import bulletins, clearing, drafts, holding, programmes
from server.access import Role
from server.authority import Authority
from server.bell import Bell
from server.clip_archive import ClipArchive
from server.compose_form import ComposeForm, Mode
from server.desk import Desk
from server.draft import Basis
from server.keyring import Keyring
from server.originals import Originals
from server.refusals import Changed, NotAllowed, NotFound
from server.repositories.store import Store, Stores
from server.retention import AREA, BULLETIN
from server.tune import Tune, TuneKind
from tests.store.stage import NOW, approve, communes, compose, new_id, on_air, person, sound

LATER = NOW + 800 * DAY
"""More than 24 months."""
CLIP = sound().clip.sha256
ORIGINAL = "0" * 63 + "f"


@pytest.fixture
def archive(tmp_path: Path) -> ClipArchive:
    archive = ClipArchive(tmp_path / "clips")
    put(archive, CLIP)
    return archive


@pytest.fixture
def originals(tmp_path: Path) -> Originals:
    originals = Originals(tmp_path / "originals")
    (originals.folder / ORIGINAL).write_bytes(b"as it came")
    return originals


@pytest.fixture
def stores(stores: Stores) -> Stores:
    """With an administrator of both communes, and one of another."""
    with stores.open() as store:
        elsewhere = next(a.id for a in store.areas.below(["/"], "commune") if a.id not in communes(store))
        for username, places in (("luutru", communes(store)), ("khac", (elsewhere,))):
            store.staff.add(username, username, username, "x")
            for place in places:
                store.staff.grant(username, place, Role.administrator)
    return stores


def put(archive: ClipArchive, name: str, at: int = NOW) -> None:
    for suffix in ("mp3", "opus", "json"):
        path = archive.folder / f"{name}.{suffix}"
        path.write_bytes(b"sound")
        os.utime(path, ns=(0, at * 1_000_000))


def clear(stores: Stores, archive: ClipArchive, originals: Originals, now: int = LATER) -> set[str]:
    with stores.open() as store:
        programmes.bring_up_to_date(store, now)
    clearing.clear(stores, archive, originals, 24, now)
    return {path.name for path in (*archive.folder.iterdir(), *originals.folder.iterdir()) if path.is_file()}


def hold(store: Store, kind: str, subject: str, who: str = "luutru") -> str:
    holding.put(store, person(store, who), kind, subject, "Công văn 12", NOW, new_id)
    return store.keeping.holds()[0].id


def bulletin_of(store: Store, broadcast: str) -> str:
    return bulletins.page(store, person(store, "tinh"), broadcast).bulletin.id


def recorded(stores: Stores) -> str:
    """On air with a recording whose original is kept."""
    broadcast = on_air(stores)
    with stores.open() as store:
        made = msgspec.structs.replace(sound("b"), provenance=Provenance("recording", parameters=f"sha256={ORIGINAL}"))
        bulletins.render_again(store, bulletin_of(store, broadcast), "vi", made, NOW)
    return broadcast


def test_what_was_aired_long_ago_goes_and_everything_said_of_it_stays(
    stores: Stores, archive: ClipArchive, originals: Originals
) -> None:
    broadcast = recorded(stores)
    made = sound("b").clip.sha256
    put(archive, made)
    (archive.folder / CLIP).with_suffix(".mp3").unlink()
    assert clear(stores, archive, originals, NOW + 700 * DAY) >= {f"{made}.mp3", f"{made}.opus", ORIGINAL}
    assert not clear(stores, archive, originals) & {f"{made}.mp3", f"{made}.opus", f"{made}.json", ORIGINAL}
    with stores.open() as store:
        page = bulletins.page(store, person(store, "tinh"), broadcast)
        assert page.bulletin.variants[0].clip.sha256 == made
        acts = {(line.act, line.subject) for line in store.trail.latest(5)}
        assert {("clear", made), ("clear_original", ORIGINAL)} <= acts
        number = store.trail.end()[0]
    clear(stores, archive, originals, LATER + DAY)
    with stores.open() as store:
        assert store.trail.end()[0] == number, "what is gone goes once"


@pytest.mark.parametrize("kind", [BULLETIN, AREA, "province", "hamlet"])
def test_what_is_held_stays_until_the_hold_is_lifted(
    stores: Stores, archive: ClipArchive, originals: Originals, kind: str
) -> None:
    broadcast = on_air(stores)
    with stores.open() as store:
        store.staff.grant("luutru", "tinh-lao-cai", Role.administrator)
        places = {
            BULLETIN: bulletin_of(store, broadcast), AREA: communes(store)[0],
            "province": "tinh-lao-cai", "hamlet": "thon-mau-ta-chai",
        }  # fmt: skip
        held = hold(store, BULLETIN if kind == BULLETIN else AREA, places[kind])
    assert f"{CLIP}.mp3" in clear(stores, archive, originals)
    with stores.open() as store:
        holding.lift(store, person(store, "luutru"), held, LATER)
        assert [line.act for line in store.trail.latest(1)] == ["lift_hold"]
        with pytest.raises(Changed):
            holding.lift(store, person(store, "luutru"), held, LATER)
    assert f"{CLIP}.mp3" not in clear(stores, archive, originals)


def test_what_may_still_sound_stays(stores: Stores, archive: ClipArchive, originals: Originals) -> None:
    with stores.open() as store:
        daily = compose(store, targets=communes(store), recurrence=Daily(300, civil_day(NOW)))
        approve(store, daily)
    assert f"{CLIP}.mp3" in clear(stores, archive, originals)
    with stores.open() as store:
        bulletins.withdraw(store, person(store, "bientap"), daily, LATER)
    assert f"{CLIP}.mp3" in clear(stores, archive, originals, LATER + DAY), "it sounded until yesterday"
    assert f"{CLIP}.mp3" not in clear(stores, archive, originals, LATER + 800 * DAY)


def test_a_stored_emergency_and_an_open_draft_stay(stores: Stores, archive: ClipArchive, originals: Originals) -> None:
    other = "d" * 64
    put(archive, other)
    with stores.open() as store:
        editor = person(store, "bientap")
        stored = compose(store, targets=communes(store), mode=Mode.stored)
        form = ComposeForm(title="Họp", recordings={"mww": other})
        kept = drafts.keep(store, editor, form, Basis(), NOW, new_id)
    assert clear(stores, archive, originals) >= {f"{CLIP}.mp3", f"{other}.mp3"}
    with stores.open() as store:
        drafts.drop(store, person(store, "bientap"), kept.draft, kept.number, NOW)
        bulletins.withdraw(store, person(store, "bientap"), stored, NOW)
    assert not clear(stores, archive, originals) & {f"{CLIP}.mp3", f"{other}.mp3"}


def test_a_sound_that_is_made_once_more_is_there_again(
    stores: Stores, archive: ClipArchive, originals: Originals
) -> None:
    on_air(stores)
    clear(stores, archive, originals)
    put(archive, CLIP, LATER)
    with stores.open() as store:
        made = sound()
        store.broadcasts.keep_clip(made.clip, made.provenance, made.loudness, LATER)
        assert store.keeping.gone([CLIP], LATER) == [CLIP], "it had come back"


@pytest.mark.parametrize("who", ["bientap", "pheduyet", "tinh", "khac"])
def test_only_an_administrator_of_that_area_holds_and_lifts(stores: Stores, who: str) -> None:
    broadcast = on_air(stores)
    with stores.open() as store:
        held = hold(store, AREA, communes(store)[0])
        for kind, subject in ((AREA, communes(store)[0]), (BULLETIN, bulletin_of(store, broadcast))):
            with pytest.raises((NotAllowed, NotFound)):
                hold(store, kind, subject, who)
        with pytest.raises((NotAllowed, NotFound)):
            holding.lift(store, person(store, who), held, NOW)
        assert len(store.keeping.holds()) == 1
        assert holding.standing(store, person(store, who)) == []
        assert [line.name for line in holding.standing(store, person(store, "luutru"))] != []


@pytest.mark.parametrize(("kind", "subject"), [(AREA, "nowhere"), (BULLETIN, "bt-none"), ("x", "tinh-lao-cai")])
def test_what_is_not_there_is_not_held(stores: Stores, kind: str, subject: str) -> None:
    with stores.open() as store, pytest.raises(NotFound):
        hold(store, kind, subject)


def test_the_clearing_happens_once_a_day(stores: Stores, tmp_path: Path) -> None:
    cleared: list[int] = []
    clock = [NOW]
    keyring = Keyring(tmp_path, lambda: bytes(32))
    desk = Desk(
        stores, Bell(), lambda: clock[0], lambda _device, _report: None, keyring, Authority(tmp_path), cleared.append
    )
    for _ in range(3):
        desk.settle()
    clock[0] += DAY + HOUR
    desk.settle()
    assert cleared == [NOW, NOW + DAY + HOUR]


def test_what_stands_in_a_library_stays_taken_out_or_not(
    stores: Stores, archive: ClipArchive, originals: Originals
) -> None:
    made = sound()
    with stores.open() as store:
        store.broadcasts.keep_clip(made.clip, made.provenance, made.loudness, NOW)
        place = communes(store)[0]
        store.library.add(Tune("am-1", place, "Nhạc hiệu", TuneKind.jingle, "xã", made.clip, "bientap", NOW))
        store.library.retire("am-1", NOW)
    assert f"{CLIP}.mp3" in clear(stores, archive, originals)

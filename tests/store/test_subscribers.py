"""Happenings on their way to another system: a real receiver on loopback that refuses, has trouble, is away, changes its
secret; and a courier that is killed.

Imported by pytest alone.
"""

import hashlib
import hmac
import json
import select
import subprocess
import sys
from pathlib import Path

import pytest

from schedules.clock import DAY, HOUR, MINUTE
from server import happenings, webhooks
from server.courier import Courier
from server.happening import MOST_NAMED, About, Happening, HappeningKind, Spot
from server.notice import Matter, NoticeKind
from server.outward import Outward
from server.recipient import Webhook
from server.refusals import Changed, NotAllowed
from server.repositories.store import Stores
from server.subscription import BOTH_SIGN_FOR, PAUSED_AFTER
from server.web.api_door import instant
from server.web.event_tellings import happening_told
from tests.store.receivers import Office
from tests.store.stage import NOW, VAULT, communes, person
from tests.web.stage import Clock

EVERY = frozenset(HappeningKind)


@pytest.fixture
def clock() -> Clock:
    return Clock(NOW)


@pytest.fixture
def courier(stores: Stores, office: Office, clock: Clock) -> Courier:
    with stores.open() as store:
        told = (frozenset[Matter](), EVERY)
        keeper = person(store, "quantri")
        webhooks.make(store, keeper, communes(store)[0], f"{office.url}/nhan", told, VAULT, "kn-1", "bí mật", NOW)
    return Courier(stores, VAULT, Outward(private=True), happening_told, clock)


def happen(stores: Stores, *keys: str, place: int = 0, at: int = NOW) -> None:
    with stores.open() as store:
        path = store.areas.named(communes(store))[communes(store)[place]].path
        for key in keys:
            about = About(f"ps-{key}", "bt", key, "ordinary", path, (path,))
            store.happenings.add(Happening(key, HappeningKind.approved, at, about))


def hook_of(stores: Stores) -> Webhook:
    with stores.open() as store:
        found = store.notices.webhook("kn-1")
    assert found is not None
    return found


def titles(office: Office) -> list[str]:
    return [json.loads(body)["broadcast"]["title"] for _, _, body in office.taken]


def rounds(courier: Courier, clock: Clock, times: int, apart: int = HOUR) -> None:
    for _ in range(times):
        courier.round()
        clock.now += apart


def test_what_happens_comes_in_its_order_once_and_of_its_own_area_only(
    stores: Stores, office: Office, courier: Courier
) -> None:
    happen(stores, "a", "b")
    happen(stores, "nơi khác", place=1)
    happen(stores, "c")
    courier.round()
    courier.round()
    assert titles(office) == ["a", "b", "c"]
    told = [json.loads(body) for _, _, body in office.taken]
    assert [each["id"] for each in told] == [headers["loaban-id"] for _, headers, _ in office.taken]
    assert [int(each["cursor"]) for each in told] == sorted(int(each["cursor"]) for each in told)
    assert {each["kind"] for each in told} == {"broadcast.approved"}
    assert told[0]["occurred_at"] == instant(NOW)


def test_while_it_has_trouble_nothing_overtakes_and_the_same_comes_again(
    stores: Stores, office: Office, courier: Courier, clock: Clock
) -> None:
    office.answers = [503, 503]
    happen(stores, "a", "b")
    courier.round()
    courier.round()
    assert titles(office) == ["a"], "not before its pause is over"
    rounds(courier, clock, 3, MINUTE)
    assert titles(office) == ["a", "a", "a", "b"][: len(titles(office))]
    rounds(courier, clock, 2, MINUTE)
    assert titles(office) == ["a", "a", "a", "b"]
    first, second = office.taken[0], office.taken[1]
    assert first[1]["loaban-id"] == second[1]["loaban-id"]
    assert first[2] == second[2]
    assert (hook_of(stores).tries, hook_of(stores).failing_since) == (0, 0)


def test_one_that_is_refused_is_laid_aside_and_sent_again_when_somebody_asks(
    stores: Stores, office: Office, courier: Courier, clock: Clock
) -> None:
    office.answers = [422] * 5
    happen(stores, "xấu", "tốt")
    rounds(courier, clock, 7)
    assert titles(office) == ["xấu"] * 5 + ["tốt"]
    with stores.open() as store:
        [listed] = webhooks.listed(store, person(store, "quantri"), clock.now)
        [(aside, happening)] = listed.undelivered
        assert (aside.why, happening.key) == ("HTTP 422", "xấu")
        with pytest.raises(NotAllowed):
            webhooks.send_again(store, person(store, "pheduyet"), "kn-1", clock.now)
        assert webhooks.send_again(store, person(store, "quantri"), "kn-1", clock.now) == 1
    office.answers = [500]
    courier.round()
    with stores.open() as store:
        [again] = store.happenings.undelivered("kn-1", 10)
        assert (again.why, again.again, again.tries) == ("HTTP 500", False, 6)
        webhooks.send_again(store, person(store, "quantri"), "kn-1", clock.now)
    courier.round()
    assert titles(office)[-2:] == ["xấu", "xấu"]
    assert len({headers["loaban-id"] for _, headers, body in office.taken if b"x\xe1\xba\xa5u" in body}) == 1
    with stores.open() as store:
        assert store.happenings.undelivered("kn-1", 10) == []


def test_after_three_days_it_is_paused_people_are_told_and_it_goes_on_where_it_stopped(
    stores: Stores, office: Office, courier: Courier, clock: Clock
) -> None:
    happen(stores, "a", "b")
    away = Courier(stores, VAULT, Outward(private=True, resolve=lambda _h, _p: []), happening_told, clock)
    rounds(away, clock, 30)
    assert hook_of(stores).paused_at == 0, "who cannot be reached has refused nothing"
    rounds(away, clock, 45)
    assert hook_of(stores).paused_at - NOW >= PAUSED_AFTER
    assert hook_of(stores).reached == 0, "nothing is laid aside"
    with stores.open() as store:
        notices = store.notices.of("quantri", 10)
        assert [each.kind for each in notices] == [NoticeKind.webhook_paused]
        assert store.notices.of("bientap", 10) == []
    courier.round()
    assert office.taken == []
    with stores.open() as store:
        webhooks.go_on(store, person(store, "quantri"), "kn-1", clock.now)
        with pytest.raises(Changed):
            webhooks.go_on(store, person(store, "quantri"), "kn-1", clock.now)
    courier.round()
    assert titles(office) == ["a", "b"]


@pytest.mark.parametrize("status", [410, None])
def test_who_is_gone_or_stands_in_a_private_network_is_paused_at_once(
    stores: Stores, office: Office, courier: Courier, clock: Clock, status: int | None
) -> None:
    office.answers = [410]
    happen(stores, "a")
    one = courier if status else Courier(stores, VAULT, Outward(private=False), happening_told, clock)
    rounds(one, clock, 3)
    assert hook_of(stores).paused_at == NOW
    assert len(office.taken) == (1 if status else 0)


def fits(secret: str, headers: dict[str, str], body: bytes) -> bool:
    said = f"{headers['loaban-id']}.{headers['loaban-timestamp']}.".encode() + body
    wanted = "v1=" + hmac.new(secret.encode(), said, hashlib.sha256).hexdigest()
    return wanted in headers["loaban-signature"].split()


def test_two_secrets_sign_for_a_week_so_that_the_other_side_can_change_over(
    stores: Stores, office: Office, courier: Courier, clock: Clock
) -> None:
    happen(stores, "a")
    courier.round()
    with stores.open() as store:
        webhooks.rotate(store, person(store, "quantri"), "kn-1", VAULT, "mới", NOW)
    happen(stores, "b")
    courier.round()
    clock.now += BOTH_SIGN_FOR
    happen(stores, "c")
    courier.round()
    found = [(fits("bí mật", h, b), fits("mới", h, b)) for _, h, b in office.taken]
    assert found == [(True, False), (True, True), (False, True)]
    assert not fits("của người lạ", *office.taken[1][1:])


def test_what_happened_before_it_was_made_is_not_brought_and_what_people_change_meanwhile_stays(
    stores: Stores, office: Office, clock: Clock
) -> None:
    happen(stores, "cũ")
    with stores.open() as store:
        keeper, told = person(store, "quantri"), (frozenset[Matter](), EVERY)
        webhooks.make(store, keeper, communes(store)[0], f"{office.url}/", told, VAULT, "kn-1", "s", NOW)

    class Rotating(Outward):
        def post(self, url: str, body: bytes, headers: object) -> object:  # type: ignore[override]
            with stores.open() as store:
                webhooks.rotate(store, person(store, "quantri"), "kn-1", VAULT, "mới", NOW)
            return super().post(url, body, headers)  # type: ignore[arg-type]

    happen(stores, "mới")
    Courier(stores, VAULT, Rotating(private=True), happening_told, clock).round()
    assert titles(office) == ["mới"]
    assert VAULT.open("kn-1", hook_of(stores).secret) == "mới"
    assert hook_of(stores).reached > 0


def test_a_body_stays_small_however_many_loudspeakers_there_are() -> None:
    path = "/tinh-lao-cai/xa-03013/thon-{}/loa-{}/"
    spots = tuple(Spot(path.format(n, n), "Loa thôn " * 5, "failed", "no_power") for n in range(MOST_NAMED))
    counts = {f"/tinh-lao-cai/xa-{n:05}/": {"failed": 30} for n in range(100)}
    about = About("ps-1", "bt-1", "Họp " * 50, "ordinary", "/tinh-lao-cai/", ("/tinh-lao-cai/",))
    whole = Happening("k", HappeningKind.failed, NOW, about, "ps-1@1", NOW, 1, counts, spots)
    told = json.loads(happening_told(whole))
    assert len(happening_told(whole)) < 64 * 1024
    assert (told["failed"], len(told["loudspeakers"])) == (3_000, MOST_NAMED)
    assert told["outcomes"] == [{"outcome": "failed", "count": 3_000, "share": 1.0}]


COURIER = """
import sys
from server.courier import Courier
from server.outward import Outward
from server.repositories.store import Stores, engine_of
from server.vault import Vault
from server.web.api_door import instant
from server.web.event_tellings import happening_told

class Slow(Outward):
    def post(self, url, body, headers):
        answer = super().post(url, body, headers)
        print("sent", flush=True)
        sys.stdin.readline()  # killed here: it was taken, and nobody has noted it
        return answer

stores, now = Stores(engine_of(sys.argv[1])), int(sys.argv[2])
Courier(stores, Vault(b"v" * 32), Slow(private=True), happening_told, lambda: now).round()
"""


def test_a_courier_killed_before_it_has_noted_what_was_taken_brings_it_again_with_the_same_id(
    stores: Stores, office: Office, courier: Courier, tmp_path: Path
) -> None:
    happen(stores, "a", "b")
    command = [sys.executable, "-c", COURIER, f"sqlite:///{tmp_path / 'loaban.db'}", str(NOW)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            ready, _, _ = select.select([process.stdout], [], [], 60)
            assert ready
            assert process.stdout.readline().strip() == "sent"
        finally:
            process.kill()
    courier.round()
    assert titles(office) == ["a", "a", "b"]
    ids = [headers["loaban-id"] for _, headers, _ in office.taken]
    assert ids[0] == ids[1] != ids[2]


def test_what_the_courier_has_not_brought_is_read_by_cursor(stores: Stores) -> None:
    happen(stores, *"abcde")
    with stores.open() as store:
        reader = person(store, "bientap")
        first, cursor = happenings.listed(store, reader, "", 0, 2)
        second, end = happenings.listed(store, reader, "", cursor, 10)
        assert [each.key for each in (*first, *second)] == list("abcde")
        assert happenings.listed(store, reader, "", end, 10) == ([], end)
        recent = happenings.listed(store, reader, "", 0, 10, since=NOW + DAY)
        assert recent == ([], end)

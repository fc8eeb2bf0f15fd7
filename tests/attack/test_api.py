"""Bodies, headers and secrets that nobody would send, at the door of the JSON API: each is an answer, and none opens or
airs anything.

Nobody imports this module.
"""

import json
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from schedules.clock import DAY
from server import tokens
from server.api_token import Token, TokenForm
from tests.attack.mutation import mutated
from tests.web.stage import House, sample_database
from tests.web.test_api import GOOD

SECRET = "loaban_" + "s" * 43
TIMES = 150
BODIES = tuple(
    json.dumps(each, ensure_ascii=False).encode()
    for each in (GOOD, {**GOOD, "submit": False}, {"title": "x", "texts": {"mww": "a"}}, {**GOOD, "class": "emergency"})
)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder: Path = tmp_path_factory.mktemp("attacked")
    house = House(folder, sample_database(folder / "sample.db"))
    house.desk.settings.api_per_minute = 1_000_000
    with house.stores.open() as store:
        keeper, form = house.person(store, "quantri"), TokenForm("x", "xa-03013", "write", "31/12/2026")
        assert isinstance(tokens.make(store, keeper, form, SECRET, house.clock.now, house.desk.new_id), Token)
    yield house
    house.close()


def test_no_body_brings_it_down_or_airs(house: House) -> None:
    browser, dice, kept = house.anonymous(), random.Random(1), 0
    for number in range(TIMES):
        body = mutated(dice.choice(BODIES), BODIES, dice)
        told = {"authorization": f"Bearer {SECRET}", "idempotency-key": str(number), "content-type": "application/json"}
        answer = browser.post("/api/1/bulletins", content=body, headers=told)
        assert answer.status_code in (201, 400, 413, 422), (answer.status_code, body[:200])
        kept += answer.status_code == 201
    assert kept, "none of them was good: nothing was shown"
    house.follow()
    with house.stores.open() as store:
        assert store.logbook.expected_after(0) == []
        assert all(b.decision is None for b in store.broadcasts.below(("/",), 1000, house.clock.now + DAY))


def test_no_other_secret_opens_anything(house: House) -> None:
    browser, dice = house.anonymous(), random.Random(2)
    for _ in range(TIMES):
        secret = mutated(SECRET.encode(), (SECRET.encode(), b"Basic eDp5"), dice)[:4_000]
        if secret.strip() == SECRET.encode():
            continue
        answer = browser.get("/api/1/topics", headers={b"authorization": b"Bearer " + secret.replace(b"\n", b"")})
        assert answer.status_code == 401, secret


def test_no_cursor_brings_it_down(house: House) -> None:
    browser, dice = house.anonymous(), random.Random(3)
    seeds = (b"WzE3OTU0NzQ4MDAwMDAsICJwcy0xIl0", b"WzE3OTU0NzQ4MDAwMDAsICJhIiwgImIiXQ", b"WyJhIl0")
    for _ in range(TIMES):
        cursor = mutated(dice.choice(seeds), seeds, dice).decode("latin-1")[:4_000]
        for path in ("broadcasts", "playbacks", "areas"):
            told = {"authorization": f"Bearer {SECRET}"}
            answer = browser.get(f"/api/1/{path}", params={"cursor": cursor, "limit": "1"}, headers=told)
            assert answer.status_code in (200, 422), (path, cursor)

"""The JSON API: who comes in, what it reads, what it sends, and what it never can.

Imported by pytest alone.
"""

import threading
from typing import Any

import pytest
from starlette.testclient import TestClient

from schedules.clock import DAY, MINUTE
from server import bulletins
from server.access import Role
from server.refusals import OwnWork
from tests.web.stage import House

COMMUNE, OTHER = "xa-03013", "xa-02701"
GOOD: dict[str, Any] = {
    "title": "Tiêm phòng cho trẻ",
    "topic": "chinh-sach",
    "texts": {"vi": "Kính thưa bà con. Sáng mai trạm y tế tiêm phòng cho trẻ em."},
    "targets": [COMMUNE],
    "when": {"mode": "once", "date": "05/12/2026", "time": "17:00"},
    "submit": True,
}


class Program:
    """A program with a token."""

    def __init__(self, house: House, secret: str) -> None:
        self.browser, self.secret = house.anonymous(), secret

    def get(self, path: str, **headers: str) -> Any:
        return self.browser.get(f"/api/1{path}", headers={"authorization": f"Bearer {self.secret}", **headers})

    def send(self, content: Any, key: str = "k1", **headers: str) -> Any:
        told = {"authorization": f"Bearer {self.secret}", "idempotency-key": key, **headers}
        return self.browser.post("/api/1/bulletins", json=content, headers=told)


def make(house: House, scope: str = "write", area: str = COMMUNE, until: str = "31/12/2026") -> str:
    """The secret of a token that the administrator has made."""
    data = {"name": "Phần mềm huyện", "area": area, "scope": scope, "until": until}
    page = house.somebody("quantri").post("/cai-dat/ket-noi", data=data)
    assert page.status_code == 200, page.text
    return page.text.partition('<code class="key">')[2].partition("</code>")[0]


@pytest.fixture
def program(house: House) -> Program:
    return Program(house, make(house))


def test_nothing_is_answered_without_a_token_and_a_cookie_opens_nothing(house: House) -> None:
    for browser in (house.anonymous(), house.somebody("pheduyet"), house.somebody("quantri")):
        for path in ("bulletins", "broadcasts", "playbacks", "loudspeakers", "areas", "topics", "events"):
            answer = browser.get(f"/api/1/{path}")
            assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
            assert answer.headers["content-type"] == "application/problem+json"
        assert browser.post("/api/1/bulletins", json=GOOD, headers={"idempotency-key": "x"}).status_code == 401
    assert Program(house, "loaban_x").get("/areas").json()["type"] == "/api/1#token_unfit"


def test_the_secret_is_shown_once_and_only_its_hash_is_kept(house: House) -> None:
    secret = make(house)
    assert secret.startswith("loaban_")
    assert secret not in house.somebody("quantri").get("/cai-dat/ket-noi").text
    with house.stores.open() as store:
        lines = repr([(line.act, line.after) for line in store.trail.latest(5)])
    assert "make_token" in lines
    assert secret not in lines
    assert secret.encode() not in b"".join(path.read_bytes() for path in house.desk.settings.data_folder.glob("*.db*"))


def test_a_token_ends_by_its_day_and_by_being_revoked(house: House) -> None:
    program = Program(house, make(house, until="05/12/2026"))
    assert program.get("/topics").status_code == 200
    house.clock.now += 2 * DAY
    assert program.get("/topics").status_code == 401
    other = Program(house, make(house))
    assert other.get("/topics").status_code == 200
    with house.stores.open() as store:
        keeper = house.somebody("quantri")
        held = store.tokens.below(["/"])
    assert held[0].used_at == house.clock.now
    assert keeper.post(f"/cai-dat/ket-noi/{held[0].staff}/thu-hoi").status_code == 303
    assert other.get("/topics").status_code == 401
    with house.stores.open() as store:
        assert store.trail.latest(1)[0].act == "revoke_token"
        assert house.person(store, held[0].staff).grants == ()


WRONG_FORMS = (
    ({"name": " "}, "name"),
    ({"until": ""}, "until"),
    ({"until": "31/02/2027"}, "until"),
    ({"until": "01/12/2026"}, "until"),
    ({"until": "31/12/2099"}, "until"),
    ({"scope": "all"}, "scope"),
    ({"area": ""}, "area"),
)


def test_what_is_wrong_with_the_form_is_told_beside_its_field(house: House) -> None:
    good = {"name": "x", "area": COMMUNE, "scope": "read", "until": "31/12/2026"}
    keeper = house.somebody("quantri")
    for form, field in WRONG_FORMS:
        page = keeper.post("/cai-dat/ket-noi", data={**good, **form})
        assert page.status_code == 422
        assert f'id="error-{field}"' in page.text
    with house.stores.open() as store:
        assert store.tokens.below(["/"]) == []


def test_nobody_makes_a_token_beyond_their_own_area_or_as_an_editor(house: House) -> None:
    house.grant("quanxa", COMMUNE, Role.administrator)
    form = {"name": "x", "area": OTHER, "scope": "read", "until": "31/12/2026"}
    assert house.somebody("quanxa").post("/cai-dat/ket-noi", data=form).status_code == 404
    assert house.somebody("pheduyet").post("/cai-dat/ket-noi", data=form).status_code == 403
    make(house, area=OTHER)
    with house.stores.open() as store:
        [token] = store.tokens.below(["/"])
    assert house.somebody("quanxa").post(f"/cai-dat/ket-noi/{token.staff}/thu-hoi").status_code == 404


def test_the_account_of_a_program_is_nobodys(house: House) -> None:
    """It is in no list of people, nobody signs in with it, and nobody is asked to record by it."""
    make(house)
    with house.stores.open() as store:
        [token] = store.tokens.below(["/"])
        assert token.staff not in {account.id for account in store.staff.accounts()}
        assert store.staff.account(token.staff) is None
        assert store.staff.find(f"machine:{token.staff}") is None
    data = {"username": f"machine:{token.staff}", "password": ""}
    assert house.anonymous().post("/dang-nhap", data=data).status_code == 422
    assert "Phần mềm huyện" not in house.somebody("quantri").get("/can-bo").text
    assert house.somebody("quantri").post(f"/can-bo/{token.staff}/mat-khau").status_code == 404


def test_what_is_sent_waits_for_approval_by_another_and_sounds_for_nobody_before(
    house: House, program: Program
) -> None:
    answer = program.send(GOOD)
    assert answer.status_code == 201, answer.text
    told = answer.json()
    assert (told["kind"], told["state"]) == ("broadcast", "submitted")
    assert answer.headers["location"] == f"/api/1/broadcasts/{told['id']}"
    house.follow()
    with house.stores.open() as store:
        assert store.logbook.expected_after(0) == []
        page = bulletins.page(store, house.person(store, "pheduyet"), told["id"])
        assert (page.state.value, page.may_decide, page.author) == ("submitted", True, "Phần mềm huyện")
        assert "compose" in {line.act for line in store.trail.latest(3)}
    house.approve(told["id"])
    with house.stores.open() as store:
        assert store.logbook.expected_after(0)
    assert program.get(f"/broadcasts/{told['id']}").json()["approver"] == "Lãnh đạo phê duyệt (mẫu)"


def test_who_made_the_token_does_not_approve_what_it_sends(house: House) -> None:
    house.grant("quantri", "tinh-lao-cai", Role.approver)
    sent = Program(house, make(house)).send(GOOD).json()["id"]
    with house.stores.open() as store:
        keeper = house.person(store, "quantri")
        seal = bulletins.page(store, keeper, sent).seal
        with pytest.raises(OwnWork):
            bulletins.approve(store, keeper, sent, seal, house.clock.now, by_text=["vi"])


def test_without_submit_it_is_a_draft_that_a_person_finishes(house: House, program: Program) -> None:
    answer = program.send({"title": "Chưa xong", "texts": {"mww": "Nyob zoo"}, "targets": [COMMUNE]})
    assert (answer.status_code, answer.json()["kind"]) == (201, "draft")
    page = house.somebody("bientap").get(answer.json()["page"])
    assert page.status_code == 200
    assert "Chưa xong" in page.text
    assert "Phần mềm huyện" in page.text
    assert house.broadcasts() == []


def test_the_same_key_gets_the_same_answer_and_another_content_is_refused(house: House, program: Program) -> None:
    first, again = program.send(GOOD), program.send(GOOD)
    assert (first.status_code, again.status_code, first.json()) == (201, 201, again.json())
    assert "idempotent-replayed" not in first.headers
    assert again.headers["idempotent-replayed"] == "true"
    assert again.headers["location"] == first.headers["location"]
    other = program.send({**GOOD, "title": "Khác"})
    assert (other.status_code, other.json()["type"]) == (409, "/api/1#key_reused")
    assert len(house.broadcasts()) == 1
    assert program.send({**GOOD, "title": "Khác"}, key="k2").status_code == 201
    assert program.send(GOOD, key="").json()["type"] == "/api/1#key_missing"
    assert Program(house, make(house)).send(GOOD).status_code == 201, "a key is a token's own"
    house.clock.now += 8 * DAY
    assert len(house.broadcasts()) == 3


def test_a_refusal_is_not_remembered(house: House, program: Program) -> None:
    assert program.send({**GOOD, "topic": "không có"}).status_code == 422
    assert program.send(GOOD).status_code == 201


def test_the_same_sent_many_times_at_once_is_kept_once(house: House, program: Program) -> None:
    answers: list[Any] = []
    threads = [threading.Thread(target=lambda: answers.append(program.send(GOOD))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert [answer.status_code for answer in answers] == [201] * 6
    assert len({answer.text for answer in answers}) == 1
    assert len(house.broadcasts()) == 1


WRONG: tuple[tuple[dict[str, Any], str], ...] = (
    ({"title": ""}, "title"),
    ({"title": "a\u202eb"}, "title"),
    ({"topic": "x"}, "topic"),
    ({"targets": []}, "targets"),
    ({"targets": [OTHER]}, "targets"),
    ({"texts": {"vi": "Gặp ABCX, hỏi 12zz"}}, "texts.vi"),
    ({"texts": {"vi": "Kính thưa bà con.", "mww": "Nyob zoo"}}, "texts.mww"),
    ({"when": {"mode": "once", "date": "01/12/2026", "time": "05:00"}}, "when.date"),
    ({"when": {"mode": "bao giờ"}}, "when.mode"),
    ({"class": "emergency"}, "reason"),
)


def test_what_is_wrong_is_told_by_field_in_both_languages(house: House, program: Program) -> None:
    for change, field in WRONG:
        content = {**GOOD, **change}
        vietnamese = program.send(content).json()
        english = program.send(content, **{"accept-language": "fr;q=0.2, en-GB, vi;q=0.5"})
        assert english.status_code == 422
        assert english.headers["content-language"] == "en"
        assert field in [error["field"] for error in vietnamese["errors"]], vietnamese
        assert vietnamese["title"] != english.json()["title"]
    assert house.broadcasts() == []


def test_nor_is_it_kept_as_a_draft_where_no_form_could_show_it(house: House, program: Program) -> None:
    for change in ({"title": "x\0"}, {"title": "a\u202eb"}, {"targets": [OTHER]}, {"topic": "x"}):
        assert program.send({**GOOD, **change, "submit": False}).status_code == 422
    with house.stores.open() as store:
        assert store.drafts.open_below(["/"], 10) == []


def test_a_token_that_reads_sends_nothing(house: House) -> None:
    answer = Program(house, make(house, scope="read")).send(GOOD)
    assert (answer.status_code, answer.json()["type"]) == (403, "/api/1#read_only")


def test_a_token_sees_its_area_and_nothing_else(house: House) -> None:
    house.grant("bientap2", OTHER, Role.editor)
    here = house.write("Của xã", targets=("thon-mau-ta-chai",))
    there = house.write("Của xã khác", targets=(OTHER,), author="bientap2")
    program, other = Program(house, make(house)), Program(house, make(house, area=OTHER))
    assert [each["id"] for each in program.get("/broadcasts").json()["items"]] == [here]
    assert [each["id"] for each in other.get("/broadcasts").json()["items"]] == [there]
    assert program.get(f"/broadcasts/{there}").status_code == 404
    [bulletin] = other.get("/bulletins").json()["items"]
    assert program.get(f"/bulletins/{bulletin['id']}").status_code == 404
    assert (
        program.get(
            "/playbacks",
        ).status_code
        == 200
    )
    assert program.get(f"/playbacks?area={OTHER}").status_code == 404
    assert program.get("/loudspeakers/loa-mau-1").status_code == 404
    assert {each["area"] for each in program.get("/loudspeakers").json()["items"]} == {
        "thon-mau-can-ngai", "thon-mau-sa-xeng", "thon-mau-ta-chai",
    }  # fmt: skip


def test_what_was_reported_is_read(house: House, program: Program) -> None:
    sent = house.write()
    house.approve(sent)
    house.clock.now += 2 * 60 * MINUTE
    house.report("loa-mau-6", house.expected("loa-mau-6", sent))
    [row] = program.get("/playbacks?outcome=played").json()["items"]
    assert (row["loudspeaker"], row["broadcast"], row["evidence"], row["state"]) == (
        "loa-mau-6", sent, "counted", "reported",
    )  # fmt: skip
    assert row["planned"] == "2026-12-04T06:00:00.000Z"
    assert row["clock_bound_ms"] == 12


def test_pages_hold_everything_once(house: House) -> None:
    for number in range(5):
        house.approve(house.write(f"Bản tin {number}"))
    house.desk.settings.api_per_minute = 1_000
    program = Program(house, make(house, area="tinh-lao-cai"))
    for path in ("/bulletins", "/broadcasts", "/loudspeakers", "/areas", "/playbacks"):
        limit = 40 if path == "/areas" else 2
        whole = program.get(f"{path}?limit=200").json()
        assert whole["next"] is None
        seen, cursor = [], ""
        while cursor is not None:
            page = program.get(f"{path}?limit={limit}&cursor={cursor}").json()
            seen += page["items"]
            cursor = page["next"]
        assert seen == whole["items"], path
        assert len(seen) > limit


def test_broadcasts_are_found_by_state_class_and_time(house: House, program: Program) -> None:
    first, second = house.write("Một"), house.write("Hai")
    house.approve(first)
    for query, ids in (
        ("state=approved", [first]),
        ("state=submitted", [second]),
        ("state=submitted&state=approved&limit=1", 1),
        ("class=priority", []),
        ("topic=an-ninh", {first, second}),
        ("since=2027-01-01T00:00:00Z", []),
        ("until=2027-01-01T00:00:00%2B07:00&state=withdrawn", []),
    ):
        items = [each["id"] for each in program.get(f"/broadcasts?{query}").json()["items"]]
        assert (len(items) if isinstance(ids, int) else type(ids)(items)) == ids, query


def test_senseless_questions_are_told(program: Program) -> None:
    for query in (
        "cursor=x",
        "cursor=W10",
        "cursor=WzEsMl0",
        "limit=0",
        "limit=x",
        "since=2026-12-04",
        "since=hom%20nay",
        "state=x",
    ):
        answer = program.get(f"/broadcasts?{query}")
        assert answer.status_code == 422
        assert answer.headers["content-type"] == "application/problem+json"


def test_who_asks_too_often_waits(house: House, program: Program) -> None:
    house.desk.settings.api_per_minute = 3
    assert [program.get("/topics").status_code for _ in range(4)] == [200, 200, 200, 429]
    late = program.get("/topics")
    assert late.headers["retry-after"] == "20"
    assert Program(house, make(house)).get("/topics").status_code == 200, "others do not wait for it"
    house.clock.now += 21_000
    assert program.get("/topics").status_code == 200


def test_the_description_is_open_and_holds_the_api_alone(house: House) -> None:
    found = house.anonymous().get("/api/1/openapi.json").json()
    assert all(path.startswith("/api/1/") for path in found["paths"])
    assert found["openapi"].startswith("3.1")
    assert {"/api/1/bulletins", "/api/1/broadcasts", "/api/1/playbacks", "/api/1/loudspeakers"} <= found["paths"].keys()
    page = house.anonymous().get("/api/1")
    assert page.status_code == 200
    for name in (*found["paths"], *(n for n, s in found["components"]["schemas"].items() if "properties" in s)):
        assert name in page.text
    assert "http://" not in page.text


def test_a_fault_of_the_server_is_a_problem_too(house: House, program: Program) -> None:
    house.desk.settings.api_per_minute = 0  # nobody can set this
    answer = TestClient(house.app, raise_server_exceptions=False).get(
        "/api/1/topics", headers={"authorization": f"Bearer {program.secret}"}
    )
    assert (answer.status_code, answer.headers["content-type"]) == (500, "application/problem+json")

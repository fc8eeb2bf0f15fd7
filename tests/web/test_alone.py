"""Emergencies in the form, on one signature and on two, as people click them.

Imported by pytest alone.
"""

import pytest
from starlette.testclient import TestClient

from schedules.clock import DAY, MINUTE
from server import bulletins, programmes
from server.access import Role
from server.lifecycle import BroadcastState
from tests.web.stage import House, text_of
from tests.web.test_composing import GOOD, Form
from tests.web.test_drafts import kept_in

EMERGENCY = {
    **GOOD,
    "broadcast_class": "emergency",
    "title": "Lũ quét",
    "text": "Bà con sơ tán ngay.",
    "mode": "now",
    "date": "",
    "time": "",
    "authority": "UBND xã Tả Phìn",
    "responsible": "Chủ tịch xã",
    "reason": "Nước suối dâng nhanh",
}
COMMUNE = "thon-mau-ta-chai"


@pytest.fixture
def officer(house: House) -> TestClient:
    house.grant("truc", COMMUNE, Role.emergency_officer)
    return house.somebody("truc")


def air(officer: TestClient) -> str:
    """As the officer does it: the form, one more look, one press."""
    look = officer.post("/ban-tin/soan", data={**EMERGENCY, "action": "alarm"})
    assert look.status_code == 303, text_of(look.text)
    page = officer.get(look.headers["location"])
    number = Form(page.text).fields["number"][0]
    answer = officer.post(look.headers["location"], data={"number": number})
    assert answer.status_code == 303, text_of(answer.text)
    return answer.headers["location"]


@pytest.mark.parametrize(
    ("klass", "missing", "asked"),
    [
        ("ordinary", ("authority", "responsible", "reason"), ()),
        ("priority", ("reason",), ()),
        ("priority", ("authority",), ("authority",)),
        ("priority", ("responsible",), ("responsible",)),
        ("emergency", ("reason",), ("reason",)),
        ("emergency", ("authority", "responsible", "reason"), ("authority", "responsible", "reason")),
    ],
)
def test_who_answers_for_it_is_asked_where_it_goes_before_others(
    house: House, editor: TestClient, klass: str, missing: tuple[str, ...], asked: tuple[str, ...]
) -> None:
    form = {**EMERGENCY, "broadcast_class": klass, **dict.fromkeys(missing, " ")}
    answer = editor.post("/ban-tin/soan", data=form)
    assert answer.status_code == (422 if asked else 303)
    if asked:
        assert set(Form(answer.text).messages) == set(asked)
        assert all("Vui lòng điền ô này" in Form(answer.text).messages[name] for name in asked)
        assert Form(answer.text).fields["title"] == [EMERGENCY["title"]]


@pytest.mark.parametrize(
    ("field", "value"), [("authority", "x" * 500), ("responsible", "a\x07"), ("reason", "x" * 900)]
)
def test_what_cannot_be_kept_is_told_beside_its_field(editor: TestClient, field: str, value: str) -> None:
    answer = editor.post("/ban-tin/soan", data={**EMERGENCY, field: value})
    assert set(Form(answer.text).messages) == {field}
    assert Form(answer.text).fields[field] == [value]


def test_who_answers_for_it_stands_on_the_page(editor: TestClient) -> None:
    address = editor.post("/ban-tin/soan", data=EMERGENCY).headers["location"]
    said = text_of(editor.get(address).text)
    for field in ("authority", "responsible", "reason"):
        assert str(EMERGENCY[field]) in said


def test_an_officer_airs_an_emergency_and_it_stands_red_until_a_second_person_has_looked(
    house: House, officer: TestClient, approver: TestClient
) -> None:
    rung: list[str] = []
    house.bell.listen(rung.append)
    address = air(officer)
    assert "programmes" in rung
    with house.stores.open() as store:
        programmes.bring_up_to_date(store, house.clock.now)
        assert [p.area for p in store.fleet.programmes().values() if p.slots] == [COMMUNE]
    for who in ("pheduyet", "bientap", "tinh", "truc"):
        said = text_of(house.somebody(who).get("/").text)
        assert "⚠ Một chữ ký Lũ quét : truc (mẫu) một mình cho phát lúc" in said, who
        assert ("Vui lòng xem lại" in said) == (who == "pheduyet"), who
    assert "⚠ Một chữ ký Lũ quét" in text_of(approver.get("/phe-duyet").text)
    assert "Tất cả đều ổn" not in text_of(approver.get("/").text)
    house.clock.now += DAY + MINUTE
    approver = house.somebody("pheduyet")
    for page in ("/", address):
        assert "Quá hạn: đã hơn 24 giờ" in text_of(approver.get(page).text)
    assert "chưa có người thứ hai xem lại" in text_of(approver.get("/ban-tin").text)
    objection = approver.post(f"{address}/xem-lai", data={"verdict": "object", "note": " "})
    assert objection.status_code == 422
    assert "Vui lòng ghi rõ điều gì không đúng" in objection.text
    assert approver.post(f"{address}/xem-lai", data={"verdict": "object", "note": "Báo nhầm"}).status_code == 303
    said = text_of(approver.get(address).text)
    assert "không đồng ý : Báo nhầm" in said
    assert "⚠ Một chữ ký" not in text_of(approver.get("/").text)
    assert approver.post(f"{address}/xem-lai", data={"verdict": "confirm"}).status_code == 409


def test_the_form_of_an_officer_offers_emergencies_alone(house: House, officer: TestClient) -> None:
    page = officer.get("/ban-tin/soan").text
    assert 'value="ordinary"' not in page
    assert 'value="alarm"' in page
    assert "Soạn bản tin" in text_of(officer.get("/").text)
    assert 'value="alarm"' not in house.somebody("bientap").get("/ban-tin/soan").text


def test_what_one_signature_cannot_do_is_told(house: House, officer: TestClient) -> None:
    for change, beside in (
        ({"broadcast_class": "ordinary"}, "targets"),
        ({"broadcast_class": "priority"}, "targets"),
        ({"targets": "thon-mau-sim-san"}, "targets"),
        ({"mode": "stored"}, "mode"),
        ({"reason": ""}, "reason"),
    ):
        answer = officer.post("/ban-tin/soan", data={**EMERGENCY, **change, "action": "alarm"})
        assert answer.status_code == 422, change
        assert beside in Form(answer.text).messages, change
    assert house.broadcasts() == []


@pytest.mark.parametrize("who", ["bientap", "pheduyet", "tinh"])
def test_nobody_else_airs_on_one_signature_by_an_address(house: House, who: str) -> None:
    editor = house.somebody("bientap")
    draft = editor.post("/ban-tin/soan", data={**EMERGENCY, "action": "keep"}).headers["location"].partition("nhap=")[2]
    browser = house.somebody(who)
    for method in ("GET", "POST"):
        answer = browser.request(method, f"/ban-tin/nhap/{draft}/phat-ngay", data={"number": "1"})
        assert answer.status_code == 403, method
    assert house.broadcasts() == []


def test_what_changed_since_the_look_is_not_aired(house: House, officer: TestClient, editor: TestClient) -> None:
    look = officer.post("/ban-tin/soan", data={**EMERGENCY, "action": "alarm"}).headers["location"]
    number = Form(officer.get(look).text).fields["number"][0]
    draft = look.split("/")[3]
    form = Form(editor.get(f"/ban-tin/soan?nhap={draft}").text)
    editor.post("/ban-tin/soan", data={**EMERGENCY, **kept_in(form), "text": "Khác hẳn.", "action": "keep"})
    assert officer.post(look, data={"number": number}).status_code == 409
    assert house.broadcasts() == []
    number = Form(officer.get(look).text).fields["number"][0]
    assert officer.post(look, data={"number": number}).status_code == 303
    assert officer.post(look, data={"number": number}).status_code == 409, "a second press airs nothing new"
    assert len(house.broadcasts()) == 1


def test_who_aired_it_does_not_review_it(house: House, officer: TestClient) -> None:
    address = air(officer)
    assert "xem-lai" not in officer.get(address).text
    assert officer.post(f"{address}/xem-lai", data={"verdict": "confirm"}).status_code == 403
    with house.stores.open() as store:
        assert len(store.broadcasts.unreviewed()) == 1
        page = bulletins.page(store, house.person(store, "tinh"), address.rpartition("/")[2])
    assert page.state is BroadcastState.approved

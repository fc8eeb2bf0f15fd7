"""The page "Tạm ngừng phát": a leader suspends days, the loudspeakers below are told, and it can be lifted.

Imported by pytest alone.
"""

import re

import pytest

from schedules.suspension import Suspension
from server import programmes
from server.access import Role
from tests.web.stage import House

HAMLET, DEVICE = "/tam-ngung/thon-mau-ta-chai", "loa-mau-6"
EXAMS = {"name": "Tuần thi", "first": "05/12/2026", "last": "12/12/2026", "start": "7:00", "end": "11h30"}


@pytest.fixture(autouse=True)
def _people(house: House) -> None:
    house.grant("lanhdao", "tinh-lao-cai", Role.approver)
    house.grant("viet", "tinh-lao-cai", Role.editor)


def told(house: House) -> tuple[Suspension, ...]:
    """What the loudspeaker of the hamlet is told."""
    with house.stores.open() as store:
        programmes.bring_up_to_date(store, house.clock.now)
        return store.fleet.assignments()[DEVICE].suspensions


def commune_of(house: House) -> str:
    with house.stores.open() as store:
        area = store.areas.find("thon-mau-ta-chai")
        assert area is not None
        return f"/tam-ngung/{area.parent}"


def test_a_leader_suspends_a_commune_and_its_loudspeakers_are_told_until_it_is_lifted(house: House) -> None:
    leader, commune = house.somebody("lanhdao"), commune_of(house)
    assert told(house) == ()
    answer = leader.post(commune, data=EXAMS)
    assert answer.headers["location"] == commune
    assert [(s.name, s.start, s.end, s.priority) for s in told(house)] == [("Tuần thi", 420, 690, False)]
    page = leader.get(HAMLET).text
    assert "05/12/2026 – 12/12/2026, 07:00–11:30" in page
    assert "Bỏ tạm ngừng “Tuần thi”" in page
    which = re.search(r'name="which" value="(\w+)"', page)
    assert which is not None
    leader.post(f"{commune}/bo", data={"which": which[1]})
    assert told(house) == ()
    assert leader.post(f"{commune}/bo", data={"which": which[1]}).status_code == 404


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"name": " "}, "name"),
        ({"first": "31/02/2027"}, "first"),
        ({"first": "01/01/2020"}, "first"),
        ({"last": "04/12/2026"}, "last"),
        ({"end": "6:00"}, "end"),
        ({"start": "25:00"}, "start"),
    ],
)
def test_what_makes_no_sense_is_said_and_kept(house: House, typed: dict[str, str], field: str) -> None:
    leader = house.somebody("lanhdao")
    answer = leader.post(HAMLET, data={**EXAMS, **typed})
    assert answer.status_code == 422
    assert f'id="error-{field}"' in answer.text
    assert told(house) == ()


def test_who_may_not_is_shown_the_calendar_without_a_form(house: House) -> None:
    writer = house.somebody("viet")
    assert "Chưa có ngày nào tạm ngừng." in writer.get(HAMLET).text
    assert writer.post(HAMLET, data=EXAMS).status_code == 403

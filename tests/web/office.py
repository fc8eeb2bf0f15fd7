"""An office of the province that sends bulletins down: who writes and approves there, and what they send.

Imported by tests of the web and of the browser.
"""

import msgspec

from schedules.clock import DAY, UtcMs
from schedules.programme import BroadcastClass
from schedules.recurrence import Once
from server import bulletins
from server.access import Role
from server.compose_form import Mode
from server.composing import Draft, DraftVariant
from tests.web.stage import House

PROVINCE, HERE, ELSEWHERE = "tinh-lao-cai", "xa-03013", "xa-02701"
WRITER, LEADER = "tinhviet", "tinhduyet"
ANSWERS = ("UBND tỉnh (mẫu)", "Chủ tịch tỉnh (mẫu)", "Mưa lớn")


def open_office(house: House) -> None:
    """Its people."""
    house.grant(WRITER, PROVINCE, Role.editor)
    house.grant(LEADER, PROVINCE, Role.approver)


def send_down(
    house: House,
    title: str = "Tháng an toàn giao thông",
    klass: BroadcastClass = BroadcastClass.ordinary,
    targets: tuple[str, ...] = (PROVINCE,),
    at: UtcMs | None = None,
) -> str:
    """Written, approved and sent down for communes to take; its id."""
    open_office(house)
    due, new_id = house.clock.now + DAY if at is None else at, house.desk.new_id
    sound = house.studio.record(f"RIFF {title} vi".encode(), "vi")
    variants = (DraftVariant("vi", "Kính thưa bà con.", "", sound.clip.sha256),)
    draft = Draft(title, "an-ninh", klass, variants, targets, Mode.once, Once(due), *ANSWERS, pushed=True)
    if klass is BroadcastClass.ordinary:
        draft = msgspec.structs.replace(draft, authority="", responsible="", reason="")
    with house.stores.open() as store:
        writer, leader = house.person(store, WRITER), house.person(store, LEADER)
        sent = bulletins.compose(store, writer, draft, {"vi": sound}, house.clock.now, new_id)
        seal = bulletins.page(store, leader, sent).seal
        bulletins.approve(store, leader, sent, seal, house.clock.now, by_text=("vi",))
    house.follow()
    return sent

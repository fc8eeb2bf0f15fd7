"""From "waiting" to "approved", "sent back" or "withdrawn", as people click it.

Imported by pytest alone.
"""

import re

import pytest
from starlette.testclient import TestClient

from schedules.clock import HOUR, MINUTE
from schedules.programme import BroadcastClass
from schedules.recurrence import Once
from server import bulletins
from server.compose_form import Mode
from server.lifecycle import BroadcastState
from server.planning import NOW_LEAD
from tests.web.stage import House, text_of


def state_of(house: House, broadcast: str) -> BroadcastState:
    with house.stores.open() as store:
        return bulletins.page(store, house.person(store, "tinh"), broadcast).state


def by_text(seal: str, *languages: str) -> dict[str, str | list[str]]:
    """The form "Duyệt" as it is sent with every tick set."""
    return {"seal": seal, "by_text": list(languages or ("vi", "mww", "ium"))}


def _seal(html: str) -> str:
    found = re.search(r'name="seal" value="([0-9a-f]{64})"', html)
    assert found, "the page offers no approval"
    return found[1]


def test_another_person_approves_with_two_clicks(house: House, approver: TestClient) -> None:
    broadcast = house.write("Họp thôn", languages=("vi", "mww"))
    assert "1 bản tin chờ phê duyệt" in approver.get("/").text
    assert f'href="/ban-tin/{broadcast}"' in approver.get("/phe-duyet").text
    page = approver.get(f"/ban-tin/{broadcast}").text
    assert page.count("<audio") == 2
    answer = approver.post(f"/ban-tin/{broadcast}/duyet", data=by_text(_seal(page)))
    assert answer.headers["location"] == f"/ban-tin/{broadcast}"
    assert state_of(house, broadcast) is BroadcastState.approved
    said = text_of(approver.get(f"/ban-tin/{broadcast}").text)
    assert "Người duyệt Lãnh đạo phê duyệt (mẫu)" in said
    assert broadcast not in approver.get("/phe-duyet").text


def test_what_is_approved_too_late_says_what_to_do_and_can_be_sent_back(house: House, approver: TestClient) -> None:
    broadcast = house.write("Họp thôn")
    house.clock.now += 2 * HOUR
    seal = _seal(approver.get(f"/ban-tin/{broadcast}").text)
    answer = approver.post(f"/ban-tin/{broadcast}/duyet", data={"seal": seal})
    assert answer.status_code == 409
    assert re.search(r"Giờ phát \d\d:\d\d \d\d/12/2026 đã qua", answer.text)
    assert f'action="/ban-tin/{broadcast}/tra-lai"' in answer.text
    assert state_of(house, broadcast) is BroadcastState.submitted


def test_nobody_approves_their_own(house: House, approver: TestClient) -> None:
    broadcast = house.write(author="pheduyet")
    page = approver.get(f"/ban-tin/{broadcast}").text
    assert 'name="seal"' not in page
    assert "cần người khác duyệt" in page
    with house.stores.open() as store:
        seal = bulletins.page(store, house.person(store, "pheduyet"), broadcast).seal
    answer = approver.post(f"/ban-tin/{broadcast}/duyet", data={"seal": seal})
    assert answer.status_code == 403
    assert "cần người khác duyệt" in answer.text
    assert state_of(house, broadcast) is BroadcastState.submitted


def test_an_editor_does_not_approve(house: House, editor: TestClient) -> None:
    broadcast = house.write(author="pheduyet")
    with house.stores.open() as store:
        seal = bulletins.page(store, house.person(store, "bientap"), broadcast).seal
    assert 'name="seal"' not in editor.get(f"/ban-tin/{broadcast}").text
    assert editor.post(f"/ban-tin/{broadcast}/duyet", data={"seal": seal}).status_code == 403
    assert state_of(house, broadcast) is BroadcastState.submitted


@pytest.mark.parametrize("seal", ["", "0" * 64, "<script>"])
def test_only_what_was_seen_is_approved(house: House, approver: TestClient, seal: str) -> None:
    broadcast = house.write()
    answer = approver.post(f"/ban-tin/{broadcast}/duyet", data={"seal": seal})
    assert answer.status_code == 409
    assert "đã thay đổi sau khi mở trang" in answer.text
    assert state_of(house, broadcast) is BroadcastState.submitted


def test_a_new_sound_voids_the_approval(house: House, approver: TestClient) -> None:
    broadcast = house.write()
    seal = _seal(approver.get(f"/ban-tin/{broadcast}").text)
    with house.stores.open() as store:
        bulletin = bulletins.page(store, house.person(store, "bientap"), broadcast).bulletin
        sound = house.studio.record(b"RIFF another", "vi")
        bulletins.render_again(store, bulletin.id, "vi", sound, house.clock.now)
    assert approver.post(f"/ban-tin/{broadcast}/duyet", data={"seal": seal}).status_code == 409
    house.approve(broadcast)
    with house.stores.open() as store:
        bulletins.render_again(store, bulletin.id, "vi", house.studio.record(b"RIFF third", "vi"), house.clock.now)
    assert "cần duyệt lại" in approver.get(f"/ban-tin/{broadcast}").text
    assert state_of(house, broadcast) is BroadcastState.voided


def test_now_means_soon_after_the_approval(house: House, editor: TestClient, approver: TestClient) -> None:
    form = {"title": "Họp", "topic": "an-ninh", "broadcast_class": "ordinary", "text": "Họp.", "mode": "now"}
    address = editor.post("/ban-tin/soan", data={**form, "targets": "thon-mau-ta-chai"}).headers["location"]
    house.clock.now += HOUR
    approver.post(f"{address}/duyet", data=by_text(_seal(approver.get(address).text)))
    with house.stores.open() as store:
        page = bulletins.page(store, house.person(store, "pheduyet"), address.rpartition("/")[2])
    assert page.broadcast.recurrence == Once(house.clock.now + NOW_LEAD)


def test_sending_back_needs_a_reason_that_the_author_reads(
    house: House, editor: TestClient, approver: TestClient
) -> None:
    broadcast = house.write()
    answer = approver.post(f"/ban-tin/{broadcast}/tra-lai", data={"note": "  "})
    assert answer.status_code == 422
    assert "Vui lòng ghi cần sửa gì" in answer.text
    assert state_of(house, broadcast) is BroadcastState.submitted
    answer = approver.post(f"/ban-tin/{broadcast}/tra-lai", data={"note": "Sai giờ họp <b>"})
    assert answer.status_code == 303
    page = editor.get(f"/ban-tin/{broadcast}").text
    assert "Đã trả lại" in page
    assert "Sai giờ họp &lt;b&gt;" in page
    assert f"/ban-tin/soan?mau={broadcast}" in page


@pytest.mark.parametrize("note", ["x" * 100_000, "a\x07b"])
def test_a_reason_that_cannot_be_kept_is_told_and_stays_in_its_field(
    house: House, approver: TestClient, note: str
) -> None:
    broadcast = house.write()
    answer = approver.post(f"/ban-tin/{broadcast}/tra-lai", data={"note": note})
    assert answer.status_code == 422
    assert note in answer.text
    assert state_of(house, broadcast) is BroadcastState.submitted


def test_what_it_would_displace_is_shown_before_it_is_approved(house: House, approver: TestClient) -> None:
    at = house.clock.now + HOUR
    house.approve(house.write("Bản tin thường", at=at))
    later = house.write("Bản tin ưu tiên", at=at, klass=BroadcastClass.priority)
    said = text_of(approver.get(f"/ban-tin/{later}").text)
    assert "Ảnh hưởng đến bản tin khác" in said
    assert "“Bản tin thường”" in said
    assert "Đợi “Bản tin ưu tiên” phát xong" in said


def test_what_is_withdrawn_leaves_the_programme_and_stays_in_the_log(house: House, editor: TestClient) -> None:
    broadcast = house.write(at=house.clock.now + HOUR)
    house.approve(broadcast)
    assert "Rút “Họp thôn”" in editor.get(f"/ban-tin/{broadcast}").text
    assert editor.post(f"/ban-tin/{broadcast}/rut").status_code == 303
    house.follow()
    assert state_of(house, broadcast) is BroadcastState.withdrawn
    assert "Họp thôn" not in text_of(editor.get("/nghe/thon-mau-ta-chai").text)
    assert "Đã rút" in text_of(editor.get("/nhat-ky").text)


def test_every_act_rings_the_bell_after_it_is_kept(house: House, approver: TestClient) -> None:
    rung: list[tuple[str, BroadcastState]] = []
    broadcast = house.write()
    house.bell.listen(lambda topic: rung.append((topic, state_of(house, broadcast))))
    approver.post(f"/ban-tin/{broadcast}/duyet", data=by_text(_seal(approver.get(f"/ban-tin/{broadcast}").text)))
    approver.post(f"/ban-tin/{broadcast}/rut")
    assert rung == [("programmes", BroadcastState.approved), ("programmes", BroadcastState.withdrawn)]


def test_results_after_air(house: House, editor: TestClient) -> None:
    broadcast = house.write(at=house.clock.now + HOUR, targets=("thon-mau-ta-chai",))
    house.approve(broadcast)
    playback = house.expected("loa-mau-6", broadcast)
    house.clock.now += HOUR + MINUTE
    house.report("loa-mau-6", playback)
    page = text_of(editor.get(f"/ban-tin/{broadcast}").text)
    assert "Sau giờ phát" in page
    assert "Loa mẫu số 6 Đã phát" in page


def test_the_list_leads_to_the_first_bulletin(house: House, editor: TestClient) -> None:
    for number in range(bulletins.LIST_LENGTH + 5):
        house.clock.now += MINUTE
        house.write(f"Bản tin số {number}")
    house.clock.now += 2 * HOUR
    editor = house.somebody("bientap")
    first = editor.get("/ban-tin").text
    address = re.search(r'href="(/ban-tin\?truoc=\d+)"', first)
    assert address
    second = editor.get(address[1]).text
    assert (first.count("card"), second.count("card")) == (bulletins.LIST_LENGTH, 5)
    assert "Bản tin số 0<" in second
    assert editor.get("/ban-tin?truoc=x").text.count("card") == bulletins.LIST_LENGTH


def test_a_stored_emergency_is_ordered_with_two_presses(house: House, approver: TestClient, editor: TestClient) -> None:
    broadcast = house.write("Lũ quét, sơ tán ngay", klass=BroadcastClass.emergency, mode=Mode.stored)
    page = approver.get(f"/ban-tin/{broadcast}").text
    assert "Lưu sẵn ở loa, phát khi có lệnh" in text_of(page)
    approver.post(f"/ban-tin/{broadcast}/duyet", data=by_text(_seal(page)))
    page = approver.get(f"/ban-tin/{broadcast}").text
    assert f'action="/ban-tin/{broadcast}/phat-ngay"' in page
    assert "phat-ngay" not in editor.get(f"/ban-tin/{broadcast}").text
    assert editor.post(f"/ban-tin/{broadcast}/phat-ngay").status_code == 403
    first = approver.post(f"/ban-tin/{broadcast}/phat-ngay").headers["location"]
    assert approver.post(f"/ban-tin/{broadcast}/phat-ngay").headers["location"] == first
    assert state_of(house, first.rpartition("/")[2]) is BroadcastState.approved
    assert "Đã duyệt" in text_of(approver.get(first).text)

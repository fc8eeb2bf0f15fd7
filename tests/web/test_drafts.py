"""Drafts and versions, as people click them.

Imported by pytest alone.
"""

import re

import pytest
from starlette.testclient import TestClient

from schedules.clock import MINUTE
from server import bulletins
from server.access import Role
from server.lifecycle import BroadcastState
from tests.web.stage import House, text_of
from tests.web.test_composing import GOOD, Form

HIDDEN = ("draft", "number", "replaces", "successor")


def kept_in(form: Form) -> dict[str, str]:
    """The hidden fields that a browser sends back."""
    return {name: form.fields[name][0] for name in HIDDEN}


def keep(browser: TestClient, **changes: object) -> tuple[str, Form]:
    """Save a draft; its address, and the form that is shown then."""
    answer = browser.post("/ban-tin/soan", data={**GOOD, "action": "keep", **changes})  # type: ignore[dict-item]
    assert answer.status_code == 303, text_of(answer.text)
    address = answer.headers["location"]
    return address, Form(browser.get(address).text)


def test_an_unfinished_draft_is_kept_listed_gone_on_with_and_sent(house: House, editor: TestClient) -> None:
    address, form = keep(editor, title="", text="Gặp ABCX", targets=[], date="31/02/2027")
    assert (form.fields["text"], form.fields["date"]) == (["Gặp ABCX"], ["31/02/2027"])
    assert house.broadcasts() == []
    page = editor.get("/ban-tin").text
    assert f'href="{address}"' in page
    assert "(chưa có tiêu đề)" in page
    again, form = keep(editor, **kept_in(form), title="Họp bản")
    assert again == address
    sent = editor.post("/ban-tin/soan", data={**GOOD, **kept_in(form)})
    [broadcast] = house.broadcasts()
    assert sent.headers["location"] == f"/ban-tin/{broadcast}"
    assert address not in editor.get("/ban-tin").text
    assert editor.get(address).headers["location"] == f"/ban-tin/{broadcast}"


def test_a_colleague_goes_on_with_it_recordings_included(house: House, editor: TestClient) -> None:
    with house.stores.open() as store:
        store.staff.add("moi", "moi", "Biên tập mới (mẫu)", "plain:mat-khau-thu")
        store.staff.grant("moi", "xa-02647", Role.editor)
        for area in house.person(store, "bientap").grants:
            store.staff.grant("moi", area.area_path.strip("/").rpartition("/")[2], Role.editor)
    files = {"file-mww": ("mong.wav", b"RIFF mong", "audio/wav")}
    answer = editor.post("/ban-tin/soan", data={**GOOD, "action": "keep"}, files=files)
    colleague = house.somebody("moi")
    page = colleague.get(answer.headers["location"]).text
    form = Form(page)
    assert "Bản nháp, Biên tập viên (mẫu) lưu lúc 12:00." in text_of(page)
    assert len(form.fields["recording-mww"][0]) == 64
    sent = colleague.post(
        "/ban-tin/soan", data={**GOOD, **kept_in(form), "recording-mww": form.fields["recording-mww"][0]}
    )
    said = text_of(colleague.get(sent.headers["location"]).text)
    assert "những người đã viết: Biên tập mới (mẫu), Biên tập viên (mẫu)" in said


def test_who_saves_on_top_of_an_edition_that_they_have_not_seen_is_told_and_loses_no_word(
    house: House, editor: TestClient, approver: TestClient
) -> None:
    address, form = keep(editor)
    house.clock.now += MINUTE
    keep(approver, **kept_in(form), title="Bản của lãnh đạo")
    for action in ("keep", "save"):
        answer = editor.post("/ban-tin/soan", data={**GOOD, **kept_in(form), "title": "Bản của tôi", "action": action})
        assert answer.status_code == 409
        told = Form(answer.text)
        assert "Lãnh đạo phê duyệt (mẫu) vừa lưu bản nháp này (12:01)" in told.messages["draft"]
        assert told.fields["title"] == ["Bản của tôi"]
        assert f'href="{address}"' in answer.text
    assert house.broadcasts() == []
    _, form = keep(editor, **kept_in(told), title="Bản của tôi")
    assert form.fields["title"] == ["Bản của tôi"]
    assert Form(editor.get(f"{address}&lan=2").text).fields["title"] == ["Bản của lãnh đạo"], "theirs is kept as well"


def test_a_draft_is_dropped_and_what_was_written_stays(house: House, editor: TestClient) -> None:
    address, form = keep(editor)
    answer = editor.post("/ban-tin/soan", data={**GOOD, **kept_in(form), "action": "drop"})
    assert answer.headers["location"] == "/ban-tin"
    assert address not in editor.get("/ban-tin").text
    assert Form(editor.get(f"{address}&lan=1").text).fields["title"] == [GOOD["title"]]
    again = editor.post("/ban-tin/soan", data={**GOOD, **kept_in(form), "action": "keep"})
    assert again.status_code == 409


def test_what_was_sent_back_is_edited_with_its_reason_before_the_eyes_and_sent_again(
    house: House, editor: TestClient, approver: TestClient
) -> None:
    address = editor.post("/ban-tin/soan", data=GOOD).headers["location"]
    approver.post(f"{address}/tra-lai", data={"note": "Sai giờ họp"})
    assert "Họp thôn : Lãnh đạo phê duyệt (mẫu) trả lại: “Sai giờ họp”" in text_of(editor.get("/").text)
    page = editor.get(address).text
    edit = re.search(r'href="(/ban-tin/soan\?sua=[\w-]+)">Sửa và gửi lại', page)
    assert edit
    form = Form(editor.get(edit[1]).text)
    assert "Lý do trả lại: Sai giờ họp" in text_of(editor.get(edit[1]).text)
    for name in ("title", "text", "date", "time"):
        assert form.fields[name] == [GOOD[name]], name
    draft, form = keep(editor, **kept_in(form), text="Họp lúc 20h.")
    assert "Lý do trả lại: Sai giờ họp" in text_of(editor.get(draft).text)
    new = editor.post("/ban-tin/soan", data={**GOOD, **kept_in(form), "text": "Họp lúc 20h."}).headers["location"]
    assert "trả lại:" not in text_of(editor.get("/").text)
    said = text_of(approver.get(new).text)
    assert "phiên bản 2 (bản này)" in said
    assert "trả lại: “Sai giờ họp”" in said
    old = text_of(approver.get(address).text)
    assert "Đã có phiên bản mới thay thế" in old
    assert "Đã có phiên bản mới hơn: mở" in old
    assert editor.get(edit[1]).headers["location"] == new, "one edits the newest"


def test_a_superseded_version_is_not_approved_by_its_old_form(
    house: House, editor: TestClient, approver: TestClient
) -> None:
    """The approver looks at version 1 while the editor sends version 2."""
    address = editor.post("/ban-tin/soan", data=GOOD).headers["location"]
    seal = Form(approver.get(address).text).fields["seal"][0]
    form = Form(editor.get(f"/ban-tin/soan?sua={address.rpartition('/')[2]}").text)
    new = editor.post("/ban-tin/soan", data={**GOOD, **kept_in(form), "title": "Khác"}).headers["location"]
    for version in (address, new):
        answer = approver.post(f"{version}/duyet", data={"seal": seal, "by_text": "vi"})
        assert answer.status_code == 409, version
        assert "đã thay đổi sau khi mở trang" in answer.text
    with house.stores.open() as store:
        states = {bulletins.page(store, house.person(store, "tinh"), b).state for b in house.broadcasts()}
    assert states == {BroadcastState.superseded, BroadcastState.submitted}


def test_an_approver_who_edits_must_find_another_to_approve(
    house: House, editor: TestClient, approver: TestClient
) -> None:
    address = editor.post("/ban-tin/soan", data=GOOD).headers["location"]
    house.approve(address.rpartition("/")[2])
    assert "Bản này vẫn phát cho đến khi bản mới được duyệt." in text_of(approver.get(address).text)
    form = Form(approver.get(f"/ban-tin/soan?sua={address.rpartition('/')[2]}").text)
    new = approver.post("/ban-tin/soan", data={**GOOD, **kept_in(form), "title": "Sửa"}).headers["location"]
    page = approver.get(new).text
    assert 'name="seal"' not in page
    with house.stores.open() as store:
        seal = bulletins.page(store, house.person(store, "pheduyet"), new.rpartition("/")[2]).seal
    assert approver.post(f"{new}/duyet", data={"seal": seal, "by_text": "vi"}).status_code == 403
    # Nor once the editor has edited it again.
    form = Form(editor.get(f"/ban-tin/soan?sua={new.rpartition('/')[2]}").text)
    third = editor.post("/ban-tin/soan", data={**GOOD, **kept_in(form), "title": "Sửa nữa"}).headers["location"]
    with house.stores.open() as store:
        seal = bulletins.page(store, house.person(store, "pheduyet"), third.rpartition("/")[2]).seal
    assert approver.post(f"{third}/duyet", data={"seal": seal, "by_text": "vi"}).status_code == 403
    with house.stores.open() as store:
        old = bulletins.page(store, house.person(store, "tinh"), address.rpartition("/")[2])
    assert old.state is BroadcastState.approved, "it airs on"


@pytest.mark.parametrize("address", ["/ban-tin/soan?nhap=bn-0001", "/ban-tin/soan?nhap=x", "/ban-tin/soan?sua=x"])
def test_what_is_not_ones_own_looks_like_nothing(house: House, editor: TestClient, address: str) -> None:
    keep(editor)
    with house.stores.open() as store:
        store.staff.add("la", "la", "Người lạ", "plain:mat-khau-thu")
        elsewhere = next(a.id for a in store.areas.below(["/"], "commune") if a.name == "Xã Bản Hồ")
        store.staff.grant("la", elsewhere, Role.editor)
    draft = re.search(r"nhap=([\w-]+)", editor.get("/ban-tin").text)
    assert draft
    stranger = house.somebody("la")
    assert stranger.get(address.replace("bn-0001", draft[1])).status_code == 404
    for action in ("keep", "save", "drop"):
        stolen = {**GOOD, "targets": [elsewhere], "draft": draft[1], "number": "1", "action": action}
        assert stranger.post("/ban-tin/soan", data=stolen).status_code == 404, action
    assert house.broadcasts() == []

"""Drafts that save themselves, as their pages ask for it: lost answers, pages that come late, two people, and news of
them.

Imported by pytest alone.
"""

import json
from typing import Any

import pytest
from starlette.requests import Request
from starlette.testclient import TestClient

from schedules.clock import MINUTE
from server.access import Role
from server.draft import GIVES_WAY
from server.web.draft_pages import follow
from server.web.frame import Frame
from tests.web.stage import House
from tests.web.surface import ELSEWHERE
from tests.web.test_composing import GOOD, Form

TAB, OTHER = "1" * 32, "2" * 32


def whose(browser: TestClient) -> str:
    return Form(browser.get("/ban-tin/soan").text).fields["whose"][0]


def save(browser: TestClient, turn: int, *, tab: str = TAB, status: Any = 200, **fields: Any) -> dict[str, Any]:
    """What the page's script sends, and what it is told."""
    sent = {"title": "Họp", "tab": tab, "turn": str(turn), **fields}
    answer = browser.post("/ban-tin/nhap", data=sent)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/json"), answer.text
    told: dict[str, Any] = json.loads(answer.text)
    return told


def editions(house: House, draft: str) -> list[tuple[int, str, bool]]:
    """The editions that are kept: number, title, whether the page saved it by itself."""
    found = []
    with house.stores.open() as store:
        for number in range(1, 60):
            edition = store.drafts.edition(draft, number)
            if edition is not None:
                found.append((number, edition.form.title, edition.automatic_since is not None))
    return found


def drafts_of(house: House, username: str = "bientap") -> int:
    with house.stores.open() as store:
        person = house.person(store, username)
        return len(store.drafts.open_below([grant.area_path for grant in person.grants], 100))


def test_it_begins_a_draft_once_there_is_something_to_save(house: House, editor: TestClient) -> None:
    assert save(editor, 1, title=" ", targets="thon-mau-ta-chai")["state"] == "empty"
    assert drafts_of(house) == 0
    told = save(editor, 2, text="Kính thưa")
    assert (told["state"], told["said"]) == ("saved", "Đã lưu lúc 12:00.")
    assert told["fields"]["number"] == "1"
    form = Form(editor.get(told["address"]).text)
    assert (form.fields["title"], form.fields["text"]) == (["Họp"], ["Kính thưa"])
    assert form.fields["draft"] == [told["draft"]]


@pytest.mark.parametrize(
    "half",
    [
        {"date": "31/02", "time": "25:", "mode": "weekly"},
        {"text": "ABCX 12zz 99/99", "broadcast_class": "emergency"},
        {"mode": "no such", "topic": "no such", "targets": "no such", "repeats": "-1", "recording-vi": "0" * 64},
        {"text": "x" * 200_000, "number": "not a number", "turn": "1"},
    ],
)
def test_half_typed_forms_are_kept_as_they_are(house: House, editor: TestClient, half: dict[str, Any]) -> None:
    told = save(editor, 1, **{name: value for name, value in half.items() if name != "turn"})
    assert told["state"] == "saved"
    assert house.broadcasts() == []


def test_who_types_for_an_hour_leaves_a_dozen_editions_and_as_many_lines_in_the_audit(
    house: House, editor: TestClient
) -> None:
    fields: dict[str, Any] = {}
    for turn in range(1, 60):
        told = save(editor, turn, title=f"Họp {turn}", **fields)
        fields = told["fields"]
        house.clock.now += MINUTE
    kept = editions(house, told["draft"])
    assert [title for _, title, _ in kept] == [f"Họp {turn}" for turn in [*range(5, 60, 5), 59]]
    assert GIVES_WAY == 5 * MINUTE
    with house.stores.open() as store:
        acts = [line for line in store.trail.lines() if line.act == "draft"]
    assert len(acts) == len(kept)


def test_what_somebody_saved_themselves_is_never_written_over(house: House, editor: TestClient) -> None:
    told = save(editor, 1)
    by_hand = {**GOOD, **told["fields"], "action": "keep", "tab": TAB, "turn": "2", "title": "Tự lưu"}
    editor.post("/ban-tin/soan", data=by_hand)
    assert editions(house, told["draft"]) == [(2, "Tự lưu", False)]
    fields = {**told["fields"], "number": "2"}
    save(editor, 1, tab=OTHER, title="Sau", **fields)
    assert editions(house, told["draft"]) == [(2, "Tự lưu", False), (3, "Sau", True)]


def test_a_page_whose_answers_are_lost_does_not_clash_with_itself(house: House, editor: TestClient) -> None:
    save(editor, 1, title="Một")
    told = save(editor, 2, title="Hai")  # it has not heard that there is a draft
    assert drafts_of(house) == 1
    told = save(editor, 3, title="Ba", draft=told["draft"], number="1")
    assert [title for _, title, _ in editions(house, told["draft"])] == ["Ba"]
    late = save(editor, 2, title="Hai", draft=told["draft"], number="1")  # was long on its way
    assert late["state"] == "saved"
    assert [title for _, title, _ in editions(house, told["draft"])] == ["Ba"], "an older text came last"
    sent = editor.post("/ban-tin/soan", data={**GOOD, "draft": told["draft"], "number": "1", "tab": TAB, "turn": "4"})
    assert sent.headers["location"] == f"/ban-tin/{house.broadcasts()[0]}"
    assert save(editor, 3, title="Ba", **told["fields"])["state"] == "saved", "it is there already"
    assert save(editor, 5, title="Năm", status=409, **told["fields"])["state"] == "stale"


def test_nobody_writes_over_a_newer_one_of_somebody_else(
    house: House, editor: TestClient, approver: TestClient
) -> None:
    told = save(editor, 1)
    house.clock.now += MINUTE
    save(approver, 1, tab=OTHER, title="Bản của lãnh đạo", **told["fields"])
    refused = save(editor, 2, title="Bản của tôi", status=409, **told["fields"])
    assert refused["said"] == "Lãnh đạo phê duyệt (mẫu) đã lưu bản mới hơn lúc 12:01."
    assert refused["address"] == told["address"]
    assert [title for _, title, _ in editions(house, told["draft"])] == ["Họp", "Bản của lãnh đạo"]
    unheard = save(editor, 2, title="Bản của tôi", status=409)  # nor a page that never heard of its draft
    assert unheard["address"] == told["address"]


def test_whether_it_has_arrived_is_told_to_who_typed_it_alone(
    house: House, editor: TestClient, approver: TestClient
) -> None:
    save(editor, 3)
    asked = "/ban-tin/nhap/co-chua?tab={}&turn={}"
    for turn, there in ((2, True), (3, True), (4, False)):
        assert editor.get(asked.format(TAB, turn)).json() == {"kept": there}
    assert approver.get(asked.format(TAB, 3)).json() == {"kept": False}
    assert editor.get(asked.format("", 0)).json() == {"kept": False}


def test_a_page_of_somebody_else_saves_nothing_under_another_name(
    house: House, editor: TestClient, approver: TestClient
) -> None:
    assert save(approver, 1, status=403, whose=whose(editor)) == {
        **save(approver, 1, status=403, whose="forged"),
        "state": "other",
    }
    assert drafts_of(house, "pheduyet") == 0
    assert save(editor, 1, whose=whose(editor))["state"] == "saved"


def test_a_recording_from_times_without_a_network_comes_with_its_words(house: House, editor: TestClient) -> None:
    take = "a" * 32
    editor.post(f"/thu-am/{take}", data={"purpose": "bulletin", "language": "mww"})
    editor.post(f"/thu-am/{take}/0/doan", content=b"RIFF mong")
    told = save(editor, 1, **{"take-mww": take})
    form = Form(editor.get(told["address"]).text)
    assert len(form.fields["recording-mww"][0]) == 64
    assert told["problems"] == []
    gone = save(editor, 2, **{"take-mww": "b" * 32}, **told["fields"])
    assert (gone["state"], gone["problems"]) == ("saved", ["Một bản ghi âm kèm theo không còn trên máy chủ."])


def test_who_has_a_draft_open_hears_of_the_others(house: House, editor: TestClient, approver: TestClient) -> None:
    told = save(editor, 1)
    frame, request = frame_of(house)
    with house.stores.open() as store:
        mine, theirs = house.person(store, "bientap"), house.person(store, "pheduyet")
    first, heard = follow(frame, request, mine, told["draft"]), []
    assert first
    first.enter(lambda: heard.append(json.loads(first.news())))
    house.clock.now += MINUTE
    second = follow(frame, request, theirs, told["draft"])
    assert second
    second.enter(lambda: None)
    assert heard[-1]["others"] == ["Lãnh đạo phê duyệt (mẫu) cũng đang mở bản nháp này, từ 12:01."]
    assert heard[-1]["number"] == 1
    assert json.loads(second.news())["others"] == ["Biên tập viên (mẫu) cũng đang mở bản nháp này, từ 12:00."]
    second.leave()
    assert heard[-1]["others"] == []
    frame.desk.openings.tell("another draft")
    count = len(heard)
    first.leave()
    frame.desk.openings.tell(told["draft"])
    assert len(heard) == count


def test_what_is_not_ones_own_to_write_is_followed_by_nobody_else(house: House, editor: TestClient) -> None:
    told = save(editor, 1, targets="thon-mau-ta-chai")
    house.grant("la", ELSEWHERE, Role.editor)
    frame, request = frame_of(house)
    with house.stores.open() as store:
        stranger = house.person(store, "la")
    assert follow(frame, request, stranger, told["draft"]) is None
    assert follow(frame, request, stranger, "") is None


def frame_of(house: House) -> tuple[Frame, Request]:
    """The frame of the pages and a request, for what no answer tells."""
    scope = {"type": "http", "method": "GET", "path": "/su-kien", "query_string": b"", "headers": []}
    return Frame(house.desk), Request(scope)

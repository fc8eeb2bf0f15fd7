"""The page "Soạn bản tin" beside its fields: what will happen, clashes and their answers, groups of places, recordings
that are brought along, languages that are left out. All of it without scripts.

Imported by pytest alone.
"""

import re
from datetime import date

import msgspec
import pytest
from starlette.testclient import TestClient

from schedules.clock import HOUR, UtcMs, at_civil
from schedules.programme import BroadcastClass
from schedules.recurrence import Daily, Once
from server import bulletins
from server.access import Role
from server.area import AreaSettings
from server.compose_form import Mode
from server.refusals import NotFound
from tests.web.stage import House, text_of
from tests.web.test_composing import GOOD, Form

AT: UtcMs = at_civil(date(2026, 12, 5), 5 * 60)
HAMLET, OTHER = "thon-mau-ta-chai", "thon-mau-sim-san"
TEXT = "Kính thưa bà con, thôn ta họp lúc 19h30 ngày 05/12."


@pytest.fixture(autouse=True)
def assigned(house: House) -> None:
    """Every loudspeaker has its assignment, as on any server that has run for a minute."""
    house.follow()


def told(browser: TestClient, **changes: object) -> str:
    """What the page says of the form as it stands."""
    answer = browser.post("/ban-tin/du-lieu", data={**GOOD, **changes})
    assert answer.status_code == 200
    return answer.text


def summed(browser: TestClient, **changes: object) -> str:
    return text_of(told(browser, **changes).partition("</p>")[0])


def pressed(browser: TestClient, button: str, html: str, **changes: object) -> Form:
    """The form after a button of these words was pressed, as a browser without scripts sends it."""
    found = re.search(rf'<button name="(\w+)" value="([^"]*)"[^>]*>(?:✓ )?{button}', html)
    assert found, text_of(html)
    answer = browser.post("/ban-tin/soan", data={**GOOD, "action": "", **changes, found[1]: found[2]})
    assert answer.status_code == 200, text_of(answer.text)
    return Form(answer.text)


def test_the_sum_tells_length_loudspeakers_and_repeats(house: House, editor: TestClient) -> None:
    assert summed(editor) == "khoảng 6 giây · 1 loa · ✓ không trùng giờ"
    assert summed(editor, text="") == "1 loa · ✓ không trùng giờ"
    editor.post("/ban-tin/nghe-thu", data=GOOD)
    spoken = summed(editor)
    assert spoken.startswith("8 giây · 1 loa"), spoken
    assert summed(editor, repeats="2", gap="10").startswith("24 giây (3 lần, mỗi lần 8 giây)")
    assert summed(editor, repeats="many", gap="x").startswith("8 giây · ")
    assert "0 loa" in summed(editor, targets=[])


def test_a_place_without_its_language_is_counted(house: House, editor: TestClient) -> None:
    with house.stores.open() as store:
        hamlet = store.areas.find(HAMLET)
        assert hamlet is not None
        store.areas.keep(msgspec.structs.replace(hamlet, languages=("mww",), shares={}))
    house.follow()
    assert "(1 loa không có tiếng của mình)" in summed(editor, targets=[HAMLET, OTHER])


def test_a_clash_is_told_with_its_rule_and_each_answer_mends_it(house: House, editor: TestClient) -> None:
    house.approve(house.write("Họp huyện", at=AT))
    html = told(editor)
    assert "1 chỗ trùng giờ" in text_of(html)
    assert "Đợi “Họp huyện” phát xong. Hai tin cùng giờ, cùng mức ưu tiên: phát lần lượt." in text_of(html)
    after = pressed(editor, "Phát nối tiếp, lúc 05:01 05/12/2026", html)
    assert (after.fields["date"], after.fields["time"]) == (["05/12/2026"], ["05:01"])
    assert "không trùng giờ" in summed(editor, time="05:01")
    moved = pressed(editor, "Dời sang 05:15 05/12/2026", html)
    assert moved.fields["time"] == ["05:15"]
    kept = pressed(editor, "Giữ theo ưu tiên", html)
    assert (kept.fields["time"], len(kept.fields["kept"])) == (["05:00"], 1)
    again = text_of(told(editor, kept=kept.fields["kept"]))
    assert "đã xử lý trùng giờ" in again
    assert "✓ giữ theo ưu tiên" in again


def test_who_goes_first_is_said_by_class_and_by_authority(house: House, editor: TestClient) -> None:
    urgent = house.write("Lũ quét", at=AT, klass=BroadcastClass.priority)
    house.approve(urgent)
    assert "tin ưu tiên phát trước tin thông thường" in text_of(told(editor))
    ours = {"broadcast_class": "emergency", "authority": "x", "responsible": "y", "reason": "z"}
    assert "“Lũ quét”: phát lúc 05:00" in text_of(told(editor, **ours)), "ours displaces it"


def test_a_clash_of_something_daily_is_told_once_and_moved_for_all_days(house: House, editor: TestClient) -> None:
    house.approve(house.write("Tiếp âm", at=AT))
    daily = {"mode": "daily", "date": "", "last": ""}
    html = told(editor, **daily)
    assert "1 chỗ trùng giờ" in text_of(html)
    moved = pressed(editor, "Dời sang", html, **daily)
    assert (moved.fields["time"], moved.fields["mode"]) == (["05:15"], ["daily"])


def test_now_is_followed_by_a_time(house: House, editor: TestClient) -> None:
    house.approve(house.write("Họp huyện", at=house.clock.now + 60_000))
    house.approve(house.write("Rất dài", at=house.clock.now + 15_000))
    now = {"mode": "now", "date": "", "time": ""}
    html = told(editor, **now)
    after = pressed(editor, "Phát nối tiếp", html, **now)
    assert (after.fields["mode"], after.fields["date"]) == (["once"], ["04/12/2026"])
    assert after.fields["time"] == ["12:01"]


def test_quiet_hours_have_no_other_side_and_are_moved_out_of(house: House, editor: TestClient) -> None:
    with house.stores.open() as store:
        commune = store.areas.find("xa-03013")
        assert commune is not None
        store.areas.keep(msgspec.structs.replace(commune, settings=AreaSettings(quiet_hours_off=False)))
    house.follow()
    html = told(editor, time="04:50")
    assert "bản tin này: không phát" in text_of(html)
    assert "Giữ theo ưu tiên" not in text_of(html)
    assert pressed(editor, "Dời sang", html, time="04:50").fields["time"] == ["05:00"]


@pytest.mark.parametrize("answer", ["", "x", "1-", "-1", "9" * 30 + "-1", "1-2-3", "<script>"])
def test_what_is_no_answer_changes_nothing(house: House, editor: TestClient, answer: str) -> None:
    page = editor.post("/ban-tin/soan", data={**GOOD, "settle": answer, "keep_clash": "x" * 9000})
    assert page.status_code == 200
    assert Form(page.text).fields["time"] == ["05:00"]
    assert house.broadcasts() == [], "nothing was sent"


def test_a_newer_version_does_not_clash_with_the_one_it_replaces(house: House, editor: TestClient) -> None:
    old = house.write("Họp thôn", at=AT)
    house.approve(old)
    assert "1 chỗ trùng giờ" in summed(editor)
    assert "không trùng giờ" in summed(editor, replaces=old)


def groups_of(house: House) -> list[tuple[str, str, tuple[str, ...]]]:
    with house.stores.open() as store:
        return [(group.name, group.area, group.targets) for group in store.groups.below(["/"])]


def test_a_choice_is_saved_chosen_renamed_and_removed(house: House, editor: TestClient) -> None:
    save = {**GOOD, "targets": [HAMLET, OTHER, "loa-mau-6"], "group_save": "1", "group_name": "Vùng cao"}
    page = editor.post("/ban-tin/soan", data=save)
    assert page.status_code == 200
    assert groups_of(house) == [("Vùng cao", "xa-03013", (HAMLET, OTHER))]
    assert "✓ Vùng cao" in text_of(page.text), "it is the one that is chosen"
    chosen = pressed(editor, "Vùng cao", editor.get("/ban-tin/soan").text, targets=["xa-03013"])
    assert chosen.fields["targets"] == [HAMLET, OTHER]
    assert chosen.fields["title"] == ["Họp thôn"], "what was typed stays"
    with house.stores.open() as store:
        [group] = store.groups.below(["/"])
    assert "tên khác" in text_of(editor.post("/ban-tin/soan", data={**save, "group_name": "vung cao"}).text)
    assert editor.post(f"/nhom-loa/{group.id}/ten", data={"group_name": ""}).status_code == 422
    assert editor.post(f"/nhom-loa/{group.id}/ten", data={"group_name": "Bản xa"}).is_redirect
    assert "Bản xa" in text_of(editor.get("/nhom-loa").text)
    assert editor.post(f"/nhom-loa/{group.id}/bo").is_redirect
    assert groups_of(house) == []
    assert editor.post("/ban-tin/soan", data={**GOOD, "group": group.id}).status_code == 404
    with house.stores.open() as store:
        acts = [line.act for line in store.trail.lines()]
    assert [act for act in acts if "group" in act] == ["keep_group", "rename_group", "remove_group"]


def test_a_group_of_others_is_not_there(house: House, editor: TestClient) -> None:
    editor.post("/ban-tin/soan", data={**GOOD, "group_save": "1", "group_name": "Vùng cao"})
    house.grant("noi-khac", "xa-02701", Role.editor)
    other = house.somebody("noi-khac")
    with house.stores.open() as store:
        [group] = store.groups.below(["/"])
    assert "Vùng cao" not in text_of(other.get("/ban-tin/soan").text)
    for path in (f"/nhom-loa/{group.id}/ten", f"/nhom-loa/{group.id}/bo"):
        assert other.post(path, data={"group_name": "x"}).status_code == 404
    assert other.post("/ban-tin/soan", data={**GOOD, "group": group.id}).status_code == 404
    assert [name for name, _, _ in groups_of(house)] == ["Vùng cao"]


def test_an_empty_choice_is_no_group(house: House, editor: TestClient) -> None:
    page = editor.post("/ban-tin/soan", data={**GOOD, "targets": [], "group_save": "1", "group_name": "Không"})
    assert page.status_code == 422
    assert "ít nhất một nơi phát" in Form(page.text).messages["group_name"]
    assert groups_of(house) == []


def before(house: House, text: str = TEXT, *, approved: bool = True) -> str:
    """A bulletin with this text that has sounded in Mông; the name of its recording."""
    broadcast = house.write("Họp thôn", at=house.clock.now + HOUR, languages=("vi", "mww"))
    with house.stores.open() as store:
        page = bulletins.page(store, house.person(store, "bientap"), broadcast)
        variants = tuple(
            msgspec.structs.replace(v, text=text if v.language == "vi" else "Nyob zoo") for v in page.bulletin.variants
        )
        store.broadcasts.add_bulletin(msgspec.structs.replace(page.bulletin, variants=variants))
    if approved:
        house.approve(broadcast)
    return next(v.clip.sha256 for v in variants if v.language == "mww")


def test_a_text_that_was_approved_before_brings_its_recordings(house: House, editor: TestClient) -> None:
    clip = before(house)
    html = told(editor, text=TEXT)
    assert f'name="recording-mww" value="{clip}"' in html
    assert ">Nyob zoo</textarea>" in html
    assert "dùng lại bản đã duyệt cùng văn bản này" in text_of(html)
    stamp = re.search(r'name="recalled" value="(\w+)"', html)
    assert stamp
    again = told(editor, text=TEXT, recalled=stamp[1])
    assert "recording-mww" not in again, "who does without it does not get it once more"
    listened = Form(editor.post("/ban-tin/soan", data={**GOOD, "text": TEXT, "action": "listen"}).text)
    assert listened.fields["recording-mww"] == [clip], "without scripts it comes with listening"


def test_only_what_was_approved_with_exactly_this_text_is_brought(house: House, editor: TestClient) -> None:
    before(house, approved=False)
    assert "recording-mww" not in told(editor, text=TEXT)
    clip = before(house)
    assert "recording-mww" not in told(editor, text=TEXT + " Nhớ đúng giờ.")
    changed = told(editor, text=TEXT + " Nhớ đúng giờ.", **{"recording-mww": clip})
    assert "bản ghi của văn bản khác, hãy nghe lại" in text_of(changed)
    house.grant("noi-khac", "xa-02701", Role.editor)
    assert "recording-mww" not in told(house.somebody("noi-khac"), text=TEXT), "of others, nobody learns"


def test_a_language_may_be_left_out_and_that_is_said(house: House, editor: TestClient) -> None:
    clip = before(house)
    spoken = {"offered": ["mww", "ium"], "speak": ["ium"], "recording-mww": clip}
    html = told(editor, **spoken)
    assert "không phát thứ tiếng này" in text_of(html)
    sent = editor.post("/ban-tin/soan", data={**GOOD, **spoken})
    with house.stores.open() as store:
        page = bulletins.page(store, house.person(store, "bientap"), sent.headers["location"].rpartition("/")[2])
    assert [v.language for v in page.bulletin.variants] == ["vi"]
    assert "thiếu Mông (Trắng)" in text_of(editor.get(sent.headers["location"]).text), "no language is dropped silently"


def test_places_are_found_without_scripts_and_what_is_ticked_stays(house: House, editor: TestClient) -> None:
    page = editor.post("/ban-tin/soan", data={**GOOD, "targets": [OTHER], "action": "places", "find": "ta chai"})
    shown = re.findall(r'name="targets" value="([^"]+)"', page.text)
    assert {HAMLET, OTHER} <= set(shown)
    assert "thon-mau-can-ngai" not in shown
    assert Form(page.text).fields["targets"] == [OTHER]


def test_a_leader_approves_by_the_texts_with_one_press(house: House, approver: TestClient) -> None:
    broadcast = house.write("Họp thôn", languages=("vi", "mww"), at=AT)
    with house.stores.open() as store:
        seal = bulletins.page(store, house.person(store, "pheduyet"), broadcast).seal
    assert approver.post(f"/ban-tin/{broadcast}/duyet", data={"seal": seal}).status_code == 422
    assert approver.post(f"/ban-tin/{broadcast}/duyet", data={"seal": seal, "whole": "by_text"}).is_redirect
    with house.stores.open() as store:
        decision = bulletins.page(store, house.person(store, "pheduyet"), broadcast).broadcast.decision
    assert decision is not None
    assert (decision.approved, decision.heard, set(decision.by_text)) == (True, (), {"vi", "mww"})


def test_what_has_no_text_is_not_approved_by_it(house: House, approver: TestClient) -> None:
    broadcast = house.write("Họp thôn", languages=("vi", "mww"), at=AT)
    with house.stores.open() as store:
        page = bulletins.page(store, house.person(store, "pheduyet"), broadcast)
        silent = tuple(
            msgspec.structs.replace(v, text="" if v.language == "mww" else v.text) for v in page.bulletin.variants
        )
        store.broadcasts.add_bulletin(msgspec.structs.replace(page.bulletin, variants=silent))
    with house.stores.open() as store:
        seal = bulletins.page(store, house.person(store, "pheduyet"), broadcast).seal
    refused = approver.post(f"/ban-tin/{broadcast}/duyet", data={"seal": seal, "whole": "by_text"})
    assert refused.status_code == 422
    assert "với: Mông (Trắng)" in text_of(refused.text)


def test_a_leader_sees_what_it_changes_on_air(house: House, approver: TestClient) -> None:
    house.approve(house.write("Họp huyện", at=AT))
    alone = house.write("Riêng", at=AT + HOUR)
    waiting = house.write("Cùng giờ", at=AT)
    assert "Không ảnh hưởng đến bản tin nào khác." in text_of(approver.get(f"/ban-tin/{alone}").text)
    said = text_of(approver.get(f"/ban-tin/{waiting}").text)
    assert "Ảnh hưởng đến bản tin khác" in said
    assert "Họp huyện" in said


def test_modes_and_rules_are_kept_in_what_the_form_says(house: House, editor: TestClient) -> None:
    sent = editor.post("/ban-tin/soan", data={**GOOD, "mode": "daily", "date": "05/12/2026"})
    with house.stores.open() as store:
        page = bulletins.page(store, house.person(store, "bientap"), sent.headers["location"].rpartition("/")[2])
    assert (page.broadcast.mode, page.broadcast.recurrence) == (Mode.daily.value, Daily(5 * 60, date(2026, 12, 5)))
    assert Once(AT) != page.broadcast.recurrence
    with house.stores.open() as store, pytest.raises(NotFound):
        bulletins.page(store, house.person(store, "bientap"), "~form")

"""Every page and every call of the surface, as every role: here, somewhere else, with no role, and as a stranger.

Imported by pytest alone. A route that is not in the table fails, so that who adds one says who may use it.
"""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from starlette.testclient import TestClient

from schedules.programme import BroadcastClass
from server import alarms, bulletins, drafts, holding
from server.access import Role
from server.area import AreaSettings
from server.compose_form import ComposeForm, Mode
from server.composing import Draft, check
from server.draft import Basis
from server.phrase import Consent, EditionText, Presenter
from server.proposal import Proposal
from server.reading import Reading
from server.take import Purpose, Take
from server.tune import Tune, TuneKind
from tests.web.recording_lines import RECORDING, TAKE, THINGS
from tests.web.stage import House, text_of
from tests.web.test_composing import GOOD

HERE, ELSEWHERE, HAMLET = "xa-03013", "xa-02701", "thon-mau-ta-chai"
"""Two communes of the sample, and a hamlet of the first."""
EVERYBODY = " ".join(role.value for role in Role)
WRITERS, DECIDERS, KEEPERS = "editor approver", "approver", "administrator"
INSTALLERS = "technician administrator"
COMPOSERS, OFFICERS = f"{WRITERS} emergency_officer", "emergency_officer"
TITLE, MEMBER = "Chuyện kín của thôn", "Nguyễn Kín"


class Line(NamedTuple):
    """Who may use a route on something that is theirs to see, and what is answered: to them, to another role here, to
    who holds that role (and all others) elsewhere, and to who holds none. `form`: what is sent."""

    roles: str
    done: int
    refused: int = 403
    elsewhere: int = 404
    none: int = 404
    form: dict[str, str] = {}


def page(roles: str = EVERYBODY, refused: int = 403, elsewhere: int = 200, none: int = 200) -> Line:
    """A page that is there for everybody, or for these roles wherever they hold them."""
    return Line(roles, 200, refused, elsewhere, none)


def own(done: int, form: dict[str, str] | None = None) -> Line:
    """What everybody does with their own account."""
    return Line(EVERYBODY, done, 0, done, done, form or {})


GRANT = {"role": "editor", "area": HAMLET}
URGENT = {
    "title": "Khẩn cấp: lũ quét",
    "text": "Khẩn cấp. Có lũ quét. Bà con lên nơi cao ngay.",
    "reason": "Lũ quét",
    "authority": "UBND xã",
    "responsible": "Chủ tịch xã",
    "targets": HAMLET,
}
READING = {"area": HAMLET, "written": "QXY"}
OPEN = (
    "/dang-nhap", "/dang-nhap/ma", "/dang-nhap/tinh", "/dang-nhap/tinh/ve", "/dang-xuat", "/ngon-ngu", "/khoe", "/tinh/{stamp}/{name}", "/su-kien",
    "/ghi-danh", "/ghi-danh/to-chuc.crt",
)  # fmt: skip
"""What a stranger may ask, and a loudspeaker with a code (`tests/web/test_enrolment.py`); `/su-kien` tells a stranger nothing, and others only that something has changed."""
TABLE: dict[str, Line] = {
    "GET /": page(),
    "GET /ban-tin": page(),
    "GET /ban-tin/soan": page(COMPOSERS, none=403),
    "POST /ban-tin/soan": Line(COMPOSERS, 422, 403, 422, 403, {"title": "x"}),
    "POST /ban-tin/doc": Line(COMPOSERS, 200, 403, 200, 403, {"text": "Kính thưa bà con."}),
    "POST /ban-tin/nghe-thu": Line(COMPOSERS, 200, 403, 200, 403, {"text": "Kính thưa bà con."}),
    "POST /ban-tin/du-lieu": Line(COMPOSERS, 200, 403, 200, 403, {"text": "Kính thưa bà con."}),
    **{route: Line(COMPOSERS, *answers) for route, answers in RECORDING.items()},
    "GET /cach-doc": page(WRITERS, none=403),
    "POST /cach-doc": Line(WRITERS, 303, form={**READING, "said": "quy ích"}),
    "POST /cach-doc/bo": Line(WRITERS, 303, form=READING),
    "POST /cach-doc/doc-lai": Line(WRITERS, 303, form={"area": HAMLET}),
    "GET /khan-cap": page(COMPOSERS, none=403),
    "GET /khan-cap/soan": page(COMPOSERS, none=403),
    "POST /khan-cap/soan": Line(COMPOSERS, 303, 403, 422, 403, URGENT),
    "GET /khan-cap/dang-phat/{broadcast}": Line(EVERYBODY, 200),
    "GET /khan-cap/het/{broadcast}": Line(WRITERS, 303, none=403),
    "GET /thu-vien": page(none=404),
    "POST /thu-vien": Line(WRITERS, 422, form={"area": HAMLET, "name": "x"}),
    "POST /thu-vien/bo": Line(WRITERS, 303, form={"area": HAMLET, "tune": "am-kin"}),
    "POST /thu-vien/nhac-hieu": Line(DECIDERS, 303, form={"area": HAMLET, "pause": "0,6", "times": "2", "again": "2"}),
    "GET /ngan-hang-cau": page(),
    "GET /ngan-hang-cau/{language}": Line(EVERYBODY, 200),
    "GET /ngan-hang-cau/{language}/mau/{template}": Line(EVERYBODY, 200),
    "POST /ngan-hang-cau/{language}/mau/{template}": Line(WRITERS, 422, form={"text": "", "number": "0"}),
    "POST /ngan-hang-cau/{language}/mau/{template}/duyet": Line(DECIDERS, 409, form={"number": "999"}),
    "GET /nguoi-doc": page(f"{WRITERS} {KEEPERS}", none=403),
    "POST /nguoi-doc": Line(WRITERS, 422, form={"area": HAMLET, "name": ""}),
    "POST /nguoi-doc/{presenter}/rut": Line(f"{WRITERS} {KEEPERS}", 303),
    "GET /ban-tin/mau-cau": page(COMPOSERS, none=403),
    "POST /ban-tin/mau-cau": Line(COMPOSERS, 422, 403, 422, 403, {"mau": "hop-thon"}),
    "GET /phe-duyet": page(),
    "GET /ban-tin/{broadcast}": Line(EVERYBODY, 200),
    "GET /ban-tin/{broadcast}/san-sang": Line(EVERYBODY, 200),
    "POST /ban-tin/{broadcast}/duyet": Line(DECIDERS, 409, form={"seal": "not the one"}),
    "POST /ban-tin/{broadcast}/tra-lai": Line(DECIDERS, 303, form={"note": "Sửa lại."}),
    "POST /ban-tin/{broadcast}/rut": Line(WRITERS, 303),
    "POST /ban-tin/{broadcast}/da-nghe": Line(DECIDERS, 409, form={"seal": "not the one", "language": "vi"}),
    "POST /ban-tin/{stored}/phat-ngay": Line(f"{DECIDERS} {OFFICERS}", 303),
    "GET /ban-tin/nhap/{draft}/phat-ngay": Line(OFFICERS, 200, none=403),
    "POST /ban-tin/nhap/{draft}/phat-ngay": Line(OFFICERS, 303, none=403, form={"number": "1"}),
    "POST /ban-tin/{alone}/xem-lai": Line(DECIDERS, 303, form={"verdict": "confirm"}),
    "GET /luu-giu": page(KEEPERS, none=403),
    "POST /luu-giu": Line(KEEPERS, 303, none=403, form={"area": HAMLET, "reason": "Công văn 12"}),
    "POST /luu-giu/{hold}/bo": Line(KEEPERS, 303, none=403),
    "GET /am-thanh/{name}.mp3": Line(EVERYBODY, 200),
    "GET /am-thanh/{name}.svg": Line(EVERYBODY, 200),
    "GET /ban-tin/nghe-thu/{key}": Line(EVERYBODY, 404, 404, 404, 404),  # it is for who asked, and nobody else
    "GET /nhat-ky": page(),
    "GET /nhat-ky.csv": page(),
    "GET /nghe": page(),
    "GET /nghe/{area}": Line(EVERYBODY, 200),
    "GET /loa": page(),
    "GET /loa/them": page(INSTALLERS, refused=404, none=404),
    "POST /loa/them": Line(INSTALLERS, 303, form={"place": HAMLET, "name": "Loa mới"}),
    "GET /loa/{device}/ghi-danh": Line(EVERYBODY, 200),
    "POST /loa/{device}/ghi-danh": Line(INSTALLERS, 200),
    "POST /loa/{device}/chan": Line(INSTALLERS, 303),
    "GET /lich-phat": page(),
    "GET /lich-phat/thang": page(),
    "GET /gioi-han": page(),
    "GET /gioi-han/{area}": Line(EVERYBODY, 200),
    "POST /gioi-han/{area}": Line(KEEPERS, 303, form={"quiet": "inherit", "ceiling": "inherit"}),
    "GET /tam-ngung/{area}": Line(EVERYBODY, 200),
    "POST /tam-ngung/{area}": Line(f"{DECIDERS} {KEEPERS}", 303, form={"name": "Thi", "first": "05/12/2026"}),
    "POST /tam-ngung/{area}/bo": Line(f"{DECIDERS} {KEEPERS}", 404, form={"which": "not one"}),
    "GET /cho-xac-nhan": page(),
    "POST /cho-xac-nhan/{number}/xac-nhan": Line(KEEPERS, 409, form={"seen": "not the one"}),
    "POST /cho-xac-nhan/{number}/khong": Line(KEEPERS, 303),
    "GET /can-bo": page(KEEPERS, none=403),
    "GET /can-bo/them": page(KEEPERS, none=403),
    "POST /can-bo/them": Line(KEEPERS, 200, 403, 404, 403, {**GRANT, "username": "moi", "display_name": "Người mới"}),
    "GET /can-bo/{staff}": Line(KEEPERS, 200, 404),
    "POST /can-bo/{staff}/quyen": Line(KEEPERS, 303, 404, form={**GRANT, "role": "approver"}),
    "POST /can-bo/{staff}/quyen/{grant}/ket-thuc": Line(KEEPERS, 303, 404),
    "POST /can-bo/{staff}/mat-khau": Line(KEEPERS, 200, 404),
    "POST /can-bo/{staff}/khoa": Line(KEEPERS, 303, 404),
    "POST /can-bo/{staff}/mo-khoa": Line(KEEPERS, 303, 404),
    "POST /can-bo/{staff}/dang-xuat": Line(KEEPERS, 303, 404),
    "POST /xac-nhan": own(422, {"xac_nhan_bang": "wrong"}),
    "GET /tai-khoan": own(200),
    "GET /tai-khoan/mat-khau": own(200),
    "POST /tai-khoan/mat-khau": own(422, {"password": "x"}),
    "GET /tai-khoan/buoc-hai": own(200),
    "POST /tai-khoan/buoc-hai/bat-dau": own(303),
    "POST /tai-khoan/buoc-hai": own(422, {"code": "000000"}),
    "POST /tai-khoan/ma-du-phong": Line(EVERYBODY, 200, 0, 200, 303),
    "POST /tai-khoan/phien/khac/ket-thuc": own(303),
    "POST /tai-khoan/phien/{session}/ket-thuc": own(303),
}


def surface(house: House) -> set[str]:
    """Every route that the application has, as the table writes it."""
    found = house.app.openapi()["paths"]
    return {f"{method.upper()} {path}" for path, methods in found.items() for method in methods}


def test_every_route_has_its_line(house: House) -> None:
    kinds = {"{broadcast}/phat-ngay": "{stored}/phat-ngay", "{broadcast}/xem-lai": "{alone}/xem-lai"}
    there = {line.replace("/{number}/doan", "/{chunk}/doan") for line in surface(house)}
    for path, kind in kinds.items():
        there = {line.replace(path, kind) for line in there}
    assert {line for line in there if line.partition(" ")[2] not in OPEN} == set(TABLE)


class Town:
    """Something of every kind that a route may ask for, in one hamlet; and people."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.number, self.sounds = 0, False
        with house.stores.open() as store:
            store.staff.add("kin", "kin", MEMBER, "plain:x", home=HERE)
            store.takes.keep(Take(TAKE, "kin", Purpose.bulletin, "vi", house.clock.now))

    def things(self, path: str = "{broadcast}") -> dict[str, str]:
        """What this path asks for, made a moment ago, so that what one caller did is not in the way of the next."""
        self.number += 1
        title, found = (
            f"{TITLE} {self.number}",
            {"area": HAMLET, "staff": "kin", "session": "0" * 16, "device": "loa-mau-6", "key": "0" * 64},
        )
        found |= THINGS
        if "{stored}" in path:
            klass, mode = BroadcastClass.emergency, Mode.stored
            found["stored"] = self.house.write(title, targets=(HAMLET,), klass=klass, mode=mode)
            with self.house.stores.open() as store:
                leader = self.house.person(store, "pheduyet")
                seal = bulletins.page(store, leader, found["stored"]).seal
                bulletins.approve(store, leader, found["stored"], seal, self.house.clock.now, by_text=["vi"])
        if "{broadcast}" in path or "{name}" in path:
            found["broadcast"] = self.house.write(title, targets=(HAMLET,))
            found["name"] = hashlib.sha256(f"RIFF {title} vi".encode()).hexdigest()
        found |= self._urgent(path, title) | self._spoken(path)
        with self.house.stores.open() as store:
            store.staff.set_disabled("kin", 0)
            if store.library.find("am-kin") is None:
                sound = self.house.studio.record(b"RIFF jingle", "zxx")
                store.broadcasts.keep_clip(sound.clip, sound.provenance, sound.loudness, 1)
                store.library.add(Tune("am-kin", HAMLET, "Nhạc kín", TuneKind.jingle, "xã", sound.clip, "bientap", 1))
            store.readings.keep(Reading(HAMLET, "QXY", "quy ích ca", "bientap", self.number))
            if "{number}" in path:
                free, at = AreaSettings(longest_ms=0), self.house.clock.now
                found["number"] = str(store.proposals.add(Proposal(0, HAMLET, AreaSettings(), free, "", at)).id)
            found["grant"] = str(store.staff.grant("kin", HAMLET, Role.overseer, begins=self.number))
        return found

    def _urgent(self, path: str, title: str) -> dict[str, str]:
        """An emergency that waits for one signature, or aired on one; and a hold."""
        now, found = self.house.clock.now, dict[str, str]()
        form = ComposeForm(
            title=title, topic="an-ninh", broadcast_class="emergency", text="Bà con sơ tán ngay.", targets=(HAMLET,),
            mode="now", authority="UBND xã", responsible="Chủ tịch", reason="Lũ",
        )  # fmt: skip
        with self.house.stores.open() as store:
            leader, keeper = self.house.person(store, "pheduyet"), self.house.person(store, "quantri")
            if "{draft}" in path:
                found["draft"] = drafts.keep(store, leader, form, Basis(), now, self.house.desk.new_id).draft
            if "{alone}" in path:
                officer, sound = self.house.person(store, "trucbao"), self.house.studio.record(b"RIFF alone", "vi")
                draft = check(form, bulletins.offered(store, officer), now)
                assert isinstance(draft, Draft)
                found["alone"] = alarms.alarm(store, officer, draft, {"vi": sound}, now, self.house.desk.new_id)
            if "{hold}" in path:
                holding.put(store, keeper, "area", HAMLET, title, now, self.house.desk.new_id)
                found["hold"] = store.keeping.holds()[0].id
        return found

    def _spoken(self, path: str) -> dict[str, str]:
        """A text of the phrase bank that waits for its review, and somebody who lends their voice to it."""
        found = {"language": "mww", "template": "hop-thon"}
        with self.house.stores.open() as store:
            store.phrases.save_edition(EditionText("mww", "hop-thon", 1, "x", "Người dịch", "bientap", 1))
            if "{presenter}" in path:
                found["presenter"] = f"pt-{self.number}"
                consent = Consent("2026-11-01", "bản tin", "giấy")
                store.phrases.add_presenter(
                    Presenter(found["presenter"], MEMBER, HAMLET, ("mww",), consent, "bientap", self.number)
                )
        return found

    def on_air(self) -> None:
        """Something sounds here soon."""
        if not self.sounds:
            self.house.approve(self.things()["broadcast"])
        self.sounds = True

    def who(self, name: str, area: str, *roles: Role) -> TestClient:
        """Somebody with these roles on this area, who has just signed in."""
        for role in roles:
            self.house.grant(name, area, role)
        return self.house.somebody(name)

    def ask(self, browser: TestClient, route: str) -> int:
        """The status that a route answers."""
        method, _, path = route.partition(" ")
        form = TABLE[route].form if method == "POST" else None
        answer = browser.request(method, path.format(**self.things(path)), data=form)
        if answer.status_code >= 400:
            assert TITLE not in text_of(answer.text).replace(str(form), ""), f"{route}: a refusal that tells"
        return answer.status_code


@pytest.fixture(scope="module")
def town(sample: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    house = House(tmp_path_factory.mktemp("town"), sample)
    yield Town(house)
    house.close()


@pytest.mark.parametrize("route", TABLE)
def test_a_route_answers_each_role_as_the_table_says(town: Town, route: str) -> None:
    line = TABLE[route]
    for role in Role:
        browser = town.who(f"o-{role.value.replace('_', '-')}", HERE, role)
        expected = line.done if role.value in line.roles.split() else line.refused
        if route == "POST /tai-khoan/ma-du-phong" and role in (Role.editor, Role.overseer, Role.technician):
            expected = 303  # they have no second factor: on to where it is set up
        assert town.ask(browser, route) == expected, role


@pytest.mark.parametrize("route", TABLE)
def test_who_holds_every_role_elsewhere_finds_nothing_here(town: Town, route: str) -> None:
    assert town.ask(town.who("noi-khac", ELSEWHERE, *Role), route) == TABLE[route].elsewhere


@pytest.mark.parametrize("route", TABLE)
def test_who_holds_no_role_sees_nothing(town: Town, route: str) -> None:
    with town.house.stores.open() as store:
        if store.staff.find("khong") is None:
            store.staff.add("khong", "khong", "Không vai trò", "plain:x")
    assert town.ask(town.house.somebody("khong"), route) == TABLE[route].none


@pytest.mark.parametrize("route", TABLE)
def test_a_stranger_is_sent_to_sign_in(town: Town, route: str) -> None:
    method, _, path = route.partition(" ")
    things = town.things(path)
    answer = town.house.anonymous().request(method, path.format(**things), data=TABLE[route].form or None)
    assert (answer.status_code, answer.headers["location"].partition("?")[0]) == (303, "/dang-nhap")
    nothing = town.house.anonymous().request(method, path.format(**dict.fromkeys(things, "khong-co")))
    assert nothing.status_code == 303, "what there is, and what not, looks the same"


@pytest.mark.parametrize("route", [route for route in TABLE if "{" in route and "{session}" not in route])
def test_an_id_that_is_guessed_looks_like_one_that_there_is_elsewhere(town: Town, route: str) -> None:
    method, _, path = route.partition(" ")
    browser = town.who("noi-khac", ELSEWHERE, *Role)
    form = TABLE[route].form or None
    things = town.things(path)
    there = browser.request(method, path.format(**things), data=form)
    guessed = browser.request(method, path.format(**dict.fromkeys(things, "khong-co")), data=form)
    assert (there.status_code, text_of(there.text)) == (guessed.status_code, text_of(guessed.text))


@pytest.mark.parametrize(
    "route", [route for route, line in TABLE.items() if route[:4] == "GET " and line.elsewhere == 200]
)
def test_a_list_never_shows_what_the_person_may_not_see(town: Town, route: str) -> None:
    path = route.partition(" ")[2]
    town.on_air()
    for browser in (town.who("noi-khac", ELSEWHERE, *Role), town.house.somebody("huyenbatxat")):
        said = text_of(browser.get(path).text)
        for secret in (TITLE, MEMBER, "Tả Chải", "Tả Phìn"):
            assert secret not in said, secret
    ours = (
        *RECORDING,
        "GET /ban-tin/soan",
        "GET /khan-cap",
        "GET /khan-cap/soan",
        "GET /nguoi-doc",
        "GET /ban-tin/mau-cau",
        "GET /luu-giu",
        "GET /cach-doc",
        "GET /can-bo",
        "GET /can-bo/them",
        "GET /loa/them",
    )
    if route not in ours and not path.startswith("/tai-khoan"):
        assert town.house.somebody("tinh").get(path).status_code == 200


def test_what_there_is_to_hide_is_really_there(town: Town) -> None:
    """Without this the test above could not fail."""
    town.on_air()
    assert TITLE in text_of(town.house.somebody("pheduyet").get("/ban-tin").text)
    assert MEMBER in text_of(town.house.somebody("quantri").get("/can-bo").text)
    assert "Tả Chải" in text_of(town.house.somebody("tinh").get("/loa").text)


def test_an_editor_approves_by_no_address(town: Town) -> None:
    """With the right seal in hand, for a bulletin of another author."""
    broadcast = town.things()["broadcast"]
    with town.house.stores.open() as store:
        seal = bulletins.page(store, town.house.person(store, "pheduyet"), broadcast).seal
    for role in Role:
        if role is not Role.approver:
            browser = town.who(f"o-{role.value.replace('_', '-')}", HERE, role)
            assert (
                browser.post(f"/ban-tin/{broadcast}/duyet", data={"seal": seal, "by_text": "vi"}).status_code == 403
            ), role
    assert (
        town.who("o-approver", HERE, Role.approver)
        .post(f"/ban-tin/{broadcast}/duyet", data={"seal": seal, "by_text": "vi"})
        .is_redirect
    )


def test_a_right_that_ends_ends_in_the_open_page(town: Town) -> None:
    house = town.house
    house.grant("tam", HERE, Role.editor)
    with house.stores.open() as store:
        [given] = store.staff.given(["tam"])
        store.staff.end_grant(given.id, house.clock.now + 1_000)
    browser = house.somebody("tam")
    assert browser.post("/ban-tin/soan", data={**GOOD, "targets": HERE}).status_code in (303, 422)
    house.clock.now += 999
    assert browser.get("/ban-tin/soan").status_code == 200
    house.clock.now += 1
    assert browser.get("/ban-tin/soan").status_code == 403
    assert browser.post("/ban-tin/soan", data={**GOOD, "targets": HERE}).status_code == 403

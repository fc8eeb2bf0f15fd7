"""Every page and every call of the surface, as every role: here, somewhere else, with no role, and as a stranger.

Imported by pytest alone. A route that is not in the table fails, so that who adds one says who may use it.
"""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from starlette.testclient import TestClient

from schedules.clock import DAY, HOUR
from schedules.programme import BroadcastClass
from server import alarms, asking, bulletins, drafts, holding
from server.access import Role
from server.api_token import Token
from server.area import AreaSettings
from server.cause import Owner
from server.compose_form import ComposeForm, Mode
from server.composing import Draft, check
from server.concern import Concern, ConcernKind
from server.draft import Basis
from server.export import Ask, Format, Made
from server.export_folder import ExportFolder
from server.ledger import Planned
from server.notice import Matter, Notice, NoticeKind
from server.period import Every
from server.phrase import Consent, EditionText, Presenter
from server.place_group import PlaceGroup
from server.proposal import Proposal
from server.reading import Reading
from server.recipient import Subscription, Webhook
from server.repair import Repair
from server.report_mailing import Dispatch, ReportMailing
from server.report_post import FOLDER
from server.repositories.store import Store
from server.take import Purpose, Take
from server.tune import Tune, TuneKind
from tests.web.office import send_down
from tests.web.stage import NOON, House, text_of
from tests.web.surface import ELSEWHERE, HAMLET, HERE, MEMBER, OPEN, TABLE, TAKE, TITLE
from tests.web.test_composing import GOOD


def surface(house: House) -> set[str]:
    """Every route that the application has, as the table writes it."""
    found = house.app.openapi()["paths"]
    return {f"{method.upper()} {path}" for path, methods in found.items() for method in methods}


def test_every_route_has_its_line(house: House) -> None:
    kinds = {"{broadcast}/phat-ngay": "{stored}/phat-ngay", "{broadcast}/xem-lai": "{alone}/xem-lai"}
    kinds["{broadcast}/phat-lai"] = "{approved}/phat-lai"
    there = {line.replace("/{number}/doan", "/{chunk}/doan") for line in surface(house)}
    for path, kind in kinds.items():
        there = {line.replace(path, kind) for line in there}
    assert {line for line in there if line.partition(" ")[2] not in OPEN and line not in OPEN} == set(TABLE)


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
            {
                "area": HAMLET,
                "tag": "hni",
                "staff": "kin",
                "session": "0" * 16,
                "device": "loa-mau-6",
                "key": "0" * 64,
                "take": TAKE,
                "chunk": "0",
                "token": "may-kin",
                "export": "tep-1",
                "language": "mww",
            },
        )
        if "{stored}" in path:
            klass, mode = BroadcastClass.emergency, Mode.stored
            found["stored"] = self.house.write(title, targets=(HAMLET,), klass=klass, mode=mode)
            self._approve(found["stored"])
        if "{broadcast}" in path or "{name}" in path:
            found["broadcast"] = self.house.write(title, targets=(HAMLET,))
            found["name"] = hashlib.sha256(f"RIFF {title} vi".encode()).hexdigest()
        if "{asked}" in path:
            wanted = self.house.write(title, targets=(HAMLET,))
            with self.house.stores.open() as store:
                leader = self.house.person(store, "pheduyet")
                found["asked"] = str(
                    asking.ask(store, leader, wanted, "mww", "bientap", title, self.house.clock.now).id
                )
        found |= self._urgent(path, title) | self._spoken(path) | self._told(path, title)
        found |= self._repaired(path, title) | self._planned(path, title)
        with self.house.stores.open() as store:
            store.staff.set_disabled("kin", 0)
            if store.library.find("am-kin") is None:
                sound = self.house.studio.record(b"RIFF jingle", "zxx")
                store.broadcasts.keep_clip(sound.clip, sound.provenance, sound.loudness, 1)
                store.library.add(Tune("am-kin", HAMLET, "Nhạc kín", TuneKind.jingle, "xã", sound.clip, "bientap", 1))
            store.readings.keep(Reading(HAMLET, "QXY", "quy ích ca", "bientap", self.number))
            if "{group}" in path:
                found["group"] = "nl-kin"
                store.groups.keep(PlaceGroup(found["group"], HAMLET, title, (HAMLET,), "bientap", self.number))
            if "{number}" in path:
                free, at = AreaSettings(longest_ms=0), self.house.clock.now
                found["number"] = str(store.proposals.add(Proposal(0, HAMLET, AreaSettings(), free, "", at)).id)
            found["grant"] = str(store.staff.grant("kin", HAMLET, Role.overseer, begins=self.number))
        return found

    def _planned(self, path: str, title: str) -> dict[str, str]:
        """A play that was due an hour ago, a bulletin that is approved, and one that was sent down."""
        found = dict[str, str]()
        if "{occurrence}" in path:
            found["occurrence"], over = f"ps-kin-{self.number}@1", self.house.clock.now - HOUR
            with self.house.stores.open() as store:
                ordinary = BroadcastClass.ordinary
                due = Planned("loa-mau-6", found["occurrence"], "ps-kin", "bt-kin", title, ordinary, over, over, ())
                store.logbook.keep_expected([due], [])
        if "{pushed}" in path:
            found["pushed"] = send_down(self.house, title, targets=(HERE,))
        if "{approved}" in path:
            found["approved"] = self.house.write(title, targets=(HAMLET,))
            self._approve(found["approved"])
        return found

    def _approve(self, broadcast: str) -> None:
        with self.house.stores.open() as store:
            leader = self.house.person(store, "pheduyet")
            seal = bulletins.page(store, leader, broadcast).seal
            bulletins.approve(store, leader, broadcast, seal, self.house.clock.now, by_text=["vi"])

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
            if "{token}" in path and store.tokens.find("may-kin") is None:
                store.tokens.add(Token("may-kin", "Máy kín", HAMLET, False, "quantri", 1, now + DAY), "x")
            if "{hold}" in path:
                holding.put(store, keeper, "area", HAMLET, title, now, self.house.desk.new_id)
                found["hold"] = store.keeping.holds()[0].id
        return found

    def _repaired(self, path: str, title: str) -> dict[str, str]:
        """A repair ticket, the only one that is open."""
        with self.house.stores.open() as store:
            for repair in store.care.open_repairs().values():
                store.care.keep_repair(msgspec.structs.replace(repair, closed_by="bientap", closed_at=1, found=title))
            if "{repair}" not in path:
                return {}
            made = Repair(f"sc-{self.number}", "loa-mau-6", title, Owner.technician, "bientap", 1)
            store.care.open_repair(made)
            return {"repair": made.id}

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

    def _told(self, path: str, title: str) -> dict[str, str]:
        """A message and a browser of somebody else, an alarm, and another system that is told."""
        now, found = self.house.clock.now, dict[str, str]()
        with self.house.stores.open() as store:
            if "{notice}" in path:
                made = store.notices.add(Notice("kin", NoticeKind.waits, title, now, "/", {"title": title}))
                found["notice"] = str(made.number if made else 0)
            if "{browser}" in path:
                store.notices.subscribe(Subscription("cua-kin", "kin", "https://push.example/x", "p", "a", MEMBER, now))
                found["browser"] = "cua-kin"
            if "{concern}" in path:
                made_concern = store.concerns.keep(Concern(ConcernKind.silent, "loa-mau-6", 1, now, now))
                found["concern"] = str(made_concern.number)
            if "{webhook}" in path:
                found["webhook"] = f"kn-{self.number}"
                sealed = self.house.desk.vault.seal(found["webhook"], "x")
                hook = Webhook(
                    found["webhook"], HAMLET, f"https://{self.number}.example/", sealed, frozenset(Matter), "kin", now
                )
                store.notices.keep_webhook(hook)
            if "{mailing}" in path:
                found |= self._mailed(store, path)
        return found

    def _mailed(self, store: Store, path: str) -> dict[str, str]:
        """A report of the commune that went out by e-mail, and did not arrive everywhere."""
        mailing = ReportMailing(
            f"bc-{self.number}", HERE, Every.month, (Format.csv,), 5, (f"{self.number}@kin.example",), "vi", "kin", NOON
        )
        store.report_mailings.keep(mailing)
        store.report_mailings.dispatch([Dispatch(mailing.id, "2026-11", mailing.addresses[0], "", "no_room", NOON)])
        folder = ExportFolder(self.house.desk.settings.data_folder / FOLDER / mailing.id / "2026-11" / "csv")
        folder.begin(Ask("kin", HERE, "2026-11", Format.csv, "vi", NOON))
        (folder.path / "so-lieu.csv").write_text("a")
        folder.end(Made("so-lieu.csv", 1, "", 0, ""))
        return (
            {"mailing": mailing.id}
            | ({"period": "2026-11"} if "{period}" in path else {})
            | ({"file": "so-lieu.csv"} if "{file}" in path else {})
        )

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


@pytest.mark.parametrize(
    "route", [r for r in TABLE if "{" in r and "{session}" not in r and r != "GET /ngon-ngu/tieng/{tag}"]
)
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
    path = route.partition(" ")[2].format(tag="hni")
    town.on_air()
    for browser in (town.who("noi-khac", ELSEWHERE, *Role), town.house.somebody("huyenbatxat")):
        said = text_of(browser.get(path).text)
        for secret in (TITLE, MEMBER, "Tả Chải", "Tả Phìn"):
            assert secret not in said, secret
    ours = (
        "GET /thu-am/dang-do",
        "GET /ban-tin/soan",
        "GET /ban-tin/nhap/co-chua",
        "GET /khan-cap",
        "GET /khan-cap/soan",
        "GET /nguoi-doc",
        "GET /nhom-loa",
        "GET /ban-tin/mau-cau",
        "GET /luu-giu",
        "GET /cach-doc",
        "GET /can-bo",
        "GET /can-bo/them",
        "GET /cai-dat/ket-noi",
        "GET /tu-nguon",
        "GET /cai-dat/cong-khai",
        "GET /loa/them",
        "GET /ket-noi",
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

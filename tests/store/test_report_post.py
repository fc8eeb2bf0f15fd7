"""Reports by e-mail: to a real mail server, plain and under TLS, once for each period and address whatever is killed.

Imported by pytest alone.
"""

import itertools
import os
import signal
from collections.abc import Iterator
from datetime import date
from email.message import Message
from pathlib import Path

import pytest
from sqlalchemy import event

from schedules.clock import DAY, HOUR, at_civil
from server import manifest, report_files, report_mailings
from server.access import Role
from server.export import Fault, Format
from server.export_folder import ExportFolder
from server.keyring import Keyring
from server.letter import LetterState
from server.mail_channel import MailChannel, MailServer
from server.manifest import Verdict, verdict
from server.notice_choice import Way
from server.period import Every
from server.postman import Postman
from server.refusals import NotAllowed, NotFound
from server.report_mailing import Dispatch, Order
from server.report_post import ReportPost
from server.repositories.store import Stores, engine_of
from server.web.messages import said
from tests.store.receivers import MailOffice, running
from tests.store.stage import communes, on_air, person
from tests.store.tls_mail import Authority
from tests.web.stage import Clock

MADE, DUE = at_civil(date(2026, 11, 20), 0), at_civil(date(2026, 12, 5), 8 * 60)
TO = ("tinh@lao-cai.example", "xa@y-ty.example")
FILES = ("bao-cao-{}-2026-11.pdf", "bang-so-lieu-{}-2026-11.xlsx", "so-lieu-{}-2026-11.csv")


class Town:
    """A server whose overseer has a commune's report sent."""

    def __init__(self, stores: Stores, folder: Path, mail: MailOffice) -> None:
        self.stores, self.path, self.mail, self.clock = stores, folder, mail, Clock(DUE)
        self.keyring = Keyring(folder, lambda: b"k" * 32)
        self.limit = 10.0
        self.written, self.full = 0, False
        with stores.open() as store:
            self.commune = communes(store)[0]

    def order(self, *formats: Format, who: str = "quantri") -> str:
        """As somebody who may."""
        wanted = Order(Every.month, formats or (Format.pdf, Format.tables, Format.csv), 5, TO)
        with self.stores.open() as store:
            return report_mailings.order(
                store, person(store, who), self.commune, wanted, "vi", f"bc-{who}", MADE
            ).id  # fmt: skip

    def write(self, path: Path) -> None:
        """In this process: the real one is slower to start than to write."""
        self.written += 1
        if self.full:
            raise OSError(28, "No space left on device")
        report_files.write(ExportFolder(path), self.stores, lambda: self.keyring.current().key, self.clock)

    def post(self, stores: Stores | None = None) -> ReportPost:
        return ReportPost(stores or self.stores, self.path / "mailed", self.write, self.clock, self.limit)

    def postman(self, stores: Stores | None = None, trust: Authority | None = None) -> Postman:
        server = MailServer(self.mail.url, "loa@tinh.example")
        context = trust.trust() if trust else None
        within = stores or self.stores
        channel = MailChannel(within, server, said, "https://loa.example", self.post(within).pack, context)
        return Postman(within, {Way.mail: channel}, self.clock)

    def deliver(self, trust: Authority | None = None) -> None:
        self.post().round()
        self.postman(trust=trust).round()

    def dispatches(self, mailing: str) -> list[Dispatch]:
        with self.stores.open() as store:
            return store.report_mailings.dispatches(mailing)


@pytest.fixture
def mail() -> Iterator[MailOffice]:
    mail = MailOffice()
    with running(mail):
        yield mail


@pytest.fixture
def town(stores: Stores, tmp_path: Path, mail: MailOffice) -> Town:
    on_air(stores)
    return Town(stores, tmp_path, mail)


def attached(message: Message) -> dict[str, bytes]:
    return {
        part.get_filename() or "": part.get_payload(decode=True)  # type: ignore[misc]
        for part in message.walk()
        if part.get_filename()
    }


def test_the_report_goes_to_all_addresses_with_files_that_are_whole(town: Town) -> None:
    mailing = town.order()
    town.deliver()
    assert sorted(str(message["to"]) for message in town.mail.taken) == sorted(TO)
    message = town.mail.taken[0]
    assert message["subject"].startswith("Báo cáo phát thanh: ")
    assert message["subject"].endswith("tháng 11/2026")
    text = message.get_body(("plain",)).get_content()  # type: ignore[attr-defined]
    assert f"https://loa.example/bao-cao?khu_vuc={town.commune}&ky=2026-11" in text
    files = attached(message)
    names = {name.format(town.commune) for name in FILES}
    assert set(files) == names | {f"{name}{manifest.SUFFIX}" for name in names}
    for name in names:
        (town.path / "got").write_bytes(files[name])
        signed, digest = manifest.read(files[f"{name}{manifest.SUFFIX}"]), report_files.digest(town.path / "got")
        assert verdict(signed, len(files[name]), digest) is Verdict.whole
    assert files[FILES[0].format(town.commune)].startswith(b"%PDF")
    assert {each.state for each in town.dispatches(mailing)} == {LetterState.delivered}
    with town.stores.open() as store:
        [line] = [line for line in store.trail.latest(20) if line.act == "report_mailed"]
        assert all(to in line.after for to in TO)


def test_it_goes_once_a_month_and_not_before_its_day(town: Town) -> None:
    town.order(Format.csv)
    town.clock.now = DUE - 2 * HOUR
    town.deliver()
    assert town.mail.taken == []
    for now in (DUE, DUE + HOUR, DUE + 20 * DAY, DUE + 31 * DAY, DUE + 31 * DAY + HOUR):
        town.clock.now = now
        town.deliver()
    periods = sorted(str(message["subject"]).rpartition(" ")[2] for message in town.mail.taken)
    assert periods == ["11/2026"] * 2 + ["12/2026"] * 2


def test_too_large_for_an_e_mail_it_brings_a_link_that_leads_to_the_files(town: Town) -> None:
    town.limit = 0.001
    mailing = town.order(Format.pdf)
    town.deliver()
    message = town.mail.taken[0]
    assert attached(message) == {}
    assert f"https://loa.example/bao-cao/gui-thu/{mailing}/2026-11" in message.get_content()  # type: ignore[attr-defined]
    assert "(đường dẫn)" in message["subject"]


def test_by_rights_that_have_ended_nothing_is_sent_and_the_page_knows_why(town: Town) -> None:
    mailing = town.order(Format.csv)
    with town.stores.open() as store:
        store.staff.set_disabled("quantri", MADE)
    town.deliver()
    assert [each.reason for each in town.dispatches(mailing)] == [Fault.not_allowed] * 2
    with town.stores.open() as store:
        store.staff.set_disabled("quantri", 0)
    town.deliver()
    assert town.mail.taken == [], "what failed waits until somebody says so"
    with town.stores.open() as store:
        report_mailings.again(store, person(store, "tinh"), mailing, "2026-11", DUE)
    town.deliver()
    assert len(town.mail.taken) == 2


def test_a_full_disk_is_told_and_not_tried_each_minute(town: Town) -> None:
    mailing, town.full = town.order(Format.csv), True
    town.deliver()
    town.deliver()
    assert [each.reason for each in town.dispatches(mailing)] == [Fault.no_room] * 2
    assert town.written == 1


def test_an_address_that_is_refused_is_shown_and_tried_again_alone(town: Town) -> None:
    mailing = town.order(Format.csv)
    town.mail.answers = ["550 no such person"]
    town.deliver()
    assert len(town.mail.taken) == 1
    [failed] = [each for each in town.dispatches(mailing) if each.failed]
    assert "550" in failed.why
    with town.stores.open() as store:
        report_mailings.again(store, person(store, "quantri"), mailing, "2026-11", DUE)
    town.clock.now += HOUR
    town.deliver()
    assert sorted(str(message["to"]) for message in town.mail.taken) == sorted(TO)
    assert town.written == 1, "the files are those of before"
    with pytest.raises(NotFound), town.stores.open() as store:
        report_mailings.again(store, person(store, "quantri"), mailing, "2026-11", DUE)


def test_who_only_writes_or_approves_sends_no_reports_away(town: Town) -> None:
    for who in ("bientap", "pheduyet", "trucbao"):
        with pytest.raises(NotAllowed):
            town.order(who=who)
    mailing = town.order(who="tinh")
    with town.stores.open() as store, pytest.raises(NotAllowed):
        report_mailings.end(store, person(store, "pheduyet"), mailing, DUE)
    with town.stores.open() as store:
        assert Role.overseer in {grant.role for grant in person(store, "tinh").grants}
        report_mailings.end(store, person(store, "tinh"), mailing, DUE)
    town.deliver()
    assert town.mail.taken == []


def test_ended_while_it_waits_it_does_not_leave(town: Town) -> None:
    mailing = town.order(Format.csv)
    town.post().round()
    with town.stores.open() as store:
        report_mailings.end(store, person(store, "quantri"), mailing, DUE)
    town.postman().round()
    assert town.mail.taken == []
    assert {each.state for each in town.dispatches(mailing)} == {LetterState.given_up}


@pytest.mark.parametrize("at_once", [True, False], ids=["smtps", "starttls"])
def test_under_tls_by_an_authority_that_is_trusted(town: Town, tmp_path: Path, at_once: bool) -> None:
    known, strange = Authority(tmp_path / "known"), Authority(tmp_path / "strange", "Khac")
    town.mail.shown, town.mail.at_once = known.server(), at_once
    mailing = town.order(Format.csv)
    town.deliver(strange)
    assert town.mail.taken == []
    assert all("CERTIFICATE_VERIFY_FAILED" in each.why for each in town.dispatches(mailing))
    town.clock.now += HOUR
    town.mail.shown = known.server("127.0.0.9")
    town.deliver(known)
    assert town.mail.taken == [], "the certificate of another machine was taken"
    town.clock.now += HOUR
    town.mail.shown = known.server()
    town.deliver(known)
    assert len(town.mail.taken) == 2
    assert town.mail.url.startswith("smtps://" if at_once else "smtp+starttls://")


def test_a_server_that_offers_no_tls_where_it_must_gets_nothing(town: Town, tmp_path: Path) -> None:
    mailing, trust = town.order(Format.csv), Authority(tmp_path / "known").trust()
    town.post().round()
    server = MailServer(town.mail.url.replace("smtp://", "smtp+starttls://"), "loa@tinh.example")
    channel = MailChannel(town.stores, server, said, "https://loa.example", town.post().pack, trust)
    Postman(town.stores, {Way.mail: channel}, town.clock).round()
    assert town.mail.taken == []
    assert all("STARTTLS" in each.why for each in town.dispatches(mailing))


def killed(town: Town, after: int) -> bool:
    """Write and send in a process that is killed at its `after`th word to the database; whether it was killed."""
    town.stores._engine.dispose()
    child = os.fork()
    if child == 0:
        try:
            _die_at(town, after)
        finally:
            os._exit(9)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0, status
    return os.WIFSIGNALED(status)


def _die_at(town: Town, after: int) -> None:
    engine, said_so_far = engine_of(str(town.stores._engine.url)), itertools.count(1)

    def speak(*_: object) -> None:
        if next(said_so_far) == after:
            os.kill(os.getpid(), signal.SIGKILL)

    for name in ("before_cursor_execute", "commit"):
        event.listen(engine, name, speak)
    stores = Stores(engine)
    town.stores = stores
    town.post(stores).round()
    town.postman(stores).round()
    os._exit(0)


def test_killed_at_any_moment_each_address_gets_one_message(town: Town) -> None:
    mailing, kills = town.order(Format.csv), 0
    for after in itertools.count(2, 5):
        if not killed(town, after):
            break
        kills += 1
    assert kills > 5
    town.deliver()
    ids = {(str(message["to"]), str(message["message-id"])) for message in town.mail.taken}
    assert sorted(to for to, _ in ids) == sorted(TO), "somebody got two messages, or none"
    assert len(town.mail.taken) <= len(TO) + 1, "only the one under way when it was killed may come twice, by one id"
    assert {each.state for each in town.dispatches(mailing)} == {LetterState.delivered}


def test_the_files_lie_here_for_a_while(town: Town) -> None:
    mailing = town.order(Format.csv)
    town.deliver()
    folder = town.post().folder(mailing, "2026-11")
    assert folder.is_dir()
    town.clock.now += 100 * DAY
    town.post().round()
    assert not folder.exists()

"""Tests of how a loudspeaker becomes this server's: the pages of the technician, the door for its code, and the real
command on the loudspeaker's side, over HTTP and HTTPS.

Nobody imports this module.
"""

import re
import threading
from pathlib import Path
from typing import Any

import msgspec
import pytest
from cryptography import x509
from starlette.testclient import TestClient

from device_agent import enrol_command, identity
from device_agent.enrol_command import NotEnrolled, enrol
from device_agent.intake import first_assignment
from device_agent.settings import ENROLLED, read_enrolment
from schedules import claim_code
from schedules.assignment import Assignment
from schedules.clock import DAY, ClockTrust, Now
from schedules.enrolling import AUTHORITY_PATH, CLAIM_PATH, Claim, Enrolled, Turned
from schedules.signing import trusted_by
from schedules.wire import unseal_message
from server import enrolment, system_clock
from server.access import Role
from server.authority import Authority
from server.certificates import DEVICE_LASTS
from server.enrolment import CODE_LASTS, WRONG_FOR, WRONG_OF_ADDRESS, WRONG_OF_ALL
from tests.browser.serving import serving
from tests.web.stage import NOON, PASSWORD, House, text_of

COMMUNE = "xa-02701"
DEVICE = "loa-mau-1"
CODE = re.compile(r"<strong>((?:[0-9A-Z]{4}-){4}[0-9A-Z]{4})</strong>")


def now() -> Now:
    return Now(NOON, 0, ClockTrust.ntp)


@pytest.fixture
def technician(house: House) -> TestClient:
    with house.stores.open() as store:
        store.staff.add("kythuat-thu", "kythuat-thu", "Kỹ thuật thử", f"plain:{PASSWORD}")
        store.staff.grant("kythuat-thu", COMMUNE, Role.technician)
    return house.somebody("kythuat-thu")


def code_of(house: House, device: str = DEVICE, chance: bytes = b"c" * 32) -> str:
    with house.stores.open() as store:
        return enrolment.make_code(store, "", device, house.office, chance, house.clock.now)


def secret_of(code: str) -> str:
    found = claim_code.read(code)
    assert found is not None
    return found.secret


def bring(house: House, secret: str, key: Any = None) -> Enrolled | str:
    request = identity.request_for(key or identity.new_key()).decode()
    answer = house.anonymous().post(CLAIM_PATH, content=msgspec.json.encode(Claim(secret, request)))
    if answer.status_code == 200:
        return msgspec.json.decode(answer.content, type=Enrolled)
    return msgspec.json.decode(answer.content, type=Turned).refused


def acts(house: House) -> list[tuple[str, str, str]]:
    with house.stores.open() as store:
        return [(line.act, line.subject, line.after.split(" ")[0]) for line in store.trail.lines()]


def test_a_technician_makes_a_loudspeaker_and_gets_its_code_once(house: House, technician: TestClient) -> None:
    assert "Thêm loa" in technician.get("/loa").text
    form = {"place": "thon-mau-trung-tam", "name": "Loa nhà văn hóa", "serial": "SN-1", "where": "Cột điện số 3"}
    made = technician.post("/loa/them", data=form)
    assert made.status_code == 303
    page = made.headers["location"]
    assert "Chưa ghi danh" in technician.get(page).text
    answer = technician.post(page)
    [code] = CODE.findall(answer.text)
    assert f"sudo loaban-agent enrol {code} http://loa.test" in text_of(answer.text)
    assert 'src="data:image/svg+xml' in answer.text
    assert answer.headers["cache-control"] == "no-store"
    again = technician.get(page).text
    assert code not in again
    assert "chưa dùng" in again
    with house.stores.open() as store:
        rows = store.certificates.claims()
    assert secret_of(code) not in str(rows)


def test_only_who_may_install_there_makes_loudspeakers_and_codes(
    house: House, technician: TestClient, editor: TestClient
) -> None:
    page = f"/loa/{DEVICE}/ghi-danh"
    assert editor.get("/loa/them").status_code == 404
    assert editor.post("/loa/them", data={"place": "thon-mau-trung-tam", "name": "x"}).status_code == 403
    assert editor.post(page).status_code == 403
    assert editor.post(f"/loa/{DEVICE}/chan").status_code == 403
    assert "Thêm loa" not in editor.get("/loa").text
    elsewhere = technician.post("/loa/them", data={"place": "thon-mau-can-ngai", "name": "x"})
    assert elsewhere.status_code == 404
    assert technician.post("/loa/none/ghi-danh").status_code == 404


@pytest.mark.parametrize("wrong", [{"name": ""}, {"place": ""}, {"name": "a\nb"}, {"serial": "x" * 65}])
def test_what_is_wrong_in_the_form_is_told_and_nothing_is_lost(technician: TestClient, wrong: dict[str, str]) -> None:
    form = {"place": "thon-mau-trung-tam", "name": "Loa mới", "serial": "SN-1", "where": "Cột 3", **wrong}
    answer = technician.post("/loa/them", data=form)
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text
    assert "Cột 3" in answer.text


def test_the_real_command_enrols_over_http_on_this_machine(house: House, tmp_path: Path) -> None:
    code, folder = code_of(house), tmp_path / "pi"
    with serving(house) as address:
        enrolled = enrol(code.lower(), address, folder, now)
    assert enrolled.device == DEVICE
    found = read_enrolment(folder / ENROLLED)
    assert (found.device, found.broker) == (DEVICE, "mqtts://broker.test:8883")
    assert found.signing_keys == house.office.keyring.current().holding
    assert found.authority == house.office.authority.pem(NOON)
    who = identity.Identity(folder, DEVICE, found.authority)
    assert who.validity.not_after == NOON + DEVICE_LASTS
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}
    assert not (folder / identity.PENDING).exists()
    first = first_assignment(b"", found.assignment, DEVICE, found.signing_keys)
    assignment = unseal_message(Assignment, first, trusted_by(found.signing_keys))
    assert isinstance(assignment, Assignment)
    assert assignment.device == DEVICE
    assert ("enrol", DEVICE) in [act[:2] for act in acts(house)]


def test_over_https_the_code_itself_vouches_for_a_server_without_a_public_certificate(
    house: House, tmp_path: Path
) -> None:
    code, file = code_of(house), tmp_path / "page.pem"
    file.write_text("".join(house.office.authority.server(["127.0.0.1"], system_clock.utc_ms())))
    with serving(house, file) as address:
        assert enrol(code, address, tmp_path / "pi", now).device == DEVICE
        other = code_of(house, "loa-mau-2", b"d" * 32)
        stopped = Now(0, 0, ClockTrust.none)
        assert enrol(other, address, tmp_path / "pi-1970", lambda: stopped).device == "loa-mau-2"


def test_a_certificate_for_another_host_or_of_another_authority_gets_no_code(house: House, tmp_path: Path) -> None:
    code = code_of(house)
    for who, hosts in ((house.office.authority, ["other.test"]), (Authority(tmp_path / "foreign"), ["127.0.0.1"])):
        file = tmp_path / "page.pem"
        file.write_text("".join(who.server(hosts, system_clock.utc_ms())))
        with serving(house, file) as address, pytest.raises(NotEnrolled, match="HTTPS"):
            enrol(code, address, tmp_path / "pi", now)
    assert "enrol" not in [act for act, *_ in acts(house)]


def test_a_code_of_another_server_is_sent_to_nobody(house: House, tmp_path: Path) -> None:
    own = claim_code.read(code_of(house))
    assert own is not None
    foreign = claim_code.written(claim_code.Code(own.secret, claim_code.seal_of(b"another authority")))
    with serving(house) as address, pytest.raises(NotEnrolled, match="máy chủ khác"):
        enrol(foreign, address, tmp_path / "pi", now)
    assert not [act for act, *_ in acts(house) if act in ("enrol", "claim_refused")]


@pytest.mark.parametrize(
    ("code", "address", "says"),
    [
        ("K7QM", "https://loa.test", "Mã gõ sai"),
        ("", "https://loa.test", "Mã gõ sai"),
        (None, "http://loa.test", "HTTPS"),
        (None, "ftp://loa.test", "địa chỉ"),
        (None, "https://", "địa chỉ"),
        (None, "https://127.0.0.1:1", "Không liên lạc được"),
    ],
)
def test_what_cannot_be_done_is_told_in_words(
    house: House, tmp_path: Path, code: str | None, address: str, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    typed = code_of(house) if code is None else code
    assert enrol_command.run([typed, address, "--folder", str(tmp_path / "pi")], now) == 2
    assert says in capsys.readouterr().err


def test_an_answer_that_was_lost_is_given_again_to_the_same_key_alone(house: House) -> None:
    secret, key = secret_of(code_of(house)), identity.new_key()
    first = bring(house, secret, key)
    assert isinstance(first, Enrolled)
    again = bring(house, secret, key)
    assert isinstance(again, Enrolled)
    assert again.certificate == first.certificate
    assert bring(house, secret) == "used"
    house.clock.now += CODE_LASTS
    assert bring(house, secret, key) == "expired"
    assert ("claim_refused", DEVICE, "used") in acts(house)


def test_a_code_holds_for_an_hour_and_a_new_one_ends_it(house: House) -> None:
    old = secret_of(code_of(house))
    fresh = secret_of(code_of(house, chance=b"d" * 32))
    assert bring(house, old) == "wrong_code"
    house.clock.now += CODE_LASTS
    assert bring(house, fresh) == "expired"
    assert ("claim_refused", DEVICE, "expired") in acts(house)


def test_two_machines_with_one_code_at_the_same_moment_are_one_loudspeaker(house: House) -> None:
    secret = secret_of(code_of(house))
    answers: list[Enrolled | str] = []
    threads = [threading.Thread(target=lambda: answers.append(bring(house, secret))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(isinstance(answer, Enrolled) for answer in answers) == 1
    assert answers.count("used") == 3


def test_enrolling_anew_ends_the_certificate_before(house: House) -> None:
    first = bring(house, secret_of(code_of(house)))
    house.clock.now += DAY
    second = bring(house, secret_of(code_of(house, chance=b"d" * 32)))
    assert isinstance(first, Enrolled)
    assert isinstance(second, Enrolled)
    with house.stores.open() as store:
        holding, revoked = store.certificates.holding(house.clock.now), store.certificates.revoked()
    assert list(holding.values()) == [DEVICE]
    old = x509.load_pem_x509_certificate(first.certificate.encode())
    assert revoked == [(f"{old.serial_number:x}", house.clock.now)]


def test_guessing_is_stopped(house: House) -> None:
    good = secret_of(code_of(house))
    for n in range(WRONG_OF_ADDRESS):
        assert bring(house, f"0000000{n % 10}") == "wrong_code"
    assert bring(house, good) == "too_many"
    house.clock.now += WRONG_FOR + 1
    assert isinstance(bring(house, good), Enrolled)
    assert [act for act in acts(house) if act[0] == "claim_refused"] == [("claim_refused", "", "wrong_code")] * 10


def test_guessing_from_many_addresses_is_stopped_too(house: House) -> None:
    with house.stores.open() as store:
        for n in range(WRONG_OF_ALL):
            assert enrolment.may_try(store, "10.9.9.9", NOON)
            store.certificates.wrong(f"10.0.{n // 250}.{n % 250}", NOON, 0)
        assert not enrolment.may_try(store, "10.9.9.9", NOON)


@pytest.mark.parametrize(
    "body", [b"", b"{}", b"[]", b"x" * 100_000, b'{"code":"00000000"}', b'{"code":1,"request":2}', b"[" * 9_000]
)
def test_nonsense_at_the_door_is_refused_and_costs_nothing(house: House, body: bytes) -> None:
    answer = house.anonymous().post(CLAIM_PATH, content=body)
    assert answer.status_code == 400
    assert msgspec.json.decode(answer.content, type=Turned).refused == "bad_request"


def test_a_request_that_is_none_does_not_use_up_the_code(house: House) -> None:
    secret = secret_of(code_of(house))
    answer = house.anonymous().post(CLAIM_PATH, content=msgspec.json.encode(Claim(secret, "no request")))
    assert answer.status_code == 400
    assert isinstance(bring(house, secret), Enrolled)


def test_who_is_shut_out_gets_nothing_more(house: House, technician: TestClient) -> None:
    secret, key = secret_of(code_of(house)), identity.new_key()
    assert isinstance(bring(house, secret, key), Enrolled)
    page = technician.get(f"/loa/{DEVICE}/ghi-danh")
    assert "Đã ghi danh" in page.text
    assert technician.post(f"/loa/{DEVICE}/chan").status_code == 303
    assert bring(house, secret, key) == "wrong_code"
    with house.stores.open() as store:
        assert store.certificates.holding(NOON) == {}
        assert enrolment.renew(store, house.office.authority, DEVICE, identity.request_for(key), NOON) is None
    assert ("shut_out", DEVICE) in [act[:2] for act in acts(house)]


def test_the_authority_is_for_everybody_to_read(house: House) -> None:
    answer = house.anonymous().get(AUTHORITY_PATH)
    assert answer.text == house.office.authority.pem(NOON)
    assert "PRIVATE" not in answer.text


def test_interrupted_at_any_write_the_same_command_ends_it(house: House, tmp_path: Path) -> None:
    """As if the power went: what was to be written next is not there."""
    code, folder = code_of(house), tmp_path / "pi"
    with serving(house) as address:
        for blocked in (identity.PENDING, identity.IDENTITY, ENROLLED):
            hindrance = folder / f"{blocked}.new"
            (hindrance / "x").mkdir(parents=True)
            with pytest.raises(OSError, match=blocked):
                enrol(code, address, folder, now)
            (hindrance / "x").rmdir()
            hindrance.rmdir()
        assert enrol(code, address, folder, now).device == DEVICE
    found = read_enrolment(folder / ENROLLED)
    assert identity.Identity(folder, DEVICE, found.authority).validity.not_after > NOON


class Renewing:
    """A loudspeaker that has enrolled in `folder`."""

    def __init__(self, house: House, folder: Path) -> None:
        with serving(house) as address:
            enrol(code_of(house), address, folder, now)
        self.identity = identity.Identity(folder, DEVICE, read_enrolment(folder / ENROLLED).authority)
        self._house = house

    def ask(self, request: bytes | None = None, device: str = DEVICE) -> str | None:
        asked = self.identity.request() if request is None else request
        with self._house.stores.open() as store:
            return enrolment.renew(store, self._house.office.authority, device, asked, self._house.clock.now)


def test_a_certificate_is_renewed_with_its_own_key_and_replaces_the_old_one(house: House, tmp_path: Path) -> None:
    pi = Renewing(house, tmp_path / "pi")
    early, before = pi.ask(), pi.identity.validity.not_after
    assert early is not None
    assert not pi.identity.take(early.encode()), "the same again is no news"
    house.clock.now += DEVICE_LASTS * 2 // 3
    fresh = pi.ask()
    assert fresh is not None
    assert pi.ask() == fresh, "asked again, the answer is the same"
    assert pi.identity.take(fresh.encode())
    assert pi.identity.validity.not_after > before
    assert (tmp_path / "pi" / identity.IDENTITY).read_text().endswith(fresh)
    assert [act for act, *_ in acts(house)].count("renew_certificate") == 1


def test_who_carries_a_request_or_makes_one_of_their_own_gets_nothing(house: House, tmp_path: Path) -> None:
    pi = Renewing(house, tmp_path / "pi")
    own = x509.load_pem_x509_csr(pi.identity.request()).subject.rfc4514_string().removeprefix("CN=")
    assert pi.ask(identity.request_for(identity.new_key(), own)) is None, "another key"
    assert pi.ask(pi.identity.request(), "loa-mau-2") is None, "another loudspeaker"
    assert pi.ask(identity.request_for(identity.new_key())) is None
    assert pi.ask(b"nonsense") is None


def test_a_loudspeaker_takes_no_certificate_that_is_not_its_own(house: House, tmp_path: Path) -> None:
    pi, authority = Renewing(house, tmp_path / "pi"), house.office.authority
    later, key = NOON + 10 * DAY, identity.new_key().public_key()
    assert not pi.identity.take(authority.device(DEVICE, key, later).pem.encode()), "another key"
    foreign = Authority(tmp_path / "foreign")
    ours = x509.load_pem_x509_csr(pi.identity.request()).public_key()
    assert not pi.identity.take(foreign.device(DEVICE, ours, later).pem.encode()), "another authority"  # type: ignore[arg-type]
    assert not pi.identity.take(authority.device("loa-mau-2", ours, later).pem.encode()), "another name"  # type: ignore[arg-type]
    assert not pi.identity.take(b"nonsense")
    assert pi.identity.take(authority.device(DEVICE, ours, later).pem.encode())  # type: ignore[arg-type]

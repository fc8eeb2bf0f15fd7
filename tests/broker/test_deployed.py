"""Tests that attack a real Mosquitto under `deploy/mosquitto.conf`: who comes in, what they may say and hear there, and
who is thrown out.

Nobody imports this module.
"""

import json
import ssl
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import pytest

from schedules import wire
from server import system_clock
from server.authority import Authority
from server.bell import CERTIFICATES, Bell
from server.broker_accounts import ACCOUNTS, CONTROL, GATEWAY, REPORTS, beginning, desired
from server.mqtt_accounts import AccountLine
from tests.broker.deployed import Guest, certified, deployed
from tests.broker.mosquitto import Mosquitto
from tests.fault.ports import free_ports
from tests.waiting import eventually

pytestmark = pytest.mark.broker
ONE, TWO = "loa-1.0123456789ab", "loa-2.0123456789ab"
SHA = "a" * 64


class Gate:
    """Whom to let in, as a test says."""

    def __init__(self, holding: Mapping[str, str]) -> None:
        self.now: dict[str, str] = dict(holding)
        self.stamp = 0

    def certificates_stamp(self) -> tuple[int, int]:
        return self.stamp, 0

    def holding(self) -> Mapping[str, str]:
        return dict(self.now)

    def change(self, holding: Mapping[str, str]) -> None:
        self.now, self.stamp = dict(holding), self.stamp + 1


class Stage(NamedTuple):
    """A broker, its authority, the line that rules it."""

    broker: Mosquitto
    authority: Authority
    gate: Gate
    line: AccountLine
    bell: Bell
    folder: Path

    def somebody(self, name: str, client_id: str = "guest") -> Guest:
        return Guest(self.broker.url, self.authority.file, certified(self.authority, name, self.folder), client_id)


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    authority, [port] = Authority(tmp_path), free_ports(1)
    broker = deployed(port, tmp_path / "broker", authority)
    broker.start()
    gate, bell = Gate({ONE: "loa-1", TWO: "loa-2"}), Bell()
    line = AccountLine(broker.url, authority.own(ACCOUNTS, system_clock.utc_ms()), gate, bell)
    line.start()
    assert line.settled.wait(20), "the broker has been told"
    yield Stage(broker, authority, gate, line, bell, tmp_path)
    line.stop()
    broker.stop()


def test_a_loudspeaker_says_and_hears_what_is_its_own_and_nothing_else(stage: Stage) -> None:
    one = stage.somebody(ONE)
    for route in (*wire.FROM_DEVICES, wire.REPORT):
        assert one.may_say(route.topic("loa-1")), route.pattern
        assert not one.may_say(route.topic("loa-2")), route.pattern
    for topic in (
        wire.PROGRAMME.topic("xa-1"), wire.ALERT.topic("xa-1"), wire.BLOCK.topic(SHA, 0), wire.KEYS.topic(), wire.URGENT_BLOCK.topic(SHA, 0),
        wire.ASSIGNMENT.topic("loa-1"), wire.ASSIGNMENT.topic("loa-2"), wire.CERTIFICATE.topic("loa-1"), CONTROL,
    ):  # fmt: skip
        assert not one.may_say(topic, retain=True), topic
    for topic in (
        wire.PROGRAMME.topic("xa-1"), wire.ALERT.topic("xa-1"), wire.blocks_of(SHA), wire.KEYS.topic(),
        *(route.topic("loa-1") for route in wire.TO_DEVICE),
    ):  # fmt: skip
        assert one.may_hear(topic), topic
    foreign = [
        route.topic("loa-2") for route in (*wire.TO_DEVICE, *wire.FROM_DEVICES, wire.REPORT) if route.pattern != "keys"
    ]
    for topic in (*foreign, "#", "+/#", "$SYS/#", wire.shared(wire.REPORT, "reports"), wire.STATUS.topic("+")):
        assert not one.may_hear(topic), topic
    one.leave()


def test_nobody_comes_in_without_a_certificate_or_with_one_of_another_authority(
    stage: Stage, tmp_path_factory: pytest.TempPathFactory
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    other = Authority(elsewhere)
    foreign = certified(other, ONE, elsewhere)
    for file in (None, foreign):
        try:
            guest = Guest(stage.broker.url, stage.authority.file, file)
        except (OSError, ssl.SSLError):
            continue
        assert guest.gone
        guest.leave()


def test_nobody_takes_the_place_of_another_by_its_client_id(stage: Stage) -> None:
    gateway, two = stage.somebody(GATEWAY, GATEWAY), stage.somebody(TWO, TWO)
    thief = stage.somebody(ONE, GATEWAY)
    other = stage.somebody(ONE.replace("ab", "ba"), TWO)
    assert gateway.may_say(wire.KEYS.topic())
    assert two.may_say(wire.WANT.topic("loa-2"))
    assert not gateway.gone
    assert not two.gone
    for guest in (gateway, two, thief, other):
        guest.leave()


def test_who_is_shut_out_is_thrown_out_at_once_and_gets_nothing_when_it_comes_again(stage: Stage) -> None:
    one, two, server = stage.somebody(ONE), stage.somebody(TWO), stage.somebody(GATEWAY)
    assert one.may_hear(wire.ASSIGNMENT.topic("loa-1"))
    assert server.may_hear(wire.STATUS.topic("+"))
    stage.gate.change({TWO: "loa-2"})
    stage.bell.ring(CERTIFICATES)
    eventually(lambda: bool(one.gone), 5, "it is thrown out")
    again = stage.somebody(ONE)
    assert not again.may_hear(wire.ASSIGNMENT.topic("loa-1"))
    assert not again.may_say(wire.STATUS.topic("loa-1"))
    assert two.may_say(wire.STATUS.topic("loa-2"))
    assert not two.gone
    for guest in (again, two, server):
        guest.leave()


def test_a_new_key_of_a_loudspeaker_ends_the_old_one_alone(stage: Stage) -> None:
    old, fresh = stage.somebody(ONE), "loa-1.ba9876543210"
    stage.gate.change({fresh: "loa-1", TWO: "loa-2"})
    stage.bell.ring(CERTIFICATES)
    eventually(lambda: bool(old.gone), 5, "the old one is thrown out")
    assert stage.line.settled.wait(10)
    new = stage.somebody(fresh)
    assert new.may_say(wire.REPORT.topic("loa-1"))
    new.leave()


def test_the_lines_of_the_server_may_do_what_they_are_for(stage: Stage) -> None:
    gateway, reports = stage.somebody(GATEWAY), stage.somebody(REPORTS)
    for topic in (wire.PROGRAMME.topic("xa-1"), wire.ALERT.topic("xa-1"), wire.BLOCK.topic(SHA, 0), wire.KEYS.topic()):
        assert gateway.may_say(topic), topic
        assert not reports.may_say(topic), topic
    assert all(gateway.may_hear(route.topic("+")) for route in wire.FROM_DEVICES)
    assert all(gateway.may_hear(route.topic(*"+" * route.pattern.count("+"))) for route in wire.FROM_SERVER)
    assert reports.may_hear(wire.shared(wire.REPORT, "reports"))
    assert reports.may_say(wire.ACK.topic("loa-1"))
    assert not gateway.may_say(CONTROL), "only the line of accounts rules"
    for guest in (gateway, reports):
        guest.leave()


def test_a_broker_that_has_forgotten_everything_learns_it_again(stage: Stage) -> None:
    stage.broker.stop()
    (stage.folder / "broker" / "dynamic-security.json").write_text(json.dumps(beginning(desired({}))))
    stage.line.settled.clear()
    stage.broker.start()
    assert stage.line.settled.wait(30)
    one = stage.somebody(ONE)
    assert one.may_say(wire.REPORT.topic("loa-1"))
    one.leave()


def test_more_than_one_page_of_accounts_is_read_and_told(stage: Stage) -> None:
    many = {f"loa-{n}.{n:012x}": f"loa-{n}" for n in range(70)}
    stage.gate.change(many)
    stage.bell.ring(CERTIFICATES)
    eventually(lambda: len(kept(stage)) == len(many) + 3, 30, "all are told, and the three lines of the server")
    before = kept(stage)
    stage.broker.stop()
    stage.broker.start()
    stage.gate.change({name: device for name, device in many.items() if device != "loa-69"})
    gone = {f"loa-69.{69:012x}"}
    eventually(lambda: before - kept(stage) == gone, 30, "one is gone, whom only the second page names")


def kept(stage: Stage) -> set[str]:
    """Whom the broker's own file names; nobody while it is being written."""
    try:
        found = json.loads((stage.folder / "broker" / "dynamic-security.json").read_text())
    except ValueError:
        return set()
    return {each["username"] for each in found.get("clients", ())}


def test_a_broker_without_the_plugin_is_named(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """It would let in everybody with a certificate, whoever was shut out."""
    authority, [port] = Authority(tmp_path), free_ports(1)
    broker = deployed(port, tmp_path / "broker", authority, plugin=False)
    broker.start()
    credentials = authority.own(ACCOUNTS, system_clock.utc_ms())
    line = AccountLine(broker.url, credentials, Gate({ONE: "loa-1"}), Bell(), answer_within_s=0.5)
    line.start()
    eventually(lambda: "does not answer" in caplog.text, 10, "it is said")
    assert not line.settled.is_set()
    line.stop()
    broker.stop()

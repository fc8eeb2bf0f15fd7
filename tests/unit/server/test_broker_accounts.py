"""Tests of what the broker is told: only what differs, first who must go, and nobody else's accounts.

Nobody imports this module.
"""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from server.broker_accounts import Accounts, beginning, changes, desired, found_people, found_roles

DEVICES = st.sampled_from(["loa-1", "loa-2", "loa-3"])
HOLDING = st.dictionaries(
    st.builds(lambda device, key: f"{device}.{key:012x}", DEVICES, st.integers(0, 5)), DEVICES, max_size=6
)


class Broker:
    """What dynamic security does with these commands."""

    def __init__(self, beginning: dict[str, Any]) -> None:
        self.roles = {role["rolename"]: role["acls"] for role in beginning["roles"]}
        self.people = {each["username"]: each["roles"] for each in beginning["clients"]}

    def obey(self, command: dict[str, Any]) -> None:
        match command["command"]:
            case "createRole":
                assert command["rolename"] not in self.roles
                self.roles[command["rolename"]] = command["acls"]
            case "modifyRole":
                assert command["rolename"] in self.roles
                self.roles[command["rolename"]] = command["acls"]
            case "deleteRole":
                del self.roles[command["rolename"]]
            case "createClient" | "modifyClient":
                assert (command["username"] in self.people) == (command["command"] == "modifyClient")
                assert all(role["rolename"] in self.roles for role in command["roles"])
                self.people[command["username"]] = command["roles"]
            case "deleteClient":
                del self.people[command["username"]]
            case other:
                raise AssertionError(other)

    def says(self) -> Accounts:
        roles = found_roles({"roles": [{"rolename": r, "acls": acls} for r, acls in self.roles.items()]})
        return Accounts(roles, found_people({"clients": [{"username": n, "roles": r} for n, r in self.people.items()]}))


@given(HOLDING, HOLDING)
def test_whatever_stood_there_what_should_stand_stands(before: dict[str, str], after: dict[str, str]) -> None:
    broker = Broker(beginning(desired(before)))
    for command in changes(desired(after), broker.says()):
        broker.obey(command)
    assert broker.says() == desired(after)
    assert not list(changes(desired(after), broker.says()))


def test_who_must_go_goes_first_and_nobody_elses_account_is_touched() -> None:
    broker = Broker(beginning(desired({"loa-1.0123456789ab": "loa-1"})))
    broker.people["watcher"] = []
    told = list(changes(desired({"loa-2.0123456789ab": "loa-2"}), broker.says()))
    assert told[0] == {"command": "deleteClient", "username": "loa-1.0123456789ab"}
    assert "watcher" not in str(told)


def test_no_loudspeaker_can_be_called_as_a_line_of_the_servers() -> None:
    names = desired({}).people
    assert not any(part.isalnum() and set(part) <= set("0123456789abcdef") for part in (n.split(".")[1] for n in names))


def test_an_answer_without_sense_is_as_nothing() -> None:
    assert found_roles({}) == {}
    assert found_people({"clients": [{"username": "a"}]}) == {"a": frozenset()}

"""Who may do what at the broker: what should be → commands for Mosquitto's dynamic security. Pure.

Imported by `server.mqtt_accounts`, the commands and tests.

An account is the common name of a certificate. Each loudspeaker has a role of its own, for its own topics; what is for
everybody is in a role for all. Every loudspeaker may read every area's programme: it will be said aloud in the open,
and a broker that hears of a move later than the loudspeaker must not keep an alert from it.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from schedules import wire

GATEWAY, ACCOUNTS, REPORTS = "loaban.gateway", "loaban.accounts", "loaban.reports"
"""The common names of the server's own lines. No loudspeaker can be called so: what stands behind its dot is hex."""
SHARED = "reports"
"""The group of those who share the reports; a broker asks for the right to that by its whole name."""
CONTROL = "$CONTROL/dynamic-security/v1"
RESPONSE = f"{CONTROL}/response"
AT_ONCE = 10
"""Commands in one message: with thousands of accounts, Mosquitto 2.0 needs 50 ms for each, in which it does nothing
else."""
LOUDSPEAKER = "loudspeaker"
_OF_DEVICE = "device."
_OURS = re.compile(r"[a-z0-9-]+\.[0-9a-f]{12}|loaban\..*")
"""Accounts that are this server's to end; others may be somebody else's."""
_SAY, _HEAR, _GET = "publishClientSend", "subscribePattern", "publishClientReceive"

Command = dict[str, Any]
Acl = tuple[str, str]
"""What may be done, and with which topics."""


class Accounts(msgspec.Struct, frozen=True):
    """Roles by name, and the roles of each account."""

    roles: Mapping[str, frozenset[Acl]]
    people: Mapping[str, frozenset[str]]


def desired(holding: Mapping[str, str]) -> Accounts:
    """What should be, for the certificates that hold: by common name, whose it is (a loudspeaker's, or none for a line
    of the server's)."""
    roles = {**_OF_SERVER, LOUDSPEAKER: _FOR_ALL}
    roles |= {_OF_DEVICE + device: _own(device) for device in set(holding.values()) if device}
    people = {name: frozenset({name}) for name in (ACCOUNTS, GATEWAY, REPORTS)}
    people |= {
        name: frozenset({LOUDSPEAKER, _OF_DEVICE + device}) if device else frozenset({REPORTS})
        for name, device in holding.items()
    }
    return Accounts(roles, people)


def changes(wanted: Accounts, found: Accounts) -> Iterator[Command]:
    """What to tell the broker. Who is to be shut out goes first."""
    gone = sorted(found.people.keys() - wanted.people)
    yield from ({"command": "deleteClient", "username": name} for name in gone if _OURS.fullmatch(name))
    for role in sorted(wanted.roles):
        if role not in found.roles:
            yield {"command": "createRole", "rolename": role, "acls": _acls(wanted.roles[role])}
        elif found.roles[role] != wanted.roles[role]:
            yield {"command": "modifyRole", "rolename": role, "acls": _acls(wanted.roles[role])}
    for name in sorted(wanted.people):
        if found.people.get(name) != wanted.people[name]:
            command = "modifyClient" if name in found.people else "createClient"
            yield {"command": command, "username": name, "roles": _named(wanted.people[name])}
    past = sorted(found.roles.keys() - wanted.roles)
    yield from ({"command": "deleteRole", "rolename": role} for role in past if role.startswith(_OF_DEVICE))


def beginning(accounts: Accounts) -> dict[str, Any]:
    """The file with which a broker begins."""
    return {
        "defaultACLAccess": {_SAY: False, _GET: True, "subscribe": False, "unsubscribe": True},
        "clients": [{"username": name, "roles": _named(roles)} for name, roles in sorted(accounts.people.items())],
        "roles": [{"rolename": role, "acls": _acls(acls)} for role, acls in sorted(accounts.roles.items())],
    }


def found_roles(answer: Mapping[str, Any]) -> dict[str, frozenset[Acl]]:
    """The roles in the broker's answer to `listRoles`; what is not understood is as if it were not there."""
    return {
        role["rolename"]: frozenset((acl.get("acltype", ""), acl.get("topic", "")) for acl in role.get("acls", ()))
        for role in answer.get("roles", ())
    }


def found_people(answer: Mapping[str, Any]) -> dict[str, frozenset[str]]:
    """The accounts in the broker's answer to `listClients`."""
    return {
        each["username"]: frozenset(role.get("rolename", "") for role in each.get("roles", ()))
        for each in answer.get("clients", ())
    }


def _own(device: str) -> frozenset[Acl]:
    said = [(_SAY, route.topic(device)) for route in (*wire.FROM_DEVICES, wire.REPORT)]
    return frozenset([*said, *((_HEAR, r.topic(device)) for r in wire.TO_DEVICE if r is not wire.KEYS)])


def _all_of(route: wire.Route) -> str:
    return route.topic(*"+" * route.pattern.count("+"))


def _acls(acls: Iterable[Acl]) -> list[dict[str, Any]]:
    return [{"acltype": kind, "topic": topic, "allow": True} for kind, topic in sorted(acls)]


def _named(roles: Iterable[str]) -> list[dict[str, str]]:
    return [{"rolename": role} for role in sorted(roles)]


_FOR_ALL = frozenset(
    (_HEAR, topic) for topic in (*map(_all_of, (wire.PROGRAMME, wire.ALERT, wire.KEYS)), wire.blocks_of("+"))
)
_SAID = (wire.PROGRAMME, wire.ALERT, wire.BLOCK, wire.URGENT_BLOCK, *wire.TO_DEVICE)
_HEARD = (*wire.FROM_DEVICES, *wire.FROM_SERVER)
_OF_SERVER: dict[str, frozenset[Acl]] = {
    ACCOUNTS: frozenset({(_SAY, CONTROL), (_HEAR, RESPONSE), (_GET, f"{CONTROL}/#")}),
    GATEWAY: frozenset([*((_SAY, _all_of(r)) for r in _SAID), *((_HEAR, _all_of(r)) for r in _HEARD)]),
    REPORTS: frozenset(
        {(_SAY, _all_of(wire.ACK)), (_HEAR, _all_of(wire.REPORT)), (_HEAR, wire.shared(wire.REPORT, SHARED))}
    ),
}
"""By name of the account that has the role. A broker gives the answers of its own control to nobody who is not named
for them, whatever its default."""

"""Who may do what where. Pure: the one room that decides it.

Imported by the use cases and the web. A role is held on a node of the area tree and covers all below it.
"""

import enum
from collections.abc import Iterable

import msgspec


class Role(enum.Enum):
    """What a person is on a node of the area tree."""

    editor = "editor"
    approver = "approver"
    overseer = "overseer"
    technician = "technician"
    emergency_officer = "emergency_officer"
    administrator = "administrator"


class Act(enum.Enum):
    """What a person may want to do in an area."""

    see = "see"  # its log, loudspeakers, programmes and bulletins
    write = "write"  # bulletins and broadcasts
    approve = "approve"
    alarm = "alarm"  # have an emergency sound on one's own signature
    review = "review"  # what another aired alone
    install = "install"  # loudspeakers
    set_area = "set_area"  # quiet hours, volume, languages; what frees a loudspeaker of a guard takes two
    manage_staff = "manage_staff"  # people, their grants


ALLOWS: dict[Role, frozenset[Act]] = {
    Role.editor: frozenset({Act.see, Act.write}),
    Role.approver: frozenset({Act.see, Act.write, Act.approve, Act.review}),
    Role.overseer: frozenset({Act.see}),
    Role.technician: frozenset({Act.see, Act.install}),
    Role.emergency_officer: frozenset({Act.see, Act.alarm}),
    Role.administrator: frozenset({Act.see, Act.install, Act.set_area, Act.manage_staff}),
}


class Grant(msgspec.Struct, frozen=True):
    """A role on a node, given by its path ("/tinh/xa/")."""

    role: Role
    area_path: str


class Person(msgspec.Struct, frozen=True):
    """Somebody who is signed in."""

    id: str
    username: str
    display_name: str
    grants: tuple[Grant, ...]


def may(grants: Iterable[Grant], act: Act, area_path: str) -> bool:
    """Whether one of the grants allows the act in this area: a grant on the node itself or on one above it."""
    return any(act in ALLOWS[grant.role] and area_path.startswith(grant.area_path) for grant in grants)


def may_compose(grants: Iterable[Grant], area_path: str, *, emergency: bool) -> bool:
    """Whether somebody may write for this area: an emergency officer writes emergencies, and nothing else."""
    grants = tuple(grants)
    return may(grants, Act.write, area_path) or (emergency and may(grants, Act.alarm, area_path))


def within_reach(grants: Iterable[Grant], act: Act, area_path: str) -> bool:
    """Whether any area in which the act is allowed lies in this one: what sounds here sounds there too."""
    return any(act in ALLOWS[grant.role] and grant.area_path.startswith(area_path) for grant in grants)


def may_anywhere(grants: Iterable[Grant], act: Act) -> bool:
    """Whether there is any area in which the act is allowed."""
    return any(act in ALLOWS[grant.role] for grant in grants)


def scope(grants: Iterable[Grant], act: Act) -> tuple[str, ...]:
    """The paths under which the act is allowed, none within another."""
    paths = sorted({grant.area_path for grant in grants if act in ALLOWS[grant.role]})
    return tuple(p for p in paths if not any(p != other and p.startswith(other) for other in paths))

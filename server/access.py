"""Who may do what where. Pure: the one room that decides it.

Imported by the use cases and the web. A role is held on a node of the area tree and covers all below it.
"""

import enum
from collections.abc import Iterable

import msgspec

from schedules.clock import UtcMs, civil_day


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
    correct = "correct"  # what the log says of a play, by a line beside it
    hand_out = "hand_out"  # its reports, by e-mail, to whoever
    set_area = "set_area"  # quiet hours, volume, languages; what frees a loudspeaker of a guard takes two
    manage_staff = "manage_staff"  # people, their grants


ALLOWS: dict[Role, frozenset[Act]] = {
    Role.editor: frozenset({Act.see, Act.write}),
    Role.approver: frozenset({Act.see, Act.write, Act.approve, Act.review, Act.correct}),
    Role.overseer: frozenset({Act.see, Act.hand_out}),
    Role.technician: frozenset({Act.see, Act.install, Act.correct}),
    Role.emergency_officer: frozenset({Act.see, Act.alarm}),
    Role.administrator: frozenset({Act.see, Act.install, Act.correct, Act.hand_out, Act.set_area, Act.manage_staff}),
}


DECIDING = frozenset({Role.approver, Role.emergency_officer, Role.administrator})
"""What these do cannot be taken back: they show a second factor when they sign in."""
AFTERWARDS = frozenset({Act.see})
"""What a role still allows on an area that has ended: its old log stays under its old name."""


class Grant(msgspec.Struct, frozen=True):
    """A role on a node, given by its path ("/tinh/xa/"). `past`: the area has ended, so that one may only look."""

    role: Role
    area_path: str
    past: bool = False

    @property
    def acts(self) -> frozenset[Act]:
        """What it allows."""
        return ALLOWS[self.role] & AFTERWARDS if self.past else ALLOWS[self.role]


class Given(msgspec.Struct, frozen=True):
    """A grant as it was given, with the dates of its area: in force from `begins` until before `ends` (None: until
    somebody ends it); `valid_from`, `valid_to`: the first and the last day of the area, ISO dates or empty."""

    id: int
    staff: str
    area: str
    area_path: str
    role: Role
    begins: UtcMs = 0
    ends: UtcMs | None = None
    valid_from: str = ""
    valid_to: str = ""

    def over(self, now: UtcMs) -> bool:
        """Whether it will never be in force again."""
        return self.ends is not None and now >= self.ends

    def in_force(self, now: UtcMs) -> Grant | None:
        """What it allows at this instant; None for nothing."""
        today = civil_day(now).isoformat()
        if now < self.begins or self.over(now) or (self.valid_from and today < self.valid_from):
            return None
        return Grant(self.role, self.area_path, past=bool(self.valid_to) and today > self.valid_to)


class Person(msgspec.Struct, frozen=True):
    """Somebody who is signed in."""

    id: str
    username: str
    display_name: str
    grants: tuple[Grant, ...]


def may(grants: Iterable[Grant], act: Act, area_path: str) -> bool:
    """Whether one of the grants allows the act in this area: a grant on the node itself or on one above it."""
    return any(act in grant.acts and area_path.startswith(grant.area_path) for grant in grants)


def may_at(grants: Iterable[Grant], act: Act, past_path: str, path: str) -> bool:
    """The same for what happened in a place when it stood elsewhere (`past_path`): who may do it there now, or where it
    stood then."""
    grants = tuple(grants)
    if may(grants, act, path):
        return True
    return any(
        act in grant.acts and f"/{grant.area_path.strip('/')}".rpartition("/")[2] in past_path.split("/")
        for grant in grants
    )


def may_compose(grants: Iterable[Grant], area_path: str, *, emergency: bool) -> bool:
    """Whether somebody may write for this area: an emergency officer writes emergencies, and nothing else."""
    grants = tuple(grants)
    return may(grants, Act.write, area_path) or (emergency and may(grants, Act.alarm, area_path))


def within_reach(grants: Iterable[Grant], act: Act, area_path: str) -> bool:
    """Whether any area in which the act is allowed lies in this one: what sounds here sounds there too."""
    return any(act in grant.acts and grant.area_path.startswith(area_path) for grant in grants)


def may_anywhere(grants: Iterable[Grant], act: Act) -> bool:
    """Whether there is any area in which the act is allowed."""
    return any(act in grant.acts for grant in grants)


def scope(grants: Iterable[Grant], act: Act) -> tuple[str, ...]:
    """The paths under which the act is allowed, none within another."""
    paths = sorted({grant.area_path for grant in grants if act in grant.acts})
    return tuple(p for p in paths if not any(p != other and p.startswith(other) for other in paths))


def owes_second_factor(grants: Iterable[Grant]) -> bool:
    """Whether who holds these must show a second factor; who may only look at what an area was need not."""
    return any(grant.role in DECIDING and not grant.past for grant in grants)


def may_give(giver: Person, receiver: str, area_path: str) -> bool:
    """Whether somebody may give or end a role on this node: as its administrator, and never for themselves."""
    return giver.id != receiver and may(giver.grants, Act.manage_staff, area_path)


def governs(keeper: Person, staff: str, home: str, held: Iterable[Given], now: UtcMs) -> bool:
    """Whether somebody may do with the whole account of another what they want (a new password, switching it off):
    only where they administer all that it can do, now or later, so that nobody climbs by the account of somebody
    higher. `home`: the path of the area that keeps the account, empty for none."""
    paths = {given.area_path for given in held if not given.over(now)} | ({home} if home else set())
    return bool(paths) and all(may_give(keeper, staff, path) for path in paths)

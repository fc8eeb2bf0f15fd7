"""Changing the tree of areas: names, new nodes, ends and mergers, all with their days. Pure.

Imported by the use cases and the web. Nothing is ever deleted: an area that has ended keeps its log and its name, and
one that was merged lives on below the other, so that whoever answers there answers for it too.
"""

import enum
import unicodedata
from datetime import date

import msgspec

from server.area import COMMUNE, HAMLET, Area, AreaSettings, Effective

LONGEST_NAME = 120
PREFIXES = {COMMUNE: "xa", HAMLET: "thon"}
_FORMER = "former_district"


class AreaFault(enum.Enum):
    """What is wrong with a change."""

    no_name = "no_name"
    taken = "taken"
    no_level = "no_level"
    no_day = "no_day"
    too_early = "too_early"  # it would end before it began
    in_use = "in_use"  # loudspeakers in service stand there
    no_target = "no_target"


def name_of(typed: str) -> str | None:
    """A name as it is kept; None for none."""
    name = " ".join(unicodedata.normalize("NFC", typed).split())
    fine = 0 < len(name) <= LONGEST_NAME and all(c.isprintable() for c in name)
    return name if fine else None


def below(level: str, levels: list[str]) -> list[str]:
    """What may be made below an area of this level, of all levels in their order: hamlets below a commune, communes and
    what lies between below anything higher."""
    if level == COMMUNE:
        return [HAMLET]
    if level not in levels or COMMUNE not in levels:
        return []
    return [each for each in levels[levels.index(level) + 1 : levels.index(COMMUNE) + 1] if each != _FORMER]


def renamed(area: Area, name: str) -> Area:
    """It has another name; the old one is still found."""
    if name == area.name:
        return area
    return msgspec.structs.replace(area, name=name, former_names=with_name(area.former_names, area.name))


def with_name(former: str, name: str) -> str:
    """The former names, with one more."""
    names = [each for each in former.split("; ") if each]
    return "; ".join([*names, *([] if name in names else [name])])


def ended(area: Area, last: date) -> Area | AreaFault:
    """This is its last day."""
    if area.valid_from and last.isoformat() < area.valid_from:
        return AreaFault.too_early
    return msgspec.structs.replace(area, valid_to=last.isoformat())


def has_ended(area: Area, today: date) -> bool:
    """Whether its last day is over."""
    return bool(area.valid_to) and area.valid_to < today.isoformat()


def may_merge(area: Area, into: Area) -> bool:
    """Whether one can go up in the other: of one level, and neither within the other."""
    apart = not into.path.startswith(area.path) and not area.path.startswith(into.path)
    return apart and area.level == into.level and area.level in (COMMUNE, HAMLET) and not into.valid_to


def common_path(area: Area, into: Area) -> str:
    """The path of the lowest area above both."""
    ids = [one for one, other in zip(area.ids, into.ids, strict=False) if one == other]
    return f"/{'/'.join(ids)}/" if ids else "/"


def as_before(own: AreaSettings, before: Effective, after: Effective) -> AreaSettings:
    """The own settings of an area that comes to stand elsewhere, so that what held there still holds: who moves an area
    must not loosen what its loudspeakers keep. What says the same in both places is left to the areas above."""
    changes = {
        name: value
        for name in Effective.__struct_fields__
        if name != "suspensions" and (value := getattr(before, name)) != getattr(after, name)
    }
    if "quiet_hours" in changes:
        changes["quiet_hours_off"] = before.quiet_hours is None
    lost = tuple(each for each in before.suspensions if each not in after.suspensions)
    if lost:
        changes["suspensions"] = (own.suspensions or ()) + lost
    return msgspec.structs.replace(own, **changes)

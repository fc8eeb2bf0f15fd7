"""A group of places ("Nhóm loa"): a choice that somebody saved under a name. Pure.

Imported by the repositories, the use cases, the web and tests.
"""

from collections.abc import Iterable, Mapping

import msgspec

from schedules.clock import UtcMs
from server.area import Area, search_key
from server.compose_form import FieldError, Problem
from server.composing import typed_line

LONGEST_NAME = 60
MOST = 40
"""Of one area: more buttons than this help nobody."""


class PlaceGroup(msgspec.Struct, frozen=True):
    """`area` keeps it; `targets`: areas and loudspeakers, none within another; saved by `staff` last."""

    id: str
    area: str
    name: str
    targets: tuple[str, ...]
    staff: str
    at: UtcMs


def outermost(targets: Iterable[str], areas: Mapping[str, Area]) -> tuple[str, ...]:
    """The same places without those that lie in another of them; what nobody knows stays as it is."""
    chosen = tuple(dict.fromkeys(targets))
    inside = {target for target in chosen if target in areas and {*areas[target].ids[:-1]} & {*chosen}}
    return tuple(target for target in chosen if target not in inside)


def named(typed: str, others: Iterable[str]) -> str | FieldError:
    """A name as it was typed, cleaned, or what is wrong with it. `others`: the names that are taken."""
    errors: list[FieldError] = []
    name = " ".join(typed_line("group_name", typed, LONGEST_NAME, errors, required=True).split())
    if not errors and search_key(name) in map(search_key, others):
        errors.append(FieldError("group_name", Problem.name_taken, name))
    return errors[0] if errors else name

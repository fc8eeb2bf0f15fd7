"""Which areas a page can hold: all of a commune's, and of a province's those from which one can narrow down.

Imported by the pages.
"""

from collections.abc import Callable, Collection, Sequence
from typing import TypeVar
from urllib.parse import urlencode

import msgspec

from server.access import Act, Person, scope
from server.area import HAMLET, LOUDSPEAKER, Area, search_key
from server.repositories.store import Store

MOST = 300
"""More lines than this are read by nobody, and weigh more than a page may."""
LINES = 100
"""Of a list, on one page."""
_FINE = (HAMLET, LOUDSPEAKER)
_Line = TypeVar("_Line")


class Wish(msgspec.Struct, frozen=True):
    """How somebody narrowed a list: to an area, to words in a name, to those without a link, to a language; which page
    of it."""

    area: str = ""
    words: str = ""
    silent: str = ""
    page: str = ""
    language: str = ""

    @property
    def number(self) -> int:
        """The page, from 0."""
        return int(self.page) if self.page.isascii() and self.page.isdigit() and len(self.page) < 6 else 0

    def at(self, number: int) -> str:
        """The address of another page of the same list."""
        choice = {"khu_vuc": self.area, "tim": self.words, "mat": self.silent, "tieng": self.language}
        choice["trang"] = str(number or "")
        return "?" + urlencode({name: value for name, value in choice.items() if value})


def narrowed(
    lines: Sequence[_Line], wish: Wish, area_of: Callable[[_Line], Area], name_of: Callable[[_Line], str]
) -> tuple[list[_Line], int]:
    """One page of the lines that are wished for, and how many there are in all."""
    words = search_key(wish.words)
    found = [
        line
        for line in lines
        if (not wish.area or wish.area in area_of(line).ids)
        and (not words or words in search_key(f"{name_of(line)} {area_of(line).former_names}"))
    ]
    return found[wish.number * LINES : (wish.number + 1) * LINES], len(found)


def shown(areas: list[Area], within: str = "", ticked: Collection[str] = ()) -> list[Area]:
    """Of few areas all; of many those above the hamlets, those below `within`, and those that are ticked."""
    if len(areas) <= MOST:
        return areas
    return [area for area in areas if area.level not in _FINE or within in area.ids or area.id in ticked]


def to_choose(store: Store, person: Person, chosen: str) -> list[Area]:
    """The areas that somebody may narrow a page down to."""
    areas = store.areas.to_choose(scope(person.grants, Act.see), chosen, _FINE, MOST)
    return [area for area in areas if area.level != LOUDSPEAKER]


def found_by(words: str, areas: list[Area], ticked: Collection[str] = ()) -> list[Area]:
    """The areas whose name holds these words, accents or not, with what they lie in, and those that are ticked."""
    wanted = search_key(words)
    found = [area for area in areas if wanted in search_key(f"{area.name} {area.former_names}")]
    around = {id_ for area in found[:MOST] for id_ in area.ids} | {*ticked}
    return [area for area in areas if area.id in around]


def chosen_before(areas: list[Area]) -> tuple[str, ...]:
    """What a new bulletin is meant for until its writer says otherwise: their communes or hamlets, never a province."""
    top = min((area.depth for area in areas), default=0)
    return tuple(a.id for a in areas if a.depth == top and a.level in ("commune", *_FINE))

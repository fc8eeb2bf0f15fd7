"""Areas, languages and topics in the database.

Imported by `store`.
"""

from collections.abc import Collection, Iterable, Sequence
from functools import lru_cache
from typing import Any

import msgspec
from sqlalchemy import select as columns_of
from sqlmodel import Session, col, false, func, or_, select

from audio.language import Language
from server.area import Area, AreaSettings, Effective, inherited, search_key, sort_key
from server.repositories.keys import portions
from server.repositories.languages import all_languages
from server.tables.areas import AreaLevelRow, AreaRow, TopicRow

_spoken = msgspec.json.Decoder(tuple[str | tuple[str, int], ...])


def row_of(area: Area) -> AreaRow:
    """The row of an area."""
    return AreaRow(
        id=area.id,
        parent=area.parent,
        path=area.path,
        depth=area.depth,
        level=area.level,
        name=area.name,
        former_names=area.former_names,
        search_key=search_key(f"{area.name} {area.former_names}"),
        sort_key=sort_key(area.name),
        valid_from=area.valid_from,
        valid_to=area.valid_to,
        languages=msgspec.json.encode([_said_of(area, tag) for tag in area.languages]).decode(),
        settings=msgspec.json.encode(area.settings).decode(),
        households=area.households,
        lat=area.lat,
        lon=area.lon,
    )


@lru_cache(1024)
def _settings(body: str) -> AreaSettings:
    """Of thousands of areas nearly all say the same."""
    return msgspec.json.decode(body, type=AreaSettings)


@lru_cache(1024)
def _languages(body: str) -> tuple[str | tuple[str, int], ...]:
    return _spoken.decode(body)


def area_of(row: Any) -> Area:
    """The area of a row."""
    spoken = _languages(row.languages)
    return Area(
        id=row.id,
        parent=row.parent,
        path=row.path,
        depth=row.depth,
        level=row.level,
        name=row.name,
        former_names=row.former_names,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        languages=tuple(each if isinstance(each, str) else each[0] for each in spoken),
        settings=_settings(row.settings),
        shares={each[0]: each[1] for each in spoken if not isinstance(each, str)},
        households=row.households,
        lat=row.lat,
        lon=row.lon,
    )


def areas_in(session: Session, *conditions: Any, by: Sequence[Any] = ()) -> list[Area]:
    """The areas of which this is true, in this order. Of columns, not of objects that SQLAlchemy would watch: a
    province has thousands, and a page asks for all of them."""
    query = columns_of(*AreaRow.__table__.c).where(*conditions).order_by(*by)  # type: ignore[attr-defined]
    return [area_of(row) for row in session.execute(query)]


def _said_of(area: Area, language: str) -> str | tuple[str, int]:
    """A language alone where nobody knows its share, as rows of before have it."""
    share = area.shares.get(language)
    return language if share is None else (language, share)


class Areas:
    """Queries about areas."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def keep(self, area: Area) -> None:
        """Add an area, or change it."""
        self._session.merge(row_of(area))
        self._session.flush()

    def keep_level(self, level: str, name: str, position: int) -> None:
        """Add a kind of area."""
        self._session.merge(AreaLevelRow(id=level, name=name, position=position))
        self._session.flush()

    def levels(self) -> dict[str, str]:
        """Names of all kinds of area by id, the highest first."""
        return {
            row.id: row.name for row in self._session.exec(select(AreaLevelRow).order_by(col(AreaLevelRow.position)))
        }

    def move(self, area: Area, parent: Area) -> None:
        """An area, as it is given, comes to lie below another, with all that lies below it."""
        old, path, deeper = area.path, f"{parent.path}{area.id}/", parent.depth + 1 - area.depth
        inside = self._session.exec(
            select(AreaRow).where(col(AreaRow.path).startswith(old), AreaRow.id != area.id)
        ).all()
        self.keep(msgspec.structs.replace(area, parent=parent.id, path=path, depth=parent.depth + 1))
        for each in inside:
            each.path, each.depth = path + each.path.removeprefix(old), each.depth + deeper
            self._session.add(each)
        self._session.flush()

    def add_topic(self, topic: str, name: str, position: int) -> None:
        """Add a topic, if it is not there."""
        if self._session.get(TopicRow, topic) is None:
            self._session.add(TopicRow(id=topic, name=name, position=position))
            self._session.flush()

    def find(self, area: str) -> Area | None:
        """An area by its id."""
        row = self._session.get(AreaRow, area)
        return area_of(row) if row else None

    def below(self, paths: Iterable[str], level: str | None = None) -> list[Area]:
        """The areas on and below these paths, in the order of the tree, brothers by name."""
        wanted = [col(AreaRow.path).startswith(path) for path in paths]
        if not wanted:
            return []
        of_level = [AreaRow.level == level] if level else []
        order = (col(AreaRow.depth), col(AreaRow.sort_key))
        return in_tree_order(areas_in(self._session, or_(*wanted), *of_level, by=order))

    def roots(self) -> list[Area]:
        """The areas that lie in no other: the province."""
        return [area_of(row) for row in self._session.exec(select(AreaRow).where(AreaRow.depth == 0))]

    def by_path(self, paths: Iterable[str]) -> list[Area]:
        """The areas at these paths, the highest first, brothers by name."""
        query = select(AreaRow).where(col(AreaRow.path).in_(list(paths)))
        return [area_of(row) for row in self._session.exec(query.order_by(col(AreaRow.depth), col(AreaRow.sort_key)))]

    def chain(self, area: Area) -> list[Area]:
        """The areas from the root to this one."""
        rows = self._session.exec(select(AreaRow).where(col(AreaRow.id).in_(area.ids)).order_by(col(AreaRow.depth)))
        return [area_of(row) for row in rows]

    def effective(self, area: Area) -> Effective:
        """What holds in this area: what it sets itself, else what the nearest area above it sets."""
        return inherited(above.settings for above in self.chain(area))

    def named(self, ids: Iterable[str]) -> dict[str, Area]:
        """These areas by id."""
        return {
            area.id: area
            for some in portions(sorted(set(ids)))
            for area in areas_in(self._session, col(AreaRow.id).in_(some))
        }

    def called(self, paths: Iterable[str], words: str) -> list[Area]:
        """Those on and below these paths with these letters (without accents) in their name, or in one that they
        had."""
        below = [col(AreaRow.path).startswith(path) for path in paths]
        query = select(AreaRow).where(col(AreaRow.search_key).contains(words, autoescape=True), or_(*below))
        rows = self._session.exec(query.order_by(col(AreaRow.depth), col(AreaRow.sort_key))) if below else ()
        return [area_of(row) for row in rows]

    def to_choose(self, paths: Iterable[str], chosen: str, fine: Collection[str], most: int) -> list[Area]:
        """Those on and below these paths; where there are more than `most`, without these fine levels, but for what
        lies in the chosen one."""
        wanted = tuple(paths)
        below = [col(AreaRow.path).startswith(path) for path in wanted]
        if not below:
            return []
        if self._session.exec(select(func.count()).select_from(AreaRow).where(or_(*below))).one() <= most:
            return self.below(wanted)
        within = col(AreaRow.path).contains(f"/{chosen}/", autoescape=True) if chosen else false()
        coarse = or_(col(AreaRow.level).not_in(fine), within)
        query = select(AreaRow).where(or_(*below), coarse).order_by(col(AreaRow.depth), col(AreaRow.sort_key))
        return in_tree_order([area_of(row) for row in self._session.exec(query)])

    def names(self, ids: Iterable[str]) -> dict[str, str]:
        """The names of these areas by id, without reading more of them."""
        return dict(self._session.exec(select(AreaRow.id, AreaRow.name).where(col(AreaRow.id).in_(set(ids)))).all())

    def in_order(self, ids: Iterable[str]) -> list[Area]:
        """These areas in the order of their names."""
        query = select(AreaRow).where(col(AreaRow.id).in_(set(ids))).order_by(col(AreaRow.sort_key), col(AreaRow.id))
        return [area_of(row) for row in self._session.exec(query)]

    def languages(self) -> dict[str, Language]:
        """All languages by tag, also those that are offered no more."""
        return all_languages(self._session)

    def topics(self) -> dict[str, str]:
        """Names of all topics by id, in their order."""
        return {row.id: row.name for row in self._session.exec(select(TopicRow).order_by(col(TopicRow.position)))}


def in_tree_order(areas: list[Area]) -> list[Area]:
    """Each area followed by what is below it; brothers stay in the order given."""
    ids = {area.id for area in areas}
    children: dict[str | None, list[Area]] = {}
    for area in areas:
        children.setdefault(area.parent if area.parent in ids else None, []).append(area)
    ordered: list[Area] = []
    stack = list(reversed(children.get(None, [])))
    while stack:
        area = stack.pop()
        ordered.append(area)
        stack.extend(reversed(children.get(area.id, [])))
    return ordered

"""Areas, languages and topics in the database.

Imported by `store`.
"""

from collections.abc import Iterable

import msgspec
from sqlmodel import Session, col, or_, select

from audio.language import Language
from server.area import Area, AreaSettings, Effective, inherited, search_key, sort_key
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
    )


def area_of(row: AreaRow) -> Area:
    """The area of a row."""
    spoken = _spoken.decode(row.languages)
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
        settings=msgspec.json.decode(row.settings, type=AreaSettings),
        shares={each[0]: each[1] for each in spoken if not isinstance(each, str)},
        households=row.households,
    )


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
        query = select(AreaRow).where(or_(*wanted)).order_by(col(AreaRow.depth), col(AreaRow.sort_key))
        if level:
            query = query.where(AreaRow.level == level)
        return in_tree_order([area_of(row) for row in self._session.exec(query)])

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
        rows = self._session.exec(select(AreaRow).where(col(AreaRow.id).in_(set(ids))))
        return {row.id: area_of(row) for row in rows}

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

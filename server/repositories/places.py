"""Where rows of the log stand: the area tree as it was when each was planned.

Imported by the other repositories.
"""

from collections.abc import Collection, Iterable
from typing import NamedTuple

import msgspec
from sqlalchemy import ColumnElement, or_, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select

from server.area import COMMUNE
from server.repositories.keys import portions, there
from server.tables.areas import AreaRow
from server.tables.fleet import LoudspeakerRow
from server.tables.logbook import PlaceRow

_PLACES = PlaceRow.__table__  # type: ignore[attr-defined]


class Place(NamedTuple):
    """Ids of a place and of its commune."""

    id: int
    commune: int


class Reach(msgspec.Struct, frozen=True):
    """The rows that some paths cover: everything, or whole communes, some places of others (by commune), single
    loudspeakers."""

    everything: bool = False
    communes: tuple[int, ...] = ()
    partly: tuple[tuple[int, tuple[int, ...]], ...] = ()
    loudspeakers: tuple[str, ...] = ()

    @property
    def whole(self) -> bool:
        """Whether it is made of whole communes, so that the daily summary knows it."""
        return self.everything or (not self.partly and not self.loudspeakers)

    @property
    def parts(self) -> tuple["Reach", ...]:
        """The same in parts, each of one commune or one loudspeaker."""
        return (
            *(Reach(communes=(commune,)) for commune in self.communes),
            *(Reach(partly=(part,)) for part in self.partly),
            *(Reach(loudspeakers=(one,)) for one in self.loudspeakers),
        )


class Places:
    """Queries about places."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def of(self, loudspeakers: Collection[str]) -> dict[str, Place]:
        """Where these loudspeakers stand now; a place that is new is added."""
        keys = [(id_,) for id_ in set(loudspeakers)]
        paths: dict[str, str] = {}
        for some in portions(keys):
            paths |= {str(id_): str(path) for id_, path in there(self._session, "area", ("id",), some, ("path",))}
        communes = set(self._session.exec(select(AreaRow.id).where(AreaRow.level == COMMUNE)))
        around = {id_: split(path, communes) for id_, path in paths.items()}
        known = self._known({path for pair in around.values() for path in pair})
        return {id_: known[own] for id_, (own, _) in around.items()}

    def reach(self, paths: Iterable[str]) -> Reach:
        """What these paths cover: what stood below them when it was planned, and the past of what stands there now."""
        wanted = tuple(paths)
        if not wanted:
            return Reach()
        covered = or_(*(_covers(path) for path in wanted))
        communes = select(PlaceRow.id).where(PlaceRow.id == PlaceRow.commune)
        whole = sorted(filter(None, self._session.exec(communes.where(covered))))
        places: dict[int, list[int]] = {}
        partly = select(PlaceRow.commune, PlaceRow.id).where(covered, col(PlaceRow.commune).not_in(whole))
        for commune, place in self._session.exec(partly.order_by(col(PlaceRow.id))):
            places.setdefault(commune, []).append(place or 0)
        ends = {path.strip("/").rpartition("/")[2] for path in wanted}
        single = select(LoudspeakerRow.id).where(col(LoudspeakerRow.id).in_(ends))
        return Reach(
            everything="/" in wanted or len(whole) == len(self._session.exec(communes).all()) > 0,
            communes=tuple(whole),
            partly=tuple((commune, tuple(some)) for commune, some in sorted(places.items())),
            loudspeakers=tuple(self._session.exec(single)),
        )

    def station(self, area: str) -> Reach:
        """What stood in a commune, by its id."""
        query = select(PlaceRow.id).where(PlaceRow.area == area, PlaceRow.id == PlaceRow.commune)
        return Reach(communes=tuple(filter(None, self._session.exec(query.order_by(col(PlaceRow.id))))))

    def named(self, ids: Iterable[int]) -> dict[int, str]:
        """Paths of these places."""
        rows = self._session.exec(select(PlaceRow.id, PlaceRow.path).where(col(PlaceRow.id).in_(set(ids))))
        return {id_ or 0: path for id_, path in rows}

    def communes(self) -> dict[int, str]:
        """The paths of all communes that rows have ever stood in."""
        rows = self._session.exec(select(PlaceRow.id, PlaceRow.path).where(PlaceRow.id == PlaceRow.commune))
        return {id_ or 0: path for id_, path in rows}

    def _known(self, wanted: set[str]) -> dict[str, Place]:
        """These places by path. Who comes second to a new one finds it there."""
        found = self._find(wanted)
        missing = sorted(wanted - found.keys())
        if missing:
            connection = self._session.connection()
            dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
            add = dialect.insert(_PLACES).on_conflict_do_nothing(index_elements=["path"])
            connection.execute(
                add, [{"path": path, "area": path.strip("/").rpartition("/")[2], "commune": 0} for path in missing]
            )
            self._join(missing)
            found = self._find(wanted)
        return found

    def _join(self, paths: Iterable[str]) -> None:
        """Each new place knows its commune, which is a place as well."""
        communes = set(self._session.exec(select(AreaRow.id).where(AreaRow.level == COMMUNE)))
        found = self._find({own for path in paths for own in split(f"{path}x/", communes)})
        for path in paths:
            commune = found[split(f"{path}x/", communes)[1]].id
            self._session.connection().execute(update(_PLACES).where(_PLACES.c.path == path).values(commune=commune))

    def _find(self, wanted: Iterable[str]) -> dict[str, Place]:
        keys = [(path,) for path in sorted(set(wanted))]
        rows = (
            row for some in portions(keys) for row in there(self._session, "place", ("path",), some, ("id", "commune"))
        )
        return {str(path): Place(int(str(id_)), int(str(commune))) for path, id_, commune in rows}


def split(path: str, communes: Collection[str]) -> tuple[str, str]:
    """Of the path of a loudspeaker, those of the area that it is in, and of the commune of that: the deepest area that
    is one, and where none is, itself."""
    ids = path.strip("/").split("/")
    around = ids[:-1] or ids
    deep = max((n for n, id_ in enumerate(around, 1) if id_ in communes), default=len(around))
    return f"/{'/'.join(around)}/", f"/{'/'.join(around[:deep])}/"


def _covers(path: str) -> ColumnElement[bool]:
    if path == "/":
        return col(PlaceRow.path).startswith("/")
    last = path.strip("/").rpartition("/")[2]
    now = select(AreaRow.id).where(col(AreaRow.path).startswith(path, autoescape=True))
    return or_(col(PlaceRow.path).contains(f"/{last}/", autoescape=True), col(PlaceRow.area).in_(now))

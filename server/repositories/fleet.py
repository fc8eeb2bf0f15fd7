"""Loudspeakers, what they last said, and what has been published, in the database.

Imported by `store`.
"""

from collections.abc import Iterable
from typing import Any

import msgspec
from sqlalchemy import and_, case
from sqlmodel import Session, col, func, or_, select

from schedules.assignment import Assignment
from schedules.clock import UtcMs
from schedules.programme import Programme
from schedules.wire import Status
from server.area import Area
from server.planning import named_since
from server.readiness import SILENT_FOR, Heard, as_of
from server.repositories.areas import areas_in, in_tree_order, row_of
from server.repositories.keys import portions, there
from server.tables.areas import AreaRow
from server.tables.fleet import AssignmentRow, LoudspeakerRow, ProgrammeRow, StatusRow
from server.upkeep import Upkeep

_status, _assignment = msgspec.json.Decoder(Status), msgspec.json.Decoder(Assignment)


def is_stale(status: Status, before: Status) -> bool:
    """Whether this was said before what is known. A last will speaks for its own run alone."""
    if status.run != before.run:
        return not status.online and bool(before.run)
    return (status.link, not status.online, status.number) < (before.link, not before.online, before.number)


RUNS_KEPT = 12
_ENDED = "@"
"""Stands between the name of a run and when the next one was heard; older rows have names alone."""
Known = tuple[Status, UtcMs | None]
"""What a loudspeaker says of itself, and when it was heard before, if ever."""


class Fleet:
    """Queries about loudspeakers."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def keep(self, area: Area, serial: str = "", place: str = "", enrolled_at: UtcMs | None = None) -> None:
        """A loudspeaker, which is also an area."""
        self._session.merge(row_of(area))
        self._session.flush()
        self._session.merge(LoudspeakerRow(id=area.id, serial=serial, place=place, enrolled_at=enrolled_at))
        self._session.flush()

    def upkeep(self, device: str) -> Upkeep | None:
        """What people have written down about a loudspeaker; None where there is no such loudspeaker."""
        row = self._session.get(LoudspeakerRow, device)
        return Upkeep(**{name: getattr(row, name) for name in Upkeep.__struct_fields__}) if row is not None else None

    def keep_upkeep(self, device: str, upkeep: Upkeep) -> None:
        """It is so from now on."""
        row = self._session.get_one(LoudspeakerRow, device)
        for name in Upkeep.__struct_fields__:
            setattr(row, name, getattr(upkeep, name))
        self._session.add(row)
        self._session.flush()

    def is_known(self, device: str) -> bool:
        """Whether there is such a loudspeaker."""
        return self._session.get(LoudspeakerRow, device) is not None

    def known(self, devices: Iterable[str]) -> set[str]:
        """Those of these that are loudspeakers."""
        keys = [(device,) for device in set(devices)]
        return {str(id_) for some in portions(keys) for (id_,) in there(self._session, "loudspeaker", ("id",), some)}

    def enrolled(self, device: str, now: UtcMs | None) -> None:
        """It has become this server's; None: it is no more."""
        row = self._session.get(LoudspeakerRow, device)
        if row:
            row.enrolled_at = now
            self._session.add(row)

    def below(self, paths: Iterable[str]) -> list[Area]:
        """The loudspeakers below these paths, in the order of the tree."""
        wanted = [col(AreaRow.path).startswith(path) for path in paths]
        if not wanted:
            return []
        there = AreaRow.id == LoudspeakerRow.id
        return in_tree_order(areas_in(self._session, there, or_(*wanted), by=(AreaRow.path,)))

    def in_service(self) -> list[str]:
        """The loudspeakers that have been enrolled, by name."""
        query = select(LoudspeakerRow.id).where(col(LoudspeakerRow.enrolled_at).is_not(None))
        return list(self._session.exec(query.order_by(LoudspeakerRow.id)))

    def paths(self) -> dict[str, str]:
        """Where each loudspeaker stands: the ids from the root to itself, between slashes."""
        query = select(AreaRow.id, AreaRow.path).where(AreaRow.id == LoudspeakerRow.id)
        return {id_: path for id_, path in self._session.exec(query)}

    def paths_below(self, paths: Iterable[str]) -> list[str]:
        """Where the loudspeakers below these paths stand."""
        wanted = [col(AreaRow.path).startswith(path) for path in paths]
        if not wanted:
            return []
        return list(self._session.exec(select(AreaRow.path).where(AreaRow.id == LoudspeakerRow.id, or_(*wanted))))

    def contacts(self, paths: Iterable[str]) -> list[tuple[str, bool, UtcMs | None]]:
        """Of each loudspeaker below these paths, whether it said last that it was there, and when (None: never)."""
        wanted = [col(AreaRow.path).startswith(path) for path in paths]
        if not wanted:
            return []
        query = (
            select(AreaRow.id, StatusRow.online, StatusRow.received_at)
            .join(LoudspeakerRow, col(LoudspeakerRow.id) == AreaRow.id)
            .join(StatusRow, col(StatusRow.device) == AreaRow.id, isouter=True)
            .where(or_(*wanted))
        )
        return [(id_, bool(online), received) for id_, online, received in self._session.exec(query)]

    def hear(self, device: str, status: Status, now: UtcMs) -> Known | None:
        """A loudspeaker has said how it is. A last will says only that it is gone: what it said before still holds.
        Whatever a newer link has said stands against the last word of an older one. A run that had ended and speaks
        again is another box with the same name: a memory card that was copied. What is known of it now, and when it was
        heard before; None where nothing new was said."""
        row = self._session.get(StatusRow, device) or StatusRow(device=device, body="", online=False, received_at=now)
        if row.body:
            before = msgspec.json.decode(row.body, type=Status)
            if is_stale(status, before) or status == before:
                return None  # what a broker has kept, and says again, is no sign of life
            if not status.online and not status.journal:
                status = msgspec.structs.replace(before, online=False)
            if status.run != before.run:
                runs = row.runs.split()
                row.doubled_at = now if status.run in map(_name_of, runs) else row.doubled_at
                ended = f"{before.run}{_ENDED}{now}"
                row.runs = " ".join([ended, *(run for run in runs if _name_of(run) != before.run)][:RUNS_KEPT])
        heard_before = row.received_at if row.body else None
        row.body, row.online, row.received_at = msgspec.json.encode(status).decode(), status.online, now
        self._session.add(row)
        self._session.flush()
        return status, heard_before

    def has_heard_from(self, path: str) -> bool:
        """Whether any loudspeaker on or below this path has ever said how it is."""
        query = select(StatusRow.device).where(StatusRow.device == AreaRow.id, col(AreaRow.path).startswith(path))
        return self._session.exec(query.limit(1)).first() is not None

    def is_doubled(self, device: str, now: UtcMs) -> None:
        """Two boxes speak under this name."""
        row = self._session.get(StatusRow, device)
        if row is not None:
            row.doubled_at = now
            self._session.add(row)

    def heard(self, devices: Iterable[str], now: UtcMs) -> dict[str, Heard]:
        """What these loudspeakers last said, as it is to be taken now."""
        rows = self._of("device_status", devices, ("body", "received_at", "doubled_at", "runs"))
        return {
            device: as_of(Heard(_status.decode(body), received_at, doubled_at, _ends_of(runs)), now)
            for device, body, received_at, doubled_at, runs in rows
        }

    def contact(self, since: UtcMs, now: UtcMs) -> tuple[int, int]:
        """How many loudspeakers have been heard since then, and how many of these are in contact."""
        there = and_(col(StatusRow.online).is_(True), col(StatusRow.received_at) >= now - SILENT_FOR)
        query = select(func.count(), func.sum(case((there, 1), else_=0))).where(StatusRow.received_at >= since)
        heard, linked = self._session.exec(query).one()
        return int(heard), int(linked or 0)

    def admitted(self, devices: Iterable[str]) -> dict[str, tuple[bool, str]]:
        """Of these loudspeakers: whether each has been enrolled, and what is known of its SIM."""
        rows = self._of("loudspeaker", devices, ("enrolled_at", "sim"))
        return {device: (enrolled_at is not None, sim) for device, enrolled_at, sim in rows}

    def keep_programme(self, programme: Programme) -> None:
        """The newest programme of an area."""
        row = self._session.get(ProgrammeRow, programme.area)
        before = msgspec.json.decode(row.body, type=Programme) if row else None
        known = msgspec.json.decode(row.named, type=dict[str, int]) if row else {}
        named = msgspec.json.encode(named_since(programme, before, known)).decode()
        body = msgspec.json.encode(programme).decode()
        self._session.merge(ProgrammeRow(area=programme.area, revision=programme.revision, body=body, named=named))
        self._session.flush()

    def programmes(self, areas: Iterable[str] | None = None) -> dict[str, Programme]:
        """The newest programmes, of these areas or of all."""
        query = select(ProgrammeRow)
        if areas is not None:
            query = query.where(col(ProgrammeRow.area).in_(self._with_programme(areas)))
        return {row.area: msgspec.json.decode(row.body, type=Programme) for row in self._session.exec(query)}

    def named_since(self, areas: Iterable[str]) -> dict[str, dict[str, int]]:
        """By area and occurrence: the oldest revision of its programme that says of it what the newest says."""
        query = select(ProgrammeRow.area, ProgrammeRow.named).where(
            col(ProgrammeRow.area).in_(self._with_programme(areas))
        )
        return {area: msgspec.json.decode(named, type=dict[str, int]) for area, named in self._session.exec(query)}

    def keep_assignment(self, assignment: Assignment) -> None:
        """The newest assignment of a loudspeaker."""
        body = msgspec.json.encode(assignment).decode()
        self._session.merge(AssignmentRow(device=assignment.device, revision=assignment.revision, body=body))
        self._session.flush()

    def assignment_revisions(self) -> dict[str, int]:
        """The newest revision by loudspeaker, without reading what it says."""
        return dict(self._session.exec(select(AssignmentRow.device, AssignmentRow.revision)).all())

    def assignments(self, devices: Iterable[str] | None = None) -> dict[str, Assignment]:
        """The newest assignments, of these loudspeakers or of all."""
        if devices is not None:
            rows = self._of("assignment", devices, ("body",))
        else:
            rows = [
                (device, body) for device, body in self._session.exec(select(AssignmentRow.device, AssignmentRow.body))
            ]
        return {device: _assignment.decode(body) for device, body in rows}

    def _of(self, table: str, devices: Iterable[str], columns: tuple[str, ...]) -> list[tuple[Any, ...]]:
        """Their rows in a table that has one for each loudspeaker, in the order of their names."""
        keys = [(device,) for device in sorted(set(devices))]
        name = "id" if table == "loudspeaker" else "device"
        found = [row for some in portions(keys) for row in there(self._session, table, (name,), some, columns)]
        return sorted(found)

    def _with_programme(self, areas: Iterable[str]) -> set[str]:
        """Those of these areas that have a programme: of thousands, a few, and long lists make slow queries."""
        return set(areas).intersection(self._session.exec(select(ProgrammeRow.area)).all())


def _name_of(run: str) -> str:
    return run.partition(_ENDED)[0]


def _ends_of(runs: str) -> tuple[UtcMs, ...]:
    ends = (run.partition(_ENDED)[2] for run in runs.split())
    return tuple(int(end) for end in ends if end.isdigit())

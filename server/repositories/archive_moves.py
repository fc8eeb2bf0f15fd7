"""Rows of the log on their way between the database and a file of the archive.

Imported by `store`. A row leaves only where the database and the file say the same of it, in one transaction with the
mark of how far the file counts: killed at any moment, each row counts in exactly one of the two.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import delete, select, tuple_
from sqlmodel import Session, func

from schedules.clock import UtcMs
from server.archive import Part, PartState
from server.repositories.archive_file import LINE_COLUMNS, PLAN_COLUMNS, FileReader, Values
from server.repositories.archives import Key, archives_of
from server.repositories.places import Places
from server.tables.archives import ArchivedPartRow, RecalledRow
from server.tables.logbook import PlannedRow, PlaybackRow

_PLANS, _BOOK = PlannedRow.__table__, PlaybackRow.__table__  # type: ignore[attr-defined]
_ORDER = tuple(_PLANS.c[name] for name in ("planned", "occurrence", "loudspeaker"))
After = tuple[UtcMs, str, str]
_SOME = 200


class ArchiveMoves:
    """Queries about moving rows."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._archives, self._places = archives_of(session), Places(session)

    def oldest(self) -> UtcMs | None:
        """The planned start of the oldest row that is in the database."""
        return self._session.execute(select(func.min(_PLANS.c.planned))).scalar()

    def rows(self, since: UtcMs, until: UtcMs, after: After | None, limit: int) -> list[tuple[Values, str]]:
        """Rows planned in [since, until), in order, behind one of them; each with the path of its loudspeaker where it
        stood."""
        query = select(_PLANS).where(_PLANS.c.planned >= since, _PLANS.c.planned < until)
        if after is not None:
            query = query.where(_PLANS.c.planned >= after[0], tuple_(*_ORDER) > after)
        rows = [dict(row) for row in self._session.execute(query.order_by(*_ORDER).limit(limit)).mappings()]
        places = self._places.named({row["place"] for row in rows})
        return [(row, f"{places.get(row['place'], '/')}{row['loudspeaker']}/") for row in rows]

    def lines(self, keys: Sequence[Key]) -> list[Values]:
        """What was reported of these rows."""
        found: list[Values] = []
        for n in range(0, len(keys), _SOME):
            some = [(occurrence, loudspeaker) for loudspeaker, occurrence in keys[n : n + _SOME]]
            query = select(_BOOK).where(tuple_(_BOOK.c.occurrence, _BOOK.c.loudspeaker).in_(some))
            found += [dict(row) for row in self._session.execute(query).mappings()]
        return sorted(found, key=_line_key)

    def parts(self) -> list[Part]:
        """All files, the oldest first."""
        return self._archives.parts()

    def keep(self, part: Part, bulletins: dict[str, UtcMs]) -> None:
        """A file is whole: from now on its rows may leave. `bulletins`: until when each was of use."""
        self._archives.keep(part, bulletins)

    def move(self, part: Part, path: Path, portion: int) -> Part:
        """Have the next rows of a file count there and leave the database. Of which the two do not say the same, those
        stay, and the file's are passed over."""
        part = self._held(part.name)
        reader, until = FileReader(path), min(part.moved + portion, part.rows)
        try:
            written = reader.portion(part.moved, until)
            lines = _by_row(reader.lines([_key(values) for _, values in written]))
        finally:
            reader.close()
        here, told = self._here([_key(values) for _, values in written])
        leaving: list[tuple[int, Key]] = []
        staying: list[tuple[int, Key]] = []
        for number, values in written:
            key = _key(values)
            same = here.get(key) == values and told.get(key, []) == lines.get(key, [])
            # One that is not here at all counts in the file: there it is, and nowhere else.
            (leaving if same or key not in here else staying).append((number, key))
        self._remove([key for _, key in leaving])
        self._archives.recalled(part.name, [number for number, _ in staying])
        state = PartState.moved if until == part.rows else PartState.moving
        return self._changed(part, until, state)

    def put_back(self, part: Part, path: Path, portion: int) -> Part | None:
        """Have the last rows of a file that count there stand in the database again; None once all of them do, and the
        file is known no more."""
        part = self._held(part.name)
        gone, since = self._archives.gone(part), max(part.moved - portion, 0)
        reader = FileReader(path)
        try:
            for number, values in reader.portion(since, part.moved):
                if number not in gone:
                    self._archives.put_back(reader, number, [_key(values)])
        finally:
            reader.close()
        passed = delete(RecalledRow.__table__)  # type: ignore[attr-defined]
        passed = passed.where(RecalledRow.part == part.name, RecalledRow.number > since)  # type: ignore[arg-type]
        self._session.execute(passed)
        if since == 0:
            self._archives.forget(part.name)
            return None
        return self._changed(part, since, PartState.returning)

    def _changed(self, part: Part, moved: int, state: PartState) -> Part:
        self._archives.change(part.name, moved=moved, state=state.value)
        return next(each for each in self.parts() if each.name == part.name)

    def _held(self, name: str) -> Part:
        """A file as it stands now; whoever brings one of its rows back waits until this transaction ends."""
        self._archives.change(name, changes=ArchivedPartRow.changes + 1)
        return next(each for each in self.parts() if each.name == name)

    def _here(self, keys: Sequence[Key]) -> tuple[dict[Key, Values], dict[Key, list[Values]]]:
        """What the database says of these rows, held until this transaction ends."""
        found: dict[Key, Values] = {}
        for n in range(0, len(keys), _SOME):
            query = select(_PLANS).where(tuple_(_PLANS.c.loudspeaker, _PLANS.c.occurrence).in_(keys[n : n + _SOME]))
            rows = self._session.execute(query.with_for_update()).mappings()
            found |= {_key(row): {name: row[name] for name in PLAN_COLUMNS} for row in rows}
        return found, _by_row(self.lines(keys))

    def _remove(self, keys: Sequence[Key]) -> None:
        for n in range(0, len(keys), _SOME):
            some = keys[n : n + _SOME]
            turned = [(occurrence, loudspeaker) for loudspeaker, occurrence in some]
            # The database lets a report go only while its row is there, and on its way.
            self._session.execute(delete(_BOOK).where(tuple_(_BOOK.c.occurrence, _BOOK.c.loudspeaker).in_(turned)))
            self._session.execute(delete(_PLANS).where(tuple_(_PLANS.c.loudspeaker, _PLANS.c.occurrence).in_(some)))


def _key(values: Any) -> Key:
    return values["loudspeaker"], values["occurrence"]


def _line_key(line: Values) -> tuple[Any, ...]:
    return tuple(line[name] for name in ("loudspeaker", "journal", "sequence"))


def _by_row(lines: Iterable[Values]) -> dict[Key, list[Values]]:
    found: dict[Key, list[Values]] = {}
    for line in sorted(lines, key=_line_key):
        found.setdefault(_key(line), []).append({name: line[name] for name in LINE_COLUMNS})
    return found

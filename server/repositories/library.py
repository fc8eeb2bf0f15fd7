"""The library of sounds, and the chimes that came with the program, in the database.

Imported by `store`.
"""

from collections.abc import Iterable, Sequence

import msgspec
from sqlmodel import Session, col, select, update

from audio.clip import Clip
from schedules.clock import UtcMs
from server.area import AreaSettings
from server.tables.areas import AreaRow
from server.tables.bulletins import ClipRow
from server.tables.library import BuiltInChimeRow, TuneRow
from server.tune import Tune, TuneKind


class Library:
    """Queries about tunes and chimes."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, tune: Tune) -> None:
        """A new one, whose clip is known."""
        values = {name: getattr(tune, name) for name in Tune.__struct_fields__}
        self._session.add(TuneRow(**{**values, "kind": tune.kind.value, "clip": tune.clip.sha256}))
        self._session.flush()

    def retire(self, tune: str, now: UtcMs) -> bool:
        """It is offered no more; False if it was not."""
        query = update(TuneRow).where(col(TuneRow.id) == tune, col(TuneRow.retired_at).is_(None))
        return bool(self._session.exec(query.values(retired_at=now)).rowcount)

    def find(self, tune: str) -> Tune | None:
        """One of them, retired or not."""
        return next(iter(self._found(TuneRow.id == tune)), None)

    def along(self, areas: Sequence[str]) -> list[Tune]:
        """What is offered in these areas, the nearest last, each by name."""
        found = self._found(col(TuneRow.area).in_(areas), col(TuneRow.retired_at).is_(None))
        return sorted(found, key=lambda tune: (areas.index(tune.area), tune.name))

    def carrying(self, clip: str) -> list[Tune]:
        """The tunes that are this clip."""
        return self._found(TuneRow.clip == clip)

    def clips(self, tunes: Iterable[str]) -> dict[str, Clip]:
        """The clips of those of these tunes that are not retired, by their id."""
        found = self._found(col(TuneRow.id).in_(set(tunes)), col(TuneRow.retired_at).is_(None))
        return {tune.id: tune.clip for tune in found}

    def chosen(self) -> dict[str, Clip]:
        """The clips of all tunes that any area has chosen for a chime, by their id."""
        rows = self._session.exec(select(AreaRow.settings).where(col(AreaRow.settings).contains('"chimes"')))
        settings = [msgspec.json.decode(row, type=AreaSettings) for row in rows]
        return self.clips(tune for each in settings for tune in (each.chimes or {}).values() if tune)

    def keep_built_in(self, name: str, clip: str) -> None:
        """The chime of this name is this clip from now on."""
        self._session.merge(BuiltInChimeRow(name=name, clip=clip))
        self._session.flush()

    def built_in(self) -> dict[str, Clip]:
        """The chimes that came with the program, by name."""
        query = select(BuiltInChimeRow, ClipRow).where(BuiltInChimeRow.clip == ClipRow.sha256)
        return {row.name: _clip(clip) for row, clip in self._session.exec(query)}

    def kept(self) -> frozenset[str]:
        """The clips that belong to the library: retired ones too, for a bulletin may still carry them."""
        tunes, chimes = self._session.exec(select(TuneRow.clip)), self._session.exec(select(BuiltInChimeRow.clip))
        return frozenset((*tunes, *chimes))

    def _found(self, *conditions: object) -> list[Tune]:
        query = select(TuneRow, ClipRow).where(TuneRow.clip == ClipRow.sha256, *conditions)  # type: ignore[arg-type]
        return [_tune(row, clip) for row, clip in self._session.exec(query)]


def _clip(row: ClipRow) -> Clip:
    return Clip(row.sha256, row.language, row.duration_ms, row.size)


def _tune(row: TuneRow, clip: ClipRow) -> Tune:
    return Tune(
        row.id,
        row.area,
        row.name,
        TuneKind(row.kind),
        row.rights,
        _clip(clip),
        row.added_by,
        row.added_at,
        row.retired_at,
    )

"""The care of loudspeakers in the database: how they were over time, trial tones, and repairs.

Imported by `store`.
"""

from collections.abc import Iterable
from typing import Any

import msgspec
from sqlmodel import Session, and_, col, delete, func, or_, select

from audio.clip import Clip
from schedules.clock import ClockTrust, UtcMs
from schedules.trial import Trial
from server.cause import Owner
from server.condition import KEPT_FOR, Condition
from server.repair import Note, Repair
from server.tables.bulletins import ClipRow
from server.tables.fleet import ConditionRow, RepairNoteRow, RepairRow, TrialRow


class Care:
    """Queries about the care of loudspeakers."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def keep_condition(self, device: str, condition: Condition, grain: int) -> None:
        """How a loudspeaker is; two of one instant are one."""
        values = {**msgspec.structs.asdict(condition), "trust": condition.trust.value}
        self._session.merge(ConditionRow(device=device, grain=grain, **values))

    def conditions(self, device: str, since: UtcMs) -> list[Condition]:
        """How a loudspeaker was from then on, in order."""
        query = select(ConditionRow).where(ConditionRow.device == device, ConditionRow.at >= since)
        return [_condition(row) for row in self._session.exec(query.order_by(col(ConditionRow.at)))]

    def complete_at(self, devices: Iterable[str], since: UtcMs) -> dict[str, UtcMs]:
        """When each of these loudspeakers last lacked no sound, if it did so since then."""
        query = select(ConditionRow.device, func.max(ConditionRow.at)).where(
            col(ConditionRow.device).in_(set(devices)), ConditionRow.at >= since, ConditionRow.missing == 0
        )
        return dict(self._session.exec(query.group_by(ConditionRow.device)).all())

    def thin(self, now: UtcMs) -> int:
        """Forget what need not be kept any longer; how many rows went."""
        over = [
            and_(col(ConditionRow.grain) == grain, col(ConditionRow.at) < now - kept)
            for grain, kept in enumerate(KEPT_FOR)
        ]
        return self._session.connection().execute(delete(ConditionRow).where(or_(*over))).rowcount

    def order(self, device: str, trial: Trial, by: str, now: UtcMs) -> None:
        """A trial is ordered."""
        self._session.add(
            TrialRow(
                id=trial.id,
                device=device,
                ordered_by=by,
                ordered_at=now,
                not_before=trial.not_before,
                until=trial.until,
                clip=trial.clip.sha256,
                seal=trial.seal,
            )
        )
        self._session.flush()

    def ordered(self, device: str) -> tuple[Trial, str, UtcMs] | None:
        """The newest trial of a loudspeaker, by whom and when it was ordered."""
        query = select(TrialRow, ClipRow).where(TrialRow.clip == ClipRow.sha256, TrialRow.device == device)
        row = self._session.exec(query.order_by(col(TrialRow.ordered_at).desc()).limit(1)).first()
        return (_trial(*row), row[0].ordered_by, row[0].ordered_at) if row is not None else None

    def ordered_since(self, device: str, since: UtcMs) -> int:
        """How many trials of a loudspeaker have been ordered from then on."""
        query = select(func.count()).select_from(TrialRow)
        return self._session.exec(query.where(TrialRow.device == device, TrialRow.ordered_at >= since)).one()

    def trials(self, now: UtcMs) -> dict[str, Trial]:
        """The trials whose time is not over, by loudspeaker: of each the newest."""
        query = select(TrialRow, ClipRow).where(TrialRow.clip == ClipRow.sha256, TrialRow.until > now)
        return {
            row.device: _trial(row, clip) for row, clip in self._session.exec(query.order_by(col(TrialRow.ordered_at)))
        }

    def open_repair(self, repair: Repair) -> None:
        """A new ticket."""
        self._session.add(RepairRow(**_values(repair)))
        self._session.flush()

    def repair(self, id_: str) -> Repair | None:
        """One ticket."""
        row = self._session.get(RepairRow, id_)
        return _repair(row) if row is not None else None

    def keep_repair(self, repair: Repair) -> None:
        """It has changed hands, or is closed."""
        self._session.merge(RepairRow(**_values(repair)))
        self._session.flush()

    def note(self, note: Note) -> None:
        """A new line of a ticket's history."""
        self._session.add(RepairNoteRow(**{**msgspec.structs.asdict(note), "owner": note.owner.value}))
        self._session.flush()

    def notes(self, repairs: Iterable[str]) -> dict[str, list[Note]]:
        """The history of these tickets, in order."""
        found: dict[str, list[Note]] = {}
        query = select(RepairNoteRow).where(col(RepairNoteRow.repair).in_(set(repairs)))
        for row in self._session.exec(query.order_by(col(RepairNoteRow.number))):
            note = Note(row.repair, row.number, row.at, row.by, row.words, Owner(row.owner), row.parts)
            found.setdefault(row.repair, []).append(note)
        return found

    def repairs(self, device: str) -> list[Repair]:
        """All tickets of a loudspeaker, those that are open first, then the newest."""
        query = select(RepairRow).where(RepairRow.device == device).order_by(col(RepairRow.opened_at).desc())
        return sorted(map(_repair, self._session.exec(query)), key=lambda repair: not repair.open)

    def open_repairs(self) -> dict[str, Repair]:
        """The tickets that are open, by loudspeaker: of each the one that was opened last."""
        query = select(RepairRow).where(col(RepairRow.closed_at).is_(None)).order_by(col(RepairRow.opened_at))
        return {row.device: _repair(row) for row in self._session.exec(query)}


def _condition(row: ConditionRow) -> Condition:
    return Condition(
        row.at,
        row.online,
        ClockTrust(row.trust),
        row.bound_ms,
        row.disk_free,
        row.missing,
        row.temperature,
        row.battery,
        row.mains,
        row.signal,
    )


def _trial(row: TrialRow, clip: ClipRow) -> Trial:
    tone = Clip(clip.sha256, clip.language, clip.duration_ms, clip.size)
    return Trial(row.id, row.not_before, row.until, tone, row.seal)


def _values(repair: Repair) -> dict[str, Any]:
    return {**msgspec.structs.asdict(repair), "owner": repair.owner.value}


def _repair(row: RepairRow) -> Repair:
    return Repair(
        row.id,
        row.device,
        row.trouble,
        Owner(row.owner),
        row.opened_by,
        row.opened_at,
        row.closed_by,
        row.closed_at,
        row.found,
    )

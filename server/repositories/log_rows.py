"""Rows of the log and what they stand for, both ways.

Imported by the other repositories.
"""

from collections.abc import Collection, Iterable
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, literal_column
from sqlmodel import col

from schedules.clock import DAY
from schedules.playback import Outcome, Playback
from schedules.programme import BroadcastClass, start_of
from server.ledger import CORRECTED, Correction, Counted, Planned
from server.repositories.places import Place
from server.repositories.summary import Stand
from server.tables.logbook import CorrectionRow, PlannedRow

NOTHING: ColumnElement[str] = literal_column("''")
"""The empty text as a word of the question, not as a value given with it: only so does a database see that an index of
some rows alone serves it."""
MOST_MISSING, _LONGEST_TAG = 16, 36
"""Of what a loudspeaker says of languages, no more than this is counted: a broken one must not fill the summary."""


def spaced(tags: Iterable[str]) -> str:
    """Languages as a column holds them: a space around each."""
    joined = " ".join(tags)
    return f" {joined} " if joined else ""


def clips_said(play: Planned) -> str:
    """Clips as a column holds them."""
    return msgspec.json.encode(play.clips).decode()


def values_of(play: Planned, place: Place, topic: str) -> dict[str, Any]:
    """A new row, of which nothing has been told."""
    return {
        "loudspeaker": play.loudspeaker,
        "occurrence": play.occurrence,
        "planned": play.planned,
        "useful_until": play.useful_until,
        "broadcast": play.broadcast,
        "bulletin": play.bulletin,
        "title": play.title,
        "broadcast_class": play.broadcast_class.value,
        "clips": clips_said(play),
        "withdrawn": play.withdrawn,
        "seal": play.seal,
        "outcome": "",
        "place": place.id,
        "commune": place.commune,
        "topic": topic,
        "languages": spaced(play.languages),
        "reason": "",
        "sounded_ms": 0,
        "missing": "",
    }


def stand_of(row: PlannedRow) -> Stand:
    """What the summary knows of a row."""
    return Stand(**{name: getattr(row, name) for name in Stand._fields})


def counts_of(counted: Counted) -> dict[str, Any]:
    """What a row says of what was told."""
    playback, outcome = counted.line.playback if counted.line else None, counted.outcome
    reason = playback.reason.value if playback else ""
    return {
        "outcome": outcome.value if outcome else "",
        "reason": CORRECTED if counted.correction else reason,
        "sounded_ms": max(0, min(playback.sounded_ms or 0, DAY)) if playback else 0,
        "missing": spaced(filter(_is_tag, playback.missing[:MOST_MISSING])) if playback else "",
    }


def _is_tag(said: str) -> bool:
    return 0 < len(said) < _LONGEST_TAG and said.isascii() and said.isprintable() and " " not in said


def one_of(occurrences: Collection[str]) -> list[ColumnElement[bool]]:
    """Only rows of these occurrences. The planned instant has an index, an occurrence alone has none."""
    return [
        col(PlannedRow.planned).in_({start_of(name) for name in occurrences}),
        col(PlannedRow.occurrence).in_(set(occurrences)),
    ]


def planned_of(row: PlannedRow) -> Planned:
    """The play that a row is about."""
    return Planned(
        loudspeaker=row.loudspeaker,
        occurrence=row.occurrence,
        broadcast=row.broadcast,
        bulletin=row.bulletin,
        title=row.title,
        broadcast_class=BroadcastClass(row.broadcast_class),
        planned=row.planned,
        useful_until=row.useful_until,
        clips=msgspec.json.decode(row.clips, type=tuple[str, ...]),
        withdrawn=row.withdrawn,
        seal=row.seal,
        languages=tuple(row.languages.split()),
    )


def planned_from(loudspeaker: str, playback: Playback) -> Planned:
    """A loudspeaker reports what this server does not remember to have planned, as after a restored backup."""
    return Planned(
        loudspeaker=loudspeaker,
        occurrence=playback.occurrence,
        broadcast=_kept(playback.broadcast),
        bulletin=_kept(playback.bulletin),
        title=_kept(playback.broadcast),
        broadcast_class=BroadcastClass.unknown,
        planned=playback.planned,
        useful_until=playback.planned,
        clips=playback.clips,
        withdrawn=playback.outcome is Outcome.unknown,
        seal=_kept(playback.seal),
    )


def _kept(said: str) -> str:
    """Without the letter that no database keeps: its report must not wait for that for ever."""
    return said.replace("\0", "")


def correction_of(row: CorrectionRow) -> Correction:
    """The correction of a row."""
    return Correction(
        row.number or 0, row.loudspeaker, row.occurrence, row.names, Outcome(row.outcome), row.why, row.by, row.at
    )

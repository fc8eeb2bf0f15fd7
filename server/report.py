"""A report: what was planned and what sounded in a month or a quarter, by commune. Pure.

Imported by the use cases of reports, the pages and the commands. It is summed from `Tally` rows, of which the database
gives as many as there are different things to say, never one for each play.
"""

import enum
from collections import Counter
from collections.abc import Iterable, Mapping

import msgspec

from schedules.clock import DurationMs
from schedules.playback import Outcome, Reason
from schedules.programme import BroadcastClass
from server.period import Period

SOUNDED = (Outcome.played, Outcome.late)
AMISS = (Outcome.cut, Outcome.skipped, Outcome.missed, Outcome.failed, Outcome.unknown)
"""What is told with its cause."""
NOT_KNOWN = ""
"""Stands for a commune, a topic or a language that nobody can name any more."""


class Tally(msgspec.Struct, frozen=True):
    """So many plays of one commune that have all of this in common; they sounded for `sounded_ms` together. `clips`:
    what was to sound, `missing`: the languages that did not. `outcome` is None where there is no report; `silent`: and
    none is to be awaited any more."""

    commune: str
    topic: str
    broadcast_class: BroadcastClass
    clips: tuple[str, ...]
    missing: tuple[str, ...]
    outcome: Outcome | None
    reason: Reason
    silent: bool
    plays: int
    sounded_ms: DurationMs


class ClipFacts(msgspec.Struct, frozen=True):
    """What a report needs of a clip."""

    language: str
    duration_ms: DurationMs


class Line(msgspec.Struct):
    """A commune: how many plays were planned, and how each ended. `open`: those whose report may still come."""

    planned: int = 0
    played: int = 0
    late: int = 0
    cut: int = 0
    skipped: int = 0
    missed: int = 0
    failed: int = 0
    unknown: int = 0
    open: int = 0
    sounded_ms: DurationMs = 0

    @property
    def sounded(self) -> int:
        """Those that sounded as they should, if late."""
        return self.played + self.late

    @property
    def share(self) -> float | None:
        """Per cent of those that have ended; None where none has."""
        ended = self.planned - self.open
        return 100 * self.sounded / ended if ended else None


class By(enum.Enum):
    """What the hours are told apart by."""

    broadcast_class = "broadcast_class"
    topic = "topic"
    language = "language"


class Report(msgspec.Struct, frozen=True):
    """`lines`: by commune; `hours`: milliseconds by commune and class, topic or language; `causes`: how many plays of a
    commune ended so, and why."""

    period: Period
    lines: Mapping[str, Line]
    hours: Mapping[By, Mapping[tuple[str, str], DurationMs]]
    causes: Mapping[tuple[str, Outcome, Reason], int]

    @property
    def total(self) -> Line:
        """All communes together."""
        found = Line()
        for line in self.lines.values():
            for name in Line.__struct_fields__:
                setattr(found, name, getattr(found, name) + getattr(line, name))
        return found


def summed(period: Period, tallies: Iterable[Tally], clips: Mapping[str, ClipFacts]) -> Report:
    """The report of these rows. `clips`: facts by SHA-256."""
    lines: dict[str, Line] = {}
    hours: dict[By, Counter[tuple[str, str]]] = {by: Counter() for by in By}
    causes: Counter[tuple[str, Outcome, Reason]] = Counter()
    for tally in tallies:
        commune = tally.commune
        outcome = Outcome.unknown if tally.outcome is None and tally.silent else tally.outcome
        _count(lines.setdefault(commune, Line()), tally, outcome)
        if outcome in AMISS:
            causes[commune, outcome, tally.reason] += tally.plays
        if tally.sounded_ms:
            hours[By.broadcast_class][commune, tally.broadcast_class.value] += tally.sounded_ms
            hours[By.topic][commune, tally.topic] += tally.sounded_ms
            for language, part in by_language(tally, clips).items():
                hours[By.language][commune, language] += part
    return Report(period, lines, hours, causes)


def by_language(tally: Tally, clips: Mapping[str, ClipFacts]) -> dict[str, DurationMs]:
    """How long each language sounded, in proportion to the sounds that there were; together exactly what sounded."""
    weights: Counter[str] = Counter()
    for name in tally.clips:
        found = clips.get(name)
        if found is not None and found.language not in tally.missing:
            weights[found.language] += max(found.duration_ms, 1)
    whole = sum(weights.values())
    if not whole:
        return {NOT_KNOWN: tally.sounded_ms}
    parts, given, reached = {}, 0, 0
    for language, weight in sorted(weights.items()):
        reached += weight
        parts[language] = tally.sounded_ms * reached // whole - given
        given += parts[language]
    return parts


def _count(line: Line, tally: Tally, outcome: Outcome | None) -> None:
    line.planned += tally.plays
    line.sounded_ms += tally.sounded_ms
    name = "open" if outcome is None else outcome.value
    setattr(line, name, getattr(line, name) + tally.plays)

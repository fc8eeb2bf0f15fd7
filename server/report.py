"""A report: what was planned and what sounded in a month or a quarter, by commune. Pure.

Imported by the use cases of reports, the pages and the commands. It is summed from `Tally` rows, of which the database
gives as many as there are different things to say, never one for each play.
"""

import enum
from collections import Counter
from collections.abc import Iterable, Mapping

import msgspec

from audio.clip import NO_LANGUAGE
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
    """So many plays of one commune that have all of this in common; they sounded for `sounded_ms` together. `outcome`
    is None where there is no report; `silent`: and none is to be awaited any more."""

    commune: str
    topic: str
    broadcast_class: BroadcastClass
    outcome: Outcome | None
    reason: Reason
    silent: bool
    plays: int
    sounded_ms: DurationMs


class Sound(msgspec.Struct, frozen=True):
    """For how long a bulletin sounded in a commune where it was to sound in these languages, and these were missing."""

    commune: str
    bulletin: str
    languages: tuple[str, ...]
    missing: tuple[str, ...]
    sounded_ms: DurationMs


Lengths = Mapping[str, Mapping[str, DurationMs]]
"""How long each language of a bulletin takes, by the id of the bulletin."""


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


def summed(period: Period, tallies: Iterable[Tally], sounds: Iterable[Sound], lengths: Lengths) -> Report:
    """The report of these rows, and of what sounded in them."""
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
    for sound in sounds:
        for language, part in by_language(sound, lengths.get(sound.bulletin, {})).items():
            hours[By.language][sound.commune, language] += part
    return Report(period, lines, hours, causes)


def by_language(sound: Sound, lengths: Mapping[str, DurationMs]) -> dict[str, DurationMs]:
    """How long each language sounded, in proportion to what each takes; together exactly what sounded. What has no
    words sounds everywhere; where nobody knows what was to sound, it is all that the bulletin has."""
    wanted = {*(sound.languages or lengths), NO_LANGUAGE} - {*sound.missing}
    weights = {language: max(length, 1) for language, length in lengths.items() if language in wanted}
    whole = sum(weights.values())
    if not whole:
        return {NOT_KNOWN: sound.sounded_ms}
    parts, given, reached = {}, 0, 0
    for language, weight in sorted(weights.items()):
        reached += weight
        parts[language] = sound.sounded_ms * reached // whole - given
        given += parts[language]
    return parts


def _count(line: Line, tally: Tally, outcome: Outcome | None) -> None:
    line.planned += tally.plays
    line.sounded_ms += tally.sounded_ms
    name = "open" if outcome is None else outcome.value
    setattr(line, name, getattr(line, name) + tally.plays)

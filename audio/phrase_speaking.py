"""Who says what: of the takes on file, those that speak a filled template, or which units are missing and who could
record them. Pure.

Imported by the server and tests. One voice where one person has recorded all of it; else as few as can be.
"""

from collections.abc import Mapping, Sequence

import msgspec

from audio.phrase_plan import Step


class Held(msgspec.Struct, frozen=True):
    """A take that may be used: the newest of its presenter for its unit."""

    take: str
    unit: str
    presenter: str


class Cast(msgspec.Struct, frozen=True):
    """The take of each step of a script, in order; `presenters`: all of them, each once, the one with most first."""

    takes: tuple[str, ...]
    presenters: tuple[str, ...]


class Lack(msgspec.Struct, frozen=True):
    """The steps that nobody has recorded, each unit once; `helpers`: presenters on file who can record the rest, who
    has recorded most of it first."""

    steps: tuple[Step, ...]
    helpers: tuple[str, ...]


def cast(script: Sequence[Step], held: Sequence[Held], presenters: Sequence[str]) -> Cast | Lack:
    """The takes that speak it. `presenters`: those on file, who have agreed and have not withdrawn."""
    by_presenter: dict[str, dict[str, str]] = {presenter: {} for presenter in presenters}
    for take in held:
        if take.presenter in by_presenter:
            by_presenter[take.presenter][take.unit] = take.take
    needed = {step.key for step in script}
    ordered = sorted(by_presenter, key=lambda who: (-len(needed & by_presenter[who].keys()), who))
    missing = needed - {unit for own in by_presenter.values() for unit in own}
    if missing:
        lacking = {step.key: step for step in script if step.key in missing}
        return Lack(tuple(lacking.values()), tuple(ordered))
    chosen = _few(needed, by_presenter, ordered)
    spoken = tuple(_of(step.key, by_presenter, chosen) for step in script)
    used = {presenter for presenter, _ in spoken}
    return Cast(tuple(take for _, take in spoken), tuple(who for who in chosen if who in used))


def _few(needed: set[str], by_presenter: Mapping[str, Mapping[str, str]], ordered: Sequence[str]) -> list[str]:
    """Presenters who together have it all: each time the one with most of what is still lacking."""
    chosen: list[str] = []
    left = set(needed)
    while left:
        best = max(ordered, key=lambda who: (len(left & by_presenter[who].keys()), -ordered.index(who)))
        chosen.append(best)
        left -= by_presenter[best].keys()
    return chosen


def _of(unit: str, by_presenter: Mapping[str, Mapping[str, str]], chosen: Sequence[str]) -> tuple[str, str]:
    """Who says it, and with which take."""
    who = next(each for each in chosen if unit in by_presenter[each])
    return who, by_presenter[who][unit]

"""The conformance suite for source-information systems: what a server must keep so that this program can work with it.
A supplier runs it against their own server, before anybody connects the two.

Imported by the command line and tests. Each requirement is asked by itself; what is not asked says so.
"""

import enum
from collections.abc import Callable, Iterator

import msgspec

from schedules.clock import MonoMs
from server.source_http import PATIENCE_S, HttpSource
from server.source_system import Aired, Batch, SourceFault, fault_in

MOST_PAGES = 20
_SAMPLE = Aired("loaban-source-check", 1, "xa-0", "loaban-source-check@0", 0, 1, 1, 0, 0)


class Requirement(enum.Enum):
    """What is asked of a server, in order."""

    answers = "answers"
    quick = "quick"
    closed = "closed"  # it asks who we are
    readable = "readable"  # each bulletin is one
    ordered = "ordered"  # cursors lead on and come to an end
    repeatable = "repeatable"  # the same cursor, the same answer
    single = "single"  # no version twice
    reports = "reports"
    reports_once = "reports_once"
    refuses_nonsense = "refuses_nonsense"


class Verdict(msgspec.Struct, frozen=True):
    """`kept` is None for what was not asked; `says`: what was seen instead."""

    requirement: Requirement
    kept: bool | None
    says: str = ""


def check(source: HttpSource, mono: Callable[[], MonoMs], *, writes: bool) -> Iterator[Verdict]:
    """Ask one after the other. `writes`: also tell it something (of a bulletin “loaban-source-check”), which a server
    that is in use may not want."""
    began = mono()
    try:
        first = source.fetch("")
    except SourceFault as fault:
        yield Verdict(Requirement.answers, False, f"{fault.kind.value}: {fault.says}")
        yield from (Verdict(each, None) for each in list(Requirement)[1:])
        return
    took = mono() - began
    yield Verdict(Requirement.answers, True)
    yield Verdict(Requirement.quick, took < PATIENCE_S * 1000 / 2, f"{took} ms")
    yield _closed(source)
    pages, fault_of_pages = _pages(source, first)
    every = [bulletin for page in pages for bulletin in page.bulletins]
    unfit = [w for page in pages for w in page.unreadable]
    unfit += [f"{each.id}: {why}" for each in every if (why := fault_in(each))]
    yield Verdict(Requirement.readable, not unfit, "; ".join(unfit[:3]))
    yield Verdict(Requirement.ordered, not fault_of_pages, fault_of_pages)
    yield _repeatable(source, first)
    keys = [(each.id, each.version) for each in every]
    twice = sorted({key for key in keys if keys.count(key) > 1})
    yield Verdict(Requirement.single, not twice, ", ".join(f"{id_} ({version})" for id_, version in twice[:3]))
    yield from _reports(source) if writes else (Verdict(each, None) for each in list(Requirement)[7:])


def _closed(source: HttpSource) -> Verdict:
    try:
        status, _ = source.ask("GET", "/bulletins?limit=1&after=", token="")
    except SourceFault as fault:
        return Verdict(Requirement.closed, False, fault.says)
    return Verdict(Requirement.closed, status in (401, 403), f"HTTP {status}")


def _pages(source: HttpSource, first: Batch) -> tuple[list[Batch], str]:
    pages, seen = [first], {"", first.cursor}
    while pages[-1].more:
        if len(pages) == MOST_PAGES:
            return pages, ""  # a long list is no fault
        try:
            pages.append(source.fetch(pages[-1].cursor))
        except SourceFault as fault:
            return pages, fault.says
        if pages[-1].more and pages[-1].cursor in seen:
            return pages, f"“{pages[-1].cursor}” comes again"
        seen.add(pages[-1].cursor)
    try:
        behind = source.fetch(pages[-1].cursor)
    except SourceFault as fault:
        return pages, fault.says
    return pages, "" if not behind.more else "there is more behind the end"


def _repeatable(source: HttpSource, first: Batch) -> Verdict:
    try:
        again = source.fetch("")
    except SourceFault as fault:
        return Verdict(Requirement.repeatable, False, fault.says)
    return Verdict(Requirement.repeatable, again.bulletins[: len(first.bulletins)] == first.bulletins)


def _reports(source: HttpSource) -> Iterator[Verdict]:
    for each in (Requirement.reports, Requirement.reports_once):
        try:
            source.report([_SAMPLE])
        except SourceFault as fault:
            yield Verdict(each, False, f"{fault.kind.value}: {fault.says}")
        else:
            yield Verdict(each, True)
    try:
        status, _ = source.ask("POST", "/aired", b'{"items": 7')
    except SourceFault as fault:
        yield Verdict(Requirement.refuses_nonsense, False, fault.says)
    else:
        yield Verdict(Requirement.refuses_nonsense, 400 <= status < 500, f"HTTP {status}")

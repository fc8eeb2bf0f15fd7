"""Results: what became of a bulletin at each loudspeaker, and what is to be done where it did not sound. Use cases.

Imported by the web and tests. A province has thousands of loudspeakers: they are counted by the database, and a page of
them is read.
"""

from collections.abc import Iterable

import msgspec

from schedules.clock import DAY, DurationMs, UtcMs, civil_midnight
from schedules.playback import Reason
from schedules.programme import BroadcastClass
from server import before_air, bulletins, oversight
from server.access import Act, Person, scope
from server.area import Area
from server.before_air import Coming
from server.bulletin import Bulletin
from server.bulletins import BroadcastPage
from server.cause import Chain
from server.ledger import SILENT_AFTER
from server.lifecycle import BroadcastState
from server.oversight import LogRow
from server.readiness import Standing
from server.refusals import NotFound
from server.repositories.results import Occurrence
from server.repositories.store import Store
from server.result import FAILED, WITHDRAWN, Tally, Verdict, tally_of, verdict_of

LINES = 100
"""Loudspeakers on one page."""
REMEMBERED: DurationMs = 60 * DAY
"""So far back goes a page; what was before stands in the log."""
TIMES = 30
"""Occurrences that a page names."""


class Choice(msgspec.Struct, frozen=True):
    """What somebody wants to see: an occurrence (empty: the latest), only what failed, below an area; which page."""

    occurrence: str = ""
    only_failed: bool = False
    area: str = ""
    number: int = 0


class Told(msgspec.Struct, frozen=True):
    """An occurrence and its totals. `repeats`: whether this person may have it said again where it failed."""

    occurrence: Occurrence
    tally: Tally
    repeats: bool = False


class ResultRow(msgspec.Struct, frozen=True):
    """One loudspeaker. `standing`, `silenced`: how it is prepared, and why the plan keeps it silent, as long as it has
    not reported and its time is not over; `chain`: what is wrong with it now, if anything; `languages`: that it
    sounded in."""

    row: LogRow
    verdict: Verdict
    standing: Standing | None = None
    silenced: Reason = Reason.none
    chain: Chain | None = None
    languages: tuple[str, ...] = ()


class ResultPage(msgspec.Struct, frozen=True):
    """All that the page shows. `times`: its occurrences, the newest first; `shown`: the one that was chosen, None where
    there is none yet; `rows`: of `count` that were wished for; `places`: communes with their totals, where there are
    several; `coming`: how many are ready or sounding, until all is over; `make_ups`: what says it again, each with its
    own occurrences; `makes_up`: the broadcast that this one says again, if it does."""

    page: BroadcastPage
    times: tuple[Told, ...]
    shown: Told | None = None
    rows: tuple[ResultRow, ...] = ()
    count: int = 0
    places: tuple[tuple[Area, Tally], ...] = ()
    coming: Coming | None = None
    make_ups: tuple[tuple[BroadcastPage, tuple[Told, ...]], ...] = ()
    makes_up: BroadcastPage | None = None


def result_page(
    store: Store, person: Person, broadcast: str, choice: Choice, now: UtcMs, *, linked: bool
) -> ResultPage:
    """The results of a bulletin. `linked`: whether the server has its own link. Raises `NotFound`."""
    found = bulletins.page(store, person, broadcast)
    area = oversight.visible_area(store, person, choice.area) if choice.area else None
    paths = (area.path,) if area else scope(person.grants, Act.see)
    times = _times(store, person, found, now)
    shown = _shown(times, broadcast, choice.occurrence, now)
    makes_up = store.broadcasts.named([store.results.made_up_by(broadcast).partition("@")[0]])
    told = ResultPage(found, times, makes_up=next(iter(bulletins.visible(store, person, makes_up)), None))
    if shown is None:
        return told
    name = shown.occurrence.name
    if area is not None:
        counts = store.results.counts([name], paths)[name]
        shown = msgspec.structs.replace(shown, tally=tally_of(counts, shown.occurrence.useful_until, now))
    failed_by = now - SILENT_AFTER if choice.only_failed else None
    lines = store.results.page(name, paths, failed_by=failed_by, offset=choice.number * LINES, limit=LINES)
    rows = oversight.rows_of(store, lines, now)
    tally = shown.tally
    return msgspec.structs.replace(
        told,
        shown=shown,
        rows=tuple(_judged(store, found.bulletin, name, rows, now, linked=linked)),
        count=tally.failed if choice.only_failed else tally.total + tally.withdrawn,
        places=_places(store, shown.occurrence, scope(person.grants, Act.see), now),
        coming=_coming(store, person, shown, now),
        make_ups=tuple(_make_ups(store, person, name, times)),
    )


def latest(store: Store, person: Person, now: UtcMs, limit: int) -> list[Told]:
    """What came due today, the newest first, with its totals."""
    paths = scope(person.grants, Act.see)
    found = store.results.due_between(paths, civil_midnight(now), now + 1, limit)
    pages = bulletins.visible(store, person, store.broadcasts.named(each.broadcast for each in found))
    repeats = {page.broadcast.id: may_repeat(page) for page in pages}
    return [
        told if told.occurrence.broadcast in repeats else msgspec.structs.replace(told, occurrence=_closed(told))
        for told in _told(store, paths, found, repeats, now)
    ]


def may_repeat(page: BroadcastPage) -> bool:
    """Whether somebody may have it said again where it failed, or send that for approval: who writes for whom it
    speaks and for all its places, while it is approved. An emergency is sounded anew instead."""
    approved = page.state is BroadcastState.approved
    return page.may_withdraw and approved and page.bulletin.broadcast_class is not BroadcastClass.emergency


def _closed(told: Told) -> Occurrence:
    """The same for somebody who may not open it."""
    return msgspec.structs.replace(told.occurrence, broadcast="")


def _told(
    store: Store, paths: Iterable[str], found: list[Occurrence], repeats: dict[str, bool], now: UtcMs
) -> list[Told]:
    counts = store.results.counts([each.name for each in found], paths)
    return [
        Told(each, tally_of(counts[each.name], each.useful_until, now), repeats.get(each.broadcast, False))
        for each in found
    ]


def _times(store: Store, person: Person, found: BroadcastPage, now: UtcMs) -> tuple[Told, ...]:
    """The next occurrence and those that came due, of all broadcasts of the bulletin."""
    paths, bulletin = scope(person.grants, Act.see), found.bulletin.id
    past = store.results.of_bulletin(bulletin, paths, now - REMEMBERED, now + 1, TIMES)
    ahead = store.results.of_bulletin(bulletin, paths, now + 1, now + 2 * DAY, TIMES)[-1:]
    pages = bulletins.visible(store, person, store.broadcasts.named({o.broadcast for o in (*ahead, *past)}))
    repeats = {page.broadcast.id: may_repeat(page) for page in pages}
    return tuple(_told(store, paths, [*ahead, *past], repeats, now))


def _shown(times: tuple[Told, ...], broadcast: str, wanted: str, now: UtcMs) -> Told | None:
    """The occurrence that was asked for; else the latest of this broadcast that came due, or the next one."""
    if wanted:
        found = next((told for told in times if told.occurrence.name == wanted), None)
        if found is None:
            raise NotFound
        return found
    own = [told for told in times if told.occurrence.broadcast == broadcast] or list(times)
    return next((told for told in own if told.occurrence.planned <= now), own[0] if own else None)


def _judged(
    store: Store, bulletin: Bulletin, occurrence: str, rows: list[LogRow], now: UtcMs, *, linked: bool
) -> Iterable[ResultRow]:
    language_of = {variant.clip.sha256: variant.language for variant in bulletin.variants}
    verdicts = {row.line.planned.loudspeaker: _verdict(row, now) for row in rows}
    ahead = [device for device, verdict in verdicts.items() if verdict is Verdict.waiting]
    standings = before_air.standings(store, occurrence, ahead, now) if ahead else {}
    unwell = [d for d, verdict in verdicts.items() if verdict in FAILED or (d in standings and standings[d][0].lacks)]
    chains = _chains(store, unwell, now, linked=linked)
    for row in rows:
        device, playback = row.line.planned.loudspeaker, row.line.playback
        standing, silenced = standings.get(device, (None, Reason.none))
        sounded = playback is not None and verdicts[device] in (Verdict.sounded, Verdict.partly)
        clips = (playback.clips if playback else ()) or row.line.planned.clips
        spoken = [language_of[clip] for clip in clips if clip in language_of] if sounded else []
        languages = tuple(dict.fromkeys(tag for tag in spoken if tag not in row.missing))
        yield ResultRow(row, verdicts[device], standing, silenced, chains.get(device), languages)


def _verdict(row: LogRow, now: UtcMs) -> Verdict:
    planned, playback = row.line.planned, row.line.playback
    outcome = playback.outcome.value if playback else WITHDRAWN if planned.withdrawn else ""
    return verdict_of(outcome, planned.useful_until, now)


def _chains(store: Store, devices: list[str], now: UtcMs, *, linked: bool) -> dict[str, Chain]:
    """What is wrong with these now, with their neighbours of the same commune in sight."""
    if not devices:
        return {}
    areas = store.areas.named(devices).values()
    communes = store.areas.named({area.ids[-3] if len(area.ids) > 2 else area.ids[0] for area in areas})
    every = oversight.fleet_below(store, {commune.path for commune in communes.values()}, now)
    wanted = set(devices)
    return oversight.chains(store, every, [row for row in every if row.area.id in wanted], linked=linked, now=now)


def _places(store: Store, occurrence: Occurrence, paths: Iterable[str], now: UtcMs) -> tuple[tuple[Area, Tally], ...]:
    """Communes with their totals, in the order of their names; none where there is only one."""
    counts = store.results.by_place(occurrence.name, paths)
    if len(counts) < 2:
        return ()
    areas = store.areas.in_order(counts)
    return tuple((area, tally_of(counts[area.id], occurrence.useful_until, now)) for area in areas)


def _coming(store: Store, person: Person, shown: Told, now: UtcMs) -> Coming | None:
    """How many are ready or sounding, while any is awaited."""
    if not shown.tally.waiting:
        return None
    return before_air.of_occurrence(store, person, shown.occurrence.name, shown.occurrence.useful_until, now)


def _make_ups(
    store: Store, person: Person, occurrence: str, times: tuple[Told, ...]
) -> Iterable[tuple[BroadcastPage, tuple[Told, ...]]]:
    pages = bulletins.visible(store, person, store.broadcasts.named(store.results.make_ups(occurrence)))
    for page in sorted(pages, key=lambda each: each.broadcast.created_at):
        yield page, tuple(told for told in times if told.occurrence.broadcast == page.broadcast.id)

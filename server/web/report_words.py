"""Reports in words: their tables, the names of periods and causes.

Imported by the pages of reports, by what writes exports and by their tests.
"""

from collections.abc import Callable, Iterator, Mapping

from schedules.clock import HOUR
from schedules.playback import Outcome, Reason
from schedules.programme import BroadcastClass
from server.area import sort_key
from server.export import Fault, Format, State
from server.manifest import Verdict
from server.period import Period
from server.report import NOT_KNOWN, By, Line
from server.reporting import Told
from server.sheet import Cell, Column, Kind, Sheet
from server.web.frame import language_name
from server.web.period_words import PERIODS
from server.web.words import CLASSES, N_, OUTCOMES

Say = Callable[[str], str]

CAUSES: dict[Reason, str] = {
    Reason.none: N_("not told"),
    Reason.delayed: N_("another bulletin was sounding"),
    Reason.displaced: N_("another bulletin had the better right"),
    Reason.cut_in: N_("a bulletin of a higher class cut in"),
    Reason.quiet_hours: N_("quiet hours"),
    Reason.runs_into_quiet_hours: N_("it would have run into quiet hours"),
    Reason.suspended: N_("broadcasting suspended"),
    Reason.too_long: N_("longer than is allowed here"),
    Reason.rest: N_("the rest between bulletins"),
    Reason.daily_limit: N_("the most in a day was reached"),
    Reason.no_language: N_("no sound in a language of the hamlet"),
    Reason.language_missing: N_("a language was missing"),
    Reason.clip_incomplete: N_("the sound had not fully arrived"),
    Reason.clock_untrusted: N_("the clock was not certain"),
    Reason.not_running: N_("no power, or the loudspeaker was off"),
    Reason.restarted: N_("the power went while it sounded"),
    Reason.arrived_late: N_("programme or sound arrived too late"),
    Reason.withdrawn: N_("withdrawn"),
    Reason.card_missing: N_("no sound card found"),
    Reason.card_lost: N_("the sound card went away"),
    Reason.file_unreadable: N_("the stored sound could not be read"),
    Reason.unknown: N_("a cause that this version does not know"),
}
NO_REPORT = N_("no report came")
VERDICTS: dict[Verdict, str] = {
    Verdict.whole: N_("WHOLE: %(file)s is as it was signed by key %(key)s."),
    Verdict.changed: N_("CHANGED: %(file)s is not what key %(key)s signed."),
    Verdict.forged: N_("FORGED: the signature beside %(file)s is not by the key that it names (%(key)s)."),
    Verdict.strange_key: N_("ANOTHER KEY: %(file)s is whole, but signed by key %(key)s, not by the expected one."),
    Verdict.not_in_audit: N_(
        "NOT IN THE AUDIT: %(file)s is whole, signed by key %(key)s; this audit knows nothing of it."
    ),
}
FORMATS: dict[Format, str] = {
    Format.excel: N_("Excel, with the log"),
    Format.tables: N_("Excel, tables alone"),
    Format.csv: N_("CSV of the figures"),
    Format.log: N_("CSV of the log"),
    Format.pdf: N_("PDF to be signed"),
}
FAULTS: dict[Fault, str] = {
    Fault.too_many_rows: N_("The log has more rows than Excel can hold (1,048,575). Please take “CSV of the log”."),
    Fault.no_room: N_("The file could not be written: the disk may be full. Please tell the administrator."),
    Fault.not_allowed: N_("You may not see this area any more."),
    Fault.failed: N_("The file could not be written. Please try again; if it happens again, tell the administrator."),
}
STATES: dict[State, str] = {
    State.waiting: N_("Waiting for its turn"),
    State.writing: N_("Being written"),
    State.made: N_("Ready"),
    State.failed: N_("Not written"),
    State.cancelled: N_("Cancelled"),
    State.interrupted: N_("Interrupted: the server stopped meanwhile. Please ask for it again."),
}
NO_FEEDBACK = N_("Feedback of residents is not kept here; so no answers to it are counted.")


def period_name(say: Say, period: Period) -> str:
    """A period in a sentence."""
    return say(PERIODS[period.every]) % {"number": period.number, "year": period.year}


def title(say: Say) -> str:
    """Of a report, before its period."""
    return say(N_("Results of broadcasting,"))


def figures(say: Say, told: Told) -> Sheet:
    """All tables of a report in one, a number a line: for programs."""
    columns = (
        Column(say(N_("Table"))),
        Column(say(N_("Commune"))),
        Column(say(N_("Line")), width=40),
        Column(say(N_("Number")), Kind.decimal),
    )
    return Sheet(say(N_("Figures")), say(N_("Figures")), columns, list(_lines(say, told)))


def _lines(say: Say, told: Told) -> Iterator[tuple[Cell, ...]]:
    *tables, causes = sheets(say, told)
    for sheet in tables:
        for row in sheet.rows:
            for column, cell in zip(sheet.columns[1:], row[1:], strict=True):
                yield (sheet.name, row[0], column.head, cell)
    for commune, outcome, cause, plays in causes.rows:
        yield (causes.name, commune, f"{outcome}: {cause}", plays)


def sheets(say: Say, told: Told) -> list[Sheet]:
    """All tables of a report."""
    return [_summary(say, told), *(_hours(say, told, by) for by in By), _causes(say, told)]


def _summary(say: Say, told: Told) -> Sheet:
    heads = (
        (N_("Plays planned"), Kind.number),
        (N_("Played"), Kind.number),
        (N_("Played late"), Kind.number),
        (N_("Cut short"), Kind.number),
        (N_("Skipped"), Kind.number),
        (N_("Missed"), Kind.number),
        (N_("Failed"), Kind.number),
        (N_("No report"), Kind.number),
        (N_("Still open"), Kind.number),
        (N_("Sounded (per cent)"), Kind.share),
        (N_("Hours"), Kind.decimal),
    )
    columns = (Column(say(N_("Commune")), width=26), *(Column(say(head), kind, 11) for head, kind in heads))
    rows = [(_commune(say, told, id_), *_numbers(told.report.lines[id_])) for id_ in _ordered(told)]
    rows.append((say(N_("Total")), *_numbers(told.report.total)))
    return Sheet(say(N_("Summary")), say(N_("Planned and sounded, by commune")), columns, rows)


def _numbers(line: Line) -> tuple[Cell, ...]:
    counts = (line.planned, line.played, line.late, line.cut, line.skipped, line.missed, line.failed)
    share = None if line.share is None else round(line.share, 1)
    return (*counts, line.unknown, line.open, share, round(line.sounded_ms / HOUR, 2))


_TITLES = {
    By.broadcast_class: (N_("By class"), N_("Hours sounded, by class")),
    By.topic: (N_("By topic"), N_("Hours sounded, by topic")),
    By.language: (N_("By language"), N_("Hours sounded, by language")),
}


def _hours(say: Say, told: Told, by: By) -> Sheet:
    hours = told.report.hours[by]
    keys = _keys(told, by, {key for _, key in hours})
    columns = [Column(say(N_("Commune")), width=26)]
    columns += [Column(_named(say, told, by, key), Kind.decimal, 14) for key in keys]
    columns.append(Column(say(N_("Total")), Kind.decimal, 12))
    rows: list[tuple[Cell, ...]] = []
    for commune in _ordered(told):
        found = [hours.get((commune, key), 0) for key in keys]
        rows.append((_commune(say, told, commune), *_in_hours([*found, sum(found)])))
    sums = [sum(ms for (_, each), ms in hours.items() if each == key) for key in keys]
    rows.append((say(N_("Total")), *_in_hours([*sums, sum(sums)])))
    name, title = _TITLES[by]
    return Sheet(say(name), say(title), tuple(columns), rows)


def _in_hours(found: list[int]) -> list[Cell]:
    return [round(ms / HOUR, 2) for ms in found]


def _causes(say: Say, told: Told) -> Sheet:
    columns = (
        Column(say(N_("Commune")), width=26),
        Column(say(N_("Outcome")), width=16),
        Column(say(N_("Cause")), width=44),
        Column(say(N_("Plays")), Kind.number, 10),
    )
    place = {commune: n for n, commune in enumerate(_ordered(told))}
    ordered = sorted(told.report.causes.items(), key=lambda c: (place[c[0][0]], -c[1], c[0][1].value, c[0][2].value))
    rows: list[tuple[Cell, ...]] = [
        (_commune(say, told, commune), say(OUTCOMES[outcome]), _cause(say, outcome, reason), plays)
        for (commune, outcome, reason), plays in ordered
    ]
    return Sheet(say(N_("Causes")), say(N_("What did not sound as planned, and why")), columns, rows)


def _cause(say: Say, outcome: Outcome, reason: Reason) -> str:
    return say(NO_REPORT if outcome is Outcome.unknown and reason is Reason.none else CAUSES[reason])


def _commune(say: Say, told: Told, id_: str) -> str:
    return told.communes.get(id_) or say(N_("(in no commune)"))


def _ordered(told: Told) -> list[str]:
    return sorted(told.report.lines, key=lambda id_: sort_key(told.communes.get(id_, "")))


def _keys(told: Told, by: By, found: set[str]) -> list[str]:
    """Those that occur, in the order of their table; every class, so that nobody asks where one is."""
    order: Mapping[str, object] = told.topics
    if by is By.broadcast_class:
        known = [each.value for each in BroadcastClass if each is not BroadcastClass.unknown]
        return [*known, *sorted(found - set(known))]
    if by is By.language:
        order = told.languages
    return [key for key in order if key in found] + sorted(found - order.keys())


def _named(say: Say, told: Told, by: By, key: str) -> str:
    if by is By.broadcast_class:
        return say(CLASSES[BroadcastClass(key)])
    if key == NOT_KNOWN:
        return say(N_("(not known)"))
    return told.topics.get(key, key) if by is By.topic else language_name(told.languages, key)

"""The playback log as a table for files: its columns, and the cells of a row.

Imported by the pages and by what writes exports.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping

from audio.language import Language
from schedules.clock import UtcMs, civil
from server.oversight import LogRow
from server.repositories.store import Store
from server.sheet import Cell, Column, Kind, Sheet
from server.web import tune_words, words
from server.web.frame import language_name
from server.web.words import N_

Say = Callable[[str], str]
_COLUMNS: tuple[tuple[str, Kind, int], ...] = (
    (N_("Commune"), Kind.text, 18),
    (N_("Hamlet"), Kind.text, 18),
    (N_("Loudspeaker"), Kind.text, 18),
    (N_("Bulletin"), Kind.text, 36),
    (N_("Class"), Kind.text, 12),
    (N_("Planned"), Kind.instant, 19),
    (N_("Really"), Kind.instant, 19),
    (N_("Outcome"), Kind.text, 14),
    (N_("Reason"), Kind.text, 40),
    (N_("Seconds sounded"), Kind.number, 12),
    (N_("Evidence"), Kind.text, 24),
    (N_("Clock"), Kind.text, 18),
    (N_("± ms"), Kind.number, 8),
    (N_("Issued by"), Kind.text, 20),
    (N_("Answers for it"), Kind.text, 20),
    (N_("Why it is an emergency"), Kind.text, 20),
    (N_("Seal"), Kind.text, 20),
)


def log_sheet(say: Say, rows: Iterable[LogRow], languages: Mapping[str, Language], store: Store) -> Sheet:
    """The table of these rows, one at a time. `say`: a text in the person's language."""
    columns = tuple(Column(say(head), kind, width) for head, kind, width in _COLUMNS)
    return Sheet(say(N_("Log")), say(N_("Playback log")), columns, _lines(say, rows, languages, store))


def _lines(
    say: Say, rows: Iterable[LogRow], languages: Mapping[str, Language], store: Store
) -> Iterator[tuple[Cell, ...]]:
    answering = Answering(store)
    for row in rows:
        yield (*_cells(say, row, languages), *answering.of(row))


class Answering:
    """Who answers for what the rows of a log tell of, each bulletin asked for once."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: dict[str, tuple[str, str, str]] = {}

    def of(self, row: LogRow) -> list[str]:
        """Who issued it, who answers for it, why it is an emergency, and the seal that it sounded by, or was to."""
        id_ = row.line.planned.bulletin
        if id_ not in self._known:
            found = self._store.broadcasts.bulletins([id_]).get(id_)
            self._known[id_] = (found.authority, found.responsible, found.reason) if found else ("", "", "")
        told = row.line.playback.seal if row.line.playback else ""
        return [*self._known[id_], told or row.line.planned.seal]


def reason_of(say: Say, row: LogRow, languages: Mapping[str, Language]) -> str:
    """Why, in words; with the languages that did not sound."""
    playback, correction = row.line.playback, row.line.correction
    if correction is not None:
        what = say(words.OUTCOMES[playback.outcome]) if playback else say(words.NOT_TOLD)
        return say(words.CORRECTED) % {"told": what, "why": correction.why}
    if playback is None:
        return ""
    missing = ", ".join(language_name(languages, tag) for tag in playback.missing)
    told = words.why(say, playback.reason, row.other or playback.other, missing)
    if playback.lowered_from:
        lowered = say(words.LOWERED) % {"asked": playback.lowered_from, "volume": playback.volume}
        told = f"{told} {lowered}".strip()
    if playback.without:
        told = f"{told} {say(tune_words.WITHOUT_CHIME)}".strip()
    return told


def _cells(say: Say, row: LogRow, languages: Mapping[str, Language]) -> tuple[Cell, ...]:
    planned, playback = row.line.planned, row.line.playback
    place = ("", "", *row.where)[-3:]
    what = (planned.title, say(words.CLASSES[planned.broadcast_class]), _instant(planned.planned))
    outcome, reason = row.line.outcome, reason_of(say, row, languages)
    state = say(words.OUTCOMES[outcome] if outcome else words.LOG_STATES[row.state])
    if playback is None:
        return (*place, *what, None, state, reason, None, "", "", None)
    return (
        *place,
        *what,
        _instant(playback.started) if playback.started else None,
        state,
        reason,
        None if playback.sounded_ms is None else round(playback.sounded_ms / 1000, 1),
        say(words.EVIDENCE[playback.evidence]),
        say(words.TRUSTS[playback.trust]),
        playback.bound_ms,
    )


def _instant(utc: UtcMs) -> Cell:
    return civil(utc).replace(tzinfo=None, microsecond=0)

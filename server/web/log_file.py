"""A row of the log in words, and as a line of a file for spreadsheets.

Imported by the pages of the log.
"""

import csv
import io
from functools import partial

from fastapi import Request

from audio.language import Language
from schedules.clock import UtcMs, civil
from server.oversight import LogRow
from server.repositories.store import Store
from server.web import tune_words, words
from server.web.frame import Frame, language_name

_FORMULA = "=+-@\t\r"


def reason_of(frame: Frame, request: Request, row: LogRow, languages: dict[str, Language]) -> str:
    """Why, in words; with the languages that did not sound, and what a person says against it."""
    playback, correction = row.line.playback, row.line.correction
    if correction is not None:
        told = frame.say(request, words.OUTCOMES[playback.outcome]) if playback else frame.say(request, words.NOT_TOLD)
        return frame.say(request, words.CORRECTED, told=told, why=correction.why)
    if playback is None:
        return ""
    missing = ", ".join(language_name(languages, tag) for tag in playback.missing)
    said = words.why(partial(frame.say, request), playback.reason, row.other or playback.other, missing)
    if playback.lowered_from:
        parts = {"asked": playback.lowered_from, "volume": playback.volume}
        said = f"{said} {frame.say(request, words.LOWERED, **parts)}".strip()
    if playback.without:
        said = f"{said} {frame.say(request, tune_words.WITHOUT_CHIME)}".strip()
    return said


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


def heads(frame: Frame, request: Request) -> list[str]:
    """The first line of the file."""
    named = (
        words.N_("Commune"),
        words.N_("Hamlet"),
        words.N_("Loudspeaker"),
        words.N_("Bulletin"),
        words.N_("Class"),
        words.N_("Planned"),
        words.N_("Really"),
        words.N_("Outcome"),
        words.N_("Reason"),
        words.N_("Seconds sounded"),
        words.N_("Evidence"),
        words.N_("Clock"),
        words.N_("± ms"),
        words.N_("Issued by"),
        words.N_("Answers for it"),
        words.N_("Why it is an emergency"),
        words.N_("Seal"),
    )
    return [frame.say(request, head) for head in named]


def cells_of(frame: Frame, request: Request, row: LogRow, languages: dict[str, Language]) -> list[str]:
    """A row of the file."""
    planned, playback = row.line.planned, row.line.playback
    place = [*row.where]
    what = [planned.title, frame.say(request, words.CLASSES[planned.broadcast_class]), _instant(planned.planned)]
    outcome, reason = row.line.outcome, reason_of(frame, request, row, languages)
    said = frame.say(request, words.OUTCOMES[outcome] if outcome else words.LOG_STATES[row.state])
    if playback is None:
        return [*place, *what, "", said, reason, "", "", "", ""]
    sounded = "" if playback.sounded_ms is None else f"{playback.sounded_ms / 1000:.1f}".replace(".", ",")
    return [
        *place,
        *what,
        _instant(playback.started) if playback.started else "",
        said,
        reason,
        sounded,
        frame.say(request, words.EVIDENCE[playback.evidence]),
        frame.say(request, words.TRUSTS[playback.trust]),
        str(playback.bound_ms),
    ]


def _instant(utc: UtcMs) -> str:
    return civil(utc).strftime("%d/%m/%Y %H:%M:%S")


def csv_line(cells: list[str]) -> str:
    """A line for a spreadsheet; a text that begins like a formula is given an apostrophe."""
    out = io.StringIO()
    csv.writer(out, delimiter=";").writerow("'" + c if c[:1] and c[0] in _FORMULA else c for c in cells)
    return out.getvalue()

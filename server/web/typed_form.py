"""The form "Soạn bản tin" as a browser sends it.

Imported by the pages that take it.
"""

import re

from starlette.datastructures import FormData

from schedules.recurrence import LeapMonth, ShortMonth
from server.compose_form import ComposeForm
from server.draft import Basis
from server.exercise import announced

_MANY = 200
_LONGEST_ID = 100
_LONGEST_NUMBER = 9
_TAB = re.compile(r"[0-9a-f]{32}")


def typed(fields: FormData) -> ComposeForm:
    """The form as it was typed."""
    texts, recordings, translators = _by_language(fields)
    leftovers, answers = _strings(fields, "leftover"), _strings(fields, "answer")
    form = ComposeForm(
        title=str(fields.get("title", "")),
        topic=str(fields.get("topic", "")),
        broadcast_class=str(fields.get("broadcast_class", "")),
        text=str(fields.get("text", "")),
        answers=dict(zip(leftovers, answers, strict=False)),
        remember=tuple(_strings(fields, "remember")),
        texts=texts,
        recordings=recordings,
        targets=tuple(_strings(fields, "targets")),
        mode=str(fields.get("mode", "")),
        date=str(fields.get("date", "")),
        time=str(fields.get("time", "")),
        days=tuple(_strings(fields, "days")),
        last=str(fields.get("last", "")),
        month_days=str(fields.get("month_days", "")),
        short=str(fields.get("short", ShortMonth.last_day.value)),
        leap=str(fields.get("leap", LeapMonth.regular.value)),
        every=str(fields.get("every", "")),
        until=str(fields.get("until", "")),
        repeats=str(fields.get("repeats", "")),
        gap=str(fields.get("gap", "")),
        authority=str(fields.get("authority", "")),
        responsible=str(fields.get("responsible", "")),
        reason=str(fields.get("reason", "")),
        confirmed=str(fields.get("confirmed", "")),
        translators=translators,
        exercise=fields.get("exercise") == "1",
        opening=str(fields.get("opening", "")),
        closing=str(fields.get("closing", "")),
        music=str(fields.get("music", "")),
        without=_without(fields),
        kept=tuple(dict.fromkeys(_strings(fields, "kept"))),
        recalled=str(fields.get("recalled", ""))[:_LONGEST_ID],
        pushed=fields.get("pushed") == "1",
    )
    return announced(form)


def basis_typed(fields: FormData) -> Basis:
    """What the form continues, as its hidden fields say."""
    return Basis(
        draft=str(fields.get("draft", ""))[:_LONGEST_ID],
        number=number_typed(str(fields.get("number", ""))),
        replaces=str(fields.get("replaces", ""))[:_LONGEST_ID],
        successor=str(fields.get("successor", ""))[:_LONGEST_ID],
        tab=tab_in(str(fields.get("tab", ""))),
        turn=number_typed(str(fields.get("turn", ""))),
    )


def tab_in(typed: str) -> str:
    """The name of a page, as its script chose it by chance; empty for what is none."""
    return typed if _TAB.fullmatch(typed) else ""


def number_typed(typed: str) -> int:
    """A whole number as a page sends it; 0 for what is none."""
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < _LONGEST_NUMBER else 0


def _by_language(fields: FormData) -> tuple[dict[str, str], dict[str, str], dict[str, str]]:
    """Texts, recordings that are not dropped, and translators."""
    texts: dict[str, str] = {}
    recordings: dict[str, str] = {}
    translators: dict[str, str] = {}
    dropped = {field.partition("-")[2] for field in fields if field.startswith("drop-")}
    for field, value in fields.multi_items():
        kind, _, tag = field.partition("-")
        if kind == "text" and tag:
            texts[tag] = str(value)
        elif kind == "translator" and tag:
            translators[tag] = str(value)
        elif kind == "recording" and tag and tag not in dropped:
            recordings[tag] = str(value)
    return texts, recordings, translators


def _without(fields: FormData) -> tuple[str, ...]:
    """The languages whose tick somebody has taken away: a browser does not send what is not ticked."""
    ticked = set(_strings(fields, "speak"))
    return tuple(tag for tag in dict.fromkeys(_strings(fields, "offered")) if tag not in ticked)


def _strings(typed: FormData, field: str) -> list[str]:
    return [value for value in typed.getlist(field) if isinstance(value, str)][:_MANY]

"""The block "Time" of the form "Soạn bản tin": what was typed → a recurrence, or what is wrong; and back again. Pure.

Imported by `composing`, `drafts` and tests.
"""

import re
from collections.abc import Callable
from datetime import date
from functools import partial
from typing import TypeVar, assert_never

import msgspec

from schedules.clock import DAY, MINUTE, DayMinute, UtcMs, at_civil, civil, civil_day
from schedules.lunar import LONGEST_MONTH
from schedules.programme import BroadcastClass
from schedules.recurrence import (
    LONGEST_WINDOW_DAYS,
    Again,
    Daily,
    EveryDays,
    Hourly,
    LeapMonth,
    Lunar,
    Monthly,
    Once,
    Recurrence,
    Repeating,
    ShortMonth,
    Weekly,
    occurrences,
)
from server.compose_form import ComposeForm, FieldError, Mode, Problem

Errors = list[FieldError]
_Choice = TypeVar("_Choice", ShortMonth, LeapMonth)
MOST_REPEATS, LONGEST_GAP = 10, 180
STORM_HOURS = "07:00", "20:00"
"""Of a campaign, where nobody types others: the practice in storms."""
SHORTEST_MARKET, LONGEST_MARKET = 2, 60
LONGEST_MONTH_DAYS = 31
_DATE = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})")
_TIME = re.compile(r"(\d{1,2})[:hg.](\d{2})")
_BETWEEN = re.compile(r"[\s,;]+|\bvà\b")
_DAYS_AHEAD = 366
_QUOTED = 40
_AS_TYPED = "%d/%m/%Y"


def read(form: ComposeForm, now: UtcMs, errors: Errors) -> Recurrence | None:
    """When it is due; None for "now", for what is stored, and where something is wrong: that is added to `errors`."""
    if form.mode not in {mode.value for mode in Mode}:
        errors.append(FieldError("mode", Problem.not_offered))
        return None
    mode = Mode(form.mode)
    if mode is Mode.stored and form.broadcast_class != BroadcastClass.emergency.value:
        errors.append(FieldError("mode", Problem.not_to_be_stored))
    if mode in (Mode.now, Mode.stored):
        return None
    before = len(errors)
    usual = STORM_HOURS[0] if mode is Mode.campaign else ""
    minute = _minute("time", form.time.strip() or usual, errors)
    rule = _once(form, minute, now, errors) if mode is Mode.once else _repeating(form, mode, minute, now, errors)
    after = _after(form, errors)
    if rule is None or len(errors) > before:
        return None
    if isinstance(rule, Hourly) and after and after[-1] >= rule.every:
        errors.append(FieldError("repeats", Problem.too_often))
    return Again(rule, after) if after else rule


def _repeating(form: ComposeForm, mode: Mode, minute: DayMinute | None, now: UtcMs, errors: Errors) -> Repeating | None:
    first = civil_day(now) if not form.date.strip() else day_of("date", form.date, now, errors)
    last = day_of("last", form.last, now, errors) if form.last.strip() else None
    if first and last and last < first:
        errors.append(FieldError("last", Problem.ends_before_it_begins))
        return None
    make = _maker(form, mode, last, errors)
    if first is None or minute is None or make is None:
        return None
    rule = make(minute=minute, first=first)
    if isinstance(rule, Hourly) and rule.until < rule.minute:
        errors.append(FieldError("until", Problem.hours_reversed))
    elif last and not _ever(rule, now):
        errors.append(FieldError("last", Problem.never))
    return rule


def _maker(form: ComposeForm, mode: Mode, last: date | None, errors: Errors) -> Callable[..., Repeating] | None:
    """The rule of this mode, but for its minute and its first day."""
    before = len(errors)
    short, leap = _chosen(ShortMonth, "short", form.short, errors), _chosen(LeapMonth, "leap", form.leap, errors)
    make: Callable[..., Repeating]
    match mode:
        case Mode.weekly:
            days = tuple(sorted({int(d) for d in form.days if d in "0123456" and len(d) == 1}))
            if not days:
                errors.append(FieldError("days", Problem.no_days))
            make = partial(Weekly, days, last=last)
        case Mode.monthly:
            numbers = _numbers(form.month_days, LONGEST_MONTH_DAYS, errors)
            make = partial(Monthly, numbers, last=last, short=short)
        case Mode.lunar:
            numbers = _numbers(form.month_days, LONGEST_MONTH, errors)
            make = partial(Lunar, numbers, last=last, short=short, leap=leap)
        case Mode.market:
            every = _number("every", form.every, SHORTEST_MARKET, LONGEST_MARKET, errors)
            make = partial(EveryDays, every, last=last)
        case Mode.campaign:
            until = _minute("until", form.until.strip() or STORM_HOURS[1], errors) or 0
            if last is None and not any(error.field == "last" for error in errors):
                errors.append(FieldError("last", Problem.no_last))
            make = partial(Hourly, until=until, last=last or date.max)
        case _:
            make = partial(Daily, last=last)
    return make if len(errors) == before else None


def _ever(rule: Repeating, now: UtcMs) -> bool:
    """Whether it is due at all."""
    soon = max(now + 1, at_civil(rule.first, 0))
    return bool(occurrences(rule, soon, soon + (LONGEST_WINDOW_DAYS - 1) * DAY))


def _once(form: ComposeForm, minute: DayMinute | None, now: UtcMs, errors: Errors) -> Once | None:
    day = day_of("date", form.date, now, errors)
    if day is None or minute is None:
        return None
    at = at_civil(day, minute)
    if at <= now:
        if not any(error.field == "date" for error in errors):
            errors.append(FieldError("time", Problem.past))
        return None
    return Once(at)


def _after(form: ComposeForm, errors: Errors) -> tuple[int, ...]:
    """After how many minutes it is said again."""
    if form.repeats.strip() in ("", "0"):
        return ()
    repeats = _number("repeats", form.repeats, 0, MOST_REPEATS, errors)
    gap = _number("gap", form.gap, 1, LONGEST_GAP, errors)
    return tuple(gap * number for number in range(1, repeats + 1))


def day_of(field: str, typed: str, now: UtcMs, errors: Errors) -> date | None:
    """A civil day as dd/mm/yyyy, from today on, within a year."""
    found = _DATE.fullmatch(typed.strip())
    try:
        day = date(int(found[3]), int(found[2]), int(found[1])) if found else None
    except ValueError:
        day = None
    if day is None:
        problem = Problem.no_such_date if typed.strip() else Problem.empty
        errors.append(FieldError(field, problem, typed.strip()[:_QUOTED]))
        return None
    ahead = (day - civil_day(now)).days
    if not 0 <= ahead <= _DAYS_AHEAD:
        errors.append(FieldError(field, Problem.past if ahead < 0 else Problem.too_far, typed.strip()))
        return None
    return day


def _minute(field: str, typed: str, errors: Errors) -> DayMinute | None:
    found = _TIME.fullmatch(typed.strip())
    if found and int(found[1]) < 24 and int(found[2]) < 60:
        return int(found[1]) * 60 + int(found[2])
    problem = Problem.no_such_time if typed.strip() else Problem.empty
    errors.append(FieldError(field, problem, typed.strip()[:_QUOTED]))
    return None


def _numbers(typed: str, most: int, errors: Errors) -> tuple[int, ...]:
    """Days of a month: "1, 15", "1 và 15"."""
    parts = [part for part in _BETWEEN.split(typed.strip()) if part]
    if not parts:
        errors.append(FieldError("month_days", Problem.no_month_days))
    found = {int(part) for part in parts if part.isascii() and part.isdigit() and len(part) <= 2}
    if len(found) != len(set(parts)) or not all(1 <= number <= most for number in found):
        errors.append(FieldError("month_days", Problem.no_such_number, f"1–{most}"))
    return tuple(sorted(found))


def _number(field: str, typed: str, least: int, most: int, errors: Errors) -> int:
    text = typed.strip()
    if text.isascii() and text.isdigit() and len(text) <= len(str(most)) and least <= int(text) <= most:
        return int(text)
    errors.append(FieldError(field, Problem.no_such_number if text else Problem.empty, f"{least}–{most}"))
    return least


def _chosen(choices: type[_Choice], field: str, typed: str, errors: Errors) -> _Choice:
    if typed not in {choice.value for choice in choices}:
        errors.append(FieldError(field, Problem.not_offered))
        return next(iter(choices))
    return choices(typed)


def moved(form: ComposeForm, at: UtcMs, to: UtcMs, now: UtcMs) -> ComposeForm:
    """The form with its times changed so that what was to begin at the one instant begins at the other. What comes
    again stays on its days; where that cannot be, or the form says no time, it stays as it is."""
    faults: Errors = []
    rule = read(form, now, faults)
    plain = rule.rule if isinstance(rule, Again) else rule
    by = (to - at) // MINUTE
    if form.mode == Mode.now.value:
        return form_of(msgspec.structs.replace(form, repeats="", gap=""), Mode.once.value, Once(to))
    if plain is None or faults:
        return form
    if isinstance(plain, Once):
        later: Once | Repeating = Once(plain.at + to - at)
    else:
        minute = plain.minute + by
        ends = plain.until + by if isinstance(plain, Hourly) else minute
        if not (0 <= minute < DAY // MINUTE and 0 <= ends < DAY // MINUTE):
            return form
        later = msgspec.structs.replace(plain, minute=minute)
        if isinstance(later, Hourly):
            later = msgspec.structs.replace(later, until=ends)
    again = Again(later, rule.after) if isinstance(rule, Again) else later
    return form_of(form, form.mode, again)


def form_of(form: ComposeForm, mode: str, recurrence: Recurrence | None) -> ComposeForm:
    """The form with its block "Time" as somebody would type this."""
    known = mode if mode in {m.value for m in Mode} else Mode.now.value
    typed: dict[str, object] = {"mode": known}
    rule = None if known == Mode.now.value else recurrence
    if isinstance(rule, Again):
        typed |= {"repeats": str(len(rule.after)), "gap": str(rule.after[0]) if rule.after else ""}
        rule = rule.rule
    match rule:
        case None:
            pass
        case Once():
            at = civil(rule.at)
            typed |= {"date": at.strftime(_AS_TYPED), "time": at.strftime("%H:%M")}
        case _:
            typed |= {
                "date": rule.first.strftime(_AS_TYPED),
                "last": rule.last.strftime(_AS_TYPED) if rule.last else "",
                "time": _clock(rule.minute),
                **_own_fields(rule),
            }
    return msgspec.structs.replace(form, **typed)


def _own_fields(rule: Repeating) -> dict[str, object]:
    match rule:
        case Daily():
            return {}
        case Weekly():
            return {"days": tuple(str(day) for day in rule.days)}
        case Monthly():
            return {"month_days": _listed(rule.days), "short": rule.short.value}
        case Lunar():
            return {"month_days": _listed(rule.days), "short": rule.short.value, "leap": rule.leap.value}
        case EveryDays():
            return {"every": str(rule.every)}
        case Hourly():
            return {"until": _clock(rule.until)}
        case _:
            assert_never(rule)


def _listed(days: tuple[int, ...]) -> str:
    return ", ".join(str(day) for day in days)


def _clock(minute: DayMinute) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"

"""When a broadcast airs, in words: modes, and rules as sentences.

Imported by the pages and their tests.
"""

from collections.abc import Callable

from schedules.clock import DayMinute, civil
from schedules.recurrence import (
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
)
from server.compose_form import Mode
from server.shift import Unmovable
from server.web.words import DAYS, N_
from server.yielding import Precedence

MODES = {
    Mode.now: N_("Now, as soon as it is approved"),
    Mode.once: N_("Once"),
    Mode.daily: N_("Every day"),
    Mode.weekly: N_("Every week on"),
    Mode.monthly: N_("Every month, on days of the calendar"),
    Mode.lunar: N_("Every lunar month (the 1st, the 15th …)"),
    Mode.market: N_("Market day: every so many days"),
    Mode.campaign: N_("Campaign: every hour until a last day (storm, epidemic)"),
    Mode.stored: N_("Stored at the loudspeakers, to sound when it is ordered (emergencies)"),
}
COMMON = (Mode.now, Mode.once, Mode.daily, Mode.weekly)
"""What nearly everything is; the others are one press away."""
PRECEDENCES = {
    Precedence.by_class: N_("An emergency goes before a priority bulletin, that before an ordinary one."),
    Precedence.by_authority: N_("Of the same class, what comes from above goes first."),
    Precedence.placed: N_("The commune has put the one from above before or after its own priority bulletins."),
    Precedence.own_first: N_("The commune has set that its own priority bulletins go before those from above."),
    Precedence.by_start: N_("Of the same class, what begins earlier goes first."),
    Precedence.together: N_("Both begin at the same time and are equal: one follows the other."),
}
"""By which rule one bulletin goes before another."""
SHORTS = {
    ShortMonth.last_day: N_("on its last day"),
    ShortMonth.skip: N_("not at all in that month"),
}
"""What becomes of a day that a month does not have."""
LEAPS = {
    LeapMonth.regular: N_("in the regular month only"),
    LeapMonth.leap: N_("in the leap month only"),
    LeapMonth.both: N_("in both months"),
}
FROM_TO = N_("from %(first)s to %(last)s")
FROM = N_("from %(first)s")
AGAIN = N_("said again %(times)s times, every %(gap)s minutes")
_DATE = "%d/%m/%Y"
_Say = Callable[[str], str]


UNMOVABLE = {
    Unmovable.every_day: N_("It sounds every day: only its hour can be moved. For another rule, edit the bulletin."),
    Unmovable.campaign: N_("It sounds every hour: please edit the bulletin to change its hours."),
    Unmovable.no_such_day: N_("This day stands in for another one: please edit the bulletin to choose its days."),
    Unmovable.taken: N_("It sounds on that day already. Please choose another day."),
}


def told(say: _Say, rule: Recurrence) -> str:
    """A rule as people read it: "Hằng tuần, vào T2, T5, 17:30, từ 23/11/2026"."""
    again = ""
    if isinstance(rule, Again):
        gap = rule.after[0] if rule.after else 0
        again = "; " + say(AGAIN) % {"times": len(rule.after), "gap": gap}
        rule = rule.rule
    if isinstance(rule, Once):
        return f"{say(MODES[Mode.once])}: {civil(rule.at).strftime(f'{_DATE} %H:%M')}{again}"
    days = {"first": rule.first.strftime(_DATE), "last": rule.last.strftime(_DATE) if rule.last else ""}
    return f"{_days(say, rule)}, {_hours(say, rule)}, {say(FROM_TO if rule.last else FROM) % days}{again}"


def _days(say: _Say, rule: Repeating) -> str:
    match rule:
        case Daily() | Hourly():
            return say(MODES[Mode.daily])
        case Weekly():
            return f"{say(MODES[Mode.weekly])} {', '.join(say(DAYS[day]) for day in rule.days)}"
        case Monthly():
            return say(N_("Every month on day %(days)s")) % {"days": _numbers(rule.days)} + _short(say, rule, 28)
        case Lunar():
            said = say(N_("Every lunar month on day %(days)s")) % {"days": _numbers(rule.days)}
            leap = "" if rule.leap is LeapMonth.regular else f" ({say(LEAPS[rule.leap])})"
            return said + _short(say, rule, 29) + leap
        case EveryDays():
            return say(N_("Every %(days)s days")) % {"days": rule.every}


def _short(say: _Say, rule: Monthly | Lunar, shortest: int) -> str:
    """What becomes of a day that some months do not have, where the rule names one."""
    if max(rule.days) <= shortest:
        return ""
    return " (" + say(N_("in a shorter month %(what)s")) % {"what": say(SHORTS[rule.short])} + ")"


def _hours(say: _Say, rule: Repeating) -> str:
    if not isinstance(rule, Hourly):
        return _clock(rule.minute)
    hours = {"first": _clock(rule.minute), "last": _clock(rule.until)}
    return say(N_("every hour from %(first)s to %(last)s")) % hours


def _numbers(days: tuple[int, ...]) -> str:
    return ", ".join(map(str, days))


def _clock(minute: DayMinute) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"

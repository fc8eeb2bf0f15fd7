"""The form "Soạn bản tin" as somebody typed it, and what can be wrong with a field. Pure.

Imported by `composing`, which reads it, by the use cases and the web.
"""

import enum

import msgspec

from schedules.programme import BroadcastClass
from schedules.recurrence import LeapMonth, ShortMonth


class Mode(enum.Enum):
    """When a broadcast is to air. `stored`: its sound is kept at the loudspeakers, for the hour in which no link may be
    left; it airs when it is ordered."""

    now = "now"
    stored = "stored"
    once = "once"
    daily = "daily"
    weekly = "weekly"
    monthly = "monthly"
    lunar = "lunar"
    market = "market"
    campaign = "campaign"


REPEATED = frozenset({Mode.daily, Mode.weekly, Mode.monthly, Mode.lunar, Mode.market, Mode.campaign})
"""What airs on more than one day, or may."""


class Problem(enum.Enum):
    """What can be wrong with a field."""

    empty = "empty"
    too_long = "too_long"
    control_characters = "control_characters"
    not_offered = "not_offered"
    no_such_date = "no_such_date"
    no_such_time = "no_such_time"
    past = "past"
    too_far = "too_far"
    ends_before_it_begins = "ends_before_it_begins"
    no_days = "no_days"
    never = "never"
    no_month_days = "no_month_days"
    exercise_in_earnest = "exercise_in_earnest"
    exercise_language = "exercise_language"
    no_such_number = "no_such_number"
    no_last = "no_last"
    hours_reversed = "hours_reversed"
    too_often = "too_often"
    not_to_be_stored = "not_to_be_stored"
    no_targets = "no_targets"
    name_taken = "name_taken"
    too_many = "too_many"
    no_sound = "no_sound"
    unspeakable = "unspeakable"
    plain_words = "plain_words"
    not_words = "not_words"
    needs_time = "needs_time"


class FieldError(msgspec.Struct, frozen=True):
    """`field` names the form's field; `details` is what a message may quote."""

    field: str
    problem: Problem
    details: str = ""


class ComposeForm(msgspec.Struct, frozen=True):
    """Everything as it was typed. `texts` and `recordings` by language: the text in that language, and the clip name of
    a recording that has been uploaded and mastered. `answers`: how leftovers of the text are said; `remember`: of which
    of them the place is to remember it. `authority`: who orders it, `responsible`: who answers for it, `reason`: why it
    is an emergency; an ordinary one needs none of them. `confirmed`: the clip that a person has listened to, though the
    recogniser doubts it. `translators`: by language, who translated the text into it. `month_days`: days of the month,
    of the moon's for `lunar`; `short`, `leap`: what a short or a leap month changes; `every`: days from market to
    market; `until`: the last hour of a campaign; `repeats`, `gap`: how often it is said again, and minutes between.
    `opening`, `closing`, `music`: clips of the library before, after and behind the words. `exercise`: it is none in
    earnest. `without`: languages that are left out on purpose; `kept`: clashes that are to stay as the rules have it;
    `recalled`: the text for which recordings have been looked up. `pushed`: it is sent down, and communes are asked."""

    title: str = ""
    topic: str = ""
    broadcast_class: str = BroadcastClass.ordinary.value
    text: str = ""
    answers: dict[str, str] = {}
    remember: tuple[str, ...] = ()
    texts: dict[str, str] = {}
    recordings: dict[str, str] = {}
    targets: tuple[str, ...] = ()
    mode: str = Mode.now.value
    date: str = ""
    time: str = ""
    days: tuple[str, ...] = ()
    last: str = ""
    month_days: str = ""
    short: str = ShortMonth.last_day.value
    leap: str = LeapMonth.regular.value
    every: str = ""
    until: str = ""
    repeats: str = ""
    gap: str = ""
    authority: str = ""
    responsible: str = ""
    reason: str = ""
    confirmed: str = ""
    translators: dict[str, str] = {}
    exercise: bool = False
    opening: str = ""
    closing: str = ""
    music: str = ""
    without: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    recalled: str = ""
    pushed: bool = False

"""The phrase bank in words for people.

Imported by its pages and by those of bulletins.
"""

from collections.abc import Callable

from audio.phrase_slots import SlotError, SlotFault
from audio.phrase_take import TakeFault
from audio.phrase_template import TextError, TextFault
from server.phrase_editions import NameFault, NameProblem
from server.phrase_filling import Readiness
from server.presenters import PresenterFault
from server.sound_gate import Bar
from server.web.words import N_

BARS = {
    Bar.machine: N_("a machine speaks it, and nobody has reviewed what it says"),
    Bar.unknown: N_("it is not known who says what in it"),
    Bar.unreviewed: N_("its translation has not been reviewed by a native speaker"),
    Bar.changed: N_("its translation has been changed since the sound was made"),
    Bar.sample: N_("it is a sample: no person speaks it"),
    Bar.withdrawn: N_("somebody who speaks in it has withdrawn their consent"),
}
NOT_FOR_AIR = N_(
    "Not approved: %(languages)s must not go on air. Send it back, so that its author makes another sound."
)
TAKE_FAULTS = {
    TakeFault.silent: N_("Nothing was heard. Is the microphone on?"),
    TakeFault.faint: N_("Too quiet: please speak louder, or nearer to the microphone."),
    TakeFault.loud: N_("Too loud: please go a little farther from the microphone."),
    TakeFault.clipped: N_("Too loud, so that it is distorted: please go farther from the microphone."),
    TakeFault.noisy: N_("There is too much noise: please find a quieter place, and close the windows."),
    TakeFault.too_short: N_("Too short for these words: is something missing?"),
    TakeFault.too_long: N_("Too long for these words: please say only what stands there."),
    TakeFault.cut_off: N_("Cut off at its beginning or end: please wait for a moment before and after speaking."),
}
TEXT_FAULTS = {
    TextFault.empty: N_("Please write the text."),
    TextFault.too_long: N_("Too long (%(details)s letters)."),
    TextFault.control_characters: N_("There are letters in it that cannot be seen. Please type it anew."),
    TextFault.braces: N_("A { or } stands alone. A slot is written like {ngay}."),
    TextFault.unknown_slot: N_("There is no slot {%(details)s} in this template."),
    TextFault.missing_slot: N_("The slot {%(details)s} is missing."),
    TextFault.no_value: N_("Not a line of this list: “%(details)s”. Write only behind the sign =."),
    TextFault.value_twice: N_("“%(details)s” stands there twice."),
    TextFault.twice: N_("The slot {%(details)s} stands there whole and in parts, or one of its parts twice."),
}
NAME_FAULTS = {
    NameFault.empty: N_("Please write the name."),
    NameFault.too_long: N_("That name is too long."),
    NameFault.same_person: N_("Nobody reviews what they translated: please name another native speaker."),
}
SLOT_FAULTS = {
    SlotFault.empty: N_("Please fill this in."),
    SlotFault.no_such_date: N_("There is no such day. Write it as day/month/year, like 05/12/2026."),
    SlotFault.no_such_time: N_("There is no such time. Write it like 19:30."),
    SlotFault.minutes: N_("The bank says full, quarter and half hours: 19:00, 19:15, 19:30, 19:45."),
    SlotFault.no_such_number: N_("Please write a whole number."),
    SlotFault.out_of_range: N_("The bank cannot say this number here. It can say: %(details)s."),
    SlotFault.not_offered: N_("Please choose from the list."),
    SlotFault.other_weekday: N_("Please choose a day of the week."),
}
PRESENTER_FAULTS = {
    PresenterFault.empty: N_("Please fill this in."),
    PresenterFault.too_long: N_("Too long."),
    PresenterFault.no_such_date: N_("There is no such day. Write it as day/month/year, like 05/12/2026."),
    PresenterFault.future: N_("This day has not come yet."),
    PresenterFault.not_offered: N_("Please choose from the list."),
}
READINESS = {
    Readiness.spoken: N_("can be spoken"),
    Readiness.lacking: N_("prompts are missing"),
    Readiness.unwritten: N_("no translation yet"),
    Readiness.unreviewed: N_("translation not reviewed yet"),
}

Say = Callable[..., str]


def text_problem(say: Say, error: TextError | NameProblem) -> tuple[str, str]:
    """The field, and what is wrong with it."""
    if isinstance(error, NameProblem):
        return error.field, say(NAME_FAULTS[error.fault])
    parts = {"details": error.details} if error.details else {}
    return "text", say(TEXT_FAULTS[error.fault], **parts)


def slot_problem(say: Say, error: SlotError) -> tuple[str, str]:
    """The slot, and what is wrong with it."""
    parts = {"details": error.details} if error.fault is SlotFault.out_of_range else {}
    return error.slot, say(SLOT_FAULTS[error.fault], **parts)


def barred(say: Say, bars: dict[str, str], names: Callable[[str], str]) -> str:
    """Which languages may not go on air, and why."""
    told = [f"{names(language)} ({say(BARS[Bar(bar)])})" for language, bar in bars.items()]
    return say(NOT_FOR_AIR, languages="; ".join(told))

"""The trial: a short tone that somebody orders, to hear whether one loudspeaker sounds.

Anybody may import this room. It is no command: it stands in the loudspeaker's assignment, and becomes a slot of the
loudspeaker's own like any other, with one outcome. So every rule holds for it that holds for an ordinary bulletin,
quiet hours and ceiling among them; it comes behind all of these, and no rest and no limit of the day is reckoned from
it.
"""

import msgspec

from audio.clip import NO_LANGUAGE, Clip
from schedules.clock import DAY, SECOND, DurationMs, UtcMs
from schedules.programme import HORIZON, BroadcastClass, Programme, Slot, occurrence_name

MARK = "trial."
"""Its occurrence begins so; no broadcast's name has a dot."""
TITLE = "Phát thử"
LAST = 99
"""No area lies so deep: whoever else is due at that time comes first."""
LONGEST: DurationMs = 10 * SECOND
REMEMBERED: DurationMs = HORIZON
"""So long after its time a loudspeaker that was away still says what became of it."""
KEPT: DurationMs = 7 * DAY
"""So long after its time it stays in the assignment: nothing is published only because it is over."""


class Trial(msgspec.Struct, frozen=True):
    """Let this tone sound once in [not_before, until], if nothing speaks against it. `seal`: what names its order, with
    who gave it, in the server's log."""

    id: str
    not_before: UtcMs
    until: UtcMs
    clip: Clip
    seal: str


def is_trial(occurrence: str) -> bool:
    """Whether an occurrence is a trial's."""
    return occurrence.startswith(MARK)


def slot_of(trial: Trial) -> Slot:
    """The trial as a slot."""
    name = f"{MARK}{trial.id}"
    return Slot(
        occurrence=occurrence_name(name, trial.not_before),
        broadcast=name,
        bulletin=name,
        title=TITLE,
        broadcast_class=BroadcastClass.ordinary,
        authority=LAST,
        start=trial.not_before,
        useful_until=trial.until,
        clips=(trial.clip,),
        seal=trial.seal,
    )


def slots_of(trial: Trial | None) -> tuple[Slot, ...]:
    """What a loudspeaker makes of it: nothing of what is no short tone, whoever signed it."""
    fit = trial is not None and trial.clip.language == NO_LANGUAGE and trial.clip.duration_ms <= LONGEST
    return (slot_of(trial),) if trial is not None and fit else ()


def programme_of(device: str, trial: Trial | None, issued_at: UtcMs = 0) -> Programme:
    """What a loudspeaker has to do of its own: a programme of the area that it is itself."""
    return Programme(device, 0, issued_at, trial.until + 1 if trial is not None else 0, slots_of(trial))

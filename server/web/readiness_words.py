"""How ready loudspeakers are, and until when what they lack may still come, in sentences.

Imported by the pages and their tests.
"""

from collections.abc import Callable

from schedules.clock import MINUTE, SECOND, DurationMs
from server.readiness import Deadline, Lack, Standing
from server.web.words import (
    HURRY,
    HURRY_LATE,
    IN_PART,
    IN_TIME,
    IN_TIME_WHOLE,
    LACKS,
    MINUTES,
    MISSING_PARTS,
    MISSING_SOUND,
    SECONDS,
    SINCE,
    TOO_LATE,
)


def lacking(say: Callable[[str], str], standing: Standing, when: str, languages: str) -> str:
    """What there is to say of a loudspeaker beyond the lack under which it is listed, the first. `when`: it spoke last;
    `languages`: names of those whose sound it lacks."""
    parts = {"when": when, "languages": languages, "parts": standing.parts, "there": standing.parts_there}
    closer = {Lack.no_link: SINCE, Lack.sound: MISSING_PARTS if standing.parts > 1 else MISSING_SOUND}
    told = [lack for lack in standing.lacks if lack in closer or lack is not standing.lacks[0]]
    return "; ".join(say(closer.get(lack, LACKS[lack])) % parts for lack in told)


def until(say: Callable[[str], str], deadline: Deadline, whole: str, latest: str) -> str:
    """Until when what is missing may still come; `whole` and `latest` are its instants, as people read them."""
    if deadline.any is None:
        return say(TOO_LATE)
    if deadline.all is None:
        return say(IN_PART) % {"latest": latest}
    return say(IN_TIME if deadline.all == deadline.any else IN_TIME_WHOLE) % {"whole": whole, "latest": latest}


def hurry(say: Callable[[str], str], takes: DurationMs, begin: str) -> str:
    """How long what is missing takes over a weak link, and until when that must have begun (empty: too late)."""
    minutes = -(-takes // MINUTE)
    length = say(MINUTES) % {"count": minutes} if minutes > 1 else say(SECONDS) % {"count": -(-takes // SECOND)}
    return say(HURRY if begin else HURRY_LATE) % {"takes": length, "begin": begin}

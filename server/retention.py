"""How long sound is kept: what may go, and what is held. Pure.

Imported by the use cases, the repositories and tests. Only sound goes: rows of the log, bulletins, decisions and the
audit stay for ever, for they are small and what an inspector asks for first.
"""

from collections.abc import Collection, Iterable

import msgspec

from schedules.clock import UtcMs, at_civil, civil_day

BULLETIN, AREA = "bulletin", "area"
_MONTHS = 12
_LAST_DAY_OF_ALL = 28


class Hold(msgspec.Struct, frozen=True):
    """The sound of a bulletin, or of an area, is kept whatever its age, for this reason, until somebody lifts it.
    `kind`: `bulletin` or `area`; `subject`: its id."""

    id: str
    kind: str
    subject: str
    reason: str
    staff: str
    at: UtcMs
    lifted_by: str = ""
    lifted_at: UtcMs | None = None


class Sound(msgspec.Struct, frozen=True):
    """A clip whose files are kept. `original`: the hash of the upload that it was made from, or empty; `last_used`:
    when it last sounded, was to sound, was written or listened to; `bulletins` carry it; `paths`: for whom they speak
    and where they sound."""

    clip: str
    original: str
    last_used: UtcMs
    bulletins: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()


class Held(msgspec.Struct, frozen=True):
    """What is held: bulletins by id, areas by path."""

    bulletins: frozenset[str] = frozenset()
    paths: tuple[str, ...] = ()


class Gone(msgspec.Struct, frozen=True):
    """What may go: clips, and originals from which no clip that stays was made."""

    clips: tuple[str, ...]
    originals: tuple[str, ...]


def kept_since(now: UtcMs, months: int) -> UtcMs:
    """The instant before which sound may go: so many civil months ago, at midnight; on the last days
    of a long month a little earlier, so that nothing goes too soon."""
    day = civil_day(now)
    whole = day.year * _MONTHS + day.month - 1 - months
    return at_civil(
        day.replace(year=whole // _MONTHS, month=whole % _MONTHS + 1, day=min(day.day, _LAST_DAY_OF_ALL)), 0
    )


def is_held(sound: Sound, held: Held) -> bool:
    """Whether a hold keeps it. What sounded in a held area is kept, and so is what sounded in all of the province: it
    sounded there too."""
    if held.bulletins.intersection(sound.bulletins):
        return True
    return any(path.startswith(own) or own.startswith(path) for path in held.paths for own in sound.paths)


def may_go(sounds: Iterable[Sound], needed: Collection[str], held: Held, before: UtcMs) -> Gone:
    """What was last used before this instant, and neither is needed (by a programme, or by what waits to be decided or
    written) nor held."""
    going: list[Sound] = []
    staying: set[str] = set()
    for sound in sounds:
        if sound.last_used < before and sound.clip not in needed and not is_held(sound, held):
            going.append(sound)
        else:
            staying.add(sound.original)
    originals = {sound.original for sound in going} - staying - {""}
    return Gone(tuple(sorted(sound.clip for sound in going)), tuple(sorted(originals)))

"""Areas: the nodes of the dated tree, their names as they are searched and sorted, and what they set for all
loudspeakers below them. Pure.

Imported by planning, the repositories, the web and the seed.
"""

import unicodedata
from collections.abc import Iterable

import msgspec

from schedules.assignment import NIGHT_CEILING, Allowance, Guards, QuietHours, VolumePreset
from schedules.clock import DurationMs
from schedules.suspension import Suspension

DEFAULT_VOLUME = NIGHT_CEILING
"""Quieter before six o'clock: the customary 05:00 broadcast lies in the night window of QCVN 26:2010."""
_GUARDS = Guards()


class AreaSettings(msgspec.Struct, frozen=True, omit_defaults=True):
    """None: as the area above says. `quiet_hours_off` switches quiet hours off (a demonstration does). `allowance`:
    what each loudspeaker may fetch over its SIM. `alert_lead_ms`: from the order of an emergency to its common start,
    so that neighbours start together instead of echoing one another; 0: each as soon as it can. The four after it are
    guards, as the quiet hours are (`schedules.assignment.Guards`). `suspensions`: beside those of the areas above.
    `chime`: whether chimes stand around the words; `chimes`: tunes of the library in place of those that came with the
    program, by what they announce, and `closing`; `chime_pause_ms`, `emergency_times`, `again_after_ms`: as in
    `schedules.assignment.Signals`."""

    quiet_hours: QuietHours | None = None
    quiet_hours_off: bool | None = None
    volume: tuple[VolumePreset, ...] | None = None
    lead_in_ms: DurationMs | None = None
    pause_ms: DurationMs | None = None
    own_priority_first: bool | None = None
    allowance: Allowance | None = None
    alert_lead_ms: DurationMs | None = None
    ceiling: tuple[VolumePreset, ...] | None = None
    longest_ms: DurationMs | None = None
    gap_ms: DurationMs | None = None
    daily_ms: DurationMs | None = None
    suspensions: tuple[Suspension, ...] | None = None
    chime: bool | None = None
    chimes: dict[str, str] | None = None
    chime_pause_ms: DurationMs | None = None
    emergency_times: int | None = None
    again_after_ms: DurationMs | None = None


class Effective(msgspec.Struct, frozen=True):
    """What holds at a loudspeaker."""

    quiet_hours: QuietHours | None = QuietHours()
    volume: tuple[VolumePreset, ...] = DEFAULT_VOLUME
    lead_in_ms: DurationMs = 1_500
    pause_ms: DurationMs = 1_000
    own_priority_first: bool = False
    allowance: Allowance | None = None
    alert_lead_ms: DurationMs = 1_000
    ceiling: tuple[VolumePreset, ...] = _GUARDS.ceiling
    longest_ms: DurationMs = _GUARDS.longest_ms
    gap_ms: DurationMs = _GUARDS.gap_ms
    daily_ms: DurationMs = _GUARDS.daily_ms
    suspensions: tuple[Suspension, ...] = ()
    chime: bool = True
    chimes: dict[str, str] = {}
    chime_pause_ms: DurationMs = 600
    emergency_times: int = 2
    again_after_ms: DurationMs = 2_000

    @property
    def guards(self) -> Guards:
        """What loudspeakers keep by themselves, beside the quiet hours."""
        return Guards(self.ceiling, self.longest_ms, self.gap_ms, self.daily_ms)


LOUDSPEAKER = "loudspeaker"
HAMLET = "hamlet"
COMMUNE = "commune"
_ALPHABET = "aăâbcdđeêghiklmnoôơpqrstuưvxyfjwz"
_TONES = {"\u0300": 1, "\u0309": 2, "\u0303": 3, "\u0301": 4, "\u0323": 5}


class Area(msgspec.Struct, frozen=True):
    """`path`: the ids from the root to itself, between slashes; `depth`: 0 for the root; `languages`: in order,
    empty where the area above says; `valid_from`, `valid_to`: ISO dates or empty. `shares`: per cent of the households
    that speak a language, where that is known; `households`: how many there are, 0 where nobody knows. `lat`, `lon`: in
    degrees (WGS 84), both or neither."""

    id: str
    parent: str | None
    path: str
    depth: int
    level: str
    name: str
    former_names: str = ""
    valid_from: str = ""
    valid_to: str = ""
    languages: tuple[str, ...] = ()
    settings: AreaSettings = AreaSettings()
    shares: dict[str, int] = {}
    households: int = 0
    lat: float | None = None
    lon: float | None = None

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids from the root to itself."""
        return tuple(self.path.strip("/").split("/"))


def search_key(text: str) -> str:
    """Letters without accents, in lower case, so that a phone without a Vietnamese keyboard finds them."""
    plain = unicodedata.normalize("NFD", text.lower().replace("đ", "d"))
    return " ".join("".join(c for c in plain if not unicodedata.combining(c)).split())


def sort_key(text: str) -> str:
    """A key that sorts in the order of the Vietnamese alphabet (a ă â b c d đ e ê …); tones count last."""
    letters, tones = [], []
    for c in unicodedata.normalize("NFC", text.lower()):
        parts = unicodedata.normalize("NFD", c)
        tone = next((_TONES[mark] for mark in parts if mark in _TONES), 0)
        letter = unicodedata.normalize("NFC", "".join(mark for mark in parts if mark not in _TONES))
        letters.append(f"{_ALPHABET.index(letter) + 20:02d}" if letter in _ALPHABET else f"1{letter}")
        tones.append(str(tone))
    return "".join(letters) + "|" + "".join(tones)


def inherited(chain: Iterable[AreaSettings]) -> Effective:
    """What holds at the end of a chain of areas, root first: the nearest word counts."""
    found = Effective()
    for settings in chain:
        changes = {
            name: value for name in Effective.__struct_fields__ if (value := getattr(settings, name)) is not None
        }
        if settings.suspensions is not None:
            changes["suspensions"] = found.suspensions + settings.suspensions
        found = msgspec.structs.replace(found, **changes)
        if settings.quiet_hours_off:
            found = msgspec.structs.replace(found, quiet_hours=None)
        elif settings.quiet_hours_off is False and found.quiet_hours is None:
            found = msgspec.structs.replace(found, quiet_hours=QuietHours())
    return found

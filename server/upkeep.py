"""Upkeep: what people write down about a loudspeaker: what it is, where it hangs, who looks after it. Pure: the form,
and what of it makes no sense.

Imported by the repositories, the use cases and the web.
"""

import re

import msgspec

_LONGEST = {"serial": 64, "model": 80, "sim": 80, "place": 200, "caretaker": 80, "telephone": 30, "switching": 400}
_TELEPHONE = re.compile(r"[0-9+() .\-/]*")
_DEGREES = re.compile(r"-?[0-9]{1,3}([.,][0-9]{1,8})?")
_OVER_LAND = (8.0, 24.0, 102.0, 110.0)
"""South, north, west and east of where loudspeakers of Vietnam stand on land."""


class Upkeep(msgspec.Struct, frozen=True):
    """`place`: where it hangs; `caretaker`, `telephone`: who looks after it on the spot; `switching`: how it is
    switched on and off there; `sim`: its operator and number. Nothing is made up: what nobody has entered is empty."""

    serial: str = ""
    model: str = ""
    sim: str = ""
    place: str = ""
    caretaker: str = ""
    telephone: str = ""
    switching: str = ""


class NoPlace(msgspec.Struct, frozen=True):
    """What was typed is no place of Vietnam."""


def fitted(typed: Upkeep) -> tuple[Upkeep, tuple[str, ...]]:
    """What was typed, on one line each, and the fields that make no sense."""
    values = {name: " ".join(value.split()) for name, value in msgspec.structs.asdict(typed).items()}
    wrong = [name for name, value in values.items() if len(value) > _LONGEST[name] or not value.isprintable()]
    if not _TELEPHONE.fullmatch(values["telephone"]) and "telephone" not in wrong:
        wrong.append("telephone")
    return Upkeep(**values), tuple(wrong)


def place_of(lat: str, lon: str) -> tuple[float, float] | NoPlace | None:
    """Degrees as they were typed (22,6512 or 22.6512); None where nothing was typed."""
    if not lat.strip() and not lon.strip():
        return None
    found = [_DEGREES.fullmatch(text.strip()) for text in (lat, lon)]
    if any(each is None for each in found):
        return NoPlace()
    north, east = (float(text.strip().replace(",", ".")) for text in (lat, lon))
    south_end, north_end, west_end, east_end = _OVER_LAND
    return (north, east) if south_end <= north <= north_end and west_end <= east <= east_end else NoPlace()

"""What the box itself can be asked: heat, battery, mains, weak supply, radio. A shell; it reads what Linux shows as
files, and asks no program.

Imported by the composition root.
"""

from collections.abc import Iterator
from pathlib import Path

from schedules.vitals import Vitals

_MOST = 1_000
_LOW_NOW_OR_SINCE_START = 0x10001


def measure(root: Path = Path("/")) -> Vitals:
    """What there is to be measured below `root`; whatever is not there, or says nonsense, is None."""
    supplies = list(_folders(root / "sys/class/power_supply"))
    return Vitals(
        temperature=_temperature(root),
        battery=_battery(supplies),
        mains=_mains(supplies),
        low_voltage=_low_voltage(root),
        signal=_signal(root / "proc/net/wireless"),
    )


def _temperature(root: Path) -> int | None:
    """The hottest of what is measured."""
    found = [
        _number(zone / "temp") for zone in _folders(root / "sys/class/thermal") if zone.name.startswith("thermal_")
    ]
    known = [round(t / 1000) for t in found if t is not None and -60_000 < t < 200_000]
    return max(known, default=None)


def _battery(supplies: list[Path]) -> int | None:
    found = [_number(each / "capacity") for each in supplies if _text(each / "type") == "Battery"]
    return next((percent for percent in found if percent is not None and 0 <= percent <= 100), None)


def _mains(supplies: list[Path]) -> bool | None:
    found = [_number(each / "online") for each in supplies if _text(each / "type") in ("Mains", "USB")]
    known = [bool(online) for online in found if online is not None]
    return any(known) if known else None


def _low_voltage(root: Path) -> bool | None:
    """The firmware's word on a Raspberry Pi; else its kernel's alarm."""
    throttled = _text(root / "sys/devices/platform/soc/soc:firmware/get_throttled")
    if throttled:
        try:
            return bool(int(throttled, 16) & _LOW_NOW_OR_SINCE_START)
        except ValueError:
            return None
    monitors = [each for each in _folders(root / "sys/class/hwmon") if _text(each / "name") == "rpi_volt"]
    found = [_number(each / "in0_lcrit_alarm") for each in monitors]
    return next((bool(alarm) for alarm in found if alarm is not None), None)


def _signal(wireless: Path) -> int | None:
    """The strongest of the radios: the third number behind a name is its level."""
    levels = []
    for line in _text(wireless).splitlines():
        name, colon, numbers = line.partition(":")
        parts = numbers.split()
        if colon and name and len(parts) > 2:
            level = parts[2].rstrip(".")
            levels += [int(level)] if level.lstrip("-").isdigit() else []
    return max((level for level in levels if -150 < level < 0), default=None)


def _folders(folder: Path) -> Iterator[Path]:
    try:
        yield from sorted(folder.iterdir())
    except OSError:
        return


def _text(path: Path) -> str:
    try:
        with path.open(encoding="ascii", errors="replace") as file:
            return file.read(_MOST).strip()
    except OSError:
        return ""


def _number(path: Path) -> int | None:
    text = _text(path)
    return int(text) if text.lstrip("-").isdigit() and len(text) < 12 else None

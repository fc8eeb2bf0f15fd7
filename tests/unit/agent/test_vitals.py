"""Tests of what a box is asked about itself, on a copy of what Linux shows as files.

Nobody imports this module.
"""

from pathlib import Path

from device_agent.vitals import measure
from schedules.vitals import Vitals

WIRELESS = """Inter-| sta-|   Quality        |   Discarded packets
 face | tus | link level noise |  nwid  crypt
 wlan0: 0000   54.  -56.  -256        0      0
 wlan1: 0000   30.  -80.  -256        0      0
"""


def put(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


def test_a_box_that_can_measure_nothing_says_nothing(tmp_path: Path) -> None:
    assert measure(tmp_path) == Vitals()


def test_a_raspberry_pi_with_a_battery_and_two_radios(tmp_path: Path) -> None:
    root = put(
        tmp_path,
        {
            "sys/class/thermal/thermal_zone0/temp": "61234\n",
            "sys/class/thermal/thermal_zone1/temp": "48000\n",
            "sys/class/power_supply/ups/type": "Battery\n",
            "sys/class/power_supply/ups/capacity": "12\n",
            "sys/class/power_supply/plug/type": "Mains\n",
            "sys/class/power_supply/plug/online": "0\n",
            "sys/devices/platform/soc/soc:firmware/get_throttled": "e0000\n",
            "proc/net/wireless": WIRELESS,
        },
    )
    assert measure(root) == Vitals(61, 12, mains=False, low_voltage=False, signal=-56)
    put(root, {"sys/devices/platform/soc/soc:firmware/get_throttled": "10001\n"})
    assert measure(root).low_voltage is True


def test_the_alarm_of_the_kernel_does_where_the_firmware_is_silent(tmp_path: Path) -> None:
    root = put(tmp_path, {"sys/class/hwmon/hwmon1/name": "rpi_volt\n", "sys/class/hwmon/hwmon1/in0_lcrit_alarm": "1\n"})
    assert measure(root).low_voltage is True


def test_nonsense_is_nothing(tmp_path: Path) -> None:
    root = put(
        tmp_path,
        {
            "sys/class/thermal/thermal_zone0/temp": "hot",
            "sys/class/thermal/thermal_zone1/temp": "99999999",
            "sys/class/power_supply/ups/type": "Battery",
            "sys/class/power_supply/ups/capacity": "250",
            "sys/devices/platform/soc/soc:firmware/get_throttled": "zz",
            "proc/net/wireless": "wlan0: 0000 54. abc -256\nwlan1: 0000 1. 12. 0",
        },
    )
    assert measure(root) == Vitals()

"""Vitals: what a loudspeaker measures of its own box, as it crosses the wire with its status.

Anybody may import this room.
"""

import msgspec


class Vitals(msgspec.Struct, frozen=True):
    """None: the box cannot measure it. `temperature`: of the processor, in °C; `battery`: per cent of its charge;
    `mains`: whether it runs on the mains; `low_voltage`: its supply has been too weak since it started; `signal`: of
    its radio, in dBm."""

    temperature: int | None = None
    battery: int | None = None
    mains: bool | None = None
    low_voltage: bool | None = None
    signal: int | None = None

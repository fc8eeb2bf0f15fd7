"""What a clip is made for: the horn of a hamlet, or a column indoors. Pure.

Imported by mastering, the server's settings and tests.
"""

import msgspec


class Preset(msgspec.Struct, frozen=True):
    """`shape`: ffmpeg's filters for band and dynamics; `rate`: frames a second that hold that band; `bitrate` and
    `application`: of the Opus encoder."""

    name: str
    shape: str
    rate: int
    bitrate: str
    application: str


HORN = Preset(
    "horn",
    "highpass=f=300:p=2,lowpass=f=6000:p=2,acompressor=threshold=-24dB:ratio=4:attack=5:release=150:makeup=2",
    24_000,
    "24k",
    "voip",
)
"""300–6000 Hz: a horn passes no more, and its driver suffers from less; dense, for it is heard beside a road."""
COLUMN = Preset(
    "column",
    "highpass=f=80:p=2,acompressor=threshold=-20dB:ratio=2:attack=10:release=200:makeup=1",
    48_000,
    "32k",
    "audio",
)
"""All that a good loudspeaker indoors can give; only what rumbles is taken out."""
PRESETS = {preset.name: preset for preset in (HORN, COLUMN)}

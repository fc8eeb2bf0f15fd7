"""What a sound file is, by its content, and what it may be: kinds, sizes, shapes. Pure.

Imported by the decoder, the server and tests. Neither its name nor the type that somebody gave it says anything.
"""

import enum

import msgspec

from audio.quality import LONGEST_MS
from audio.refusal import MasteringError, MasteringFault

LARGEST_UPLOAD = 25 * 1024 * 1024
HEAD_BYTES = 64
"""How much of a file tells its kind."""
MOST_CHANNELS = 8
RATES = (4_000, 192_000)
_ADTS = 0xF0
_RESERVED_BITRATE = 15
_RESERVED = 3


class Kind(enum.Enum):
    """A kind of sound file; the value is what ffmpeg calls the one reader that may open it. Playlists are none of them:
    they would have ffmpeg open other files, or addresses."""

    wav = "wav"
    w64 = "w64"
    mp3 = "mp3"
    ogg = "ogg"
    flac = "flac"
    aac = "aac"
    mp4 = "mov"
    webm = "matroska"
    amr = "amr"
    wma = "asf"
    aiff = "aiff"
    caf = "caf"


CODECS = (
    "mp3float,mp3,mp2float,mp2,aac,opus,libopus,vorbis,libvorbis,flac,alac,amrnb,amrwb,libopencore_amrnb,"
    "libopencore_amrwb,wmav1,wmav2,wmapro,wmavoice,pcm_u8,pcm_s8,pcm_s16le,pcm_s16be,pcm_s24le,pcm_s24be,pcm_s32le,"
    "pcm_s32be,pcm_f32le,pcm_f32be,pcm_f64le,pcm_alaw,pcm_mulaw,adpcm_ms,adpcm_ima_wav,gsm_ms"
)
"""The decoders that recorders, telephones and browsers need; pictures and films in a file stay unread."""

_BEGINNINGS = (
    (0, b"fLaC", Kind.flac),
    (0, b"OggS", Kind.ogg),
    (0, b"ID3", Kind.mp3),
    (0, b"#!AMR", Kind.amr),
    (0, b"caff", Kind.caf),
    (0, b"\x1aE\xdf\xa3", Kind.webm),
    (0, b"riff.\x91\xcf\x11", Kind.w64),
    (0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", Kind.wma),
    (4, b"ftyp", Kind.mp4),
)


class Probed(msgspec.Struct, frozen=True):
    """What a file says of itself: `duration_ms` is 0 where it does not say."""

    codec: str
    channels: int
    rate: int
    duration_ms: int


def kind_of(head: bytes) -> Kind | None:
    """The kind of the file that begins with these bytes."""
    if head[:4] in (b"RIFF", b"RF64") and head[8:12] == b"WAVE":
        return Kind.wav
    if head[:4] == b"FORM" and head[8:12] in (b"AIFF", b"AIFC"):
        return Kind.aiff
    for at, letters, kind in _BEGINNINGS:
        if head[at : at + len(letters)] == letters:
            return kind
    return _bare(head)


def _bare(head: bytes) -> Kind | None:
    """MP3 and AAC without anything around them: the bits of their first frame."""
    if len(head) < 4 or head[0] != 0xFF:
        return None
    if head[1] & 0xF6 == _ADTS:
        return Kind.aac
    layer, version = head[1] >> 1 & 3, head[1] >> 3 & 3
    fits = layer and version != 1 and head[2] >> 4 != _RESERVED_BITRATE and head[2] >> 2 & 3 != _RESERVED
    return Kind.mp3 if head[1] & 0xE0 == 0xE0 and fits else None


def must_fit(probed: Probed) -> None:
    """Raises `MasteringError` for what is not worth decoding."""
    if probed.duration_ms > LONGEST_MS:
        raise MasteringError(MasteringFault.too_long, f"{probed.duration_ms} ms", probed.duration_ms)
    if not 1 <= probed.channels <= MOST_CHANNELS or not RATES[0] <= probed.rate <= RATES[1]:
        raise MasteringError(MasteringFault.unfit, f"{probed.channels} channels, {probed.rate} Hz")

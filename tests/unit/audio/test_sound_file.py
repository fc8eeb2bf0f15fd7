"""Tests of telling a sound file by its content.

Nobody imports this module.
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audio.quality import LONGEST_MS
from audio.refusal import MasteringError, MasteringFault
from audio.sound_file import HEAD_BYTES, Kind, Probed, kind_of, must_fit


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"RIFF\x24\x00\x00\x00WAVEfmt ", Kind.wav),
        (b"RF64\xff\xff\xff\xffWAVEds64", Kind.wav),
        (b"RIFF\x24\x00\x00\x00AVI LIST", None),
        (b"FORM\x00\x00\x00\x00AIFC", Kind.aiff),
        (b"FORM\x00\x00\x00\x00ILBM", None),
        (b"ID3\x04\x00", Kind.mp3),
        (b"\xff\xfb\x90\x64", Kind.mp3),
        (b"\xff\xf3\x40\xc0", Kind.mp3),
        (b"\xff\xf1\x50\x40", Kind.aac),
        (b"\xff\xe8\x90\x64", None),
        (b"\xff\xfb\xf0\x64", None),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", None),
        (b"\x00\x00\x00\x1cftyp3gp4", Kind.mp4),
        (b"\x1aE\xdf\xa3", Kind.webm),
        (b"#!AMR-WB\n", Kind.amr),
        (b"OggS", Kind.ogg),
        (b"#EXTM3U\n", None),
        (b"ffconcat version 1.0\n", None),
        (b"<?xml version", None),
        (b"%PDF-1.7", None),
        (b"PK\x03\x04", None),
        (b"\x00\x00\x01\xba", None),
        (b"", None),
    ],
)
def test_a_file_is_what_it_begins_with(head: bytes, kind: Kind | None) -> None:
    assert kind_of(head) is kind


@given(st.binary(max_size=HEAD_BYTES))
def test_any_beginning_is_a_kind_or_none(head: bytes) -> None:
    assert kind_of(head) is None or kind_of(head + b"\0" * HEAD_BYTES) is kind_of(head)


@pytest.mark.parametrize(
    ("probed", "fault"),
    [
        (Probed("mp3", 2, 44_100, LONGEST_MS + 1), MasteringFault.too_long),
        (Probed("pcm_s16le", 255, 44_100, 1_000), MasteringFault.unfit),
        (Probed("pcm_s16le", 0, 44_100, 1_000), MasteringFault.unfit),
        (Probed("pcm_s16le", 1, 2_000_000_000, 1_000), MasteringFault.unfit),
        (Probed("pcm_s16le", 1, 1, 1_000), MasteringFault.unfit),
    ],
)
def test_what_is_not_worth_decoding_is_refused_by_what_it_says_of_itself(probed: Probed, fault: MasteringFault) -> None:
    with pytest.raises(MasteringError) as refused:
        must_fit(probed)
    assert refused.value.fault is fault
    assert refused.value.length_ms == (probed.duration_ms if fault is MasteringFault.too_long else 0)


def test_what_does_not_know_its_length_is_decoded() -> None:
    must_fit(Probed("opus", 1, 48_000, 0))

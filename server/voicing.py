"""Voicing: where the sound of each language of a form comes from, if there is any. Pure.

Imported by the use cases, the web and tests.
"""

import enum
from collections.abc import Collection

import msgspec


class Voicing(enum.Enum):
    """How a language stands."""

    missing = "missing"
    text_only = "text_only"  # and no machine may speak it
    machine = "machine"
    recording = "recording"
    phrases = "phrases"
    recalled = "recalled"  # as it was approved with this text before
    other_text = "other_text"  # a recording that went with another Vietnamese text
    left_out = "left_out"


SOUNDS = frozenset({Voicing.machine, Voicing.recording, Voicing.phrases, Voicing.recalled, Voicing.other_text})
"""What will be heard."""


class Carried(msgspec.Struct, frozen=True):
    """A recording in the form. `phrases`: a bank of phrases speaks it; `texts`: the Vietnamese texts with which it has
    been sent before, `approved` of them those that were approved with it."""

    phrases: bool = False
    texts: frozenset[str] = frozenset()
    approved: frozenset[str] = frozenset()


def voicing_of(
    text: str, carried: Carried | None, vietnamese: str, *, machine: bool = False, left_out: bool = False
) -> Voicing:
    """`text`: in this language; `carried`: its recording, if there is one; `vietnamese`: the text that stands in the
    form now."""
    if left_out:
        return Voicing.left_out
    if carried is not None:
        if vietnamese in carried.approved:
            return Voicing.recalled
        if carried.texts and vietnamese and vietnamese not in carried.texts:
            return Voicing.other_text
        return Voicing.phrases if carried.phrases else Voicing.recording
    if text and machine:
        return Voicing.machine
    return Voicing.text_only if text else Voicing.missing


def sounding(states: Collection[Voicing]) -> int:
    """How many languages will be heard."""
    return sum(state in SOUNDS for state in states)

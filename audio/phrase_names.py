"""What the phrase bank is called in the provenance of a sound. Pure.

Imported by the engine, the gate and whoever tells of a sound where it comes from.
"""

PHRASE_BANK = "phrase-bank"
SAMPLE = "mẫu"
"""Stands before the name of a presenter who is none: a synthetic one, of a demonstration."""

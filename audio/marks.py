"""What a clip says of itself, readable for machines: Ogg comments. Pure.

Imported by the studio, the command line and tests. Law 134/2025 asks that machine-made sound carries such a mark. A
clip is named by its bytes and the same words are one clip in every bulletin: so which bulletin it belongs to stands in
the database, and not in the file.
"""

from collections.abc import Mapping

from audio.voice import Provenance

AI_GENERATED, LANGUAGE, ENGINE, ENGINE_VERSION, VOICE = (
    "AI_GENERATED",
    "LANGUAGE",
    "ENGINE",
    "ENGINE_VERSION",
    "VOICE",
)


def marks_of(provenance: Provenance, language: str) -> Mapping[str, str]:
    """The marks of a clip, those that say anything. Nothing of a person: a recording says that it is one."""
    said = {
        AI_GENERATED: "true" if provenance.ai_made else "false",
        LANGUAGE: language,
        ENGINE: provenance.engine,
        ENGINE_VERSION: provenance.version,
        VOICE: provenance.voice,
    }
    return {name: _one_line(value) for name, value in said.items() if value}


def _one_line(value: str) -> str:
    """Nothing but what can be seen: a version that a program told of itself may hold anything."""
    return " ".join("".join(c if c.isprintable() else " " for c in value).split())

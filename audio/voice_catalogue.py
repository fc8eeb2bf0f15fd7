"""Voices that can be installed by name: where their public home is, and what must come from there. Pure.

Imported by the installer, the command line and tests. A file that is not exactly this size and hash is not installed,
whoever sent it.
"""

import msgspec


class KnownVoice(msgspec.Struct, frozen=True):
    """A Piper voice. `home`: the address of its model; its description lies beside it as `….json`; `size` and `sha256`:
    of the model. `terms`: what whoever uses it should know."""

    name: str
    language: str
    home: str
    size: int
    sha256: str
    terms: str


KNOWN = (
    KnownVoice(
        "vi_VN-vais1000-medium",
        "vi",
        "https://huggingface.co/rhasspy/piper-voices/resolve/main/vi/vi_VN/vais1000/medium/vi_VN-vais1000-medium.onnx",
        63_201_294,
        "ec7c89e2c85f4d1edc24b6120c18aaf1bda614f06b511567eb9c7c0de15e2dab",
        "MIT (rhasspy/piper-voices); see the MODEL_CARD beside it",
    ),
)
CATALOGUE = {voice.name: voice for voice in KNOWN}
LARGEST_DESCRIPTION = 256 * 1024
"""Bytes; those of Piper take five thousand."""

"""What the templates compile to, kept for all environments of a process: each language has one of its own, and so has
each stage of the tests; none need compile again what another has.

Imported by `frame`.
"""

from jinja2 import BytecodeCache
from jinja2.bccache import Bucket


class Compiled(BytecodeCache):
    """In memory. A template that has changed is compiled anew: its checksum is part of what is kept."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """From memory, if it is there."""
        if bucket.key in self._kept:
            bucket.bytecode_from_string(self._kept[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Into memory."""
        self._kept[bucket.key] = bucket.bytecode_to_string()

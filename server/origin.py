"""Where an act comes from: the address and the device of the request that is being answered, or the terminal.

Set by the web for the time of one request and by the command line; read by the repository of the audit trail only.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import msgspec

LONGEST = 200


class Origin(msgspec.Struct, frozen=True):
    """`address`: of the network, or `terminal`; `device`: what the browser says that it is, or the terminal's user."""

    address: str = ""
    device: str = ""


_NOWHERE = Origin()
_current: ContextVar[Origin] = ContextVar("origin", default=_NOWHERE)


def current() -> Origin:
    """Of the act that is under way; empty where nobody has said."""
    return _current.get()


@contextmanager
def acting_from(address: str, device: str) -> Iterator[None]:
    """All acts in this block come from there."""
    token = _current.set(Origin(address[:LONGEST], device[:LONGEST]))
    try:
        yield
    finally:
        _current.reset(token)

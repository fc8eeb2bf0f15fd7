"""The server's clock and its only randomness: a shell.

Imported by composition roots, which hand them on.
"""

import getpass
import secrets
import time

from schedules.clock import MonoMs, UtcMs

_MILLION = 1_000_000
_ID_BYTES = 6
_TOKEN_BYTES = 32
_PASSWORD_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that a tired reader takes for another  # noqa: S105


def utc_ms() -> UtcMs:
    """Now."""
    return time.time_ns() // _MILLION


def mono_ms() -> MonoMs:
    """A reading that never steps."""
    return time.monotonic_ns() // _MILLION


def new_id(prefix: str) -> str:
    """A short name that nothing else has, fit for topics and addresses."""
    return f"{prefix}-{secrets.token_hex(_ID_BYTES)}"


def new_token() -> str:
    """A session's secret."""
    return secrets.token_urlsafe(_TOKEN_BYTES)


def new_password() -> str:
    """A password of three groups that can be read out over a telephone."""
    return "-".join("".join(secrets.choice(_PASSWORD_LETTERS) for _ in range(4)) for _ in range(3))


def new_key() -> bytes:
    """Thirty-two secret bytes."""
    return secrets.token_bytes(32)


def terminal_user() -> str:
    """Who sits at this terminal, as the machine knows them; empty where it does not."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return ""

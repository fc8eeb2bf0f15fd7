"""The server's signing key: made at first start, kept in a file that only the server's user may read. A shell.

Imported by composition roots.
"""

import os
from collections.abc import Callable
from pathlib import Path

from schedules.signing import SigningKey


def signing_key(folder: Path, new_key: Callable[[], bytes]) -> SigningKey:
    """The key of this server. Raises ValueError if its file is damaged: a new key would silence every
    loudspeaker, so that is for a person to decide."""
    path = folder / "signing.key"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        fresh = path.with_suffix(".new")
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(new_key())
            file.flush()
            os.fsync(file.fileno())
        fresh.rename(path)
    return SigningKey(path.read_bytes())

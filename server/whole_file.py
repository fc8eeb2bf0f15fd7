"""Writing a file so that it is there whole or not at all, whatever happens to the power. A shell.

Imported by whatever in the server keeps keys, certificates and settings in files.
"""

import contextlib
import os
from pathlib import Path

SECRET, OPEN = 0o600, 0o644
"""For its owner alone, from its first byte on; or for everybody to read."""


def write_whole(path: Path, content: bytes, mode: int = SECRET) -> None:
    """Raises OSError; then the file is what it was, and nothing half written is left beside it."""
    fresh = path.with_name(path.name + ".new")
    fresh.unlink(missing_ok=True)
    try:
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        fresh.rename(path)
    except OSError:
        with contextlib.suppress(OSError):
            fresh.unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)

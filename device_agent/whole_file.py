"""Writing a secret file so that it is there whole or not at all, whatever happens to the power. A shell.

Imported by the key ring, the identity and the enrolment.
"""

import contextlib
import os
from pathlib import Path

_SECRET = 0o600
"""For its owner alone, from its first byte on."""


def write_whole(path: Path, content: bytes) -> None:
    """Raises OSError; then the file is what it was, and nothing half written is left beside it. Written by root, it
    belongs to the owner of its folder: the agent runs as that."""
    fresh = path.with_name(path.name + ".new")
    fresh.unlink(missing_ok=True)
    try:
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _SECRET)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
            if os.geteuid() == 0:
                owner = path.parent.stat()
                os.fchown(file.fileno(), owner.st_uid, owner.st_gid)
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

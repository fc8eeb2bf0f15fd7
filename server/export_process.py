"""Writing an export in a process of its own, so that pages feel nothing of it. A shell.

Imported by composition roots.
"""

import os
import subprocess
import sys
from pathlib import Path

from server.settings import Settings


class ExportProcess:
    """Called with the folder of an export; returns when the process has ended, whatever came of it."""

    def __init__(self, settings: Settings) -> None:
        # What the command line chose, the other process would not know.
        self._environment = {
            "LOABAN_DATA_FOLDER": str(settings.data_folder.resolve()),
            "LOABAN_DATABASE": settings.database_url,
        }

    def __call__(self, folder: Path) -> None:
        command = [sys.executable, "-m", "server", "report", "write", str(folder.resolve())]
        environment = {**os.environ, **self._environment}
        here = Path(__file__).resolve().parents[1]
        subprocess.run(command, stdin=subprocess.DEVNULL, env=environment, cwd=here, check=False)

"""Writing an export in a process of its own, so that pages feel nothing of it. A shell.

Imported by composition roots and the bench.
"""

import os
import subprocess
import sys
from pathlib import Path

from server.settings import Settings


class ExportProcess:
    """Called with the folder of an export; returns when the process has ended, whatever came of it. `home`: where it
    runs, with what `environment`."""

    home = Path(__file__).resolve().parents[1]

    def __init__(self, settings: Settings) -> None:
        # What the command line chose, the other process would not know.
        chosen = {
            "LOABAN_DATA_FOLDER": str(settings.data_folder.resolve()),
            "LOABAN_DATABASE": settings.database_url,
        }
        self.environment = {**os.environ, **chosen}

    def command(self, folder: Path) -> list[str]:
        """What is started."""
        return [sys.executable, "-m", "server.export_writer", str(folder.resolve())]

    def __call__(self, folder: Path) -> None:
        line = self.command(folder)
        subprocess.run(line, stdin=subprocess.DEVNULL, env=self.environment, cwd=self.home, check=False)

"""The process that writes one export: `python -m server.export_writer FOLDER`.

A composition root: started by `export_process`, imported by nobody. It is no command of the command line, which would
load the whole server for it.
"""

import os
import sys
from pathlib import Path

from server import report_files, system_clock
from server.archiving import archive_in
from server.export_folder import ExportFolder
from server.keyring import Keyring
from server.repositories.store import Stores, engine_of
from server.settings import Settings

_NICE = 10
"""Pages come first."""


def main(folder: Path) -> None:
    """Write what was asked for there; what came of it lies there too."""
    os.nice(_NICE)
    settings = Settings()
    keyring = Keyring(settings.data_folder, system_clock.new_key)
    stores = Stores(engine_of(settings.database_url), archive_in(settings.data_folder))
    report_files.write(ExportFolder(folder), stores, lambda: keyring.current().key, system_clock.utc_ms)


if __name__ == "__main__":
    main(Path(sys.argv[1]))

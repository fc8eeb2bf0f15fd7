"""A server without pages, in a process of its own: `python -m tests.fault.headquarters FOLDER BROKER [alone] [chimes]`.
Alone, it shares the reports with nobody: the embedded broker breaks when one who shares is killed.

Started and killed by the town. A line on its standard input rings the bell; the end of it stops the server.
"""

import logging
import sys
from pathlib import Path

from server.parts import assemble, unheard
from server.settings import Settings


def main() -> None:
    """Serve until standard input ends."""
    logging.basicConfig(level=logging.WARNING)
    alone = "alone" in sys.argv[3:]
    settings = Settings(data_folder=Path(sys.argv[1]), broker=sys.argv[2], shared_reports=not alone)
    parts = assemble(settings, unheard)
    parts.start(with_chimes="chimes" in sys.argv[3:])
    print("ready", flush=True)
    for _line in sys.stdin:
        parts.bell.ring("programmes")
    parts.stop()


if __name__ == "__main__":
    main()

"""The folder of one export: what was asked, how far it is, what came of it, each in a file. A shell.

Imported by `exports` and `report_files`, which may be two processes: whoever reads sees what is whole.
"""

import shutil
from pathlib import Path

import msgspec

from server.export import Ask, Fault, Made, Progress
from server.whole_file import write_whole


class Cancelled(Exception):
    """Nobody wants it any more."""


class ExportFolder:
    """One export in `path`."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def begin(self, ask: Ask) -> None:
        """It has been asked for."""
        self.path.mkdir(mode=0o700, parents=True)
        write_whole(self.path / "ask.json", msgspec.json.encode(ask))

    @property
    def ask(self) -> Ask:
        """Raises OSError where there is none, `msgspec.MsgspecError` where it is damaged."""
        return msgspec.json.decode((self.path / "ask.json").read_bytes(), type=Ask)

    def tell(self, done: int, total: int) -> None:
        """So far it is. Raises `Cancelled` where nobody wants it any more."""
        if self.cancelled:
            raise Cancelled
        fresh = self.path / "progress.new"
        fresh.write_bytes(msgspec.json.encode(Progress(done, total)))  # of no worth after a power cut
        fresh.rename(self.path / "progress.json")

    @property
    def progress(self) -> Progress | None:
        """How far it is; None before it has begun."""
        try:
            return msgspec.json.decode((self.path / "progress.json").read_bytes(), type=Progress)
        except (OSError, msgspec.MsgspecError):
            return None

    def cancel(self) -> None:
        """Nobody wants it any more."""
        (self.path / "cancelled").touch()

    @property
    def cancelled(self) -> bool:
        """Whether nobody wants it any more."""
        return (self.path / "cancelled").exists()

    def end(self, outcome: Made | Fault) -> None:
        """It is there, or there will be none."""
        made = isinstance(outcome, Made)
        write_whole(self.path / ("made.json" if made else "fault.json"), msgspec.json.encode(outcome))

    @property
    def made(self) -> Made | None:
        """The file, if it is there."""
        found = self.path / "made.json"
        return msgspec.json.decode(found.read_bytes(), type=Made) if found.exists() else None

    @property
    def fault(self) -> Fault | None:
        """Why there is none."""
        found = self.path / "fault.json"
        return msgspec.json.decode(found.read_bytes(), type=Fault) if found.exists() else None

    def remove(self) -> None:
        """All of it."""
        shutil.rmtree(self.path, ignore_errors=True)

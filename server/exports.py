"""The exports that people have asked for: written one at a time beside the server, kept for a day for who asked. A
shell.

Imported by composition roots, the pages and tests.
"""

import logging
import re
import threading
from collections.abc import Callable
from pathlib import Path

import msgspec

from schedules.clock import UtcMs
from server.export import KEPT, Ask, Export, Fault, Progress, State
from server.export_folder import ExportFolder
from server.refusals import ManyExports

AT_ONCE, MOST_OF_ONE, MOST = 1, 3, 20
"""Written at the same time; asked for and not done yet, of one person and of all."""
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,63}", re.ASCII)
_log = logging.getLogger("loaban.exports")


class Exports:
    """In `folder`. `write(path)` writes the export whose folder that is, and returns when it has ended."""

    def __init__(self, folder: Path, write: Callable[[Path], None]) -> None:
        self._folder, self._write = folder, write
        self._turn = threading.BoundedSemaphore(AT_ONCE)
        self._lock = threading.Lock()
        self._going: set[str] = set()

    def begin(self, id_: str, ask: Ask) -> None:
        """Have it written. Raises `ManyExports` where too many are under way."""
        self.forget(ask.asked_at)
        with self._lock:
            going = [export for name in self._going if (export := self._look(name)) and export.going]
            if len(going) >= MOST or sum(each.ask.staff == ask.staff for each in going) >= MOST_OF_ONE:
                raise ManyExports
            ExportFolder(self._folder / id_).begin(ask)
            self._going.add(id_)
        threading.Thread(target=self._run, args=(id_,), name=f"export-{id_}", daemon=True).start()

    def look(self, id_: str, staff: str) -> Export | None:
        """How far it is; None for who has not asked for it."""
        found = self._look(id_)
        return found if found is not None and found.ask.staff == staff else None

    def of(self, staff: str) -> list[Export]:
        """Those of one person, newest first."""
        names = [path.name for path in self._folder.iterdir()] if self._folder.exists() else []
        found = [export for name in names if (export := self.look(name, staff))]
        return sorted(found, key=lambda export: -export.ask.asked_at)

    def cancel(self, export: Export) -> None:
        """Nobody wants it any more."""
        ExportFolder(self._folder / export.id).cancel()

    def path(self, export: Export, suffix: str = "") -> Path | None:
        """The file, or what lies beside it under its name with a suffix; None where there is none."""
        found = self._folder / export.id / f"{export.made.name}{suffix}" if export.made else None
        return found if found is not None and found.is_file() else None

    def forget(self, now: UtcMs) -> None:
        """Those past their time are gone."""
        for path in list(self._folder.iterdir()) if self._folder.exists() else ():
            found = self._look(path.name)
            if path.name not in self._going and (found is None or found.ask.asked_at + KEPT <= now):
                ExportFolder(path).remove()

    def _look(self, id_: str) -> Export | None:
        folder = ExportFolder(self._folder / id_)
        try:
            ask = folder.ask if _NAME.fullmatch(id_) else None
            if ask is None:
                return None
            made, fault, progress = folder.made, folder.fault, folder.progress
        except (OSError, msgspec.MsgspecError):
            return None
        if folder.cancelled:
            return Export(id_, ask, State.cancelled)
        if made is not None:
            return Export(id_, ask, State.made, made=made)
        if fault is not None:
            return Export(id_, ask, State.failed, fault=fault)
        state = State.interrupted if id_ not in self._going else State.writing if progress else State.waiting
        return Export(id_, ask, state, progress or Progress())

    def _run(self, id_: str) -> None:
        folder = ExportFolder(self._folder / id_)
        try:
            with self._turn:
                if not folder.cancelled:
                    self._write(folder.path)
        except Exception:  # noqa: BLE001 - whatever it is, a page waits to be told
            _log.exception("an export failed")
        finally:
            if folder.cancelled:
                for path in folder.path.iterdir():
                    if path.name not in ("ask.json", "cancelled"):
                        path.unlink(missing_ok=True)
            elif folder.made is None and folder.fault is None:
                folder.end(Fault.failed)
            self._going.discard(id_)

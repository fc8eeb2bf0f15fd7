"""Tests of the filer: what is handed in together is filed together, and what cannot be filed keeps nobody out.

Nobody imports this module.
"""

import threading
from collections.abc import Sequence

from schedules.wire import Ack, Report, Status
from server.filing import MOST, Filer, Letter
from tests.waiting import eventually


class Drawer:
    """Files nothing while it is shut, and never what `refuses` says."""

    def __init__(self, refuses: str = "") -> None:
        self.open = threading.Event()
        self.refuses = refuses
        self.reports: list[list[str]] = []
        self.statuses: list[list[str]] = []

    def file_reports(self, reports: Sequence[tuple[str, Report]]) -> list[Ack | None]:
        assert self.open.wait(10)
        if self.refuses in [device for device, _ in reports]:
            raise OSError("the disk is full")
        self.reports.append([device for device, _ in reports])
        return [Ack(report.journal, 1) for _, report in reports]

    def file_statuses(self, statuses: Sequence[tuple[str, Status]]) -> None:
        self.statuses.append([device for device, _ in statuses])


def filed(drawer: Drawer, letters: Sequence[tuple[str, Report | Status]]) -> dict[str, Ack | None]:
    """Hand all of it in while the drawer is shut for the first; what each was told."""
    told: dict[str, Ack | None] = {}
    filer = Filer(drawer)
    filer.start()
    for device, said in letters:
        filer.hand(Letter(device, said, lambda ack, device=device: told.__setitem__(device, ack)))  # type: ignore[misc]
    drawer.open.set()
    eventually(lambda: len(told) == len(letters), 10, "all is dealt with")
    filer.stop()
    return told


def test_what_waits_is_filed_together_but_not_without_end() -> None:
    drawer = Drawer()
    told = filed(drawer, [(f"loa-{n}", Report(f"j{n}", ())) for n in range(2 * MOST)])
    assert told == {f"loa-{n}": Ack(f"j{n}", 1) for n in range(2 * MOST)}
    assert [device for some in drawer.reports for device in some] == [f"loa-{n}" for n in range(2 * MOST)]
    assert len(drawer.reports) <= 4
    assert max(map(len, drawer.reports)) <= MOST


def test_reports_and_statuses_each_get_their_own_answer() -> None:
    drawer = Drawer()
    told = filed(drawer, [("loa-1", Report("j1", ())), ("loa-2", Status(True)), ("loa-3", Report("j3", ()))])
    assert told == {"loa-1": Ack("j1", 1), "loa-2": None, "loa-3": Ack("j3", 1)}
    assert [device for some in drawer.statuses for device in some] == ["loa-2"]


def test_what_cannot_be_filed_keeps_no_other_out() -> None:
    drawer = Drawer("loa-3")
    told = filed(drawer, [(f"loa-{n}", Report(f"j{n}", ())) for n in range(6)])
    assert [device for device, ack in sorted(told.items()) if ack is None] == ["loa-3"]

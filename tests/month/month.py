"""The month itself: a heap for a clock, loudspeakers that things befall, and a server that files what they say by its
own code and is looked at now and then.

Imported by the command, the bench and tests of this folder.

Of heartbeats that say nothing new only the last before each look is filed: the server keeps the last word alone, and
one row of each quarter of an hour for its drawings.
"""

import heapq
from collections.abc import Callable, Iterable, Sequence

from schedules.clock import DAY, HOUR, MINUTE, SECOND, UtcMs, civil_midnight
from schedules.wire import Report, Status
from server import enrolment, oversight, programmes
from server.access import Person
from server.messenger import Watcher
from server.repositories.store import Store, Stores
from tests.month import province
from tests.month.box import Box, next_turn
from tests.month.draw import short_cuts
from tests.month.fault import EVERYBODY, POWER, Fault, Kind, Traits
from tests.month.verdict import Verdicts
from tests.village.weather import Dice

WILL_AFTER = 90 * SECOND
"""One and a half times the keep-alive of the link."""
TWIN_EVERY = 20 * MINUTE


class Month:
    """`look_every`: how long from one look at the server to the next, the instant of each being drawn; `round_every`:
    the same of the watcher's rounds, 0: with each look."""

    def __init__(
        self, stores: Stores, broadcasts: Sequence[str], seed: int, every: Sequence[Traits], faults: Iterable[Fault],
        start: UtcMs, days: int, look_every: int = 2 * HOUR, round_every: int = 0,
    ) -> None:  # fmt: skip
        self.stores, self.broadcasts, self.now, self.end = stores, broadcasts, start, start + days * DAY
        self.faults = tuple(faults)
        self.dice, self.look_every, self.round_every = Dice(f"{seed}/month"), look_every, round_every
        self.boxes = [Box(seed, traits, start) for traits in every]
        self.verdicts = Verdicts(every, self.faults)
        self.server_up = self.server_linked = True
        self.looks = 0
        self.watcher = Watcher(stores, lambda: self.now, lambda: self.server_linked)
        self._post: list[tuple[UtcMs, str, Status]] = []
        self._reports: list[tuple[str, Report]] = []
        self._heap: list[tuple[UtcMs, int, Callable[[], None]]] = []
        self._count = 0
        self._timetable(seed, start, days)

    def run(self) -> Verdicts:
        """Until its end."""
        while self._heap and self._heap[0][0] <= self.end:
            self.now, _, what = heapq.heappop(self._heap)
            what()
        return self.verdicts

    def at(self, when: UtcMs, what: Callable[[], None]) -> None:
        """Let something happen at an instant."""
        self._count += 1
        heapq.heappush(self._heap, (max(when, self.now), self._count, what))

    def _timetable(self, seed: int, start: UtcMs, days: int) -> None:
        for box in self.boxes:
            self.at(start + box.traits.phase, lambda b=box: self._turned(b))
            for cut in short_cuts(seed, box.traits, days, start):
                self.at(cut, lambda b=box: self._blinked(b))
        for fault in self.faults:
            self.at(fault.begins, lambda f=fault: self._begun(f))
            self.at(fault.ends, lambda f=fault: self._over(f))
        for day in range(days + 1):
            midnight = civil_midnight(start) + day * DAY
            for due, broadcast in zip(province.due(midnight), self.broadcasts, strict=True):
                if due > start:
                    self.at(due, lambda d=due, b=broadcast: self._plays(d, b))
            if day % 4 == 1:
                self.at(midnight + 9 * HOUR, self._fresh_clip)
            self.at(midnight + MINUTE, self._plan)
        for number in range(days * DAY // self.look_every):
            lag = self.dice.between(0, self.look_every // 2) if self.look_every > HOUR else 0
            self.at(start + number * self.look_every + lag, self._look)
        for number in range(days * DAY // self.round_every if self.round_every else 0):
            self.at(start + number * self.round_every, self._round)

    # what befalls

    def _struck(self, fault: Fault) -> list[Box]:
        return [self.boxes[n] for n in fault.devices] if fault.kind not in EVERYBODY else self.boxes

    def _begun(self, fault: Fault) -> None:
        match fault.kind:
            case Kind.server_down | Kind.server_link:
                for box in self.boxes:
                    self._beats(box)
                self._flush()
                self.server_linked = False
                self.server_up = fault.kind is not Kind.server_down
                if fault.kind is Kind.server_down and fault.which % 2:  # and its broker with it
                    for box in self.boxes:
                        box.leave(self.now)
                return
            case Kind.shut_out:
                self._file(
                    lambda s: [enrolment.shut_out(s, "", b.traits.device, self.now) for b in self._struck(fault)]
                )
            case Kind.certificate:
                self._file(lambda s: self._certify(s, fault, self.now))
        for box in self._struck(fault):
            if fault.kind in POWER and not box.has(*POWER):
                box.off_mains_since = self.now
                self.at(self.now + box.capacity, lambda b=box: self._turned(b))
            box.faults.add(fault)
            self._turned(box)
            self._goes_on(box, fault)

    def _goes_on(self, box: Box, fault: Fault) -> None:
        """What comes again and again while it lasts."""
        if fault not in box.faults:
            return
        if fault.kind is Kind.restarts:
            self._restarted(box)
            self.at(self.now + box.dice.between(4 * MINUTE, 80 * MINUTE), lambda: self._goes_on(box, fault))
        elif fault.kind is Kind.twin:  # two boxes throw each other out
            box.twin_speaks = not box.twin_speaks
            if box.linked:
                box.go_on(self.now)
                self._said(box, box.status(self.now))
            self.at(self.now + TWIN_EVERY, lambda: self._goes_on(box, fault))
        elif fault.kind is Kind.solar_weak:
            self._turned(box)
            self.at(next_turn(self.now), lambda: self._goes_on(box, fault))

    def _over(self, fault: Fault) -> None:
        match fault.kind:
            case Kind.server_down | Kind.server_link:
                self.server_up = self.server_linked = True
                for box in self.boxes:
                    if box.retained is not None and box.retained[0] >= fault.begins:
                        self._said(box, box.retained[1])
                    self._turned(box)
                return
            case Kind.shut_out:
                self._file(lambda s: [s.fleet.enrolled(b.traits.device, self.now) for b in self._struck(fault)])
            case Kind.certificate:
                self._file(lambda s: self._certify(s, fault, self.now + 400 * DAY))
        for box in self._struck(fault):
            box.faults.discard(fault)
            box.twin_speaks = False
            if fault.kind in (Kind.forged, Kind.weak_supply, Kind.twin):  # who mends it starts it anew
                self._restarted(box)
            self._turned(box)

    def _certify(self, store: Store, fault: Fault, until: UtcMs) -> None:
        for box in self._struck(fault):
            store.certificates.revoke(box.traits.device, self.now)
            self._count += 1
            province.certified(store, box.traits.device, self._count, self.now - DAY, until)

    def _restarted(self, box: Box) -> None:
        if box.powered and box.has_link() and box.linked:
            box.boot()
            box.go_on(self.now)
            self._said(box, box.status(self.now))

    def _blinked(self, box: Box) -> None:
        if box.linked:
            self._beats(box)
            box.leave(self.now)
            self.at(self.now + box.dice.between(5 * SECOND, MINUTE), lambda: self._turned(box))

    def _fresh_clip(self) -> None:
        for box in self.boxes:
            if box.linked:
                box.fetching_until = self.now + box.dice.between(2 * MINUTE, 40 * MINUTE)
                self._said(box, box.status(self.now))
                self.at(box.fetching_until, lambda b=box: self._says(b))

    def _turned(self, box: Box) -> None:
        """Whatever has changed: it goes off, comes back, or says what is new."""
        power = box.has_power(self.now)
        if box.powered and not power:
            box.powered = False
            self._unlinked(box)
        elif not box.powered and power:
            box.powered = True
            self.at(self.now + box.dice.between(30 * SECOND, 2 * MINUTE), lambda: self._booted(box))
        elif box.linked and not box.has_link():
            self._unlinked(box)
        elif box.powered and box.run and not box.linked and box.has_link():
            box.go_on(self.now)
            self._says(box)
        else:
            self._says(box)

    def _booted(self, box: Box) -> None:
        if box.powered and not box.linked and box.has_power(self.now):
            box.boot()
            self._turned(box)

    def _says(self, box: Box) -> None:
        if box.linked:
            self._said(box, box.status(self.now))
            self._reported(box)

    def _unlinked(self, box: Box) -> None:
        if not box.linked:
            return
        self._beats(box)
        box.leave(self.now)
        run, link, will = box.run, box.link, box.will()

        def gone() -> None:
            if (box.run, box.link) == (run, link):
                self._said(box, will)

        if box.dice.happens(0.95):  # some are lost
            self.at(self.now + WILL_AFTER, gone)

    def _plays(self, due: UtcMs, broadcast: str) -> None:
        for box in self.boxes:
            box.play(f"{broadcast}@{due}", broadcast, due)
            self.at(due + MINUTE, lambda b=box: self._reported(b))

    # the server

    def _said(self, box: Box, status: Status) -> None:
        box.retained = (self.now, status)
        if self.server_linked:
            self._post.append((self.now, box.traits.device, status))

    def _beats(self, box: Box) -> None:
        """The last of the heartbeats that have come by now."""
        if (beat := box.beat(self.now)) is not None:
            box.retained = beat
            if self.server_linked:
                self._post.append((beat[0], box.traits.device, beat[1]))

    def _reported(self, box: Box) -> None:
        if self.server_linked and (report := box.report()) is not None:
            self._reports.append((box.traits.device, report))
            if box.unheard != box.told_unheard:
                box.told_unheard = box.unheard
                self._said(box, box.status(self.now))

    def _file(self, what: Callable[[Store], object]) -> None:
        self._flush()
        with self.stores.open() as store:
            what(store)

    def _flush(self) -> None:
        """File what has come, by the code that the gateway calls."""
        post, self._post = self._post, []
        with self.stores.open() as store:
            for at, device, status in post:
                oversight.file_status(store, device, status, at)
        reports, self._reports = self._reports, []
        for first in range(0, len(reports), 500):
            with self.stores.open() as store:
                oversight.file_reports(store, reports[first : first + 500], self.now)

    def _plan(self) -> None:
        if self.server_up:
            with self.stores.open() as store:
                programmes.bring_up_to_date(store, self.now)

    def _round(self) -> None:
        """The server files what has come, and people are told."""
        for box in self.boxes:
            self._beats(box)
        if self.server_up:
            self._flush()
            self.watcher.round()

    def _look(self) -> None:
        """Somebody looks at all loudspeakers."""
        if not self.server_up:
            return
        for box in self.boxes:
            self._beats(box)
        self._flush()
        if not self.round_every:
            self.watcher.round()
        self.looks += 1
        with self.stores.open() as store:
            person = _overseer(store, self.now)
            rows = oversight.fleet_rows(store, person, self.now)
            chains = oversight.chains(store, rows, rows, linked=self.server_linked, now=self.now)
        self.verdicts.look(chains, self.now)


def _overseer(store: Store, now: UtcMs) -> Person:
    person = store.staff.person("tinh", now)
    if person is None:
        raise LookupError("tinh")
    return person

"""The desk of the gateway: what it needs of the database, one transaction each.

Imported by composition roots; the gateway sees only its methods.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date

from schedules.alert import Alert
from schedules.assignment import Assignment
from schedules.clock import UtcMs, civil_day
from schedules.programme import Programme
from schedules.wire import Ack, Report, Status
from server import auditing, enrolment, oversight, programmes
from server.authority import Authority
from server.bell import Bell
from server.delivery import DesiredChanged
from server.keyring import Keyring
from server.repositories.store import Stores


class Desk:
    """`filed(device, report)` is told what has been committed, for whoever prints it; `clear(now)` is called once a
    day, for what is past its time."""

    def __init__(
        self,
        stores: Stores,
        bell: Bell,
        clock: Callable[[], UtcMs],
        filed: Callable[[str, Report], None],
        keyring: Keyring,
        authority: Authority,
        clear: Callable[[UtcMs], object] = lambda _now: None,
    ) -> None:
        self._stores, self._bell, self._clock, self._filed, self._keyring = stores, bell, clock, filed, keyring
        self._authority = authority
        self._clear, self._cleared = clear, date.min
        # Read anew when they are settled, not for each change: there are as many as loudspeakers.
        self._assignments: dict[str, int] | None = None
        self._paths: dict[str, str] = {}

    def now(self) -> UtcMs:
        """The server's time."""
        return self._clock()

    def newest_act(self) -> int:
        """The number of the newest line of the audit: whoever does anything makes it grow."""
        with self._stores.open() as store:
            return store.trail.end()[0]

    def desired(self) -> DesiredChanged:
        """Bring the programmes up to date, and say what should stand at the broker."""
        with self._stores.open() as store:
            programmes.compose(store, self._clock())
        with self._stores.open() as store:
            if self._assignments is None:
                self._assignments, self._paths = store.fleet.assignment_revisions(), store.fleet.paths()
            return programmes.desired(store, self._assignments, self._paths, self._clock())

    def settle(self) -> bool:
        """Bring up to date what concerns each single loudspeaker; whether there is anything new to publish."""
        with self._stores.open() as store:
            portions = programmes.unsettled(store, self._clock())
        for portion in portions:
            with self._stores.open() as store:
                programmes.keep(store, portion)
        with self._stores.open() as store:
            store.logbook.follow_moves(self._clock())
        with self._stores.open() as store:
            after, self._paths = store.fleet.assignment_revisions(), store.fleet.paths()
            auditing.seal_day(store, self._keyring.current().key, self._clock())
        today = civil_day(self._clock())
        if self._cleared != today:
            self._cleared = today
            self._clear(self._clock())
        changed = after != self._assignments
        if changed:
            self._assignments = after
        self._bell.ring("log")
        return changed

    def alert(self, area: str, named: Iterable[str]) -> Alert | None:
        """What is urgent in an area, and which of these occurrences must not sound any more."""
        with self._stores.open() as store:
            return programmes.alert(store, area, named, self._clock())

    def programme(self, area: str) -> Programme | None:
        """The newest programme of an area."""
        with self._stores.open() as store:
            return store.fleet.programmes([area]).get(area)

    def assignments(self, devices: Iterable[str]) -> dict[str, Assignment]:
        """The newest assignments of these loudspeakers."""
        with self._stores.open() as store:
            return store.fleet.assignments(devices)

    def renewed(self, device: str, request: bytes) -> str | None:
        """The certificate that a loudspeaker is to have, if it asks for one with its own key."""
        with self._stores.open() as store:
            return enrolment.renew(store, self._authority, device, request, self._clock())

    def certificates_stamp(self) -> tuple[int, int]:
        """Changes whenever a certificate is issued or revoked."""
        with self._stores.open() as store:
            return store.certificates.stamp()

    def holding(self) -> Mapping[str, str]:
        """Whom a broker may let in: by common name, which loudspeaker that is. What holds no more is written down
        beside it, for brokers that read such a list."""
        now = self._clock()
        with self._stores.open() as store:
            revoked, holding = store.certificates.revoked(), store.certificates.holding(now)
        self._authority.keep_revoked(revoked, now)
        return holding

    def file_reports(self, reports: Sequence[tuple[str, Report]]) -> list[Ack | None]:
        """File them in one transaction; what is acknowledged is committed."""
        with self._stores.open() as store:
            filed = oversight.file_reports(store, reports, self._clock())
        for (device, report), each in zip(reports, filed, strict=True):
            if each is not None:
                self._filed(device, Report(report.journal, each.fresh))
        if any(filed):
            self._bell.ring("log")
        return [None if each is None else each.ack for each in filed]

    def file_statuses(self, statuses: Sequence[tuple[str, Status]]) -> None:
        """Keep them, in one transaction."""
        with self._stores.open() as store:
            known = [oversight.file_status(store, device, status, self._clock()) for device, status in statuses]
        if any(known):
            self._bell.ring("fleet")

"""Figures for Prometheus, at an address of their own: off unless a setting names it, on loopback unless that names
another. A shell, and the only room that knows the library.

Imported by composition roots and tests. The registry is the server's own: nothing else in the process writes into it.
"""

import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector, start_http_server
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from schedules.clock import UtcMs
from schedules.wire import Report
from server.repositories.store import Stores
from server.vitals import figures, free_bytes

LOOPBACK = "127.0.0.1"
_SECONDS = (0.01, 0.03, 0.1, 0.3, 1, 3, 10)


class NoAddress(ValueError):
    """What a setting names as the address of the figures is none."""


def address_of(typed: str) -> tuple[str, int]:
    """Host and port of `host:port`, `:port` or `port`. Raises `NoAddress`."""
    host, _, port = typed.strip().rpartition(":")
    if not port.isascii() or not port.isdigit() or not 0 <= int(port) < 1 << 16:
        raise NoAddress(typed)
    return host.strip("[]") or LOOPBACK, int(port)


class _Vitals(Collector):
    """What is counted when somebody asks. Where the database does not answer, that is a figure too."""

    def __init__(self, stores: Stores, clock: Callable[[], UtcMs], linked: Callable[[], bool], folder: Path) -> None:
        self._stores, self._clock, self._linked, self._folder = stores, clock, linked, folder

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Each family once."""
        yield _one("loaban_broker_linked", "1 while the server has its link to the broker", self._linked())
        yield _one("loaban_disk_free_bytes", "free on the disk with the data", free_bytes(self._folder))
        try:
            found = figures(self._stores, self._clock())
        except Exception:  # noqa: BLE001 - each database has faults of its own
            logging.getLogger("loaban.metrics").warning("the database does not answer")
            yield _one("loaban_database_up", "1 while the database answers", 0)
            return
        yield _one("loaban_database_up", "1 while the database answers", 1)
        yield _many("loaban_loudspeakers", "enrolled loudspeakers", "state", found.loudspeakers)
        yield _many("loaban_plays_day", "plays planned in the last 24 hours", "outcome", found.plays.by_outcome)
        yield _one("loaban_plays_silent_day", "of these, past their time without a report", found.plays.silent)
        yield _one("loaban_broadcasts_waiting", "broadcasts that wait for a decision", found.waiting)
        yield _one("loaban_source_up", "1 while the source-information system answers", found.source_well)
        at = found.source_at / 1000
        yield _one("loaban_source_answered_timestamp_seconds", "when it last answered; 0 for never", at)


class Metrics:
    """Counts what happens, and tells it to who asks. `linked()`: whether the broker is reached."""

    def __init__(self, stores: Stores, clock: Callable[[], UtcMs], folder: Path) -> None:
        self.registry = CollectorRegistry()
        self.linked: Callable[[], bool] = _never
        self._requests = Counter(
            "loaban_requests", "requests answered", ("method", "route", "status"), registry=self.registry
        )
        self._took = Histogram(
            "loaban_request_seconds",
            "time to the end of an answer",
            ("route",),
            buckets=_SECONDS,
            registry=self.registry,
        )
        self._filed = Counter("loaban_playbacks_filed", "playbacks filed", ("outcome",), registry=self.registry)
        self._lines = Counter("loaban_log_lines", "lines of the log", ("level",), registry=self.registry)
        self.registry.register(_Vitals(stores, clock, self._is_linked, folder))
        ProcessCollector(registry=self.registry)
        self._door: tuple[Any, Any] | None = None
        self._ear = _Ear(self._lines)

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """A request was answered. `route`: as it was declared, so that there are only so many."""
        self._requests.labels(method, route, str(status)).inc()
        self._took.labels(route).observe(seconds)

    def _is_linked(self) -> bool:
        return self.linked()

    def heard_by(self, filed: Callable[[str, Report], None]) -> Callable[[str, Report], None]:
        """Whoever is told of a report that was filed; and it is counted."""

        def both(device: str, report: Report) -> None:
            self.filed(report)
            filed(device, report)

        return both

    def filed(self, report: Report) -> None:
        """A report was filed."""
        for playback in report.playbacks:
            self._filed.labels(playback.outcome.value).inc()

    def serve(self, address: str) -> int:
        """Listen there; the port. Raises `NoAddress`, and `OSError` where somebody else listens."""
        host, port = address_of(address)
        self._door = start_http_server(port, host, self.registry)
        logging.getLogger().addHandler(self._ear)
        return int(self._door[0].server_port)

    def open(self, address: str) -> None:
        """The same; where it cannot be, the log says so: loudspeakers must not be silent for want of figures."""
        try:
            self.serve(address)
        except (NoAddress, OSError) as error:
            logging.getLogger("loaban.metrics").warning("no figures at “%s”: %s", address, error)

    def stop(self) -> None:
        """Listen no more."""
        logging.getLogger().removeHandler(self._ear)
        if self._door is not None:
            server, thread = self._door
            server.shutdown()
            server.server_close()
            thread.join(5)
            self._door = None

    def __enter__(self) -> "Metrics":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def _never() -> bool:
    """Before anybody has said how the link is."""
    return False


class _Ear(logging.Handler):
    """Counts the lines of the log from warnings on."""

    def __init__(self, lines: Counter) -> None:
        super().__init__(logging.WARNING)
        self._lines = lines

    def emit(self, record: logging.LogRecord) -> None:
        """One line."""
        self._lines.labels(record.levelname.lower()).inc()


def _one(name: str, says: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, says, value=float(value))


def _many(name: str, says: str, label: str, values: dict[str, int]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, says, labels=(label,))
    for key, value in sorted(values.items()):
        family.add_metric((key,), value)
    return family

"""What is weak in a set-up: facts about a machine → what to mend. Pure: one small rule for each weakness.

Imported by `server.commands.examining`, the words and tests.
"""

import enum
from collections.abc import Callable, Iterable, Iterator

import msgspec

from schedules.clock import DAY, DurationMs

LEAST_FREE = 0.1
LEAST_FREE_BYTES = 2_000_000_000
"""A tenth of the disk and two gigabytes: reports and clips of a province need months to fill them."""
WARN_BEFORE: DurationMs = 90 * DAY
"""When a broker's certificate is over, no loudspeaker of the province gets through any more."""
_GROUP_OR_OTHERS, _READ_BY_OTHERS, _ENTERED_BY_OTHERS = 0o077, 0o044, 0o011
_HERE = frozenset({"localhost", "127.0.0.1", "::1"})
_ENCRYPTED = frozenset({"mqtts", "ssl", "wss", "tls"})
_DATABASES_ENCRYPTED = ("sslmode=require", "sslmode=verify-ca", "sslmode=verify-full")


class Weakness(enum.Enum):
    """What is not as it should be."""

    tool_missing = "tool_missing"
    database_unreadable = "database_unreadable"
    pages_without_tls = "pages_without_tls"
    pages_open = "pages_open"
    certificate_ending = "certificate_ending"
    broker_without_tls = "broker_without_tls"
    broker_embedded = "broker_embedded"
    database_without_tls = "database_without_tls"
    key_readable = "key_readable"
    database_readable = "database_readable"
    key_shared = "key_shared"
    clock_not_synchronised = "clock_not_synchronised"
    quiet_hours_off = "quiet_hours_off"
    sample_in_production = "sample_in_production"
    demo_open = "demo_open"
    second_factor_off = "second_factor_off"
    disk_nearly_full = "disk_nearly_full"
    decoder_not_shut_in = "decoder_not_shut_in"
    voice_abroad = "voice_abroad"
    language_unreviewed = "language_unreviewed"
    summary_wrong = "summary_wrong"


class Finding(msgspec.Struct, frozen=True):
    """A weakness, and what it is about: a file, an area, a tool."""

    weakness: Weakness
    about: str = ""


class Kept(msgspec.Struct, frozen=True):
    """A file with secrets or people's data: its mode, and its folder's."""

    path: str
    mode: int
    folder_mode: int


class Address(msgspec.Struct, frozen=True):
    """Where another program is met: the parts of its URL that matter here."""

    scheme: str
    host: str
    query: str = ""


class Machine(msgspec.Struct, frozen=True):
    """What was seen. `production`: this is no demonstration. `host`: where the pages listen; `own_tls`: with a
    certificate of their own; `certificates`: of broker and pages, and how long they still hold; `broker`, `database`:
    None for those of our own; `keys`, `databases`: the files; `shared_keys`: files with the very same key;
    `synchronised`: whether the system says that its clock is, None where it does not say; `loud_areas`: where quiet
    hours are off; `sample`: people of the sample who can sign in; `without_second_factor`: who must have one;
    `free`, `size`: of the disk, in bytes; `missing_tools`: what has to be installed; `unreviewed`: languages that
    hamlets speak, and nobody reviews; `miscounted`: figures of the daily summary that do not say what the log says."""

    production: bool = True
    host: str = "127.0.0.1"
    behind_tls: bool = True
    own_tls: bool = False
    certificates: tuple[tuple[str, DurationMs], ...] = ()
    broker: Address | None = None
    database: Address | None = None
    database_readable: bool = True
    keys: tuple[Kept, ...] = ()
    databases: tuple[Kept, ...] = ()
    shared_keys: tuple[str, ...] = ()
    synchronised: bool | None = True
    loud_areas: tuple[str, ...] = ()
    sample: tuple[str, ...] = ()
    without_second_factor: tuple[str, ...] = ()
    free: int = 1
    size: int = 1
    missing_tools: tuple[str, ...] = ()
    shut_in: bool = True
    voice_abroad: bool = False
    unreviewed: tuple[str, ...] = ()
    miscounted: int = 0


def examine(machine: Machine) -> tuple[Finding, ...]:
    """Everything that is weak; nothing for a machine that is set up well."""
    return tuple(finding for rule in RULES for finding in rule(machine))


def status(findings: Iterable[Finding]) -> int:
    """The exit status: 2 where the server cannot do its work, 1 where it is weak, 0 where all is well."""
    kinds = {finding.weakness for finding in findings}
    return 2 if kinds & FATAL else 1 if kinds else 0


FATAL = frozenset({Weakness.tool_missing, Weakness.database_unreadable})


def _all(weakness: Weakness, about: Iterable[str]) -> Iterator[Finding]:
    return (Finding(weakness, each) for each in about)


def is_here(host: str) -> bool:
    """Whether that is this very machine."""
    return host in _HERE


def _tools(machine: Machine) -> Iterator[Finding]:
    yield from _all(Weakness.tool_missing, machine.missing_tools)


def _database_there(machine: Machine) -> Iterator[Finding]:
    if not machine.database_readable:
        yield Finding(Weakness.database_unreadable)


def _pages(machine: Machine) -> Iterator[Finding]:
    if machine.production and not machine.behind_tls:
        yield Finding(Weakness.pages_without_tls)
    if machine.production and not is_here(machine.host) and not machine.own_tls:
        yield Finding(Weakness.pages_open, machine.host)


def _broker(machine: Machine) -> Iterator[Finding]:
    place = machine.broker
    if place is None:
        yield from (Finding(Weakness.broker_embedded),) if machine.production else ()
    elif place.scheme not in _ENCRYPTED and not is_here(place.host):
        yield Finding(Weakness.broker_without_tls, place.host)


def _certificates(machine: Machine) -> Iterator[Finding]:
    yield from _all(Weakness.certificate_ending, (path for path, left in machine.certificates if left < WARN_BEFORE))


def _database(machine: Machine) -> Iterator[Finding]:
    place = machine.database
    if place is None or not place.scheme.startswith("postgres") or not place.host or is_here(place.host):
        return
    if not any(each in place.query for each in _DATABASES_ENCRYPTED):
        yield Finding(Weakness.database_without_tls, place.host)


def _keys(machine: Machine) -> Iterator[Finding]:
    yield from _all(Weakness.key_readable, (key.path for key in machine.keys if key.mode & _GROUP_OR_OTHERS))
    yield from _all(Weakness.key_shared, machine.shared_keys)


def _readable(machine: Machine) -> Iterator[Finding]:
    for kept in machine.databases:
        if kept.mode & _READ_BY_OTHERS and kept.folder_mode & _ENTERED_BY_OTHERS:
            yield Finding(Weakness.database_readable, kept.path)


def _clock(machine: Machine) -> Iterator[Finding]:
    if machine.synchronised is False:
        yield Finding(Weakness.clock_not_synchronised)


def _quiet(machine: Machine) -> Iterator[Finding]:
    if machine.production:
        yield from _all(Weakness.quiet_hours_off, machine.loud_areas)


def _sample(machine: Machine) -> Iterator[Finding]:
    if machine.production and machine.sample:
        yield Finding(Weakness.sample_in_production, ", ".join(machine.sample))
    if not machine.production and not is_here(machine.host):
        yield Finding(Weakness.demo_open, machine.host)


def _second_factor(machine: Machine) -> Iterator[Finding]:
    if machine.production and machine.without_second_factor:
        yield Finding(Weakness.second_factor_off, ", ".join(machine.without_second_factor))


def _disk(machine: Machine) -> Iterator[Finding]:
    if machine.free < min(LEAST_FREE_BYTES, machine.size * LEAST_FREE):
        yield Finding(Weakness.disk_nearly_full, f"{machine.free / 1e9:.1f} GB")


def _sound(machine: Machine) -> Iterator[Finding]:
    if not machine.shut_in:
        yield Finding(Weakness.decoder_not_shut_in)
    if machine.production and machine.voice_abroad:
        yield Finding(Weakness.voice_abroad)


def _languages(machine: Machine) -> Iterator[Finding]:
    if machine.production and machine.unreviewed:
        yield Finding(Weakness.language_unreviewed, ", ".join(machine.unreviewed))


def _summary(machine: Machine) -> Iterator[Finding]:
    if machine.miscounted:
        yield Finding(Weakness.summary_wrong, str(machine.miscounted))


RULES: tuple[Callable[[Machine], Iterator[Finding]], ...] = (
    _tools,
    _database_there,
    _pages,
    _broker,
    _certificates,
    _database,
    _keys,
    _readable,
    _clock,
    _quiet,
    _sample,
    _second_factor,
    _disk,
    _sound,
    _languages,
    _summary,
)

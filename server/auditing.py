"""The use cases of the audit: sealing finished days, verifying the chain, handing it to an inspector.

Imported by the gateway's desk and the commands.
"""

from collections.abc import Iterable, Iterator

import msgspec

from schedules.clock import UtcMs, at_civil, civil_day
from schedules.signing import SigningKey
from server.audit import AuditLine, Break, DaySeal, first_break, sealed
from server.repositories.store import Store


def seal_day(store: Store, key: SigningKey, now: UtcMs) -> bool:
    """Seal the newest line of all days that are over, if there is one since the last seal; whether there was."""
    last = store.trail.newest_day()
    midnight = at_civil(civil_day(now), 0)
    newest = store.trail.newest(midnight)
    if newest is None or newest.number <= (last.number if last else 0):
        return False
    store.trail.keep_day(sealed(civil_day(newest.at).isoformat(), newest, key))
    return True


def verify(store: Store) -> Break | None:
    """The first broken link of the chain in the database."""
    return first_break(store.trail.lines(), store.trail.days(), store.trail.end())


class _Exported(msgspec.Struct, frozen=True, omit_defaults=True):
    line: AuditLine | None = None
    day: DaySeal | None = None
    end: tuple[int, str] | None = None


def exported(store: Store) -> Iterator[bytes]:
    """The whole chain as lines of JSON: its lines, the seals of its days, its end. It can be verified without the
    database."""
    for line in store.trail.lines():
        yield msgspec.json.encode(_Exported(line=line)) + b"\n"
    for day in store.trail.days():
        yield msgspec.json.encode(_Exported(day=day)) + b"\n"
    yield msgspec.json.encode(_Exported(end=store.trail.end())) + b"\n"


def verify_export(found: Iterable[bytes]) -> Break | None:
    """The first broken link of an export. Raises `msgspec.DecodeError` for what is none."""
    entries = _entries(found)
    lines = [entry.line for entry in entries if entry.line is not None]
    days = [entry.day for entry in entries if entry.day is not None]
    end = next((entry.end for entry in entries if entry.end is not None), (-1, ""))
    return first_break(lines, days, end)


def lines_of(found: Iterable[bytes]) -> dict[int, AuditLine]:
    """The lines of an export, by number. Raises `msgspec.DecodeError` for what is none."""
    return {entry.line.number: entry.line for entry in _entries(found) if entry.line is not None}


def _entries(found: Iterable[bytes]) -> list[_Exported]:
    try:
        return [msgspec.json.decode(each, type=_Exported) for each in found if each.strip()]
    except (UnicodeDecodeError, RecursionError) as error:
        raise msgspec.DecodeError(str(error)) from error

"""The audit chain: lines that each carry the hash of the one before, so that none can be changed, removed or slipped in
unseen. Pure.

Imported by the use cases, the repositories, the migrations and tests.

A line says who, in which role, for which area, did what to what, what it was before and after, from where, and when.
Each finished day is sealed with the server's signing key: who can rewrite the whole database cannot rewrite the past
without that key.
"""

import enum
import hashlib
from collections.abc import Iterable, Mapping

import msgspec

from schedules.clock import UtcMs
from schedules.signing import Refusal, SigningKey, key_id_of, seal, unseal

BEGINNING = "0" * 64
"""What the first line carries instead of a hash."""
_KIND = "AuditDay"
ROTATE_KEYS = "rotate-keys"
"""The act whose line names the key that may seal from then on."""


class AuditLine(msgspec.Struct, frozen=True):
    """`number` counts from 1 without a hole. `staff` is empty for what was done at a terminal; `role`: the
    roles that they held there, `area` the path of where; `address` and `device`: from where, and with what browser;
    `previous` and `hash` in hex."""

    number: int
    at: UtcMs
    staff: str
    role: str
    area: str
    act: str
    subject: str
    before: str
    after: str
    address: str
    device: str
    previous: str
    hash: str = ""


class DaySeal(msgspec.Struct, frozen=True):
    """As of the end of a civil day (`2026-11-23`) the newest line was this one. `envelope`: signed by `public`."""

    day: str
    number: int
    hash: str
    public: bytes
    envelope: bytes


class Fault(enum.Enum):
    """What is wrong with a line, or with a seal."""

    missing = "missing"  # a line is not there
    changed = "changed"  # it is not what it was when it was written
    unlinked = "unlinked"  # it does not follow on the one before
    cut_off = "cut_off"  # lines are missing at the end
    seal_forged = "seal_forged"
    seal_broken = "seal_broken"  # the day was sealed over another line
    strange_key = "strange_key"  # sealed by a key that no change of keys has announced


class Break(msgspec.Struct, frozen=True):
    """The first broken link: of line `number`, or of the seal of a `day`."""

    fault: Fault
    number: int
    day: str = ""


def linked(line: AuditLine) -> AuditLine:
    """With its hash, over everything else that it says in one fixed form."""
    said = [getattr(line, name) for name in line.__struct_fields__ if name != "hash"]
    return msgspec.structs.replace(line, hash=hashlib.sha256(msgspec.json.encode(said)).hexdigest())


def sealed(day: str, last: AuditLine, key: SigningKey) -> DaySeal:
    """The seal of a day over its last line."""
    envelope = seal(_KIND, msgspec.json.encode([day, last.number, last.hash]), key)
    return DaySeal(day, last.number, last.hash, key.public, envelope)


def first_break(lines: Iterable[AuditLine], seals: Iterable[DaySeal], newest: tuple[int, str] | None) -> Break | None:
    """The first broken link of a whole chain, None if it is whole. `newest`: number and hash of the last line, as kept
    apart; None where that is not known."""
    previous, number = BEGINNING, 0
    sealed_lines = {each.number: each for each in seals}
    announced: set[str] = set()
    keys: str | None = None
    for line in lines:
        number += 1
        fault = _fault(line, number, previous)
        if fault is not None:
            return Break(fault, number)
        if line.act == ROTATE_KEYS:
            announced |= set(line.after.split())
        day = sealed_lines.pop(number, None)
        if day is not None:
            fault = _seal_fault(day, line)
            key = key_id_of(day.public).hex()
            if fault is None and keys is not None and key != keys and key not in announced:
                fault = Fault.strange_key
            if fault is not None:
                return Break(fault, number, day.day)
            keys = key
        previous = line.hash
    gone = min(sealed_lines, default=0)
    if gone or (newest is not None and newest != (number, previous if number else BEGINNING)):
        return Break(Fault.cut_off, number + 1, sealed_lines[gone].day if gone else "")
    return None


def _fault(line: AuditLine, number: int, previous: str) -> Fault | None:
    if line.number != number:
        return Fault.missing
    if linked(line).hash != line.hash:
        return Fault.changed
    return None if line.previous == previous else Fault.unlinked


def _seal_fault(day: DaySeal, line: AuditLine) -> Fault | None:
    trusted: Mapping[bytes, bytes] = {key_id_of(day.public): day.public}
    body = unseal(_KIND, day.envelope, trusted)
    if isinstance(body, Refusal) or body != msgspec.json.encode([day.day, day.number, day.hash]):
        return Fault.seal_forged
    return None if day.hash == line.hash else Fault.seal_broken

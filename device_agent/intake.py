"""What a loudspeaker holds of the server's word, and which word it takes: pure.

Imported by `loudspeaker` only. A message is taken when a pinned key signed it, it is for this loudspeaker, and it
is newer than what is held; anything else is refused and counted by its cause.
"""

import msgspec

from schedules.assignment import Assignment
from schedules.clock import Now, may_start_by_clock
from schedules.programme import Programme
from schedules.signing import Refusal, key_id_of
from schedules.wire import unseal_message


class Held(msgspec.Struct, frozen=True):
    """`programmes` by area; `refused` counts by cause."""

    device: str
    keys: tuple[bytes, ...]
    assignment: Assignment | None = None
    programmes: dict[str, Programme] = {}
    refused: dict[str, int] = {}


def take_assignment(held: Held, payload: bytes, now: Now) -> tuple[Held, bool]:
    """The assignment is taken (True), or is the one held, or is refused and counted."""
    found = unseal_message(Assignment, payload, _trusted(held))
    if isinstance(found, Refusal):
        return refuse(held, found.value), False
    current = held.assignment.revision if held.assignment else 0
    cause = _assignment_fault(held, found) or _staleness(found.revision, current, found.expires_at, now)
    if cause:
        return refuse(held, cause), False
    if found.revision == current:
        return held, False
    ours = {area: p for area, p in held.programmes.items() if area in found.area_path}
    return msgspec.structs.replace(held, assignment=found, programmes=ours), True


def take_programme(held: Held, area: str, payload: bytes, now: Now) -> tuple[Held, bool]:
    """The programme that came on an area's topic is taken (True), or is the one held, or is refused and counted."""
    found = unseal_message(Programme, payload, _trusted(held))
    if isinstance(found, Refusal):
        return refuse(held, found.value), False
    before = held.programmes.get(found.area)
    current = before.revision if before else 0
    cause = _area_fault(held, found, area) or _staleness(found.revision, current, found.expires_at, now)
    if cause:
        return refuse(held, cause), False
    if found.revision == current:
        return held, False
    return msgspec.structs.replace(held, programmes={**held.programmes, area: found}), True


def refuse(held: Held, cause: str) -> Held:
    """One more refusal of this cause."""
    return msgspec.structs.replace(held, refused={**held.refused, cause: held.refused.get(cause, 0) + 1})


def _trusted(held: Held) -> dict[bytes, bytes]:
    return {key_id_of(key): key for key in held.keys}


def _assignment_fault(held: Held, found: Assignment) -> str:
    ours = found.device == held.device and found.area_path[-1:] == (held.device,)
    return "" if ours else "wrong_device"


def _area_fault(held: Held, found: Programme, area: str) -> str:
    ours = held.assignment is not None and area in held.assignment.area_path
    return "" if ours and found.area == area else "wrong_area"


def _staleness(revision: int, current: int, expires_at: int, now: Now) -> str:
    if revision < current:
        return "older_revision"
    return "expired" if may_start_by_clock(now.trust) and expires_at <= now.utc else ""

"""What a loudspeaker holds of the server's word, and which word it takes: pure.

Imported by `loudspeaker` only. A message is taken when a pinned key signed it, it is for this loudspeaker, and it
is newer than what is held; anything else is refused and counted by its cause.
"""

import msgspec

from schedules.alert import Alert, with_alert
from schedules.assignment import Assignment
from schedules.clock import ClockTrust, Now, may_start_by_clock
from schedules.programme import Programme
from schedules.signing import Refusal, trusted_by
from schedules.wire import unseal_message


class Held(msgspec.Struct, frozen=True):
    """`programmes` by area; `alerts` by area: those taken from a revision that has not come yet; `refused` counts by
    cause."""

    device: str
    keys: tuple[bytes, ...]
    assignment: Assignment | None = None
    programmes: dict[str, Programme] = {}
    alerts: dict[str, Alert] = {}
    refused: dict[str, int] = {}


def take_assignment(held: Held, payload: bytes, now: Now) -> tuple[Held, bool]:
    """The assignment is taken (True), or is the one held, or is refused and counted."""
    found = unseal_message(Assignment, payload, trusted_by(held.keys))
    if isinstance(found, Refusal):
        return refuse(held, found.value), False
    current = held.assignment.revision if held.assignment else 0
    cause = _assignment_fault(held, found) or _staleness(found.revision, current, found.expires_at, now)
    if cause:
        return refuse(held, cause), False
    if found.revision == current:
        return held, False
    ours = {area: p for area, p in held.programmes.items() if area in found.area_path}
    alerts = {area: a for area, a in held.alerts.items() if area in found.area_path}
    return msgspec.structs.replace(held, assignment=found, programmes=ours, alerts=alerts), True


def take_programme(held: Held, area: str, payload: bytes, now: Now) -> tuple[Held, bool]:
    """The programme that came on an area's topic is taken (True), or is the one held, or is refused and counted."""
    found = unseal_message(Programme, payload, trusted_by(held.keys))
    if isinstance(found, Refusal):
        return refuse(held, found.value), False
    before = held.programmes.get(found.area)
    current = before.revision if before else 0
    cause = _area_fault(held, found, area) or _staleness(found.revision, current, found.expires_at, now)
    if cause:
        return refuse(held, cause), False
    if found.revision == current:
        return held, False
    alerts = {of: alert for of, alert in held.alerts.items() if of != area or alert.revision > found.revision}
    return msgspec.structs.replace(held, programmes={**held.programmes, area: found}, alerts=alerts), True


def take_alert(held: Held, area: str, envelope: bytes, now: Now) -> tuple[Held, bool]:
    """The alert that came on an area's topic is taken (True), or says nothing new, or is refused and counted."""
    found = unseal_message(Alert, envelope, trusted_by(held.keys))
    if isinstance(found, Refusal):
        return refuse(held, found.value), False
    cause = _area_fault(held, found, area) or _staleness(0, 0, found.expires_at, now)
    if cause:
        return refuse(held, cause), False
    if found.revision <= revision_known(held, area):
        return held, False
    return msgspec.structs.replace(held, alerts={**held.alerts, area: found}), True


def revision_known(held: Held, area: str) -> int:
    """The newest revision of an area of which anything is known."""
    programme, alert = held.programmes.get(area), held.alerts.get(area)
    return max(programme.revision if programme else 0, alert.revision if alert else 0)


def programme_known(held: Held, area: str) -> Programme | None:
    """The programme of an area with all that an alert has said of it since."""
    programme, alert = held.programmes.get(area), held.alerts.get(area)
    return with_alert(programme, alert) if alert is not None else programme


def programmes_known(held: Held) -> tuple[Programme, ...]:
    """All of them."""
    if not held.alerts:
        return tuple(held.programmes.values())
    known = (programme_known(held, area) for area in held.programmes | held.alerts)
    return tuple(programme for programme in known if programme is not None)


def judged(held: Held, now: Now) -> Now:
    """The time, as far as it can be believed: a clock chip that shows an instant beyond all that is held is a guess."""
    if now.trust is not ClockTrust.rtc:
        return now
    last = max((programme.expires_at for programme in programmes_known(held)), default=now.utc)
    return now if now.utc <= last else msgspec.structs.replace(now, trust=ClockTrust.guessed)


def refuse(held: Held, cause: str) -> Held:
    """One more refusal of this cause."""
    return msgspec.structs.replace(held, refused={**held.refused, cause: held.refused.get(cause, 0) + 1})


def _assignment_fault(held: Held, found: Assignment) -> str:
    ours = found.device == held.device and found.area_path[-1:] == (held.device,)
    return "" if ours else "wrong_device"


def _area_fault(held: Held, found: Programme | Alert, area: str) -> str:
    ours = held.assignment is not None and area in held.assignment.area_path
    return "" if ours and found.area == area else "wrong_area"


def _staleness(revision: int, current: int, expires_at: int, now: Now) -> str:
    if revision < current:
        return "older_revision"
    return "expired" if may_start_by_clock(now.trust) and expires_at <= now.utc else ""

"""What a loudspeaker holds of the server's word, and which word it takes: pure.

Imported by the core only. A message is taken when a key that holds signed it, it is for this loudspeaker, it is newer
than what is held, its time has come and is not over, and every slot in it carries the seal of an approval; anything
else is refused and counted by its cause.

What time it is, a loudspeaker may not know. A clock that may judge (`may_judge_by_clock`) says what has expired and
what claims to be from the future. Without one, what is known to have passed decides: the last trusted instant that
the journal remembers, and the issue time of every word held. So a message that had expired before the power went is
not taken after it, and none is lost by a clock that guesses.
"""

import msgspec

from schedules.alert import Alert, with_alert
from schedules.assignment import Assignment
from schedules.clock import DAY, MINUTE, ClockTrust, DurationMs, Now, UtcMs, may_judge_by_clock
from schedules.programme import Programme, is_sealed
from schedules.signing import PUBLIC_BYTES, Refusal, key_id_of, signer_of, trusted_by
from schedules.wire import ALERT, ASSIGNMENT, PROGRAMME, Keys, unseal_message

AHEAD: DurationMs = 10 * MINUTE
"""A word issued later than this from now is from the future: the server's clock is this loudspeaker's own."""
ALERT_LASTS: DurationMs = 1 * DAY
"""An alert is over so long after it was issued, whatever it says: the bound of what passes every other guard."""
PAST_STEPS: DurationMs = 10 * MINUTE
"""So exactly is it remembered what time it was."""
MOST_KEYS = 4
_NEVER: UtcMs = 2**62


class Held(msgspec.Struct, frozen=True):
    """`keys`: the public keys whose word holds, newest first, since `keys_revision`; `programmes` by area; `alerts` by
    area: those taken from a revision that has not come yet; `signers`: the ids of the keys that sealed what is held, by
    its topic; `past`: the last instant that a clock which may judge has shown, 0 if none ever has; `refused` counts
    by cause."""

    device: str
    keys: tuple[bytes, ...]
    assignment: Assignment | None = None
    programmes: dict[str, Programme] = {}
    alerts: dict[str, Alert] = {}
    refused: dict[str, int] = {}
    keys_revision: int = 0
    signers: dict[str, bytes] = {}
    past: UtcMs = 0


def says_other(held: Held, before: Held) -> bool:
    """Whether there is another word than before; a refusal is none, and the passing of time neither."""
    return (
        held.assignment is not before.assignment
        or held.programmes is not before.programmes
        or held.alerts is not before.alerts
        or held.keys is not before.keys
    )


def take_assignment(held: Held, payload: bytes, now: Now | None) -> tuple[Held, bool]:
    """The assignment is taken (True), or is the one held, or is refused and counted. Without `now`, as after a
    start, it is taken whatever the time: what was taken once is held after a reboot too."""
    found = unseal_message(Assignment, payload, trusted_by(held.keys))
    if isinstance(found, Refusal):
        return refuse(held, found.value), False
    topic = ASSIGNMENT.topic(held.device)
    current = held.assignment.revision if held.assignment and _rank(held, held.signers.get(topic)) is not None else 0
    cause = _assignment_fault(held, found) or _out_of_order(found.revision, current)
    cause = cause or _out_of_time(held, found.issued_at, found.expires_at, now)
    if cause:
        return refuse(held, cause), False
    if found.revision == current and not _is_resealed(held, topic, payload):
        return held, False
    ours = {area: p for area, p in held.programmes.items() if area in found.area_path}
    alerts = {area: a for area, a in held.alerts.items() if area in found.area_path}
    held = _sealed(held, topic, payload)
    return msgspec.structs.replace(held, assignment=found, programmes=ours, alerts=alerts), True


def take_programme(held: Held, area: str, payload: bytes, now: Now | None) -> tuple[Held, bool]:
    """The programme that came on an area's topic is taken (True), or is the one held, or is refused and counted."""
    found = unseal_message(Programme, payload, trusted_by(held.keys))
    if isinstance(found, Refusal):
        return refuse(held, found.value), False
    before, topic = held.programmes.get(found.area), PROGRAMME.topic(area)
    current = before.revision if before else 0
    cause = _area_fault(held, found, area) or _out_of_order(found.revision, current)
    cause = cause or _out_of_time(held, found.issued_at, found.expires_at, now) or _unsealed(found, now)
    if cause:
        return refuse(held, cause), False
    if found.revision == current and not _is_resealed(held, topic, payload):
        return held, False
    alerts = {of: alert for of, alert in held.alerts.items() if of != area or alert.revision > found.revision}
    held = _sealed(held, topic, payload)
    return msgspec.structs.replace(held, programmes={**held.programmes, area: found}, alerts=alerts), True


def take_alert(held: Held, area: str, envelope: bytes, now: Now | None) -> tuple[Held, bool]:
    """The alert that came on an area's topic is taken (True), or says nothing new, or is refused and counted."""
    found = unseal_message(Alert, envelope, trusted_by(held.keys))
    if isinstance(found, Refusal):
        return refuse(held, found.value), False
    expires_at = min(found.expires_at, found.issued_at + ALERT_LASTS)
    cause = _area_fault(held, found, area) or _out_of_time(held, found.issued_at, expires_at, now)
    cause = cause or _unsealed(found, now)
    if cause:
        return refuse(held, cause), False
    if found.revision <= revision_known(held, area):
        return held, False
    held = _sealed(held, ALERT.topic(area), envelope)
    return msgspec.structs.replace(held, alerts={**held.alerts, area: found}), True


def take_keys(held: Held, payload: bytes, now: Now) -> tuple[Held, bool]:
    """The keys that hold from now on are taken (True), or are those held, or are refused and counted. What a key that
    holds no more has signed is no longer held, but for the assignment: it stands until any other comes."""
    found = unseal_message(Keys, payload, trusted_by(held.keys))
    if isinstance(found, Refusal):
        return refuse(held, found.value), False
    cause = _out_of_order(found.revision, held.keys_revision)
    if not cause and found.revision == held.keys_revision:
        return held, False
    cause = cause or _keys_fault(held, found, payload) or _out_of_time(held, found.issued_at, _NEVER, now)
    if cause:
        return refuse(held, cause), False
    holding = {key_id_of(key) for key in found.keys}
    signers = held.signers
    return msgspec.structs.replace(
        held,
        keys=found.keys,
        keys_revision=found.revision,
        programmes={a: p for a, p in held.programmes.items() if signers.get(PROGRAMME.topic(a)) in holding},
        alerts={a: alert for a, alert in held.alerts.items() if signers.get(ALERT.topic(a)) in holding},
    ), True


def first_assignment(held: bytes, given: bytes, device: str, keys: tuple[bytes, ...]) -> bytes:
    """Of what the journal holds and what came with the enrolment, the assignment to begin with (both sealed): the newer
    one that is for this loudspeaker, and the one held where there is no better."""
    found = [unseal_message(Assignment, each, trusted_by(keys)) for each in (held, given)]
    revisions = [a.revision if isinstance(a, Assignment) and a.device == device else 0 for a in found]
    return given if revisions[1] > revisions[0] else held


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


def passing(held: Held, now: Now) -> Held:
    """With what a clock that may judge shows: so much has passed. It may go back, if a better clock says so."""
    if not may_judge_by_clock(now.trust) or abs(now.utc - held.past) < PAST_STEPS:
        return held
    return msgspec.structs.replace(held, past=now.utc)


def passed(held: Held) -> UtcMs:
    """The latest instant that has certainly passed: the last one that a clock which may judge has shown, or the
    issue time of the server's newest word."""
    words: list[Programme | Alert] = [*held.programmes.values(), *held.alerts.values()]
    own = held.assignment.issued_at if held.assignment else 0
    return max(held.past, own, *(word.issued_at for word in words))


def refuse(held: Held, cause: str) -> Held:
    """One more refusal of this cause."""
    return msgspec.structs.replace(held, refused={**held.refused, cause: held.refused.get(cause, 0) + 1})


def _sealed(held: Held, topic: str, payload: bytes) -> Held:
    return msgspec.structs.replace(held, signers={**held.signers, topic: signer_of(payload)})


def _rank(held: Held, key_id: bytes | None) -> int | None:
    """How many keys are newer than this one; None where it does not hold."""
    return next((n for n, key in enumerate(held.keys) if key_id_of(key) == key_id), None)


def _is_resealed(held: Held, topic: str, payload: bytes) -> bool:
    """Whether what is held has come again, sealed by a newer key: it will outlive the older one."""
    before, after = _rank(held, held.signers.get(topic)), _rank(held, signer_of(payload))
    return after is not None and (before is None or after < before)


def _keys_fault(held: Held, found: Keys, payload: bytes) -> str:
    if not 0 < len(found.keys) <= MOST_KEYS or any(len(key) != PUBLIC_BYTES for key in found.keys):
        return Refusal.malformed.value
    return "" if _rank(held, signer_of(payload)) == 0 else "older_key"


def _assignment_fault(held: Held, found: Assignment) -> str:
    ours = found.device == held.device and found.area_path[-1:] == (held.device,)
    return "" if ours else "wrong_device"


def _area_fault(held: Held, found: Programme | Alert, area: str) -> str:
    ours = held.assignment is not None and area in held.assignment.area_path
    return "" if ours and found.area == area else "wrong_area"


def _unsealed(found: Programme | Alert, now: Now | None) -> str:
    """A word that names a sound which nobody approved is refused whole: what was held before it plays on. What was
    taken before seals were known is held after a restart as well."""
    kept = isinstance(found, Programme) and any(clip.sha256 not in found.pinned_by for clip in found.pinned)
    return "unsealed" if now is not None and (kept or not is_sealed(found.slots)) else ""


def _out_of_order(revision: int, current: int) -> str:
    return "older_revision" if revision < current else ""


def _out_of_time(held: Held, issued_at: UtcMs, expires_at: UtcMs, now: Now | None) -> str:
    if now is None:
        return ""
    if not may_judge_by_clock(now.trust):
        return "expired" if expires_at <= passed(held) else ""
    if issued_at > now.utc + AHEAD:
        return "from_the_future"
    return "expired" if expires_at <= now.utc else ""

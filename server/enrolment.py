"""How a loudspeaker becomes this server's, stays it, and is shut out: the use cases behind claim codes, certificates
and their renewal.

Imported by the web, the commands, the desk of the gateway and tests.
"""

import enum

import msgspec
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey

from schedules import claim_code, wire
from schedules.claim_code import SECRET_LETTERS, Code
from schedules.clock import HOUR, MINUTE, UtcMs
from schedules.enrolling import LONGEST_DEVICE, Claim, Enrolled
from server import administration, programmes
from server.access import Act, Person, may, scope
from server.area import COMMUNE, HAMLET, Area
from server.authority import Authority, Issued
from server.certificates import Fault, public_bytes, renew_at, request_of
from server.keyring import Keyring
from server.refusals import NotAllowed, NotFound
from server.repositories.store import Store

CODE_LASTS = 1 * HOUR
WRONG_FOR = 15 * MINUTE
WRONG_OF_ADDRESS = 10
WRONG_OF_ALL = 300
"""A code has 40 secret bits: with so many tries in a quarter of an hour, nobody meets one within its hour."""
_LONGEST_SERIAL = 64


class Office(msgspec.Struct, frozen=True):
    """What is needed to take a loudspeaker in. `broker`: where loudspeakers meet it, `mqtts://host:port`."""

    authority: Authority
    keyring: Keyring
    broker: str


class ClaimRefused(enum.Enum):
    """Why a loudspeaker was not taken in."""

    too_many = "too_many"
    wrong_code = "wrong_code"
    expired = "expired"
    used = "used"
    bad_request = "bad_request"
    shut_out = "shut_out"


def places(store: Store, person: Person) -> list[Area]:
    """Where this person may put up a loudspeaker."""
    found = store.areas.below(scope(person.grants, Act.install))
    return [area for area in found if area.level in (COMMUNE, HAMLET)]


def put_up(store: Store, person: Person, place: str, name: str, serial: str, where: str, now: UtcMs) -> Area:
    """A new loudspeaker in a hamlet or a commune. Raises `NotFound`, `NotAllowed`, `administration.Unfit`."""
    area = store.areas.find(place)
    if area is None or not may(person.grants, Act.see, area.path):
        raise NotFound
    if not may(person.grants, Act.install, area.path):
        raise NotAllowed
    return administration.add_loudspeaker(store, name, area.id, serial, where, now, person)


def make_code(store: Store, by: Person | str, device: str, office: Office, chance: bytes, now: UtcMs) -> str:
    """A new claim code of a loudspeaker, to be shown once; the one before holds no more. `chance`: random bytes.
    Raises `NotFound`, `NotAllowed`; ValueError for a name that no certificate has room for."""
    area = _installable(store, by, device)
    if len(device) > LONGEST_DEVICE:
        raise ValueError(device)
    code = Code(claim_code.secret_of(chance), office.authority.seal(now))
    store.certificates.keep_claim(device, claim_code.hash_of(code), now, now + CODE_LASTS)
    store.trail.note(now, by, "claim_code", device, area=area.id)
    return claim_code.written(code)


def may_try(store: Store, address: str, now: UtcMs) -> bool:
    """Whether somebody there may try a code now."""
    of_address, of_all = store.certificates.wrongs(address, now - WRONG_FOR)
    return of_address < WRONG_OF_ADDRESS and of_all < WRONG_OF_ALL


def hash_of(office: Office, secret: str, now: UtcMs) -> str:
    """What is kept of a code with this secret; slow on purpose, so do it outside of a transaction."""
    return claim_code.hash_of(Code(secret[:SECRET_LETTERS], office.authority.seal(now)))


def claim(store: Store, office: Office, given: Claim, hashed: str, address: str, now: UtcMs) -> Enrolled | ClaimRefused:
    """Take in who brings a good code and asks for a certificate; again, within the code's hour, for whoever has the
    same key: the answer may have been lost on its way."""
    kept = store.certificates.claim(hashed) if len(given.code) == SECRET_LETTERS else None
    if kept is None:
        store.certificates.wrong(address, now, now - WRONG_FOR)
        store.trail.note(now, "", "claim_refused", "", after=ClaimRefused.wrong_code.value)
        return ClaimRefused.wrong_code
    key = request_of(given.request.encode())
    refused = _fault(key, kept.expires_at, kept.used_at, kept.public_key, now)
    if isinstance(key, Fault) or refused is not None:
        return _refuse(store, kept.device, refused or ClaimRefused.bad_request, key, now)
    if kept.used_at is None and not store.certificates.use(hashed, public_bytes(key).hex(), now):
        return _refuse(store, kept.device, ClaimRefused.used, key, now)
    made = (
        _again(store, kept.device, key, now)
        if kept.used_at is not None
        else _first(store, office, kept.device, key, now)
    )
    if made is None:
        return _refuse(store, kept.device, ClaimRefused.shut_out, key, now)
    again = " again" if kept.used_at is not None else ""
    store.trail.note(
        now, "", "enrol", kept.device, area=kept.device, after=f"{made.serial} {given.serial[:_LONGEST_SERIAL]}{again}"
    )
    return _answer(store, office, kept.device, made, now)


def renew(store: Store, authority: Authority, device: str, request: bytes, now: UtcMs) -> str | None:
    """The certificate (PEM) that this loudspeaker is to have now. The request must be signed with the key of the one
    that it holds, so whoever merely carries it gets nothing; a loudspeaker that is shut out neither."""
    held = store.certificates.current(device, now)
    if held is None:
        return None
    key = request_of(request, held.name)
    if isinstance(key, Fault) or public_bytes(key).hex() != held.public_key:
        return None
    # A little early is not too early: clocks differ, and a loudspeaker asks once in hours.
    if now < (held.not_before + renew_at(held.not_before, held.not_after)) // 2:
        return held.pem
    made = authority.client(held.name, key, now)
    store.certificates.add(device, made)
    store.trail.note(now, "", "renew_certificate", device, area=device, before=held.serial, after=made.serial)
    return made.pem


def shut_out(store: Store, by: Person | str, device: str, now: UtcMs) -> int:
    """Nothing that this loudspeaker holds opens any door any more; how many certificates that were. Raises `NotFound`,
    `NotAllowed`."""
    area = _installable(store, by, device)
    serials = store.certificates.revoke(device, now)
    store.certificates.end_claim(device)
    store.fleet.enrolled(device, None)
    for heard in store.fleet.heard([device], now).values():  # whom the broker throws out leaves no last will
        store.fleet.hear(device, msgspec.structs.replace(heard.status, online=False), now)
    store.trail.note(now, by, "shut_out", device, area=area.id, before=" ".join(serials))
    return len(serials)


def _installable(store: Store, by: Person | str, device: str) -> Area:
    area = store.areas.find(device) if store.fleet.is_known(device) else None
    if area is None or (isinstance(by, Person) and not may(by.grants, Act.see, area.path)):
        raise NotFound
    if isinstance(by, Person) and not may(by.grants, Act.install, area.path):
        raise NotAllowed
    return area


def _fault(
    key: EllipticCurvePublicKey | Fault, expires_at: UtcMs, used_at: UtcMs | None, used_by: str, now: UtcMs
) -> ClaimRefused | None:
    if now >= expires_at:
        return ClaimRefused.expired
    if isinstance(key, Fault):
        return ClaimRefused.bad_request
    return ClaimRefused.used if used_at is not None and used_by != public_bytes(key).hex() else None


def _refuse(
    store: Store, device: str, why: ClaimRefused, key: EllipticCurvePublicKey | Fault, now: UtcMs
) -> ClaimRefused:
    details = f"{why.value} {key.value}" if isinstance(key, Fault) else why.value
    store.trail.note(now, "", "claim_refused", device, area=device, after=details)
    return why


def _first(store: Store, office: Office, device: str, key: EllipticCurvePublicKey, now: UtcMs) -> Issued:
    store.certificates.revoke(device, now)
    made = office.authority.device(device, key, now)
    store.certificates.add(device, made)
    store.fleet.enrolled(device, now)
    return made


def _again(store: Store, device: str, key: EllipticCurvePublicKey, now: UtcMs) -> Issued | None:
    held = store.certificates.current(device, now)
    return held if held is not None and held.public_key == public_bytes(key).hex() else None


def _answer(store: Store, office: Office, device: str, made: Issued, now: UtcMs) -> Enrolled:
    signing, assignment = office.keyring.current(), programmes.assign(store, device, now)
    return Enrolled(
        device=device,
        certificate=made.pem,
        authority=office.authority.pem(now),
        broker=office.broker,
        signing_keys=signing.holding,
        keys_revision=signing.revision,
        assignment=b"" if assignment is None else wire.seal_message(assignment, signing.key),
    )

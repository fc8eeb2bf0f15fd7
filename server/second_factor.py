"""The second factor: codes of a telephone (TOTP, RFC 6238), and recovery codes for who has lost it. The use cases of
setting it up and of checking a code.

Imported by the use cases of signing in, the web, the command line and tests.
"""

import base64
import enum
import hashlib
import hmac

import pyotp

from schedules.clock import SECOND, UtcMs
from server.access import Person
from server.repositories.store import Store
from server.vault import Vault

STEP = 30 * SECOND
DRIFT = 1
"""Steps that a telephone's clock may be off, either way."""
RECOVERY_CODES = 10
ISSUER = "Loa Ban"
_DIGITS, _SECRET_BYTES = 6, 20
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that a tired reader takes for another
_HALF = 5
_SPACES = str.maketrans("", "", " -\u00a0.")


class CodeRefused(enum.Enum):
    """Why a code that was to begin with is not taken."""

    wrong = "wrong"


def secret_of(token: str) -> str:
    """A secret for a telephone, from a random token."""
    return base64.b32encode(hashlib.sha256(f"totp {token}".encode()).digest()[:_SECRET_BYTES]).decode()


def recovery_codes_of(token: str) -> tuple[str, ...]:
    """Recovery codes from a random token: two groups of five letters each, fifty bits."""
    return tuple(
        _recovery_code(hashlib.sha256(f"recovery {n} {token}".encode()).digest()) for n in range(RECOVERY_CODES)
    )


def _recovery_code(chance: bytes) -> str:
    number, letters = int.from_bytes(chance), []
    for _ in range(2 * _HALF):
        number, letter = divmod(number, len(_LETTERS))
        letters.append(_LETTERS[letter])
    return f"{''.join(letters[:_HALF])}-{''.join(letters[_HALF:])}"


def address_of(secret: str, username: str) -> str:
    """What the QR code says to the telephone."""
    return pyotp.TOTP(secret).provisioning_uri(name=username, issuer_name=ISSUER)


def step_of(secret: str, code: str, now: UtcMs) -> int | None:
    """The step whose code this is, near this instant; None for no step."""
    totp, current = pyotp.TOTP(secret), now // STEP
    steps = range(current - DRIFT, current + DRIFT + 1)
    # All of them are compared, whichever is right: how long it takes tells nothing.
    right = [step for step in steps if hmac.compare_digest(totp.generate_otp(step).encode(), code.encode())]
    return max(right, default=None)


def begin(store: Store, vault: Vault, person: Person, token: str) -> str:
    """The secret that a telephone is to take up: the same until a code of it has been shown, so that a page that is
    loaded again still holds."""
    wanted = store.factors.of(person.id).wanted
    secret = vault.open(person.id, wanted) if wanted else None
    if secret is None:
        secret = secret_of(token)
        store.factors.want(person.id, vault.seal(person.id, secret))
    return secret


def confirm(
    store: Store, vault: Vault, person: Person, code: str, now: UtcMs, token: str, session: str
) -> tuple[str, ...] | CodeRefused:
    """The telephone shows the right code: from now on it is asked for. Fresh recovery codes, which are seen only now;
    every other session than this one ends, for a password alone opened it."""
    sealed = store.factors.of(person.id).wanted
    secret = vault.open(person.id, sealed) if sealed else None
    step = step_of(secret, plain(code), now) if secret else None
    if step is None:
        return CodeRefused.wrong
    before = "set" if store.factors.of(person.id).secret else ""
    store.factors.keep(person.id, sealed, step)
    store.sessions.end_of(person.id, but=session)
    store.trail.note(now, person, "second_factor", person.id, before=before, after="set")
    return renew_recovery(store, vault, person, now, token)


def renew_recovery(store: Store, vault: Vault, person: Person, now: UtcMs, token: str) -> tuple[str, ...]:
    """Fresh recovery codes; the old ones open nothing any more."""
    codes, left = recovery_codes_of(token), store.factors.recovery_left(person.id)
    store.factors.set_recovery(person.id, (_digest(vault, person.id, code) for code in codes))
    store.trail.note(now, person, "recovery_codes", person.id, before=str(left), after=str(len(codes)))
    return codes


def right(store: Store, vault: Vault, staff: str, code: str, now: UtcMs) -> bool:
    """Whether this is a code of theirs. It works once, be it of a telephone or a recovery code."""
    code, sealed = plain(code), store.factors.of(staff).secret
    if not sealed:
        return False
    if len(code) == _DIGITS:
        secret = vault.open(staff, sealed)
        step = step_of(secret, code, now) if secret else None
        return step is not None and store.factors.take(staff, step)
    used = store.factors.use_recovery(staff, _digest(vault, staff, code), now)
    if used:
        left = store.factors.recovery_left(staff)
        store.trail.note(now, staff, "recovery_code_used", staff, after=str(left))
    return used


def reset(store: Store, staff: str, now: UtcMs) -> bool:
    """For who has lost telephone and recovery codes: they set it up anew when they sign in next. False where there was
    none. Every session of theirs ends."""
    if not store.factors.of(staff).secret:
        return False
    store.factors.drop(staff)
    store.sessions.end_of(staff)
    store.trail.note(now, "", "second_factor", staff, before="set", after="reset")
    return True


def looks_like_code(typed: str) -> bool:
    """Whether this is written like a code of a telephone, or like a recovery code."""
    code = plain(typed)
    return (len(code) == _DIGITS and code.isdigit()) or (len(code) == 2 * _HALF and set(code) <= set(_LETTERS))


def plain(code: str) -> str:
    """A code without what people put between its parts."""
    return code[:40].translate(_SPACES).lower()


def _digest(vault: Vault, staff: str, code: str) -> str:
    return vault.mark("recovery", staff, plain(code))

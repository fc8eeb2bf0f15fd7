"""The claim code: what a technician types on a loudspeaker so that it becomes one of this server's. Pure.

Anybody may import this room. A code is twenty letters and digits in five groups: eight that are secret and prove to
the server who asks, ten that name the server's authority and prove to the loudspeaker whom it asks, two that find a
slip of the finger before anything is sent.
"""

import hashlib

import msgspec

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
"""No I, L, O or U: nothing that a tired reader takes for something else, nothing that spells a word."""
SECRET_LETTERS, SEAL_LETTERS, CHECK_LETTERS, GROUP = 8, 10, 2, 4
_LETTERS = SECRET_LETTERS + SEAL_LETTERS + CHECK_LETTERS
_BITS, _PRIME = 5, 1021
_LOOKS_LIKE = str.maketrans({"o": "0", "i": "1", "l": "1"})
_LONGEST_TYPED = 200
_COST = 2**14
"""Of scrypt: 16 MB and some 50 ms for one try, so that 50 bits of a fingerprint cannot be met by trying out, and a
secret of 40 bits does not follow from its hash within its hour."""


class Code(msgspec.Struct, frozen=True):
    """`secret`: for the server's ears alone; `seal`: what `seal_of` says of its authority."""

    secret: str
    seal: str


def written(code: Code) -> str:
    """As people read and type it: `K7QM-2XPD-…`."""
    letters = (code.secret + code.seal + _check(code.secret + code.seal)).upper()
    return "-".join(letters[at : at + GROUP] for at in range(0, _LETTERS, GROUP))


def read(typed: str) -> Code | None:
    """The code that somebody typed, whatever its case, spaces and dashes; None where a letter must be wrong."""
    letters = "".join(typed[:_LONGEST_TYPED].lower().translate(_LOOKS_LIKE).replace("-", " ").split())
    if len(letters) != _LETTERS or not set(letters) <= set(ALPHABET):
        return None
    said, check = letters[:-CHECK_LETTERS], letters[-CHECK_LETTERS:]
    return Code(said[:SECRET_LETTERS], said[SECRET_LETTERS:]) if check == _check(said) else None


def secret_of(chance: bytes) -> str:
    """The secret letters from at least sixteen random bytes, wherever in them the chance lies."""
    return _spelled(int.from_bytes(hashlib.sha256(chance).digest(), "big"), SECRET_LETTERS)


def seal_of(authority: bytes) -> str:
    """What names an authority (its certificate, DER) in a code. It costs some 50 ms."""
    found = hashlib.scrypt(authority, salt=b"loaban authority", n=_COST, r=8, p=1, dklen=16)
    return _spelled(int.from_bytes(found, "big"), SEAL_LETTERS)


def hash_of(code: Code) -> str:
    """What a server keeps of a code. It costs some 50 ms."""
    salt = b"loaban claim " + code.seal.encode()
    return hashlib.scrypt(code.secret.encode(), salt=salt, n=_COST, r=8, p=1, dklen=32).hex()


def _check(letters: str) -> str:
    """The letters as a number to the base 32, modulo a prime beyond that: no single slip leaves the rest as it was, and
    no exchange of neighbours either."""
    number = 0
    for letter in letters:
        number = (number * len(ALPHABET) + ALPHABET.index(letter)) % _PRIME
    return _spelled(number, CHECK_LETTERS)


def _spelled(number: int, letters: int) -> str:
    return "".join(ALPHABET[number >> (_BITS * at) & 31] for at in range(letters))

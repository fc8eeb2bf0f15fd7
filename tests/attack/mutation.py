"""What an attacker makes of bytes that were good once: by their bits, and by what they mean.

Imported by the tests of this folder. The dice decide everything, so that each input can be made again.
"""

import json
import random
from typing import Any

HUGE = (-1, 2**31, 2**53, 2**63, 2**64, -(2**63) - 1, 10**40, 1e308, -0.0)
ODD = ("", "\0", "../../etc/passwd", "%s%n", "\u202e", "x" * 70_000, "@", "a@99999999999999999999", "NaN", "🎺" * 50)
DEEP = (b"[", b'{"a":', b'[{"slots":', b'{"playbacks":[')
LONGEST = 300_000


def mutated(seed: bytes, others: tuple[bytes, ...], dice: random.Random) -> bytes:
    """One input: a seed, changed once or a few times."""
    found = seed
    for _ in range(dice.choice((1, 1, 1, 2, 4))):
        found = dice.choice(WAYS)(found, others, dice)
    return found[:LONGEST]


def truncated(found: bytes, _others: tuple[bytes, ...], dice: random.Random) -> bytes:
    """Cut off anywhere."""
    return found[: dice.randrange(len(found) + 1)]


def flipped(found: bytes, _others: tuple[bytes, ...], dice: random.Random) -> bytes:
    """One bit is another."""
    if not found:
        return found
    at = dice.randrange(len(found))
    return found[:at] + bytes([found[at] ^ (1 << dice.randrange(8))]) + found[at + 1 :]


def overwritten(found: bytes, _others: tuple[bytes, ...], dice: random.Random) -> bytes:
    """A stretch of it is noise, or all ones."""
    at, noise = dice.randrange(len(found) + 1), dice.randbytes(dice.randrange(1, 40))
    return found[:at] + (noise if dice.random() < 0.5 else b"\xff" * len(noise)) + found[at + len(noise) :]


def spliced(found: bytes, others: tuple[bytes, ...], dice: random.Random) -> bytes:
    """Its beginning with the end of another."""
    other = dice.choice(others) if others else found
    return found[: dice.randrange(len(found) + 1)] + other[dice.randrange(len(other) + 1) :]


def repeated(found: bytes, _others: tuple[bytes, ...], dice: random.Random) -> bytes:
    """A part of it, many times."""
    if not found:
        return found
    start = dice.randrange(len(found))
    end = min(len(found), start + dice.randrange(1, 60))
    return found[:end] + found[start:end] * dice.choice((1, 2, 50, 1_000)) + found[end:]


def deeper(found: bytes, _others: tuple[bytes, ...], dice: random.Random) -> bytes:
    """Nested further than anybody reads."""
    opening, times = dice.choice(DEEP), dice.choice((10, 900, 1_100, 20_000))
    return opening * times + (found if dice.random() < 0.5 else b"")


def meant_otherwise(found: bytes, _others: tuple[bytes, ...], dice: random.Random) -> bytes:
    """The same shape with other values: huge, odd, of another kind, swapped, left out or told twice."""
    try:
        tree = json.loads(found)
    except (ValueError, RecursionError):
        return flipped(found, (), dice)
    return json.dumps(_changed(tree, dice), ensure_ascii=dice.random() < 0.5).encode("utf-8", "surrogatepass")


WAYS = (truncated, flipped, overwritten, spliced, repeated, deeper, *(meant_otherwise,) * 4)


def _changed(tree: Any, dice: random.Random) -> Any:
    if isinstance(tree, dict) and tree and dice.random() < 0.9:
        names = list(tree)
        name, other = dice.choice(names), dice.choice(names)
        match dice.randrange(6):
            case 0:
                return {**tree, name: tree[other], other: tree[name]}
            case 1:
                return {key: value for key, value in tree.items() if key != name}
            case 2:
                return {**tree, dice.choice(ODD): tree[name]}
            case _:
                return {**tree, name: _changed(tree[name], dice)}
    if isinstance(tree, list) and tree and dice.random() < 0.7:
        at = dice.randrange(len(tree))
        if dice.random() < 0.3:
            return [*tree, *tree[at:]] * dice.choice((1, 2, 100))
        return [*tree[:at], _changed(tree[at], dice), *tree[at + 1 :]]
    return _value(dice)


def _value(dice: random.Random) -> Any:
    return dice.choice(
        (dice.choice(HUGE), dice.choice(ODD), None, True, [], {}, [[]], dice.randrange(2**48), float("nan"), "\ud800")
    )

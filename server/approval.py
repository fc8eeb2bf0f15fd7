"""Approval: sealed to exactly what was seen and heard. Pure.

Imported by `bulletin`, the use cases and planning.
"""

import hashlib
from collections.abc import Collection, Iterable, Iterator
from typing import Any

import msgspec

from schedules.clock import DurationMs, UtcMs
from schedules.recurrence import Recurrence

HEARD_PER_CENT = 95
"""So much of a sound must have been played: browsers do not count its last breath."""


class SealedVariant(msgspec.Struct, frozen=True):
    """One language of what is approved: its texts, its sound, whose voice speaks, who translated it and who said that
    it is right."""

    language: str
    text: str
    spoken: str
    clip: str
    source: str = ""
    engine: str = ""
    engine_version: str = ""
    voice: str = ""
    parameters: str = ""
    ai_made: bool = False
    origin: str = ""
    translator: str = ""
    reviewer: str = ""


class Sealed(msgspec.Struct, frozen=True):
    """Everything that an approval stands for. `recurrence` is None for "now": its instant follows from the
    approval. `area`: on whose behalf it speaks; `broadcast`: no approval serves for another one. `opening`,
    `closing`: clips around the words; `exercise`; `pushed`: communes are
    asked to take it; where there is none of them, the seal holds nothing of it, so that older stand."""

    title: str
    topic: str
    broadcast_class: str
    variants: tuple[SealedVariant, ...]
    targets: tuple[str, ...]
    recurrence: Recurrence | None
    broadcast: str = ""
    mode: str = ""
    area: str = ""
    authority: str = ""
    responsible: str = ""
    reason: str = ""
    opening: tuple[str, ...] | msgspec.UnsetType = msgspec.UNSET
    closing: tuple[str, ...] | msgspec.UnsetType = msgspec.UNSET
    exercise: bool | msgspec.UnsetType = msgspec.UNSET
    pushed: bool | msgspec.UnsetType = msgspec.UNSET


class _VariantBefore(msgspec.Struct, frozen=True):
    language: str
    text: str
    spoken: str
    clip: str


class _SealedBefore(msgspec.Struct, frozen=True):
    title: str
    topic: str
    broadcast_class: str
    variants: tuple[_VariantBefore, ...]
    targets: tuple[str, ...]
    recurrence: Recurrence | None


_LATER = (frozenset({"origin", "translator", "reviewer"}),)
"""What the seal has come to cover since it covered voices, the newest last: an older approval stands by all but these.
Names of fields that are in no other struct of what is sealed."""


def seal_of(content: Sealed, without: Collection[str] = ()) -> str:
    """The seal: SHA-256 over the content in one fixed form. Whatever changes in it, the seal changes. `without`: in the
    form of before it had these fields."""
    ordered = msgspec.structs.replace(
        content,
        variants=tuple(sorted(content.variants, key=lambda v: v.language)),
        targets=tuple(sorted(content.targets)),
    )
    return _digest(ordered if not without else _without(msgspec.to_builtins(ordered), without))


def seal_before(content: Sealed) -> str:
    """The seal in the form of before it covered voices and who answers for it: what was approved then stands by it."""
    variants = tuple(_VariantBefore(v.language, v.text, v.spoken, v.clip) for v in content.variants)
    return _digest(
        _SealedBefore(
            content.title,
            content.topic,
            content.broadcast_class,
            tuple(sorted(variants, key=lambda v: v.language)),
            tuple(sorted(content.targets)),
            content.recurrence,
        )
    )


def stands(approved: str, content: Sealed) -> bool:
    """Whether an approval with this seal is for exactly this."""
    return any(approved == seal for seal in _seals(content))


def _seals(content: Sealed) -> Iterator[str]:
    """The seal in every form that it has ever had, the newest first."""
    yield seal_of(content)
    for number in reversed(range(len(_LATER))):
        yield seal_of(content, without=frozenset().union(*_LATER[number:]))
    if all(each is msgspec.UNSET for each in (content.opening, content.closing, content.exercise, content.pushed)):
        yield seal_before(content)  # it covers nothing that stands around the words


def _without(content: Any, fields: Collection[str]) -> Any:
    """The same without these fields, however deep."""
    if isinstance(content, dict):
        return {name: _without(value, fields) for name, value in content.items() if name not in fields}
    return [_without(value, fields) for value in content] if isinstance(content, list | tuple) else content


def may_approve(writers: Collection[str], approver: str) -> bool:
    """Nobody approves what they wrote, or wrote in."""
    return approver not in writers


def heard_to_its_end(fetched_at: UtcMs, now: UtcMs, length: DurationMs) -> bool:
    """Whether a sound that was fetched then can have been played by now: who plays it faster has not listened."""
    return (now - fetched_at) * 100 >= length * HEARD_PER_CENT


def unheard(languages: Iterable[str], heard: Collection[str], by_text: Collection[str]) -> tuple[str, ...]:
    """The languages that somebody would approve without having heard them, or said that the text is enough."""
    return tuple(language for language in languages if language not in heard and language not in by_text)


def _digest(content: Any) -> str:
    # Structs keep the order of their fields, and what was made of them keeps it too.
    return hashlib.sha256(msgspec.json.encode(content)).hexdigest()

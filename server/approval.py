"""Approval: sealed to exactly what was seen and heard. Pure.

Imported by the use cases and planning.
"""

import hashlib

import msgspec

from schedules.clock import UtcMs
from schedules.recurrence import Recurrence


class SealedVariant(msgspec.Struct, frozen=True):
    """One language of what is approved: its texts and its sound."""

    language: str
    text: str
    spoken: str
    clip: str


class Sealed(msgspec.Struct, frozen=True):
    """Everything that an approval stands for. `recurrence` is None for "now": its instant follows from the
    approval."""

    title: str
    topic: str
    broadcast_class: str
    variants: tuple[SealedVariant, ...]
    targets: tuple[str, ...]
    recurrence: Recurrence | None


class Approval(msgspec.Struct, frozen=True):
    """Who approved what, when."""

    seal: str
    approver: str
    at: UtcMs


def seal_of(content: Sealed) -> str:
    """The seal: SHA-256 over the content in one fixed form. Whatever changes in it, the seal changes."""
    ordered = msgspec.structs.replace(
        content,
        variants=tuple(sorted(content.variants, key=lambda v: v.language)),
        targets=tuple(sorted(content.targets)),
    )
    return hashlib.sha256(msgspec.json.encode(ordered, order="deterministic")).hexdigest()


def stands(approval: Approval | None, seal: str) -> bool:
    """Whether the approval is for exactly this."""
    return approval is not None and approval.seal == seal


def may_approve(author: str, approver: str) -> bool:
    """Nobody approves what they wrote."""
    return author != approver

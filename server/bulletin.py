"""What staff write and want aired: bulletins, variants, broadcasts, decisions. Pure.

Imported by the use cases, the repositories and the web.
"""

import msgspec

from audio.clip import Clip
from audio.voice import Provenance
from schedules.clock import DAY, DurationMs, UtcMs
from schedules.programme import BroadcastClass
from schedules.recurrence import Recurrence, last_due
from server.approval import Sealed, SealedVariant, seal_of, stands
from server.lifecycle import BroadcastState, Passage

RECORDING = "recording"
VOICE = "voice"
PHRASES = "phrases"
"""Whose sound a variant has: somebody recorded it, a machine speaks, or a bank of phrases that people recorded."""
TYPED, TRANSLATED, TEMPLATE = "typed", "translated", "template"
"""Where a variant's text comes from."""
REVIEWED_WITHIN: DurationMs = 1 * DAY
"""So soon a second person looks at what was aired on one signature."""


class Variant(msgspec.Struct, frozen=True):
    """A bulletin in one language. `source`: of its sound; `answers`: how its author said what nobody else could say;
    `origin`: of its text, empty where nobody was asked; `translator`: who translated it, as that was typed. `reviewer`:
    who said, `reviewed_at`, that text and sound are right in this language; empty where nobody has. `revoked`: somebody
    whose voice is in it has withdrawn their consent."""

    language: str
    text: str
    spoken: str
    source: str
    clip: Clip
    provenance: Provenance
    answers: dict[str, str] = {}
    origin: str = ""
    translator: str = ""
    reviewer: str = ""
    reviewed_at: UtcMs = 0
    revoked: bool = False


class Bulletin(msgspec.Struct, frozen=True):
    """What staff write. `area`: on whose behalf; `authority`: who orders it, `responsible`: who answers for it,
    `reason`: why it is an emergency; all as they were typed. `opening`, `closing`: from the library, in place of the
    chimes; `exercise`: it says and shows everywhere that it is none in earnest."""

    id: str
    title: str
    topic: str
    broadcast_class: BroadcastClass
    area: str
    author: str
    created_at: UtcMs
    variants: tuple[Variant, ...]
    authority: str = ""
    responsible: str = ""
    reason: str = ""
    opening: tuple[Clip, ...] = ()
    closing: tuple[Clip, ...] = ()
    exercise: bool = False

    @property
    def sounds(self) -> tuple[Clip, ...]:
        """All that may sound of it anywhere, once it is approved."""
        return (*(variant.clip for variant in sounding(self)), *self.opening, *self.closing)


class Decision(msgspec.Struct, frozen=True):
    """An approver approved exactly what `seal` stands for, or sent it back with a note. `alone`: an emergency officer
    had it sound on this one signature; `heard`, `by_text`: the languages that the approver had heard to the end, and
    those that were approved by their text."""

    broadcast: str
    approved: bool
    seal: str
    approver: str
    at: UtcMs
    note: str = ""
    alone: bool = False
    heard: tuple[str, ...] = ()
    by_text: tuple[str, ...] = ()

    @property
    def told(self) -> str:
        """What the audit says of it: its seal, and how each language was judged."""
        ways = [("heard", self.heard), ("by_text", self.by_text)]
        judged = [f"{way}={','.join(languages)}" for way, languages in ways if languages]
        return " ".join(filter(None, (self.seal, *judged, self.note)))


class Review(msgspec.Struct, frozen=True):
    """A second person has looked at what was aired on one signature, and confirms it or objects."""

    broadcast: str
    confirmed: bool
    note: str
    reviewer: str
    at: UtcMs


class Broadcast(msgspec.Struct, frozen=True):
    """A bulletin, where and when. `recurrence` is None for a "now" before its approval. `version` counts from 1,
    `replaces` and `successor`: the versions before and after it; `writers`: everyone who wrote in it or in a version
    before it; `superseded_at`: since when the newer version holds; `ordered`: the stored emergency of which it is one
    sounding, or what it says again where that failed: its sound was approved then. `pushed`: it is sent
    down for communes to take (`server.uptake`)."""

    id: str
    bulletin: str
    mode: str
    recurrence: Recurrence | None
    author: str
    created_at: UtcMs
    targets: tuple[str, ...]
    withdrawn_at: UtcMs | None = None
    decision: Decision | None = None
    version: int = 1
    replaces: str = ""
    successor: str = ""
    writers: tuple[str, ...] = ()
    superseded_at: UtcMs | None = None
    review: Review | None = None
    ordered: str = ""
    pushed: bool = False


def vetted_as_before(bulletin: Bulletin, before: Bulletin | None) -> Bulletin:
    """A newer version: what has the same words and the same sound as in the one before was looked at by whom it was
    then."""
    older = {variant.language: variant for variant in before.variants} if before else {}
    variants = tuple(_vetted(variant, older.get(variant.language)) for variant in bulletin.variants)
    return msgspec.structs.replace(bulletin, variants=variants)


def _vetted(variant: Variant, before: Variant | None) -> Variant:
    if before is None or (variant.text, variant.spoken, variant.clip) != (before.text, before.spoken, before.clip):
        return variant
    return msgspec.structs.replace(variant, reviewer=before.reviewer, reviewed_at=before.reviewed_at)


def ends_at(recurrence: Recurrence | None) -> UtcMs | None:
    """When it is due for the last time; None where it has no end, or no beginning yet."""
    return None if recurrence is None else last_due(recurrence)


def seal(bulletin: Bulletin, broadcast: Broadcast) -> str:
    """The seal of a broadcast as it is now."""
    return seal_of(_sealed(bulletin, broadcast))


def state_of(bulletin: Bulletin, broadcast: Broadcast) -> BroadcastState:
    """Where it stands."""
    if broadcast.withdrawn_at is not None:
        return BroadcastState.withdrawn
    if broadcast.superseded_at is not None:
        return BroadcastState.superseded
    decision = broadcast.decision
    if decision is None:
        return BroadcastState.submitted
    if not decision.approved:
        return BroadcastState.returned
    sound = stands(decision.seal, _sealed(bulletin, broadcast)) and bool(sounding(bulletin))
    return BroadcastState.approved if sound else BroadcastState.voided


def sounding(bulletin: Bulletin) -> tuple[Variant, ...]:
    """What of an approved bulletin may still sound, after a presenter has withdrawn: nothing of it, but for an
    emergency, which goes on in its other languages: all that is left of it was approved."""
    kept = tuple(variant for variant in bulletin.variants if not variant.revoked)
    urgent = bulletin.broadcast_class is BroadcastClass.emergency
    return kept if urgent or len(kept) == len(bulletin.variants) else ()


def passage_of(bulletin: Bulletin, broadcast: Broadcast) -> Passage:
    """How far it has come."""
    decision = broadcast.decision
    approved = decision is not None and decision.approved
    return Passage(
        state=state_of(bulletin, broadcast),
        writers=frozenset({broadcast.author, bulletin.author, *broadcast.writers}),
        emergency=bulletin.broadcast_class is BroadcastClass.emergency,
        approver=decision.approver if decision and approved else "",
        alone=decision.alone if decision and approved else False,
    )


def is_overdue(decision: Decision, now: UtcMs) -> bool:
    """Whether the second person should have looked by now."""
    return now > decision.at + REVIEWED_WITHIN


def _sealed(bulletin: Bulletin, broadcast: Broadcast) -> Sealed:
    return Sealed(
        title=bulletin.title,
        topic=bulletin.topic,
        broadcast_class=BroadcastClass(bulletin.broadcast_class).value,
        variants=tuple(_sealed_variant(variant) for variant in bulletin.variants),
        targets=broadcast.targets,
        recurrence=None if broadcast.mode == "now" else broadcast.recurrence,
        broadcast=broadcast.id,
        mode=broadcast.mode,
        area=bulletin.area,
        authority=bulletin.authority,
        responsible=bulletin.responsible,
        reason=bulletin.reason,
        opening=_named(bulletin.opening),
        exercise=True if bulletin.exercise else msgspec.UNSET,
        closing=_named(bulletin.closing),
        pushed=True if broadcast.pushed else msgspec.UNSET,
    )


def _named(clips: tuple[Clip, ...]) -> tuple[str, ...] | msgspec.UnsetType:
    return tuple(clip.sha256 for clip in clips) or msgspec.UNSET


def _sealed_variant(variant: Variant) -> SealedVariant:
    voice = variant.provenance
    return SealedVariant(
        language=variant.language,
        text=variant.text,
        spoken=variant.spoken,
        clip=variant.clip.sha256,
        source=variant.source,
        engine=voice.engine,
        engine_version=voice.version,
        voice=voice.voice,
        parameters=voice.parameters,
        ai_made=voice.ai_made,
        origin=variant.origin,
        translator=variant.translator,
        reviewer=variant.reviewer,
    )

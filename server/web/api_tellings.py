"""From what the server knows to what the JSON API tells of it.

Imported by the routes of the API.
"""

from collections.abc import Callable, Mapping

from schedules.assignment import Assignment
from schedules.clock import UtcMs
from schedules.recurrence import Recurrence
from server.area import Area
from server.bulletin import Bulletin, Variant, ends_at
from server.bulletins import BroadcastPage
from server.ledger import LogState, state_of
from server.readiness import Heard
from server.repositories.logbook import LogLine
from server.repositories.store import Store
from server.web.api_door import instant, iso
from server.web.api_shapes import (
    AreaShape,
    BroadcastShape,
    BulletinShape,
    LoudspeakerShape,
    PlaybackShape,
    SoundShape,
    VariantShape,
)

_AHEAD = (LogState.preparing, LogState.ready, LogState.not_reached)


def bulletin_told(store: Store, found: Bulletin, names: Mapping[str, str]) -> BulletinShape:
    """A bulletin."""
    return BulletinShape(
        id=found.id,
        title=found.title,
        topic=found.topic,
        class_=found.broadcast_class.value,
        area=found.area,
        authority=found.authority,
        responsible=found.responsible,
        reason=found.reason,
        exercise=found.exercise,
        author=names.get(found.author, ""),
        created_at=instant(found.created_at),
        variants=[_variant_told(variant) for variant in found.variants],
        broadcasts=[broadcast.id for broadcast in store.broadcasts.of_bulletin(found.id)],
    )


def _variant_told(variant: Variant) -> VariantShape:
    voice, clip = variant.provenance, variant.clip
    return VariantShape(
        language=variant.language,
        text=variant.text,
        spoken=variant.spoken,
        source=variant.source,
        engine=voice.engine,
        voice=voice.voice,
        ai_made=voice.ai_made,
        translator=variant.translator,
        reviewed=bool(variant.reviewer),
        sound=SoundShape(sha256=clip.sha256, duration_ms=clip.duration_ms, size=clip.size),
    )


def broadcast_told(page: BroadcastPage, rule: Callable[[Recurrence], str]) -> BroadcastShape:
    """A broadcast. `rule`: when it airs, in words."""
    found, decision = page.broadcast, page.broadcast.decision
    approved = decision is not None and decision.approved
    return BroadcastShape(
        id=found.id,
        bulletin=found.bulletin,
        title=page.bulletin.title,
        class_=page.bulletin.broadcast_class.value,
        state=page.state.value,
        mode=found.mode,
        rule=rule(found.recurrence) if found.recurrence else "",
        targets=list(found.targets),
        version=found.version,
        replaces=found.replaces,
        successor=found.successor,
        author=page.author,
        approver=page.decided_by if approved else "",
        approved_at=iso(decision.at) if decision and approved else None,
        alone=page.alone,
        seal=page.seal,
        ends_at=iso(ends_at(found.recurrence)),
        withdrawn_at=iso(found.withdrawn_at),
        created_at=instant(found.created_at),
    )


def playback_told(line: LogLine, now: UtcMs) -> PlaybackShape:
    """A row of the log."""
    plan, told = line.planned, line.playback
    state = state_of(plan, told, None, now)
    return PlaybackShape(
        loudspeaker=plan.loudspeaker,
        occurrence=plan.occurrence,
        broadcast=plan.broadcast,
        bulletin=plan.bulletin,
        title=plan.title,
        class_=plan.broadcast_class.value,
        planned=instant(plan.planned),
        useful_until=instant(plan.useful_until),
        state="planned" if state in _AHEAD else state.value,
        outcome=told.outcome.value if told else None,
        reason=told.reason.value if told else None,
        other=told.other if told else None,
        started=iso(told.started) if told else None,
        ended=iso(told.ended) if told else None,
        due_ms=told.due_ms if told else None,
        sounded_ms=told.sounded_ms if told else None,
        evidence=told.evidence.value if told else None,
        clock_trust=told.trust.value if told else None,
        clock_bound_ms=told.bound_ms if told else None,
        offline=told.offline if told else None,
        volume=told.volume if told else None,
        clips=list(told.clips if told else plan.clips),
        missing=list(told.missing) if told else [],
        seal=plan.seal,
    )


def loudspeaker_told(area: Area, heard: Heard | None, assigned: Assignment | None) -> LoudspeakerShape:
    """A loudspeaker."""
    said = heard.status if heard else None
    return LoudspeakerShape(
        id=area.id,
        name=area.name,
        area=area.parent or "",
        path=area.path,
        languages=list(assigned.languages) if assigned else [],
        online=said.online if said else None,
        heard_at=iso(heard.received_at) if heard else None,
        version=said.version if said else None,
        clock_trust=said.trust.value if said else None,
        clock_bound_ms=said.bound_ms if said else None,
        sounding=said.sounding if said else None,
        clips_missing=len(said.clips_missing) if said else None,
        disk_free_bytes=said.disk_free_bytes if said else None,
        sound_card=said.sound_card if said else None,
        memory_card=said.memory_card if said else None,
        data_today=said.data_today if said else None,
        data_month=said.data_month if said else None,
    )


def area_told(area: Area) -> AreaShape:
    """A place."""
    return AreaShape(
        id=area.id,
        name=area.name,
        level=area.level,
        parent=area.parent,
        former_names=area.former_names,
        valid_to=area.valid_to,
    )

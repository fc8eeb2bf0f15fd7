"""From a happening to what programs read of it.

Imported by the routes of the API and composition roots.
"""

from schedules.clock import UtcMs
from server.happening import About, Happening, HappeningKind, Spot, failed, sounded, summed
from server.web.api_door import instant, iso
from server.web.event_shapes import EventBroadcast, EventLoudspeaker, EventShape, EventShare

_COUNTED = (HappeningKind.aired, HappeningKind.failed)
_NO_REPORT = "none"


def happening_told(happening: Happening) -> bytes:
    """As JSON, in UTF-8: what a webhook brings."""
    return event_told(happening).model_dump_json(by_alias=True).encode()


def event_told(happening: Happening) -> EventShape:
    """As the API answers it."""
    outcomes = summed(happening.counts) if happening.kind in _COUNTED else {}
    every = sum(outcomes.values())
    return EventShape(
        id=happening.id,
        cursor=str(happening.number),
        kind=happening.kind.value,
        occurred_at=instant(happening.at),
        broadcast=_broadcast(happening.about) if happening.about is not None else None,
        occurrence=happening.occurrence or None,
        planned=iso(happening.planned),
        revision=happening.revision,
        outcomes=[
            EventShare(outcome=outcome or _NO_REPORT, count=count, share=round(count / every, 4))
            for outcome, count in sorted(outcomes.items())
        ],
        sounded=sounded(outcomes),
        failed=failed(outcomes),
        loudspeakers=[_loudspeaker(spot, happening.kind) for spot in happening.spots],
        by=happening.by,
        note=happening.note,
    )


def _broadcast(about: About) -> EventBroadcast:
    return EventBroadcast(
        id=about.broadcast,
        bulletin=about.bulletin,
        title=about.title,
        class_=about.broadcast_class,
        area=_last(about.area),
        targets=[_last(target) for target in about.targets],
        exercise=about.exercise,
        replaces=about.replaces,
    )


def _loudspeaker(spot: Spot, kind: HappeningKind) -> EventLoudspeaker:
    ended = kind in (*_COUNTED, HappeningKind.corrected)
    return EventLoudspeaker(
        id=spot.id,
        name=spot.name,
        path=spot.path,
        outcome=(spot.outcome or _NO_REPORT) if ended else None,
        reason=spot.reason or None,
        since=_since(spot.since),
    )


def _since(utc: UtcMs) -> str | None:
    return iso(max(utc, 0))


def _last(path: str) -> str:
    return path.strip("/").rpartition("/")[2]

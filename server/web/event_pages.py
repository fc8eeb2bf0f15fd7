"""What happened, for programs: the list by cursor, and the description of what webhooks bring.

Imported by `api_pages` and `server.app`.
"""

from typing import Annotated

from fastapi import APIRouter, FastAPI, Query, Request

from server import happenings
from server.happening import HappeningKind
from server.web.api_door import ApiDoor, TurnedAway, router_of
from server.web.api_reading_pages import USUAL, AreaId, Limit, Since, instant_of
from server.web.event_shapes import EventName, EventPage, EventShape
from server.web.event_tellings import event_told
from server.web.frame import Frame
from server.web.words import N_

SUMMARIES = {
    HappeningKind.approved: N_("A broadcast was approved"),
    HappeningKind.aired: N_("A broadcast has sounded; at how many loudspeakers, by outcome"),
    HappeningKind.failed: N_("A broadcast did not sound where it was to; the loudspeakers"),
    HappeningKind.withdrawn: N_("An approved bulletin was withdrawn"),
    HappeningKind.emergency_issued: N_("An emergency was issued"),
    HappeningKind.emergency_ended: N_("An emergency is over: withdrawn, replaced, or by itself"),
    HappeningKind.silent: N_("Loudspeakers of a commune have had no link for long (as set under “Alarms”)"),
    HappeningKind.back: N_("They have a link again"),
    HappeningKind.corrected: N_("A person has corrected how a play ended"),
}
_LARGEST = 2**53
EventCursor = Annotated[
    str, Query(max_length=20, description=N_("“next” of the page before, or “cursor” of an event; empty: the oldest"))
]
Kinds = Annotated[list[EventName], Query(max_length=9, description=N_("only of these kinds"))]


def routes(frame: Frame, door: ApiDoor) -> APIRouter:
    """The routes of this family."""
    router, desk = router_of(), frame.desk

    @router.get("/events", summary=N_("What happened, the oldest first: also what a webhook has missed"))
    def events(
        request: Request,
        area: AreaId = "",
        kind: Kinds = [],  # noqa: B006 - FastAPI copies it
        since: Since = None,
        cursor: EventCursor = "",
        limit: Limit = USUAL,
    ) -> EventPage:
        person, after = door.caller(request).person, _number(cursor)
        kinds = frozenset(HappeningKind(each) for each in kind)
        first = 0 if since is None else instant_of(since)
        with desk.stores.open() as store:
            oldest, newest = store.happenings.oldest(), store.happenings.newest()
            told, reached = happenings.listed(store, person, area, after, limit, kinds, first)
        return EventPage(
            items=[event_told(each) for each in told],
            next=str(reached),
            more=reached < newest,
            lost=bool(cursor) and after + 1 < oldest,
        )

    return router


def describe_webhooks(app: FastAPI) -> None:
    """What webhooks bring, in the description (OpenAPI `webhooks`)."""
    for kind, summary in SUMMARIES.items():

        def brought(body: EventShape) -> None:
            """Signed: the header `Loaban-Signature` holds, with spaces between while two secrets are valid, `v1=` and
            HMAC-SHA256 (hexadecimal) of `Loaban-Id`, `Loaban-Timestamp` (seconds) and the body, with dots between.
            Refuse what is older than five minutes. Answer with 200 to 299 within ten seconds; else it comes again, with
            the same `Loaban-Id`."""

        app.webhooks.post(kind.value, summary=summary, status_code=204)(brought)


def _number(cursor: str) -> int:
    if not cursor:
        return 0
    if not cursor.isascii() or not cursor.isdecimal() or int(cursor) > _LARGEST:
        raise TurnedAway("bad_cursor", 422)
    return int(cursor)

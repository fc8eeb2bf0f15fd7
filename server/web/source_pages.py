"""What came from the source-information system, for who writes in its areas.

Imported by `server.app`.
"""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from server import sourcing
from server.source_system import SourceFaultKind
from server.web import source_words
from server.web.frame import Frame


def routes(frame: Frame) -> APIRouter:
    """The routes of this family."""
    router = APIRouter()
    desk = frame.desk

    @router.get("/tu-nguon")
    def page(request: Request) -> Response:
        person = frame.person(request)
        with desk.stores.open() as store:
            found = sourcing.from_above(store, person)
        fault = found.standing.fault
        why = source_words.SOURCE_FAULTS[SourceFaultKind(fault)] if fault else ""
        connected = bool(desk.settings.source_url)
        return frame.page(request, "sources.html", found=found, why=frame.say(request, why), connected=connected)

    return router

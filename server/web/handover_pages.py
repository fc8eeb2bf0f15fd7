"""The hand-over sheet: a page of paper for each loudspeaker, for whoever looks after it and for the file.

Imported by `server.app`.
"""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from server import handing
from server.volumes import steps
from server.web.enrolment_pages import address_of
from server.web.frame import Frame, language_name
from server.web.qr import picture


def routes(frame: Frame) -> APIRouter:
    """The routes of this family."""
    router = APIRouter()
    desk = frame.desk

    @router.get("/ban-giao/{area}")
    def sheets(request: Request, area: str) -> Response:
        person = frame.person(request)
        with desk.stores.open() as store:
            found, sheets, left_out = handing.sheets(store, person, area)
            languages = store.areas.languages()
        address = address_of(frame, request)
        return frame.page(
            request,
            "handover.html",
            area=found,
            sheets=sheets,
            left_out=left_out,
            names={tag: language_name(languages, tag) for sheet in sheets for tag in sheet.languages},
            steps={sheet.area.id: steps(sheet.holds) for sheet in sheets},
            pages={sheet.area.id: f"{address}/loa/{sheet.area.id}" for sheet in sheets},
            picture=picture,
        )

    return router

"""The page "Âm lượng": how loud the loudspeakers of an area are by hour, below the ceiling that holds there.

Imported by `server.app`.
"""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from schedules.assignment import VolumePreset
from server import volumes
from server.guard_form import ceiling_of
from server.volumes import TooLoud, TooQuiet
from server.web import words
from server.web.frame import Frame, to

ROWS = 4
_Typed = Annotated[str, Form(max_length=100)]
_Lines = Annotated[list[str], Form(max_length=ROWS)]


def routes(frame: Frame) -> APIRouter:
    """The routes of this family."""
    router = APIRouter()
    desk = frame.desk

    @router.get("/am-luong/{area}")
    def page(request: Request, area: str, xong: str = "") -> Response:
        return shown(request, area, done=xong == "1")

    def shown(request: Request, area: str, status: int = 200, **given: Any) -> Response:
        person = frame.person(request)
        with desk.stores.open() as store:
            found = volumes.page(store, person, area)
        own = found.area.settings.volume
        given = {
            "own": own is not None,
            "typed": _typed(own or found.holds.volume),
            "errors": {},
            "done": False,
            **given,
        }
        return frame.page(request, "volume.html", status, page=found, rows=ROWS, **given)

    @router.post("/am-luong/{area}")
    def change(
        request: Request,
        area: str,
        volume: _Typed = "",
        volume_from: _Lines = [],  # noqa: B006
        volume_percent: _Lines = [],  # noqa: B006
    ) -> Response:
        person = frame.person(request)
        lines = [p for p in zip(volume_from, volume_percent, strict=False) if any(t.strip() for t in p)]
        wanted = ceiling_of(lines) if volume == "own" else None
        kept: dict[str, Any] = {"own": volume == "own", "typed": lines}
        if volume not in ("inherit", "own") or (volume == "own" and wanted is None):
            errors = {"volume": [frame.say(request, words.GUARD_FAULTS["ceiling"])]}
            return shown(request, area, 422, errors=errors, **kept)
        try:
            with desk.stores.open() as store:
                volumes.wish(store, person, area, wanted, desk.clock())
        except TooLoud as fault:
            parts = {"time": f"{fault.minute // 60:02d}:{fault.minute % 60:02d}", "percent": fault.percent}
            errors = {"volume": [frame.say(request, words.TOO_LOUD, **parts)]}
            return shown(request, area, 422, errors=errors, **kept)
        except TooQuiet:
            errors = {"volume": [frame.say(request, words.TOO_QUIET, percent=volumes.QUIETEST)]}
            return shown(request, area, 422, errors=errors, **kept)
        desk.bell.ring("programmes")
        return to(f"/am-luong/{area}?xong=1")

    return router


def _typed(presets: tuple[VolumePreset, ...]) -> list[tuple[str, str]]:
    return [(f"{p.from_minute // 60:02d}:{p.from_minute % 60:02d}", str(p.percent)) for p in presets]

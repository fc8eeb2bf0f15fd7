"""The page "Bảng điều khiển": the share that sounded, by commune and day, and what is to be acted upon; each figure
leads to the rows that it counts.

Imported by `server.app`.
"""

from datetime import timedelta
from functools import lru_cache
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import Response

from schedules.clock import UtcMs, at_civil, civil, civil_day
from server import alarms, dashboard
from server.area import HAMLET
from server.dashboard import SPANS, Age, HeatLine
from server.ledger import WAS_TO
from server.refusals import NotFound
from server.web.frame import Frame, day_typed, language_name
from server.web.places import to_choose

_DAY = "%d/%m/%Y"


def routes(frame: Frame) -> APIRouter:
    """The routes of this family."""
    router = APIRouter()
    desk = frame.desk

    @router.get("/bang-dieu-khien")
    def board(request: Request, khu_vuc: str = "", den: str = "", so_ngay: str = "") -> Response:
        person, now = frame.person(request), desk.clock()
        days = next((span for span in SPANS if str(span) == so_ngay), SPANS[0])
        today = civil_day(now)
        last = min(day_typed(den) or today, today)
        with desk.stores.open() as store:
            found = dashboard.board(store, person, khu_vuc, at_civil(last, 0), days, now)
            languages, areas = (
                store.areas.languages(),
                [a for a in to_choose(store, person, khu_vuc) if a.level != HAMLET],
            )
        first = civil_day(found.since)
        window = {"khu_vuc": khu_vuc, "tu": first.strftime(_DAY), "den": last.strftime(_DAY)}
        return frame.page(
            request,
            "dashboard.html",
            board=found,
            areas=[area for area in areas if area.level != HAMLET],
            choice={"khu_vuc": khu_vuc, "den": den, "so_ngay": str(days)},
            spans=SPANS,
            names={tag: language_name(languages, tag) for tag in found.missing},
            links=Links(window),
            before=(last - timedelta(days)).strftime(_DAY),
            after=(last + timedelta(days)).strftime(_DAY) if last < today else "",
            today=today.strftime(_DAY),
        )

    @router.get("/bang-dieu-khien/mat-lien-lac")
    def dead(request: Request, khu_vuc: str = "", tuoi: str = "") -> Response:
        person, now = frame.person(request), desk.clock()
        age = next((each for each in Age if each.value == tuoi), None)
        with desk.stores.open() as store:
            found = [each for each in dashboard.dead(store, person, khu_vuc, now) if age in (None, each.age)]
        return frame.page(request, "dashboard_dead.html", dead=found, age=age)

    @router.get("/bang-dieu-khien/im-lang")
    def silent(request: Request, khu_vuc: str = "", tu: str = "", den: str = "") -> Response:
        person, now = frame.person(request), desk.clock()
        first, last = day_typed(tu), day_typed(den)
        if first is None or last is None or not 0 <= (last - first).days < SPANS[-1]:
            raise NotFound
        with desk.stores.open() as store:
            days = (last - first).days + 1
            found = dashboard.board(store, person, khu_vuc, at_civil(last, 0), days, now)
        return frame.page(request, "dashboard_silent.html", areas=found.silent, links=Links({"tu": tu, "den": den}))

    @router.get("/bang-dieu-khien/khan-cap")
    def unreviewed(request: Request) -> Response:
        person, now = frame.person(request), desk.clock()
        with desk.stores.open() as store:
            found = alarms.unreviewed(store, person, now)
        return frame.page(request, "dashboard_unreviewed.html", unreviewed=found)

    return router


class Links:
    """The addresses of the rows that figures count. `window`: area and days of the dashboard."""

    def __init__(self, window: dict[str, str]) -> None:
        self._window = window

    def cell(self, line: HeatLine, day: UtcMs) -> str:
        """What was to sound in a commune on a day."""
        where = {"xa": line.area} if line.station else {"khu_vuc": line.area}
        return _log({**where, "ngay": civil(day).strftime(_DAY), "ket_qua": WAS_TO})

    def missing(self, language: str) -> str:
        """The rows in which a language was missing."""
        return _log({**self._window, "thieu": language})

    def bulletin(self, bulletin: str) -> str:
        """What was to sound of a bulletin."""
        return _log({**self._window, "ban_tin": bulletin, "ket_qua": WAS_TO})

    def station(self, area: str) -> str:
        """All rows of a commune in these days."""
        return _log({**self._window, "khu_vuc": area})

    def dead(self, age: Age) -> str:
        """The loudspeakers that have been silent for so long."""
        return "/bang-dieu-khien/mat-lien-lac?" + _query({"khu_vuc": self._window["khu_vuc"], "tuoi": age.value})

    def silent(self) -> str:
        """The stations of which nothing sounded."""
        return "/bang-dieu-khien/im-lang?" + _query(self._window)


def _log(choice: dict[str, str]) -> str:
    return "/nhat-ky?" + _query(choice)


def _query(choice: dict[str, str]) -> str:
    return "&".join(_field(name, value) for name, value in choice.items() if value)


@lru_cache(4096)
def _field(name: str, value: str) -> str:
    """As it stands in an address. A page has thousands of them, of a few days and places."""
    return urlencode({name: value})

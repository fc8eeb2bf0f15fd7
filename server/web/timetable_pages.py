"""The pages "Lịch phát": a week, day by day, and a month with the days of the moon.

Imported by `server.app`.
"""

from datetime import date, timedelta

from fastapi import APIRouter, Request
from fastapi.responses import Response

from schedules.clock import civil_day
from server import oversight, timetable
from server.access import Act, scope
from server.area import LOUDSPEAKER
from server.web.frame import Frame, day_typed, language_name
from server.web.places import shown

_WEEK = timedelta(days=7)
_YEARS = 50


def routes(frame: Frame) -> APIRouter:
    """The routes of this family."""
    router = APIRouter()

    def chosen(typed: str) -> date:
        """The day that was typed; today where it is none, or lies where nobody plans anything."""
        day, today = day_typed(typed), civil_day(frame.desk.clock())
        return day if day is not None and abs(day.year - today.year) <= _YEARS else today

    @router.get("/lich-phat")
    def week(request: Request, ngay: str = "", khu_vuc: str = "") -> Response:
        day = chosen(ngay)
        monday = day - timedelta(days=day.weekday())
        return show(request, "timetable.html", monday, timetable.WEEK, khu_vuc, (monday - _WEEK, monday + _WEEK))

    @router.get("/lich-phat/thang")
    def month(request: Request, ngay: str = "", khu_vuc: str = "") -> Response:
        first = (chosen(ngay)).replace(day=1)
        following = (first + timedelta(days=31)).replace(day=1)
        monday = first - timedelta(days=first.weekday())
        count = -(-(following - monday).days // 7) * 7
        around = ((first - timedelta(days=1)).replace(day=1), following)
        return show(request, "timetable_month.html", monday, count, khu_vuc, around, first)

    def show(
        request: Request,
        template: str,
        monday: date,
        count: int,
        khu_vuc: str,
        around: tuple[date, date],
        first: date | None = None,
    ) -> Response:
        person = frame.person(request)
        with frame.desk.stores.open() as store:
            area = oversight.visible_area(store, person, khu_vuc) if khu_vuc else None
            found = timetable.days(store, person, area, monday, count, frame.desk.clock())
            languages = store.areas.languages()
            every = store.areas.below(scope(person.grants, Act.see))
            titles = oversight.titles(store, (line.other for day in found for line in day.lines))
        return frame.page(
            request,
            template,
            days=found,
            today=civil_day(frame.desk.clock()),
            first=first or monday,
            before=around[0],
            after=around[1],
            chosen=khu_vuc,
            areas=[each for each in shown(every, khu_vuc, {khu_vuc}) if each.level != LOUDSPEAKER],
            names={tag: language_name(languages, tag) for day in found for line in day.lines for tag in line.languages},
            titles=titles,
        )

    return router

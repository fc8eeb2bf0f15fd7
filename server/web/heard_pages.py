"""The pages "Thôn nghe gì": what a hamlet or a loudspeaker hears on a day, in the next 24 hours, in a week; to look at,
to listen to, and on paper.

Imported by `server.app`.
"""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from schedules.clock import DAY, MINUTE, at_civil, civil_day
from server import heard_here, oversight
from server.access import Act, scope
from server.area import LOUDSPEAKER
from server.web.frame import Frame, day_typed, language_name
from server.web.places import LINES, Wish, narrowed, shown

NEXT, WEEK = "24", "tuan"
"""How much somebody wants to see: the next 24 hours, seven days; else one day."""
DAYS = 7
_YEARS = 50


def routes(frame: Frame) -> APIRouter:
    """The routes of this family."""
    router = APIRouter()
    desk = frame.desk

    @router.get("/nghe")
    def hamlets(request: Request, khu_vuc: str = "", tim: str = "", trang: str = "") -> Response:
        person, wish = frame.person(request), Wish(khu_vuc, tim, "", trang)
        with desk.stores.open() as store:
            found, total = narrowed(oversight.hamlets(store, person), wish, lambda a: a, lambda a: a.name)
            parents = store.areas.named(area.parent for area in found if area.parent)
            languages, every = store.areas.languages(), store.areas.below(scope(person.grants, Act.see))
        names = {tag: language_name(languages, tag) for area in found for tag in area.languages}
        return frame.page(
            request,
            "hamlets.html",
            hamlets=found,
            parents=parents,
            names=names,
            wish=wish,
            total=total,
            lines=LINES,
            areas=[area for area in shown(every, khu_vuc, {khu_vuc}) if area.level != LOUDSPEAKER],
        )

    @router.get("/nghe/{area}")
    def preview(request: Request, area: str, ngay: str = "", xem: str = "") -> Response:
        person, now = frame.person(request), desk.clock()
        today, chosen = civil_day(now), day_typed(ngay)
        far = chosen is not None and abs(chosen.year - today.year) > _YEARS
        day = today if chosen is None or far else chosen
        since, until = heard_here.span(day, DAYS if xem == WEEK else 1)
        if xem == NEXT:
            since, until = now // MINUTE * MINUTE, now // MINUTE * MINUTE + DAY
        with desk.stores.open() as store:
            found = heard_here.heard(store, person, area, since, until, now)
            languages = store.areas.languages()
            entries = [entry for each in found.days for entry in each.entries]
            titles = oversight.titles(store, (entry.other for entry in entries))
            where = oversight.names_of(store, [found.area])
        tags = {clip.language for entry in entries for clip in entry.slot.clips}
        tags |= {tag for entry in entries for tag in entry.missing}
        tags |= {tag for each in found.days for line in each.waiting for tag in line.languages}
        return frame.page(
            request,
            "preview.html",
            heard=found,
            where=[where[id_] for id_ in found.area.ids[1:-1]],
            titles=titles,
            names={tag: language_name(languages, tag) for tag in tags},
            since=at_civil(day, 0),
            today=today,
            view=xem if xem in (NEXT, WEEK) else "",
            day=DAY,
            stride=DAY * (DAYS if xem == WEEK else 1),
            typed=ngay,
            problem=ngay.strip()[:40] if chosen is None or far else "",
        )

    return router

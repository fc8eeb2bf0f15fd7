"""Pages of bulletins on their way to air: overview, list, one of them, approvals.

Imported by `server.app`.
"""

from collections.abc import Mapping
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from audio.language import VIETNAMESE, Language
from schedules.clock import DAY, UtcMs, civil_day
from schedules.programme import BroadcastClass
from schedules.recurrence import Once
from server import (
    alarms,
    answering,
    asking,
    before_air,
    before_sending,
    bulletins,
    clashing,
    concerns,
    drafts,
    listening,
    oversight,
    presenters,
    results,
    timetable,
)
from server.access import Act, Person, may, may_anywhere, scope
from server.area import COMMUNE
from server.before_air import Coming, Lagging
from server.bulletin import is_overdue
from server.bulletins import BroadcastPage
from server.compose_form import FieldError, Problem
from server.composing import check_note
from server.lifecycle import DUE
from server.outlay import Sound
from server.readiness import Deadline
from server.refusals import NotForAir, NotFound, NotHeard, TooLate
from server.repositories.logbook import LogFilter
from server.repositories.store import Store
from server.uptake import is_office
from server.web import gap_words, phrase_words, readiness_words, words
from server.web.frame import Frame, language_name, near, no_content, to, when

SOON = 3
LATEST = 5
"""Results on the overview."""
_INSTANT = 15
"""Digits of an instant that can be one."""


def routes(frame: Frame) -> APIRouter:
    """The routes of this family."""
    router = APIRouter()
    desk = frame.desk

    @router.get("/")
    def overview(request: Request) -> Response:
        person, now = frame.person(request), desk.clock()
        with desk.stores.open() as store:
            waiting = bulletins.waiting(store, person, now + 1) if may_anywhere(person.grants, Act.approve) else []
            returned = bulletins.sent_back(store, person, now + 1)
            fleet, repairs = oversight.fleet_rows(store, person, now), store.care.open_repairs()
            gone_wrong = oversight.troubles(store, person, now)
            unreviewed = alarms.unreviewed(store, person, now)
            silenced, languages = presenters.silenced(store, person, now), store.areas.languages()
            upcoming = oversight.next_due(store, person, now)[:SOON]
            air = before_air.prepared(store, person, upcoming, now)
            asked = asking.of_person(store, person)
            worried = sum(not each.concern.seen_at for each in concerns.standing(store, person, now))
            newcomer = may_anywhere(person.grants, Act.write) and not store.broadcasts.has_sent(person.id)
            latest = results.latest(store, person, now, LATEST)
            today = timetable.days(store, person, None, civil_day(now), 2, now)
            sounding = [row for row in fleet if row.heard and row.heard.status.sounding]
            titles = oversight.titles(store, (row.heard.status.sounding for row in sounding if row.heard))
            down = answering.waiting(store, person, now)
            titles |= oversight.titles(store, (line.other for day in today for line in day.lines))
        silent = [row for row in fleet if row.heard is None or not row.heard.status.online]
        silent.sort(key=lambda row: -row.heard.received_at if row.heard else 0)  # who was lost last comes first
        return frame.page(
            request,
            "overview.html",
            waiting=waiting,
            unreviewed=unreviewed,
            silenced=silenced,
            worried=worried,
            newcomer=newcomer,
            language_name=partial(language_name, languages),
            returned=returned,
            silent=silent,
            repairs=repairs,
            fleet=fleet,
            upcoming=upcoming,
            air=air,
            gone_wrong=gone_wrong,
            asked=asked,
            latest=latest,
            asked_names={each.request.language: language_name(languages, each.request.language) for each in asked},
            sounding=sounding,
            today=today[0],
            clashes=[line for day in today for line in day.lines if line.silent and now <= line.at < now + DAY],
            titles=titles,
            down=down,
        )

    @router.get("/ban-tin")
    def bulletin_list(request: Request, truoc: str = "") -> Response:
        person = frame.person(request)
        before = int(truoc) if truoc.isascii() and truoc.isdigit() and len(truoc) <= _INSTANT else desk.clock() + 1
        with desk.stores.open() as store:
            pages = bulletins.pages(store, person, before)
            unsent = drafts.unsent(store, person) if not truoc else []
            office = is_office(store.areas.below(scope(person.grants, Act.see), COMMUNE), scope(person.grants, Act.see))
        earlier = pages[-1].broadcast.created_at if len(pages) == bulletins.LIST_LENGTH else None
        return frame.page(request, "bulletins.html", pages=pages, earlier=earlier, drafts=unsent, office=office)

    @router.get("/phe-duyet")
    def approvals(request: Request) -> Response:
        person = frame.person(request)
        with desk.stores.open() as store:
            pages = bulletins.waiting(store, person, desk.clock() + 1)
            red = [each for each in alarms.unreviewed(store, person, desk.clock()) if each.page.may_review]
        return frame.page(request, "approvals.html", pages=pages, unreviewed=red)

    @router.get("/ban-tin/{broadcast}/san-sang")
    def readiness(request: Request, broadcast: str) -> Response:
        """What the page puts in the place of its part "Before air", as loudspeakers get ready."""
        person, now = frame.person(request), desk.clock()
        with desk.stores.open() as store:
            page = bulletins.page(store, person, broadcast)
            air, languages = before_air.coming(store, person, broadcast, now), store.areas.languages()
        return frame.page(request, "before_air.html", **_told(frame, request, air, page, languages, now))

    @router.get("/ban-tin/{broadcast}")
    def one(request: Request, broadcast: str) -> Response:
        try:
            return show(request, broadcast)
        except NotFound:  # who is only below it sees it where what came from above stands
            with desk.stores.open() as store:
                answering.opened(store, frame.person(request), broadcast, desk.clock())
            return to(f"/tu-cap-tren/{broadcast}")

    show = partial(show_bulletin, frame)

    @router.post("/ban-tin/{broadcast}/duyet")
    def approve(
        request: Request,
        broadcast: str,
        seal: Annotated[str, Form()] = "",
        by_text: Annotated[list[str] | None, Form()] = None,
        whole: Annotated[str, Form()] = "",
    ) -> Response:
        person, read = frame.person(request), tuple(by_text or ())
        try:
            with desk.stores.open() as store:
                read = tuple(store.areas.languages()) if whole == "by_text" else read
                bulletins.approve(store, person, broadcast, seal, desk.clock(), read, samples=desk.settings.demo)
        except TooLate as late:
            error = frame.say(request, words.REFUSALS[late.code], hour=when(late.hour))
            return show(request, broadcast, 409, errors={"approve": [error]}, by_text=read)
        except NotForAir as barred:
            with desk.stores.open() as store:
                languages = store.areas.languages()
            named = partial(language_name, languages)
            error = phrase_words.barred(partial(frame.say, request), barred.bars, named)
            return show(request, broadcast, 422, errors={"approve": [error]}, by_text=read)
        except NotHeard as unheard:
            with desk.stores.open() as store:
                languages = store.areas.languages()
            names = ", ".join(language_name(languages, tag) for tag in unheard.languages)
            error = frame.say(request, words.NOT_HEARD, languages=names)
            return show(request, broadcast, 422, errors={"approve": [error]}, by_text=read)
        desk.bell.ring("programmes")
        return to(f"/ban-tin/{broadcast}")

    @router.post("/ban-tin/{broadcast}/da-nghe")
    def heard(
        request: Request, broadcast: str, seal: Annotated[str, Form()] = "", language: Annotated[str, Form()] = ""
    ) -> Response:
        """The page says that a sound has been played to its end."""
        person = frame.person(request)
        with desk.stores.open() as store:
            listening.ended(store, person, broadcast, seal, language, desk.clock())
        return no_content()

    @router.post("/ban-tin/{broadcast}/tra-lai")
    def send_back(request: Request, broadcast: str, note: Annotated[str, Form()] = "") -> Response:
        person = frame.person(request)
        checked = check_note(note)
        if isinstance(checked, FieldError):
            text = words.NO_NOTE if checked.problem is Problem.empty else words.PROBLEMS[checked.problem]
            error = frame.say(request, text, details=checked.details)
            return show(request, broadcast, 422, errors={"note": [error]}, note=note)
        with desk.stores.open() as store:
            bulletins.send_back(store, person, broadcast, checked, desk.clock())
        desk.bell.ring("programmes")
        return to(f"/ban-tin/{broadcast}")

    @router.post("/ban-tin/{broadcast}/phat-ngay")
    def order(request: Request, broadcast: str) -> Response:
        person = frame.fresh(request)
        with desk.stores.open() as store:
            ordered = alarms.order(store, person, broadcast, desk.clock(), desk.new_id, samples=desk.settings.demo)
        desk.bell.ring("programmes")
        return to(f"/ban-tin/{ordered}")

    @router.post("/ban-tin/{broadcast}/rut")
    def withdraw(request: Request, broadcast: str) -> Response:
        person = frame.person(request)
        with desk.stores.open() as store:
            bulletins.withdraw(store, person, broadcast, desk.clock())
        desk.bell.ring("programmes")
        return to(f"/ban-tin/{broadcast}")

    return router


def show_bulletin(frame: Frame, request: Request, broadcast: str, status: int = 200, **given: Any) -> Response:
    """The page of one broadcast, with what is wrong with a form on it."""
    desk = frame.desk
    person, now = frame.person(request), desk.clock()
    with desk.stores.open() as store:
        page = bulletins.page(store, person, broadcast)
        wanted = LogFilter(scope(person.grants, Act.see), now - 30 * DAY, now + 1, "", page.bulletin.id)
        outlay = _outlay(store, person, page, now)
        air = before_air.coming(store, person, broadcast, now)
        log = oversight.log_page(store, wanted, now)
        languages, topics = store.areas.languages(), store.areas.topics()
        others = clashing.clashes(store, page, now, now + 14 * DAY)
        older = bulletins.earlier(store, person, page)
        own, origin = store.areas.find(page.bulletin.area), store.sources.origin_of(broadcast)
        heard = bulletins.heard_languages(store, person, page)
        titles = oversight.titles(store, (entry.other for entry in others))
        lacks = gap_words.of_page(frame, request, store, person, page, languages, now)
        manifests = store.phrases.manifests(v.clip.sha256 for v in page.bulletin.variants)
        speaking = {each.presenter for lines in manifests.values() for each in lines}
        speakers = {who.id: who.name for who in store.phrases.presenters(speaking)}
    names = {v.language: language_name(languages, v.language) for v in page.bulletin.variants}
    return frame.page(
        request,
        "bulletin.html",
        status,
        page=page,
        **outlay,
        **lacks,
        **_told(frame, request, air, page, languages, now),
        log=log,
        names=names,
        variants=sorted(page.bulletin.variants, key=lambda v: (v.language != VIETNAMESE, names[v.language])),
        topic=topics.get(page.bulletin.topic, ""),
        others=others,
        manifests=manifests,
        speakers=speakers,
        titles=titles,
        older=older,
        heard=heard,
        may_hold=own is not None and may(person.grants, Act.set_area, own.path),
        kept=[v.language for v in page.bulletin.variants if desk.archive.preview(v.clip.sha256)],
        checks={v.language: desk.studio.checked(v.clip.sha256, v.spoken) for v in page.bulletin.variants},
        origin=origin,
        overdue=page.broadcast.decision is not None and is_overdue(page.broadcast.decision, now),
        **{"errors": {}, "note": "", "review_note": "", "by_text": (), **given},
    )


def _outlay(store: Store, person: Person, page: BroadcastPage, now: UtcMs) -> dict[str, Any]:
    """What it will cost in data, for those who still have to do with its being sent."""
    if page.state not in DUE or not (page.may_decide or page.own):
        return {"outlay": None}
    around = (*page.bulletin.opening, *page.bulletin.closing)
    clips = [*(variant.clip for variant in page.bulletin.variants), *around]
    sounds = [Sound(clip.language, clip.size, clip.sha256) for clip in clips]
    urgent = page.bulletin.broadcast_class is BroadcastClass.emergency
    return {
        "outlay": before_sending.outlay_of(store, person, page.broadcast.targets, sounds, now, urgent=urgent),
        "sounded": True,
        "repeated": not isinstance(page.broadcast.recurrence, Once | None),
        "urgent": urgent,
    }


def _told(
    frame: Frame,
    request: Request,
    air: tuple[Coming, ...],
    page: BroadcastPage,
    languages: Mapping[str, Language],
    now: UtcMs,
) -> dict[str, Any]:
    """What the part "Before air" shows. `elsewhere`: it also sounds where this person may not look."""
    person, say = frame.person(request), partial(frame.say, request)

    def lacking(row: Lagging) -> str:
        missing = ", ".join(language_name(languages, tag) for tag in row.standing.missing)
        return readiness_words.lacking(say, row.standing, near(row.heard_at or 0, now), missing)

    def until(deadline: Deadline) -> str:
        return readiness_words.until(say, deadline, near(deadline.all or 0, now), near(deadline.any or 0, now))

    def hurry(coming: Coming) -> str:
        if coming.hurry is None:
            return ""
        takes, begin = coming.hurry
        return readiness_words.hurry(say, takes, near(begin, now) if begin > now else "")

    elsewhere = not all(may(person.grants, Act.see, area.path) for area in page.areas)
    return {"air": air, "elsewhere": elsewhere, "lacking": lacking, "until": until, "hurry": hurry}

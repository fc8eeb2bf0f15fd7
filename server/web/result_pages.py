"""The pages "Kết quả": what became of a bulletin at each loudspeaker; and "Phát lại cho loa lỗi".

Imported by `server.app`.
"""

from functools import partial
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from audio.language import Language
from schedules.recurrence import Once
from server import oversight, repeating, results, timing
from server.cause import Cause
from server.compose_form import ComposeForm, FieldError, Mode, Problem
from server.ledger import LogState
from server.readiness import Lack
from server.repeating import Wish, WouldBeSilent
from server.result import FAILED, Verdict
from server.results import LINES, Choice, ResultRow
from server.web import cause_words, result_words, words
from server.web.frame import Frame, language_name, to
from server.web.log_table import reason_of

_Typed = Annotated[str, Form(max_length=200)]
_Chosen = Annotated[list[str], Form(max_length=len(FAILED))]
_CERTAIN = tuple(verdict.value for verdict in FAILED if verdict is not Verdict.unreported)
NAMED = 100
"""Loudspeakers that the form names; the others are counted."""
_PAGE_DIGITS = 5


def routes(frame: Frame) -> APIRouter:
    """The routes of this family."""
    router = APIRouter()
    desk = frame.desk

    @router.get("/ban-tin/{broadcast}/ket-qua")
    def result(
        request: Request, broadcast: str, lan: str = "", loi: str = "", khu_vuc: str = "", trang: str = ""
    ) -> Response:
        person, now = frame.person(request), desk.clock()
        number = int(trang) if trang.isascii() and trang.isdigit() and len(trang) <= _PAGE_DIGITS else 0
        choice = Choice(lan, loi == "1", khu_vuc, number)
        with desk.stores.open() as store:
            told = results.result_page(store, person, broadcast, choice, now, linked=desk.ready())
            languages = store.areas.languages()
            area = oversight.visible_area(store, person, khu_vuc) if khu_vuc else None
        return frame.page(
            request,
            "results.html",
            told=told,
            area=area,
            only_failed=choice.only_failed,
            rows=[(row, *_said(frame, request, row, languages)) for row in told.rows],
            names={tag: language_name(languages, tag) for row in told.rows for tag in row.languages},
            at=partial(_address, choice),
            number=number,
            lines=LINES,
        )

    @router.get("/ban-tin/{broadcast}/phat-lai")
    def offer(request: Request, broadcast: str, lan: str = "") -> Response:
        return show(request, broadcast, lan)

    def show(request: Request, broadcast: str, occurrence: str, status: int = 200, **given: Any) -> Response:
        person, now = frame.person(request), desk.clock()
        with desk.stores.open() as store:
            found = repeating.offer(store, person, broadcast, occurrence, now)
        return frame.page(
            request,
            "repeat.html",
            status,
            offer=found,
            groups=[(v, found.of(v)) for v in FAILED if found.of(v)],
            named=NAMED,
            **{"ticked": _CERTAIN, "typed": ComposeForm(), "errors": {}, "choice": "soonest", **given},
        )

    @router.post("/ban-tin/{broadcast}/phat-lai")
    def order(
        request: Request,
        broadcast: str,
        lan: _Typed = "",
        loai: _Chosen = [],  # noqa: B006
        luc: _Typed = "soonest",
        date: _Typed = "",
        time: _Typed = "",
    ) -> Response:
        person, now = frame.person(request), desk.clock()
        typed = ComposeForm(mode=Mode.once.value, date=date, time=time)
        given: dict[str, Any] = {"ticked": tuple(loai), "typed": typed, "choice": luc}
        errors: list[FieldError] = []
        rule = timing.read(typed, now, errors) if luc == "at" else None
        verdicts = frozenset(v for v in FAILED if v.value in loai)
        if not verdicts:
            errors.append(FieldError("where", Problem.no_targets))
        if errors:
            told = {error.field: [words.problem(partial(frame.say, request), error)] for error in errors}
            return show(request, broadcast, lan, 422, errors=told, **given)
        wish = Wish(verdicts, rule.at if isinstance(rule, Once) else None)
        with desk.stores.open() as store:
            done = repeating.order(store, person, broadcast, lan, wish, now, desk.new_id, samples=desk.settings.demo)
        if isinstance(done, WouldBeSilent):
            text = result_words.WOULD_BE_SILENT if wish.at is not None else result_words.NO_TIME
            why = words.why(partial(frame.say, request), done.reason, frame.say(request, words.N_("another bulletin")))
            return show(request, broadcast, lan, 422, errors={"at": [frame.say(request, text, why=why)]}, **given)
        desk.bell.ring("programmes")
        return to(f"/ban-tin/{done}")

    return router


def _address(choice: Choice, **changes: object) -> str:
    """The address of the same page with another choice."""
    wished = {
        "lan": choice.occurrence,
        "loi": "1" if choice.only_failed else "",
        "khu_vuc": choice.area,
        "trang": choice.number or "",
        **changes,
    }
    return "?" + urlencode({name: value for name, value in wished.items() if value})


def _said(frame: Frame, request: Request, row: ResultRow, languages: dict[str, Language]) -> tuple[str, list[str]]:
    """Why, in words; and what to do next, the likeliest first."""
    say = partial(frame.say, request)
    why, acts = reason_of(partial(frame.say, request), row.row, languages), []
    playback, lacks = row.row.line.playback, row.standing.lacks if row.standing else ()
    if playback is not None and row.verdict is not Verdict.sounded:
        acts.append(say(result_words.NEXT[playback.reason]))
    if row.verdict is Verdict.unreported:
        why = say(result_words.NO_REPORT)
    elif playback is None and row.row.state is not LogState.withdrawn:
        plan = words.why(say, row.silenced, say(words.N_("another bulletin")))
        why = plan or "; ".join(say(words.LACKS[lack]) for lack in lacks)
        acts += [say(result_words.NEXT[row.silenced]) if plan else say(words.LACK_ADVICE[lacks[0]]) if lacks else ""]
    chain = row.chain
    if chain is not None and chain.cause is not Cause.well and _tells_more(lacks):
        about = f"{say(cause_words.CAUSES[chain.cause])} {say(cause_words.ACTS[chain.cause])}"
        acts.append(f"{about} ({say(cause_words.OWNERS[chain.owner])})")
    return why, [act for act in acts if act]


def _tells_more(lacks: tuple[Lack, ...]) -> bool:
    """Whether what is wrong with it in general says more than what it lacks just now."""
    return lacks[:1] not in ((Lack.programme,), (Lack.sound,))

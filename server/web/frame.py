"""What every page needs: who is asking, in which language, and the templates.

Imported by the pages and `server.app`.
"""

import hashlib
import io
import re
from collections.abc import Callable, Mapping
from datetime import date
from functools import lru_cache, partial
from gettext import GNUTranslations, NullTranslations
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from audio.clip import NO_LANGUAGE
from audio.language import WORDLESS, Language, full_name
from schedules.clock import MINUTE, UtcMs, civil, civil_day
from server import staff
from server.access import Act, Person, may_anywhere
from server.bell import Bell
from server.clip_archive import ClipArchive
from server.enrolment import Office
from server.exports import Exports
from server.masterings import Masterings
from server.narrations import Narrations
from server.notice import NoticeKind
from server.openings import Openings
from server.originals import Originals
from server.paces import Paces
from server.province_sign_in import IdentityProvider
from server.recording import Recordings
from server.repositories.store import Stores
from server.settings import Settings
from server.staff import Door, Hasher, Standing, Step
from server.studio import Studio
from server.take_archive import TakeArchive
from server.take_room import TakeRoom
from server.vault import Vault
from server.web import (
    dashboard_words,
    guide_words,
    language_words,
    notice_words,
    people_words,
    phrase_words,
    result_words,
    rule_words,
    sound_words,
    tune_words,
    words,
)
from server.web.compiled import Compiled
from server.web.requests_noted import Counting
from server.wording import Said

HERE = Path(__file__).parent
_DATE = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")
SESSION_COOKIE = "loaban"
LANGUAGE_COOKIE = "loaban_ui"
GUIDE_COOKIE = "loaban_guide"
LANGUAGES = ("vi", "en")
API = "/api/1"
"""Below it live the routes for programs."""
PUBLIC = "/cong-khai"
"""Below it lie the pages for everybody."""


class Desk(msgspec.Struct, frozen=True):
    """The parts of the server that pages use. `clock()` is UTC milliseconds; `reread()` has what waits for approval
    read anew, as it is said now, and waits for none of it. `push_key`: what browsers know this server by when they ask
    to be told; `post()` has letters leave now."""

    settings: Settings
    stores: Stores
    studio: Studio
    narrations: Narrations
    masterings: Masterings
    archive: ClipArchive
    originals: Originals
    takes: TakeArchive
    take_room: TakeRoom
    bell: Bell
    hasher: Hasher
    vault: Vault
    provider: IdentityProvider | None
    clock: Callable[[], UtcMs]
    new_id: Callable[[str], str]
    new_token: Callable[[], str]
    new_password: Callable[[], str]
    ready: Callable[[], bool]
    office: Office
    exports: Exports
    reread: Callable[[], None]
    push_key: str
    post: Callable[[], None]
    counting: Counting | None = None
    openings: Openings = msgspec.field(default_factory=Openings)
    paces: Paces = msgspec.field(default_factory=Paces)

    @property
    def recordings(self) -> Recordings:
        """What is done with recordings, on these parts."""
        return Recordings(self.stores, self.take_room, self.studio, self.masterings, self.originals, self.clock)

    @property
    def door(self) -> Door:
        """What it takes to let somebody in."""
        return Door(self.hasher, self.vault, asks_codes=not self.settings.demo)


class SignInNeeded(Exception):
    """Nobody is signed in; the page sends them to sign in."""


class StepNeeded(Exception):
    """Somebody is signed in, and has to do something before anything else; the page sends them there."""

    def __init__(self, step: Step) -> None:
        super().__init__(step)
        self.step = step


class ConfirmationNeeded(Exception):
    """Somebody is signed in and must show again who they are; a page asks them and carries on with the same form."""


def translations(language: str) -> NullTranslations:
    """The words of a language, compiled from its .po at start: nothing compiled is kept in the project."""
    path = HERE / "locale" / language / "LC_MESSAGES" / "messages.po"
    if not path.exists():
        return NullTranslations()
    with path.open("rb") as file:
        catalogue = read_po(file, locale=language)
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return GNUTranslations(compiled)


_COMPILED = Compiled()


class Frame:
    """Renders pages; made once."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self._translations = {language: translations(language) for language in LANGUAGES}
        self._static = {
            path.relative_to(HERE / "static").as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()[:10]
            for path in (HERE / "static").rglob("*")
            if path.is_file()
        }
        self._templates = {language: self._environment(language) for language in LANGUAGES}

    def language(self, request: Request) -> str:
        """The language that the person chose, or that a program accepts best; Vietnamese before they did."""
        if request.url.path.startswith((f"{API}/", f"{PUBLIC}/")):
            return accepted(request.headers.get("accept-language", ""))
        chosen = request.cookies.get(LANGUAGE_COOKIE, "")
        return chosen if chosen in LANGUAGES else LANGUAGES[0]

    def say(self, request: Request, text: str, **parts: object) -> str:
        """A text in the person's language."""
        said = self._translations[self.language(request)].gettext(text) if text else ""
        return said % parts if parts else said

    def person(self, request: Request) -> Person:
        """Who is asking. Raises `SignInNeeded`, and `StepNeeded` while they have something to do first."""
        found = self.standing(request)
        if found.step is not None:
            raise StepNeeded(found.step)
        return found.person

    def notice(self, request: Request, kind: NoticeKind, about: Mapping[str, str]) -> Said:
        """What somebody is told, in their language."""
        return notice_words.told(self._translations[self.language(request)].gettext, kind, about)

    def size(self, request: Request) -> Callable[[int], str]:
        """How many bytes are told to this person."""
        return partial(size, point="," if self.language(request) == "vi" else ".")

    def fresh(self, request: Request) -> Person:
        """Who is asking, and has shown who they are within the last five minutes: for what is dangerous, such as an
        emergency or a grant. Call it first in the handler of a POST, instead of `person`:

            person = frame.fresh(request)

        Raises `ConfirmationNeeded` besides what `person` raises. Then a page asks for the password or a code and sends
        the same form again to the same address, so that nothing is typed twice and the handler need know nothing of it.
        It works without JavaScript. The form must be an ordinary one: not sent by `hx-post`, and without files."""
        self.person(request)
        return self.confirmed(request).person

    def confirmed(self, request: Request) -> Standing:
        """As `fresh`, for the pages that people see before they may see any other."""
        found = self.standing(request)
        if not found.fresh(self.desk.clock()):
            raise ConfirmationNeeded
        return found

    def standing(self, request: Request) -> Standing:
        """Who is asking, and how they are signed in: for the pages of one's own account, which people see before they
        may see any other. Raises `SignInNeeded`."""
        found: Standing | None = getattr(request.state, "standing", None)
        if found is not None:
            return found
        token, now = request.cookies.get(SESSION_COOKIE, ""), self.desk.clock()
        with self.desk.stores.open() as store:
            found = staff.standing(store, token, now, asks_codes=not self.desk.settings.demo)
        if found is None:
            raise SignInNeeded
        request.state.standing, request.state.person = found, found.person
        return found

    def page(self, request: Request, template: str, status: int = 200, **given: Any) -> HTMLResponse:
        """A page in the person's language."""
        language = self.language(request)
        context = {
            "person": getattr(request.state, "person", None),
            "step": getattr(getattr(request.state, "standing", None), "step", None),
            "ui": language,
            "path": request.url.path,
            "demo": self.desk.settings.demo,
            "province": self.desk.provider is not None,
            "now": self.desk.clock(),
            "rings": self.desk.bell.rings,
            "unread": self._unread(request),
            "guided": request.cookies.get(GUIDE_COOKIE) == "1",
            **given,
        }
        html = self._templates[language].get_template(template).render(context)
        return HTMLResponse(html, status, headers={"cache-control": "no-store"})

    def _unread(self, request: Request) -> int:
        """How many messages wait for who is asking."""
        person: Person | None = getattr(request.state, "person", None)
        if person is None:
            return 0
        with self.desk.stores.open() as store:
            return store.notices.unread(person.id)

    def static_url(self, name: str) -> str:
        """The address of a static file; it changes with its content, so that browsers keep it for ever."""
        return f"/tinh/{self._static[name]}/{name}"

    def _environment(self, language: str) -> Environment:
        environment = Environment(
            loader=FileSystemLoader(HERE / "templates"),
            autoescape=select_autoescape(),
            extensions=["jinja2.ext.i18n"],
            undefined=StrictUndefined,
            bytecode_cache=_COMPILED,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        environment.install_gettext_translations(self._translations[language], newstyle=True)  # type: ignore[attr-defined]
        gettext = self._translations[language].gettext
        environment.globals.update(
            words=words,
            dashboard_words=dashboard_words,
            people_words=people_words,
            language_words=language_words,
            notice_words=notice_words,
            guide_words=guide_words,
            tune_words=tune_words,
            phrase_words=phrase_words,
            result_words=result_words,
            rule_words=rule_words,
            sound_words=sound_words,
            why=partial(words.why, gettext),
            static=self.static_url,
            can=lambda person, act: may_anywhere(person.grants, Act(act)),
            composes=lambda person: any(may_anywhere(person.grants, act) for act in (Act.write, Act.alarm)),
        )
        environment.filters.update(
            rule=partial(rule_words.told, gettext),
            said=lambda code, table: gettext(table[code]) if table[code] else "",
            at=lambda utc: civil(utc).strftime("%d/%m/%Y %H:%M") if utc else "",
            at_exactly=lambda utc: civil(utc).strftime("%d/%m/%Y %H:%M" if utc % MINUTE == 0 else "%d/%m/%Y %H:%M:%S"),
            at_second=lambda utc: civil(utc).strftime("%H:%M:%S") if utc else "",
            clock_exactly=lambda utc: civil(utc).strftime("%H:%M" if utc % MINUTE == 0 else "%H:%M:%S"),
            day=_day,
            day_short=_day_short,
            minute=lambda m: f"{m // 60:02d}:{m % 60:02d}",
            minutes_said=lambda ms: f"{ms // 60_000}:{ms // 1_000 % 60:02d}",
            size=partial(size, point="," if language == "vi" else "."),
            seconds=lambda ms: f"{ms / 1000:.1f}".replace(".", "," if language == "vi" else "."),
        )
        return environment


def language_name(languages: Mapping[str, Language], tag: str) -> str:
    """A language for people, never by its code."""
    found = WORDLESS if tag == NO_LANGUAGE else languages.get(tag)
    return full_name(found) if found else tag


def accepted(header: str) -> str:
    """Which of our languages an `Accept-Language` likes best."""
    liked: dict[str, float] = {}
    for part in header.split(",")[:20]:
        tag, _, weight = part.strip().lower().partition(";q=")
        try:
            liked.setdefault(tag.split("-")[0], float(weight or 1))
        except ValueError:
            continue
    return max(LANGUAGES, key=lambda language: (liked.get(language, 0), language == LANGUAGES[0]))


def size(amount: int, point: str) -> str:
    """Bytes for people, in decimal units, never told smaller than they are."""
    for unit, name in ((1_000_000_000, "GB"), (1_000_000, "MB")):
        if amount >= unit:
            tenths = -(-amount * 10 // unit)
            whole = tenths >= 1_000 or tenths % 10 == 0
            number = f"{-(-tenths // 10)}" if whole else f"{tenths // 10}{point}{tenths % 10}"
            return f"{number}\u00a0{name}"  # a line never ends between a number and its unit
    return f"{-(-amount // 1_000)}\u00a0kB"


def day_typed(typed: str) -> date | None:
    """A day as dd/mm/yyyy; None where it is none."""
    found = _DATE.fullmatch(typed.strip())
    try:
        return date(int(found[3]), int(found[2]), int(found[1])) if found else None
    except ValueError:
        return None


def near(utc: UtcMs, now: UtcMs) -> str:
    """An instant of today by its time alone, any other with its day."""
    return civil(utc).strftime("%H:%M" if civil_day(utc) == civil_day(now) else "%H:%M %d/%m/%Y")


@lru_cache(1024)
def _day(utc: UtcMs) -> str:
    """A heat table says the same days thousands of times."""
    return civil(utc).strftime("%d/%m/%Y")


@lru_cache(1024)
def _day_short(utc: UtcMs) -> str:
    return civil(utc).strftime("%d/%m")


def when(utc: UtcMs) -> str:
    """A civil instant, to the minute."""
    return civil(utc).strftime("%H:%M %d/%m/%Y")


def to(path: str) -> RedirectResponse:
    """Go on to another page, by GET."""
    return RedirectResponse(path, status_code=303)


def own_path(address: str) -> str:
    """The page of ours that an address leads to, never another site's."""
    parts = urlsplit(address)
    own = parts.path.startswith("/") and not parts.path.startswith(("//", "/\\"))
    return (f"{parts.path}?{parts.query}" if parts.query else parts.path) if own else "/"


def no_content() -> Response:
    """Nothing to say."""
    return Response(status_code=204)

"""A server's desk on a temporary database, seeded with the sample, with a clock that tests move.

Imported by `tests/web`, `tests/browser` and, for its clock, `tests/store`.
"""

import re
import shutil
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date
from functools import cache, cached_property
from html import unescape
from pathlib import Path
from typing import Any, cast

import pyotp
from fastapi import FastAPI
from sqlalchemy import Engine
from starlette.testclient import TestClient
from starlette.types import Receive, Scope, Send

from schedules.clock import DAY, HOUR, ClockTrust, UtcMs, at_civil
from schedules.playback import Evidence, Outcome, Playback, Reason
from schedules.programme import BroadcastClass
from schedules.recurrence import Once
from schedules.wire import Report, Status
from server import bulletins, noticing, oversight, programmes, report_files, seed, staff
from server.access import Person, Role, owes_second_factor
from server.app import build
from server.area import Area
from server.authority import Authority
from server.bell import NOTICES, Bell
from server.clip_archive import ClipArchive
from server.compose_form import Mode
from server.composing import Draft, DraftVariant
from server.enrolment import Office
from server.export_folder import ExportFolder
from server.exports import Exports
from server.keyring import Keyring
from server.masterings import Masterings
from server.migrations import bring_to_newest
from server.narrations import Narrations
from server.originals import Originals
from server.province_sign_in import IdentityProvider
from server.repositories.logbook import LogFilter
from server.repositories.store import Store, Stores, engine_of
from server.rereading import reread
from server.settings import Settings
from server.take_archive import TakeArchive
from server.take_room import TakeRoom
from server.vault import Vault
from server.web.frame import SESSION_COOKIE, Desk
from tests.web.fake_studio import FakeStudio

NOON: UtcMs = at_civil(date(2026, 12, 4), 12 * 60)
PASSWORD = "mat-khau-thu"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
"""Of the telephone of everybody who decides."""
VAULT = Vault(b"v" * 32)
PUSH_KEY = "BCbvzr0O6eNKZpGH4Ys6kSKy9zOUW2Scyfn5Ien52tgSkCOL3pzHuzMNFQxncE3SWucFUgV0S28xv0BwdFhy0OY"
"""Of a server that sends to nobody."""


class PlainHasher:
    """Passwords as they are: argon2 is slow on purpose, and is tested with the use cases."""

    def hash(self, password: str) -> str:
        return f"plain:{password}"

    def verify(self, password: str, hash: str) -> bool:
        return hash == f"plain:{password}"


@dataclass
class Clock:
    """Stands still until a test moves it."""

    now: UtcMs = NOON

    def __call__(self) -> UtcMs:
        return self.now


def sample_database(path: Path) -> Path:
    """A database with the sample in it, for houses to begin with: filling one takes longer than most tests."""
    engine = engine_of(f"sqlite:///{path}")
    bring_to_newest(engine)
    with Stores(engine).open() as store:
        areas = seed.seed_province(store)
        seed.seed_sample(store, areas, PlainHasher(), lambda: PASSWORD, NOON)
        for account in store.staff.accounts():
            give_telephone(store, account.id)
    engine.dispose()
    return path


def give_telephone(store: Store, username: str) -> None:
    """Who decides has set up the second factor."""
    person = store.staff.person(username, NOON)
    if person is not None and owes_second_factor(person.grants):
        store.factors.keep(username, VAULT.seal(username, SECRET), 0)


def code_now(house: "House") -> str:
    """What the telephone of everybody who decides shows."""
    return str(pyotp.TOTP(SECRET).at(house.clock.now // 1000))


_DESK: ContextVar[Desk] = ContextVar("the desk of the house that is asked")


class _DeskAsked:
    """The parts of whichever house is asked."""

    def __getattr__(self, name: str) -> Any:
        return getattr(_DESK.get(), name)


@cache
def pages() -> FastAPI:
    """The application on the desk of whichever house is asked, put together once for a process."""
    return build(cast("Desk", _DeskAsked()))


class Served:
    """The pages of one desk, on routes that all share: putting two hundred together takes longer than most tests."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, or the life of a server."""
        _DESK.set(self._desk)
        await pages()(scope, receive, send)


def copied(sample: Path, folder: Path) -> Path:
    """A database of one's own."""
    return Path(shutil.copy(sample, folder / "loaban.db"))


class House:
    """The whole desk, and what tests do with it."""

    def __init__(
        self,
        folder: Path,
        sample: Path | Engine,
        *,
        demo: bool = False,
        studio: Callable[[ClipArchive], Any] | None = None,
        patience_s: float = 10,
        provider: IdentityProvider | None = None,
    ) -> None:
        self.engine = engine = engine_of(f"sqlite:///{copied(sample, folder)}") if isinstance(sample, Path) else sample
        self.clock, self.bell, self.stores = Clock(), Bell(), Stores(engine, folder / "archive")
        self.archive = ClipArchive(folder / "clips")
        self.originals = Originals(folder / "originals")
        self.takes = TakeArchive(folder / "phrases")
        self.take_room = TakeRoom(folder / "takes")
        self.studio: FakeStudio = (studio or FakeStudio)(self.archive)
        self.linked = self.rereads = True
        self.posted = 0
        keyring = Keyring(folder, lambda: b"k" * 32)
        self.office = Office(Authority(folder), keyring, "mqtts://broker.test:8883")
        self.exports = Exports(folder / "exports", self._export)
        self._keyring, self._made = keyring, 0
        self.desk = Desk(
            settings=Settings(data_folder=folder, demo=demo),
            stores=self.stores,
            studio=self.studio,  # type: ignore[arg-type]
            narrations=Narrations(self.studio, patience_s=patience_s),
            masterings=Masterings(self.studio, self.originals, patience_s if patience_s < 1 else 100),
            archive=self.archive,
            originals=self.originals,
            takes=self.takes,
            take_room=self.take_room,
            bell=self.bell,
            reread=self.reread,
            hasher=PlainHasher(),
            vault=VAULT,
            provider=provider,
            clock=self.clock,
            new_id=self._new_id,
            new_token=lambda: self._new_id("token"),
            new_password=lambda: self._new_id("first-password"),
            ready=lambda: self.linked,
            office=self.office,
            exports=self.exports,
            push_key=PUSH_KEY,
            post=self.post,
        )

    @cached_property
    def app(self) -> FastAPI:
        """The application on this desk alone."""
        return build(self.desk)

    @property
    def served(self) -> Served:
        """The same pages, on routes that all houses of a process share."""
        return Served(self.desk)

    def reread(self) -> None:
        """What the thread beside a server does when it is woken, unless it is busy."""
        if self.rereads:
            reread(self.stores, self.studio, self.clock)

    def _export(self, path: Path) -> None:
        """What a process of its own does beside a server."""
        report_files.write(ExportFolder(path), self.stores, lambda: self._keyring.current().key, self.clock)

    def post(self) -> None:
        """Letters wait here until a test sends them."""
        self.posted += 1

    def tell(self) -> None:
        """What the messenger does after each ring."""
        with self.stores.open() as store:
            noticing.follow(store, self.clock.now)
        self.bell.ring(NOTICES)

    def close(self) -> None:
        """No file stays open."""
        self.engine.dispose()

    def anonymous(self) -> TestClient:
        """Somebody who has not signed in."""
        return TestClient(self.served, base_url="http://loa.test", follow_redirects=False)

    def somebody(self, username: str) -> TestClient:
        """Somebody who has signed in a moment ago, with the second factor where they have one."""
        browser = self.anonymous()
        browser.cookies.set(SESSION_COOKIE, self.session(username))
        return browser

    def session(self, username: str) -> str:
        """The token of a session of theirs: tests of the door go through its pages."""
        token = self._new_id("token")
        with self.stores.open() as store:
            store.sessions.begin(staff.hashed(token), username, self.clock.now, confirmed_at=self.clock.now)
        return token

    def grant(self, username: str, area: str, role: Role) -> None:
        """They hold this role there, and what it takes to use it; who is not there yet comes."""
        with self.stores.open() as store:
            if store.staff.find(username) is None:
                store.staff.add(username, username, f"{username} (mẫu)", f"plain:{PASSWORD}")
            store.staff.grant(username, area, role)
            give_telephone(store, username)

    def person(self, store: Store, username: str) -> Person:
        """The person behind a username."""
        found = store.staff.person(username, self.clock.now)
        assert found is not None
        return found

    def write(
        self,
        title: str = "Họp thôn",
        *,
        at: UtcMs | None = None,
        targets: tuple[str, ...] = ("thon-mau-ta-chai",),
        klass: BroadcastClass = BroadcastClass.ordinary,
        languages: tuple[str, ...] = ("vi",),
        author: str = "bientap",
        mode: Mode = Mode.once,
    ) -> str:
        """A broadcast that waits for approval; its id."""
        rendered = {tag: self.studio.record(f"RIFF {title} {tag}".encode(), tag) for tag in languages}
        variants = tuple(DraftVariant(t, "Kính thưa bà con.", "", r.clip.sha256) for t, r in rendered.items())
        answers = () if klass is BroadcastClass.ordinary else ("UBND xã (mẫu)", "Chủ tịch xã (mẫu)", "Mưa lớn")
        recurrence = Once(self.clock.now + HOUR if at is None else at) if mode is Mode.once else None
        draft = Draft(title, "an-ninh", klass, variants, targets, mode, recurrence, *answers)
        with self.stores.open() as store:
            person = self.person(store, author)
            return bulletins.compose(store, person, draft, rendered, self.clock.now, self._new_id)

    def approve(self, broadcast: str) -> None:
        """The approver approves it, and programmes and expected plays follow."""
        with self.stores.open() as store:
            person = self.person(store, "pheduyet")
            seal = bulletins.page(store, person, broadcast).seal
            bulletins.approve(store, person, broadcast, seal, self.clock.now, by_text=store.areas.languages())
        self.follow()

    def follow(self) -> None:
        """What the gateway does after each ring."""
        with self.stores.open() as store:
            programmes.bring_up_to_date(store, self.clock.now)

    def expected(self, loudspeaker: str, broadcast: str) -> Playback:
        """What the loudspeaker would report of this broadcast if all went well."""
        with self.stores.open() as store:
            wanted = LogFilter(("/",), self.clock.now - 30 * DAY, self.clock.now + 30 * DAY)
            lines = [line.planned for line in store.logbook.all_lines(wanted)]
        planned = next(p for p in lines if p.loudspeaker == loudspeaker and p.broadcast == broadcast)
        return Playback(
            1,
            planned.occurrence,
            planned.broadcast,
            planned.bulletin,
            planned.planned,
            Outcome.played,
            Reason.none,
            started=planned.planned,
            ended=planned.planned + 2_000,
            due_ms=2_000,
            sounded_ms=2_000,
            evidence=Evidence.counted,
            trust=ClockTrust.server,
            bound_ms=12,
        )

    def report(self, loudspeaker: str, playback: Playback) -> None:
        """The loudspeaker reports, and the server files it."""
        with self.stores.open() as store:
            assert oversight.file_report(store, loudspeaker, Report("journal-1", (playback,)), self.clock.now)
        self.bell.ring("log")

    def hear(self, loudspeaker: str, status: Status) -> None:
        """The loudspeaker tells how it is."""
        with self.stores.open() as store:
            assert oversight.file_status(store, loudspeaker, status, self.clock.now)
        self.bell.ring("fleet")

    def broadcasts(self) -> list[str]:
        """All that were ever kept."""
        with self.stores.open() as store:
            everything = store.broadcasts.below(("/",), 1000, self.clock.now + DAY)
            return [b.id for b in everything]

    def _new_id(self, kind: str) -> str:
        self._made += 1
        return f"{kind}-{self._made:04d}"


HAMLETS = 4
"""In each commune of a filled province."""


def fill_province(house: House, hamlets: int = HAMLETS) -> None:
    """Every commune with hamlets and loudspeakers, and somebody ("tinhvan") who writes for the whole province."""
    with house.stores.open() as store:
        for commune in store.areas.below(["/tinh-lao-cai/"], "commune"):
            for number in range(hamlets):
                hamlet, loudspeaker = f"thon-{commune.id}-{number}", f"loa-{commune.id}-{number}"
                path = f"{commune.path}{hamlet}/"
                area = Area(
                    hamlet, commune.id, path, commune.depth + 1, "hamlet", f"Thôn Bản {number}", languages=("vi",)
                )
                store.areas.keep(area)
                leaf = Area(
                    loudspeaker, hamlet, f"{path}{loudspeaker}/", area.depth + 1, "loudspeaker", f"Loa {number}"
                )
                store.fleet.keep(leaf, place="", enrolled_at=house.clock.now)
        store.staff.add("tinhvan", "tinhvan", "Biên tập tỉnh", f"plain:{PASSWORD}")
        store.staff.grant("tinhvan", "tinh-lao-cai", Role.approver)
        give_telephone(store, "tinhvan")
    house.follow()


def text_of(html: str) -> str:
    """What a page says, without its markup."""
    plain = re.sub(r"<(script|style).*?</\1>", " ", html, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", plain)).split())

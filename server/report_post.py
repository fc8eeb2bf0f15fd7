"""The reports' post: writes the files of reports that are due and puts them into letters, once for each period and
address. A shell.

Imported by the parts and tests. Files first, then letters and the note of them in one transaction: killed in between,
the files are written again, and nobody gets two. `write(path)` writes the export whose folder that is.
"""

import logging
import shutil
from collections.abc import Callable
from pathlib import Path

from schedules.clock import UtcMs
from server.access import Act, may
from server.export import TYPES, Ask, Fault, Format
from server.export_folder import ExportFolder
from server.letter import Letter
from server.manifest import SUFFIX
from server.notice import Event, NoticeKind
from server.notice_choice import Way
from server.noticing import letter_of
from server.parcel import Enclosed, Gone, Parcel
from server.period import Period, period_of
from server.report_mailing import KEPT, Dispatch, ReportMailing, due
from server.repositories.store import Store, Stores

FOLDER = "mailed"
_MB = 1_000_000
_GROWS = 4 / 3
"""An attachment is letters of seven bits."""
_JSON = "application/json"
_log = logging.getLogger("loaban.report_post")


def files_in(folder: Path) -> list[Path]:
    """The files of a sending and their signatures, one behind the other."""
    found = []
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        made = ExportFolder(path).made if path.is_dir() else None
        if made is not None:
            found += [path / made.name, path / f"{made.name}{SUFFIX}"]
    return [path for path in found if path.is_file()]


class ReportPost:
    """In `folder`. `limit_mb`: what one e-mail may weigh; a heavier one brings a link."""

    def __init__(
        self,
        stores: Stores,
        folder: Path,
        write: Callable[[Path], None],
        clock: Callable[[], UtcMs],
        limit_mb: float,
    ) -> None:
        self._stores, self._folder, self._write, self._clock = stores, folder, write, clock
        self._limit = limit_mb * _MB

    def round(self) -> bool:
        """Send all that is due and was not sent; whether there may be more (never)."""
        now = self._clock()
        with self._stores.open() as store:
            waiting = [
                (mailing, period, fresh)
                for mailing in store.report_mailings.standing()
                if (period := due(mailing, now)) is not None and (fresh := _fresh(store, mailing, period))
            ]
        for mailing, period, addresses in waiting:
            self._send(mailing, period, addresses)
        self._forget(now)
        return False

    def folder(self, mailing: str, period: str) -> Path:
        """Where the files of a sending lie."""
        return self._folder / mailing / period

    def pack(self, letter: Letter) -> Parcel | None:
        """What goes with a letter."""
        if letter.event.kind not in (NoticeKind.report, NoticeKind.report_linked):
            return None
        with self._stores.open() as store:
            dispatch = store.report_mailings.by_letter(letter.id)
            mailing = store.report_mailings.find(dispatch.mailing) if dispatch else None
        if dispatch is None or mailing is None or mailing.ended_at:
            raise Gone
        files = files_in(self.folder(mailing.id, dispatch.period))
        if not files:
            raise Gone
        linked = letter.event.kind is NoticeKind.report_linked
        return Parcel(dispatch.address, mailing.language, () if linked else tuple(map(_enclosed, files)))

    def _send(self, mailing: ReportMailing, period: Period, addresses: tuple[str, ...]) -> None:
        fault, now = self._made(mailing, period), self._clock()
        with self._stores.open() as store:
            if store.report_mailings.find(mailing.id) != mailing:  # ended meanwhile
                return
            if fault is not None:
                _log.warning("report %s of %s was not written: %s", period.text, mailing.id, fault.value)
                failed = [Dispatch(mailing.id, period.text, to, "", fault.value, now) for to in addresses]
                store.report_mailings.dispatch(failed)
                subject, after = mailing.id, f"{period.text} {fault.value}"
                store.trail.note(now, "", "report_not_mailed", subject, area=mailing.area, after=after)
                return
            self._dispatch(store, mailing, period, addresses, now)

    def _dispatch(
        self, store: Store, mailing: ReportMailing, period: Period, addresses: tuple[str, ...], now: UtcMs
    ) -> None:
        files = files_in(self.folder(mailing.id, period.text))
        heavy = sum(path.stat().st_size for path in files) * _GROWS > self._limit
        kind = NoticeKind.report_linked if heavy else NoticeKind.report
        page = f"/bao-cao/gui-thu/{mailing.id}/{period.text}"
        link = page if heavy else f"/bao-cao?khu_vuc={mailing.area}&ky={period.text}"
        area = store.areas.find(mailing.area)
        about = {"place": area.name if area else mailing.area, "period": period.text}
        for to in addresses:
            letter = letter_of(Way.mail, mailing.id, Event(kind, f"{page} {to} {now}", now, link, about), now, now)
            store.notices.post(letter)
            store.report_mailings.dispatch([Dispatch(mailing.id, period.text, to, letter.id, "", now)])
        sums = " ".join(path.name for path in files if not path.name.endswith(SUFFIX))
        after = f"{period.text} {sums}: {', '.join(addresses)}"
        store.trail.note(now, "", "report_mailed", mailing.id, area=mailing.area, after=after)

    def _made(self, mailing: ReportMailing, period: Period) -> Fault | None:
        """Write what is not there yet; why it could not be. By the rights of who ordered it, as they are now."""
        with self._stores.open() as store:
            if not _still_may(store, mailing, self._clock()):
                return Fault.not_allowed
        for form in mailing.formats:
            folder = ExportFolder(self.folder(mailing.id, period.text) / form.value)
            if folder.path.exists() and folder.made is not None:
                continue
            folder.remove()
            fault = self._written(folder, mailing, period, form)
            if fault is not None:
                return fault
        return None

    def _written(self, folder: ExportFolder, mailing: ReportMailing, period: Period, form: Format) -> Fault | None:
        try:
            folder.begin(Ask(mailing.made_by, mailing.area, period.text, form, mailing.language, self._clock()))
            self._write(folder.path)
        except OSError:
            _log.exception("a report could not be written")
            return Fault.no_room
        return None if folder.made is not None else folder.fault or Fault.failed

    def _forget(self, now: UtcMs) -> None:
        """Files past their time are gone."""
        for path in self._folder.glob("*/*"):
            period = period_of(path.name)
            if period is None or period.until + KEPT <= now:
                shutil.rmtree(path, ignore_errors=True)


def _still_may(store: Store, mailing: ReportMailing, now: UtcMs) -> bool:
    person, area = store.staff.person(mailing.made_by, now), store.areas.find(mailing.area)
    account = store.staff.account(mailing.made_by)
    if person is None or area is None or account is None or account.disabled_at:
        return False
    return may(person.grants, Act.hand_out, area.path)


def _fresh(store: Store, mailing: ReportMailing, period: Period) -> tuple[str, ...]:
    """The addresses that the report of a period has not been sent to."""
    done = {each.address for each in store.report_mailings.dispatched(mailing.id, period.text)}
    return tuple(each for each in mailing.addresses if each not in done)


def _enclosed(path: Path) -> Enclosed:
    kind = _JSON if path.name.endswith(SUFFIX) else TYPES[path.suffix.removeprefix(".")]
    return Enclosed(path.name, kind, path.read_bytes())

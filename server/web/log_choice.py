"""What somebody chose to see of the log: the fields of its form, and the filter that they mean.

Imported by the pages of the log and the dashboard, whose figures lead to it.
"""

from datetime import date, timedelta
from urllib.parse import urlencode

import msgspec

from schedules.clock import DAY, UtcMs, at_civil, civil_day, civil_midnight
from schedules.programme import BroadcastClass
from server import oversight
from server.access import Person
from server.area import Area
from server.repositories.logbook import LogFilter
from server.repositories.store import Store
from server.web.frame import day_typed

DAYS_SHOWN = 7
MOST_DAYS = 92
"""At a time: a quarter."""
CALLED = 20
"""Places of a name that are offered."""
LONGEST = 200


class Choice(msgspec.Struct, frozen=True):
    """The fields, by their names in the address: area, words in the name of a place, one day or the first and the last
    one, outcome, class, language that it was to sound in, language that was missing, bulletin, loudspeaker, commune of
    then (to which the dashboard leads)."""

    khu_vuc: str = ""
    noi: str = ""
    ngay: str = ""
    tu: str = ""
    den: str = ""
    ket_qua: str = ""
    loai: str = ""
    tieng: str = ""
    thieu: str = ""
    ban_tin: str = ""
    loa: str = ""
    xa: str = ""

    @property
    def fields(self) -> dict[str, str]:
        """Those that say something."""
        return {name: value for name, value in msgspec.structs.asdict(self).items() if value}

    @property
    def query(self) -> str:
        """As it stands in an address."""
        return urlencode(self.fields)

    @property
    def narrow(self) -> bool:
        """Whether it says more than where, when and how it ended."""
        return bool(self.loai or self.tieng or self.thieu or self.ban_tin or self.loa)


class Meant(msgspec.Struct, frozen=True):
    """What a choice means. `problem`: what was typed for a day and is none; `called`: places of the name that was
    typed, where it is not one alone; `shortened`: more days were asked for than are shown at a time."""

    filter: LogFilter
    problem: str = ""
    called: tuple[Area, ...] = ()
    shortened: bool = False


def meant(store: Store, person: Person, choice: Choice, after: str, now: UtcMs) -> Meant:
    """The filter of a choice. Raises `NotFound` for an area that the person may not see."""
    since, until, problem, shortened = _days(choice, now)
    called = oversight.areas_called(store, person, choice.noi[:LONGEST]) if choice.noi.strip() else []
    area = called[0].id if len(called) == 1 and not choice.khu_vuc else choice.khu_vuc
    found = oversight.filter_of(
        store,
        person,
        area,
        since,
        until,
        choice.ket_qua[:LONGEST],
        choice.ban_tin[:LONGEST],
        loudspeaker=choice.loa[:LONGEST],
        broadcast_class=choice.loai if choice.loai in {each.value for each in BroadcastClass} else "",
        language=choice.tieng[:LONGEST],
        missing=choice.thieu[:LONGEST],
        station=oversight.visible_area(store, person, choice.xa).id if choice.xa else "",
    )
    if choice.noi.strip() and not area:
        found = msgspec.structs.replace(found, paths=tuple(each.path for each in called))
    parts = after.split("~")
    if len(parts) == len(("planned", "occurrence", "loudspeaker")) and parts[0].isascii() and parts[0].isdigit():
        found = msgspec.structs.replace(found, after=(min(int(parts[0]), 2**62), parts[1], parts[2]))
    return Meant(found, problem, tuple(called[:CALLED]) if len(called) > 1 and not choice.khu_vuc else (), shortened)


def _days(choice: Choice, now: UtcMs) -> tuple[UtcMs, UtcMs, str, bool]:
    """From and until when; what is no day; whether that was too much."""
    typed = (choice.ngay or choice.tu, choice.ngay or choice.den)
    days = [day_typed(each) for each in typed]
    problem = next((each.strip()[:40] for each, day in zip(typed, days, strict=True) if each.strip() and not day), "")
    first, last = days
    if first is None and last is None:
        midnight = civil_midnight(now)
        return midnight - DAYS_SHOWN * DAY, midnight + 3 * DAY, problem, False
    first = first or _before(last or civil_day(now))
    last = last or max(first, min(civil_day(now), first + timedelta(MOST_DAYS - 1)))
    if last < first:
        first, last = last, first
    shortened = (last - first).days >= MOST_DAYS
    if shortened:
        first = last - timedelta(MOST_DAYS - 1)
    return at_civil(first, 0), at_civil(last, 0) + DAY, problem, shortened


def _before(last: date) -> date:
    return last - timedelta(min(DAYS_SHOWN - 1, last.toordinal() - 1))

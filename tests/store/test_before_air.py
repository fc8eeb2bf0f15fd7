"""How ready loudspeakers are for what is to come, on a real database.

Nobody imports this module.
"""

import msgspec

from schedules import wire
from schedules.clock import DAY, HOUR, MINUTE, ClockTrust, civil
from schedules.playback import Reason
from server import administration, before_air, oversight, programmes
from server.ledger import LogState
from server.readiness import Deadline, Lack
from server.repositories.logbook import LogFilter
from server.repositories.store import Stores
from tests.store.stage import NOW, on_air, person, sound


def test_who_is_ready_is_counted_and_who_is_not_is_named(stores: Stores) -> None:
    broadcast = on_air(stores)
    with stores.open() as store:
        held = {a: p.revision for a, p in store.fleet.programmes().items()}
        for n, missing, online in ((1, (), True), (2, (sound().clip.sha256,), True), (3, (), False)):
            status = wire.Status(True, "j", programmes=held, clips_missing=missing, trust=ClockTrust.ntp, at=NOW)
            oversight.file_status(store, f"loa-mau-{n}", msgspec.structs.replace(status, online=online), NOW)
        (found,) = before_air.coming(store, person(store, "tinh"), broadcast, NOW)
        assert (found.ready, found.unlinked, found.awaited, found.reported) == (2, 1, 6, 0)
        assert found.lacks == {Lack.never_heard: 3, Lack.sound: 1}
        assert [row.standing.lacks[0] for row in found.lagging] == [Lack.sound] + [Lack.never_heard] * 3
        assert found.lagging[0].where[-1] == "Loa mẫu số 2"
        assert found.until == Deadline(NOW + HOUR + 15 * MINUTE, NOW + HOUR + 15 * MINUTE)
        (own,) = before_air.coming(store, person(store, "huyenbatxat"), broadcast, NOW)
        assert own.total < found.total, "a former district looks at its own loudspeakers"
        assert not before_air.coming(store, person(store, "tinh"), broadcast, NOW + HOUR + 16 * MINUTE)


def test_a_programme_made_anew_at_midnight_leaves_nobody_behind(stores: Stores) -> None:
    broadcast = on_air(stores, start=NOW + DAY)
    with stores.open() as store:
        held = {a: p.revision for a, p in store.fleet.programmes().items()}
        status = wire.Status(False, "j", programmes=held, trust=ClockTrust.ntp, at=NOW)
        oversight.file_status(store, "loa-mau-1", status, NOW)
        programmes.bring_up_to_date(store, NOW + 20 * HOUR)
        assert held != {a: p.revision for a, p in store.fleet.programmes().items()}
        (found,) = before_air.coming(store, person(store, "tinh"), broadcast, NOW + 20 * HOUR)
        assert (found.ready, found.unlinked) == (1, 1)
        wanted = LogFilter(("/",), NOW, NOW + 3 * DAY)
        states = {r.line.planned.loudspeaker: r.state for r in oversight.log_page(store, wanted, NOW + 20 * HOUR).rows}
        assert states["loa-mau-1"] is LogState.ready


def test_hours_that_keep_a_broadcast_silent_are_told_before_air(stores: Stores) -> None:
    with stores.open() as store:
        administration.set_quiet_hours(store, "tinh-lao-cai", f"{clock(NOW)}-{clock(NOW + 2 * HOUR)}", NOW)
    broadcast = on_air(stores)
    with stores.open() as store:
        (found,) = before_air.coming(store, person(store, "tinh"), broadcast, NOW)
        assert (found.silenced, found.awaited, found.total, found.lagging) == ({Reason.quiet_hours: 6}, 0, 6, ())


def clock(utc: int) -> str:
    return civil(utc).strftime("%H:%M")

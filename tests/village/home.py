"""The server of a village: the real planning, wire, signing, delivery and ledger rules, without a database or sockets.

Imported by the world.
"""

import zlib
from collections.abc import Iterable

from audio.clip import Clip
from schedules import wire
from schedules.assignment import Assignment, QuietHours
from schedules.clock import HOUR, MINUTE, UtcMs, civil_day
from schedules.playback import Playback
from schedules.programme import BroadcastClass, Programme, Slot
from schedules.recurrence import Daily, Once, Recurrence, Weekly
from schedules.signing import SigningKey
from schedules.staging import SOON
from server import delivery
from server.area import Effective
from server.planning import Approved, compose_assignment, compose_programme, slots_by_area, useful_for

PROVINCE, COMMUNES = "tinh", ("xa-1", "xa-2", "xa-3")
LANGUAGES = (("vi",), ("mww", "vi"), ("vi", "ium"), ("vi", "mww", "ium"))
KEY = SigningKey(b"village-village-village-village!")
QUIET = QuietHours(22 * 60, 5 * 60)


def sample_clip(name: str, language: str, duration_ms: int) -> Clip:
    """A clip that exists only by name."""
    digest = format(zlib.crc32(f"{name}.{language}".encode()) * 65_537 % 16**12, "x").rjust(12, "0")
    return Clip((digest * 6)[:64], language, duration_ms, 40_000 + duration_ms % 30_000)


def path_of(number: int) -> tuple[str, ...]:
    """The area path of a loudspeaker."""
    commune = COMMUNES[number % len(COMMUNES)]
    return PROVINCE, commune, f"thon-{number % 12}", device_of(number)


def device_of(number: int) -> str:
    """The name of a loudspeaker."""
    return f"loa-{number}"


def broadcast(
    name: str,
    area: str,
    recurrence: Recurrence,
    since: UtcMs,
    broadcast_class: BroadcastClass = BroadcastClass.ordinary,
    seconds: int = 60,
    languages: Iterable[str] = ("vi", "mww", "ium"),
) -> Approved:
    """An approved broadcast for one area."""
    depth = 0 if area == PROVINCE else 1 if area in COMMUNES else 2
    clips = tuple(sample_clip(name, language, seconds * 1000 + len(language)) for language in languages)
    useful = useful_for(broadcast_class, now_mode=False)
    return Approved(name, f"bt-{name}", name, broadcast_class, depth, (area,), recurrence, clips, since, useful)


def week(start: UtcMs) -> list[Approved]:
    """What a province has planned for a week."""
    first = civil_day(start)
    return [
        broadcast("sang", PROVINCE, Daily(5 * 60, first), start, seconds=120),
        broadcast("trua", PROVINCE, Daily(11 * 60 + 5, first), start, seconds=90, languages=("vi",)),
        broadcast("chieu", "xa-1", Daily(17 * 60, first), start, BroadcastClass.priority, 45),
        broadcast("chieu-tinh", PROVINCE, Daily(17 * 60, first), start, seconds=80),
        broadcast("cho-phien", "xa-2", Weekly((5, 6), 6 * 60 + 30, first), start, seconds=40),
        broadcast("thon", "thon-3", Daily(18 * 60, first), start, seconds=30, languages=("mww",)),
        broadcast("dem", "xa-3", Daily(23 * 60, first), start, seconds=30),
        broadcast("lan-dem", "xa-1", Daily(21 * 60 + 59, first), start, seconds=90),
        broadcast("lu", "xa-2", Once(start + 26 * HOUR + 17 * MINUTE), start, BroadcastClass.emergency, 25),
    ]


class Home:
    """What the server holds. `approved`: every slot that was ever approved, with its area, by occurrence; `filed`:
    what was reported, by (device, journal, sequence)."""

    def __init__(self, loudspeakers: int, start: UtcMs) -> None:
        self.broadcasts = week(start)
        self.programmes: dict[str, Programme] = {}
        self.assignments: dict[str, Assignment] = {}
        self.filed: dict[tuple[str, str, int], Playback] = {}
        self.approved: dict[str, tuple[str, Slot]] = {}
        self.withdrawn: dict[str, UtcMs] = {}
        self.delivery = delivery.State()
        self._highest: dict[tuple[str, str], int] = {}
        self._sealed: dict[tuple[str, int], bytes] = {}
        for number in range(loudspeakers):
            languages = LANGUAGES[number % len(LANGUAGES)]
            assignment = compose_assignment(
                device_of(number), path_of(number), languages, Effective(quiet_hours=QUIET), None, start
            )
            assert assignment is not None
            self.assignments[assignment.device] = assignment
        self.plan(start)

    def plan(self, now: UtcMs) -> delivery.DesiredChanged:
        """Compose what has changed; what the gateway must know."""
        slots = slots_by_area(self.broadcasts, now)
        for area in sorted(slots.keys() | self.programmes.keys()):  # a seed must give the same village each time
            fresh = compose_programme(area, slots.get(area, ()), self.programmes.get(area), now)
            if fresh is not None:
                self._note(area, self.programmes.get(area), fresh, now)
                self.programmes[area] = fresh
        ahead = sorted(
            (s for p in self.programmes.values() for s in p.slots if s.useful_until >= now), key=lambda s: s.start
        )
        return delivery.DesiredChanged(
            {area: p.revision for area, p in self.programmes.items()},
            {device: a.revision for device, a in self.assignments.items()},
            {clip.sha256: clip.size for slot in ahead for clip in slot.clips},
            later=frozenset(clip.sha256 for slot in ahead for clip in slot.clips)
            - {clip.sha256 for slot in ahead if slot.start < now + SOON for clip in slot.clips},
        )

    def sealed(self, message: Programme | Assignment) -> bytes:
        """As it goes over the wire; sealed once."""
        key = (getattr(message, "area", "") or getattr(message, "device", ""), message.revision)
        if key not in self._sealed:
            self._sealed[key] = wire.seal_message(message, KEY)
        return self._sealed[key]

    def file(self, device: str, report: wire.Report) -> wire.Ack:
        """File a report; the same twice changes nothing."""
        key = (device, report.journal)
        for playback in report.playbacks:
            self._highest[key] = max(self._highest.get(key, 0), playback.sequence)
            before = self.filed.setdefault((device, report.journal, playback.sequence), playback)
            assert before == playback, f"two truths about {device} {report.journal} {playback.sequence}"
        return wire.Ack(report.journal, self._highest.get(key, 0))

    def _note(self, area: str, before: Programme | None, after: Programme, now: UtcMs) -> None:
        names = {slot.occurrence for slot in after.slots}
        for slot in before.slots if before else ():
            if slot.occurrence not in names and slot.start > now:  # from its hour on, only the loudspeaker can say
                self.withdrawn[slot.occurrence] = now
        for slot in after.slots:
            self.approved[slot.occurrence] = (area, slot)

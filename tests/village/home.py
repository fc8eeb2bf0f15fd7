"""The server of a village: the real planning, wire, signing, delivery and ledger rules, without a database or sockets.

Imported by the world.
"""

import zlib
from collections.abc import Iterable, Sequence

import msgspec

from audio.clip import NO_LANGUAGE, Clip, name_of
from schedules import wire
from schedules.alert import Alert, Head, bytes_inside, urgent_slots
from schedules.assignment import Allowance, Assignment, Chime, Guards, QuietHours, Signals, VolumePreset
from schedules.clock import DAY, HOUR, MINUTE, SECOND, UtcMs, civil_day, civil_midnight
from schedules.playback import Playback
from schedules.programme import BroadcastClass, Programme, Slot
from schedules.recurrence import Daily, Once, Recurrence, Weekly
from schedules.signing import SigningKey
from schedules.trial import Trial, programme_of
from server import delivery
from server.area import Effective
from server.planning import Approved, compose_assignment, compose_programme, slots_by_area, useful_for, wanted, window
from server.programmes import RECALLED_FOR
from tests.village.scenario import Scenario, device_of
from tests.village.weather import Dice

PROVINCE, COMMUNES = "tinh", ("xa-1", "xa-2", "xa-3")
LANGUAGES = (("vi",), ("mww", "vi"), ("vi", "ium"), ("vi", "mww", "ium"))
WITHOUT_VIETNAMESE = ("mww",)
KEY = SigningKey(b"village-village-village-village!")
QUIET = QuietHours(22 * 60, 5 * 60)
CAP = Allowance(daily_bytes=300_000)
GUARDS = (
    Guards(),
    Guards(gap_ms=10 * MINUTE),
    Guards(daily_ms=7 * MINUTE),
    Guards((VolumePreset(0, 40), VolumePreset(12 * 60, 70)), 400 * SECOND, 5 * MINUTE, 15 * MINUTE),
)
SHORT = Guards(longest_ms=200 * SECOND)


def sample_clip(name: str, language: str, duration_ms: int) -> Clip:
    """A clip that exists only by name."""
    digest = format(zlib.crc32(f"{name}.{language}".encode()) * 65_537 % 16**12, "x").rjust(12, "0")
    return Clip((digest * 6)[:64], language, duration_ms, 40_000 + duration_ms % 30_000)


TONE = sample_clip("trial", NO_LANGUAGE, 2_900)
CLOSING = sample_clip("closing", NO_LANGUAGE, 1_500)
CHIMES = tuple(
    Chime(each.value, sample_clip(each.value, NO_LANGUAGE, 2_900), CLOSING)
    for each in BroadcastClass
    if each is not BroadcastClass.unknown
)


def chimes() -> tuple[Clip, ...]:
    """All that are sounded in the village."""
    return (TONE, CLOSING, *(chime.opening for chime in CHIMES if chime.opening is not None))


def trial_of(number: int, start: UtcMs) -> Trial | None:
    """What somebody ordered at a loudspeaker on the first morning, while all was quiet: at every fourth."""
    at = civil_midnight(start + DAY) + 9 * HOUR + number * SECOND
    seal = name_of([f"trial {number}".encode()])
    return Trial(f"t{number}", at, at + 2 * MINUTE, TONE, seal) if number % 4 == 1 else None


def signals_of(number: int) -> Signals:
    """What a loudspeaker puts around the words: every third has no chime."""
    return Signals(() if number % 3 == 2 else CHIMES, emergency_times=2)


def path_of(number: int) -> tuple[str, ...]:
    """The area path of a loudspeaker."""
    commune = COMMUNES[number % len(COMMUNES)]
    return PROVINCE, commune, f"thon-{number % 12}", device_of(number)


def guarded(number: int, settings: Effective) -> Effective:
    """With the guards of a loudspeaker: neighbours differ."""
    guards = SHORT if number % 10 == 9 else GUARDS[number % len(GUARDS)]
    return msgspec.structs.replace(settings, **msgspec.structs.asdict(guards))


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
    seal = name_of([name.encode()])
    return Approved(name, f"bt-{name}", name, broadcast_class, depth, (area,), recurrence, clips, since, useful, seal)


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
    """What the server holds. `approved`: every slot that was ever approved, with its area, by occurrence, and `known`
    since when; `withdrawn`: those that it knows itself will not sound, and since when; `called_off`: all that are in no
    programme any more; `filed`: what was reported, by (device, journal, sequence); `planned`: what was there from the
    beginning."""

    def __init__(self, scenario: Scenario, start: UtcMs, languages: Sequence[tuple[str, ...]]) -> None:
        self.broadcasts = week(start)
        self.planned = tuple(b.id for b in self.broadcasts)
        self.programmes: dict[str, Programme] = {}
        self.assignments: dict[str, Assignment] = {}
        self.filed: dict[tuple[str, str, int], Playback] = {}
        self.approved: dict[str, tuple[str, Slot]] = {}
        self.withdrawn: dict[str, UtcMs] = {}
        self.known: dict[str, UtcMs] = {}
        self.called_off: dict[str, UtcMs] = {}
        self.delivery = delivery.State()
        self._highest: dict[tuple[str, str], int] = {}
        self._sealed: dict[tuple[str, int], bytes] = {}
        self._slots: tuple[object, dict[str, tuple[Slot, ...]]] = (None, {})
        for number in scenario.lives:
            spoken = languages[number % len(languages)]
            capped = Dice(f"{scenario.seed}/{number}/sim").happens(scenario.weather.capped)
            settings = guarded(number, Effective(quiet_hours=QUIET, allowance=CAP if capped else None))
            device, trial = device_of(number), trial_of(number, start)
            assignment = compose_assignment(
                device, path_of(number), spoken, settings, None, start, signals_of(number), trial
            )
            assert assignment is not None
            self._note(device, None, programme_of(device, trial), start)
            self.assignments[assignment.device] = assignment
        self.plan(start)

    def plan(self, now: UtcMs) -> delivery.DesiredChanged:
        """Compose what has changed; what the gateway must know."""
        slots = self._slots_by_area(now)
        for area in sorted(slots.keys() | self.programmes.keys()):  # a seed must give the same village each time
            fresh = compose_programme(area, slots.get(area, ()), self.programmes.get(area), now)
            if fresh is not None:
                self._note(area, self.programmes.get(area), fresh, now)
                self.programmes[area] = fresh
        revisions = {device: a.revision for device, a in self.assignments.items()}
        paths = {device: f"/{'/'.join(a.area_path)}/" for device, a in self.assignments.items()}
        return wanted(self.programmes, revisions, paths, now, chimes())

    def alert(self, area: str, named: Iterable[str], now: UtcMs, *, with_sound: bool) -> Alert | None:
        """What is urgent in an area now, and what is so no more; None where there is nothing of either."""
        programme = self.programmes.get(area)
        if programme is None:
            return None
        slots, there = urgent_slots(programme, now), {slot.occurrence for slot in programme.slots}
        withdrawn = tuple(occurrence for occurrence in named if occurrence not in there)
        if not slots and not withdrawn:
            return None
        expires_at = max((slot.useful_until for slot in slots), default=now + RECALLED_FOR)
        inside = bytes_inside(clip for slot in slots for clip in slot.clips) if with_sound else {}
        heads = tuple(Head(name, size, "") for name, size in inside.items())
        return Alert(area, programme.revision, now, expires_at, slots, withdrawn, heads)

    def sealed(self, message: Programme | Assignment) -> bytes:
        """As it goes over the wire; sealed once."""
        key = (getattr(message, "area", "") or getattr(message, "device", ""), message.revision)
        if key not in self._sealed:
            self._sealed[key] = wire.seal_message(message, KEY)
        return self._sealed[key]

    def file(self, device: str, payload: bytes) -> wire.Ack:
        """File a report; the same twice changes nothing."""
        report = wire.decode(wire.Report, payload)
        assert report is not None
        key = (device, report.journal)
        for playback in report.playbacks:
            self._highest[key] = max(self._highest.get(key, 0), playback.sequence)
            before = self.filed.setdefault((device, report.journal, playback.sequence), playback)
            assert before == playback, f"two truths about {device} {report.journal} {playback.sequence}"
        return wire.Ack(report.journal, self._highest.get(key, 0), report.run, device, wire.digest_of(payload))

    def _note(self, area: str, before: Programme | None, after: Programme, now: UtcMs) -> None:
        names = {slot.occurrence for slot in after.slots}
        for slot in before.slots if before else ():
            if slot.occurrence not in names and slot.start >= after.since:
                self.called_off.setdefault(slot.occurrence, now)
            if slot.occurrence not in names and slot.start > now:  # from its hour on, only the loudspeaker can say
                self.withdrawn[slot.occurrence] = now
        for slot in after.slots:
            self.approved[slot.occurrence] = (area, slot)
            self.known.setdefault(slot.occurrence, now)

    def _slots_by_area(self, now: UtcMs) -> dict[str, tuple[Slot, ...]]:
        """They change only with the day and the broadcasts: to look every hour costs nothing."""
        key = (window(now), tuple(b.id for b in self.broadcasts))
        if self._slots[0] != key:
            self._slots = (key, slots_by_area(self.broadcasts, now))
        return self._slots[1]

"""Three witnesses of every play: what staff ordered, what the sound card recorded, what the ledger says; do they agree?

Imported by the fault tests. The card is heard by pitch: what sounded says by itself what it was. None of the three
knows the others: the order is the test's own, the recording a file of samples, the ledger the rows of the database.
"""

import itertools
import time
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from device_agent.playout import SOON
from schedules.assignment import Assignment, is_quiet
from schedules.clock import DurationMs, UtcMs, may_start_by_clock
from schedules.playback import LATE_AFTER, Outcome, Playback, Reason
from schedules.programme import BroadcastClass
from server.ledger import LATEST
from server.repositories.logbook import LogFilter
from tests.fault.tones import CLICK_MS, Tone
from tests.fault.town import Order, Town
from tests.waiting import pass_time

EXACT: DurationMs = 40
"""Between two witnesses' instants or lengths: a block of the listener, a step of the card."""
UNTOLD: DurationMs = 250
"""So much may have sounded when the power goes, and the journal not know yet that it had begun."""
SHORT: DurationMs = 100
BLURRED_HZ = 60
"""What is shorter may be measured so much too high or too low."""


class Heard(NamedTuple):
    """One tone of an occurrence."""

    language: str
    tone: Tone


class Account(NamedTuple):
    """Of one occurrence at one loudspeaker: the order, the tones that sounded of it, the playbacks that were filed."""

    device: str
    occurrence: str
    order: Order
    assignment: Assignment
    heard: tuple[Heard, ...]
    told: tuple[Playback, ...]
    power_cuts: tuple[UtcMs, ...]

    def words(self) -> str:
        """All that is known of it, for who must find out."""
        heard = [
            f"{h.language} {h.tone.start_ms - self.order.start:+.0f} ms, {h.tone.loud_ms:.0f} ms" for h in self.heard
        ]
        return f"    ordered {self.order}\n    heard {heard}\n    told {self.told}"

    @property
    def playback(self) -> Playback:
        """The one that was filed."""
        [playback] = self.told
        return playback

    @property
    def parts(self) -> list[list[Heard]]:
        """What sounded, each beginning anew apart. What goes on after a hole where it would be by then is no new
        beginning: the card was away."""
        found: list[list[Heard]] = []
        order = self.assignment.languages.index
        for heard in self.heard:
            last = found[-1][-1] if found else None
            if last is None or order(heard.language) < order(last.language):
                found.append([heard])
            elif heard.language != last.language:
                found[-1].append(heard)
            elif abs(_end(heard.tone) - last.tone.start_ms - self.order.lengths_ms[last.language]) < EXACT:
                tone = last.tone._replace(
                    ms=_end(heard.tone) - last.tone.start_ms, loud_ms=last.tone.loud_ms + heard.tone.loud_ms
                )
                found[-1][-1] = Heard(last.language, tone)
            else:
                found.append([heard])
        return found

    @property
    def sounded_at(self) -> float:
        """When the last part began, by the clock of the town."""
        return self.parts[-1][0].tone.start_ms

    @property
    def late_ms(self) -> float:
        """How long after its hour the last part began."""
        return self.sounded_at - self.order.start


def agree(town: Town, *devices: str, within: float = 30, pending: Iterable[str] = ()) -> dict[tuple[str, str], Account]:
    """Every order that reaches these loudspeakers, by loudspeaker and occurrence, once all have an outcome (but those
    that are `pending`). Fails with all three accounts where any two of them differ."""
    waived = set(pending)

    def unsettled() -> list[str]:
        return [
            f"{t.device} {t.occurrence}"
            for t in _accounts(town, devices, listen=False)
            if not t.told and not t.order.withdrawn and t.occurrence not in waived
        ]

    until = time.monotonic() + within
    while (left := unsettled()) and time.monotonic() < until:
        pass_time(0.1)
    assert not left, f"no outcome within {within} s: {left}"
    found = list(_accounts(town, devices))
    faults = [f"{t.device}: {t.occurrence} {fault}\n{t.words()}" for t in found for fault in _faults(t)]
    faults += _not_in_the_ledger(town, found)
    assert not faults, "\n".join(["the witnesses do not agree:", *faults])
    return {(t.device, t.occurrence): t for t in found}


def _accounts(town: Town, devices: Iterable[str], *, listen: bool = True) -> Iterator[Account]:
    with town.stores.open() as store:
        assignments = store.fleet.assignments(devices)
    for device in devices:
        path = set(assignments[device].area_path)
        ours = {name: order for name, order in town.ordered.items() if path & set(order.targets)}
        sounds: dict[str, list[Heard]] = {}
        for tone in town.tones(device) if listen else ():
            name, tag = _named(tone, ours, assignments[device].languages)
            sounds.setdefault(name, []).append(Heard(tag, tone))
        for name, order in ours.items():
            told = tuple(town.told(device, name))
            cuts = tuple(at for cut, at in town.power_cuts if cut == device)
            yield Account(device, name, order, assignments[device], tuple(sounds.pop(name, ())), told, cuts)
        unexplained = sounds.pop("", [])
        assert not unexplained, f"{device}: these sounded, and nobody ordered them: {unexplained}"


def _named(tone: Tone, orders: Mapping[str, Order], languages: Iterable[str]) -> tuple[str, str]:
    """The occurrence and the language that a tone stands for, none for a stranger. A tone may be ordered more than once:
    it is the last order whose hour had come. What the power cut short cannot be measured well: it is the nearest of
    what this loudspeaker was to sound; and what is too short for any pitch, the order that began just then."""
    known = [
        (abs(hertz - tone.hertz), -order.start, name, tag)
        for name, order in orders.items()
        for tag, hertz in order.pitches.items()
        if order.start - SOON <= tone.start_ms
    ]
    if tone.ms > SHORT:
        return min([each for each in known if not each[0]], default=(0, 0, "", ""))[2:]
    ours = [each for each in known if each[3] in set(languages)]
    if tone.ms <= CLICK_MS:
        return min([each for each in ours if abs(tone.start_ms + each[1]) < UNTOLD], default=(0, 0, "click", ""))[2:]
    return min([each for each in ours if each[0] <= BLURRED_HZ], default=(0, 0, "", ""))[2:]


def _end(tone: Tone) -> float:
    return tone.start_ms + tone.ms


def _faults(t: Account) -> Iterator[str]:
    """What any two of the three contradict each other in."""
    if len(t.told) > 1:
        yield "has more than one outcome"
    elif t.told:
        yield from _told_faults(t, t.playback)
    elif t.heard:
        yield "sounded, and the ledger knows nothing of it"
    emergency = t.order.broadcast_class is BroadcastClass.emergency
    for heard in t.heard:
        if heard.language not in t.assignment.languages:
            yield f"sounded in {heard.language}, which is not for this loudspeaker"
        if not emergency and is_quiet(t.assignment.quiet_hours, round(heard.tone.start_ms)):
            yield "sounded in quiet hours"
        exact = max([EXACT, *(playback.bound_ms for playback in t.told)])  # over a bad link the time is less sure
        if not emergency and heard.tone.start_ms < t.order.start - exact:
            yield "sounded before its hour"


def _told_faults(t: Account, playback: Playback) -> Iterator[str]:
    if playback.outcome is Outcome.unknown or playback.reason is Reason.unknown:
        yield "ended, nobody knows how"
    if playback.planned != t.order.start:
        yield "was planned for another instant"
    longest = max((_sounded_ms(part) for part in t.parts), default=0)
    if playback.outcome in (Outcome.played, Outcome.late):
        yield from _played_faults(t, playback)
    elif playback.outcome in (Outcome.skipped, Outcome.missed) and longest > 0:
        yield f"is told as silent, and {longest:.0f} ms of it sounded"
    elif playback.reason is Reason.restarted:
        if not longest and not _fell_at_once(t, playback):
            yield "is told as cut by a restart, and the card was silent"
    elif playback.sounded_ms is None and _power_went_between(t):
        return  # an emergency that began again after a power cut, and was withdrawn: nobody counted its first part
    elif playback.outcome in (Outcome.cut, Outcome.failed) and abs(longest - (playback.sounded_ms or 0)) > 2 * EXACT:
        yield f"is told to have sounded {playback.sounded_ms} ms, and the card has {longest:.0f} ms"
    begun = [part for part in t.parts if _sounded_ms(part) > UNTOLD]
    if len(begun) > 1 and not _may_begin_again(t, playback, len(begun)):
        yield f"began {len(begun)} times"


def _fell_at_once(t: Account, playback: Playback) -> bool:
    """Whether the power went when it had just begun: the simulated card loses what has sounded since it was last fed."""
    began, unsure = playback.started or 0, UNTOLD + playback.bound_ms
    return any(began - EXACT - playback.bound_ms <= cut <= began + unsure for cut in t.power_cuts)


def _power_went_between(t: Account) -> bool:
    """Whether each new beginning of an emergency follows upon a power cut."""
    if t.order.broadcast_class is not BroadcastClass.emergency or len(t.parts) < 2:
        return False
    begins = [part[0].tone.start_ms for part in t.parts]
    return all(any(one <= cut <= other for cut in t.power_cuts) for one, other in itertools.pairwise(begins))


def _may_begin_again(t: Account, playback: Playback, times: int) -> bool:
    """What another one cut is made up, and so is an emergency that the power or a fault cut."""
    faults = (Reason.restarted, Reason.card_missing, Reason.card_lost, Reason.file_unreadable, Reason.clip_incomplete)
    if t.order.broadcast_class is BroadcastClass.emergency and playback.reason in faults:
        return True
    return times == 2 and playback.other != ""


def _played_faults(t: Account, playback: Playback) -> Iterator[str]:
    if not t.parts:
        yield "is told as played, and the card was silent"
        return
    last, trusted = t.parts[-1], may_start_by_clock(playback.trust)
    there = [tag for tag in t.assignment.languages if tag in t.order.lengths_ms and tag not in playback.missing]
    if [heard.language for heard in last] != there:
        yield f"sounded in {[heard.language for heard in last]}, not in {there}"
    if set(playback.missing) != set(t.assignment.languages) - {heard.language for heard in last}:
        yield f"is told to miss {playback.missing}"
    if abs(_sounded_ms(last) - (playback.sounded_ms or 0)) > 2 * EXACT:
        yield f"is told to have sounded {playback.sounded_ms} ms, and the card has {_sounded_ms(last):.0f} ms"
    whole = sum(t.order.lengths_ms[tag] for tag in there) + (len(there) - 1) * t.assignment.pause_ms
    if abs(playback.due_ms - whole) > EXACT:
        yield f"is told to be {playback.due_ms} ms long, not {whole} ms"
    exact = EXACT + playback.bound_ms
    if trusted and abs((playback.started or 0) - t.sounded_at) > exact:
        yield f"is told to have begun {(playback.started or 0) - t.sounded_at:.0f} ms from when it did"
    if (
        trusted
        and abs(t.late_ms - LATE_AFTER) > exact
        and (t.late_ms > LATE_AFTER) != (playback.outcome is Outcome.late)
    ):
        yield f"is told as {playback.outcome.value}, and began {t.late_ms:.0f} ms after its hour"


def _sounded_ms(part: list[Heard]) -> float:
    """How much of a part sounded, with its pauses, as the card counts it; what the card skipped in a hole is not."""
    pauses = sum(b.tone.start_ms - a.tone.start_ms - a.tone.ms for a, b in itertools.pairwise(part))
    return sum(heard.tone.loud_ms for heard in part) + pauses


def _not_in_the_ledger(town: Town, found: Iterable[Account]) -> Iterator[str]:
    """Orders without a row that an overseer can see, and rows that say another thing than the playback."""
    with town.stores.open() as store:
        lines = list(store.logbook.all_lines(LogFilter(("/",), 0, LATEST)))
        sought = {
            (line.planned.loudspeaker, line.planned.occurrence): outcome
            for outcome in Outcome
            for line in store.logbook.all_lines(LogFilter(("/",), 0, LATEST, outcome.value))
        }
    rows = {(line.planned.loudspeaker, line.planned.occurrence): line for line in lines}
    for t in found:
        row = rows.get((t.device, t.occurrence))
        if row is None and t.order.withdrawn and not t.heard and not t.told:
            continue  # the server was away from its approval to its withdrawal: it was never in a programme
        if row is None:
            yield f"{t.device}: {t.occurrence} was ordered, and the ledger has no row for it"
        elif t.told and sought.get((t.device, t.occurrence)) is not t.playback.outcome:
            yield f"{t.device}: {t.occurrence} is {t.playback.outcome}, and who looks for that does not find it"
        elif (row.playback,) != (t.told or (None,)):
            yield f"{t.device}: {t.occurrence} is {row.playback} in the ledger, and {t.told} by report"

"""Judging: what the cause chain said of each fault while it lasted, just after, and a day later, beside what was true.

Imported by the month, its command and tests.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from statistics import fmean
from typing import NamedTuple

from schedules.clock import DAY, UtcMs
from server.cause import Cause, Chain, Owner
from tests.month.fault import ANSWERS, EVERYBODY, POWER, SHOWS, SILENCING, WELL, Answer, Fault, Kind, Traits, answers


class Moment(NamedTuple):
    """A fault at one loudspeaker at one look: what was said, and whether that was right."""

    said: Cause
    right: bool


class Verdicts:
    """`during`: by fault and loudspeaker, the first and the last look while it showed; `after`, `day_later`: the first
    ones then. `healthy`: what was said of loudspeakers that nothing had befallen."""

    def __init__(self, every: Sequence[Traits], faults: Sequence[Fault]) -> None:
        self.traits = {box.device: box for box in every}
        self.of: dict[str, list[Fault]] = defaultdict(list)
        for fault in faults:
            for number in fault.devices or range(len(every)) if fault.kind in EVERYBODY else fault.devices:
                self.of[every[number].device].append(fault)
        self.first: dict[tuple[Fault, str], Moment] = {}
        self.last: dict[tuple[Fault, str], Moment] = {}
        self.after: dict[tuple[Fault, str], Moment] = {}
        self.day_later: dict[tuple[Fault, str], Moment] = {}
        self.healthy: Counter[Cause] = Counter()

    def look(self, chains: Mapping[str, Chain], now: UtcMs) -> None:
        """Judge what is said of every loudspeaker."""
        for device, traits in self.traits.items():
            said = chains.get(device)
            answer = (said.cause, said.owner) if said is not None else (Cause.well, Owner.nobody)
            around = [fault for fault in self.of[device] if fault.begins <= now]
            there = [fault for fault in around if now < fault.lingers_until]
            if not there:
                self.healthy[answer[0]] += 1
            moment = Moment(answer[0], answer in _right(around, there, traits, now))
            whole = [fault.kind for fault in there if fault.kind in EVERYBODY]
            for fault in self.of[device]:
                if not whole or fault.kind in whole:  # else it hides whatever else there is
                    self._note(fault, device, moment, now, alone=not there)

    def _note(self, fault: Fault, device: str, moment: Moment, now: UtcMs, *, alone: bool) -> None:
        key = (fault, device)
        if fault.begins <= now < fault.ends:
            if fault.shows_at <= now:
                self.first.setdefault(key, moment)
                self.last[key] = moment
        elif alone and fault.lingers_until <= now < fault.lingers_until + DAY:
            self.after.setdefault(key, moment)
        elif alone and fault.lingers_until + DAY <= now:
            self.day_later.setdefault(key, moment)

    def share(self, kind: Kind | None = None) -> float:
        """Which share of faults was named rightly, of a kind or of all: each fault counts once, by its loudspeakers and
        moments."""
        marks: dict[Fault, list[float]] = defaultdict(list)
        for moments in (self.first, self.last, self.after, self.day_later):
            for (fault, _), moment in moments.items():
                if kind in (None, fault.kind):
                    marks[fault].append(float(moment.right))
        return fmean(fmean(each) for each in marks.values()) if marks else 1.0

    def share_while(self, kind: Kind) -> float:
        """The same of the moments in which it lasted."""
        found = [m.right for ms in (self.first, self.last) for (f, _), m in ms.items() if f.kind is kind]
        return fmean(found) if found else 1.0

    @property
    def false_alarms(self) -> float:
        """Of looks at healthy loudspeakers, the share in which one was not called well."""
        return 1 - self.healthy[Cause.well] / max(self.healthy.total(), 1)

    def kinds(self) -> list[Kind]:
        """Those that were seen."""
        seen = {fault.kind for moments in (self.first, self.after) for fault, _ in moments}
        return [kind for kind in Kind if kind in seen]

    def table(self) -> Iterable[str]:
        """For a person: by kind how many, how often right while it lasted and in all, and what was said."""
        yield f"{'what befell':16} faults  while    all  said while it lasted"
        for kind in self.kinds():
            said = Counter(m.said.value for ms in (self.first, self.last) for (f, _), m in ms.items() if f.kind is kind)
            number = len({fault for fault, _ in (*self.first, *self.after) if fault.kind is kind})
            told = ", ".join(f"{name} {count}" for name, count in said.most_common(5))
            yield f"{kind.value:16} {number:6} {self.share_while(kind):6.1%} {self.share(kind):6.1%}  {told}"
        yield f"all: {self.share():.2%} named rightly; healthy ones called unwell: {self.false_alarms:.3%}"
        wrong = ", ".join(f"{c.value} {n}" for c, n in self.healthy.most_common() if c is not Cause.well)
        yield f"of {self.healthy.total()} looks at healthy ones: {wrong or 'all well'}"


def _right(around: Sequence[Fault], there: Sequence[Fault], traits: Traits, now: UtcMs) -> frozenset[Answer]:
    """Of one that several things have befallen, either is right, and what it said before it fell silent counts too;
    what only begins or ends may be told or not. `around`: all that has begun, `there`: what of it may be told now."""
    fell_silent = min((fault.begins for fault in there if fault.kind in SILENCING), default=now)
    found = frozenset().union(*(answers(f, traits) for f in around if f.lingers_until > fell_silent))
    if any(f.kind in POWER and f.ends > fell_silent for f in around):
        # Its last word was that it ran on its battery.
        found |= frozenset((*ANSWERS[Kind.plug_out][:2], *ANSWERS[Kind.hamlet_power]))
    settled = any(f.shows_at <= now < f.ends and not _disturbed(f, around, now) for f in there)
    return found if settled else found | {WELL}


def _disturbed(fault: Fault, around: Iterable[Fault], now: UtcMs) -> bool:
    """What must be watched for a while to be known has not been watched so long."""
    takes = SHOWS.get(fault.kind, 0)
    return any(f is not fault and f.lingers_until > now - takes for f in around) if takes else False

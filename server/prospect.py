"""What will happen if the form is sent as it stands: how many loudspeakers, how long, beside what. A use case.

Imported by the web.
"""

from collections.abc import Iterable, Sequence

import msgspec

from audio.clip import Clip
from schedules.assembly import whole_length
from schedules.clock import DAY, DurationMs, UtcMs
from schedules.programme import HORIZON, BroadcastClass, Slot
from schedules.recurrence import Once
from server import bulletins, timing
from server.access import Act, Person, may
from server.area import Area
from server.clashing import Foreseen, foreseen, kinds_of
from server.compose_form import ComposeForm, FieldError, Mode
from server.draft import Basis
from server.planning import NOW_LEAD, Approved, slots_within, useful_for
from server.refusals import NotAllowed
from server.repositories.store import Store

FORM = "~form"
"""In place of the name of a broadcast that there is not yet: of two that begin at once, it is taken for the later."""


class Prospect(msgspec.Struct, frozen=True):
    """`loudspeakers` that it is for; it lasts from `shortest` to `longest` at them, chimes and all languages included,
    and is said so many `times` on end; `estimated`: a voice has not said it yet. `silent` of the loudspeakers have no
    word of it in their languages."""

    loudspeakers: int = 0
    silent: int = 0
    shortest: DurationMs = 0
    longest: DurationMs = 0
    times: int = 1
    estimated: bool = False
    foreseen: Foreseen = Foreseen()

    def open_clashes(self, kept: Iterable[str]) -> int:
        """How many clashes nobody has said to keep."""
        return sum(clash.key not in kept for clash in self.foreseen.clashes)


def prospect(
    store: Store, person: Person, form: ComposeForm, clips: Sequence[Clip], basis: Basis, now: UtcMs
) -> Prospect:
    """Of a form as it is typed; of the places in it that this person may see. What is wrong in it is left aside."""
    areas = [area for area in store.areas.named(form.targets).values() if may(person.grants, Act.see, area.path)]
    devices = [area.id for area in store.fleet.below(area.path for area in areas)]
    assignments = store.fleet.assignments(devices)
    faults: list[FieldError] = []
    rule = timing.read(form, now, faults)
    times = _times(form) if not any(fault.field in ("repeats", "gap") for fault in faults) else 1
    sketch = Prospect(len(devices), times=times, estimated=any(not clip.sha256 for clip in clips))
    words = [clip for clip in clips if clip.duration_ms]
    if not words:
        return sketch
    broadcast = _broadcast(store, person, form, words, areas, now)
    one = _slots(msgspec.structs.replace(broadcast, recurrence=Once(now + NOW_LEAD)), now)[0]
    lengths = [whole_length(one, assignment) for assignment in assignments.values()]
    heard = [length for length in lengths if length]
    sketch = msgspec.structs.replace(
        sketch,
        silent=len(lengths) - len(heard),
        shortest=min(heard, default=0),
        longest=max(heard, default=0),
    )
    timed = rule is not None or form.mode == Mode.now.value
    if not timed or faults:
        return sketch
    own = _slots(msgspec.structs.replace(broadcast, recurrence=rule or Once(now + NOW_LEAD)), now)
    names = (FORM, basis.replaces)
    found = foreseen(kinds_of(store, assignments), own, names, now, now + HORIZON + DAY)
    told = tuple(msgspec.structs.replace(clash, key=f"{clash.key}{_hour(form)}") for clash in found.clashes)
    return msgspec.structs.replace(sketch, foreseen=msgspec.structs.replace(found, clashes=told))


def _broadcast(
    store: Store, person: Person, form: ComposeForm, clips: Sequence[Clip], areas: Sequence[Area], now: UtcMs
) -> Approved:
    known = form.broadcast_class in {each.value for each in BroadcastClass}
    broadcast_class = BroadcastClass(form.broadcast_class) if known else BroadcastClass.ordinary
    around = [store.broadcasts.clip(name) for name in (form.opening, form.closing)]
    opening, closing = ((clip,) if clip is not None else () for clip in around)
    return Approved(
        id=FORM,
        bulletin=FORM,
        title=form.title,
        broadcast_class=broadcast_class,
        authority=_authority(store, person, areas),
        targets=(FORM,),
        recurrence=Once(now),
        clips=tuple(clips),
        not_before=now,
        useful_for=useful_for(broadcast_class, now_mode=form.mode == Mode.now.value),
        seal="",
        opening=opening,
        closing=closing,
        exercise=form.exercise,
    )


def _slots(broadcast: Approved, now: UtcMs) -> tuple[Slot, ...]:
    return slots_within([broadcast], now, now + HORIZON + DAY).get(FORM, ())


def _authority(store: Store, person: Person, areas: Sequence[Area]) -> int:
    try:
        area = store.areas.find(bulletins.issuing_area(person, areas, (Act.write, Act.alarm)))
    except NotAllowed:
        area = None
    return area.depth if area is not None else 0


def _hour(form: ComposeForm) -> str:
    """What somebody said of a clash, they said of this hour."""
    return "" if form.mode == Mode.now.value else f"@{form.date.strip()} {form.time.strip()}"


def _times(form: ComposeForm) -> int:
    """How often it is said on end; whoever typed nonsense is told beside the field."""
    repeats = form.repeats.strip()
    return 1 + (int(repeats) if repeats.isascii() and repeats.isdigit() else 0)

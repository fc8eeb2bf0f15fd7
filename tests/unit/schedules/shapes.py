"""Strategies for hypothesis: any slot, programme, assignment or playback.

Imported by tests of the schedules, the device and the server.
"""

from datetime import timedelta

from hypothesis import strategies as st

from audio.clip import NO_LANGUAGE, Clip
from schedules.assignment import EXERCISE, Assignment, Chime, Guards, QuietHours, Signals, VolumePreset
from schedules.clock import DAY, HOUR, MINUTE, ClockTrust, civil_day
from schedules.playback import Evidence, Outcome, Playback, Reason
from schedules.programme import BroadcastClass, Programme, Slot, Turn, occurrence_name
from schedules.suspension import Suspension
from schedules.trial import Trial

MIDNIGHT = 1_795_453_200_000  # a civil midnight
LANGUAGES = ("vi", "mww", "ium", "hni")

names = st.text("abcdef0123456789", min_size=64, max_size=64)
clips = st.builds(Clip, names, st.sampled_from(LANGUAGES), st.integers(300, 600_000), st.integers(1, 3_000_000))
sounds = st.builds(Clip, names, st.just(NO_LANGUAGE), st.integers(300, 10_000), st.integers(1, 20_000))
around = st.lists(sounds, max_size=2).map(tuple)
classes = st.sampled_from([c for c in BroadcastClass if c is not BroadcastClass.unknown])


@st.composite
def slots(draw: st.DrawFn, within: int = DAY) -> Slot:
    start = MIDNIGHT + draw(st.integers(0, within // MINUTE)) * MINUTE
    broadcast = draw(st.text("abc", min_size=1, max_size=3))
    spoken = draw(st.lists(st.sampled_from(LANGUAGES), unique=True, max_size=4))
    spoken += [NO_LANGUAGE] if draw(st.integers(0, 5)) == 0 else []
    return Slot(
        occurrence=occurrence_name(broadcast, start),
        broadcast=broadcast,
        bulletin=f"bt-{broadcast}",
        title=broadcast,
        broadcast_class=draw(classes),
        authority=draw(st.integers(0, 4)),
        start=start,
        useful_until=start + draw(st.integers(0, 3 * HOUR)),
        clips=tuple(
            Clip(f"{n:064x}", language, draw(st.integers(500, 20 * MINUTE)), 9_000) for n, language in enumerate(spoken)
        ),
        seal=draw(names),
        opening=draw(around),
        closing=draw(around),
        exercise=draw(st.booleans()),
        turn=draw(st.sampled_from(Turn)),
    )


def distinct(found: list[Slot]) -> list[Slot]:
    """Each occurrence once."""
    return list({slot.occurrence: slot for slot in found}.values())


slot_lists = st.lists(slots(), max_size=12).map(distinct)
quiet = st.one_of(st.none(), st.builds(QuietHours, st.integers(0, 1439), st.integers(0, 1439)))
presets = st.lists(st.builds(VolumePreset, st.integers(0, 1439), st.integers(0, 100)), max_size=3).map(tuple)
guards = st.one_of(
    st.just(Guards()),
    st.builds(
        Guards,
        ceiling=presets,
        longest_ms=st.sampled_from([0, 5 * MINUTE, 30 * MINUTE]),
        gap_ms=st.sampled_from([0, 1, 5 * MINUTE, 30 * MINUTE, 4 * HOUR]),
        daily_ms=st.sampled_from([0, MINUTE, 30 * MINUTE, 2 * HOUR]),
    ),
)
signals = st.one_of(
    st.just(Signals()),
    st.builds(
        Signals,
        chimes=st.lists(
            st.builds(
                Chime,
                st.sampled_from([*(c.value for c in BroadcastClass), EXERCISE]),
                st.one_of(st.none(), sounds),
                st.one_of(st.none(), sounds),
            ),
            max_size=4,
        ).map(tuple),
        pause_ms=st.integers(0, 2_000),
        emergency_times=st.integers(0, 3),
        again_after_ms=st.integers(0, 5_000),
    ),
)
suspensions = st.builds(
    lambda first, length, hours, priority: Suspension(
        "thi", first, first + timedelta(days=length), min(hours), max(hours) + 1, priority
    ),
    st.dates(civil_day(MIDNIGHT - DAY), civil_day(MIDNIGHT + 2 * DAY)),
    st.integers(0, 3),
    st.tuples(st.integers(0, 1439), st.integers(0, 1439)),
    st.booleans(),
)
trials = st.builds(
    Trial,
    id=st.text("0123456789abcdef", min_size=1, max_size=12),
    not_before=st.integers(MIDNIGHT, MIDNIGHT + DAY),
    until=st.integers(MIDNIGHT, MIDNIGHT + DAY),
    clip=sounds,
    seal=names,
)
assignments = st.builds(
    Assignment,
    device=st.just("loa-1"),
    revision=st.integers(1, 2**40),
    issued_at=st.integers(0, 2**42),
    expires_at=st.integers(0, 2**42),
    area_path=st.just(("tinh", "xa-1", "thon-1", "loa-1")),
    languages=st.lists(st.sampled_from(LANGUAGES), unique=True, min_size=1).map(tuple),
    quiet_hours=quiet,
    volume=presets,
    lead_in_ms=st.integers(0, 5_000),
    pause_ms=st.integers(0, 5_000),
    own_priority_first=st.booleans(),
    guards=guards,
    signals=signals,
    suspensions=st.just(()) | st.lists(suspensions, max_size=2).map(tuple),
    trial=st.none() | trials,
)
programmes = st.builds(
    Programme,
    area=st.just("xa-1"),
    revision=st.integers(1, 2**40),
    issued_at=st.integers(0, 2**42),
    expires_at=st.integers(0, 2**42),
    slots=slot_lists.map(tuple),
    since=st.integers(0, 2**42),
)
playbacks = st.builds(
    Playback,
    sequence=st.integers(0, 10**9),
    occurrence=st.text(max_size=60),
    broadcast=st.text(max_size=20),
    bulletin=st.text(max_size=20),
    planned=st.integers(0, 2**42),
    outcome=st.sampled_from(Outcome),
    reason=st.sampled_from(Reason),
    other=st.text(max_size=30),
    started=st.one_of(st.none(), st.integers(0, 2**42)),
    ended=st.one_of(st.none(), st.integers(0, 2**42)),
    due_ms=st.integers(0, 10**8),
    sounded_ms=st.one_of(st.none(), st.integers(0, 10**8)),
    clips=st.lists(names, max_size=3).map(tuple),
    missing=st.lists(st.sampled_from(LANGUAGES), max_size=3).map(tuple),
    evidence=st.sampled_from(Evidence),
    trust=st.sampled_from(ClockTrust),
    bound_ms=st.integers(0, 10**6),
    offline=st.booleans(),
    volume=st.integers(0, 100),
    lowered_from=st.integers(0, 100),
    seal=st.one_of(st.just(""), names),
    without=st.lists(names, max_size=2).map(tuple),
)

"""Anything may happen to a loudspeaker in any order, by any clock: it never falls over and keeps its rules.

Nobody imports this module.
"""

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from device_agent import actions as do
from device_agent import events, loudspeaker
from device_agent.replay import line_of, read_line, replay
from schedules import wire
from schedules.assignment import is_quiet
from schedules.clock import DAY, HOUR, MINUTE, SECOND, ClockTrust, may_start_by_clock
from schedules.playback import Evidence, Reason
from schedules.programme import BroadcastClass
from tests.unit.device.stage import KEY, SIX, Stage
from tests.unit.schedules.shapes import assignments, playbacks, programmes, slots

occurrences = st.sampled_from(["a@1", "b@2"])
clip_names = st.integers(0, 3).map(lambda n: f"{n:064x}")
happenings = st.one_of(
    st.just(events.Linked()),
    st.just(events.Unlinked()),
    st.just(events.TimePassed()),
    st.builds(events.BlockStored, clip_names, st.integers(-2, 5)),
    st.builds(events.PayloadArrived, st.integers(0, 70_000), clip_names),
    st.builds(events.ClipStored, clip_names),
    st.builds(events.ClipRefused, clip_names, st.text(max_size=9)),
    st.builds(events.HealthMeasured, st.integers(0, 2**40), st.text(max_size=9)),
    st.builds(events.MessageArrived, st.text(max_size=40), st.binary(max_size=60)),
    st.builds(events.SoundStarted, occurrences, st.integers(0, 2**42)),
    st.builds(events.SoundEnded, occurrences, st.integers(0, 2**42), st.integers(0, 10**7), st.booleans()),
    st.builds(events.SoundFound, occurrences, st.sampled_from(Evidence)),
    st.builds(events.SoundMissed, occurrences),
    st.builds(events.SoundFailed, occurrences, st.integers(0, 2**42), st.integers(0, 10**7), st.sampled_from(Reason)),
    assignments.map(lambda a: events.MessageArrived(wire.ASSIGNMENT.topic("loa-1"), wire.seal_message(a, KEY))),
    programmes.map(lambda p: events.MessageArrived(wire.PROGRAMME.topic("xa-1"), wire.seal_message(p, KEY))),
    st.builds(wire.Ack, st.sampled_from(["j1", "j2"]), st.integers(-1, 9)).map(
        lambda ack: events.MessageArrived(wire.ACK.topic("loa-1"), wire.encode(ack))
    ),
    st.builds(
        events.Booted,
        st.just("loa-1"),
        st.just((KEY.public,)),
        st.just("j1"),
        st.integers(1, 9),
        st.binary(max_size=30),
        open_playbacks=st.lists(playbacks, max_size=2).map(tuple),
        settled=st.lists(st.text(max_size=9), max_size=3).map(tuple),
    ),
)
clocks = st.tuples(st.sampled_from(ClockTrust), st.integers(-2 * DAY, 2 * DAY), st.integers(0, HOUR))


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.lists(st.tuples(happenings, clocks), max_size=14))
def test_it_never_falls_over(story: list) -> None:
    stage = Stage()
    for event, (trust, jump, passed) in story:
        stage.trust = trust
        stage.utc = max(stage.utc + jump, 0)
        stage.mono += passed
        stage.happen(event)


@settings(max_examples=120, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(
    st.lists(slots(2 * DAY), max_size=8),
    assignments,
    st.lists(st.tuples(st.integers(0, 6 * HOUR), st.sampled_from(ClockTrust), st.booleans()), max_size=12),
)
def test_whatever_the_clock_says_the_rules_are_kept(found: list, assignment: object, story: list) -> None:
    stage = Stage(SIX - 5 * HOUR)
    stage.boot()
    sealed = wire.seal_message(msgspec.structs.replace(assignment, expires_at=2**43), KEY)  # type: ignore[type-var]
    stage.happen(events.MessageArrived(wire.ASSIGNMENT.topic("loa-1"), sealed))
    stage.programme(*{s.occurrence: s for s in found}.values())
    for n in range(4):
        stage.happen(events.ClipStored(f"{n:064x}"))
    closed: set[str] = set()
    for passed, trust, whole in story:
        stage.trust = trust
        stage.pass_(passed)
        stage.done.clear()
        stage.happen(events.TimePassed())
        for _ in range(20):
            _follow_the_rules(stage, closed)
            placed = stage.actions(do.PlaceSound)
            stage.done.clear()
            if not placed:
                break
            last = placed[-1]
            stage.happen(events.SoundStarted(last.occurrence, stage.utc))
            stage.pass_(SECOND)
            stage.happen(events.SoundEnded(last.occurrence, stage.utc, 1_000, whole))
        else:
            raise AssertionError("it places sounds without end")


def _follow_the_rules(stage: Stage, closed: set[str]) -> None:
    assignment = stage.state.held.assignment
    slots_held = {s.occurrence: s for p in stage.state.held.programmes.values() for s in p.slots}
    for action in stage.done:
        if isinstance(action, do.ClosePlayback):
            assert action.playback.occurrence not in closed, "an outcome twice"
            closed.add(action.playback.occurrence)
        if isinstance(action, do.PlaceSound):
            assert action.occurrence not in closed, "played after its outcome"
            slot = slots_held[action.occurrence]
            assert assignment is not None
            if slot.broadcast_class is not BroadcastClass.emergency:
                assert may_start_by_clock(stage.trust)
                assert not is_quiet(assignment.quiet_hours, action.start)
                assert slot.start <= action.start <= slot.useful_until


@settings(max_examples=40, deadline=None)
@given(st.lists(happenings, max_size=10))
def test_a_step_log_can_be_replayed_to_the_same_actions(story: list) -> None:
    stage = Stage()
    lines = []
    stage_state = stage.state
    for event in story:
        stage.pass_(MINUTE)
        step = loudspeaker.advance(stage_state, event, stage.now)
        stage_state = step.state
        lines.append(read_line(line_of(event, stage.now, step)))
    for line, step in replay(lines, Stage().state):
        assert (line.actions, line.wake_at) == (step.actions, step.wake_at)

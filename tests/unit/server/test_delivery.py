"""Tests of delivery under load: whatever is asked for when, the needed goes first, once, and everything arrives.

Nobody imports this module.
"""

from hypothesis import given
from hypothesis import strategies as st

from schedules.blocks import BLOCK_BYTES, BlockRange, block_count, indices_of
from schedules.clock import MINUTE, SECOND
from server import delivery
from server.alerting import PublishAlert, Urgent
from server.delivery import (
    BlocksWanted,
    BrokerLinked,
    BrokerUnlinked,
    DesiredChanged,
    Overheard,
    PublishAssignments,
    PublishProgramme,
    TimePassed,
)
from server.spreading import PACE, PACE_BLOCKS, SendBlocks

Sent = list[tuple[int, SendBlocks]]
LOUDSPEAKERS = {"loa-1": 1, "loa-2": 1, "loa-3": 1}


def name(number: int) -> str:
    return f"{number:064x}"


def clips(*numbers: int, blocks: int = 5) -> dict[str, int]:
    return {name(n): blocks * BLOCK_BYTES for n in numbers}


class Server:
    """The server's delivery with a clock that tests turn."""

    def __init__(self) -> None:
        self.state, self.now, self.wake_at = delivery.State(), 0, None
        self.sent: Sent = []

    def happen(self, event: delivery.Event) -> list[delivery.Action]:
        step = delivery.advance(self.state, event, self.now)
        self.state, self.wake_at = step.state, step.wake_at
        self.sent += [(self.now, action) for action in step.actions if isinstance(action, SendBlocks)]
        return list(step.actions)

    def until(self, then: int) -> None:
        before = -1
        while self.wake_at is not None and self.wake_at <= then:
            assert self.wake_at > before or self.wake_at > self.now, "busy loop"
            before, self.now = self.wake_at, max(self.wake_at, self.now)
            self.happen(TimePassed())
        self.now = then


def blocks(sends: Sent) -> list[tuple[str, str, int]]:
    return [(s.device, s.clip, i) for _, s in sends for i in indices_of(s.blocks, 10_000)]


def test_what_is_needed_now_overtakes_what_is_needed_tomorrow() -> None:
    server = Server()
    server.happen(BrokerLinked())
    many = clips(*range(1, 301))
    server.happen(DesiredChanged({}, LOUDSPEAKERS, many))
    server.until(5 * SECOND)
    server.happen(DesiredChanged({}, LOUDSPEAKERS, {**clips(900), **many}))
    server.until(8 * SECOND)
    [when] = [at for at, send in server.sent if send.clip == name(900)]
    assert 6 * SECOND <= when <= 6 * SECOND + 2 * PACE, "not before loudspeakers listen, and then at once"
    server.until(2 * MINUTE)
    assert len(blocks(server.sent)) == len(set(blocks(server.sent))) == 301 * 5


def test_questions_about_what_waits_in_the_queue_do_not_make_it_longer() -> None:
    server = Server()
    server.happen(BrokerLinked())
    server.happen(DesiredChanged({}, LOUDSPEAKERS, clips(*range(600))))
    for second in range(2, 40):
        server.until(second * SECOND)
        for device in ("loa-1", "loa-2", "loa-3"):
            server.happen(BlocksWanted(device, name(599), (BlockRange(0, 4),)))
    server.until(5 * MINUTE)
    assert blocks(server.sent).count(("", name(599), 0)) == 1
    assert not [s for _, s in server.sent if s.device]


def test_an_answer_that_waits_is_not_queued_for_the_same_one_again() -> None:
    server = Server()
    server.happen(BrokerLinked())
    server.happen(DesiredChanged({}, LOUDSPEAKERS, clips(1)))
    server.until(MINUTE)
    server.sent.clear()
    server.happen(DesiredChanged({}, LOUDSPEAKERS, {**clips(*range(100, 400)), **clips(1)}))
    server.until(server.now + 2 * SECOND)
    for _ in range(5):
        server.happen(BlocksWanted("loa-1", name(1), (BlockRange(2, 3),)))
        server.until(server.now + SECOND)
    server.until(5 * MINUTE)
    assert sorted(b for b in blocks(server.sent) if b[0]) == [("loa-1", name(1), 2), ("loa-1", name(1), 3)]


def test_what_no_slot_needs_any_more_is_not_sent() -> None:
    server = Server()
    server.happen(BrokerLinked())
    server.happen(DesiredChanged({}, LOUDSPEAKERS, clips(*range(50))))
    server.until(2 * SECOND)
    server.happen(DesiredChanged({}, LOUDSPEAKERS, clips(0)))
    before = len(server.sent)
    server.until(MINUTE)
    assert len(server.sent) == before


def test_nothing_goes_out_while_the_broker_is_gone_and_all_of_it_afterwards() -> None:
    server = Server()
    server.happen(DesiredChanged({"xa": 1}, LOUDSPEAKERS, clips(1, 2)))
    server.until(MINUTE)
    assert server.sent == []
    server.happen(BrokerLinked())
    server.until(server.now + 500)
    assert server.happen(BrokerUnlinked()) == []
    server.until(server.now + MINUTE)
    assert server.sent == []
    assert delivery.PublishProgramme("xa") in server.happen(BrokerLinked())
    server.until(server.now + MINUTE)
    assert len(blocks(server.sent)) == 10


def assigned(server: Server, then: int) -> list[tuple[int, str]]:
    """When which assignment goes out, until then."""
    found: list[tuple[int, str]] = []
    while server.wake_at is not None and server.wake_at <= then:
        server.now = max(server.wake_at, server.now)
        for action in server.happen(TimePassed()):
            found += [(server.now, d) for d in action.devices] if isinstance(action, PublishAssignments) else []
    server.now = then
    return found


def test_after_a_link_what_is_urgent_and_the_programmes_go_first_and_assignments_a_few_at_a_time() -> None:
    server, devices = Server(), {f"loa-{n}": 1 for n in range(1, 1_051)}
    urgent = Urgent(4, ("flood@1",), {}, frozenset(devices))
    programmes = {f"xa-{n}": 3 for n in range(200)}
    server.happen(DesiredChanged(programmes, devices, clips(1), {"xa-1": urgent}))
    first = server.happen(BrokerLinked())
    kinds = [type(action) for action in first]
    assert kinds == [PublishAlert, *[PublishProgramme] * 200, PublishAssignments]
    assert isinstance(first[-1], PublishAssignments)
    assert len(first[-1].devices) == delivery.ASSIGN_TOGETHER
    server.now += 50
    other = Urgent(5, ("flood@1", "slide@2"), {}, frozenset(devices))
    assert server.happen(DesiredChanged(programmes, devices, clips(1), {"xa-1": other})) == [
        PublishAlert("xa-1", ("flood@1", "slide@2"), with_sound=True)
    ], "it waits for no assignment"
    rest = assigned(server, 3 * SECOND)
    assert [*first[-1].devices, *(device for _, device in rest)] == list(devices), "each once"
    assert rest[-1][0] <= 11 * delivery.ASSIGN_PACE


def test_an_assignment_that_changes_while_others_wait_goes_once_and_one_that_is_gone_does_not() -> None:
    server, devices = Server(), {f"loa-{n}": 1 for n in range(300)}
    server.happen(DesiredChanged({}, devices, {}))
    server.happen(BrokerLinked())
    server.happen(DesiredChanged({}, {**{d: 1 for d in devices if d != "loa-250"}, "loa-5": 2, "loa-299": 2}, {}))
    found = [device for _, device in assigned(server, 10 * SECOND)]
    assert found == [d for d in list(devices)[100:] if d != "loa-250"] + ["loa-5"]
    assert server.happen(Overheard(device="loa-7")) == [PublishAssignments(("loa-7",))]


def test_what_could_not_be_published_is_due_again_and_nothing_else() -> None:
    server = Server()
    urgent = {"xa": Urgent(4, ("flood@1",), {}, frozenset(LOUDSPEAKERS))}
    server.happen(DesiredChanged({"xa": 4, "tinh": 1}, LOUDSPEAKERS, {}, urgent))
    done = server.happen(BrokerLinked())
    server.now += 10
    assert server.happen(TimePassed()) == []
    for failed in done:
        server.state = delivery.undone(server.state, [failed])
        assert server.happen(TimePassed()) == [failed] or isinstance(failed, PublishAssignments)
    server.now += delivery.ASSIGN_PACE
    assert server.happen(TimePassed()) == [PublishAssignments(tuple(LOUDSPEAKERS))]
    server.now += SECOND
    assert server.happen(TimePassed()) == []


wants = st.builds(
    BlocksWanted,
    st.sampled_from(["loa-1", "loa-2", "loa-3"]),
    st.integers(0, 6).map(name),
    st.lists(st.builds(BlockRange, st.integers(-3, 90), st.integers(-3, 2**40)), max_size=3).map(tuple),
)
changes = st.lists(st.integers(0, 5), max_size=6).map(lambda n: DesiredChanged({}, LOUDSPEAKERS, clips(*n, blocks=80)))
stories = st.lists(st.tuples(st.one_of(wants, changes, st.just(TimePassed())), st.integers(0, 4 * SECOND)), max_size=25)


@given(stories)
def test_every_block_that_is_asked_for_is_sent_in_time_and_nothing_else(
    story: list[tuple[delivery.Event, int]],
) -> None:
    server = Server()
    server.happen(BrokerLinked())
    for event, pause in story:
        server.happen(event)
        queue = server.state.spread.queue
        assert not any(
            device and indices & queue.get((clip, ""), frozenset()) for (clip, device), indices in queue.items()
        )
        if isinstance(event, BlocksWanted) and event.clip in server.state.desired.clips:
            _is_answered(server, event)
        server.until(server.now + pause)
    server.until(server.now + 5 * MINUTE)
    assert server.state.spread.queue == {}
    assert server.wake_at is None
    assert all(len(indices_of(s.blocks, 10_000)) <= PACE_BLOCKS for _, s in server.sent)


def _is_answered(server: Server, wanted: BlocksWanted) -> None:
    """Looks ahead on a copy: were nothing else to happen, each block would reach who asked."""
    ahead = Server()
    ahead.state, ahead.now, ahead.wake_at = server.state, server.now, server.wake_at
    ahead.until(server.now + 5 * MINUTE)
    got = {i for _, s in ahead.sent if s.clip == wanted.clip and s.device in ("", wanted.device) for i in range(80)
           if i in indices_of(s.blocks, 80)}  # fmt: skip
    assert indices_of(wanted.blocks, block_count(server.state.desired.clips[wanted.clip])) <= got

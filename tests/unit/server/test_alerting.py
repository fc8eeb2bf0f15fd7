"""Tests of delivery under an alert: said at once and before all else, again to who has not heard, and so is its end.

Nobody imports this module.
"""

from itertools import pairwise

from schedules.blocks import BLOCK_BYTES, BlockRange
from schedules.clock import MINUTE, SECOND
from schedules.staging import STAGE_WITHIN
from server import delivery
from server.alerting import SOUND_AGAIN, PublishAlert, Urgent
from server.delivery import (
    AlertHeard,
    BlocksWanted,
    BrokerLinked,
    BrokerUnlinked,
    DesiredChanged,
    PublishProgramme,
    StatusHeard,
)
from server.spreading import STAGE_PACE, SendBlocks

LOUDSPEAKERS = {"loa-1": 1, "loa-2": 1}
DEVICES = frozenset(LOUDSPEAKERS)
CLIP = "c" * 64
QUIET = DesiredChanged({"xa": 3}, LOUDSPEAKERS, {"a" * 64: 90 * BLOCK_BYTES})


def urgent(*occurrences: str, revision: int = 4, inside: int = 0) -> DesiredChanged:
    """The programme of an area in which these cannot wait."""
    clips = {CLIP: 20 * BLOCK_BYTES, **QUIET.clips}
    return DesiredChanged(
        {"xa": revision}, LOUDSPEAKERS, clips, {"xa": Urgent(revision, occurrences, {CLIP: inside}, DEVICES)}
    )


class Server:
    """The real delivery with a clock that tests turn."""

    def __init__(self) -> None:
        self.state, self.now = delivery.State(), 0
        self.wake_at: int | None = None
        self.done: list[tuple[int, delivery.Action]] = []

    def happen(self, event: delivery.Event) -> list[delivery.Action]:
        step = delivery.advance(self.state, event, self.now)
        self.state, self.wake_at = step.state, step.wake_at
        self.done += [(self.now, action) for action in step.actions]
        return list(step.actions)

    def until(self, now: int) -> None:
        while self.wake_at is not None and self.wake_at <= now:
            self.now = max(self.now, self.wake_at)
            self.happen(delivery.TimePassed())
        self.now = now

    def said(self) -> list[tuple[int, PublishAlert]]:
        return [(at, action) for at, action in self.done if isinstance(action, PublishAlert)]


def server() -> Server:
    there = Server()
    there.happen(BrokerLinked())
    there.happen(QUIET)
    return there


def test_it_is_said_at_once_before_anything_else() -> None:
    there = server()
    actions = there.happen(urgent("flood@1"))
    assert actions[0] == PublishAlert("xa", ("flood@1",), with_sound=True)
    assert PublishProgramme("xa") in actions[1:]


def test_it_is_said_again_without_its_sound_until_all_have_heard() -> None:
    there = server()
    there.happen(urgent("flood@1"))
    there.until(40 * SECOND)
    assert [at for at, _ in there.said()] == [0, 2_000, 6_000, 14_000, 30_000]
    assert [action.with_sound for _, action in there.said()] == [True, False, False, False, False]
    there.happen(AlertHeard("loa-1", "xa", 4))
    there.until(MINUTE + 5 * SECOND)
    heard = len(there.said())
    assert heard == 6
    there.happen(AlertHeard("loa-2", "xa", 5))
    there.until(20 * MINUTE)
    assert len(there.said()) == heard


def test_an_answer_to_an_older_one_does_not_count() -> None:
    there = server()
    there.happen(urgent("flood@1"))
    for device in DEVICES:
        there.happen(AlertHeard(device, "xa", 3))
        there.happen(AlertHeard(device, "other", 9))
    there.until(3 * SECOND)
    assert len(there.said()) == 2


def test_a_change_elsewhere_in_the_programme_says_nothing_again() -> None:
    there = server()
    there.happen(urgent("flood@1"))
    for device in DEVICES:
        there.happen(AlertHeard(device, "xa", 4))
    assert not [a for a in there.happen(urgent("flood@1", revision=5)) if isinstance(a, PublishAlert)]


def test_a_second_one_is_said_with_its_sound() -> None:
    there = server()
    there.happen(urgent("flood@1"))
    for device in DEVICES:
        there.happen(AlertHeard(device, "xa", 4))
    assert there.happen(urgent("flood@1", "slide@2", revision=5))[0] == PublishAlert(
        "xa", ("flood@1", "slide@2"), with_sound=True
    )
    for device in DEVICES:
        there.happen(AlertHeard(device, "xa", 5))
    gone = there.happen(urgent("slide@2", revision=6))[0]
    assert isinstance(gone, PublishAlert)
    assert gone.named == ("flood@1", "slide@2")


def test_its_end_is_said_at_once_and_again_for_a_while() -> None:
    there = server()
    there.happen(urgent("flood@1"))
    there.happen(AlertHeard("loa-1", "xa", 4))
    there.until(5 * SECOND)
    actions = there.happen(DesiredChanged({"xa": 5}, LOUDSPEAKERS, QUIET.clips))
    assert actions[0] == PublishAlert("xa", ("flood@1",), with_sound=True)
    there.happen(AlertHeard("loa-1", "xa", 4))
    there.happen(AlertHeard("loa-2", "xa", 5))
    before = len(there.said())
    there.until(there.now + 30 * MINUTE)
    assert before < len(there.said()) < before + 20
    assert there.state.alerting == {}
    assert there.wake_at is None


def relinked(there: Server) -> list[bool]:
    """Whether the alert is said with its sound, if at all, when the broker is back."""
    there.happen(BrokerUnlinked())
    return [action.with_sound for action in there.happen(BrokerLinked()) if isinstance(action, PublishAlert)]


def reached(there: Server, *devices: str) -> None:
    for device in devices:
        there.happen(StatusHeard(device, True))


def test_over_new_links_it_is_not_said_again_to_those_who_all_have_it() -> None:
    there = server()
    reached(there, *DEVICES)
    there.happen(urgent("flood@1"))
    for device in DEVICES:
        there.happen(AlertHeard(device, "xa", 4))
    for _ in range(20):
        there.until(there.now + MINUTE)
        assert relinked(there) == []
    assert len(there.said()) == 1


def test_over_a_new_link_it_has_its_sound_only_where_somebody_in_reach_has_not_heard() -> None:
    there = server()
    reached(there, *DEVICES)
    there.happen(urgent("flood@1"))
    assert relinked(there) == [True], "nobody has heard: it was lost"
    there.happen(AlertHeard("loa-1", "xa", 4))
    assert relinked(there) == [False], "it may be on its way"
    there.until(there.now + SOUND_AGAIN)
    assert relinked(there) == [True]
    there.until(there.now + SOUND_AGAIN)
    there.happen(StatusHeard("loa-2", False))
    assert relinked(there) == [False], "nobody in reach needs it"
    there.until(there.now + MINUTE)
    assert there.said()[-1][0] > there.now - MINUTE, "and it is said again, until all have heard"
    there.happen(StatusHeard("loa-2", True))
    there.happen(AlertHeard("loa-2", "xa", 4))
    assert relinked(there) == []


def test_where_few_have_not_heard_they_ask_for_its_sound_and_the_others_do_not_get_it_again() -> None:
    there, many = server(), frozenset(f"loa-{n}" for n in range(40))
    flood = {"xa": Urgent(4, ("flood@1",), {}, many)}
    there.happen(DesiredChanged({"xa": 4}, dict.fromkeys(many, 1), {}, flood))
    reached(there, *many)
    for device in sorted(many)[:31]:
        there.happen(AlertHeard(device, "xa", 4))
    there.until(10 * MINUTE)
    assert relinked(there) == [False]


def test_under_a_new_key_everybody_is_told_again_but_without_the_sound() -> None:
    there = server()
    reached(there, *DEVICES)
    there.happen(urgent("flood@1"))
    for device in DEVICES:
        there.happen(AlertHeard(device, "xa", 4))
    there.state = delivery.resealed(there.state)
    actions = there.happen(delivery.TimePassed())
    assert actions[:2] == [PublishAlert("xa", ("flood@1",), with_sound=False), PublishProgramme("xa")]


def test_an_alert_that_could_not_be_published_keeps_its_sound() -> None:
    there = server()
    actions = there.happen(urgent("flood@1"))
    there.state = delivery.undone(there.state, actions)
    assert there.happen(delivery.TimePassed())[:2] == actions[:2]
    again = there.happen(delivery.TimePassed())
    assert not again
    there.until(3 * SECOND)
    assert [action.with_sound for _, action in there.said()] == [True, True, False]
    there.state = delivery.undone(there.state, [there.said()[-1][1]])
    assert there.happen(delivery.TimePassed()) == [PublishAlert("xa", ("flood@1",), with_sound=False)]


def test_who_is_alone_is_not_called() -> None:
    there = server()
    desired = DesiredChanged({"xa": 4}, LOUDSPEAKERS, {}, {"xa": Urgent(4, ("flood@1",), {}, frozenset())})
    assert not [a for a in there.happen(desired) if isinstance(a, PublishAlert)]


def blocks_sent(there: Server, clip: str) -> list[int]:
    sends = [a for _, a in there.done if isinstance(a, SendBlocks) and a.clip == clip]
    return [i for send in sends for r in send.blocks for i in range(r.first, r.last + 1)]


def test_blocks_that_the_alert_brings_are_not_sent_again() -> None:
    for inside, first in ((20 * BLOCK_BYTES, 20), (6 * BLOCK_BYTES, 6), (0, 0)):
        there = server()
        there.happen(urgent("flood@1", inside=inside))
        there.until(10 * SECOND)
        assert blocks_sent(there, CLIP) == list(range(first, 20))


def test_what_can_wait_is_staged_block_by_block() -> None:
    there = Server()
    there.happen(BrokerLinked())
    later = [f"{n:064x}" for n in range(40)]
    there.happen(DesiredChanged({}, LOUDSPEAKERS, dict.fromkeys(later, 20 * BLOCK_BYTES), later=frozenset(later)))
    there.happen(BlocksWanted("loa-1", later[0], (BlockRange(0, 3),)))
    there.until(20 * MINUTE)
    assert not [a for _, a in there.done if isinstance(a, SendBlocks) and a.device], "they come with all the others"
    there.happen(BlocksWanted("loa-1", later[0], (BlockRange(0, 3),)))
    there.until(21 * MINUTE)
    asked = [a for _, a in there.done if isinstance(a, SendBlocks) and a.device]
    assert [a.blocks for a in asked] == [(BlockRange(0, 3),)]
    begun = {}
    for name in later:
        sends = [(at, a) for at, a in there.done if isinstance(a, SendBlocks) and a.clip == name and not a.device]
        assert blocks_sent(there, name).count(7) == 1
        assert all(a.run == 1 for _, a in sends)
        assert all(b - a >= STAGE_PACE for (a, _), (b, _) in pairwise(sends))
        begun[name] = sends[0][0]
    assert max(begun.values()) - min(begun.values()) > STAGE_WITHIN // 2, "they do not all begin at once"


def test_what_becomes_needed_soon_no_longer_waits_for_its_stage() -> None:
    there = Server()
    there.happen(BrokerLinked())
    name = "f" * 64
    there.happen(DesiredChanged({}, LOUDSPEAKERS, {name: 40 * BLOCK_BYTES}, later=frozenset({name})))
    there.until(SECOND)
    assert blocks_sent(there, name) == []
    there.happen(DesiredChanged({}, LOUDSPEAKERS, {name: 40 * BLOCK_BYTES}))
    there.until(4 * SECOND)
    assert blocks_sent(there, name) == list(range(40))

"""Tests of spreading: who gets a block that somebody misses, how fast blocks go, and that an emergency's go first.

Nobody imports this module.
"""

from collections.abc import Iterable
from itertools import pairwise

from audio.clip import Clip
from schedules.blocks import BLOCK_BYTES, RUN_BLOCKS, BlockRange
from schedules.clock import DAY, MINUTE, SECOND
from schedules.programme import BroadcastClass, Programme
from server.alerting import Urgent
from server.delivery import BlocksWanted, BrokerLinked, BrokerUnlinked, DesiredChanged, StatusHeard, TimePassed
from server.planning import wanted
from server.spreading import ASIDE, LISTEN_WITHIN, ON_ITS_WAY, PACE, PACE_BLOCKS, SHARE_AGAIN, URGENT_PACE, SendBlocks
from tests.unit.device.stage import SIX, slot
from tests.unit.server.test_delivery import Server, blocks, clips, name

CROWD = {f"loa-{n}": 1 for n in range(1, 41)}


def crowd(waiting: Iterable[str] = CROWD) -> Server:
    """Forty loudspeakers, and a clip of eighty blocks that went out two minutes ago; some still need it."""
    server = Server()
    server.happen(BrokerLinked())
    server.happen(DesiredChanged({}, CROWD, clips(1, blocks=80)))
    for device in CROWD:
        server.happen(StatusHeard(device, True, frozenset([name(1)] if device in set(waiting) else [])))
    server.until(2 * MINUTE)
    server.sent.clear()
    return server


def ask(server: Server, devices: Iterable[str], first: int = 0, last: int = 3) -> None:
    for device in devices:
        server.happen(BlocksWanted(device, name(1), (BlockRange(first, last),)))


def answered(server: Server, after: int = 2 * SECOND) -> dict[str, list[int]]:
    """Which blocks then go to whom ("": to all)."""
    server.sent.clear()
    server.until(server.now + after)
    found: dict[str, list[int]] = {}
    for device, _clip, index in blocks(server.sent):
        found.setdefault(device, []).append(index)
    return found


def test_a_few_who_miss_a_block_get_it_alone_and_many_together() -> None:
    few, many = list(CROWD)[:9], list(CROWD)[:10]
    server = crowd()
    ask(server, few)
    assert answered(server) == {device: [0, 1, 2, 3] for device in few}
    server = crowd()
    ask(server, many)
    assert answered(server) == {"": [0, 1, 2, 3]}


def test_many_is_counted_among_those_who_still_need_the_clip_and_can_be_reached() -> None:
    few = list(CROWD)[:9]
    server = crowd(waiting=list(CROWD)[:20])
    ask(server, few)
    assert answered(server) == {"": [0, 1, 2, 3]}
    server = crowd()
    for device in list(CROWD)[20:]:
        server.happen(StatusHeard(device, False))
    ask(server, few)
    assert answered(server) == {"": [0, 1, 2, 3]}


def test_who_nobody_knows_is_not_counted() -> None:
    server = crowd(waiting=list(CROWD)[:20])
    for number in range(1_000):
        server.happen(StatusHeard(f"stranger-{number}", True, frozenset([name(1)])))
    ask(server, list(CROWD)[:9])
    assert answered(server) == {"": [0, 1, 2, 3]}


def test_before_anybody_has_said_how_it_is_all_may_need_what_few_ask_for() -> None:
    server = Server()
    server.happen(BrokerLinked())
    server.happen(DesiredChanged({}, CROWD, clips(1, blocks=80)))
    server.until(2 * MINUTE)
    ask(server, list(CROWD)[:9])
    assert "" not in answered(server)


def test_only_the_blocks_that_many_miss_go_to_all() -> None:
    server = crowd()
    ask(server, list(CROWD)[:20], 0, 1)
    ask(server, ["loa-1"], 0, 9)
    assert answered(server) == {"": [0, 1], "loa-1": list(range(2, 10))}


def test_what_went_to_all_just_now_is_not_sent_again_and_within_a_minute_to_those_alone_who_ask() -> None:
    server = crowd()
    ask(server, CROWD)
    server.until(server.now + SECOND)
    ask(server, CROWD)
    assert answered(server) == {}, "it is on its way"
    server.until(server.now + ON_ITS_WAY)
    ask(server, CROWD)
    found = answered(server)
    assert "" not in found
    assert found.keys() == CROWD.keys()
    server.until(server.now + SHARE_AGAIN)
    ask(server, CROWD)
    assert answered(server) == {"": [0, 1, 2, 3]}


def test_who_asks_for_more_while_blocks_come_is_not_sent_what_is_on_its_way_to_it() -> None:
    """What went to all waits for its thin link, unless that has been cut since."""
    server = crowd()
    for device in ("loa-1", "loa-2"):
        server.happen(StatusHeard(device, True, frozenset([name(1)]), "run/1"))
    server.until(server.now + SECOND)
    ask(server, list(CROWD)[:12], 0, 9)
    server.until(server.now + 20 * SECOND)
    server.happen(StatusHeard("loa-2", False))
    server.happen(StatusHeard("loa-2", True, frozenset([name(1)]), "run/2"))
    server.happen(StatusHeard("loa-3", True, frozenset([name(1)]), "run/2"))
    for device in ("loa-1", "loa-2", "loa-3"):
        server.happen(BlocksWanted(device, name(1), (BlockRange(5, 14),), more=True))
    found = answered(server)
    assert found == {"loa-1": list(range(10, 15)), "loa-2": list(range(5, 15)), "loa-3": list(range(5, 15))}
    server.happen(BlocksWanted("loa-1", name(1), (BlockRange(5, 14),)))
    assert answered(server) == {"loa-1": list(range(5, 15))}, "nothing comes: it is lost"


def test_what_the_broker_lost_goes_to_all_at_once() -> None:
    server = Server()
    server.happen(BrokerLinked())
    server.happen(DesiredChanged({}, CROWD, clips(1, blocks=80)))
    server.until(5 * SECOND)
    ask(server, CROWD)
    assert "" not in answered(server), "who asks so soon has lost it alone"
    server.happen(BrokerUnlinked())
    server.happen(BrokerLinked())
    ask(server, CROWD, 40, 43)
    assert answered(server) == {"": [40, 41, 42, 43]}


def test_answers_that_pile_up_become_one_for_all() -> None:
    """Nine ask in each third of a second, and answers to them wait: together they are many."""
    server = crowd()
    server.happen(DesiredChanged({}, CROWD, {**clips(*range(100, 130), blocks=64), **clips(1, blocks=80)}))
    server.until(server.now + LISTEN_WITHIN)
    for number in range(4):
        ask(server, list(CROWD)[9 * number : 9 * number + 9], 0, 15)
        server.until(server.now + 400)
    server.until(server.now + MINUTE)
    found = [(device, index) for device, clip, index in blocks(server.sent) if clip == name(1)]
    assert found == [("", index) for index in range(16)]


def test_answers_to_single_loudspeakers_share_a_pace_and_what_goes_to_all_has_one_alone() -> None:
    server = crowd()
    for number, device in enumerate(list(CROWD)[:8]):
        server.happen(BlocksWanted(device, name(1), (BlockRange(10 * number, 10 * number + 9),)))
    server.until(server.now + SECOND)
    paces: dict[int, int] = {}
    for at, send in server.sent:
        paces[at] = paces.get(at, 0) + sum(r.count for r in send.blocks)
    assert sorted(paces.values()) == [80 - PACE_BLOCKS, PACE_BLOCKS]
    assert max(paces) - min(paces) == PACE


FLOOD = Clip("e" * 64, "vi", 400 * SECOND, 75 * BLOCK_BYTES)
NEWS, STORED, WEEK = (Clip(letter * 64, "vi", 400 * SECOND, 75 * BLOCK_BYTES) for letter in "abc")


def emergency() -> DesiredChanged:
    """Five past six: a bulletin began at six, a flood is to be told of now."""
    now = SIX + 5 * MINUTE
    slots = (
        slot("news", SIX, clips=(NEWS,)),
        slot("flood", now + SECOND, BroadcastClass.emergency, (FLOOD,)),
        slot("week", SIX + 7 * DAY, clips=(WEEK,)),
    )
    programme = Programme("xa", 1, now, now + DAY, slots, pinned=(STORED,))
    return wanted({"xa": programme}, {"loa-1": 1}, {"loa-1": "/xa/loa-1/"}, now)


def test_what_cannot_wait_is_first_then_what_is_soon_then_what_is_stored_then_what_is_later() -> None:
    desired = emergency()
    assert list(desired.clips) == [FLOOD.sha256, NEWS.sha256, STORED.sha256, WEEK.sha256]
    assert desired.later == {STORED.sha256, WEEK.sha256}
    assert desired.alerts["xa"].devices == {"loa-1"}
    assert desired.alerts["xa"].clips == {FLOOD.sha256: FLOOD.duration_ms}


def sent_of(server: Server, clip: Clip) -> list[tuple[int, SendBlocks]]:
    return [(at, send) for at, send in server.sent if send.clip == clip.sha256]


def test_the_rest_of_an_emergency_goes_before_all_else_block_by_block_and_faster_than_it_sounds() -> None:
    server = Server()
    server.happen(BrokerLinked())
    server.happen(emergency())
    server.until(10 * MINUTE)
    flood, news = sent_of(server, FLOOD), sent_of(server, NEWS)
    assert [r for _, send in flood for r in send.blocks] == [BlockRange(n, n) for n in range(16, 75)]
    assert all(send.urgent and send.run == 1 for _, send in flood)
    assert flood[0][0] == LISTEN_WITHIN
    assert all(b - a <= URGENT_PACE + PACE for (a, _), (b, _) in pairwise(flood))
    head = 16 * FLOOD.duration_ms // 75
    assert flood[-1][0] <= LISTEN_WITHIN + head // 2 + len(flood)
    assert news[0][0] >= flood[0][0] + ASIDE - LISTEN_WITHIN
    assert {send.run for _, send in news} == {RUN_BLOCKS}
    assert sorted(i for _, c, i in blocks(server.sent) if c == NEWS.sha256) == list(range(75)), (
        "and it is not forgotten"
    )


def test_an_emergency_goes_before_what_is_not_at_the_broker_yet() -> None:
    server = Server()
    server.happen(BrokerLinked())
    many = clips(*range(1, 200), blocks=64)
    server.happen(DesiredChanged({}, {"loa-1": 1}, many))
    server.until(5 * SECOND)
    before = len(server.sent)
    desired = emergency()
    server.happen(DesiredChanged({}, {"loa-1": 1}, {**desired.clips, **many}, desired.alerts))
    server.until(30 * SECOND)
    assert {send.clip for _, send in server.sent[before:]} == {FLOOD.sha256}
    server.until(20 * MINUTE)
    assert len({send.clip for _, send in server.sent}) == 199 + len(desired.clips), "then all the rest"


def loud(*letters: str) -> dict[str, Urgent]:
    """An alert of clips of 24 blocks and twelve seconds, eight blocks of each inside."""
    names = [letter * 64 for letter in letters]
    inside = dict.fromkeys(names, 8 * BLOCK_BYTES)
    return {letters[0]: Urgent(1, ("x@1",), inside, frozenset({"loa-1"}), dict.fromkeys(names, 12 * SECOND))}


def test_a_clip_in_large_pieces_goes_as_fast_as_it_must() -> None:
    """Eight blocks are four seconds: in two of them, the other sixteen go."""
    server = Server()
    server.happen(BrokerLinked())
    server.happen(DesiredChanged({}, {"loa-1": 1}, {"e" * 64: 24 * BLOCK_BYTES}, loud("e")))
    server.until(MINUTE)
    assert len(server.sent) == 16
    assert server.sent[-1][0] - server.sent[0][0] <= 2 * SECOND


def test_languages_go_one_after_the_other_and_areas_beside_each_other() -> None:
    server = Server()
    server.happen(BrokerLinked())
    sizes = {letter * 64: 24 * BLOCK_BYTES for letter in "abc"}
    server.happen(DesiredChanged({}, {"loa-1": 1}, sizes, {**loud("a", "b"), **loud("c")}))
    server.until(MINUTE)
    order = [send.clip[0] for _, send in server.sent]
    assert [letter for letter in order if letter != "c"] == ["a"] * 16 + ["b"] * 16
    assert order.index("c") < 2
    assert "c" not in order[40:], "it did not wait for the other area"


def test_whoever_misses_blocks_of_an_emergency_gets_them_before_what_holds_up_others() -> None:
    server = Server()
    server.happen(BrokerLinked())
    server.happen(emergency())
    server.until(10 * SECOND)
    server.happen(BlocksWanted("loa-1", FLOOD.sha256, (BlockRange(0, 15),)))
    server.until(11 * SECOND)
    [answer] = [send for _, send in server.sent if send.device]
    assert answer == SendBlocks(FLOOD.sha256, (BlockRange(0, 15),), "loa-1", 1, urgent=True)


def test_what_becomes_urgent_leaves_out_what_the_alert_brings() -> None:
    server = Server()
    server.happen(BrokerLinked())
    desired = emergency()
    server.happen(DesiredChanged({}, {"loa-1": 1}, desired.clips, later=frozenset(desired.clips)))
    server.until(SECOND)
    server.happen(desired)
    server.until(5 * MINUTE)
    assert min(i for _, c, i in blocks(server.sent) if c == FLOOD.sha256) == 16
    assert server.happen(TimePassed()) == []


def test_what_an_alert_brought_and_many_miss_still_goes_to_all_when_something_else_changes() -> None:
    server = Server()
    server.happen(BrokerLinked())
    desired = emergency()
    more = DesiredChanged(desired.programmes, CROWD, desired.clips, desired.alerts, desired.later)
    server.happen(more)
    server.until(10 * SECOND)
    for device in CROWD:
        server.happen(BlocksWanted(device, FLOOD.sha256, (BlockRange(0, 3),)))
    server.until(server.now + SECOND)
    server.happen(DesiredChanged({"xa": 9}, CROWD, desired.clips, desired.alerts, desired.later))
    server.until(server.now + MINUTE)
    assert {i for device, c, i in blocks(server.sent) if c == FLOOD.sha256 and not device} >= {0, 1, 2, 3}


def test_emergencies_one_after_the_other_do_not_silence_all_else_for_ever() -> None:
    server = Server()
    server.happen(BrokerLinked())
    news = clips(1, 2, 3, blocks=64)
    floods: dict[str, int] = {}
    for number in range(60):
        floods |= clips(1000 + number, blocks=30)
        urgent = Urgent(number, ("x@1",), {}, frozenset({"loa-1"}), dict.fromkeys(floods, 160 * SECOND))
        server.happen(DesiredChanged({}, {"loa-1": 1}, {**floods, **news}, {"xa": urgent}))
        server.until(server.now + 10 * SECOND)
    assert {name(n) for n in (1, 2, 3)} <= {send.clip for _, send in server.sent}

"""Tests of `device_agent.runner`: every message that comes over the link is counted, and once, whatever it is good for.

Nobody imports this module.
"""

from collections.abc import Callable
from pathlib import Path

from device_agent import actions as do
from device_agent import events
from device_agent.clip_store import ClipStore
from device_agent.heads import Heads
from device_agent.journal import Journal
from device_agent.key_ring import KeyRing
from device_agent.ports import Parts
from device_agent.runner import Runner
from device_agent.state import Step
from schedules import wire
from schedules.alert import Alert, head_of
from schedules.assignment import Assignment
from schedules.blocks import BLOCK_BYTES
from schedules.clock import DAY, HOUR, MINUTE, SECOND, ClockTrust, MonoMs, Now
from schedules.programme import BroadcastClass, Programme
from tests.unit.agent.test_clip_store import CLIP, CONTENT, blocks_of, copied
from tests.unit.device.stage import KEY, PATH, SIX, slot

OURS = slot("tin", SIX + 30 * MINUTE, clips=(CLIP,))
ASSIGNMENT = wire.seal_message(Assignment("loa-1", 1, SIX, SIX + 400 * DAY, PATH, ("vi",), None), KEY)
PROGRAMME = wire.seal_message(Programme("xa-1", 1, SIX, SIX + 16 * DAY, (OURS,), SIX - DAY), KEY)


class StillClock:
    """It is six in the morning."""

    def now(self) -> Now:
        return Now(SIX, 1_000_000, ClockTrust.server, 10)

    def ask(self) -> tuple[str, MonoMs]:
        return "nonce", 1_000_000

    def learn(self, answer: wire.TimeAnswer) -> None:
        pass


class Postman:
    """A link over which these messages come, and then no more; all that it ever listened to is kept."""

    def __init__(self, *messages: tuple[str, bytes]) -> None:
        self.messages, self.leave = messages, lambda: None
        self.topics: list[str] = []

    def start(
        self, on_linked: Callable[[], None], _unlinked: Callable[[], None], on_message: Callable[[str, bytes], None]
    ) -> None:
        on_linked()
        for topic, payload in self.messages:
            on_message(topic, payload)
        self.leave()

    def stop(self) -> None:
        pass

    def publish(self, route: wire.Route, payload: bytes) -> None:
        pass

    def listen(self, topics: list[str]) -> None:
        self.topics += topics


class Mute:
    """A speaker that nobody hears."""

    def start(self, announce: Callable[[events.Event], None]) -> None:
        pass

    def stop(self) -> None:
        pass

    def place(self, sound: do.PlaceSound) -> None:
        pass

    def cancel(self, occurrence: str) -> None:
        pass

    def fault(self) -> str:
        return ""


class FullCard(ClipStore):
    """No block can be written."""

    def write_block(self, clip: object, index: int, content: bytes) -> bool:
        raise OSError("no room")


def after(folder: Path, *messages: tuple[str, bytes], store: type[ClipStore] = ClipStore) -> tuple[Step, Postman]:
    """The last step of a loudspeaker to which these messages came."""
    steps: list[Step] = []
    postman = Postman(*messages)
    runner = Runner(
        Parts(
            device="loa-1",
            keys=(KEY.public,),
            keys_revision=0,
            key_ring=KeyRing(folder),
            version="1",
            clock=StillClock(),
            journal=Journal(folder / "journal.db", lambda: "j1"),
            store=store(folder / "clips", copied),
            heads=Heads(),
            run="run",
            link=postman,
            speaker=Mute(),
            log_step=lambda _event, _now, step: steps.append(step),
            alive=lambda: None,
        )
    )
    postman.leave = runner.stop
    runner.run()
    return steps[-1], postman


WORDS = ((wire.ASSIGNMENT.topic("loa-1"), ASSIGNMENT), (wire.PROGRAMME.topic("xa-1"), PROGRAMME))
FIRST = (wire.BLOCK.topic(CLIP.sha256, 0), blocks_of(CONTENT)[0])
AGAIN = (wire.REPAIR.topic("loa-1"), wire.encode_repair(wire.RepairBlock(CLIP.sha256, 0, blocks_of(CONTENT)[0])))
FOREIGN = (wire.BLOCK.topic("f" * 64, 3), bytes(4 * BLOCK_BYTES))


def size_of(*messages: tuple[str, bytes]) -> int:
    return sum(len(payload) + events.OVERHEAD for _, payload in messages)


def test_what_came_already_or_is_of_no_use_is_counted_as_well(tmp_path: Path) -> None:
    useless = (
        AGAIN,
        FIRST,
        FOREIGN,
        (wire.REPAIR.topic("loa-1"), b"short"),
        (wire.TIME_ANSWER.topic("loa-1"), b"what"),
        ("loaban/1/what", b"x" * 500),
    )
    messages = (*WORDS, FIRST, *useless)
    step, _ = after(tmp_path, *messages)
    assert step.state.clips.blocks == {CLIP.sha256: frozenset({0})}
    assert step.state.spending.today == size_of(*messages)


def test_what_the_card_does_not_take_has_come_all_the_same(tmp_path: Path) -> None:
    messages = (*WORDS, FIRST, FIRST, FIRST)
    step, _ = after(tmp_path, *messages, store=FullCard)
    assert step.state.held.refused == {"disk": 3}
    assert step.state.spending.today == size_of(*messages)


def test_an_alert_that_is_said_again_is_counted_again_with_its_sound(tmp_path: Path) -> None:
    emergency = slot("lu", SIX + SECOND, BroadcastClass.emergency, (CLIP,), 2 * HOUR)
    alert = Alert("xa-1", 2, SIX, SIX + HOUR, (emergency,), heads=(head_of(CLIP.sha256, CONTENT[:BLOCK_BYTES]),))
    said = (wire.ALERT.topic("xa-1"), wire.seal_alert(alert, [CONTENT[:BLOCK_BYTES]], KEY))
    step, _ = after(tmp_path, *WORDS, said, said, said)
    assert step.state.clips.blocks == {CLIP.sha256: frozenset({0})}
    length = 4  # of the envelope
    assert step.state.spending.today == size_of(*WORDS, said, said, said) - 3 * length


def test_urgent_blocks_are_listened_to_and_kept_like_the_others(tmp_path: Path) -> None:
    rest = blocks_of(CONTENT)
    step, postman = after(
        tmp_path,
        *WORDS,
        FIRST,
        (wire.URGENT_BLOCK.topic(CLIP.sha256, 1), rest[1]),
        (wire.URGENT_REPAIR.topic("loa-1"), wire.encode_repair(wire.RepairBlock(CLIP.sha256, 2, rest[2]))),
    )
    assert step.state.clips.blocks == {CLIP.sha256: frozenset({0, 1, 2})}
    assert step.state.clips.verifying == {CLIP.sha256}
    assert wire.blocks_of(CLIP.sha256) in postman.topics

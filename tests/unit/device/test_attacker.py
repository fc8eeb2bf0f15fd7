"""Who holds the broker: says again, elsewhere, in another order, cut, changed or made up whatever the server has ever said.

Nobody imports this module. He may delay and drop; he must not make a loudspeaker sound, hold, or forget anything that
the server did not say to it, and nothing that he has heard before may come back.
"""

import secrets
from typing import NamedTuple

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from device_agent import actions as do
from device_agent import events
from schedules import wire
from schedules.alert import Alert
from schedules.assignment import Assignment
from schedules.clock import DAY, HOUR, MINUTE, ClockTrust
from schedules.programme import BroadcastClass, Programme
from schedules.signing import SigningKey, seal
from tests.unit.device.stage import KEY, PATH, SIX, Stage, slot

STRANGER = SigningKey(secrets.token_bytes(32))
NEXT = SigningKey(b"next-next-next-next-next-next-ne")
HIS = SIX + HOUR
AREAS = ("tinh", "xa-1", "thon-1", "loa-1", "xa-2")


def programme(area: str, revision: int, *names: str) -> Programme:
    """Of these slots, an hour apart."""
    slots = tuple(slot(name, SIX + n * HOUR) for n, name in enumerate(names, 1))
    return Programme(area, revision, SIX - 2 * DAY + revision, SIX + 14 * DAY, slots, 0)


def assignment(device: str, revision: int, *path: str) -> Assignment:
    """A place in the tree."""
    return Assignment(device, revision, SIX - 2 * DAY, SIX + 400 * DAY, (*path, device), ("vi",))


def alert(area: str, revision: int, name: str, at: int) -> bytes:
    """The signed part of one."""
    slots = (slot(name, at, BroadcastClass.emergency),)
    return seal("Alert", wire.encode(Alert(area, revision, at - MINUTE, at + 2 * HOUR, slots)), KEY)


OLD = [
    (wire.ASSIGNMENT.topic("loa-1"), wire.seal_message(assignment("loa-1", 1, *PATH[:1], "xa-2", "thon-9"), KEY)),
    (wire.ASSIGNMENT.topic("loa-1"), wire.seal_message(assignment("loa-1", 2, *PATH[:-1]), KEY)),
    (wire.ASSIGNMENT.topic("loa-2"), wire.seal_message(assignment("loa-2", 9, *PATH[:-1]), KEY)),
    (wire.PROGRAMME.topic("xa-1"), wire.seal_message(programme("xa-1", 1, "withdrawn"), KEY)),
    (wire.PROGRAMME.topic("xa-1"), wire.seal_message(programme("xa-1", 2, "xa-b", "xa-c"), KEY)),
    (wire.PROGRAMME.topic("xa-2"), wire.seal_message(programme("xa-2", 7, "foreign"), KEY)),
    (wire.PROGRAMME.topic("loa-1"), wire.seal_message(programme("loa-1", 3, "own-a"), KEY)),
    (wire.ACK.topic("loa-1"), wire.seal_message(wire.Ack("j1", 999, "", "loa-1", "0" * 32), KEY)),
    (wire.KEYS.topic(), wire.seal_message(wire.Keys(5, SIX - DAY, (NEXT.public, KEY.public)), STRANGER)),
    (wire.KEYS.topic(), wire.seal_message(wire.Keys(5, SIX - DAY, (STRANGER.public,)), STRANGER)),
]
OLD_ALERTS = [("xa-1", alert("xa-1", 2, "flood-of-yesterday", SIX - DAY)), ("xa-2", alert("xa-2", 9, "not-here", SIX))]
MEANT = {"xa-1": {2}, "loa-1": {3}, "thon-1": set(), "tinh": set()}


class Deed(NamedTuple):
    """Message `which` on a topic of `area`, changed in this way at this place."""

    which: int
    topic: int
    way: str
    at: int
    value: int


deeds = st.one_of(
    st.builds(
        Deed,
        st.integers(0, len(OLD) - 1),
        st.integers(-1, len(OLD) + len(AREAS) - 1),
        st.sampled_from(["same", "same", "flip", "cut", "grow", "splice", "reseal", "kind"]),
        st.integers(0, 2_000),
        st.integers(0, 255),
    ),
    st.sampled_from(["alert", "reboot", "later", "unlink", "guess"]),
)


def changed(deed: Deed, payload: bytes) -> bytes:
    """What he makes of it."""
    at = deed.at % len(payload)
    match deed.way:
        case "flip":
            return payload[:at] + bytes([payload[at] ^ (deed.value or 1)]) + payload[at + 1 :]
        case "cut":
            return payload[:at]
        case "grow":
            return payload + bytes([deed.value]) * (1 + at % 50)
        case "splice":
            return payload[:76] + OLD[deed.at % len(OLD)][1][76:]
        case "reseal":
            return wire.seal_message(programme(AREAS[at % len(AREAS)], 1_000 + at, "forged"), STRANGER)
        case "kind":
            return seal("Alert", wire.encode(programme("xa-1", 1_000, "forged")), STRANGER)
        case _:
            return payload


def topic_of(deed: Deed) -> str:
    """Where he says it."""
    if deed.topic < 0:
        return OLD[deed.which][0]
    topics = [topic for topic, _ in OLD] + [wire.PROGRAMME.topic(area) for area in AREAS]
    return topics[deed.topic % len(topics)]


class Card:
    """The journal, as the actions write it."""

    def __init__(self) -> None:
        self.assignment, self.programmes, self.alerts = b"", dict[str, bytes](), dict[str, bytes]()
        self.keys: tuple[int, tuple[bytes, ...]] = (0, (KEY.public,))

    def write(self, actions: list[do.Action]) -> None:
        """In order; nothing may be forgotten."""
        for action in actions:
            match action:
                case do.KeepAssignment():
                    self.assignment = action.payload
                case do.KeepProgramme():
                    self.programmes[action.area] = action.payload
                case do.KeepAlert():
                    self.alerts[action.area] = action.envelope
                case do.KeepKeys():
                    self.keys = action.revision, action.keys
                case do.ForgetReports():
                    raise AssertionError("a report was forgotten that nobody has acknowledged")

    def boot(self) -> dict[str, object]:
        """What an agent finds on it."""
        return {
            "assignment": self.assignment,
            "programmes": tuple((a, p) for a, p in self.programmes.items() if p),
            "alerts": tuple((a, p) for a, p in self.alerts.items() if p),
        }


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.lists(deeds, max_size=25))
def test_he_can_delay_and_drop_but_never_speak(story: list[Deed | str]) -> None:
    stage, card = Stage(HIS - 2 * HOUR), Card()
    stage.boot()
    for topic, payload in (OLD[1], OLD[4], OLD[6]):
        card.write(stage.happen(events.MessageArrived(topic, payload)))
    for wanted in stage.state.clips.wanted:
        stage.happen(events.ClipStored(wanted.sha256))
    stage.happen(events.Linked())
    for deed in story:
        match deed:
            case Deed():
                payload = changed(deed, OLD[deed.which][1])
                card.write(stage.happen(events.MessageArrived(topic_of(deed), payload)))
            case "alert":
                for area, envelope in OLD_ALERTS:
                    card.write(stage.happen(events.AlertArrived(area, envelope, (), 0)))
            case "reboot":
                stage.trust = ClockTrust.unknown if stage.trust is ClockTrust.server else ClockTrust.server
                stage.boot(**card.boot())
                stage.happen(events.Linked())
            case "later":
                stage.pass_(7 * MINUTE)
                card.write(stage.happen(events.TimePassed()))
            case "guess":
                stage.trust = ClockTrust.guessed
            case _:
                stage.happen(events.Unlinked())
                stage.happen(events.Linked())
        held = stage.state.held
        assert held.keys == (KEY.public,)
        assert held.assignment is not None
        assert (held.assignment.device, held.assignment.revision) == ("loa-1", 2)
        assert {area: p.revision for area, p in held.programmes.items()} == {"xa-1": 2, "loa-1": 3}
        assert set(stage.placed()) <= {"xa-b", "xa-c", "own-a"}


def test_an_alert_of_yesterday_is_nothing_to_a_loudspeaker_that_lost_its_clock() -> None:
    """It remembers what time it was, though it does not know what time it is."""
    stage = Stage(SIX)
    stage.ready(slot("a", SIX + HOUR))
    stage.trust = ClockTrust.unknown
    stage.boot(assignment=stage.assignment, programmes=tuple(stage.kept.items()), remembered=SIX)
    late = alert("xa-1", 99, "flood-of-yesterday", SIX - DAY)
    stage.happen(events.AlertArrived("xa-1", late, (), 0))
    assert stage.state.held.alerts == {}
    assert stage.state.held.refused == {"expired": 1}


def test_a_word_from_the_future_is_refused() -> None:
    stage = Stage(SIX)
    stage.ready()
    ahead = msgspec.structs.replace(programme("xa-1", 50, "x"), issued_at=SIX + DAY, expires_at=SIX + 20 * DAY)
    stage.happen(events.MessageArrived(wire.PROGRAMME.topic("xa-1"), wire.seal_message(ahead, KEY)))
    assert stage.state.held.refused == {"from_the_future": 1}


def test_the_keys_change_hands_once() -> None:
    """The old key announces the next; from then on it announces nothing, and what it sealed is no longer believed once
    it holds no more."""
    stage = Stage(SIX)
    stage.ready(slot("a", SIX + HOUR))
    both = wire.Keys(5, SIX, (NEXT.public, KEY.public))
    [kept] = [a for a in announce(stage, both, KEY) if isinstance(a, do.KeepKeys)]
    assert kept == do.KeepKeys(5, both.keys)
    announce(stage, wire.Keys(6, SIX, (STRANGER.public, KEY.public)), KEY)
    assert stage.state.held.refused == {"older_key": 1}
    assert stage.state.held.keys == both.keys
    alone = wire.Keys(7, SIX, (NEXT.public,))
    actions = announce(stage, alone, NEXT)
    assert do.KeepProgramme("xa-1", b"") in actions
    assert stage.state.held.programmes == {}
    again = wire.seal_message(programme("xa-1", 99, "a"), KEY)
    stage.happen(events.MessageArrived(wire.PROGRAMME.topic("xa-1"), again))
    assert stage.state.held.programmes == {}
    announce(stage, both, NEXT)
    assert stage.state.held.keys == alone.keys


def test_what_stands_is_kept_when_it_has_come_again_under_the_next_key() -> None:
    stage = Stage(SIX)
    stage.ready(slot("a", SIX + HOUR))
    announce(stage, wire.Keys(5, SIX, (NEXT.public, KEY.public)), KEY)
    held = stage.state.held.programmes["xa-1"]
    stage.happen(events.MessageArrived(wire.PROGRAMME.topic("xa-1"), wire.seal_message(held, NEXT)))
    assert stage.actions(do.KeepProgramme)[-1].payload == wire.seal_message(held, NEXT)
    announce(stage, wire.Keys(7, SIX, (NEXT.public,)), NEXT)
    assert stage.state.held.programmes == {"xa-1": held}


def announce(stage: Stage, word: wire.Keys, key: SigningKey) -> list[do.Action]:
    """The server, or a thief, says which keys hold."""
    return stage.happen(events.MessageArrived(wire.KEYS.topic(), wire.seal_message(word, key)))

"""The wire: every topic with its QoS and retain flag, and every message that is not a domain type elsewhere.

Anybody may import this room; nowhere else does a topic, a QoS or a retain flag appear. A field added later has a
default, an unknown enum value becomes `unknown`, an unknown kind is counted and kept; the major version is in the
topic.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from typing import Final, TypeVar

import msgspec

from audio.clip import is_clip_name
from schedules.alert import Alert, pack
from schedules.assignment import Assignment
from schedules.blocks import BlockRange
from schedules.clock import MINUTE, ClockTrust, DurationMs, MonoMs, UtcMs
from schedules.playback import Playback
from schedules.programme import Programme
from schedules.signing import Refusal, SigningKey, seal, unseal
from schedules.vitals import Vitals

ROOT: Final = "loaban/1"
_IDENTIFIER = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")

LARGEST_MESSAGE = 2 * 1024 * 1024
"""Bytes that a broker must let through, and more than which nobody reads."""
LARGEST_FROM_DEVICE = 256 * 1024
"""Bytes of the largest message of a loudspeaker that the server reads: a status that names two thousand clips."""


STATUS_EVERY: Final[DurationMs] = 15 * MINUTE
"""A loudspeaker says how it is when something changes, and this often in any case: the server's "last seen"."""


class Status(msgspec.Struct, frozen=True):
    """A loudspeaker's state. `online` false is also its last will. `programmes` and `assignment` are the revisions
    held; `clips_missing` what the slots of the coming days still need; `sounding` an occurrence or empty; `refused`
    counts messages refused, by cause; `sound_card` and `memory_card` are empty while they are well, else what is wrong;
    `run` names the run of the agent, `link` counts its links and `number` its statuses, so that an old status can never
    pass for a new one, nor two boxes for one; `data_today` and `data_month`: bytes fetched; `held_back`: how many clips
    wait because the data budget is spent or the card is full; `keys`: the ids (hex) of the signing keys whose word is
    taken, newest first; `vitals`: what the box measures of itself; `unheard`: how many of its last sounds, in a row,
    its ear has listened for in vain (0 without an ear)."""

    online: bool
    journal: str = ""
    version: str = ""
    programmes: dict[str, int] = {}
    assignment: int = 0
    clips_missing: tuple[str, ...] = ()
    trust: ClockTrust = ClockTrust.unknown
    bound_ms: DurationMs = 0
    sounding: str = ""
    refused: dict[str, int] = {}
    disk_free_bytes: int = 0
    sound_card: str = ""
    at: UtcMs = 0
    memory_card: str = ""
    run: str = ""
    link: int = 0
    number: int = 0
    data_today: int = 0
    data_month: int = 0
    held_back: int = 0
    keys: tuple[str, ...] = ()
    vitals: Vitals = Vitals()
    unheard: int = 0


class Want(msgspec.Struct, frozen=True):
    """Blocks of one clip that a loudspeaker asks for. `more`: while others are still coming, so that these may be on
    their way as well."""

    clip: str
    blocks: tuple[BlockRange, ...]
    more: bool = False


class Report(msgspec.Struct, frozen=True):
    """Playbacks of one journal, in order of their sequence numbers. `journal` names the journal, not the device:
    a new memory card begins a new one at sequence 1. `run` names the run of the agent that says so."""

    journal: str
    playbacks: tuple[Playback, ...]
    run: str = ""


class Ack(msgspec.Struct, frozen=True):
    """All playbacks of this journal up to this sequence that this run has sent are committed at the server. Another
    box with a copy of the card must not forget what it has not sent. Signed, and for one `device`; `report`: what
    `digest_of` says of the report that it answers. Who holds the broker could have a report of his own acknowledged: a
    loudspeaker heeds the answer to what it has said itself, and to nothing else."""

    journal: str
    up_to: int
    run: str = ""
    device: str = ""
    report: str = ""


class AlertAck(msgspec.Struct, frozen=True):
    """A loudspeaker holds this revision of the area's alert, or a later word of the same area."""

    area: str
    revision: int


class TimeQuestion(msgspec.Struct, frozen=True):
    """Asks the server for the time; `nonce` comes back, so that no old answer can pass for a new one."""

    nonce: str
    asked: MonoMs


class TimeAnswer(msgspec.Struct, frozen=True):
    """The server's clock. Signed, and for one device: who holds the broker cannot move a loudspeaker's clock."""

    device: str
    nonce: str
    asked: MonoMs
    server: UtcMs


class Keys(msgspec.Struct, frozen=True):
    """The public keys whose word holds, newest first; no other does. Signed by the newest of those that held before:
    once a loudspeaker knows a new key, the one before can announce nothing any more."""

    revision: int
    issued_at: UtcMs
    keys: tuple[bytes, ...]


class Renewal(msgspec.Struct, frozen=True):
    """A loudspeaker asks for the certificate that it is to have now. `request`: a signing request (PEM), signed with
    the key of the certificate that it has."""

    request: bytes


class Certificate(msgspec.Struct, frozen=True):
    """The certificate (PEM) that a loudspeaker is to have from now on. Signed, and for one `device`."""

    device: str
    certificate: bytes


class RepairBlock(msgspec.Struct, frozen=True):
    """One block for one loudspeaker."""

    clip: str
    index: int
    content: bytes


class Route(msgspec.Struct, frozen=True):
    """A kind of message: the pattern of its topic below the root (`+` for one level), QoS and retain flag."""

    pattern: str
    qos: int
    retain: bool

    def topic(self, *parts: object) -> str:
        """The topic with the levels filled in, in order."""
        pieces = iter(parts)
        return "/".join([ROOT, *(str(next(pieces)) if level == "+" else level for level in self.pattern.split("/"))])

    def parts(self, topic: str) -> tuple[str, ...] | None:
        """What stands for each `+` in a topic of this kind, or None for another kind."""
        levels, pattern = topic.split("/"), [*ROOT.split("/"), *self.pattern.split("/")]
        if len(levels) != len(pattern) or any(p not in ("+", level) for p, level in zip(pattern, levels, strict=True)):
            return None
        return tuple(level for p, level in zip(pattern, levels, strict=True) if p == "+")


PROGRAMME = Route("area/+/programme", qos=1, retain=True)
ALERT = Route("area/+/alert", qos=0, retain=False)
"""QoS 0: a broker sends it at once, while a message of QoS 1 waits behind the blocks that a slow link has not taken
yet. That it arrives is seen to by its own acknowledgement and its repetition, not by the broker."""
ASSIGNMENT = Route("device/+/assignment", qos=1, retain=True)
BLOCK = Route("clip/+/+", qos=1, retain=False)
URGENT_BLOCK = Route("clip/+/urgent/+", qos=0, retain=False)
"""A block of an emergency. QoS 0, as the alert that it continues: it overtakes what a slow link has not taken yet, and
what is lost is asked for."""
WANT = Route("device/+/want", qos=1, retain=False)
REPAIR = Route("device/+/blocks", qos=1, retain=False)
URGENT_REPAIR = Route("device/+/urgent-blocks", qos=0, retain=False)
REPORT = Route("device/+/report", qos=1, retain=False)
ACK = Route("device/+/ack", qos=1, retain=False)
ALERT_ACK = Route("device/+/alert-ack", qos=1, retain=False)
STATUS = Route("device/+/status", qos=1, retain=True)
TIME_QUESTION = Route("device/+/time-question", qos=0, retain=False)
TIME_ANSWER = Route("device/+/time-answer", qos=0, retain=False)
RENEW = Route("device/+/renew", qos=1, retain=False)
CERTIFICATE = Route("device/+/certificate", qos=1, retain=False)
KEYS = Route("keys", qos=1, retain=True)

FROM_DEVICES = (WANT, STATUS, TIME_QUESTION, ALERT_ACK, RENEW)
"""What the gateway listens to, for every device; reports go to whoever shares their line."""
FROM_SERVER = (PROGRAMME, ASSIGNMENT, KEYS)
"""What a broker keeps of the server's word. Whoever else speaks there is overheard, and the server says it again."""
TO_DEVICE = (ASSIGNMENT, REPAIR, URGENT_REPAIR, ACK, TIME_ANSWER, CERTIFICATE, KEYS)
"""What a device listens to whatever its areas are: its own topics, and the keys, which are for all."""

_Message = TypeVar("_Message")


def shared(route: Route, group: str) -> str:
    """What to subscribe to so that each message from any device goes to one of the group."""
    return f"$share/{group}/{route.topic('+')}"


def is_identifier(text: str) -> bool:
    """Whether the text can name an area or a device: it is safe in a topic and as a file name."""
    return _IDENTIFIER.fullmatch(text) is not None


def encode(message: object) -> bytes:
    """A message as JSON, so that a person with any MQTT tool can read it."""
    return msgspec.json.encode(message)


def decode(kind: type[_Message], payload: bytes) -> _Message | None:
    """A message of this kind, or None where the payload is no such thing."""
    try:
        return msgspec.json.decode(payload, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def digest_of(payload: bytes) -> str:
    """What names a message by all of its bytes."""
    return hashlib.sha256(payload).hexdigest()[:32]


def seal_message(message: Programme | Assignment | TimeAnswer | Ack | Keys | Certificate, key: SigningKey) -> bytes:
    """A message that only the server may say, sealed."""
    return seal(type(message).__name__, encode(message), key)


def seal_alert(alert: Alert, contents: Iterable[bytes], key: SigningKey) -> bytes:
    """An alert with the first bytes of its clips, in the order of its heads. The bytes need no signature of their
    own: their hashes are in what is signed."""
    return pack(seal(Alert.__name__, encode(alert), key), contents)


def unseal_message(kind: type[_Message], envelope: bytes, trusted: Mapping[bytes, bytes]) -> _Message | Refusal:
    """A sealed message, or why it is refused."""
    body = unseal(kind.__name__, envelope, trusted)
    if isinstance(body, Refusal):
        return body
    return decode(kind, body) or Refusal.malformed


def encode_repair(repair: RepairBlock) -> bytes:
    """32 bytes of clip name, 4 of index, then the block: text would cost a third more on a thin link."""
    return bytes.fromhex(repair.clip) + repair.index.to_bytes(4, "big") + repair.content


def decode_repair(payload: bytes) -> RepairBlock | None:
    """The reverse of `encode_repair`, None for what is too short."""
    if len(payload) < 36:
        return None
    return RepairBlock(payload[:32].hex(), int.from_bytes(payload[32:36], "big"), payload[36:])


def blocks_of(clip: str) -> str:
    """What to subscribe to for all blocks of a clip, be they urgent or not."""
    return BLOCK.topic(clip, "#")


def block_parts(topic: str) -> tuple[str, int] | None:
    """The clip and the index of the first block in a message of blocks; the others follow it without a gap."""
    parts = BLOCK.parts(topic) or URGENT_BLOCK.parts(topic)
    if parts is None or not is_clip_name(parts[0]) or not (parts[1].isascii() and parts[1].isdigit()):
        return None
    return parts[0], int(parts[1][:9])

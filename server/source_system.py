"""The port to a source-information system (hệ thống thông tin nguồn) of the province or of the centre: what comes
from it, what it is told, and what stands against either. Pure.

Imported by the use cases, the adapters, the conformance suite and tests. The fields are those that the national
guidance names; how they travel is each adapter's business.
"""

import enum
from collections.abc import Iterable, Sequence
from typing import Protocol

import msgspec

from schedules.clock import UtcMs
from schedules.programme import BroadcastClass
from server.area import Area, search_key
from server.compose_form import ComposeForm

LONGEST_ID = 100


class SourceBulletin(msgspec.Struct, frozen=True, kw_only=True):
    """A bulletin from above. `id` and `version` name it there; `areas`: for whom, by the official code of a commune or
    by its name; `texts` by BCP 47 tag; `cancels`: it takes back what has this id, and says nothing itself. Instants are
    ISO 8601 as they came: nobody computes with them here."""

    id: str
    version: int = 1
    title: str = ""
    kind: str = "text"
    topic: str = ""
    broadcast_class: str = msgspec.field(default=BroadcastClass.ordinary.value, name="class")
    reason: str = ""
    texts: dict[str, str] = {}
    areas: tuple[str, ...] = ()
    producer: str = ""
    authority: str = ""
    responsible: str = ""
    document_number: str = ""
    document_date: str = ""
    approver: str = ""
    approved_at: str = ""
    valid_from: str = ""
    valid_until: str = ""
    replaces: str = ""
    cancels: str = ""
    checksum: str = ""


class Batch(msgspec.Struct, frozen=True):
    """What a question brought: bulletins, what could not be read (each with a word why), where to go on, and whether
    there is more now."""

    bulletins: tuple[SourceBulletin, ...] = ()
    unreadable: tuple[str, ...] = ()
    cursor: str = ""
    more: bool = False


class Aired(msgspec.Struct, frozen=True):
    """What became of a bulletin of theirs at one hour in one area: how many loudspeakers were to say it, how many did,
    how many did not, and of how many nobody knows (yet). Told again when it has changed."""

    id: str
    version: int
    area: str
    occurrence: str
    planned: UtcMs
    loudspeakers: int
    sounded: int
    failed: int
    unknown: int


class SourceFaultKind(enum.Enum):
    """Why there was no answer."""

    unreachable = "unreachable"
    refused = "refused"  # it does not know us
    failing = "failing"  # it says itself that it cannot
    senseless = "senseless"  # what it answers is not in the agreed form


class SourceFault(Exception):
    """It did not answer as agreed. Nothing was taken, nothing counts as told."""

    def __init__(self, kind: SourceFaultKind, says: str = "") -> None:
        super().__init__(kind, says)
        self.kind, self.says = kind, says[:200]


class SourceSystem(Protocol):
    """What any supplier's system must be able to do. Both raise `SourceFault`, and nothing else."""

    def fetch(self, cursor: str) -> Batch:
        """What has come behind this cursor; the empty one asks from the beginning. Asked again, it says the same."""

    def report(self, told: Sequence[Aired]) -> None:
        """What was aired. Told twice, it counts once."""


def fault_in(found: SourceBulletin) -> str:
    """What makes a bulletin unfit to be taken; empty for nothing."""
    classes = {each.value for each in BroadcastClass} - {BroadcastClass.unknown.value}
    if not found.id or len(found.id) > LONGEST_ID or not found.id.isprintable():
        return "id"
    if not 1 <= found.version < 1 << 31:
        return "version"
    if found.cancels:
        return "" if len(found.cancels) <= LONGEST_ID else "cancels"
    if not found.title.strip():
        return "title"
    if found.broadcast_class not in classes:
        return "class"
    if not found.areas:
        return "areas"
    everything = (found.title, found.reason, found.authority, found.responsible, *found.texts.values(), *found.areas)
    return "control characters" if any("\0" in each for each in everything) else ""


def area_named(code: str, areas: Iterable[Area]) -> Area | None:
    """The area of an official code, an id of ours, or a name that only one area has or had; None for none, or many."""
    every = list(areas)
    wanted = code.strip()
    exact = next((area for area in every if area.id in (wanted, f"xa-{wanted}")), None)
    if exact is not None:
        return exact
    key = search_key(wanted)
    named = [a for a in every if key and key in (search_key(a.name), *map(search_key, a.former_names.split(";")))]
    return named[0] if len(named) == 1 else None


def form_of(found: SourceBulletin, area: Area, topics: dict[str, str]) -> ComposeForm:
    """The form that a person in this area goes on with."""
    key = search_key(found.topic)
    topic = next((id_ for id_, name in topics.items() if found.topic == id_ or (key and key == search_key(name))), "")
    return ComposeForm(
        title=" ".join(found.title.split()),
        topic=topic,
        broadcast_class=found.broadcast_class,
        text=found.texts.get("vi", ""),
        texts={tag: text for tag, text in found.texts.items() if tag != "vi"},
        targets=(area.id,),
        authority=found.authority,
        responsible=found.responsible,
        reason=found.reason,
    )

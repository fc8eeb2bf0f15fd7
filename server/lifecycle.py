"""The way of a bulletin to air: its states, and who may take it from one to the next. Pure.

Imported by `bulletin` and the use cases. Nothing is ever changed in place once it has been sent for approval: who edits
it writes a new version, and the old one is superseded, at once if it does not air, else when the new one is approved.
Until then the old one airs on.

Who may do it *where* is decided in `access`; here stands what may follow on what, and that nobody approves what they
wrote.
"""

import enum

import msgspec


class BroadcastState(enum.Enum):
    """Where it stands on its way to air."""

    draft = "draft"
    submitted = "submitted"
    approved = "approved"
    returned = "returned"
    voided = "voided"  # approved, but its sound is another now
    superseded = "superseded"
    withdrawn = "withdrawn"


class Deed(enum.Enum):
    """What can be done to it."""

    keep = "keep"  # a draft is saved
    submit = "submit"
    approve = "approve"
    send_back = "send_back"
    alarm = "alarm"  # an emergency airs on its writer's signature alone
    render = "render"  # a variant gets another sound
    supersede = "supersede"  # a newer version takes its place
    withdraw = "withdraw"


class Part(enum.Enum):
    """Who does it. `another`: who has written in no version of it; `officer`: an emergency officer."""

    writer = "writer"
    another = "another"
    officer = "officer"
    server = "server"


_S, _D, _P = BroadcastState, Deed, Part
STEPS: dict[tuple[BroadcastState, Deed], tuple[Part, BroadcastState]] = {
    (_S.draft, _D.keep): (_P.writer, _S.draft),
    (_S.draft, _D.submit): (_P.writer, _S.submitted),
    (_S.draft, _D.alarm): (_P.officer, _S.approved),
    (_S.draft, _D.withdraw): (_P.writer, _S.withdrawn),
    (_S.submitted, _D.approve): (_P.another, _S.approved),
    (_S.submitted, _D.send_back): (_P.another, _S.returned),
    (_S.submitted, _D.render): (_P.server, _S.submitted),
    (_S.submitted, _D.supersede): (_P.server, _S.superseded),
    (_S.submitted, _D.withdraw): (_P.writer, _S.withdrawn),
    (_S.returned, _D.render): (_P.server, _S.returned),
    (_S.returned, _D.supersede): (_P.server, _S.superseded),
    (_S.returned, _D.withdraw): (_P.writer, _S.withdrawn),
    (_S.approved, _D.render): (_P.server, _S.voided),
    (_S.approved, _D.supersede): (_P.server, _S.superseded),
    (_S.approved, _D.withdraw): (_P.writer, _S.withdrawn),
    (_S.voided, _D.approve): (_P.another, _S.approved),
    (_S.voided, _D.send_back): (_P.another, _S.returned),
    (_S.voided, _D.render): (_P.server, _S.voided),
    (_S.voided, _D.supersede): (_P.server, _S.superseded),
    (_S.voided, _D.withdraw): (_P.writer, _S.withdrawn),
}
"""All that may happen, by whom, and what it is then. What does not stand here does not happen."""

DUE = (BroadcastState.submitted, BroadcastState.voided)
"""What an approver still has to decide."""
STANDING = (*DUE, BroadcastState.returned, BroadcastState.approved)
"""What a newer version may still take the place of, and a writer may withdraw."""


class Hindrance(enum.Enum):
    """Why something cannot be done."""

    not_now = "not_now"  # nothing of the kind follows on this state
    own_work = "own_work"
    no_emergency = "no_emergency"


class Passage(msgspec.Struct, frozen=True):
    """How far it has come. `writers`: everyone who wrote in it or in a version before it; `alone`: it airs on one
    signature."""

    state: BroadcastState
    writers: frozenset[str]
    emergency: bool = False
    approver: str = ""
    alone: bool = False


def begun(writer: str, *, emergency: bool, replaces: Passage | None = None) -> Passage:
    """A new draft, or the draft of a newer version: who wrote in the old one has written in the new one too."""
    before = replaces.writers if replaces is not None else frozenset()
    return Passage(BroadcastState.draft, before | {writer}, emergency)


def after(passage: Passage, deed: Deed, who: str) -> Passage | Hindrance:
    """What it is once this person has done this, or why it cannot be done."""
    step = STEPS.get((passage.state, deed))
    if step is None:
        return Hindrance.not_now
    part, state = step
    if part is Part.another and who in passage.writers:
        return Hindrance.own_work
    if part is Part.officer and not passage.emergency:
        return Hindrance.no_emergency
    writers = passage.writers | {who} if part in (Part.writer, Part.officer) else passage.writers
    if deed in (Deed.approve, Deed.alarm):
        return Passage(state, writers, passage.emergency, who, deed is Deed.alarm)
    return Passage(state, writers, passage.emergency, passage.approver, passage.alone)


def airs(passage: Passage) -> bool:
    """Whether it sounds: approved by another than everyone who wrote in it, or an emergency on one signature."""
    another = passage.approver not in passage.writers
    return passage.state is BroadcastState.approved and (another or (passage.alone and passage.emergency))

"""The shapes of the JSON API: what others read and send. They are promises to programs that we do not know, and so
apart from our own types: a field may be added, none is taken away.

Imported by the routes of the API. Instants are ISO 8601 in UTC, lengths milliseconds.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from server.web.words import N_

Line = Annotated[str, StringConstraints(max_length=500)]
Code = Annotated[str, StringConstraints(max_length=100)]
Text = Annotated[str, StringConstraints(max_length=20_000)]
ClassName = Literal["ordinary", "priority", "emergency"]
StateName = Literal["draft", "submitted", "approved", "returned", "voided", "superseded", "withdrawn"]
PlayState = Literal["planned", "due", "unknown", "withdrawn", "reported"]


class Shape(BaseModel):
    """Of all of them: a word that we do not know is refused, so that nobody believes that it was understood."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)


class SoundShape(Shape):
    """A clip."""

    sha256: str
    duration_ms: int
    size: int


class VariantShape(Shape):
    """A bulletin in one language."""

    language: str = Field(description=N_("BCP 47 tag; zxx is music"))
    text: str
    spoken: str = Field(description=N_("the text as it is read out"))
    source: str = Field(description=N_("recording, voice or phrases"))
    engine: str
    voice: str
    ai_made: bool = Field(description=N_("a machine speaks"))
    translator: str
    reviewed: bool = Field(description=N_("somebody who knows the language has said that it is right"))
    sound: SoundShape


class BulletinShape(Shape):
    """What was written, in all its languages."""

    id: str
    title: str
    topic: str
    class_: str = Field(alias="class")
    area: str = Field(description=N_("on whose behalf"))
    authority: str
    responsible: str
    reason: str
    exercise: bool
    author: str
    created_at: str
    variants: list[VariantShape]
    broadcasts: list[str] = Field(description=N_("where and when it is to air, the newest first"))


class BroadcastShape(Shape):
    """A bulletin, where and when; and who answers for it."""

    id: str
    bulletin: str
    title: str
    class_: str = Field(alias="class")
    state: StateName
    mode: str
    rule: str = Field(description=N_("when, in words"))
    targets: list[str]
    version: int
    replaces: str
    successor: str
    author: str
    approver: str
    approved_at: str | None
    alone: bool = Field(description=N_("an emergency that aired on one signature"))
    seal: str
    ends_at: str | None
    withdrawn_at: str | None
    created_at: str


class PlaybackShape(Shape):
    """A planned play at one loudspeaker, and what it has reported of it."""

    loudspeaker: str
    occurrence: str
    broadcast: str
    bulletin: str
    title: str
    class_: str = Field(alias="class")
    planned: str
    useful_until: str
    state: PlayState
    outcome: str | None
    reason: str | None
    other: str | None = Field(description=N_("the occurrence that was in the way"))
    started: str | None
    ended: str | None
    due_ms: int | None
    sounded_ms: int | None
    evidence: str | None = Field(description=N_("the highest rung that the loudspeaker can prove"))
    clock_trust: str | None
    clock_bound_ms: int | None
    offline: bool | None
    volume: int | None
    clips: list[str]
    missing: list[str] = Field(description=N_("languages of this loudspeaker that did not sound"))
    seal: str


class LoudspeakerShape(Shape):
    """A loudspeaker, and what it last said of itself."""

    id: str
    name: str
    area: str
    path: str = Field(description=N_("the ids from the province to itself, between slashes"))
    languages: list[str]
    online: bool | None = Field(description=N_("null: never heard of"))
    heard_at: str | None
    version: str | None
    clock_trust: str | None
    clock_bound_ms: int | None
    sounding: str | None
    clips_missing: int | None
    disk_free_bytes: int | None
    sound_card: str | None = Field(description=N_("empty while it is well"))
    memory_card: str | None = Field(description=N_("empty while it is well"))
    data_today: int | None
    data_month: int | None


class AreaShape(Shape):
    """A place that bulletins can be for."""

    id: str
    name: str
    level: str
    parent: str | None
    former_names: str
    valid_to: str


class TopicShape(Shape):
    """A topic (lĩnh vực)."""

    id: str
    name: str


class BulletinPage(Shape):
    """`next` leads to the page behind this one; a page may be shorter than was asked for and have a next one."""

    items: list[BulletinShape]
    next: str | None


class BroadcastPage(Shape):
    """As of bulletins."""

    items: list[BroadcastShape]
    next: str | None


class PlaybackPage(Shape):
    """As of bulletins."""

    items: list[PlaybackShape]
    next: str | None


class LoudspeakerPage(Shape):
    """As of bulletins."""

    items: list[LoudspeakerShape]
    next: str | None


class AreaPage(Shape):
    """As of bulletins."""

    items: list[AreaShape]
    next: str | None


class TopicPage(Shape):
    """All of them."""

    items: list[TopicShape]


class WhenSent(Shape):
    """When it is to air, as in the form “Soạn bản tin”: days as dd/mm/yyyy, times as HH:MM, in Vietnam."""

    mode: Code = "now"
    date: Code = ""
    time: Code = ""
    days: list[Code] = Field(default=[], max_length=7, description=N_("weekdays, 0 is Monday"))
    last: Code = ""
    month_days: Code = ""
    every: Code = ""
    until: Code = ""
    repeats: Code = ""
    gap: Code = ""


class BulletinSent(Shape):
    """A bulletin. Without `submit` it is kept as a draft, whatever is missing in it, for a person to finish."""

    title: Line
    topic: Code = ""
    class_: ClassName = Field(default="ordinary", alias="class")
    texts: dict[Code, Text] = Field(
        default={},
        max_length=40,
        description=N_("by language; a machine reads Vietnamese, other languages wait for a recording"),
    )
    answers: dict[Line, Line] = Field(
        default={}, max_length=100, description=N_("how that is said which the rules cannot say")
    )
    targets: list[Code] = Field(default=[], max_length=300)
    when: WhenSent = WhenSent()
    authority: Line = ""
    responsible: Line = ""
    reason: Line = Field(default="", description=N_("of an emergency"))
    exercise: bool = False
    submit: bool = Field(default=False, description=N_("send it for approval; else it is a draft"))


class BulletinKept(Shape):
    """What has become of a bulletin that was sent."""

    kind: Literal["draft", "broadcast"]
    id: str
    bulletin: str | None
    state: StateName
    page: str = Field(description=N_("where people see it"))


class FieldProblem(Shape):
    """What is wrong with a field."""

    field: str
    message: str


class ProblemShape(Shape):
    """Problem details (RFC 9457); `title` and `detail` in the language that `Accept-Language` asks for."""

    type: str
    title: str
    status: int
    detail: str = ""
    errors: list[FieldProblem] = []

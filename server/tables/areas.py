"""Tables of places: areas, their levels, languages and topics. Instants are UTC milliseconds.

Imported by the repositories, the migrations, the composition root and tests only.
"""

from sqlmodel import Field

from server.tables.row import Row


class AreaLevelRow(Row, table=True):
    """What kinds of area there are: levels are data."""

    __tablename__ = "area_level"
    id: str = Field(primary_key=True)
    name: str
    position: int


class AreaRow(Row, table=True):
    """A node of the dated area tree. `path`: the ids from the root to itself between slashes. `languages`,
    `settings`: JSON; `search_key`: without accents."""

    __tablename__ = "area"
    id: str = Field(primary_key=True)
    parent: str | None = Field(default=None, foreign_key="area.id", index=True)
    path: str = Field(index=True, unique=True)
    depth: int
    level: str = Field(foreign_key="area_level.id")
    name: str
    former_names: str = ""
    search_key: str = Field(default="", index=True)
    sort_key: str = ""
    valid_from: str = ""
    valid_to: str = ""
    languages: str = "[]"
    settings: str = "{}"


class LanguageRow(Row, table=True):
    """A language."""

    __tablename__ = "language"
    tag: str = Field(primary_key=True)
    name: str
    own_name: str = ""
    variety: str = ""
    orthography: str = ""


class TopicRow(Row, table=True):
    """A topic (lĩnh vực) of the decree's essential information."""

    __tablename__ = "topic"
    id: str = Field(primary_key=True)
    name: str
    position: int

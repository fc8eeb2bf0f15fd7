"""Tables of places: areas, their levels, languages and topics. Instants are UTC milliseconds.

Imported by the repositories, the migrations, the composition root and tests only.
"""

from sqlalchemy import BigInteger, Float, Text, false
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
    `settings`: JSON; a language is its tag, or the tag with the share of households (`["ium", 40]`). `households`: 0
    where nobody knows; `search_key`: without accents; `lat`, `lon`: degrees (WGS 84), where somebody has
    entered them."""

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
    households: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    lat: float | None = Field(default=None, sa_type=Float)
    lon: float | None = Field(default=None, sa_type=Float)


class LanguageRow(Row, table=True):
    """A language. `engines`: JSON; null: as the house says."""

    __tablename__ = "language"
    tag: str = Field(primary_key=True)
    name: str
    own_name: str = ""
    variety: str = ""
    orthography: str = ""
    engines: str = Field(default="null", sa_type=Text, sa_column_kwargs={"server_default": "null"})
    phrase_forms: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    retired: bool = Field(default=False, sa_column_kwargs={"server_default": false()})


class LanguageReviewerRow(Row, table=True):
    """Somebody who can say whether a text or a recording in this language is right. `by`: who said that they can."""

    __tablename__ = "language_reviewer"
    language: str = Field(primary_key=True, foreign_key="language.tag")
    staff: str = Field(primary_key=True, foreign_key="staff.id", index=True)
    by: str = Field(foreign_key="staff.id")
    at: int = Field(sa_type=BigInteger)


class BoundaryRow(Row, table=True):
    """The border of an area, as somebody has imported it (JSON: rings of points, lon before lat)."""

    __tablename__ = "boundary"
    area: str = Field(primary_key=True, foreign_key="area.id")
    body: str = Field(sa_type=Text)
    by: str = Field(foreign_key="staff.id")
    at: int = Field(sa_type=BigInteger)


class TopicRow(Row, table=True):
    """A topic (lĩnh vực) of the decree's essential information."""

    __tablename__ = "topic"
    id: str = Field(primary_key=True)
    name: str
    position: int

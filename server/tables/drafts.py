"""Tables of what is being written and has not been sent for approval. Instants are UTC milliseconds.

Imported by the repositories, the migrations, the composition root and tests only.
"""

from sqlalchemy import BigInteger, Text, UniqueConstraint
from sqlmodel import Field

from server.tables.row import Row


class DraftRow(Row, table=True):
    """A draft. `number`: of its newest edition; `replaces`: the broadcast of which it will be a newer version, or
    empty; `broadcast`: what became of it once it was sent; `begun_as`: the name of the page that began it, before
    the draft had one."""

    __tablename__ = "draft"
    __table_args__ = (UniqueConstraint("author", "begun_as"),)
    id: str = Field(primary_key=True)
    area: str = Field(foreign_key="area.id", index=True)
    author: str = Field(foreign_key="staff.id")
    created_at: int = Field(sa_type=BigInteger)
    number: int
    replaces: str = ""
    broadcast: str = Field(default="", index=True)
    dropped_at: int | None = Field(default=None, sa_type=BigInteger)
    begun_as: str | None = None


class EditionRow(Row, table=True):
    """A draft as it was saved once (JSON of the form): never changed, and deleted only where a page saved it by itself
    and the same page has saved a later one within minutes."""

    __tablename__ = "draft_edition"
    draft: str = Field(primary_key=True, foreign_key="draft.id")
    number: int = Field(primary_key=True)
    staff: str = Field(foreign_key="staff.id")
    at: int = Field(sa_type=BigInteger)
    form: str = Field(sa_type=Text)
    tab: str = ""
    turn: int = 0
    automatic_since: int | None = Field(default=None, sa_type=BigInteger)

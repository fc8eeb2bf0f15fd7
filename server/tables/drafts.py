"""Tables of what is being written and has not been sent for approval. Instants are UTC milliseconds.

Imported by the repositories, the migrations, the composition root and tests only.
"""

from sqlalchemy import BigInteger, Text
from sqlmodel import Field

from server.tables.row import Row


class DraftRow(Row, table=True):
    """A draft. `number`: of its newest edition; `replaces`: the broadcast of which it will be a newer version, or
    empty; `broadcast`: what became of it once it was sent."""

    __tablename__ = "draft"
    id: str = Field(primary_key=True)
    area: str = Field(foreign_key="area.id", index=True)
    author: str = Field(foreign_key="staff.id")
    created_at: int = Field(sa_type=BigInteger)
    number: int
    replaces: str = ""
    broadcast: str = Field(default="", index=True)
    dropped_at: int | None = Field(default=None, sa_type=BigInteger)


class EditionRow(Row, table=True):
    """A draft as it was saved once (JSON of the form): never changed, never deleted."""

    __tablename__ = "draft_edition"
    draft: str = Field(primary_key=True, foreign_key="draft.id")
    number: int = Field(primary_key=True)
    staff: str = Field(foreign_key="staff.id")
    at: int = Field(sa_type=BigInteger)
    form: str = Field(sa_type=Text)

"""The table of proposals: what shall be loosened once a second person confirms it. Instants are UTC milliseconds.

Imported by the repositories, the migrations, the composition root and tests only.
"""

from sqlalchemy import BigInteger, Text
from sqlmodel import Field

from server.tables.row import Row


class ProposalRow(Row, table=True):
    """A proposal; never deleted. `before` and `wish`: JSON. `by`: empty for the terminal of the server."""

    __tablename__ = "proposal"
    id: int | None = Field(default=None, primary_key=True)
    area: str = Field(foreign_key="area.id", index=True)
    before: str = Field(sa_type=Text)
    wish: str = Field(sa_type=Text)
    by: str = ""
    at: int = Field(sa_type=BigInteger)
    state: str = Field(index=True)
    decided_by: str = ""
    decided_at: int = Field(default=0, sa_type=BigInteger)

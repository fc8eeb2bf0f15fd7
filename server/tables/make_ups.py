"""The table of make-up broadcasts: which one says again what failed at an occurrence.

Imported by the repositories, the migrations, the composition root and tests only.
"""

from sqlmodel import Field

from server.tables.row import Row


class MakeUpRow(Row, table=True):
    """The `number`th broadcast that says an occurrence again. The key lets only one of two who press at once in."""

    __tablename__ = "make_up"
    occurrence: str = Field(primary_key=True)
    number: int = Field(primary_key=True)
    broadcast: str = Field(index=True)

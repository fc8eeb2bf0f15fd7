"""Tables of the programs of others that come in by the JSON API: their tokens, and what they have been answered.
Instants are UTC milliseconds.

Imported by the repositories, the migrations, the composition root and tests only.
"""

from sqlalchemy import BigInteger, Text
from sqlmodel import Field

from server.tables.row import Row


class ApiTokenRow(Row, table=True):
    """A token, by the SHA-256 of its secret. `staff`: the account without a password in whose name it acts; its grant
    says where and how long. `writes`: it may send, not only read; `revoked_at`: 0 while nobody has ended it."""

    __tablename__ = "api_token"
    staff: str = Field(primary_key=True, foreign_key="staff.id")
    secret_hash: str = Field(unique=True, index=True)
    name: str
    area: str = Field(foreign_key="area.id", index=True)
    writes: bool = False
    made_by: str = Field(foreign_key="staff.id")
    made_at: int = Field(sa_type=BigInteger)
    ends: int = Field(sa_type=BigInteger)
    used_at: int = Field(default=0, sa_type=BigInteger, sa_column_kwargs={"server_default": "0"})
    revoked_at: int = Field(default=0, sa_type=BigInteger, sa_column_kwargs={"server_default": "0"})


class ApiAnswerRow(Row, table=True):
    """What was answered to a post, under the key that its sender gave it. `digest`: of what was sent."""

    __tablename__ = "api_answer"
    staff: str = Field(primary_key=True, foreign_key="staff.id")
    key: str = Field(primary_key=True)
    digest: str
    at: int = Field(sa_type=BigInteger, index=True)
    status: int = 0
    body: str = Field(default="", sa_type=Text)

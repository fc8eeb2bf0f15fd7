"""Tables of how loudspeakers become this server's: claim codes, wrong tries, certificates. Instants are UTC
milliseconds.

Imported by the repositories, the migrations, the composition root and tests only.
"""

from sqlalchemy import BigInteger, Text
from sqlmodel import Field

from server.tables.row import Row


class ClaimRow(Row, table=True):
    """The newest claim code of a loudspeaker, as a hash. `public_key`: hex, of whoever has used it."""

    __tablename__ = "claim"
    device: str = Field(primary_key=True, foreign_key="loudspeaker.id")
    hash: str = Field(unique=True)
    made_at: int = Field(sa_type=BigInteger)
    expires_at: int = Field(sa_type=BigInteger)
    used_at: int | None = Field(default=None, sa_type=BigInteger)
    public_key: str = ""


class WrongClaimRow(Row, table=True):
    """A code that was tried and does not hold."""

    __tablename__ = "wrong_claim"
    id: int | None = Field(default=None, primary_key=True)
    address: str = Field(index=True)
    at: int = Field(sa_type=BigInteger, index=True)


class CertificateRow(Row, table=True):
    """A certificate that was issued; `serial` and `public_key` in hex; `device` is empty for a line of the server's
    own; `name`: whom the broker lets in by it."""

    __tablename__ = "certificate"
    serial: str = Field(primary_key=True)
    device: str = Field(default="", index=True)
    name: str = Field(index=True)
    public_key: str = Field(sa_type=Text)
    pem: str = Field(sa_type=Text)
    not_before: int = Field(sa_type=BigInteger)
    not_after: int = Field(sa_type=BigInteger)
    revoked_at: int | None = Field(default=None, sa_type=BigInteger)

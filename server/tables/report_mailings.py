"""Tables of reports that are sent by e-mail. Instants are UTC milliseconds.

Imported by the repositories, the migrations, the composition root and tests only.
"""

from sqlalchemy import BigInteger, Text
from sqlmodel import Field

from server.tables.row import Row


class ReportMailingRow(Row, table=True):
    """The report of an area goes to these addresses on a day of the month. `every`: month or quarter; `formats`,
    `addresses`: with a comma between them; `since`: periods that end later are sent."""

    __tablename__ = "report_mailing"
    id: str = Field(primary_key=True)
    area: str = Field(foreign_key="area.id", index=True)
    every: str
    formats: str
    day: int
    addresses: str = Field(sa_type=Text)
    language: str
    made_by: str = Field(foreign_key="staff.id")
    made_at: int = Field(sa_type=BigInteger)
    ended_at: int = Field(default=0, sa_type=BigInteger)


class ReportDispatchRow(Row, table=True):
    """A report of a period to one address, once. `letter`: the id of the letter that takes it there; empty, with a
    `fault`, where the files could not be made."""

    __tablename__ = "report_dispatch"
    mailing: str = Field(primary_key=True, foreign_key="report_mailing.id")
    period: str = Field(primary_key=True)
    address: str = Field(primary_key=True)
    letter: str = Field(index=True)
    fault: str = ""
    at: int = Field(sa_type=BigInteger)

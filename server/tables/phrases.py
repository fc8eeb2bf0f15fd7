"""Tables of the phrase bank: editions, presenters and their consent, takes, and who says what in a sound. Instants are
UTC milliseconds.

Imported by the repositories, the migrations, the composition root and tests only.
"""

from sqlalchemy import BigInteger, Text
from sqlmodel import Field

from server.tables.row import Row


class PhraseEditionRow(Row, table=True):
    """A template's text in one language, each saving a row; approved by a native reviewer, or not."""

    __tablename__ = "phrase_edition"
    language: str = Field(primary_key=True, foreign_key="language.tag")
    template: str = Field(primary_key=True)
    number: int = Field(primary_key=True)
    text: str = Field(sa_type=Text)
    translator: str
    staff: str = Field(foreign_key="staff.id")
    at: int = Field(sa_type=BigInteger)
    reviewer: str = ""
    approver: str = ""
    approved_at: int | None = Field(default=None, sa_type=BigInteger)
    sample: bool = False


class PresenterRow(Row, table=True):
    """Somebody whose voice is in the bank. `languages`: JSON; `consent_on`: an ISO day."""

    __tablename__ = "presenter"
    id: str = Field(primary_key=True)
    name: str
    area: str = Field(foreign_key="area.id", index=True)
    languages: str
    consent_on: str
    consent_scope: str = Field(sa_type=Text)
    consent_note: str = Field(sa_type=Text)
    staff: str = Field(foreign_key="staff.id")
    at: int = Field(sa_type=BigInteger)
    sample: bool = False
    withdrawn_at: int | None = Field(default=None, sa_type=BigInteger)
    withdrawn_by: str = ""
    withdrawn_note: str = Field(default="", sa_type=Text)


class TakeRow(Row, table=True):
    """What somebody has recorded of a unit; the newest counts. `measures`: JSON; `file`: the name of its WAV."""

    __tablename__ = "phrase_take"
    id: str = Field(primary_key=True)
    language: str = Field(foreign_key="language.tag", index=True)
    unit: str = Field(index=True)
    presenter: str = Field(foreign_key="presenter.id", index=True)
    text: str = Field(sa_type=Text)
    file: str
    measures: str = Field(sa_type=Text)
    staff: str = Field(foreign_key="staff.id")
    at: int = Field(sa_type=BigInteger)


class ManifestRow(Row, table=True):
    """Which take says which piece of a clip."""

    __tablename__ = "phrase_manifest"
    clip: str = Field(primary_key=True)
    position: int = Field(primary_key=True)
    language: str
    template: str
    edition: int
    unit: str
    text: str = Field(sa_type=Text)
    take: str = Field(foreign_key="phrase_take.id")
    presenter: str = Field(foreign_key="presenter.id", index=True)

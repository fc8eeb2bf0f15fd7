"""One transaction on the database, with its repositories.

Imported by the composition root and tests; the use cases get a `Store`.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event
from sqlmodel import Session, create_engine

from server.repositories.airings import Airings
from server.repositories.archive_moves import ArchiveMoves
from server.repositories.archives import with_archives
from server.repositories.areas import Areas
from server.repositories.borders import Borders
from server.repositories.broadcasts import Broadcasts
from server.repositories.care import Care
from server.repositories.certificates import Certificates
from server.repositories.concerns import Concerns
from server.repositories.drafts import Drafts
from server.repositories.factors import Factors
from server.repositories.fleet import Fleet
from server.repositories.groups import Groups
from server.repositories.happenings import Happenings
from server.repositories.keeping import Keeping
from server.repositories.languages import Languages
from server.repositories.library import Library
from server.repositories.listening import Listening
from server.repositories.listings import Listings
from server.repositories.logbook import Logbook
from server.repositories.makers import Makers
from server.repositories.notices import Notices
from server.repositories.phrases import Phrases
from server.repositories.places import Places
from server.repositories.proposals import Proposals
from server.repositories.readings import Readings
from server.repositories.report_mailings import ReportMailings
from server.repositories.reporting import Reporting
from server.repositories.requests import Requests
from server.repositories.results import Results
from server.repositories.sessions import Sessions
from server.repositories.sources import Sources
from server.repositories.spoken import Spoken
from server.repositories.staff import Staff
from server.repositories.summary import Summary
from server.repositories.takes import Takes
from server.repositories.tallies import Tallies
from server.repositories.tokens import Tokens
from server.repositories.trail import Trail
from server.repositories.uptakes import Uptakes
from server.repositories.views import Views


class Store:
    """The repositories of one transaction."""

    def __init__(self, session: Session) -> None:
        self.areas = Areas(session)
        self.languages = Languages(session)
        self.requests = Requests(session)
        self.staff = Staff(session)
        self.sessions = Sessions(session)
        self.factors = Factors(session)
        self.broadcasts = Broadcasts(session)
        self.fleet = Fleet(session)
        self.care = Care(session)
        self.borders = Borders(session)
        self.logbook = Logbook(session)
        self.archive = ArchiveMoves(session)
        self.listings = Listings(session)
        self.reporting = Reporting(session)
        self.report_mailings = ReportMailings(session)
        self.summary = Summary(session)
        self.places = Places(session)
        self.views = Views(session)
        self.results = Results(session)
        self.trail = Trail(session)
        self.notices = Notices(session)
        self.concerns = Concerns(session)
        self.happenings = Happenings(session)
        self.makers = Makers(session)
        self.readings = Readings(session)
        self.phrases = Phrases(session)
        self.proposals = Proposals(session)
        self.uptakes = Uptakes(session)
        self.drafts = Drafts(session)
        self.groups = Groups(session)
        self.spoken = Spoken(session)
        self.library = Library(session)
        self.listening = Listening(session)
        self.keeping = Keeping(session)
        self.takes = Takes(session)
        self.tokens = Tokens(session)
        self.sources = Sources(session)
        self.tallies = Tallies(session)
        self.airings = Airings(session)
        self.certificates = Certificates(session)


class Stores:
    """Opens transactions: committed at the end, or rolled back whole. `archive`: the folder with months of the log that
    have left the database."""

    def __init__(self, engine: Engine, archive: Path | None = None) -> None:
        self._engine, self.archive = engine, archive

    @contextmanager
    def open(self) -> Iterator[Store]:
        """One transaction."""
        with Session(self._engine) as session:
            archives = with_archives(session, self.archive)
            try:
                yield Store(session)
                session.commit()
            finally:
                archives.close()


def engine_of(url: str) -> Engine:
    """The database of a URL; SQLite is set up for one writer and many readers. PostgreSQL is met by psycopg, whether
    the URL says so or not."""
    url = re.sub(r"^postgres(ql)?://", "postgresql+psycopg://", url)
    # What is written must not come into the log by way of a fault.
    engine = create_engine(url, hide_parameters=True, connect_args={"timeout": 30} if url.startswith("sqlite") else {})
    if url.startswith("sqlite"):
        event.listen(engine, "connect", _set_up_sqlite)
    return engine


def _set_up_sqlite(connection: Any, _record: Any) -> None:
    # What is acknowledged is forgotten by the loudspeaker: it must outlive a power cut here, hence `full`.
    for pragma in ("journal_mode = wal", "synchronous = full", "foreign_keys = on", "busy_timeout = 30000"):
        connection.execute(f"pragma {pragma}")

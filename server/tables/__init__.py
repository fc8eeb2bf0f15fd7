"""The tables: the second shape of what the server keeps, one file for each family. Importing this package fills the
metadata.

Imported by the repositories, the migrations, the composition root and tests only.
"""

from server.tables import (
    archives,
    areas,
    bulletins,
    drafts,
    enrolment,
    fleet,
    groups,
    happenings,
    interfaces,
    library,
    logbook,
    make_ups,
    notices,
    phrases,
    proposals,
    readings,
    report_mailings,
    requests,
    sounds,
    sources,
    staff,
    summary,
    takes,
    trail,
)

__all__ = [
    "archives",
    "areas",
    "bulletins",
    "drafts",
    "enrolment",
    "fleet",
    "groups",
    "happenings",
    "interfaces",
    "library",
    "logbook",
    "make_ups",
    "notices",
    "phrases",
    "proposals",
    "readings",
    "report_mailings",
    "requests",
    "sounds",
    "sources",
    "staff",
    "summary",
    "takes",
    "trail",
]

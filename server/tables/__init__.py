"""The tables: the second shape of what the server keeps, one file for each family. Importing this package fills the
metadata.

Imported by the repositories, the migrations, the composition root and tests only.
"""

from server.tables import (
    areas,
    bulletins,
    drafts,
    enrolment,
    fleet,
    groups,
    interfaces,
    library,
    logbook,
    make_ups,
    notices,
    phrases,
    proposals,
    readings,
    requests,
    sounds,
    sources,
    staff,
    summary,
    takes,
    trail,
    uptakes,
)

__all__ = [
    "areas",
    "bulletins",
    "drafts",
    "enrolment",
    "fleet",
    "groups",
    "interfaces",
    "library",
    "logbook",
    "make_ups",
    "notices",
    "phrases",
    "proposals",
    "readings",
    "requests",
    "sounds",
    "sources",
    "staff",
    "summary",
    "takes",
    "trail",
    "uptakes",
]

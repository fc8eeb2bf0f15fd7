"""What is asked of a source-information system, and why it does not answer, as words for people.

Imported by the pages, the command line and tests.
"""

from server.source_check import Requirement
from server.source_system import SourceFaultKind
from server.web.words import N_

REQUIREMENTS: dict[Requirement, str] = {
    Requirement.answers: N_("%(sign)s GET /bulletins answers with items, next and more"),
    Requirement.quick: N_("%(sign)s within ten seconds"),
    Requirement.closed: N_("%(sign)s nobody reads without a token (401 or 403)"),
    Requirement.readable: N_("%(sign)s each bulletin has an id, a title, a class and its areas"),
    Requirement.ordered: N_("%(sign)s cursors lead on, and come to an end"),
    Requirement.repeatable: N_("%(sign)s the same question gets the same answer"),
    Requirement.single: N_("%(sign)s no version of a bulletin comes twice"),
    Requirement.reports: N_("%(sign)s POST /aired takes what was aired"),
    Requirement.reports_once: N_("%(sign)s the same told twice is taken, and counts once"),
    Requirement.refuses_nonsense: N_("%(sign)s nonsense is refused with 4xx"),
}
SOURCE_FAULTS: dict[SourceFaultKind, str] = {
    SourceFaultKind.unreachable: N_("It cannot be reached. We try again by ourselves."),
    SourceFaultKind.refused: N_("It does not let us in. Please ask there for a new token (LOABAN_SOURCE_TOKEN)."),
    SourceFaultKind.failing: N_("It says itself that it cannot answer now. We try again by ourselves."),
    SourceFaultKind.senseless: N_(
        "It answers otherwise than agreed. Its supplier can find out with: loaban source-check"
    ),
}

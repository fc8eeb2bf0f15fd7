"""What communes say to what is sent down to them, as words for people.

Imported by the pages and tests.
"""

from schedules.programme import Turn
from server.uptake import Uptake
from server.web.words import N_

UPTAKES = {
    Uptake.waiting: N_("waits for an answer"),
    Uptake.accepted: N_("taken"),
    Uptake.refused: N_("refused"),
    Uptake.by_force: N_("sounds by the rule, without being asked"),
    Uptake.lapsed: N_("not answered in time, did not sound"),
}
SIGNS = {
    Uptake.waiting: "…",
    Uptake.accepted: "✓",
    Uptake.refused: "✗",
    Uptake.by_force: "⚡",
    Uptake.lapsed: "⌛",
}
BADGES = {
    Uptake.waiting: "state-submitted",
    Uptake.accepted: "state-approved",
    Uptake.refused: "state-returned",
    Uptake.by_force: "priority",
    Uptake.lapsed: "state-returned",
}
"""Classes of the style sheet."""
TURNS = {
    Turn.as_ruled: N_("As the rule of the place says"),
    Turn.first: N_("Before our own priority bulletins"),
    Turn.last: N_("After our own priority bulletins"),
}
ORDER = (Uptake.waiting, Uptake.refused, Uptake.lapsed, Uptake.by_force, Uptake.accepted)
"""In which order a list has them: first what somebody must act on."""
NO_REASON = N_("Please say why the commune does not take it, so that the office knows.")

"""The words of the dashboard.

Imported by its page, the frame of the templates and tests.
"""

from server.dashboard import Age, Heat
from server.web.words import N_

AGES = {
    Age.hours: N_("for less than 6 hours"),
    Age.day: N_("for 6 to 24 hours"),
    Age.week: N_("for 1 to 7 days"),
    Age.longer: N_("for more than a week"),
    Age.never: N_("never in contact yet"),
}
HEATS = {
    Heat.good: N_("95 % or more sounded"),
    Heat.fair: N_("80 to 94 % sounded"),
    Heat.bad: N_("less than 80 % sounded"),
    Heat.going: N_("the day is not over"),
    Heat.none: N_("nothing was to sound"),
}
SIGNS = {Heat.good: "✓", Heat.fair: "!", Heat.bad: "✕", Heat.going: "◔", Heat.none: "–"}
"""Beside the colour, for who cannot tell colours apart."""

"""Kinds of emergencies, in words.

Imported by the red pages and tests.
"""

from server.emergency import EmergencyKind
from server.web.words import N_

KINDS = {
    EmergencyKind.flash_flood: N_("Flash flood"),
    EmergencyKind.landslide: N_("Landslide"),
    EmergencyKind.storm: N_("Storm"),
    EmergencyKind.forest_fire: N_("Forest fire"),
    EmergencyKind.epidemic: N_("Epidemic"),
    EmergencyKind.missing_person: N_("Missing person"),
    EmergencyKind.other: N_("Something else"),
}

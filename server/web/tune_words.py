"""The words of the library of sounds, in English; their Vietnamese stands in the catalogue.

Imported by the pages and the frame.
"""

from server.web.words import N_

WITHOUT_CHIME = N_("Without its chime: it had not reached the loudspeaker.")
NO_SECONDS = N_("Please write seconds from 0 to 10, with one decimal at most.")
OWN_TUNE = N_("You added this sound yourself; another person must choose it as a chime.")
TUNE_KINDS = {
    "jingle": N_("Jingle"),
    "anthem": N_("Anthem"),
    "music": N_("Music"),
    "other": N_("Other"),
}
ANNOUNCED = {
    "ordinary": N_("Chime before ordinary bulletins"),
    "priority": N_("Chime before priority bulletins"),
    "emergency": N_("Chime before emergencies"),
    "exercise": N_("Chime before exercises"),
    "closing": N_("Closing tone, after each bulletin"),
}

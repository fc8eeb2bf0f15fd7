"""What pages say of changes to areas.

Imported by the pages.
"""

from server.area_change import AreaFault
from server.web.words import N_

AREA_FAULTS = {
    AreaFault.no_name: N_("Please type a name of at most 120 letters."),
    AreaFault.taken: N_("There is a place of this name here already."),
    AreaFault.no_level: N_("No such place can be made here. Please choose its kind from the list."),
    AreaFault.no_day: N_("Please type a day as 31/12/2026."),
    AreaFault.too_early: N_("It would end before it began. Please type a later day."),
    AreaFault.in_use: N_("Loudspeakers are in service here. Let the place go up in another one; they go with it."),
    AreaFault.no_target: N_("Please choose a place of the same kind that you administer as well."),
}

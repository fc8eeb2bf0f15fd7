"""What keeps the server from its work, as words for people.

Imported by the pages and tests.
"""

from server.vitals import Want
from server.web.words import N_

WANTS: dict[Want, str] = {
    Want.database: N_("The database does not answer. Is it running?"),
    Want.broker: N_("No link to the broker: loudspeakers hear nothing new, and play what they hold."),
    Want.disk: N_("The disk with the data is nearly full."),
}

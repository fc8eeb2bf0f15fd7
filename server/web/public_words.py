"""What the public page says, and how far a commune is open.

Imported by the pages and tests.
"""

from server.public_page import Openness
from server.web.words import N_

TITLE = N_("What %(name)s has broadcast")
TOO_MANY = N_("Too many questions at once. Please wait a moment.")
OPENNESS: dict[Openness, str] = {
    Openness.closed: N_("Not open"),
    Openness.voices: N_("Open: the list, and machine voices to be heard again"),
    Openness.recordings: N_("Open: also recordings; who speaks in them has agreed"),
}

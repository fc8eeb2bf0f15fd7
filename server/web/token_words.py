"""What can be wrong with the form of a token, as words for people.

Imported by the pages and tests.
"""

from server.api_token import TokenFault
from server.web.words import N_

TOKEN_FAULTS: dict[TokenFault, str] = {
    TokenFault.no_name: N_("Please write what the program is called, 80 letters at most."),
    TokenFault.no_area: N_("Please choose an area."),
    TokenFault.no_scope: N_("Please choose what it may do."),
    TokenFault.no_such_date: N_("Please write a day such as 31/12/2026."),
    TokenFault.past: N_("This day has passed."),
    TokenFault.too_far: N_("One year at most. Make a new one before it ends."),
}

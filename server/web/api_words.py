"""What the JSON API refuses, as words for people.

Imported by the routes of the API and tests.
"""

from server.web.words import N_

API_REFUSALS = {
    "token_missing": N_("This address is opened by a token: send the header “Authorization: Bearer …”."),
    "token_unfit": N_(
        "This token opens nothing: it is unknown, has ended, or was revoked. Ask an administrator for a new one."
    ),
    "read_only": N_("This token may read, but not send. Ask an administrator for one that may."),
    "too_many": N_("Too many questions with this token. Please wait as many seconds as “Retry-After” says."),
    "key_missing": N_(
        "Send the header “Idempotency-Key” with a word of your own for this bulletin, 200 letters at most: so it is"
        " kept once, however often it is sent."
    ),
    "key_reused": N_("This “Idempotency-Key” was used for another content. Use a new one for a new bulletin."),
    "bad_cursor": N_("This cursor leads nowhere. Take it from “next” of the page before."),
    "bad_values": N_("Something in what was sent cannot be understood."),
    "unfit": N_(
        "Not sent for approval: something is to be mended. Without “submit” it is kept as a draft, which a person can"
        " finish."
    ),
    "still_reading": N_("The text is still being read out. Send the same again with the same key in a few seconds."),
}

"""What pages say of drafts, and of who else writes in them.

Imported by the pages that take drafts.
"""

from server.web.words import N_

SAVED = N_("Draft, saved by %(name)s at %(when)s.")
OVERTAKEN = N_(
    "%(name)s has saved this draft meanwhile (%(when)s). Nothing is lost: what you typed is still here. Look at theirs;"
    " if you save once more, yours follows on theirs."
)
OVERTAKEN_SENT = N_(
    "%(name)s has sent a newer version meanwhile (%(when)s). Nothing is lost: what you typed is still here. Look at"
    " theirs; if you send yours once more, it follows on theirs."
)
SAVED_ITSELF = N_("Saved at %(when)s.")
NEWER = N_("%(name)s has saved a newer one at %(when)s.")
NEWER_SENT = N_("%(name)s has sent it for approval at %(when)s.")
NEWER_DROPPED = N_("This draft, last saved by %(name)s, was dropped at %(when)s.")
ALSO_OPEN = N_("%(name)s has this draft open too, since %(when)s.")
ALSO_ELSEWHERE = N_("You have this draft open in another place too, since %(when)s.")
TAKE_GONE = N_("A recording that belongs to it is not here any more.")

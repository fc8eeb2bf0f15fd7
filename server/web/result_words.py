"""What became of a bulletin at a loudspeaker, and what to do next, in words.

Imported by the pages and their tests.
"""

from schedules.playback import Reason
from server.result import Verdict
from server.web.words import N_

VERDICTS = {
    Verdict.silent: N_("Did not sound"),
    Verdict.partly: N_("Broke off"),
    Verdict.unreported: N_("No report"),
    Verdict.waiting: N_("Still to come"),
    Verdict.sounded: N_("Sounded"),
    Verdict.withdrawn: N_("Withdrawn"),
}
ICONS = {
    Verdict.silent: "✗",
    Verdict.partly: "◐",
    Verdict.unreported: "?",
    Verdict.waiting: "…",
    Verdict.sounded: "✓",
    Verdict.withdrawn: "–",
}
NEXT = {
    Reason.none: "",
    Reason.delayed: N_("Nothing: it sounded later."),
    Reason.displaced: N_("Say it again at another time."),
    Reason.cut_in: N_("Say it again, once the other one is over."),
    Reason.quiet_hours: N_("Say it again outside the quiet hours."),
    Reason.runs_into_quiet_hours: N_("Say it again, early enough before the quiet hours."),
    Reason.suspended: N_("Say it again when the suspension is over."),
    Reason.too_long: N_("Shorten it, or send it in parts: as it is, it would be silent again."),
    Reason.rest: N_("Say it again at another time."),
    Reason.daily_limit: N_("Say it again tomorrow."),
    Reason.no_language: N_("Have it recorded in a language of this hamlet: as it is, it would be silent again."),
    Reason.language_missing: N_("Have the missing languages recorded."),
    Reason.clip_incomplete: N_("Say it again, once its sound is there. If this happens often, have its link checked."),
    Reason.clock_untrusted: N_("It sets its clock as soon as it has a network. Then say it again."),
    Reason.not_running: N_("Ask the head of the hamlet to look at its power. Then say it again."),
    Reason.restarted: N_("Ask the head of the hamlet to look at its power. Then say it again."),
    Reason.arrived_late: N_("Say it again; send it earlier next time."),
    Reason.withdrawn: N_("Nothing: somebody has withdrawn it."),
    Reason.card_missing: N_("Have the cable and the power of the sound card checked. Then say it again."),
    Reason.card_lost: N_("Have the cable and the power of the sound card checked. Then say it again."),
    Reason.file_unreadable: N_("Say it again. If it fails again, tell the technician: its memory card may be failing."),
    Reason.unknown: N_("Say it again. If it fails again, tell the technician."),
}
NO_REPORT = N_("It may have sounded: its report comes as soon as it has a network.")
WOULD_BE_SILENT = N_("Nothing is ordered yet: at that time it would be silent at some of these loudspeakers. %(why)s")
NO_TIME = N_("Nothing is ordered yet: within two days there is no time at which it would sound at all of them. %(why)s")

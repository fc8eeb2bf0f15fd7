"""What people are told, in words: in the page, on a telephone, by e-mail.

Imported by the pages and composition roots.
"""

from collections.abc import Callable, Mapping

from server.concern import ConcernKind
from server.concern_form import ConcernFault
from server.happening import HappeningKind
from server.letter import LetterState
from server.notice import Matter, NoticeKind
from server.period import period_of
from server.web.period_words import PERIODS
from server.web.words import N_
from server.wording import Said

MATTERS = {
    Matter.approval: N_("Bulletins that wait for my approval"),
    Matter.decision: N_("Decisions on what I wrote"),
    Matter.emergency: N_("Emergencies on one signature"),
    Matter.recording: N_("Recordings that I am asked for"),
    Matter.concern: N_("Alarms: loudspeakers that are not well"),
    Matter.from_above: N_("Bulletins sent down from above, and what becomes of them"),
}
SHORT_MATTERS = {
    Matter.approval: N_("Approval"),
    Matter.decision: N_("Decision"),
    Matter.emergency: N_("Emergency"),
    Matter.recording: N_("Recording"),
    Matter.concern: N_("Alarm"),
    Matter.from_above: N_("From above"),
}
TITLES = {
    NoticeKind.waits: N_("Waits for your approval: %(title)s"),
    NoticeKind.approved: N_("Approved: %(title)s"),
    NoticeKind.sent_back: N_("Sent back: %(title)s"),
    NoticeKind.alone: N_("On one signature: %(title)s"),
    NoticeKind.objected: N_("Objection: %(title)s"),
    NoticeKind.recording_asked: N_("Please record: %(title)s"),
    NoticeKind.concern_raised: N_("Alarm: %(concern)s"),
    NoticeKind.concern_escalated: N_("Nobody looks after it yet: %(concern)s"),
    NoticeKind.concern_cleared: N_("Over: %(concern)s"),
    NoticeKind.came_down: N_("From above: %(title)s"),
    NoticeKind.asked_again: N_("Please answer: %(title)s"),
    NoticeKind.unanswered: N_("Still without your answer: %(title)s"),
    NoticeKind.unanswered_below: N_("%(note)s has not answered: %(title)s"),
    NoticeKind.report: N_("Report on broadcasting: %(place)s, %(period)s"),
    NoticeKind.report_linked: N_("Report on broadcasting (link): %(place)s, %(period)s"),
    NoticeKind.webhook_paused: N_("No longer told: %(title)s"),
    NoticeKind.trial: N_("Messages of Loa Bản reach you here"),
}
BODIES = {
    NoticeKind.waits: N_("%(by)s has sent it. Please listen to it, then approve it or send it back."),
    NoticeKind.approved: N_("%(by)s has approved it. It sounds at its hour."),
    NoticeKind.sent_back: N_("%(by)s writes: “%(note)s”. Please mend it and send it again."),
    NoticeKind.alone: N_(
        "%(by)s has had it sound on their signature alone. Please look at it within 24 hours, and confirm or object."
    ),
    NoticeKind.objected: N_("%(by)s objects: “%(note)s”. Please look at it."),
    NoticeKind.recording_asked: N_("%(by)s asks you to record it in %(note)s."),
    NoticeKind.concern_raised: N_("Please look after it, and press “I look after it” on the page of alarms."),
    NoticeKind.concern_escalated: N_("Below you nobody has acknowledged it in time. Please ask who looks after it."),
    NoticeKind.concern_cleared: N_("It is well again by itself. Nothing is left to do."),
    NoticeKind.came_down: N_("%(note)s has sent it down. Please look whether it waits for your answer."),
    NoticeKind.asked_again: N_("%(by)s (%(note)s) asks once more. Please accept it, or refuse it and say why."),
    NoticeKind.unanswered: N_(
        "%(note)s waits for your answer. Without it the bulletin does not sound in your commune."
    ),
    NoticeKind.unanswered_below: N_("It does not sound there before they accept it. Please call them."),
    NoticeKind.report: N_(
        "The report is attached, each file with its signature (.sig.json). Whether anybody has changed a file,"
        " “./loaban report verify FILE” says on any machine. This message comes by itself; please do not answer it."
    ),
    NoticeKind.report_linked: N_(
        "The files of the report are too large for an e-mail. Please open them on the page below, with your account of"
        " Loa Bản. This message comes by itself; please do not answer it."
    ),
    NoticeKind.webhook_paused: N_(
        "This system takes our messages no more (%(note)s). Please ask who runs it, then press “Go on” under “Other"
        " systems”: what it has missed is kept for 90 days."
    ),
    NoticeKind.trial: N_("You asked for this message to see whether it comes. Nothing is left to do."),
}
HAPPENINGS = {
    HappeningKind.approved: N_("Broadcast approved"),
    HappeningKind.aired: N_("Broadcast has sounded"),
    HappeningKind.failed: N_("Did not sound at loudspeakers"),
    HappeningKind.withdrawn: N_("Bulletin withdrawn"),
    HappeningKind.emergency_issued: N_("Emergency issued"),
    HappeningKind.emergency_ended: N_("Emergency over"),
    HappeningKind.silent: N_("Loudspeakers without a link"),
    HappeningKind.back: N_("Loudspeakers back"),
    HappeningKind.corrected: N_("Log corrected"),
}
HOOK_DONE = {
    "1": N_("A trial message is on its way."),
    "tiep": N_("It is told again, from where it stopped."),
    "gui-lai": N_("What it did not take is sent to it once more."),
}
CONCERNS = {
    ConcernKind.silent: N_("no link for more than %(value)s hours, %(count)s loudspeaker(s), %(place)s"),
    ConcernKind.unknown: N_("%(value)s plays without a report, %(count)s loudspeaker(s), %(place)s"),
    ConcernKind.clock: N_("clock not trusted, %(count)s loudspeaker(s), %(place)s"),
    ConcernKind.disk: N_("%(value)s MB left on the memory card, %(count)s loudspeaker(s), %(place)s"),
    ConcernKind.temperature: N_("%(value)s °C inside the box, %(count)s loudspeaker(s), %(place)s"),
    ConcernKind.share: N_("%(value)s per cent of what was planned sounded yesterday, %(place)s"),
}
ONE_CONCERN = {
    ConcernKind.silent: N_("No link for %(value)s hours"),
    ConcernKind.unknown: N_("%(value)s plays of the last seven days without a report"),
    ConcernKind.clock: N_("Its clock is not to be trusted: ordinary bulletins do not start by it"),
    ConcernKind.disk: N_("%(value)s MB left on its memory card"),
    ConcernKind.temperature: N_("%(value)s °C inside its box"),
    ConcernKind.share: N_("%(value)s per cent of what was planned sounded yesterday"),
}
CONCERN_FAULTS = {
    ConcernFault.no_number: N_("Please type a whole number here, or leave it empty for never."),
    ConcernFault.no_hour: N_("Please type both hours as 22:00, or leave both empty."),
    ConcernFault.too_long: N_("Please type days from 0 to 90."),
}
LETTERS = {
    LetterState.waiting: N_("waits to be sent"),
    LetterState.delivered: N_("✓ taken"),
    LetterState.given_up: N_("✗ given up"),
    LetterState.dropped: N_("not sent: no longer wanted"),
}
NO_ADDRESS = N_("This is no e-mail address. Please type it as ten@tinh.example.")
NO_URL = N_("This is no address that messages can be sent to. Please type one that begins with https://.")
NO_MATTERS = N_("Please tick at least one thing to be told of.")
NO_BROWSER = N_("This browser has not said how it can be reached. Please try once more.")
TOO_MANY_BROWSERS = N_("Ten browsers are told already. Please switch one of them off first.")
Gettext = Callable[[str], str]


def told(gettext: Gettext, kind: NoticeKind, about: Mapping[str, str]) -> Said:
    """A notice in words. What is quoted of people is never taken for more than words."""
    parts = dict.fromkeys(("title", "by", "note", "count", "place", "value"), "") | dict(about)
    concern = next((each for each in ConcernKind if each.value == about.get("concern")), None)
    period = period_of(about.get("period", ""))
    parts["period"] = gettext(PERIODS[period.every]) % {"number": period.number, "year": period.year} if period else ""
    parts["concern"] = gettext(CONCERNS[concern]) % parts if concern is not None else ""
    return Said(gettext(TITLES[kind]) % parts, gettext(BODIES[kind]) % parts)

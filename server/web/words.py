"""Every code of the product as words for people: English here, other languages by gettext.

Imported by the pages, the command line and tests. `N_` only marks a text for translation.
"""

from collections.abc import Callable

from audio.voice import VoiceFault
from schedules.clock import ClockTrust
from schedules.playback import Evidence, Outcome, Reason
from schedules.programme import BroadcastClass
from server.audit import Fault
from server.checkup import Weakness
from server.compose_form import FieldError, Problem
from server.ledger import DID_NOT, DID_SOUND, NO_REPORT, WAS_TO, LogState
from server.lifecycle import BroadcastState
from server.loosening import Guard
from server.readiness import Lack


def N_(text: str) -> str:  # noqa: N802
    """Mark a text for translation."""
    return text


CLASSES = {
    BroadcastClass.ordinary: N_("Ordinary"),
    BroadcastClass.priority: N_("Priority"),
    BroadcastClass.emergency: N_("Emergency"),
    BroadcastClass.unknown: N_("Unknown class"),
}
OUTCOMES = {
    Outcome.played: N_("Played"),
    Outcome.late: N_("Played late"),
    Outcome.cut: N_("Cut short"),
    Outcome.skipped: N_("Skipped"),
    Outcome.missed: N_("Missed"),
    Outcome.failed: N_("Failed"),
    Outcome.unknown: N_("Unknown"),
}
AUDIT_FAULTS: dict[Fault, str] = {
    Fault.missing: N_("BROKEN at line %(number)d: a line is missing there."),
    Fault.changed: N_("BROKEN at line %(number)d: it has been changed since it was written."),
    Fault.unlinked: N_("BROKEN at line %(number)d: it does not follow on the line before."),
    Fault.cut_off: N_("BROKEN at line %(number)d: from there on, lines are missing."),
    Fault.seal_forged: N_("BROKEN at line %(number)d: the seal of %(day)s is forged."),
    Fault.seal_broken: N_("BROKEN at line %(number)d: %(day)s was sealed over another line."),
    Fault.strange_key: N_("BROKEN at line %(number)d: %(day)s is sealed by a key that was never announced."),
}

REASONS = {
    Reason.none: "",
    Reason.delayed: N_("Waited until “%(other)s” had ended."),
    Reason.displaced: N_("“%(other)s” had the better right to this time, and later would have been too late."),
    Reason.cut_in: N_("“%(other)s” of a higher class cut in."),
    Reason.quiet_hours: N_("Quiet hours: only an emergency sounds."),
    Reason.runs_into_quiet_hours: N_("It would have run into the quiet hours."),
    Reason.suspended: N_("Broadcasting is suspended here on this day."),
    Reason.too_long: N_("It is longer than a bulletin may be here. Please shorten it, or send it in parts."),
    Reason.rest: N_("Between it and “%(other)s” there must be the rest that is set here."),
    Reason.daily_limit: N_("With it, more would sound here in a day than is set."),
    Reason.no_language: N_("There is no sound in any language of this hamlet."),
    Reason.language_missing: N_("There was no sound for: %(missing)s."),
    Reason.clip_incomplete: N_("Its sound had not fully reached the loudspeaker."),
    Reason.clock_untrusted: N_("The loudspeaker did not know for certain what time it was."),
    Reason.not_running: N_("The loudspeaker was off (no power, or stopped)."),
    Reason.restarted: N_("The loudspeaker went off while it sounded."),
    Reason.arrived_late: N_("The programme or its sound arrived after the planned time."),
    Reason.withdrawn: N_("It was withdrawn."),
    Reason.card_missing: N_("No sound card was found; check the cable and the power of the sound card."),
    Reason.card_lost: N_("The sound card went away while it sounded."),
    Reason.file_unreadable: N_("The stored sound could not be read."),
    Reason.unknown: N_("For a reason that this version does not know."),
}
GUARDS = {
    Guard.quiet: N_("Quiet hours"),
    Guard.ceiling: N_("Highest volume by hour"),
    Guard.longest: N_("Longest bulletin"),
    Guard.rest: N_("Rest between two bulletins"),
    Guard.daily: N_("Most in a day"),
}
GUARD_FAULTS = {
    "quiet": N_("Please write two times of day, for example 22:00 and 05:00."),
    "ceiling": N_("Please write in each line a time of day and a per cent from 0 to 100, for example 21:00 and 60."),
    "longest": N_("Please write whole minutes, 1440 at most; 0 means no limit."),
    "rest": N_("Please write whole minutes, 120 at most."),
    "daily": N_("Please write whole minutes, 1440 at most; 0 means no limit."),
}
TOO_LOUD = N_(
    "From %(time)s on, no more than %(percent)s %% may sound here. Please write less, or have the ceiling raised."
)
TOO_QUIET = N_("An emergency sounds at this volume too: please write %(percent)s %% at least, so that it is heard.")
REPAIR_FAULTS = {
    "trouble": N_("Please say in a sentence what is the matter."),
    "words": N_("Please say in a sentence what was done."),
    "found": N_("Please say in a sentence what was wrong."),
    "parts": N_("Please name the parts in one line, and shorter."),
    "owner": N_("Please choose who acts next."),
}
UPKEEP_FAULT = N_("Please write this in one line, and shorter.")
UPKEEP_FAULTS = {
    "telephone": N_("Please write a telephone number: digits, spaces and + alone."),
    "lat": N_("Please write both as degrees within Vietnam, for example 22.65120 and 103.61540, or leave both empty."),
}
LOWERED = N_("The volume was lowered from %(asked)s %% to %(volume)s %%, the highest that is set for this hour.")
EVIDENCE = {
    Evidence.nothing: N_("no evidence"),
    Evidence.told: N_("the loudspeaker knew of it"),
    Evidence.stored: N_("the whole sound was stored"),
    Evidence.decoded: N_("the sound was ready to play"),
    Evidence.counted: N_("sound left the sound card, counted"),
    Evidence.level: N_("level seen at the amplifier"),
    Evidence.heard: N_("heard by a microphone"),
    Evidence.unknown: N_("unknown evidence"),
}
TRUSTS = {
    ClockTrust.server: N_("by the server"),
    ClockTrust.ntp: N_("by the network (NTP)"),
    ClockTrust.rtc: N_("by a clock chip"),
    ClockTrust.guessed: N_("by guess"),
    ClockTrust.none: N_("unknown"),
    ClockTrust.unknown: N_("not told"),
}
NOT_TOLD = N_("no report")
CORRECTED = N_("Corrected by a person; the loudspeaker had told: %(told)s. “%(why)s”")
GROUPS = {
    NO_REPORT: N_("No report"),
    DID_SOUND: N_("All that sounded"),
    DID_NOT: N_("All that was to sound and did not"),
    WAS_TO: N_("All that was to sound"),
}
"""What the log can be narrowed down to beside single outcomes."""
LOG_STATES = {
    LogState.preparing: N_("Sound on its way"),
    LogState.ready: N_("Ready"),
    LogState.not_reached: N_("Not yet at the loudspeaker"),
    LogState.due: N_("Waiting for the report"),
    LogState.unknown: N_("Unknown: no report"),
    LogState.long_unknown: N_("Unknown for more than a day"),
    LogState.withdrawn: N_("Withdrawn"),
    LogState.reported: N_("Reported"),
}
BROADCAST_STATES = {
    BroadcastState.draft: N_("Draft"),
    BroadcastState.submitted: N_("Waiting for approval"),
    BroadcastState.approved: N_("Approved"),
    BroadcastState.returned: N_("Sent back"),
    BroadcastState.voided: N_("Changed since its approval: to be approved again"),
    BroadcastState.superseded: N_("Replaced by a newer version"),
    BroadcastState.withdrawn: N_("Withdrawn"),
}
LACKS = {
    Lack.never_heard: N_("never in contact yet"),
    Lack.no_link: N_("out of contact"),
    Lack.sound_card: N_("the sound card is not well"),
    Lack.clock: N_("the clock is not right yet"),
    Lack.programme: N_("the new programme has not arrived yet"),
    Lack.memory_card: N_("the memory card is not well"),
    Lack.data_spent: N_("the data of the SIM is used up"),
    Lack.card_full: N_("the memory card is full"),
    Lack.sound: N_("the sound has not all arrived yet"),
}
"""What keeps loudspeakers from being ready."""
LACK_ADVICE = {
    Lack.never_heard: N_("Please check that it is installed and has power."),
    Lack.no_link: N_("Please ask the head of the hamlet to look at its power and its SIM."),
    Lack.sound_card: N_("Please have the cable and the power of the sound card checked."),
    Lack.clock: N_("It sets itself as soon as there is a network."),
    Lack.programme: N_("It is on its way; please wait a few minutes."),
    Lack.memory_card: N_("Please tell the technician to change the memory card."),
    Lack.data_spent: N_("Please have the limit raised; an emergency still gets through."),
    Lack.card_full: N_("Please tell the technician to change the memory card."),
    Lack.sound: N_("It is on its way; please wait a few minutes."),
}
SINCE = N_("out of contact since %(when)s")
MISSING_SOUND = N_("sound still missing: %(languages)s")
MISSING_PARTS = N_("sound still missing: %(languages)s (%(there)s of %(parts)s parts are there)")
IN_TIME = N_("Still in time if all arrives before %(whole)s.")
IN_TIME_WHOLE = N_(
    "Sounds in all languages if all arrives before %(whole)s; after that in those that are there, "
    "at %(latest)s at the latest."
)
IN_PART = N_("Too late to sound in all languages; until %(latest)s it still sounds in those that are there.")
HURRY = N_("Over a weak link it takes up to %(takes)s: the link must be there by %(begin)s.")
HURRY_LATE = N_("Over a weak link it takes up to %(takes)s: there it may come too late for all languages.")
MINUTES = N_("%(count)s min")
SECONDS = N_("%(count)s s")
TOO_LATE = N_("Too late for this time.")
PROBLEMS = {
    Problem.empty: N_("Please fill this in."),
    Problem.too_long: N_("Too long (%(details)s characters). Please shorten it."),
    Problem.control_characters: N_("There are characters in it that cannot be seen (%(details)s). Please delete them."),
    Problem.not_offered: N_("Please choose from the list."),
    Problem.no_such_date: N_("There is no date “%(details)s”. Please write day/month/year, for example 05/12/2026."),
    Problem.no_such_time: N_("There is no time “%(details)s”. Please write hours:minutes, for example 17:30."),
    Problem.past: N_("This time has passed. Please choose a later one."),
    Problem.too_far: N_("That is more than a year ahead. Please choose an earlier date."),
    Problem.ends_before_it_begins: N_("The last day lies before the first one."),
    Problem.no_days: N_("Please choose at least one day of the week."),
    Problem.not_to_be_stored: N_("Only an emergency can be stored. Choose “emergency”, or another time."),
    Problem.never: N_("Until its last day it would never sound. Please choose a later last day."),
    Problem.exercise_in_earnest: N_("An exercise is no emergency. Please choose “priority”."),
    Problem.exercise_language: N_(
        "An exercise is spoken from its Vietnamese text alone, so that it always says that it is one. Do without this."
    ),
    Problem.no_month_days: N_("Please write at least one day, for example 1, 15."),
    Problem.no_such_number: N_("Please write whole numbers of %(details)s."),
    Problem.no_last: N_("A campaign needs a last day, so that nobody forgets it."),
    Problem.hours_reversed: N_("The last hour lies before the first one."),
    Problem.too_often: N_("It is said again until the next hour begins. Please choose fewer times or a shorter gap."),
    Problem.no_targets: N_("Please choose at least one place."),
    Problem.name_taken: N_("There is a group called “%(details)s” already. Please choose another name."),
    Problem.too_many: N_("There are %(details)s already. Please remove one first."),
    Problem.no_sound: N_("Please upload a recording: no machine speaks this language."),
    Problem.plain_words: N_(
        "“%(details)s” are ordinary words; they are said as they stand. Write an abbreviation or a name."
    ),
    Problem.needs_time: N_("Communes need time to answer. Please choose an hour, or untick “Send it down”."),
    Problem.not_words: N_("Please write it in words: nobody knows how to say “%(details)s”."),
    Problem.unspeakable: N_("Nobody has said how to read: %(details)s. Please write below how it is said."),
}


def problem(say: Callable[[str], str], error: FieldError) -> str:
    """What is wrong with a field, in words."""
    details = error.details if error.problem is not Problem.empty else ""
    said = say(PROBLEMS[error.problem])
    return said % {"details": details} if details else said


NOT_HEARD = N_("Not approved yet. Please listen to the end, or tick “approved by its text”, for: %(languages)s.")
APP = N_("Loa Bản: commune loudspeakers")
NO_HOLD_REASON = N_("Please say why it must be kept.")
NO_OBJECTION_NOTE = N_("Please say what was wrong about it.")
NO_NOTE = N_("Please say what is to be changed, so that the author knows.")
WEAKNESSES = {
    Weakness.tool_missing: N_("Missing: %(about)s. Install it with: sudo apt-get install %(package)s"),
    Weakness.database_unreadable: N_("The database cannot be read. Is it running, and is it yours? Try: loaban serve"),
    Weakness.pages_without_tls: N_(
        "Passwords and pages travel unencrypted. Put HTTPS in front and set LOABAN_SECURE_COOKIES=true."
    ),
    Weakness.pages_open: N_(
        "The pages listen at %(about)s, past HTTPS. Set LOABAN_HOST=127.0.0.1 and let the HTTPS server pass them on."
    ),
    Weakness.certificate_ending: N_(
        "The certificate in %(about)s ends within 90 days. Make it anew: loaban broker-files, or page-files."
    ),
    Weakness.broker_without_tls: N_(
        "The link to the broker at %(about)s is not encrypted. Set up Mosquitto with `loaban broker-files`, then mqtts://."
    ),
    Weakness.broker_embedded: N_(
        "The embedded broker knows no accounts and is for trying out. Set up Mosquitto (deploy/mosquitto.conf)."
    ),
    Weakness.database_without_tls: N_(
        "The link to the database at %(about)s is not encrypted. Add ?sslmode=verify-full to LOABAN_DATABASE."
    ),
    Weakness.key_readable: N_("Others on this machine can read the secret in %(about)s. Try: chmod 600 %(about)s"),
    Weakness.database_readable: N_("Others on this machine can read the database %(about)s. Try: chmod 600 %(about)s"),
    Weakness.key_shared: N_(
        "%(about)s holds the same signing key as this server: who has the one speaks for the other. Delete that folder."
    ),
    Weakness.clock_not_synchronised: N_(
        "The clock of this machine is not synchronised. Try: sudo timedatectl set-ntp true"
    ),
    Weakness.quiet_hours_off: N_(
        'Quiet hours are off in %(about)s: loudspeakers may sound at night. Try: loaban quiet "%(about)s" 22:00-05:00'
    ),
    Weakness.sample_in_production: N_(
        "People of the sample can sign in here: %(about)s. Begin with a new data folder for real use."
    ),
    Weakness.demo_open: N_("A demonstration listens at %(about)s: for others to see, set up a server of its own."),
    Weakness.second_factor_off: N_(
        "These people may decide, and have not set up the second factor: %(about)s. Have them sign in and set it up."
    ),
    Weakness.disk_nearly_full: N_("The disk has %(about)s left. Free some, or reports and recordings will be refused."),
    Weakness.decoder_not_shut_in: N_(
        "Uploaded sound cannot be shut in on this machine. Install bubblewrap and allow user namespaces."
    ),
    Weakness.voice_abroad: N_("LOABAN_GTTS is on: the texts of bulletins leave the country."),
    Weakness.summary_wrong: N_(
        "%(about)s figures of the daily summary do not say what the log says: run `./loaban recount --mend`."
    ),
    Weakness.language_unreviewed: N_(
        "Hamlets speak these, and nobody reviews them: %(about)s. Name people: “Languages”."
    ),
}
VOICE_FAULTS = {
    VoiceFault.unavailable: N_("The voice is not available on the server. Please tell the administrator."),
    VoiceFault.timed_out: N_("The voice took too long. Please try a shorter text."),
    VoiceFault.refused: N_("The voice refused this text."),
    VoiceFault.empty: N_("There is nothing to say in this text."),
    VoiceFault.language: N_("No machine speaks this language. Please upload a recording."),
}
STILL_READING = N_("Not sent yet: the sound is still being made. Please send again when it can be heard below.")
HELD = N_(
    "Not sent yet: a machine has listened to the sound and heard something else at the marked words. Please listen"
    " to it yourself; if it is right, tick the box below and send again."
)
REFUSALS = {
    "not_found": N_("There is no such page, or it is not for you."),
    "not_allowed": N_("You may look at this, but not do this."),
    "own_work": N_("You wrote this yourself; another person must approve it."),
    "too_late": N_(
        "Its hour, %(hour)s, has passed, so it would never sound. Send it back so that its author chooses a new time,"
        " or write a new one from this."
    ),
    "changed": N_("It has changed since you opened the page. Please look at it and listen again."),
    "own_proposal": N_("You proposed this yourself; another administrator must confirm it."),
    "not_heard": N_("Not approved yet: please listen to the end first."),
    "no_name": N_("Please give it a name."),
    "too_many": N_("That is as many as may be kept. Please forget one first."),
    "no_reason": N_("Please say how it really ended, and how you know."),
    "too_soon": N_("It cannot have been heard to its end yet."),
    "stale": N_("Somebody else has saved or sent a newer one meanwhile. Please open it again."),
    "many_exports": N_("Files are being written already. Please wait until one is done, or cancel one."),
    "not_for_air": N_("Not done: a sound in it must not go on air. Its page says which one, and why."),
    "no_emergency": N_("Only an emergency with the time “now” can sound on one signature."),
    "too_much": N_(
        "You have too many recordings here that are not used yet. Please use or delete some, then go on recording."
    ),
    "too_long_take": N_(
        "The recording has become too long: 25 MB or sixty minutes at most. What came until then is kept."
    ),
    "archive_missing": N_(
        "This time is in the archive of the log, and a file of that is missing. Please tell the administrator: “loaban"
        " archive --verify” names it."
    ),
    "no_room": N_("The server's disk is nearly full. Please tell the administrator."),
    "incomplete": N_("A part of the recording has not arrived yet. Please wait for the link and try again."),
    "refused": N_("This could not be done."),
    "cross_site": N_(
        "This request came from another site, so it was not carried out. Please open Loa Bản and try again."
    ),
    "too_large": N_("What was sent is too large."),
    "trial_waits": N_("A test tone has been ordered already. Please wait for its report, two minutes at most."),
    "too_many_trials": N_("Enough test tones for today: people live below this loudspeaker."),
    "trial_refused": N_("The loudspeaker would not sound the tone now."),
    "no_tone": N_("This server has not been able to make the test tone. Please tell the administrator."),
    "failed": N_("Something went wrong on the server. What you typed may still be in your browser: go back one page."),
}
REFUSED = {
    "unsealed": N_("names a sound that nobody has approved"),
    "malformed": N_("not in the form of our messages"),
    "unknown_key": N_("signed with a key that the loudspeaker does not know"),
    "bad_signature": N_("wrong signature"),
    "too_large": N_("too large"),
    "wrong_device": N_("for another loudspeaker"),
    "wrong_area": N_("for another area"),
    "older_revision": N_("older than what it has"),
    "expired": N_("expired"),
    "unknown_message": N_("of an unknown kind"),
    "hash_differs": N_("sound damaged on its way"),
    "blocks_lost": N_("parts of a sound that the memory card has lost; they are fetched again"),
    "truncated": N_("sound cut off on its way"),
    "undecodable": N_("sound that cannot be decoded"),
    "disk": N_("could not be stored"),
    "rotten": N_("sound that the memory card has lost; it is fetched again"),
    "wrong_length": N_("sound of another length than announced"),
}
"""Why a loudspeaker refused a message or a sound."""
REFUSED_OTHERWISE = N_("for a reason that this version does not know")
DAYS = (N_("Mon"), N_("Tue"), N_("Wed"), N_("Thu"), N_("Fri"), N_("Sat"), N_("Sun"))
LEVELS = {
    "province": N_("Province"),
    "region": N_("Region"),
    "former_district": N_("Former district"),
    "commune": N_("Commune"),
    "hamlet": N_("Hamlet"),
    "loudspeaker": N_("Loudspeaker"),
}


def why(say: Callable[[str], str], reason: Reason, other: str = "", missing: str = "") -> str:
    """A reason as sentences: with the title of the bulletin that is the cause, and the languages that were missing."""
    said = say(REASONS[reason]) % {"other": other, "missing": missing} if REASONS[reason] else ""
    if missing and reason not in (Reason.language_missing, Reason.no_language):
        said = f"{said} {say(REASONS[Reason.language_missing]) % {'missing': missing}}".strip()
    return said

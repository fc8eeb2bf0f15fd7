"""What the pages say of recordings: why one is not taken, what is odd about one, and which files there may be.

Imported by the pages, `server.web.frame` and tests.
"""

from collections.abc import Callable

from audio.quality import Finding
from audio.refusal import MasteringError, MasteringFault
from server.web.words import N_

MASTERING_FAULTS = {
    MasteringFault.no_tool: N_("The server lacks ffmpeg. Please tell the administrator."),
    MasteringFault.not_sound: N_("This file is no sound recording. Please choose an MP3, M4A, WAV, OGG or WMA file."),
    MasteringFault.damaged: N_("The recording is damaged or broke off on its way. Please upload it once more."),
    MasteringFault.unfit: N_("The recording has an unusual form. Please save it as MP3 and upload that."),
    MasteringFault.too_large: N_("The file is larger than 25 MB. Please save it as MP3 and upload that."),
    MasteringFault.too_short: N_("The recording is shorter than a third of a second."),
    MasteringFault.too_long: N_("The recording is longer than sixty minutes. Please cut it into parts."),
    MasteringFault.silent: N_(
        "Nothing can be heard in the recording. Please check the microphone, speak closer to it and record once more."
    ),
    MasteringFault.clipped: N_(
        "The recording is far too loud and distorted. Please hold the microphone further away and record once more."
    ),
    MasteringFault.not_speech: N_(
        "This does not sound like speech, rather like a tone, noise or music. If it is music, tick “This is music”;"
        " otherwise record once more in a quieter place."
    ),
    MasteringFault.timed_out: N_("Preparing the sound took too long. Please try a shorter one."),
    MasteringFault.busy: N_("The server is preparing other recordings. Please send this one again in a minute."),
    MasteringFault.going_on: N_(
        "This recording is long: the server is preparing it. It is kept, and so is the form; "
        "press “Use this recording” in a few minutes."
    ),
    MasteringFault.no_room: N_("The server's disk is nearly full. Please tell the administrator."),
}
SOUND_FILES = "audio/*,.mp3,.m4a,.wav,.ogg,.opus,.wma,.amr,.3gp,.aac,.flac,.webm"
"""What a browser's file dialogue offers first."""
NO_FILE = N_("Please choose a sound file, or record one.")
TOO_LONG = N_("The recording is %(length)s long (h:min:s); sixty minutes at most. Please cut it into parts.")
FINDINGS = {
    Finding.too_short: N_("very short"),
    Finding.too_long: N_("longer than sixty minutes"),
    Finding.silent: N_("nothing can be heard"),
    Finding.hurried: N_("shorter than these words take: is it the right sound?"),
    Finding.dragging: N_("much longer than these words take: is it the right sound?"),
    Finding.clipped: N_("recorded too loud, so that it is distorted"),
    Finding.uneven: N_("single bangs are far louder than the rest, which stays too quiet"),
    Finding.humming: N_("the mains hum in it: try another plug, or run on battery"),
    Finding.noisy: N_("much noise around the voice: try a quieter place"),
    Finding.faint: N_("recorded very quietly: speak closer to the microphone"),
}


def mastering_refused(say: Callable[..., str], error: MasteringError) -> str:
    """Why a recording was not taken, and what to do."""
    if not error.length_ms:
        return say(MASTERING_FAULTS[error.fault])
    minutes, seconds = divmod(round(error.length_ms / 1000), 60)
    return say(TOO_LONG, length=f"{minutes // 60}:{minutes % 60:02d}:{seconds:02d}")

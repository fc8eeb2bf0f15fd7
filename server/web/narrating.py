"""What the button "Nghe thử" brings: the sound, or how far it is, or why there is none; and the sounds of what is sent.

Imported by the pages.
"""

from functools import partial

import msgspec
from fastapi import Request

from audio.language import VIETNAMESE
from audio.refusal import MasteringError, MasteringFault
from audio.voice import VoiceError
from schedules.programme import BroadcastClass
from server import hearing
from server.access import Person
from server.compose_form import ComposeForm, Problem
from server.composing import Draft
from server.narrations import Ask, Narration
from server.studio import Rendered
from server.web import sound_words, words
from server.web.form_words import spoken_of
from server.web.frame import Frame


class Heard(msgspec.Struct, frozen=True):
    """`rendered`: the sound; else `narration`: how far it is, to be looked at by `key`; `error`: why there is none, in
    the person's words."""

    rendered: Rendered | None = None
    narration: Narration | None = None
    key: str = ""
    error: str = ""


NOTHING = Heard()


def hear(frame: Frame, request: Request, person: Person, ask: Ask, *, afresh: bool = False) -> Heard:
    """Have it read, and wait for a little."""
    key = frame.desk.narrations.begin(ask, person.id, afresh=afresh)
    return look(frame, request, person, key, frame.desk.narrations.patience_s) or NOTHING


def listened(frame: Frame, request: Request, person: Person, form: ComposeForm, errors: dict[str, list[str]]) -> Heard:
    """What will sound in Vietnamese: the recording, or else the machine's voice; the better one, if it is back. Why
    there is none is added to `errors`."""
    said, recording = spoken_of(frame, person, form).words, form.recordings.get(VIETNAMESE, "")
    if not said and not recording:
        return NOTHING
    urgent = form.broadcast_class == BroadcastClass.emergency.value
    heard = hear(frame, request, person, Ask(said, VIETNAMESE, recording, urgent), afresh=True)
    if heard.error:
        errors["text"] = [heard.error]
    return heard


def look(frame: Frame, request: Request, person: Person, key: str, wait_s: float = 0) -> Heard | None:
    """How far it is; None for who has not asked for it. Who asked may hear it."""
    narration = frame.desk.narrations.look(key, person.id, wait_s)
    if narration is None:
        return None
    if narration.rendered is not None:
        with frame.desk.stores.open() as store:
            hearing.made(store, person, narration.rendered.clip.sha256, frame.desk.clock())
        return Heard(narration.rendered, key=key)
    if narration.fault is not None:
        return Heard(key=key, error=_why(frame, request, narration.fault))
    return Heard(narration=narration, key=key)


def sounds_of(
    frame: Frame, request: Request, person: Person, draft: Draft, confirmed: str, errors: dict[str, list[str]]
) -> tuple[dict[str, Rendered], Heard]:
    """The sound of each variant, and what is to be shown of the Vietnamese one where it is not done, or is held: unless
    it is the one that this person has listened to and `confirmed`. An emergency waits for no machine's doubt: who
    decides sees it. What is wrong is added to `errors`, by field."""
    found: dict[str, Rendered] = {}
    heard = NOTHING
    say = partial(frame.say, request)
    urgent = draft.broadcast_class is BroadcastClass.emergency
    for variant in draft.variants:
        if variant.language == VIETNAMESE:
            ask = Ask(variant.spoken, VIETNAMESE, variant.recording, urgent=urgent)
            heard = hear(frame, request, person, ask)
            sound = heard.rendered
            if variant.recording and heard.error:
                errors.setdefault("recording-vi", []).append(say(words.PROBLEMS[Problem.no_sound]))
            elif heard.error or heard.narration:
                errors.setdefault("text", []).append(heard.error or say(words.STILL_READING))
            elif sound and sound.checked and sound.checked.held and not urgent and confirmed != sound.clip.sha256:
                errors.setdefault("text", []).append(say(words.HELD))
        else:
            sound = frame.desk.studio.find(variant.recording)
        if sound is not None:
            clip = msgspec.structs.replace(sound.clip, language=variant.language)
            found[variant.language] = msgspec.structs.replace(sound, clip=clip)
        elif variant.language != VIETNAMESE:
            errors.setdefault(f"recording-{variant.language}", []).append(say(words.PROBLEMS[Problem.no_sound]))
    return found, heard


def _why(frame: Frame, request: Request, fault: VoiceError | MasteringError) -> str:
    if isinstance(fault, VoiceError):
        return frame.say(request, words.VOICE_FAULTS[fault.fault])
    kind = MasteringFault.silent if fault.fault is MasteringFault.too_short else fault.fault
    return sound_words.mastering_refused(partial(frame.say, request), MasteringError(kind))

"""The sounds that the form "Soạn bản tin" carries: uploaded recordings, and what a voice makes of the text.

Imported by the pages that take the form.
"""

from functools import partial

import msgspec
from fastapi import Request

from audio.language import VIETNAMESE
from audio.refusal import MasteringError, MasteringFault
from audio.voice import VoiceError
from server import hearing
from server.access import Person
from server.composing import ComposeForm, Draft, Problem
from server.originals import Upload
from server.studio import Rendered
from server.web import words
from server.web.form_words import spoken_of
from server.web.frame import Frame


def hearable(frame: Frame, person: Person, form: ComposeForm) -> ComposeForm:
    """The form with those of its recordings that this person may hear: to know a name alone gives nothing."""
    there = {tag: name for tag, name in form.recordings.items() if name and frame.desk.studio.find(name)}
    with frame.desk.stores.open() as store:
        mine = {tag: name for tag, name in there.items() if hearing.may_hear(store, person, name)}
    return msgspec.structs.replace(form, recordings=mine)


def recorded(
    frame: Frame, request: Request, person: Person, form: ComposeForm, uploads: dict[str, Upload]
) -> tuple[ComposeForm, dict[str, list[str]]]:
    """Master what was uploaded at once: browsers do not send a file twice, so the form carries the clip's name."""
    errors: dict[str, list[str]] = {}
    recordings = hearable(frame, person, form).recordings
    say = partial(frame.say, request)
    with frame.desk.stores.open() as store:
        languages = store.areas.languages()
    for tag, upload in uploads.items():
        if tag not in languages:
            errors[f"recording-{tag}"] = [say(words.PROBLEMS[Problem.not_offered])]
            continue
        try:
            recordings[tag] = made_by(frame, person, frame.desk.studio.take(upload, tag)).clip.sha256
        except MasteringError as error:
            errors[f"recording-{tag}"] = [words.mastering_refused(say, error)]
    return msgspec.structs.replace(form, recordings=recordings), errors


def made_by(frame: Frame, person: Person, sound: Rendered) -> Rendered:
    """The sound, which this person may hear from now on."""
    with frame.desk.stores.open() as store:
        hearing.made(store, person, sound.clip.sha256, frame.desk.clock())
    return sound


def rendered_text(
    frame: Frame, request: Request, person: Person, form: ComposeForm, errors: dict[str, list[str]]
) -> Rendered | None:
    """What will sound in Vietnamese: the recording, or else the machine's voice."""
    if form.recordings.get(VIETNAMESE):
        return frame.desk.studio.find(form.recordings[VIETNAMESE])
    words_said = spoken_of(frame, person, form).words
    sound = _voiced(frame, request, words_said, errors) if words_said else None
    return made_by(frame, person, sound) if sound else None


def _voiced(frame: Frame, request: Request, said: str, errors: dict[str, list[str]]) -> Rendered | None:
    try:
        return frame.desk.studio.speak(said, VIETNAMESE)
    except VoiceError as error:
        errors["text"] = [frame.say(request, words.VOICE_FAULTS[error.fault])]
    except MasteringError as error:
        fault = MasteringFault.silent if error.fault is MasteringFault.too_short else error.fault
        errors["text"] = [words.mastering_refused(partial(frame.say, request), MasteringError(fault))]
    return None


def rendered_sounds(frame: Frame, request: Request, draft: Draft, errors: dict[str, list[str]]) -> dict[str, Rendered]:
    """The sound of each variant."""
    found: dict[str, Rendered] = {}
    for variant in draft.variants:
        if variant.recording:
            sound = frame.desk.studio.find(variant.recording)
        else:
            sound = _voiced(frame, request, variant.spoken, errors)
        if sound is None:
            errors.setdefault(f"recording-{variant.language}", []).append(
                frame.say(request, words.PROBLEMS[Problem.no_sound])
            )
        else:
            found[variant.language] = msgspec.structs.replace(
                sound, clip=msgspec.structs.replace(sound.clip, language=variant.language)
            )
    return found

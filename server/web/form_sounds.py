"""The recordings that the form "Soạn bản tin" carries. What a voice makes of its text is told in `narrating`.

Imported by the pages that take the form.
"""

from functools import partial

import msgspec
from fastapi import Request

from audio.refusal import MasteringError
from server import hearing, presenters
from server.access import Person
from server.compose_form import ComposeForm, Problem
from server.originals import Upload
from server.studio import Rendered
from server.web import words
from server.web.frame import Frame


def hearable(frame: Frame, person: Person, form: ComposeForm) -> ComposeForm:
    """The form with those of its recordings that this person may hear: to know a name alone gives nothing. What a
    presenter speaks who has withdrawn is not among them."""
    there = {tag: name for tag, name in form.recordings.items() if name and frame.desk.studio.find(name)}
    with frame.desk.stores.open() as store:
        lost = presenters.withdrawn_from(store, there.values())
        mine = {t: name for t, name in there.items() if name not in lost and hearing.may_hear(store, person, name)}
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

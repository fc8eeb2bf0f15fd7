"""The recordings that the form "Soạn bản tin" carries. What a voice makes of its text is told in `narrating`.

Imported by the pages that take the form.
"""

from functools import partial
from typing import Any

import msgspec
from fastapi import Request
from starlette.datastructures import FormData

from audio.refusal import MasteringError, MasteringFault
from server import hearing, presenters
from server.access import Person
from server.compose_form import ComposeForm, Problem
from server.originals import Upload
from server.studio import Rendered
from server.take import Purpose
from server.web import sound_words, words
from server.web.frame import Frame

_TAKE, _MUSIC = "take-", "music-"


def hearable(frame: Frame, person: Person, form: ComposeForm) -> ComposeForm:
    """The form with those of its recordings that this person may hear: to know a name alone gives nothing. What a
    presenter speaks who has withdrawn is not among them."""
    there = {tag: name for tag, name in form.recordings.items() if name and frame.desk.studio.find(name)}
    with frame.desk.stores.open() as store:
        lost = presenters.withdrawn_from(store, there.values())
        mine = {t: name for t, name in there.items() if name not in lost and hearing.may_hear(store, person, name)}
    return msgspec.structs.replace(form, recordings=mine)


class Spoken(msgspec.Struct, frozen=True):
    """What a form brings for each language: files, takes that were left unfinished and are to be used, and where
    somebody says that it is music."""

    uploads: dict[str, Upload]
    takes: dict[str, str]
    music: frozenset[str]

    @classmethod
    def typed(cls, fields: FormData, files: dict[str, Upload]) -> "Spoken":
        """As a browser sends it."""
        takes = {field.removeprefix(_TAKE): str(value) for field, value in fields.items() if field.startswith(_TAKE)}
        music = frozenset(field.removeprefix(_MUSIC) for field in fields if field.startswith(_MUSIC))
        return cls(files, takes, music)


def recorded(
    frame: Frame, request: Request, person: Person, form: ComposeForm, spoken: Spoken
) -> tuple[ComposeForm, dict[str, list[str]]]:
    """Master what was uploaded at once: browsers do not send a file twice, so the form carries the clip's name."""
    errors: dict[str, list[str]] = {}
    recordings = hearable(frame, person, form).recordings
    say, room = partial(frame.say, request), frame.desk.recordings
    with frame.desk.stores.open() as store:
        languages = store.areas.languages()
    for tag in spoken.uploads.keys() | spoken.takes.keys():
        if tag not in languages:
            errors[f"recording-{tag}"] = [say(words.PROBLEMS[Problem.not_offered])]
            continue
        music = tag in spoken.music
        try:
            if tag in spoken.takes:
                recordings[tag] = room.finish(person, spoken.takes[tag], None, music=music).sound.clip.sha256
                continue
            upload = spoken.uploads[tag]
            sound = made_by(frame, person, frame.desk.masterings.take(upload, tag, music=music))
            original = frame.desk.originals.folder / upload.sha256
            room.adopt(person, sound, original, music=music)
            recordings[tag] = sound.clip.sha256
        except MasteringError as error:
            if error.fault is MasteringFault.going_on and tag in spoken.uploads:
                room.hold(person, spoken.uploads[tag], tag, music=music)
            errors[f"recording-{tag}"] = [sound_words.mastering_refused(say, error)]
    return msgspec.structs.replace(form, recordings=recordings), errors


def unfinished_of(frame: Frame, person: Person) -> dict[str, Any]:
    """What the form shows of takes: those that can be cut, by clip; those that nobody has finished, and their
    languages."""
    room = frame.desk.recordings
    waiting = room.waiting(person, Purpose.bulletin)
    return {
        "takes": room.finished(person),
        "unfinished": waiting,
        "left_over": {each.take.language for each in waiting},
    }


def made_by(frame: Frame, person: Person, sound: Rendered) -> Rendered:
    """The sound, which this person may hear from now on."""
    with frame.desk.stores.open() as store:
        hearing.made(store, person, sound.clip.sha256, frame.desk.clock())
    return sound

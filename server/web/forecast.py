"""What the page "Soạn bản tin" says of the form as it stands: how long, where, in which languages, beside what, and
what it costs in data.

Imported by the pages that take the form.
"""

from functools import partial
from typing import Any

import msgspec
from fastapi import Request

from audio.clip import NO_LANGUAGE, Clip
from audio.language import VIETNAMESE
from schedules.clock import MINUTE, SECOND, DurationMs, UtcMs
from schedules.programme import BroadcastClass
from server import before_sending, recall
from server.access import Person
from server.compose_form import REPEATED, ComposeForm
from server.composing import cleaned
from server.draft import Basis
from server.outlay import estimated, sound_of
from server.prospect import Prospect, prospect
from server.repositories.store import Store
from server.timing import moved
from server.voicing import Voicing, voicing_of
from server.web import gap_words, words
from server.web.form_words import spoken_of
from server.web.frame import Frame, near
from server.web.words import N_

BETWEEN = N_("%(from)s to %(to)s")
ABOUT = N_("about %(length)s")
TIMES = N_("%(length)s (%(times)s times %(once)s)")


def forecast(
    frame: Frame, request: Request, person: Person, form: ComposeForm, basis: Basis, *, oob: bool = False
) -> dict[str, Any]:
    """What the parts `summary.html`, `outlay.html`, `gaps.html`, `clashes.html` and `voicings.html` show; `oob`: as
    something beside the answer, which htmx puts in its place."""
    said = spoken_of(frame, person, form).words
    clips = clips_of(frame, form, said)
    urgent = form.broadcast_class == BroadcastClass.emergency.value
    with frame.desk.stores.open() as store:
        now = frame.desk.clock()
        sounds = [sound_of(clip) for clip in clips]
        outlay = before_sending.outlay_of(store, person, form.targets, sounds, now, urgent=urgent)
        found = prospect(store, person, form, clips, basis, now)
        voicings = voicings_of(frame, store, form, said)
    say = partial(frame.say, request)
    return {
        "outlay": outlay,
        "sounded": bool(clips),
        "repeated": form.mode in {mode.value for mode in REPEATED},
        "urgent": urgent,
        "prospect": found,
        "length": length_said(say, found),
        "soon": partial(near, now=now),
        "answers": answers_of(form, found, now),
        "voicings": voicings,
        **gap_words.of_form(frame, request, person, form, oob=oob),
    }


def clips_of(frame: Frame, form: ComposeForm, said: str) -> list[Clip]:
    """What would sound. What nobody has spoken yet is estimated."""
    studio = frame.desk.studio
    known = [(tag, studio.find(name)) for tag, name in form.recordings.items() if name and tag not in form.without]
    clips = [msgspec.structs.replace(kept.clip, language=tag) for tag, kept in known if kept]
    music = studio.find(form.music) if form.music else None
    clips += [msgspec.structs.replace(music.clip, language=NO_LANGUAGE)] if music else []
    if said and all(clip.language != VIETNAMESE for clip in clips):
        spoken_once = studio.spoken_before(said, VIETNAMESE)
        clips.append(spoken_once.clip if spoken_once else estimated(said, VIETNAMESE))
    return clips


def voicings_of(frame: Frame, store: Store, form: ComposeForm, said: str) -> dict[str, Voicing]:
    """How each language stands that is in the form; those that are not are missing."""
    studio = frame.desk.studio
    found = {tag: studio.find(name) for tag, name in form.recordings.items() if name}
    phrases = frozenset(tag for tag, kept in found.items() if kept and kept.provenance.engine == "phrase-bank")
    carried = recall.carried(store, form, phrases)
    text = cleaned(form.text)
    states = {
        tag: voicing_of(form.texts.get(tag, "").strip(), carried.get(tag), text, left_out=tag in form.without)
        for tag in {*form.texts, *form.recordings, *form.without} - {VIETNAMESE}
    }
    vietnamese = voicing_of(said, carried.get(VIETNAMESE), text, machine=studio.speaks(VIETNAMESE))
    return states | {VIETNAMESE: vietnamese}


def answers_of(form: ComposeForm, found: Prospect, now: UtcMs) -> dict[str, str]:
    """By clash, what the button sends that has this broadcast follow the other one; `free`: to the next free time.
    Only what really changes the form is offered."""
    at, free = found.foreseen.at, found.foreseen.free
    told = {clash.key: clash.after for clash in found.foreseen.clashes if clash.after is not None}
    own = {clash.key: clash.entry.slot.start if clash.ours else at for clash in found.foreseen.clashes}
    answers = {key: f"{own[key]}-{to}" for key, to in told.items() if moved(form, own[key], to, now) != form}
    return answers | ({"free": f"{at}-{free}"} if free is not None and moved(form, at, free, now) != form else {})


def settled(form: ComposeForm, answer: str, now: UtcMs) -> ComposeForm:
    """The form after somebody pressed one of these buttons; unchanged by what is none."""
    at, _, to = answer.partition("-")
    if not all(part.isascii() and part.isdigit() and len(part) < 15 for part in (at, to)):
        return form
    return moved(form, int(at), int(to), now)


def length_said(say: Any, found: Prospect) -> str:
    """How long it sounds in all, chimes, languages and repeats included; empty while nothing would sound."""
    if not found.longest:
        return ""
    once = lasting(say, found.shortest, found.longest)
    if found.times > 1:
        whole = lasting(say, found.shortest * found.times, found.longest * found.times)
        once = say(TIMES, length=whole, times=found.times, once=once)
    return str(say(ABOUT, length=once)) if found.estimated else once


def lasting(say: Any, shortest: DurationMs, longest: DurationMs) -> str:
    """A length as people say it, from the shortest to the longest place."""
    least, most = _lasting(say, shortest), _lasting(say, longest)
    return most if least == most else str(say(BETWEEN, **{"from": least, "to": most}))


def _lasting(say: Any, length: DurationMs) -> str:
    minutes, seconds = divmod(-(-length // SECOND), MINUTE // SECOND)
    parts = [say(words.MINUTES, count=minutes)] if minutes else []
    parts += [say(words.SECONDS, count=seconds)] if seconds or not minutes else []
    return " ".join(parts)

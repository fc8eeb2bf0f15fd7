"""Recalling: a text that was approved before brings its recordings in the other languages along. Use cases.

Imported by the web. What is recalled is shown before anything is sent, and is approved anew like everything else.
"""

import hashlib

import msgspec

from audio.clip import NO_LANGUAGE
from audio.language import VIETNAMESE
from schedules.clock import DAY, DurationMs, UtcMs
from server.access import Act, Person, scope
from server.bulletin import PHRASES, RECORDING
from server.compose_form import ComposeForm
from server.composing import cleaned
from server.repositories.store import Store
from server.voicing import Carried

SHORTEST = 12
"""Letters: less says nothing of what it is about."""
KEPT_FOR: DurationMs = 730 * DAY
_PEOPLE = (RECORDING, PHRASES)


def stamp_of(text: str) -> str:
    """Names a text: what has been recalled for it once is not brought again, so that it can be done without."""
    return hashlib.sha256(cleaned(text).encode()).hexdigest()[:16]


def recall(store: Store, person: Person, form: ComposeForm, now: UtcMs) -> tuple[ComposeForm, tuple[str, ...]]:
    """The form with what there is for its text, and in which languages something came. Nothing that stands in the form
    is touched, and an exercise takes none."""
    text = cleaned(form.text)
    stamp = stamp_of(text)
    if len(text) < SHORTEST or form.exercise or form.recalled == stamp:
        return form, ()
    found: dict[str, tuple[str, str, str]] = {}
    for before in store.spoken.with_text(text, scope(person.grants, Act.see), now - KEPT_FOR):
        taken = form.recordings.get(before.language) or form.texts.get(before.language, "").strip()
        if before.source in _PEOPLE and before.language not in (VIETNAMESE, NO_LANGUAGE) and not taken:
            found.setdefault(before.language, (before.clip, before.text, before.translator))
    recordings = form.recordings | {tag: clip for tag, (clip, _, _) in found.items()}
    texts = form.texts | {tag: text for tag, (_, text, _) in found.items() if text}
    translators = form.translators | {tag: who for tag, (_, _, who) in found.items() if who}
    changed = msgspec.structs.replace(form, recordings=recordings, texts=texts, translators=translators, recalled=stamp)
    return changed, tuple(found)


def carried(store: Store, form: ComposeForm, phrases: frozenset[str]) -> dict[str, Carried]:
    """What is known of the recordings in a form, by language. `phrases`: those that a bank speaks."""
    clips = {tag: clip for tag, clip in form.recordings.items() if clip}
    known = store.spoken.texts_of(clips.values())
    found = {}
    for tag, clip in clips.items():
        texts, approved = known.get(clip, (set(), set()))
        found[tag] = Carried(tag in phrases, frozenset(texts), frozenset(approved))
    return found

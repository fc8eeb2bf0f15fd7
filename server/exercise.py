"""Exercises: words that no exercise goes without, so that none can be taken for earnest. Pure.

Imported by `composing`, the form's reader and the red page.
"""

import msgspec

from server.compose_form import ComposeForm, FieldError, Problem

TITLE = "DIỄN TẬP: "
BEFORE = "Đây là diễn tập. Đây là diễn tập, không phải tình huống thật."
AFTER = "Đây là diễn tập. Bà con không phải sơ tán, không phải làm theo."
EMERGENCY = "emergency"


def announced(form: ComposeForm) -> ComposeForm:
    """The same, with the words of an exercise around its text and before its title, where it is one; once."""
    if not form.exercise:
        return form
    title, text = form.title.strip(), form.text.strip()
    if title and not title.startswith(TITLE.strip()):
        title = TITLE + title
    if text and not text.startswith(BEFORE):
        text = f"{BEFORE}\n{text}"
    if text and not text.endswith(AFTER):
        text = f"{text}\n{AFTER}"
    return msgspec.structs.replace(form, title=title, text=text)


def faults(form: ComposeForm) -> list[FieldError]:
    """What an exercise may not be: an emergency, which passes quiet hours and may sound on one signature; nor anything
    that is recorded, for nobody can see whether it says that it is an exercise."""
    if not form.exercise:
        return []
    found = []
    if form.broadcast_class == EMERGENCY:
        found.append(FieldError("broadcast_class", Problem.exercise_in_earnest))
    recorded = [language for language, clip in form.recordings.items() if clip]
    written = [language for language, text in form.texts.items() if text.strip()]
    found += [
        FieldError(f"recording-{each}", Problem.exercise_language) for each in dict.fromkeys([*recorded, *written])
    ]
    if form.music:
        found.append(FieldError("music", Problem.exercise_language))
    return found

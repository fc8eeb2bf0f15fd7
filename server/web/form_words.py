"""How the text of the form "Soạn bản tin" is said: by the rules, its writer's answers, and the table of its place.

Imported by the pages that take the form.
"""

from typing import Any

from audio.spoken_text import SpokenText
from schedules.clock import UtcMs
from server import bulletins, readings
from server.access import Person
from server.compose_form import ComposeForm, FieldError
from server.composing import Draft, check, spoken
from server.reading import table_of
from server.repositories.store import Store
from server.web.frame import Frame


def said_of(frame: Frame, person: Person, form: ComposeForm) -> dict[str, Any]:
    """What the page shows of it. `place`: where an answer may be remembered; `taught`: what of its table was used."""
    with frame.desk.stores.open() as store:
        place = readings.place_of(store, person, form.targets)
        table = readings.holding(store, place)
        names = readings.names_near(store, place, form.targets)
        found = spoken(form.text, form.answers, table_of(table), names) if form.text.strip() else SpokenText("")
        whose = store.areas.named({table[written].area for written in found.taught})
        taught = [(table[written], whose[table[written].area].name) for written in found.taught]
        return {"spoken": found, "place": readings.taught_by(person, place), "taught": taught}


def spoken_of(frame: Frame, person: Person, form: ComposeForm) -> SpokenText:
    """Its Vietnamese text as it is read out."""
    found: SpokenText = said_of(frame, person, form)["spoken"]
    return found


def checked_by(store: Store, person: Person, form: ComposeForm, now: UtcMs) -> Draft | tuple[FieldError, ...]:
    """The draft, or everything that is wrong with the form."""
    place = readings.place_of(store, person, form.targets)
    table, names = readings.holding(store, place), readings.names_near(store, place, form.targets)
    return check(form, bulletins.offered(store, person), now, table_of(table), names)

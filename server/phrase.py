"""The phrase bank as the server keeps it: editions of templates, presenters with their consent, takes, and which take
said which piece of a sound. Pure.

Imported by the use cases, the repositories and the web.
"""

import msgspec

from audio.phrase_take import Measures
from schedules.clock import UtcMs

LONGEST_NAME, LONGEST_NOTE = 120, 1_000
SAMPLE_PREFIX = "mau-"
"""Files and ids of a demonstration's synthetic announcers begin so."""


class EditionText(msgspec.Struct, frozen=True):
    """A template's text in one language, as saved for the `number`-th time. `translator`: by name; `staff`: who wrote
    it down. Approved by a native `reviewer`, by name, before `approver` (an account), at `approved_at`: this number
    alone, so that every change needs a new approval. `sample`: it only stands for a translation, in a demonstration."""

    language: str
    template: str
    number: int
    text: str
    translator: str
    staff: str
    at: UtcMs
    reviewer: str = ""
    approver: str = ""
    approved_at: UtcMs | None = None
    sample: bool = False

    @property
    def approved(self) -> bool:
        """Whether it is approved as it stands."""
        return self.approved_at is not None


class Consent(msgspec.Struct, frozen=True):
    """That somebody lends their voice: `on` which day (ISO), for what (`scope`), and where the paper is (`note`)."""

    on: str
    scope: str
    note: str


class Presenter(msgspec.Struct, frozen=True):
    """Somebody whose voice is in the bank. `area`: the commune or province that keeps their consent; `languages`: by
    tag; `staff`: who wrote it down. `sample`: nobody, but a synthetic announcer of a demonstration."""

    id: str
    name: str
    area: str
    languages: tuple[str, ...]
    consent: Consent
    staff: str
    at: UtcMs
    sample: bool = False
    withdrawn_at: UtcMs | None = None
    withdrawn_by: str = ""
    withdrawn_note: str = ""

    @property
    def lends(self) -> bool:
        """Whether their voice may be used."""
        return self.withdrawn_at is None


class KeptTake(msgspec.Struct, frozen=True):
    """A take in the bank. `unit`: the key of its prompt; `text`: what was to be read; `file`: the name of its WAV;
    `staff`: who kept it."""

    id: str
    language: str
    unit: str
    presenter: str
    text: str
    file: str
    measures: Measures
    staff: str
    at: UtcMs


class ManifestLine(msgspec.Struct, frozen=True):
    """One piece of a sound: which take, by whom, says what, of which edition."""

    clip: str
    position: int
    language: str
    template: str
    edition: int
    unit: str
    text: str
    take: str
    presenter: str

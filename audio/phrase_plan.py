"""What a presenter has to record so that all editions of a language can be spoken: each unit once. Pure.

Imported by the server and tests.
"""

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

import msgspec

from audio.phrase_slots import Unit, every
from audio.phrase_template import Piece, Template, pieces_of, stretch_key

FINAL, MEDIAL = "cuoi", "giua"
"""The forms of a unit: at the end of a phrase, and inside it."""


class Edition(msgspec.Struct, frozen=True):
    """A template's text in one language, as the planner needs it."""

    template: Template
    text: str


class Prompt(msgspec.Struct, frozen=True):
    """What is recorded at once. `key`: the unit, with its form where the language needs two; `text`: to be read, in the
    language of the edition, or empty where the presenter says `gloss` (Vietnamese) in their own language; `form`:
    `cuoi`, `giua`, or empty where one form serves both; `template`: the name of the first that needs it; `words`: how
    many words Vietnamese has for it, or the text itself."""

    key: str
    text: str
    gloss: str
    form: str = ""
    template: str = ""

    @property
    def words(self) -> int:
        """How many words it has, about."""
        return len((self.text or self.gloss).split())


def keyed(unit: str, *, ends: bool, two_forms: bool) -> str:
    """The key of a unit where it stands."""
    return f"{unit}:{FINAL if ends else MEDIAL}" if two_forms else unit


def plan(
    editions: Sequence[Edition],
    places: Sequence[str],
    *,
    two_forms: bool,
    own: bool,
    wordings: Mapping[str, str] = MappingProxyType({}),
) -> tuple[Prompt, ...]:
    """All prompts, in the order in which they are best read: whole sentences first, then slots kind by kind. `own`:
    the language is Vietnamese, so that values are read as they stand; `wordings`: how another one says them, by the
    Vietnamese in small letters."""
    fixed: dict[str, Prompt] = {}
    values: dict[str, Prompt] = {}
    for edition in editions:
        for piece in pieces_of(edition.text):
            if piece.words:
                key = keyed(stretch_key(piece.words), ends=piece.ends, two_forms=two_forms)
                form = _form(piece, two_forms=two_forms)
                fixed.setdefault(key, Prompt(key, piece.words, "", form, edition.template.name))
            else:
                for unit, key, form in _values(edition, piece, places, two_forms=two_forms):
                    text = unit.said if own else wordings.get(unit.said.casefold(), "")
                    values.setdefault(key, Prompt(key, text, unit.said, form, edition.template.name))
    return (*fixed.values(), *sorted(values.values(), key=lambda prompt: _order(prompt.key)))


def _values(
    edition: Edition, piece: Piece, places: Sequence[str], *, two_forms: bool
) -> Iterator[tuple[Unit, str, str]]:
    """What can stand in a slot there: the unit, its key, its form."""
    slot = edition.template.slot(piece.slot)
    for unit in every(slot, places) if slot is not None else ():
        if piece.part and unit.part != piece.part:
            continue
        for ends in _standings(unit, piece, slot.parts if slot else ()):
            form = (FINAL if ends else MEDIAL) if two_forms else ""
            yield unit, keyed(unit.key, ends=ends, two_forms=two_forms), form


def _standings(unit: Unit, piece: Piece, parts: Sequence[str]) -> tuple[bool, ...]:
    """Where a unit of this piece can stand: only the last part of a slot can end a phrase; an hour also where no
    minutes follow."""
    if not piece.ends:
        return (False,)
    if piece.part or unit.part in ("", parts[-1]):
        return (True,)
    return (True, False) if unit.part == "gio" else (False,)


def _form(piece: Piece, *, two_forms: bool) -> str:
    return (FINAL if piece.ends else MEDIAL) if two_forms else ""


def _order(key: str) -> tuple[int, str, int, str]:
    kind, *rest = key.split(":")
    kinds = ("thu", "ngay", "thang", "gio", "phut", "so", "ten")
    numbers = [int(part) for part in rest if part.lstrip("-").isdigit() and len(part) < 7]
    group = rest[0] if kind == "so" else ""
    return kinds.index(kind) if kind in kinds else len(kinds), group, numbers[-1] if numbers else 0, key


class Step(msgspec.Struct, frozen=True):
    """One unit of a filled template, in the order of being spoken. `text`: what it says there, for the written text of
    the variant; `said`: as a Vietnamese voice says it; `pause_ms`: the silence behind it."""

    key: str
    text: str
    said: str
    pause_ms: int = 0


def worded(unit: Unit, wordings: Mapping[str, str]) -> str:
    """A value in a text: in the language's own words, where they are known."""
    return wordings.get(unit.said.casefold()) or unit.written


def script(
    edition: Edition,
    values: Mapping[str, Sequence[Unit]],
    *,
    two_forms: bool,
    wordings: Mapping[str, str] = MappingProxyType({}),
) -> tuple[Step, ...]:
    """A filled template in the order of this edition."""
    steps: list[Step] = []
    for piece in pieces_of(edition.text):
        if piece.words:
            key = keyed(stretch_key(piece.words), ends=piece.ends, two_forms=two_forms)
            steps.append(Step(key, piece.words, piece.words, piece.pause_ms))
            continue
        units = [u for u in values.get(piece.slot, ()) if not piece.part or u.part == piece.part]
        for number, unit in enumerate(units, 1):
            last = number == len(units)
            key = keyed(unit.key, ends=last and piece.ends, two_forms=two_forms)
            steps.append(Step(key, worded(unit, wordings), unit.said, piece.pause_ms if last else 0))
        if not units and steps:  # a full hour has no minutes: what stood before ends where they would have
            steps[-1] = msgspec.structs.replace(steps[-1], pause_ms=max(steps[-1].pause_ms, piece.pause_ms))
    return tuple(steps)


def written(text: str, values: Mapping[str, Sequence[Unit]], wordings: Mapping[str, str] = MappingProxyType({})) -> str:
    """A filled template as a text to be read: slots replaced, everything else as the edition has it. `wordings`: how
    the language says values; any other stands there in Vietnamese."""
    filled = text
    for name, units in values.items():
        said = [(unit.part, worded(unit, wordings)) for unit in units]
        filled = filled.replace(f"{{{name}}}", " ".join(words for _, words in said))
        for part in ("ngay", "thang", "gio", "phut"):
            filled = filled.replace(f"{{{name}.{part}}}", " ".join(words for of, words in said if of == part))
    return "\n".join(" ".join(line.split()) for line in filled.split("\n"))

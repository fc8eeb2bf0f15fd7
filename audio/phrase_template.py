"""Templates of bulletins, and a template's text in one language taken apart into what is recorded: whole stretches of
words, and slots. Pure.

Imported by the other rooms of phrases, the server and tests. A slot stands in a text as `{ngay}`, or part by part
(`{ngay.ngay} {ngay.thang}`) where a language wants another order; a translator types it.
"""

import enum
import hashlib
import re
import unicodedata

import msgspec

LONGEST_TEXT = 4_000
SENTENCE_PAUSE_MS, PHRASE_PAUSE_MS = 450, 220
_SLOT = re.compile(r"\{([^{}]*)\}")
_NAME = re.compile(r"([a-z_]+)(?:\.([a-z]+))?")
_STOPS, _BREAKS = ".!?…", ",;:–—"
_SENTENCE = re.compile(r"(?<=[.!?…])\s+|\n+")


class SlotKind(enum.Enum):
    """What a slot holds."""

    weekday = "weekday"
    date = "date"
    hour = "hour"
    place = "place"
    number = "number"
    name = "name"


PARTS: dict[SlotKind, tuple[str, ...]] = {
    SlotKind.date: ("ngay", "thang"),
    SlotKind.hour: ("gio", "phut"),
}
"""What is recorded apart: whole days and months, hours and minutes. Anything else is one piece."""


class Slot(msgspec.Struct, frozen=True):
    """`label`: for who fills it in, in Vietnamese. A number has a `classifier` ("{} hộ", "cấp {}") and the `numbers`
    that can be said; a name has `choices`. `of`: a weekday that follows from this date and is not typed."""

    name: str
    kind: SlotKind
    label: str
    classifier: str = "{}"
    numbers: tuple[int, ...] = ()
    choices: tuple[str, ...] = ()
    of: str = ""

    @property
    def parts(self) -> tuple[str, ...]:
        """Its parts in the order of Vietnamese; one without a name where it is not parted."""
        return PARTS.get(self.kind, ("",))


class Template(msgspec.Struct, frozen=True):
    """A bulletin that comes again and again. `title` and `text` are Vietnamese, with slots; `topic`: by id;
    `broadcast_class`: a value of the wire's."""

    id: str
    name: str
    title: str
    topic: str
    broadcast_class: str
    slots: tuple[Slot, ...]
    text: str

    def slot(self, name: str) -> Slot | None:
        """A slot by its name."""
        return next((slot for slot in self.slots if slot.name == name), None)


class Piece(msgspec.Struct, frozen=True):
    """What is said without a break: fixed `words`, or a `slot` (one `part` of it, where parts are named). `ends`:
    whether a phrase ends with it; `pause_ms`: the silence behind it."""

    words: str = ""
    slot: str = ""
    part: str = ""
    ends: bool = False
    pause_ms: int = 0


class TextFault(enum.Enum):
    """What is wrong with a text in which slots stand."""

    empty = "empty"
    too_long = "too_long"
    control_characters = "control_characters"
    braces = "braces"  # one without its other
    unknown_slot = "unknown_slot"
    missing_slot = "missing_slot"
    twice = "twice"  # a part of a slot, or a slot beside its own part
    no_value = "no_value"  # a line that is none of "value = words", or of a value that there is not
    value_twice = "value_twice"


class TextError(msgspec.Struct, frozen=True):
    """`details`: the slot, for a message to quote."""

    fault: TextFault
    details: str = ""


def composed(text: str) -> str:
    """Composed letters with all their marks, one kind of line end, single spaces."""
    lines = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join(" ".join(line.split()) for line in lines).strip()


def faults_of(text: str, template: Template) -> tuple[TextError, ...]:
    """Everything that keeps a text from being an edition of this template: every slot stands in it, whole or in all of
    its parts."""
    text = composed(text)
    if not text:
        return (TextError(TextFault.empty),)
    if len(text) > LONGEST_TEXT:
        return (TextError(TextFault.too_long, f"{len(text)}/{LONGEST_TEXT}"),)
    if any(unicodedata.category(c) in ("Cc", "Cf") and c != "\n" for c in text):
        return (TextError(TextFault.control_characters),)
    if "{" in _SLOT.sub("", text) or "}" in _SLOT.sub("", text):
        return (TextError(TextFault.braces),)
    found: dict[str, list[str]] = {}
    errors: list[TextError] = []
    for typed in _SLOT.findall(text):
        name = _NAME.fullmatch(typed)
        slot = template.slot(name[1]) if name else None
        part = (name[2] or "") if name else ""
        if slot is None or (part and part not in slot.parts):
            errors.append(TextError(TextFault.unknown_slot, typed))
        else:
            found.setdefault(slot.name, []).append(part)
    for slot in template.slots:
        errors += _of_slot(slot, found.get(slot.name, []))
    return tuple(errors)


def _of_slot(slot: Slot, parts: list[str]) -> list[TextError]:
    """A slot may stand whole as often as a language wants; in parts, each of them once."""
    if not parts:
        return [TextError(TextFault.missing_slot, slot.name)]
    named = [part for part in parts if part]
    if named and (len(named) != len(parts) or len(set(named)) != len(named)):
        return [TextError(TextFault.twice, slot.name)]
    lacking = set(slot.parts) - set(named) if named else set()
    return [TextError(TextFault.missing_slot, f"{slot.name}.{part}") for part in sorted(lacking)]


def pieces_of(text: str) -> tuple[Piece, ...]:
    """A faultless text as what is recorded of it, in order. Sentences are apart, so that what several templates say is
    recorded once; what stands behind a slot begins with its first word."""
    found: list[Piece] = []
    for sentence in _SENTENCE.split(composed(text)):
        at = 0
        for slot in _SLOT.finditer(sentence):
            _words(found, sentence[at : slot.start()])
            name, _, part = slot[1].partition(".")
            found.append(Piece(slot=name, part=part))
            at = slot.end()
        _words(found, sentence[at:])
        if found:  # a sentence ends here, whatever its last sign is
            found[-1] = _ended(found[-1], SENTENCE_PAUSE_MS)
    if found:
        found[-1] = msgspec.structs.replace(found[-1], pause_ms=0)
    return tuple(found)


def _words(found: list[Piece], text: str) -> None:
    """Add what stands between two slots. Signs at its beginning belong to what stands before."""
    bare = text.strip()
    words = bare.lstrip(_STOPS + _BREAKS + ')”" ')
    signs = bare[: len(bare) - len(words)]
    if signs and found:
        found[-1] = _ended(found[-1], SENTENCE_PAUSE_MS if any(c in _STOPS for c in signs) else PHRASE_PAUSE_MS)
    ends = words.endswith(tuple(_STOPS + _BREAKS))
    words = words.rstrip(_STOPS + _BREAKS + '(“" ').strip()
    if any(c.isalnum() for c in words):
        found.append(Piece(words=words, ends=ends, pause_ms=PHRASE_PAUSE_MS if ends else 0))


def _ended(piece: Piece, pause_ms: int) -> Piece:
    return msgspec.structs.replace(piece, ends=True, pause_ms=max(pause_ms, piece.pause_ms))


def stretch_key(words: str) -> str:
    """The unit of fixed words: the same words in any template are the same unit, other words another one."""
    return f"doan:{short(words)}"


def short(words: str) -> str:
    """A short name for words that differs where they differ by more than capitals and spaces."""
    plain = " ".join(unicodedata.normalize("NFC", words).casefold().split())
    return hashlib.sha256(plain.encode()).hexdigest()[:12]

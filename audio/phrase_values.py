"""How a language says the values of slots (days, hours, numbers, places): lines of "Vietnamese = its own words". Pure.

Imported by the server and tests. One text for each language, translated and reviewed like a template's; what stands in
no line is said by the presenter as their language says it.
"""

from collections.abc import Collection, Mapping, Sequence

from audio.phrase_template import LONGEST_TEXT, TextError, TextFault, composed

VALUES = "gia-tri"
"""What this text is called beside the templates."""
LONGEST = 5 * LONGEST_TEXT
_QUOTED = 60


def value_faults(text: str, known: Collection[str]) -> tuple[TextError, ...]:
    """Everything that is wrong with the lines. `known`: the values that there are, as Vietnamese says them."""
    if len(text) > LONGEST:
        return (TextError(TextFault.too_long, f"{len(text)}/{LONGEST}"),)
    if any(not c.isprintable() for line in composed(text).split("\n") for c in line):
        return (TextError(TextFault.control_characters),)
    names = {name.casefold() for name in known}
    seen: set[str] = set()
    errors = []
    for line in _lines(text):
        value, equals, _ = line.partition("=")
        name = value.strip().casefold()
        if not equals or name not in names:
            errors.append(TextError(TextFault.no_value, line[:_QUOTED]))
        elif name in seen:
            errors.append(TextError(TextFault.value_twice, value.strip()[:_QUOTED]))
        seen.add(name)
    return tuple(errors) if errors or wordings(text) else (TextError(TextFault.empty),)


def wordings(text: str) -> dict[str, str]:
    """The own words of each value that has any, by its Vietnamese in small letters."""
    parted = [line.partition("=") for line in _lines(text)]
    return {value.strip().casefold(): words.strip() for value, equals, words in parted if equals and words.strip()}


def blank(known: Sequence[str], before: Mapping[str, str]) -> str:
    """The lines to be filled in, with what there is already."""
    return "\n".join(f"{value} = {before.get(value.casefold(), '')}".rstrip() for value in known)


def _lines(text: str) -> list[str]:
    return [line for line in composed(text).split("\n") if line]

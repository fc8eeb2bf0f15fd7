"""Which engines may speak which language, in order of preference: as a province writes it. Pure.

Imported by the voices, the server's settings and tests. A language that is not named is spoken by no machine: nothing
unreviewed sounds in a minority language because somebody installed an engine.
"""

from collections.abc import Mapping

from audio.language import VIETNAMESE, is_tag

ENGINES = ("command", "piper", "gtts", "espeak-ng")
VIETNAMESE_ALONE = ("gtts", "espeak-ng")
"""Of the province's languages these know no other one."""
DEFAULT = "vi=command,piper,gtts,espeak-ng"
"""A machine that a province bought, a voice that it installed, one over the network where that is switched on, and the
robot that is always there. What is not set up is passed over."""


LOCAL = ("espeak-ng",)
"""Those that need neither a network nor an installed voice, and are never slow."""


class Unfit(ValueError):
    """The order is not written as it should be, or lets an engine speak what it cannot."""


def local_alone(written: str) -> str:
    """The same order with nobody in it who might keep an emergency waiting."""
    kept = {tag: [name for name in names if name in LOCAL] for tag, names in preferences(written).items()}
    return "; ".join(f"{tag}={','.join(names)}" for tag, names in kept.items() if names)


def preferences(written: str) -> Mapping[str, tuple[str, ...]]:
    """The engines of each language, of an order like "vi=piper,espeak-ng; blt=command". Raises `Unfit`."""
    found: dict[str, tuple[str, ...]] = {}
    for part in filter(None, (part.strip() for part in written.split(";"))):
        tag, equals, names = part.partition("=")
        tag, engines = tag.strip(), tuple(filter(None, (name.strip() for name in names.split(","))))
        if not equals or not is_tag(tag) or not engines:
            raise Unfit(f"“{part}”: LANGUAGE=ENGINE,ENGINE (vi=piper,espeak-ng; blt=command)")
        if tag in found:
            raise Unfit(f"“{tag}” stands there twice")
        for name in engines:
            if name not in ENGINES:
                raise Unfit(f"“{name}” is no engine; there are {', '.join(ENGINES)}")
            if name in VIETNAMESE_ALONE and tag != VIETNAMESE:
                raise Unfit(f"{name} speaks no “{tag}”: of the province's languages, Vietnamese alone")
        found[tag] = tuple(dict.fromkeys(engines))
    return found


def narrowed(written: str, rows: Mapping[str, tuple[str, ...]]) -> str:
    """The same order where languages say for themselves which of these engines may speak them, the best first. They can
    leave out and put in another order; what the house does not allow stays so."""
    found = dict(preferences(written))
    for tag in found.keys() & rows.keys():
        found[tag] = tuple(name for name in rows[tag] if name in found[tag])
    return "; ".join(f"{tag}={','.join(names)}" for tag, names in found.items() if names)

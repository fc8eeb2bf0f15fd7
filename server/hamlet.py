"""What a hamlet speaks: its languages in order, each with the share of the households that speak it, where that is
known. Pure.

Imported by the use cases, the command line and the pages.
"""

import enum
from collections.abc import Collection, Iterable

import msgspec

from server.area import Area

MOST_LANGUAGES = 12
WHOLE = 100
MOST_HOUSEHOLDS = 100_000


class HamletFault(enum.Enum):
    """What can be wrong with what somebody typed."""

    unknown = "unknown"
    twice = "twice"
    too_many = "too_many"
    no_share = "no_share"
    too_much = "too_much"
    no_number = "no_number"


class Wrong(msgspec.Struct, frozen=True):
    """`about`: the part that is wrong, as it was typed."""

    fault: HamletFault
    about: str = ""


class Spoken(msgspec.Struct, frozen=True):
    """`languages` in order, empty: as the area above says; `shares`: per cent of the households, by language, for those
    that anybody has counted; `households`: how many there are, 0 where nobody knows."""

    languages: tuple[str, ...] = ()
    shares: dict[str, int] = {}
    households: int = 0


def spoken_in(area: Area) -> Spoken:
    """What is kept of an area."""
    return Spoken(area.languages, area.shares, area.households)


def spoken_by(area: Area, spoken: Spoken) -> Area:
    """The area with this."""
    return msgspec.structs.replace(area, languages=spoken.languages, shares=spoken.shares, households=spoken.households)


def checked(pairs: Iterable[tuple[str, str]], households: str, known: Collection[str]) -> Spoken | Wrong:
    """What was typed: languages and shares in order (a pair without a language is left aside), and a number. A share
    may stay empty; together they are at most the whole."""
    shares: dict[str, int] = {}
    languages: list[str] = []
    for tag, typed in ((tag.strip(), typed.strip().removesuffix("%").strip()) for tag, typed in pairs):
        if not tag:
            if typed:
                return Wrong(HamletFault.no_share, typed)
            continue
        if tag not in known:
            return Wrong(HamletFault.unknown, tag)
        if tag in languages:
            return Wrong(HamletFault.twice, tag)
        languages.append(tag)
        if typed:
            share = _whole(typed, WHOLE)
            if share is None:
                return Wrong(HamletFault.no_share, typed)
            shares[tag] = share
    if len(languages) > MOST_LANGUAGES:
        return Wrong(HamletFault.too_many, str(len(languages)))
    if sum(shares.values()) > WHOLE:
        return Wrong(HamletFault.too_much, str(sum(shares.values())))
    number = _whole(households.strip() or "0", MOST_HOUSEHOLDS)
    if number is None:
        return Wrong(HamletFault.no_number, households.strip()[:20])
    return Spoken(tuple(languages), shares, number)


def pairs_of(written: str) -> list[tuple[str, str]]:
    """Languages and shares of a line like "vi:60,ium:40" or "vi,ium"."""
    return [(tag, share) for tag, _, share in (part.partition(":") for part in written.split(","))]


def written(spoken: Spoken) -> str:
    """The line that `pairs_of` reads, for the audit: "vi:60,ium"."""
    shares = spoken.shares
    line = ",".join(f"{tag}:{shares[tag]}" if tag in shares else tag for tag in spoken.languages)
    return f"{line} / {spoken.households}" if spoken.households else line


def _whole(typed: str, most: int) -> int | None:
    known = typed.isascii() and typed.isdigit() and len(typed) <= len(str(most)) and int(typed) <= most
    return int(typed) if known else None

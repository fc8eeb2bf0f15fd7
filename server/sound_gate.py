"""What may never go on air, whoever approves it: machine speech in a minority language that no native speaker has
reviewed, and voices that have been withdrawn. Pure.

Imported by `airing_gate` and tests. The gate is in the approval, not in a habit.
"""

import enum
from collections.abc import Iterable, Mapping

import msgspec

from audio.language import VIETNAMESE
from audio.phrase_names import PHRASE_BANK
from server.bulletin import Variant
from server.phrase import EditionText, ManifestLine, Presenter


class Bar(enum.Enum):
    """Why a sound may not go on air."""

    machine = "machine"  # a machine speaks, and nobody can vouch for what it says
    unknown = "unknown"  # of the bank, but nobody knows who says what in it
    unreviewed = "unreviewed"  # its edition is not approved
    changed = "changed"  # its edition has been changed since
    sample = "sample"  # a synthetic announcer, or a translation that is none
    withdrawn = "withdrawn"


class Bank(msgspec.Struct, frozen=True):
    """What is known of the bank: who says what in each clip, presenters by id, the newest edition of each template by
    (language, template), and the numbers of all that were ever approved."""

    manifests: Mapping[str, list[ManifestLine]]
    presenters: Mapping[str, Presenter]
    editions: Mapping[tuple[str, str], EditionText]
    approved: frozenset[tuple[str, str, int]] = frozenset()


def barred(variants: Iterable[Variant], bank: Bank, *, samples: bool, newest: bool = True) -> dict[str, Bar]:
    """The languages that may not sound, and why. `samples`: synthetic announcers may, for this is a demonstration;
    `newest`: the edition must be the newest (what was approved once need not be)."""
    found = {}
    for variant in variants:
        bar = _bar(variant, bank, samples=samples, newest=newest)
        if bar is not None:
            found[variant.language] = bar
    return found


def _bar(variant: Variant, bank: Bank, *, samples: bool, newest: bool) -> Bar | None:
    if variant.revoked:
        return Bar.withdrawn
    if variant.provenance.engine != PHRASE_BANK:
        machine = variant.provenance.ai_made and variant.language != VIETNAMESE
        return Bar.machine if machine else None
    lines = bank.manifests.get(variant.clip.sha256, [])
    if not lines or any(line.language != variant.language for line in lines):
        return Bar.unknown
    who = [bank.presenters.get(presenter) for presenter in {line.presenter for line in lines}]
    if any(presenter is None or not presenter.lends for presenter in who):
        return Bar.withdrawn
    synthetic = variant.provenance.ai_made or any(presenter is not None and presenter.sample for presenter in who)
    if synthetic and not samples:
        return Bar.sample
    editions = {(line.language, line.template, line.edition) for line in lines}
    return next(filter(None, (_of_edition(each, bank, samples=samples, newest=newest) for each in editions)), None)


def _of_edition(edition: tuple[str, str, int], bank: Bank, *, samples: bool, newest: bool) -> Bar | None:
    language, template, number = edition
    known = bank.editions.get((language, template))
    if language == VIETNAMESE and number == 0:  # the text that comes with the program
        return Bar.changed if newest and known is not None else None
    if known is None or edition not in bank.approved:
        return Bar.unreviewed
    if known.sample and not samples:
        return Bar.sample
    return Bar.changed if newest and known.number != number else None

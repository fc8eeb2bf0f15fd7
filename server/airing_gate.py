"""The gate that every sound passes before it may air, with what the database knows of the phrase bank. A use case.

Imported by `bulletins` and `alarms`.
"""

from collections.abc import Iterable

from audio.phrase_names import PHRASE_BANK
from server.bulletin import Variant
from server.refusals import NotForAir
from server.repositories.store import Store
from server.sound_gate import Bank, barred


def must_pass(store: Store, variants: Iterable[Variant], *, samples: bool, newest: bool = True) -> None:
    """Raises `NotForAir` where a sound may not go on air. `samples`: this is a demonstration; `newest`: the editions
    behind them must not have been changed since."""
    variants = tuple(variants)
    bars = barred(variants, bank_of(store, variants), samples=samples, newest=newest)
    if bars:
        raise NotForAir({language: bar.value for language, bar in bars.items()})


def bank_of(store: Store, variants: Iterable[Variant]) -> Bank:
    """What is known of the sounds of the phrase bank among these."""
    clips = {variant.clip.sha256 for variant in variants if variant.provenance.engine == PHRASE_BANK}
    if not clips:
        return Bank({}, {}, {})
    manifests = store.phrases.manifests(clips)
    lines = [line for each in manifests.values() for line in each]
    presenters = {who.id: who for who in store.phrases.presenters({line.presenter for line in lines})}
    savings = {key: store.phrases.editions(*key) for key in {(line.language, line.template) for line in lines}}
    newest = {key: editions[0] for key, editions in savings.items() if editions}
    approved = frozenset(
        (edition.language, edition.template, edition.number)
        for editions in savings.values()
        for edition in editions
        if edition.approved
    )
    return Bank(manifests, presenters, newest, approved)

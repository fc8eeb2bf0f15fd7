"""What has been written, with the sound of each language, as the bulletin that is kept.

Imported by the use case that sends bulletins.
"""

from collections.abc import Mapping

from audio.phrase_names import PHRASE_BANK
from schedules.clock import UtcMs
from server.bulletin import PHRASES, RECORDING, TEMPLATE, VOICE, Bulletin, Variant
from server.composing import Draft, DraftVariant
from server.studio import Rendered


def bulletin_of(
    draft: Draft, rendered: Mapping[str, Rendered], id_: str, area: str, author: str, now: UtcMs
) -> Bulletin:
    """The bulletin, issued by this area."""
    return Bulletin(
        id=id_,
        title=draft.title,
        topic=draft.topic,
        broadcast_class=draft.broadcast_class,
        area=area,
        author=author,
        created_at=now,
        variants=tuple(_variant(draft, language, sound) for language, sound in rendered.items()),
        authority=draft.authority,
        responsible=draft.responsible,
        reason=draft.reason,
        opening=draft.opening,
        closing=draft.closing,
        exercise=draft.exercise,
    )


def _variant(draft: Draft, language: str, sound: Rendered) -> Variant:
    typed = next(v for v in draft.variants if v.language == language)
    source = _source(typed, sound)
    return Variant(
        language=language,
        text=typed.text,
        spoken=typed.spoken,
        source=source,
        clip=sound.clip,
        provenance=sound.provenance,
        answers=typed.answers,
        origin=TEMPLATE if source == PHRASES else typed.origin,
        translator=typed.translator,
    )


def _source(typed: DraftVariant, sound: Rendered) -> str:
    if sound.provenance.engine == PHRASE_BANK:
        return PHRASES
    return RECORDING if typed.recording else VOICE

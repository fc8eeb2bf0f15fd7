"""Who has heard what they are to decide on: use cases.

Imported by the web. The page says honestly how much it has played; the server's own clock says whether that can be.
"""

from schedules.clock import UtcMs
from server import bulletins
from server.access import Person
from server.approval import heard_to_its_end
from server.bulletin import Variant
from server.bulletins import BroadcastPage
from server.refusals import Changed, NotAllowed, NotFound, TooSoon
from server.repositories.store import Store


def fetched(store: Store, person: Person, broadcast: str, clip: str, now: UtcMs) -> None:
    """A sound goes out to somebody who looks at this broadcast; that of anybody else than its approvers is not
    noted."""
    found = bulletins.page(store, person, broadcast)
    if found.may_decide and any(v.clip.sha256 == clip for v in found.bulletin.variants):
        store.listening.fetched(person.id, found.seal, clip, now)


def ended(store: Store, person: Person, broadcast: str, seal_seen: str, language: str, now: UtcMs) -> None:
    """They have heard it to its end in this language, with this seal before their eyes. Raises `Changed` where it is
    another by now, `TooSoon` where that cannot be yet."""
    found = bulletins.page(store, person, broadcast)
    if not found.may_decide:
        raise NotAllowed
    if found.seal != seal_seen:
        raise Changed
    variant = _variant(found, language)
    clip = variant.clip.sha256
    since = store.listening.fetched_at(person.id, found.seal, clip)
    if since is None or not heard_to_its_end(since, now, variant.clip.duration_ms):
        raise TooSoon
    if language not in bulletins.heard_languages(store, person, found):
        store.listening.ended(person.id, found.seal, clip, now)
        store.trail.note(now, person, "heard", broadcast, area=found.bulletin.area, before=found.seal, after=language)


def _variant(found: BroadcastPage, language: str) -> Variant:
    variant = next((v for v in found.bulletin.variants if v.language == language), None)
    if variant is None:
        raise NotFound
    return variant

"""Once a day: sound that is past its time and held by nobody goes, and what went is noted. A use case.

Imported by the composition root and tests. First the database says so, then the files go: a power cut between the two
is made good the next day.
"""

from schedules.clock import UtcMs
from server.clip_archive import ClipArchive
from server.happenings import KEPT_FOR
from server.originals import Originals
from server.repositories.store import Store, Stores
from server.retention import AREA, BULLETIN, Gone, Held, Sound, kept_since, may_go


def clear(stores: Stores, archive: ClipArchive, originals: Originals, months: int, now: UtcMs) -> Gone:
    """Remove what may go; what that was."""
    before = kept_since(now, months)
    kept = archive.kept()
    with stores.open() as store:
        store.care.thin(now)
        store.happenings.forget(now - KEPT_FOR)
        gone = may_go(_sounds(store, kept), _needed(store, now), held(store), before)
        for clip in store.keeping.gone(gone.clips, now):
            store.trail.note(now, "", "clear", clip)
        for original in gone.originals:
            if originals.has(original):
                store.trail.note(now, "", "clear_original", original)
    for clip in gone.clips:
        archive.remove(clip)
    for original in gone.originals:
        originals.remove(original)
    return gone


def held(store: Store) -> Held:
    """What stands under a hold."""
    holds = store.keeping.holds()
    areas = store.areas.named(hold.subject for hold in holds if hold.kind == AREA)
    bulletins = frozenset(hold.subject for hold in holds if hold.kind == BULLETIN)
    return Held(bulletins, tuple(area.path for area in areas.values()))


def _sounds(store: Store, kept: dict[str, UtcMs]) -> list[Sound]:
    """All that is there. What no bulletin ever carried counts from when a form last took it up."""
    known, made = store.keeping.sounds(kept), store.keeping.made()
    return [known.get(clip) or Sound(clip, "", max(at, made.get(clip, 0))) for clip, at in kept.items()]


def _needed(store: Store, now: UtcMs) -> frozenset[str]:
    programmes = store.fleet.programmes().values()
    slots = {clip.sha256 for p in programmes for slot in p.slots for clip in slot.sounds}
    pinned = {clip.sha256 for p in programmes for clip in p.pinned}
    return store.keeping.needed(now) | slots | pinned | store.library.kept()

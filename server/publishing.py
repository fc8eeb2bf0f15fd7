"""The public page of a commune: switching it on, what stands on it, what may be heard again. Use cases.

Imported by the web and tests. Who asks is nobody: nothing here knows a person, but for switching.
"""

from collections.abc import Iterable

import msgspec

from audio.clip import is_clip_name
from schedules.clock import DAY, DurationMs, UtcMs
from schedules.programme import BroadcastClass
from server.access import Act, Person, may, may_anywhere, scope
from server.area import COMMUNE, Area, search_key
from server.bulletin import Bulletin
from server.phrase import Presenter
from server.public_page import Airing, Openness, PublicLine, heard_again, is_over, is_shown, openness_of
from server.refusals import NotAllowed, NotFound
from server.repositories.store import Store

MOST = 500
"""Lines of a month, or of what is found."""
SEARCHED: DurationMs = 366 * DAY


def switchable(store: Store, person: Person) -> list[Area]:
    """The communes whose page somebody may switch. Raises `NotAllowed` for who approves nowhere."""
    if not may_anywhere(person.grants, Act.approve):
        raise NotAllowed
    return store.areas.below(scope(person.grants, Act.approve), COMMUNE)


def switch(store: Store, person: Person, area: str, wanted: str, now: UtcMs) -> None:
    """Open a commune's page, wider or less wide, or close it. Raises `NotFound`, `NotAllowed`."""
    found = store.areas.find(area)
    if found is None or found.level != COMMUNE or not may(person.grants, Act.see, found.path):
        raise NotFound
    if not may(person.grants, Act.approve, found.path):
        raise NotAllowed
    after = next((each for each in Openness if each.value == wanted), None)
    if after is None:
        raise NotFound
    before = openness_of(found)
    public = None if after is Openness.closed else after.value
    store.areas.keep(msgspec.structs.replace(found, settings=msgspec.structs.replace(found.settings, public=public)))
    store.trail.note(now, person, "set_public", area, area=area, before=before.value, after=after.value)


def open_commune(store: Store, area: str) -> Area:
    """A commune with a public page. Raises `NotFound` for any other: nobody learns which there are."""
    found = store.areas.find(area)
    if found is None or found.level != COMMUNE or openness_of(found) is Openness.closed:
        raise NotFound
    return found


def lines(
    store: Store, commune: Area, since: UtcMs, until: UtcMs, now: UtcMs, words: str = "", limit: int = MOST
) -> list[PublicLine]:
    """What sounded in a commune, latest first; only what has these words in its title."""
    wanted = _called(store, commune, since, min(until, now), words) if words else None
    airings = store.airings.sounded(commune.path, since, min(until, now), limit, wanted)
    return told(store, commune, airings, now)


def told(store: Store, commune: Area, airings: Iterable[Airing], now: UtcMs) -> list[PublicLine]:
    """The lines of these hours."""
    airings = list(airings)
    bulletins = store.broadcasts.bulletins(each.bulletin for each in airings)
    shown = {id_: bulletin for id_, bulletin in bulletins.items() if is_shown(bulletin)}
    topics, offices = store.areas.topics(), store.areas.named(b.area for b in shown.values())
    sounds = {id_: _sounds(store, commune, bulletin, now) for id_, bulletin in shown.items()}
    return [
        PublicLine(
            airing=each,
            title=shown[each.bulletin].title,
            topic=topics.get(shown[each.bulletin].topic, ""),
            broadcast_class=shown[each.bulletin].broadcast_class,
            office=offices[shown[each.bulletin].area].name,
            past=shown[each.bulletin].broadcast_class is BroadcastClass.emergency,
            sounds=sounds[each.bulletin],
        )
        for each in airings
        if each.bulletin in shown
    ]


def _called(store: Store, commune: Area, since: UtcMs, until: UtcMs, words: str) -> list[str]:
    """The bulletins that sounded there with these words in their title."""
    titles = store.airings.titles(commune.path, since, until)
    # Each of them sounded once at least: more than these are not shown.
    return [id_ for id_, title in titles.items() if search_key(words) in search_key(title)][: 2 * MOST]


def may_be_heard(store: Store, commune: Area, clip: str, now: UtcMs) -> bool:
    """Whether everybody may hear this clip on this commune's page: only what sounded there."""
    if not is_clip_name(clip):
        return False
    for bulletin in store.broadcasts.bulletins(store.makers.bulletins_with(clip)).values():
        offered = is_shown(bulletin) and clip in {name for _, name, _ in _sounds(store, commune, bulletin, now)}
        if offered and store.airings.sounded(commune.path, 0, now, 1, [bulletin.id]):
            return True
    return False


def _sounds(store: Store, commune: Area, bulletin: Bulletin, now: UtcMs) -> tuple[tuple[str, str, DurationMs], ...]:
    over = is_over(store.broadcasts.of_bulletin(bulletin.id), now)
    found = heard_again(bulletin, openness_of(commune), _speakers(store, bulletin), over=over)
    return tuple((v.language, v.clip.sha256, v.clip.duration_ms) for v in found)


def _speakers(store: Store, bulletin: Bulletin) -> dict[str, list[Presenter]]:
    """Whose voices are in the clips of the phrase bank."""
    manifests = store.phrases.manifests(v.clip.sha256 for v in bulletin.variants)
    wanted = {each.presenter for listed in manifests.values() for each in listed}
    known = {who.id: who for who in store.phrases.presenters(wanted)} if wanted else {}
    return {
        clip: [known[each.presenter] for each in listed]
        for clip, listed in manifests.items()
        if all(each.presenter in known for each in listed)
    }

"""What people record in a browser: from the first chunk of a take to its clip, and what cutting makes of it. A use
case.

Imported by the web and tests. Chunks come while somebody speaks, each kept before it is acknowledged: what was spoken
is there when the tab dies or the link breaks. Only who began a take may do anything with it; to others it is not there.
"""

import hashlib
from collections.abc import Callable, Iterable
from pathlib import Path

import msgspec

from audio.pieces import Piece, Pieces, kept, length_ms, replaced
from audio.refusal import MasteringError, MasteringFault
from schedules.clock import UtcMs
from server import hearing
from server.access import Person
from server.masterings import Masterings
from server.originals import Originals, Upload
from server.refusals import Incomplete, NotFound, TooMuch
from server.repositories.store import Store, Stores
from server.studio import Rendered, Studio
from server.take import KEPT_FOR, MOST_OF_ONE, MOST_VERSIONS, UPLOADED, ChunkFault, Purpose, Take, is_take, whole
from server.take_room import TakeRoom


class Taken(msgspec.Struct, frozen=True):
    """A take and the clip that it has become."""

    take: Take
    sound: Rendered


class Waiting(msgspec.Struct, frozen=True):
    """A take that nobody has finished. `chunks`: how many are here, one for each second or so."""

    take: Take
    chunks: int


class Recordings:
    """The deeds. `clock()` is UTC milliseconds."""

    def __init__(
        self,
        stores: Stores,
        room: TakeRoom,
        studio: Studio,
        masterings: Masterings,
        originals: Originals,
        clock: Callable[[], UtcMs],
    ) -> None:
        self._stores, self._room, self._studio, self._masterings = stores, room, studio, masterings
        self._originals, self._clock = originals, clock

    def begin(self, person: Person, name: str, purpose: Purpose, language: str, subject: str = "") -> None:
        """A take begins; nothing happens if it has begun already. Raises `TooMuch`."""
        now = self._clock()
        with self._stores.open() as store:
            if is_take(name) and store.takes.find(name) is not None:
                mine(store, person, name)
                return
            if not is_take(name) or language not in store.areas.languages():
                raise NotFound
            gone = store.takes.older(now - KEPT_FOR)
            for each in gone:
                store.takes.remove(each)
            if store.takes.count(person.id) >= MOST_OF_ONE:
                raise TooMuch
            store.takes.keep(Take(name, person.id, purpose, language, now, subject))
            store.trail.note(now, person, "record", name, after=f"{purpose.value} {language} {subject}".rstrip())
        for each in gone:
            self._room.remove(each)

    def put(self, person: Person, name: str, number: int, content: bytes) -> ChunkFault | None:
        """A chunk has come. The database is read and not written: this happens every second."""
        with self._stores.open() as store:
            mine(store, person, name)
            others = store.takes.named(person.id)
        return self._room.put(name, number, content, others)

    def waiting(self, person: Person, purpose: Purpose) -> list[Waiting]:
        """What this person began to record and never finished, the newest first."""
        with self._stores.open() as store:
            takes = [take for take in store.takes.of(person.id, purpose) if not take.clip]
        found = [Waiting(take, whole(self._room.there(take.id))) for take in takes]
        return [each for each in found if each.chunks]

    def finished(self, person: Person) -> dict[str, Take]:
        """What this person has recorded and can still cut, by clip."""
        with self._stores.open() as store:
            return {take.clip: take for take in store.takes.of(person.id, Purpose.bulletin) if take.clip}

    def finish(self, person: Person, name: str, total: int | None, *, music: bool = False) -> Taken:
        """Somebody has stopped. `total`: how many chunks there must be; None: take what there is. Raises
        `Incomplete`, and `MasteringError` with the reason why nothing can be made of it; the take stays either way."""
        with self._stores.open() as store:
            take = mine(store, person, name)
        if total is not None and whole(self._room.there(name)) < total:
            raise Incomplete
        take = msgspec.structs.replace(take, music=music)
        upload = self._room.gathered(name, self._originals)
        try:
            sound = self._masterings.take(upload, take.language, music=music)
        finally:
            upload.discard()
        return self._made(person, take, (whole_of(name, sound),), sound, "record_end")

    def adopt(self, person: Person, sound: Rendered, original: Path, *, music: bool) -> None:
        """What somebody uploaded can be cut as well, if they have not too much lying here already."""
        now, language = self._clock(), sound.clip.language
        name = _name_of_upload(person, language, original.name)
        with self._stores.open() as store:
            held = store.takes.find(name)
            full = store.takes.count(person.id) >= MOST_OF_ONE
        if (held is not None and held.clip) or (held is None and full) or not original.is_file():
            return
        self._room.adopt(name, original)
        take = held or Take(name, person.id, Purpose.bulletin, language, now, UPLOADED)
        self._made(person, msgspec.structs.replace(take, music=music), (whole_of(name, sound),), sound, "record_upload")

    def hold(self, person: Person, upload: Upload, language: str, *, music: bool) -> None:
        """What somebody uploaded is not ready yet: it is kept like a take that nobody has finished, so that it need not
        be sent again. Raises `TooMuch`."""
        now, name = self._clock(), _name_of_upload(person, language, upload.sha256)
        with self._stores.open() as store:
            if store.takes.find(name) is not None:
                return
            if store.takes.count(person.id) >= MOST_OF_ONE:
                raise TooMuch
            store.takes.keep(Take(name, person.id, Purpose.bulletin, language, now, UPLOADED, music=music))
            store.trail.note(now, person, "record", name, after=f"{UPLOADED} {language}")
        self._room.adopt(name, upload.path)

    def cut(self, person: Person, name: str, begins_ms: int, ends_ms: int) -> Taken:
        """Only what lies between two instants stays."""
        take = self._cuttable(person, name)
        return self._recut(person, take, kept(take.pieces, begins_ms, ends_ms), "record_cut")

    def replace(self, person: Person, name: str, begins_ms: int, ends_ms: int, by: str, total: int | None) -> Taken:
        """What lies between two instants was said anew, in another take."""
        take = self._cuttable(person, name)
        with self._stores.open() as store:
            anew = mine(store, person, by)
        if anew.language != take.language or by == name:
            raise NotFound
        part = self.finish(person, by, total, music=take.music).take.pieces
        return self._recut(person, take, replaced(take.pieces, begins_ms, ends_ms, part), "record_replace")

    def undo(self, person: Person, name: str) -> Taken:
        """As it was before the last cut."""
        take = self._cuttable(person, name)
        versions = take.versions[:-1] or take.versions
        take = msgspec.structs.replace(take, versions=versions[:-1])
        return self._recut(person, take, versions[-1], "record_undo")

    def gathered(self, person: Person, name: str, total: int | None) -> Upload:
        """All of a take, for who makes something else of it than a clip. Raises `Incomplete`."""
        with self._stores.open() as store:
            mine(store, person, name)
        if total is not None and whole(self._room.there(name)) < total:
            raise Incomplete
        return self._room.gathered(name, self._originals)

    def used(self, person: Person, name: str) -> bool:
        """Whether something has been made of a take: a browser that has not heard so asks again."""
        with self._stores.open() as store:
            return bool(mine(store, person, name).clip)

    def use(self, person: Person, name: str, became: str) -> None:
        """Something else than a clip has been made of a take: its chunks may go."""
        with self._stores.open() as store:
            take = mine(store, person, name)
            store.takes.keep(msgspec.structs.replace(take, clip=became))
        self._room.remove(name)

    def drop(self, person: Person, name: str) -> None:
        """It is not wanted any more."""
        with self._stores.open() as store:
            take = mine(store, person, name)
            store.takes.remove(name)
            store.trail.note(self._clock(), person, "record_drop", name, before=take.clip)
        self._room.remove(name)

    def _cuttable(self, person: Person, name: str) -> Take:
        with self._stores.open() as store:
            take = mine(store, person, name)
        if not take.pieces:
            raise Incomplete
        return take

    def _recut(self, person: Person, take: Take, pieces: Pieces, act: str) -> Taken:
        if not pieces:
            raise MasteringError(MasteringFault.too_short)
        with self._stores.open() as store:
            parts = dict.fromkeys(piece.take for piece in pieces)
            for each in parts:
                mine(store, person, each)
        uploads = self._gathered(parts)
        try:
            sound = self._studio.joined(pieces, uploads, take.language, music=take.music)
        finally:
            for upload in uploads.values():
                upload.discard()
        ends_ms = sound.lead_ms + sound.clip.duration_ms
        now_is = kept(pieces, sound.lead_ms, max(ends_ms, sound.lead_ms + 1)) or pieces
        return self._made(person, take, (*take.versions, now_is), sound, act)

    def _gathered(self, takes: Iterable[str]) -> dict[str, Upload]:
        return {take: self._room.gathered(take, self._originals) for take in takes}

    def _made(self, person: Person, take: Take, versions: tuple[Pieces, ...], sound: Rendered, act: str) -> Taken:
        now, newest = self._clock(), versions[-MOST_VERSIONS:]
        changed = msgspec.structs.replace(
            take, versions=newest, clip=sound.clip.sha256, length_ms=length_ms(newest[-1])
        )
        with self._stores.open() as store:
            store.takes.keep(changed)
            hearing.made(store, person, sound.clip.sha256, now)
            store.trail.note(now, person, act, take.id, before=take.clip, after=sound.clip.sha256)
        return Taken(changed, sound)


def _name_of_upload(person: Person, language: str, sha256: str) -> str:
    return hashlib.sha256("\0".join((person.id, language, sha256)).encode()).hexdigest()[:32]


def mine(store: Store, person: Person, name: str) -> Take:
    """A take of this person. Raises `NotFound` for anybody else's."""
    take = store.takes.find(name) if is_take(name) else None
    if take is None or take.staff != person.id:
        raise NotFound
    return take


def whole_of(name: str, sound: Rendered) -> Pieces:
    """All of a take that can be heard in its clip: a recording and its clip have the same time from then on."""
    begins_ms = sound.lead_ms
    return (Piece(name, begins_ms, begins_ms + sound.clip.duration_ms),)

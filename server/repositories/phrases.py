"""The phrase bank in the database.

Imported by `store`.
"""

from collections.abc import Iterable, Sequence

import msgspec
from sqlmodel import Session, col, delete, func, or_, select, update

from audio.phrase_take import Measures
from schedules.clock import UtcMs
from server.phrase import Consent, EditionText, KeptTake, ManifestLine, Presenter
from server.tables.areas import AreaRow
from server.tables.bulletins import BroadcastRow, VariantRow
from server.tables.phrases import ManifestRow, PhraseEditionRow, PresenterRow, TakeRow


class Phrases:
    """Queries about the phrase bank."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def save_edition(self, edition: EditionText) -> bool:
        """One saving more; False where somebody else has saved this number."""
        key = (edition.language, edition.template, edition.number)
        if self._session.get(PhraseEditionRow, key) is not None:
            return False
        self._session.add(PhraseEditionRow(**msgspec.structs.asdict(edition)))
        self._session.flush()
        return True

    def approve_edition(self, edition: EditionText) -> bool:
        """It is approved as it stands; False where it has been already."""
        query = update(PhraseEditionRow).where(
            col(PhraseEditionRow.language) == edition.language,
            col(PhraseEditionRow.template) == edition.template,
            col(PhraseEditionRow.number) == edition.number,
            col(PhraseEditionRow.approved_at).is_(None),
        )
        fresh = {"reviewer": edition.reviewer, "approver": edition.approver, "approved_at": edition.approved_at}
        return bool(self._session.exec(query.values(**fresh)).rowcount)

    def edition(self, language: str, template: str) -> EditionText | None:
        """The newest edition of a template in a language."""
        found = self.editions(language, template)
        return found[0] if found else None

    def editions(self, language: str, template: str) -> list[EditionText]:
        """All savings of an edition, the newest first."""
        query = (
            select(PhraseEditionRow)
            .where(PhraseEditionRow.language == language, PhraseEditionRow.template == template)
            .order_by(col(PhraseEditionRow.number).desc())
        )
        return [_edition(row) for row in self._session.exec(query)]

    def newest_editions(self, language: str = "") -> list[EditionText]:
        """The newest edition of each template, in this language or in all."""
        newest = (
            select(PhraseEditionRow.language, PhraseEditionRow.template, func.max(PhraseEditionRow.number).label("n"))
            .group_by(col(PhraseEditionRow.language), col(PhraseEditionRow.template))
            .subquery()
        )
        query = select(PhraseEditionRow).where(
            PhraseEditionRow.language == newest.c.language,
            PhraseEditionRow.template == newest.c.template,
            PhraseEditionRow.number == newest.c.n,
        )
        if language:
            query = query.where(PhraseEditionRow.language == language)
        return [_edition(row) for row in self._session.exec(query)]

    def add_presenter(self, presenter: Presenter) -> None:
        """Somebody lends their voice."""
        given = msgspec.structs.asdict(presenter)
        consent: Consent = given.pop("consent")
        languages = msgspec.json.encode(given.pop("languages")).decode()
        agreed = {"consent_on": consent.on, "consent_scope": consent.scope, "consent_note": consent.note}
        self._session.add(PresenterRow(**{**given, **agreed, "languages": languages}))
        self._session.flush()

    def withdraw(self, presenter: str, by: str, note: str, now: UtcMs) -> bool:
        """They lend it no more; False where they had withdrawn already."""
        query = update(PresenterRow).where(col(PresenterRow.id) == presenter, col(PresenterRow.withdrawn_at).is_(None))
        values = {"withdrawn_at": now, "withdrawn_by": by, "withdrawn_note": note}
        return bool(self._session.exec(query.values(**values)).rowcount)

    def presenter(self, presenter: str) -> Presenter | None:
        """Somebody by their id."""
        row = self._session.get(PresenterRow, presenter, populate_existing=True)
        return _presenter(row) if row is not None else None

    def presenters(self, ids: Iterable[str] | None = None) -> list[Presenter]:
        """These, or all, by name."""
        query = select(PresenterRow).order_by(PresenterRow.name, PresenterRow.id)
        if ids is not None:
            query = query.where(col(PresenterRow.id).in_(set(ids)))
        return [_presenter(row) for row in self._session.exec(query)]

    def presenters_below(self, paths: Iterable[str]) -> list[Presenter]:
        """Those whose consent is kept on or below these paths, by name."""
        wanted = [col(AreaRow.path).startswith(path) for path in paths]
        if not wanted:
            return []
        query = select(PresenterRow).where(PresenterRow.area == AreaRow.id, or_(*wanted))
        return [_presenter(row) for row in self._session.exec(query.order_by(PresenterRow.name, PresenterRow.id))]

    def lending(self, language: str) -> list[Presenter]:
        """Those who lend their voice in this language."""
        query = select(PresenterRow).where(col(PresenterRow.withdrawn_at).is_(None))
        found = [_presenter(row) for row in self._session.exec(query.order_by(PresenterRow.id))]
        return [presenter for presenter in found if language in presenter.languages]

    def keep_takes(self, takes: Iterable[KeptTake]) -> None:
        """What somebody has recorded."""
        for take in takes:
            measures = msgspec.json.encode(take.measures).decode()
            self._session.add(TakeRow(**{**msgspec.structs.asdict(take), "measures": measures}))
        self._session.flush()

    def takes(self, language: str, presenters: Iterable[str], units: Iterable[str] | None = None) -> list[KeptTake]:
        """The newest take of each unit by each of these, of these units or of all."""
        query = select(TakeRow).where(TakeRow.language == language, col(TakeRow.presenter).in_(set(presenters)))
        if units is not None:
            query = query.where(col(TakeRow.unit).in_(set(units)))
        newest = {
            (row.presenter, row.unit): row
            for row in self._session.exec(query.order_by(col(TakeRow.at), col(TakeRow.id)))
        }
        return [_take(row) for row in newest.values()]

    def take(self, take: str) -> KeptTake | None:
        """A take by its id."""
        row = self._session.get(TakeRow, take)
        return _take(row) if row is not None else None

    def files_of(self, presenter: str) -> set[str]:
        """The files of all that somebody has recorded, that no take of anybody else is."""
        own = set(self._session.exec(select(TakeRow.file).where(col(TakeRow.presenter) == presenter)))
        others = select(TakeRow.file).where(col(TakeRow.presenter) != presenter, col(TakeRow.file).in_(own))
        shared = set(self._session.exec(others))
        return own - shared

    def keep_manifest(self, clip: str, lines: Sequence[ManifestLine]) -> None:
        """Who says what in a clip; the same sound made anew is told anew."""
        self._session.exec(delete(ManifestRow).where(col(ManifestRow.clip) == clip))
        for line in lines:
            self._session.add(ManifestRow(**msgspec.structs.asdict(line)))
        self._session.flush()

    def manifests(self, clips: Iterable[str]) -> dict[str, list[ManifestLine]]:
        """Who says what in these clips, in order."""
        query = select(ManifestRow).where(col(ManifestRow.clip).in_(set(clips)))
        found: dict[str, list[ManifestLine]] = {}
        for row in self._session.exec(query.order_by(ManifestRow.clip, col(ManifestRow.position))):
            line = ManifestLine(**{name: getattr(row, name) for name in ManifestLine.__struct_fields__})
            found.setdefault(row.clip, []).append(line)
        return found

    def clips_with(self, presenter: str) -> set[str]:
        """The clips in which somebody speaks."""
        return set(self._session.exec(select(ManifestRow.clip).where(ManifestRow.presenter == presenter).distinct()))

    def revoke(self, clips: Iterable[str], now: UtcMs) -> list[tuple[str, str]]:
        """The variants with these clips that are still to air, or wait, or were sent back, may sound no more; each as
        a bulletin and a language."""
        alive = (
            select(BroadcastRow.bulletin)
            .where(col(BroadcastRow.withdrawn_at).is_(None), col(BroadcastRow.superseded_at).is_(None))
            .where(or_(col(BroadcastRow.ends_at).is_(None), col(BroadcastRow.ends_at) >= now))
        )
        query = select(VariantRow).where(
            col(VariantRow.clip).in_(set(clips)),
            col(VariantRow.bulletin).in_(alive),
            col(VariantRow.revoked).is_(False),
        )
        found = []
        for row in self._session.exec(query).all():
            row.revoked = True
            self._session.add(row)
            found.append((row.bulletin, row.language))
        self._session.flush()
        return found

    def revoked_bulletins(self) -> list[str]:
        """Bulletins with a sound that may sound no more, by id."""
        return list(self._session.exec(select(VariantRow.bulletin).where(col(VariantRow.revoked).is_(True)).distinct()))


def _edition(row: PhraseEditionRow) -> EditionText:
    return EditionText(**{name: getattr(row, name) for name in EditionText.__struct_fields__})


def _presenter(row: PresenterRow) -> Presenter:
    return Presenter(
        id=row.id,
        name=row.name,
        area=row.area,
        languages=msgspec.json.decode(row.languages, type=tuple[str, ...]),
        consent=Consent(row.consent_on, row.consent_scope, row.consent_note),
        staff=row.staff,
        at=row.at,
        sample=row.sample,
        withdrawn_at=row.withdrawn_at,
        withdrawn_by=row.withdrawn_by,
        withdrawn_note=row.withdrawn_note,
    )


def _take(row: TakeRow) -> KeptTake:
    given = {name: getattr(row, name) for name in KeptTake.__struct_fields__}
    return KeptTake(**{**given, "measures": msgspec.json.decode(row.measures, type=Measures)})

"""Languages, and who reviews them, in the database.

Imported by `store` and `areas`.
"""

from collections.abc import Iterable

import msgspec
from sqlmodel import Session, col, select

from audio.clip import NO_LANGUAGE
from audio.language import Language
from schedules.clock import UtcMs
from server.tables.areas import LanguageReviewerRow, LanguageRow


def language_row_of(language: Language) -> LanguageRow:
    """The row of a language."""
    engines = msgspec.json.encode(language.engines).decode()
    return LanguageRow(**{**msgspec.structs.asdict(language), "engines": engines})


def language_of(row: LanguageRow) -> Language:
    """The language of a row."""
    engines = msgspec.json.decode(row.engines, type=tuple[str, ...] | None)
    return Language(
        row.tag, row.name, row.own_name, row.variety, row.orthography, engines, row.phrase_forms, row.retired
    )


def all_languages(session: Session) -> dict[str, Language]:
    """All languages by tag, also those that are offered no more, by name: what has no words is in none of them."""
    spoken = select(LanguageRow).where(col(LanguageRow.tag) != NO_LANGUAGE)
    rows = session.exec(spoken.order_by(LanguageRow.name, LanguageRow.variety))
    return {row.tag: language_of(row) for row in rows}


class Languages:
    """Queries about languages."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, language: Language) -> bool:
        """Add a language, if it is not there: what local linguists have changed since stays. False where it is."""
        if self._session.get(LanguageRow, language.tag) is not None:
            return False
        self._session.add(language_row_of(language))
        self._session.flush()
        return True

    def keep(self, language: Language) -> None:
        """A language as it is now."""
        self._session.merge(language_row_of(language))
        self._session.flush()

    def find(self, tag: str) -> Language | None:
        """A language by its tag."""
        row = self._session.get(LanguageRow, tag)
        return language_of(row) if row and tag != NO_LANGUAGE else None

    def reviewers(self, languages: Iterable[str] | None = None) -> dict[str, list[str]]:
        """Who reviews these languages, or all: the ids of people by tag."""
        query = select(LanguageReviewerRow).order_by(LanguageReviewerRow.language, LanguageReviewerRow.staff)
        if languages is not None:
            query = query.where(col(LanguageReviewerRow.language).in_(set(languages)))
        found: dict[str, list[str]] = {}
        for row in self._session.exec(query):
            found.setdefault(row.language, []).append(row.staff)
        return found

    def reviewed_by(self, staff: str) -> frozenset[str]:
        """The languages that somebody reviews."""
        query = select(LanguageReviewerRow.language).where(LanguageReviewerRow.staff == staff)
        return frozenset(self._session.exec(query))

    def add_reviewer(self, language: str, staff: str, by: str, now: UtcMs) -> bool:
        """Somebody reviews this language from now on; False where they do already."""
        if self._session.get(LanguageReviewerRow, (language, staff)) is not None:
            return False
        self._session.add(LanguageReviewerRow(language=language, staff=staff, by=by, at=now))
        self._session.flush()
        return True

    def drop_reviewer(self, language: str, staff: str) -> bool:
        """They review it no more; False where they did not."""
        row = self._session.get(LanguageReviewerRow, (language, staff))
        if row is None:
            return False
        self._session.delete(row)
        self._session.flush()
        return True

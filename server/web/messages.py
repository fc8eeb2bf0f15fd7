"""Messages that leave the server, in words.

Imported by composition roots.
"""

from functools import cache
from gettext import NullTranslations

from server.notice import Event
from server.web.frame import translations
from server.web.notice_words import told
from server.wording import Said


def said(event: Event, language: str) -> Said:
    """A message in the language of who reads it."""
    return told(_translations(language).gettext, event.kind, event.about)


@cache
def _translations(language: str) -> NullTranslations:
    return translations(language)

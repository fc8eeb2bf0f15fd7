"""The port by which messages get their words: in the language of who reads them.

Imported by the shells that send; `server.web.notice_words` is what composition roots give them.
"""

from typing import Protocol

import msgspec

from server.notice import Event


class Said(msgspec.Struct, frozen=True):
    """A message in words: one line, and what is to be done."""

    title: str
    body: str


class Wording(Protocol):
    """Says an event in a language."""

    def __call__(self, event: Event, language: str) -> Said: ...

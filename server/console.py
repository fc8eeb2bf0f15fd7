"""What the server says on a terminal, in the language of the terminal.

Imported by composition roots.
"""

import os
import sys
from collections.abc import Mapping

from schedules.clock import civil
from schedules.playback import Playback
from server.web import words
from server.web.frame import translations

_SOUNDED = ("played", "late", "cut")


def ui_language(environment: Mapping[str, str] = os.environ) -> str:
    """`LOABAN_LANG`, else the terminal's own; Vietnamese where neither says English."""
    wish = environment.get("LOABAN_LANG") or environment.get("LC_ALL") or environment.get("LANG") or "vi"
    return "en" if wish.lower().startswith("en") else "vi"


class Console:
    """Says one line at a time."""

    def __init__(self, language: str) -> None:
        self._gettext = translations(language).gettext

    def say(self, text: str, **parts: object) -> None:
        """A line."""
        print(self._gettext(text) % parts if parts else self._gettext(text), flush=True)

    def warn(self, text: str, **parts: object) -> None:
        """A line for what went wrong."""
        print(self._gettext(text) % parts if parts else self._gettext(text), file=sys.stderr, flush=True)

    def playback(self, place: str, title: str, playback: Playback) -> None:
        """A playback that has been filed, as one readable line."""
        at = civil(playback.started or playback.planned).strftime("%H:%M:%S")
        outcome = self._gettext(words.OUTCOMES[playback.outcome]).lower()
        line = self._gettext("%(outcome)s: “%(title)s” at %(place)s, %(at)s")
        said = line % {"outcome": outcome, "title": title, "place": place, "at": at}
        if playback.outcome.value in _SOUNDED and playback.sounded_ms is not None:
            seconds = f"{playback.sounded_ms / 1000:.1f}"
            said += self._gettext(", %(seconds)s s") % {"seconds": seconds}
        print(said, flush=True)

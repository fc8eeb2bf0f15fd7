"""What the description of the surface (OpenAPI) says beyond the types in the code: every answer a route may give, and
the forms that are read as they come.

Imported by `server.app` and the pages; `tests/web/test_surface.py` holds it against what is really answered.
"""

from typing import Any

from server.compose_form import Mode

_PAGE: dict[str, Any] = {"text/html": {"schema": {"type": "string"}}}

Answers = dict[int | str, dict[str, Any]]

ANSWERS: Answers = {
    204: {"description": "Nothing to say"},
    303: {"description": "Go on there: done, or sign in first"},
    400: {"description": "The body is no form", "content": _PAGE},
    401: {"description": "A part of a page was asked for, and the session has ended"},
    403: {"description": "This person may not, or another site asked", "content": _PAGE},
    404: {"description": "There is no such page, for this person", "content": _PAGE},
    405: {"description": "No form of ours asks so", "content": _PAGE},
    409: {"description": "Somebody else was faster, or it is too late", "content": _PAGE},
    413: {"description": "Larger than any form of ours", "content": _PAGE},
    422: {"description": "Something in the form is to be mended", "content": _PAGE},
}
"""What any page may answer."""


def bytes_of(*kinds: str) -> Answers:
    """A route that answers with these kinds of content instead of a page."""
    return {200: {"description": "Found", "content": {kind: {} for kind in kinds}}}


SOUND: Answers = {
    **bytes_of("audio/mpeg"),
    206: {"description": "A part of it", "content": {"audio/mpeg": {}, "multipart/byteranges": {}}},
    304: {"description": "Unchanged, and this person may still hear it"},
    400: {"description": "A range without sense", "content": {"text/plain": {}, "text/html": {}}},
    416: {"description": "A range beyond its end", "content": {"text/plain": {}}},
}

_TOLD: dict[str, Any] = {"application/json": {}, "text/html": {}}
CLAIMED: Answers = {
    **bytes_of("application/json"),
    400: {"description": "This is no request that a loudspeaker makes", "content": _TOLD},
    403: {"description": "The code does not hold, or another site asked", "content": _TOLD},
    429: {"description": "Too many wrong codes", "content": _TOLD},
}
"""What a loudspeaker that brings a code may be answered."""

KEPT: Answers = {
    **bytes_of("application/json"),
    403: {"description": "Somebody else is signed in, or this person may not", "content": _TOLD},
    409: {"description": "Somebody else has gone on with the draft", "content": _TOLD},
}
"""What a page that saves by itself may be answered."""

_TEXT = {"type": "string", "maxLength": 2_000}
_TEXTS = {"type": "array", "items": {"type": "string", "maxLength": 200}, "maxItems": 5}
_FIELDS: dict[str, Any] = {
    **dict.fromkeys(
        ("title", "topic", "text", "text-mww", "recording-mww", "recording-vi", "drop-vi", "within"), _TEXT
    ),
    **dict.fromkeys(("date", "time", "last", "month_days", "every", "until", "repeats", "gap"), _TEXT),
    **dict.fromkeys(("find", "group_name", "settle", "keep_clash", "recalled"), _TEXT),
    **dict.fromkeys(("offered", "speak", "kept"), _TEXTS),
    **dict.fromkeys(("targets", "days", "leftover", "answer", "remember"), _TEXTS),
    "broadcast_class": {"type": "string", "enum": ["ordinary", "priority", "emergency"]},
    "mode": {"type": "string", "enum": [mode.value for mode in Mode]},
    "action": {"type": "string", "enum": ["save", "listen", "upload", "places", "more"]},
}


def _body(kind: str, fields: dict[str, Any]) -> dict[str, Any]:
    return {"requestBody": {"content": {kind: {"schema": {"type": "object", "properties": fields}}}}}


COMPOSED = _body("multipart/form-data", {**_FIELDS, "file-mww": {"type": "string", "format": "binary"}})
"""The form "Soạn bản tin"; fields of other languages are called alike."""
TUNE_SENT = _body(
    "multipart/form-data",
    {
        **dict.fromkeys(("area", "name", "kind", "rights", "full"), _TEXT),
        "file-tune": {"type": "string", "format": "binary"},
    },
)
"""A sound for a library, and what is written about it."""
WAITING = _body(
    "multipart/form-data",
    {**_FIELDS, **dict.fromkeys(("lai_ten", "lai_mat_khau", "lai_ma", "lai_toi", "whose"), _TEXT)},
)
"""The same, while its writer signs in again."""
TYPED = _body("application/x-www-form-urlencoded", _FIELDS)
"""The same, without files."""

_SHORT = {"type": "string", "maxLength": 40}
BEGUN = _body(
    "application/x-www-form-urlencoded",
    {
        "purpose": {"type": "string", "enum": ["bulletin", "bank"]},
        "language": {"type": "string", "enum": ["vi", "mww", "ium"]},
        "subject": _SHORT,
    },
)
"""A take begins."""
CUT = _body("application/x-www-form-urlencoded", dict.fromkeys(("total", "from", "to", "by", "music"), _SHORT))
"""What is done with a take; lengths in milliseconds."""
CHUNK: dict[str, Any] = {
    "requestBody": {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}
}
"""A part of a take, as the browser's recorder gave it."""
SAYING = _body("application/x-www-form-urlencoded", dict.fromkeys(("presenter", "unit", "total"), _SHORT))
"""A prompt of the phrase bank has been said."""
SAID = _body(
    "multipart/form-data",
    {"presenter": _SHORT, "unit": _SHORT, "file-take": {"type": "string", "format": "binary"}},
)
"""The same, as a file."""
CHUNKED: Answers = {507: {"description": "The disk is nearly full", "content": _PAGE}}

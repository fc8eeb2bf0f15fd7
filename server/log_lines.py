"""The server's own log: what each line says of the request or the loudspeaker that it belongs to, as JSON for machines
or as it was for people. A shell.

Imported by composition roots, the web, the gateway and tests. Neither secrets nor the texts of bulletins belong into a
log; what looks like a secret is left out here whoever wrote it.
"""

import json
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime

PLAIN, JSON = "plain", "json"
FORMATS = (PLAIN, JSON)
REQUESTS = "loaban.requests"
"""A line for each request, where lines are for machines."""
_request: ContextVar[str] = ContextVar("request", default="")
_loudspeaker: ContextVar[str] = ContextVar("loudspeaker", default="")
_SECRET = re.compile(
    r"loaban_[\w-]{8,}|(?<=Bearer )\S+|(?i:(?<=password=)|(?<=secret=)|(?<=token=)|(?<=code=))[^\s&,;'\")]+"
    r"|(?<=://)[^/\s:@]+:[^/\s@]+(?=@)"
)
LEFT_OUT = "[…]"


@contextmanager
def answering(request: str) -> Iterator[None]:
    """All lines in this block belong to a request."""
    token = _request.set(request)
    try:
        yield
    finally:
        _request.reset(token)


@contextmanager
def hearing(loudspeaker: str) -> Iterator[None]:
    """All lines in this block belong to a loudspeaker."""
    token = _loudspeaker.set(loudspeaker)
    try:
        yield
    finally:
        _loudspeaker.reset(token)


def request_id() -> str:
    """Of the request that is being answered; empty outside of one."""
    return _request.get()


def cleaned(text: str) -> str:
    """Without what looks like a secret."""
    return _SECRET.sub(LEFT_OUT, text)


class PlainLines(logging.Formatter):
    """For people."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(name)s %(levelname)s %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        """A line, and behind it a fault's own lines."""
        known = [each for each in (_loudspeaker.get(), _request.get()) if each]
        return cleaned(super().format(record)) + (f" [{' '.join(known)}]" if known else "")


class JsonLines(logging.Formatter):
    """For machines: one JSON object a line, also where a message has line ends."""

    def format(self, record: logging.LogRecord) -> str:
        """A line."""
        told: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "says": cleaned(record.getMessage()),
        }
        told |= {k: v for k, v in (("request", _request.get()), ("loudspeaker", _loudspeaker.get())) if v}
        told |= getattr(record, "facts", {})
        if record.exc_info:
            told["fault"] = cleaned(self.formatException(record.exc_info))
        return json.dumps(told, ensure_ascii=False)


def set_up(chosen: str, level: int) -> None:
    """Once, when a program begins."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines() if chosen == JSON else PlainLines())
    logging.basicConfig(level=level, handlers=[handler])
    logging.getLogger(REQUESTS).setLevel(logging.INFO if chosen == JSON else logging.WARNING)

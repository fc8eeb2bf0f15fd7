"""The way of e-mail, by SMTP. A shell, and the only room that knows smtplib.

Imported by the parts and tests.
"""

import contextlib
import smtplib
import ssl
from email.message import EmailMessage
from email.utils import formatdate
from urllib.parse import urlsplit

import msgspec

from schedules.clock import UtcMs
from server.letter import Fate, Letter
from server.repositories.store import Stores
from server.wording import Wording

TIMEOUT_S = 15.0
_SECOND_MS = 1_000
_PERMANENT = range(500, 600)
SCHEMES = ("smtp", "smtp+starttls", "smtps")


class MailServer(msgspec.Struct, frozen=True):
    """Where mail is handed over. `url`: smtps://host:465, smtp+starttls://host:587, or smtp://host:25 within one's own
    network; `sender`: the address that it comes from."""

    url: str
    sender: str
    user: str = ""
    password: str = ""


class MailChannel:
    """Sends to people who have given an address. `address`: of the pages, for links."""

    def __init__(self, stores: Stores, server: MailServer, wording: Wording, address: str) -> None:
        self._stores, self._server, self._wording, self._address = stores, server, wording, address

    def deliver(self, letter: Letter, now: UtcMs) -> tuple[Fate, str]:
        """What came of it, and why. Its Message-ID is the same at each try, so that who gets it twice sees one."""
        with self._stores.open() as store:
            choice = store.notices.choice(letter.to)
        if not choice.address:
            return Fate.gone, "no address any more"
        message = self._message(letter, choice.language, choice.address, now)
        try:
            with contextlib.closing(self._open()) as line:
                line.send_message(message)
        except smtplib.SMTPRecipientsRefused as error:
            [(code, said)] = error.recipients.values()
            return (Fate.refused if code in _PERMANENT else Fate.later), f"{code} {said!r}"
        except (OSError, smtplib.SMTPException) as error:
            return Fate.later, f"{type(error).__name__}: {error}"
        return Fate.delivered, ""

    def _open(self) -> smtplib.SMTP:
        parts = urlsplit(self._server.url)
        host, context = parts.hostname or "", ssl.create_default_context()
        if parts.scheme == "smtps":
            line: smtplib.SMTP = smtplib.SMTP_SSL(host, parts.port or 465, timeout=TIMEOUT_S, context=context)
        else:
            line = smtplib.SMTP(host, parts.port or 25, timeout=TIMEOUT_S)
        try:
            if parts.scheme == "smtp+starttls":
                line.starttls(context=context)
            if self._server.user:
                line.login(self._server.user, self._server.password)
        except BaseException:
            line.close()
            raise
        return line

    def _message(self, letter: Letter, language: str, to: str, now: UtcMs) -> EmailMessage:
        said, domain = self._wording(letter.event, language), self._server.sender.rpartition("@")[2]
        message = EmailMessage()
        message["Subject"] = " ".join(said.title.split())
        message["From"] = self._server.sender
        message["To"] = to
        message["Date"] = formatdate(now / _SECOND_MS)
        message["Message-ID"] = f"<{letter.id}@{domain}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(f"{said.body}\n\n{self._address}{letter.event.link}\n")
        return message

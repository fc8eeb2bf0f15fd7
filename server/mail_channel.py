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
from server.parcel import Gone, Packing, Parcel
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
    """Sends to people who have given an address, and to those that a parcel is for. `address`: of the pages, for links;
    `pack`: what a letter takes along; `trust`: whom the mail server's certificate must come from, where that is not
    whom this machine trusts."""

    def __init__(
        self,
        stores: Stores,
        server: MailServer,
        wording: Wording,
        address: str,
        pack: Packing = lambda _: None,
        trust: ssl.SSLContext | None = None,
    ) -> None:
        self._stores, self._server, self._wording, self._address = stores, server, wording, address
        self._pack, self._trust = pack, trust

    def deliver(self, letter: Letter, now: UtcMs) -> tuple[Fate, str]:
        """What came of it, and why. Its Message-ID is the same at each try, so that who gets it twice sees one."""
        try:
            parcel = self._pack(letter) or self._for_person(letter)
        except Gone:
            return Fate.gone, "its files are not there any more"
        if not parcel.to:
            return Fate.gone, "no address any more"
        message = self._message(letter, parcel, now)
        try:
            with contextlib.closing(self._open()) as line:
                line.send_message(message)
        except smtplib.SMTPRecipientsRefused as error:
            [(code, said)] = error.recipients.values()
            return (Fate.refused if code in _PERMANENT else Fate.later), f"{code} {said.decode(errors='replace')}"
        except (OSError, smtplib.SMTPException) as error:
            return Fate.later, f"{type(error).__name__}: {error}"
        return Fate.delivered, ""

    def _for_person(self, letter: Letter) -> Parcel:
        with self._stores.open() as store:
            choice = store.notices.choice(letter.to)
        return Parcel(choice.address, choice.language)

    def _open(self) -> smtplib.SMTP:
        parts = urlsplit(self._server.url)
        host, context = parts.hostname or "", self._trust or ssl.create_default_context()
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

    def _message(self, letter: Letter, parcel: Parcel, now: UtcMs) -> EmailMessage:
        said, domain = self._wording(letter.event, parcel.language), self._server.sender.rpartition("@")[2]
        message = EmailMessage()
        message["Subject"] = " ".join(said.title.split())
        message["From"] = self._server.sender
        message["To"] = parcel.to
        message["Date"] = formatdate(now / _SECOND_MS)
        message["Message-ID"] = f"<{letter.id}@{domain}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(f"{said.body}\n\n{self._address}{letter.event.link}\n")
        for file in parcel.files:
            kind, _, form = file.kind.partition("/")
            message.add_attachment(file.content, maintype=kind, subtype=form, filename=file.name)
        return message

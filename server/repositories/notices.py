"""Notices, what people have chosen, browsers that asked to be told, webhooks and letters, in the database.

Imported by `store`.
"""

from collections.abc import Iterable

import msgspec
from sqlalchemy import update
from sqlmodel import Session, col, func, select

from schedules.clock import UtcMs
from server.happening import HappeningKind
from server.letter import Letter, LetterState
from server.notice import Event, Matter, Notice, NoticeKind
from server.notice_choice import Choice, Way
from server.recipient import Subscription, Webhook
from server.tables.notices import (
    LetterRow,
    NoticeChoiceRow,
    NoticeMarkRow,
    NoticeRow,
    PushSubscriptionRow,
    WebhookRow,
)

_about, _matters = msgspec.json.Decoder(dict[str, str]), msgspec.json.Decoder(tuple[Matter, ...])
_kinds = msgspec.json.Decoder(tuple[str, ...])


class Notices:
    """Queries about notices."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def mark(self) -> int:
        """The number of the line of the audit up to which people have been told."""
        return self._session.exec(select(NoticeMarkRow.number)).first() or 0

    def set_mark(self, number: int) -> None:
        """They have been told up to this line."""
        self._session.merge(NoticeMarkRow(id=1, number=number))
        self._session.flush()

    def add(self, notice: Notice) -> Notice | None:
        """Tell somebody; None if they have been told before."""
        query = select(NoticeRow.number).where(NoticeRow.staff == notice.staff, NoticeRow.key == notice.key)
        if self._session.exec(query).first() is not None:
            return None
        row = NoticeRow(
            staff=notice.staff,
            kind=notice.kind.value,
            key=notice.key,
            at=notice.at,
            link=notice.link,
            about=msgspec.json.encode(notice.about).decode(),
            urgent=notice.urgent,
        )
        self._session.add(row)
        self._session.flush()
        return _notice_of(row)

    def find(self, number: int) -> Notice | None:
        """One by its number."""
        row = self._session.get(NoticeRow, number)
        return _notice_of(row) if row is not None else None

    def of(self, staff: str, most: int, before: int | None = None) -> list[Notice]:
        """What somebody has been told, the newest first. `before`: only what has a smaller number."""
        query = select(NoticeRow).where(NoticeRow.staff == staff).order_by(col(NoticeRow.number).desc()).limit(most)
        if before is not None:
            query = query.where(col(NoticeRow.number) < before)
        return [_notice_of(row) for row in self._session.exec(query)]

    def unread(self, staff: str) -> int:
        """How many of them they have not read."""
        query = select(func.count()).select_from(NoticeRow).where(NoticeRow.staff == staff, NoticeRow.read_at == 0)
        return self._session.exec(query).one()

    def read(self, staff: str, now: UtcMs, number: int | None = None) -> int:
        """They have read one of theirs, or all; how many had been unread."""
        query = update(NoticeRow).where(col(NoticeRow.staff) == staff, col(NoticeRow.read_at) == 0)
        if number is not None:
            query = query.where(col(NoticeRow.number) == number)
        done = self._session.connection().execute(query.values(read_at=now))
        self._session.expire_all()
        return done.rowcount

    def choice(self, staff: str) -> Choice:
        """How somebody wants to be told."""
        row = self._session.get(NoticeChoiceRow, staff)
        return msgspec.json.decode(row.body, type=Choice) if row is not None else Choice()

    def choose(self, staff: str, choice: Choice) -> None:
        """They want to be told so."""
        self._session.merge(NoticeChoiceRow(staff=staff, body=msgspec.json.encode(choice).decode()))
        self._session.flush()

    def subscribe(self, subscription: Subscription) -> None:
        """A browser is to be told; what it was before is forgotten."""
        self._session.merge(PushSubscriptionRow(**msgspec.structs.asdict(subscription)))
        self._session.flush()

    def unsubscribe(self, subscription: str) -> None:
        """A browser is told no more."""
        row = self._session.get(PushSubscriptionRow, subscription)
        if row is not None:
            self._session.delete(row)
            self._session.flush()

    def subscription(self, subscription: str) -> Subscription | None:
        """One by its id."""
        row = self._session.get(PushSubscriptionRow, subscription)
        return _subscription_of(row) if row is not None else None

    def subscriptions(self, staff: str) -> list[Subscription]:
        """The browsers of somebody, the oldest first."""
        query = select(PushSubscriptionRow).where(PushSubscriptionRow.staff == staff)
        rows = self._session.exec(query.order_by(col(PushSubscriptionRow.at), PushSubscriptionRow.id))
        return [_subscription_of(row) for row in rows]

    def keep_webhook(self, webhook: Webhook) -> None:
        """Another system is told, or told no more."""
        told = msgspec.structs.asdict(webhook) | {
            name: msgspec.json.encode(sorted(each.value for each in getattr(webhook, name))).decode()
            for name in ("matters", "happenings")
        }
        self._session.merge(WebhookRow(**told))
        self._session.flush()

    def webhook(self, webhook: str) -> Webhook | None:
        """One by its id."""
        row = self._session.get(WebhookRow, webhook)
        return _webhook_of(row) if row is not None else None

    def webhooks(self, areas: Iterable[str] | None = None) -> list[Webhook]:
        """Those that are told, of these areas or of all, in the order in which they were made."""
        query = select(WebhookRow).where(WebhookRow.ended_at == 0).order_by(col(WebhookRow.at), WebhookRow.id)
        if areas is not None:
            query = query.where(col(WebhookRow.area).in_(set(areas)))
        return [_webhook_of(row) for row in self._session.exec(query)]

    def post(self, letter: Letter) -> None:
        """A letter that leaves, or what has become of it."""
        told = msgspec.structs.asdict(letter)
        told |= {"way": letter.way.value, "state": letter.state.value, "recipient": told.pop("to")}
        told["event"] = msgspec.json.encode(letter.event).decode()
        self._session.merge(LetterRow(**told))
        self._session.flush()

    def due(self, now: UtcMs, most: int) -> list[Letter]:
        """The letters that are to leave now, those that have waited longest first."""
        query = select(LetterRow).where(LetterRow.state == LetterState.waiting.value, LetterRow.due <= now)
        return [_letter_of(row) for row in self._session.exec(query.order_by(col(LetterRow.due)).limit(most))]

    def letters(self, recipient: str, most: int) -> list[Letter]:
        """The newest letters to a recipient, the newest first."""
        query = select(LetterRow).where(LetterRow.recipient == recipient)
        return [
            _letter_of(row) for row in self._session.exec(query.order_by(col(LetterRow.made_at).desc()).limit(most))
        ]


def _notice_of(row: NoticeRow) -> Notice:
    return Notice(
        staff=row.staff,
        kind=NoticeKind(row.kind),
        key=row.key,
        at=row.at,
        link=row.link,
        about=_about.decode(row.about),
        urgent=row.urgent,
        number=row.number or 0,
        read_at=row.read_at,
    )


def _subscription_of(row: PushSubscriptionRow) -> Subscription:
    return Subscription(**{name: getattr(row, name) for name in Subscription.__struct_fields__})


def _webhook_of(row: WebhookRow) -> Webhook:
    told = {name: getattr(row, name) for name in Webhook.__struct_fields__}
    kinds = frozenset(kind for kind in HappeningKind if kind.value in _kinds.decode(row.happenings))
    return Webhook(**told | {"matters": frozenset(_matters.decode(row.matters)), "happenings": kinds})


def _letter_of(row: LetterRow) -> Letter:
    return Letter(
        id=row.id,
        way=Way(row.way),
        to=row.recipient,
        event=msgspec.json.decode(row.event, type=Event),
        made_at=row.made_at,
        due=row.due,
        notice=row.notice,
        tries=row.tries,
        state=LetterState(row.state),
        ended_at=row.ended_at,
        why=row.why,
    )

"""Letters on their way out: to a real mail server, a push service and a webhook's receiver on loopback, and what becomes of
them when one of these, or this process, is gone in the middle.

Imported by pytest alone.
"""

import contextlib
import hashlib
import hmac
import json
import select
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from schedules.clock import HOUR, MINUTE, civil_midnight
from server import noticing
from server.letter import Letter, LetterState
from server.mail_channel import MailChannel, MailServer
from server.notice import Event, Matter, NoticeKind
from server.notice_choice import Choice, Way
from server.outward import Forbidden, Outward, Unreachable, is_public, is_url, resolved
from server.postman import Postman
from server.push_channel import PushChannel, PushKey
from server.recipient import Subscription, Webhook, are_keys, subscription_id
from server.repositories.store import Stores
from server.vault import Vault
from server.web.messages import said
from server.webhook_channel import WebhookChannel
from tests.store.receivers import BrowserKeys, MailOffice, Office, running
from tests.store.stage import NOW, communes, person
from tests.waiting import eventually
from tests.web.stage import Clock

NOON = civil_midnight(NOW) + 12 * HOUR
VAULT = Vault(b"v" * 32)
ADDRESS = "https://loa.tinh.example"


@pytest.fixture
def clock() -> Clock:
    return Clock(NOON)


@pytest.fixture
def mail() -> Iterator[MailOffice]:
    mail = MailOffice()
    with running(mail):
        yield mail


def tell(
    stores: Stores, clock: Clock, title: str = "Họp thôn", key: str = "compose 7", path: str = "/tinh-lao-cai/"
) -> None:
    """The approver is told that something waits."""
    about = {"title": title, "by": "Biên tập viên"}
    event = Event(NoticeKind.waits, key, clock.now, "/ban-tin/ps-7", about, (path,))
    with stores.open() as store:
        everywhere = [person(store, "pheduyet")]
        paths = tuple(area.path for area in store.areas.named(communes(store)).values())
        noticing.tell(
            store,
            Event(**{**{n: getattr(event, n) for n in Event.__struct_fields__}, "paths": paths}),
            everywhere,
            clock.now,
        )


def letters(stores: Stores, recipient: str) -> list[Letter]:
    with stores.open() as store:
        return store.notices.letters(recipient, 50)


def by_mail(stores: Stores, mail: MailOffice, clock: Clock) -> Postman:
    with stores.open() as store:
        store.notices.choose("pheduyet", Choice(address="lanh.dao@xa.example", push=frozenset()))
    channel = MailChannel(stores, MailServer(mail.url, "loa@tinh.example"), said, ADDRESS)
    return Postman(stores, {Way.mail: channel}, clock)


def test_an_e_mail_says_what_to_do_in_the_language_of_who_reads_it(
    stores: Stores, mail: MailOffice, clock: Clock
) -> None:
    postman = by_mail(stores, mail, clock)
    tell(stores, clock, "Họp thôn\nBcc: x@y.example")
    assert postman.round() == 1
    assert postman.round() == 0
    [message] = mail.taken
    assert message["to"] == "lanh.dao@xa.example"
    assert message["bcc"] is None
    assert message["subject"] == "Chờ anh/chị phê duyệt: Họp thôn Bcc: x@y.example"
    body = message.get_content()  # type: ignore[attr-defined]
    assert "Biên tập viên" in body
    assert f"{ADDRESS}/ban-tin/ps-7" in body
    assert [letter.state for letter in letters(stores, "pheduyet")] == [LetterState.delivered]


def test_while_the_mail_server_is_away_a_letter_waits_and_comes_once(
    stores: Stores, mail: MailOffice, clock: Clock
) -> None:
    away = MailServer("smtp://127.0.0.1:1", "loa@tinh.example")
    by_mail(stores, mail, clock)
    postman = Postman(stores, {Way.mail: MailChannel(stores, away, said, ADDRESS)}, clock)
    tell(stores, clock)
    assert postman.round() == 1
    assert postman.round() == 0, "not before its pause is over"
    clock.now += MINUTE
    assert by_mail(stores, mail, clock).round() == 1
    assert len(mail.taken) == 1
    [letter] = letters(stores, "pheduyet")
    assert (letter.state, letter.tries) == (LetterState.delivered, 2)


def test_a_mail_server_that_dies_in_mid_delivery_gets_the_same_message_again(
    stores: Stores, mail: MailOffice, clock: Clock
) -> None:
    postman = by_mail(stores, mail, clock)
    mail.dies_after_data = 1
    tell(stores, clock)
    postman.round()
    [letter] = letters(stores, "pheduyet")
    assert letter.state is LetterState.waiting
    clock.now += MINUTE
    postman.round()
    first, second = mail.taken
    assert first["message-id"] == second["message-id"] == f"<{letter.id}@tinh.example>"
    assert letters(stores, "pheduyet")[0].state is LetterState.delivered


def test_an_address_that_is_refused_for_good_is_tried_no_more(stores: Stores, mail: MailOffice, clock: Clock) -> None:
    postman = by_mail(stores, mail, clock)
    mail.answers = ["450 later", "550 no such person"]
    tell(stores, clock)
    postman.round()
    assert letters(stores, "pheduyet")[0].state is LetterState.waiting
    clock.now += MINUTE
    postman.round()
    assert letters(stores, "pheduyet")[0].state is LetterState.given_up
    assert "550" in letters(stores, "pheduyet")[0].why


def by_push(stores: Stores, office: Office, clock: Clock, folder: Path) -> tuple[Postman, BrowserKeys, PushKey]:
    keys, endpoint = BrowserKeys(), f"{office.url}/push/abc"
    with stores.open() as store:
        store.notices.subscribe(
            Subscription(subscription_id(endpoint), "pheduyet", endpoint, keys.p256dh, keys.auth, "", NOON)
        )
    key = PushKey(folder, "mailto:quantri@tinh.example")
    return Postman(stores, {Way.push: PushChannel(stores, key, Outward(private=True), said)}, clock), keys, key


def test_a_push_is_sealed_for_its_browser_and_signed_by_this_server(
    stores: Stores, office: Office, clock: Clock, tmp_path: Path
) -> None:
    postman, keys, key = by_push(stores, office, clock, tmp_path)
    tell(stores, clock)
    postman.round()
    [(path, headers, body)] = office.taken
    assert path == "/push/abc"
    assert json.loads(keys.open(body)) == {
        "title": "Chờ anh/chị phê duyệt: Họp thôn",
        "body": "Biên tập viên đã gửi. Vui lòng nghe, rồi duyệt hoặc trả lại.",
        "url": "/ban-tin/ps-7",
    }
    assert "Họp".encode() not in body
    assert headers["content-encoding"] == "aes128gcm"
    assert headers["authorization"].startswith("vapid t=")
    assert headers["authorization"].endswith(f"k={key.public}")
    assert PushKey(tmp_path, "mailto:x@y.example").public == key.public, "the key stays"
    assert (tmp_path / "push.key").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("status", [404, 410])
def test_a_browser_that_is_gone_is_forgotten(
    stores: Stores, office: Office, clock: Clock, tmp_path: Path, status: int
) -> None:
    postman, _, _ = by_push(stores, office, clock, tmp_path)
    office.answers = [503, status]
    tell(stores, clock)
    postman.round()
    with stores.open() as store:
        assert len(store.notices.subscriptions("pheduyet")) == 1, (
            "a service that has trouble says nothing of the browser"
        )
    clock.now += MINUTE
    postman.round()
    with stores.open() as store:
        assert store.notices.subscriptions("pheduyet") == []
    tell(stores, clock, key="compose 8")
    assert postman.round() == 0


def by_webhook(stores: Stores, office: Office, clock: Clock, *, private: bool = True, path: str = "/nhan") -> Postman:
    with stores.open() as store:
        hook = Webhook(
            "wh-1",
            communes(store)[0],
            office.url + path,
            VAULT.seal("wh-1", "bí mật"),
            frozenset(Matter),
            "quantri",
            NOON,
        )
        store.notices.keep_webhook(hook)
        store.notices.choose("pheduyet", Choice(push=frozenset()))
    return Postman(stores, {Way.webhook: WebhookChannel(stores, VAULT, Outward(private=private))}, clock)


def test_a_webhook_is_signed_and_tried_again_with_the_same_id(stores: Stores, office: Office, clock: Clock) -> None:
    postman = by_webhook(stores, office, clock)
    office.answers = [500]
    tell(stores, clock)
    postman.round()
    clock.now += MINUTE
    postman.round()
    (_, first, body), (_, second, again) = office.taken
    assert body == again
    assert first["loaban-id"] == second["loaban-id"] == json.loads(body)["id"]
    for headers in (first, second):
        said_then = f"{headers['loaban-id']}.{headers['loaban-timestamp']}.".encode() + body
        assert headers["loaban-signature"] == "v1=" + hmac.new("bí mật".encode(), said_then, hashlib.sha256).hexdigest()
    assert int(second["loaban-timestamp"]) - int(first["loaban-timestamp"]) == 60
    told = json.loads(body)
    assert (told["kind"], told["about"]["title"], told["link"]) == ("waits", "Họp thôn", "/ban-tin/ps-7")
    assert letters(stores, "wh-1")[0].state is LetterState.delivered


def test_a_redirection_is_not_followed_and_a_webhook_that_is_over_is_not_called(
    stores: Stores, office: Office, clock: Clock
) -> None:
    postman = by_webhook(stores, office, clock)
    office.answers = [307]
    tell(stores, clock)
    postman.round()
    assert [path for path, _, _ in office.taken] == ["/nhan"]
    with stores.open() as store:
        hook = store.notices.webhook("wh-1")
        assert hook is not None
        store.notices.keep_webhook(
            Webhook(hook.id, hook.area, hook.url, hook.secret, hook.matters, hook.by, hook.at, NOON)
        )
    clock.now += MINUTE
    postman.round()
    assert len(office.taken) == 1
    assert letters(stores, "wh-1")[0].state is LetterState.given_up


def test_nothing_is_sent_into_a_private_network_unless_the_settings_say_so(
    stores: Stores, office: Office, clock: Clock
) -> None:
    postman = by_webhook(stores, office, clock, private=False)
    tell(stores, clock)
    postman.round()
    assert office.taken == []
    assert letters(stores, "wh-1")[0].state is LetterState.given_up
    for private in ("127.0.0.1", "10.1.2.3", "192.168.0.1", "169.254.169.254", "172.16.0.1", "::1", "fe80::1", "fd00::1",
        "::ffff:127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "224.0.0.1", "100.64.0.1"):  # fmt: skip
        assert not is_public(private), private
        named = Outward(private=False, resolve=lambda _host, _port, private=private: ["1.1.1.1", private])
        with pytest.raises(Forbidden):
            named.post("https://innocent.example/", b"", {})
    assert is_public("1.1.1.1")
    assert is_public("2606:4700:4700::1111")
    with pytest.raises(Forbidden):
        Outward(private=False, resolve=lambda _host, _port: ["1.1.1.1"]).post("http://plain.example/", b"", {})
    with pytest.raises(Unreachable):
        resolved("no-such-name.invalid", 443)


def test_the_address_that_was_looked_at_is_the_one_that_is_called(office: Office) -> None:
    """A name that means another machine a moment later would lead inside."""
    looked: list[str] = []

    def once(host: str, _port: int) -> list[str]:
        looked.append(host)
        return ["127.0.0.1"]

    port = office.server_address[1]
    assert Outward(private=True, resolve=once).post(f"http://name.invalid:{port}/x", b"y", {}).status == 201
    assert looked == ["name.invalid"]
    assert office.taken[0][1]["host"] == f"name.invalid:{port}"


def test_what_can_be_an_address_or_a_browsers_key() -> None:
    assert is_url("https://nhan.tinh.example:8443/loa?x=1", plain=False)
    for bad in ("http://a.example/", "https://", "ftp://a", "https://u:p@a.example/", "https://a.example:0/", "https://a.example:99999/",
        "https://a .example/", "javascript:x", "https://a.example/\n", "https://" + "a" * 1_000):  # fmt: skip
        assert not is_url(bad, plain=False), bad
    assert is_url("http://10.0.0.1:9000/", plain=True)
    keys = BrowserKeys()
    assert are_keys(keys.p256dh, keys.auth)
    for p256dh, auth in ((keys.auth, keys.p256dh), ("", ""), (keys.p256dh[:-4], keys.auth), ("é", keys.auth)):
        assert not are_keys(p256dh, auth)


def test_one_letter_that_cannot_be_written_does_not_keep_the_others(
    stores: Stores, office: Office, clock: Clock
) -> None:
    class Broken:
        def deliver(self, letter: Letter, now: int) -> tuple[object, str]:
            raise RuntimeError("broken")

    by_webhook(stores, office, clock)
    with stores.open() as store:
        store.notices.choose("pheduyet", Choice(address="lanh.dao@xa.example", push=frozenset()))
    tell(stores, clock)
    both = {Way.mail: Broken(), Way.webhook: WebhookChannel(stores, VAULT, Outward(private=True))}
    assert Postman(stores, both, clock).round() == 2  # type: ignore[arg-type]
    assert len(office.taken) == 1
    assert letters(stores, "pheduyet")[0].state is LetterState.waiting


POSTMAN = """
import sys
from server.notice_choice import Way
from server.outward import Outward
from server.postman import Postman
from server.repositories.store import Stores, engine_of
from server.vault import Vault
from server.webhook_channel import WebhookChannel

class Slow(WebhookChannel):
    def deliver(self, letter, now):
        done = super().deliver(letter, now)
        print("sent", flush=True)
        sys.stdin.readline()  # killed here: it was sent, and nobody has noted it
        return done

stores = Stores(engine_of(sys.argv[1]))
print("there", flush=True)
sys.stdin.readline()  # killed here: it is in the outbox, and was not sent
Postman(stores, {Way.webhook: Slow(stores, Vault(b"v" * 32), Outward(private=True))}, lambda: int(sys.argv[2])).round()
"""


def killed_at(folder: Path, clock: Clock, word: str) -> None:
    """A process that delivers, killed when it has said this word."""
    command = [sys.executable, "-c", POSTMAN, f"sqlite:///{folder / 'loaban.db'}", str(clock.now)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdin is not None
        assert process.stdout is not None
        for wanted in ("there", "sent"):
            ready, _, _ = select.select([process.stdout], [], [], 60)
            assert ready
            assert process.stdout.readline().strip() == wanted
            if wanted == word:
                break
            process.stdin.write("\n")
            process.stdin.flush()
    finally:
        process.kill()
        process.wait(10)
        with contextlib.suppress(OSError):
            process.stdin.close()  # type: ignore[union-attr]
        process.stdout.close()  # type: ignore[union-attr]


def test_a_process_killed_before_or_after_sending_loses_nothing(
    stores: Stores, office: Office, clock: Clock, tmp_path: Path
) -> None:
    postman = by_webhook(stores, office, clock)
    tell(stores, clock)
    killed_at(tmp_path, clock, "there")
    assert office.taken == []
    killed_at(tmp_path, clock, "sent")
    eventually(lambda: len(office.taken) == 1)
    assert letters(stores, "wh-1")[0].state is LetterState.waiting
    postman.round()
    ids = [headers["loaban-id"] for _, headers, _ in office.taken]
    assert len(ids) == 2
    assert len(set(ids)) == 1, "sent twice at most, under one id"
    assert letters(stores, "wh-1")[0].state is LetterState.delivered
    assert postman.round() == 0

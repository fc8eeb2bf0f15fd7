"""The line on which the broker is told who may come in: a link of its own, with the only account that may. A shell
around `broker_accounts`; one of the rooms that know paho.

Imported by composition roots. It is desired state as well: after each link it asks what the broker has, and tells it
what differs; so nothing has to be done on the broker's machine, and a broker that forgot everything learns it again.
"""

import json
import logging
import queue
import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Protocol
from urllib.parse import urlsplit

import msgspec

from schedules.clock import HOUR, SECOND, DurationMs
from server.authority import Credentials
from server.bell import CERTIFICATES, Bell
from server.broker_accounts import (
    AT_ONCE,
    CONTROL,
    RESPONSE,
    Accounts,
    Command,
    changes,
    desired,
    found_people,
    found_roles,
)
from server.mqtt_line import address_of, limits, wary_paho
from server.system_clock import mono_ms

LOOK_EVERY: DurationMs = 2 * SECOND
"""So soon is it noticed that a command has issued or revoked one."""
COMPARE_EVERY: DurationMs = 1 * HOUR
"""So often is the broker asked what it has, though nothing has changed here: somebody may have."""
AGAIN_AFTER: DurationMs = 5 * SECOND
ANSWER_WITHIN_S = 30
KEEP_ALIVE_S, LONGEST_RETRY_S = 30, 10
_PAGE = 50

_log = logging.getLogger("loaban.accounts")


class Gate(Protocol):
    """What the line needs of the server."""

    def certificates_stamp(self) -> tuple[int, int]:
        """Changes whenever a certificate is issued or revoked."""

    def holding(self) -> Mapping[str, str]:
        """Whom to let in: by common name, which loudspeaker that is."""


class Unheard(Exception):
    """The broker does not answer."""


class AccountLine:
    """From `start` to `stop`. `settled`: whether the broker has all that it should; for who waits for it."""

    def __init__(
        self, broker: str, credentials: Credentials, gate: Gate, bell: Bell, answer_within_s: float = ANSWER_WITHIN_S
    ) -> None:
        """`broker`: `mqtts://host:port`."""
        url = urlsplit(broker)
        self._address, self._gate, self._bell = address_of(url), gate, bell
        self._rung: queue.SimpleQueue[bool] = queue.SimpleQueue()
        self._answers: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._found: Accounts | None = None
        self._stamp: tuple[int, int] | None = None
        self._compare_at, self._answer_within_s = 0, answer_within_s
        self._stopping = False
        self._said = 0
        self.settled = threading.Event()
        self._leave_bell: Callable[[], None] = _nothing
        self._paho = wary_paho(credentials.name, url, credentials)
        self._paho.reconnect_delay_set(1, LONGEST_RETRY_S)
        self._paho.on_connect = self._connected
        self._paho.on_subscribe = lambda *_given: self._rung.put(True)
        self._paho.on_disconnect = self._disconnected
        self._paho.on_message = self._arrived
        self._thread = threading.Thread(target=self._run, name="accounts", daemon=True)

    def start(self) -> None:
        """Connect, and go on trying for ever."""
        self._leave_bell = self._bell.listen(lambda topic: self._rung.put(False) if topic == CERTIFICATES else None)
        self._paho.connect_async(*self._address, keepalive=KEEP_ALIVE_S, properties=limits(AT_ONCE))
        self._paho.loop_start()
        self._thread.start()

    def stop(self) -> None:
        """Leave the broker, end the thread."""
        self._leave_bell()
        self._stopping = True
        self._rung.put(False)
        self._answers.put(b"")
        self._thread.join(5)
        self._paho.disconnect()
        self._paho.loop_stop()

    def _run(self) -> None:
        pause = LOOK_EVERY
        while not self._stopping:
            try:
                if self._rung.get(timeout=pause / 1000):
                    self._found = None
            except queue.Empty:
                pass
            try:
                if self._paho.is_connected() and not self._stopping:
                    self._look()
                pause = LOOK_EVERY
            except Unheard:
                self._found, pause = None, AGAIN_AFTER
                if not self._stopping:
                    _log.error(
                        "the broker does not answer on %s: without the plugin of deploy/mosquitto.conf no loudspeaker"
                        " can come in or be shut out",
                        CONTROL,
                    )
            except Exception:  # noqa: BLE001
                # A database that is busy, an answer that makes no sense: who is shut out must be shut out soon.
                _log.exception("the broker's accounts could not be brought up to date")
                self._found, pause = None, AGAIN_AFTER

    def _look(self) -> None:
        stamp = self._gate.certificates_stamp()
        due = mono_ms() >= self._compare_at
        if self._found is not None and stamp == self._stamp and not due:
            return
        self.settled.clear()
        if self._found is None or due:
            self._found = self._ask()
            self._compare_at = mono_ms() + COMPARE_EVERY
        wanted = desired(self._gate.holding())
        self._tell(list(changes(wanted, self._found)))
        self._found = Accounts(wanted.roles, {**self._found.people, **wanted.people} if due else wanted.people)
        self._stamp = stamp
        self.settled.set()

    def _tell(self, commands: list[Command]) -> None:
        for at in range(0, len(commands), AT_ONCE):
            for answer in self._say(commands[at : at + AT_ONCE]):
                if "error" in answer:
                    raise ValueError(f"{answer.get('command')}: {answer['error']}")
        if commands:
            _log.info("the broker has been told %d changes of who may come in", len(commands))

    def _ask(self) -> Accounts:
        roles, people = {}, {}
        for answer in self._pages("listRoles", "roles"):
            roles.update(found_roles(answer))
        for answer in self._pages("listClients", "clients"):
            people.update(found_people(answer))
        return Accounts(roles, people)

    def _pages(self, command: str, what: str) -> Iterator[Mapping[str, Any]]:
        offset = 0
        while True:
            [answer] = self._say([{"command": command, "verbose": True, "count": _PAGE, "offset": offset}])
            found = answer.get("data", {})
            yield found
            offset += _PAGE
            if len(found.get(what, ())) < _PAGE:
                return

    def _say(self, commands: list[Command]) -> list[dict[str, Any]]:
        """Say it, and wait for the answer to it: what was said on a link before may be answered on this one. Raises
        `Unheard`."""
        self._said += 1
        mark = str(self._said)
        while not self._answers.empty():
            self._answers.get()
        marked = [{**command, "correlationData": mark} for command in commands]
        self._paho.publish(CONTROL, json.dumps({"commands": marked}), qos=1)
        while True:
            try:
                answer = self._answers.get(timeout=self._answer_within_s)
            except queue.Empty as error:
                raise Unheard from error
            if not answer:
                raise Unheard
            found: list[dict[str, Any]] = msgspec.json.decode(answer)["responses"]
            if found and found[0].get("correlationData") == mark:
                return found

    def _connected(self, client: Any, _given: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        if reason.is_failure:
            _log.error("the broker refused the link: %s", reason)
        else:
            client.subscribe(RESPONSE, 1)

    def _disconnected(self, *_given: Any) -> None:
        self._found = None
        self.settled.clear()
        self._answers.put(b"")

    def _arrived(self, client: Any, _given: Any, message: Any) -> None:
        self._answers.put(bytes(message.payload))
        client.ack(message.mid, message.qos)


def _nothing() -> None:
    """Before `start`, there is no bell to leave."""

"""The server's end of every topic attacked: what carries no signature is believed of the one in whose name it is said, and
touches no word of the server.

Nobody imports this module.
"""

from pathlib import Path

import pytest
from cryptography import x509

from device_agent.identity import certified, request_for, validity_of
from schedules import wire
from schedules.signing import trusted_by
from server.certificates import DEVICE_LASTS
from tests.attack.certified import FOREIGN_KEY, KEYS, name_of, renewal
from tests.attack.headquarters import BareDesk, Headquarters
from tests.attack.lines import FROM_DEVICE, POSITIONS, ROUTES, SIGNED, STRANGER, assignment, packed, programme
from tests.waiting import eventually


@pytest.fixture
def server(tmp_path: Path) -> Headquarters:
    desk = BareDesk(tmp_path)
    for device, key in KEYS.items():  # so long ago that they are to have new certificates, if they ask themselves
        desk.enrolled(device, key.public_key(), DEVICE_LASTS * 2 // 3)
    desk.programmes["xa-1"] = programme(20, "sang")
    desk.assigned["loa-1"] = assignment(10)
    found = Headquarters(tmp_path / "server", desk)
    found.gateway._look()
    return found


each_from_device = pytest.mark.parametrize("name", FROM_DEVICE)


def outcome(server: Headquarters) -> tuple[int, int, int]:
    """What was answered, filed, and not heeded."""
    return len(server.gateway.said), len(server.pigeonhole.letters), server.unheeded


def only_answers(server: Headquarters, said_before: int, device: str) -> None:
    """Whatever came of it went to this loudspeaker alone, and is none of the server's words for areas."""
    for topic, payload in server.gateway.said[said_before:]:
        route = next(r for r in ROUTES.values() if r.parts(topic) is not None)
        assert route in (wire.TIME_ANSWER, wire.REPAIR, wire.BLOCK, wire.CERTIFICATE), topic
        assert route is wire.BLOCK or route.parts(topic) == (device,)
        assert route is not wire.CERTIFICATE or certificate_in(server, payload, device) is not None


def certificate_in(server: Headquarters, payload: bytes, device: str) -> x509.Certificate | None:
    """What was said, if it is this loudspeaker's and for its own key."""
    word = wire.unseal_message(wire.Certificate, payload, trusted_by(server.gateway._signing.holding))
    assert isinstance(word, wire.Certificate)
    assert word.device == device
    authority = x509.load_pem_x509_certificate(server.desk.authority.pem(server.desk.now()).encode())
    return certified(word.certificate, KEYS[device], device, authority)


@each_from_device
def test_what_a_loudspeaker_says_is_heeded(server: Headquarters, name: str) -> None:
    said, filed, unheeded = outcome(server)
    server.hear(ROUTES[name].topic("loa-1"), wire.encode(FROM_DEVICE[name]))
    found = outcome(server)
    assert found[2] == unheeded + (name == "REPORT"), "the desk of this test files no report, and says so"
    assert (found[1] > filed) == (name in ("STATUS", "REPORT"))
    assert (found[0] > said) == (name in ("TIME_QUESTION", "RENEW"))


@each_from_device
def test_said_by_an_attacker_it_moves_no_revision_and_makes_nobody_sound(server: Headquarters, name: str) -> None:
    """It carries no signature: replayed, redirected, cut or changed, it may be believed of the one in whose name it is
    said, and of nobody else; what the server says to areas is never touched."""
    payload, before = wire.encode(FROM_DEVICE[name]), server.gateway._state
    step = max(1, len(payload) // POSITIONS)
    changed = [
        payload[:at] + bytes([payload[at] ^ 1 << at % 8]) + payload[at + 1 :] for at in range(0, len(payload), step)
    ]
    others = [wire.encode(word) for word in FROM_DEVICE.values()]
    cut = [payload[:at] for at in range(0, len(payload), step)]
    sealed = [
        packed(line.good(None)) for key, line in SIGNED.items() if key in ("PROGRAMME", "ASSIGNMENT", "ALERT", "KEYS")
    ]  # type: ignore[arg-type]
    for attack in [payload, payload, *cut, *changed, *others, *sealed]:
        for device in ("loa-1", "loa-2", "khong-co"):
            said = len(server.gateway.said)
            server.hear(ROUTES[name].topic(device), attack)
            if said < 150:
                only_answers(server, said, device)
    after = server.gateway._state
    assert (after.programmes, after.assignments, after.desired) == (
        before.programmes,
        before.assignments,
        before.desired,
    )


@each_from_device
def test_what_is_cut_is_not_heeded_and_counted(server: Headquarters, name: str) -> None:
    payload = wire.encode(FROM_DEVICE[name])
    for cut in range(0, len(payload), max(1, len(payload) // POSITIONS)):
        before = server.unheeded
        server.hear(ROUTES[name].topic("loa-1"), payload[:cut])
        assert server.unheeded == before + 1, payload[:cut]


@each_from_device
@pytest.mark.parametrize("device", ["", "+", "#", "../x", "LOA", "a" * 64, "loa 1", "loa\0"])
def test_nobody_speaks_under_a_name_that_is_none(server: Headquarters, name: str, device: str) -> None:
    said, filed, unheeded = outcome(server)
    server.hear(ROUTES[name].topic(device), wire.encode(FROM_DEVICE[name]))
    assert outcome(server) == (said, filed, unheeded + 1)


def test_who_asks_with_its_own_key_gets_the_one_certificate_that_it_is_to_have(server: Headquarters) -> None:
    """Said again by whoever carried it, the answer is the same, and of use to the one key alone."""
    said = len(server.gateway.said)
    for _ in range(3):
        server.hear(wire.RENEW.topic("loa-1"), wire.encode(renewal()))
    found = [certificate_in(server, payload, "loa-1") for _, payload in server.gateway.said[said:]]
    assert [topic for topic, _ in server.gateway.said[said:]] == [wire.CERTIFICATE.topic("loa-1")] * 3
    assert found[0] is not None
    assert found == [found[0]] * 3
    assert validity_of(found[0]).not_after > server.desk.store.issued[0][1].not_after
    assert server.desk.store.noted == ["renew_certificate"]


@pytest.mark.parametrize(
    ("device", "request_"),
    [
        ("loa-2", renewal("loa-1").request),
        ("loa-1", renewal("loa-2").request),
        ("khong-co", renewal("loa-1").request),
        ("loa-1", request_for(FOREIGN_KEY, name_of("loa-1", KEYS["loa-1"]))),
        ("loa-1", request_for(FOREIGN_KEY, name_of("loa-1", FOREIGN_KEY))),
        ("loa-1", request_for(FOREIGN_KEY)),
        ("loa-1", request_for(KEYS["loa-1"])),
        ("loa-1", b"-----BEGIN CERTIFICATE REQUEST-----"),
        ("loa-1", b""),
    ],
    ids=[
        "carried",
        "another's",
        "of nobody",
        "invented",
        "of another key",
        "nameless",
        "own but nameless",
        "cut",
        "empty",
    ],
)
def test_who_carries_or_invents_a_request_gets_nothing(server: Headquarters, device: str, request_: bytes) -> None:
    said, _, unheeded = outcome(server)
    issued = list(server.desk.store.issued)
    server.hear(wire.RENEW.topic(device), wire.encode(wire.Renewal(request_)))
    assert outcome(server) == (said, 0, unheeded + 1)
    assert server.desk.store.issued == issued


@pytest.mark.parametrize("name", ["PROGRAMME", "ASSIGNMENT", "KEYS"])
def test_who_speaks_in_the_servers_place_is_overheard(server: Headquarters, name: str) -> None:
    """And the server will say its own word again; its own echo is nothing new."""
    line, state = SIGNED[name], server.gateway._state
    echo = next(((t, p) for t, p in server.gateway.said if t == line.topic), None)
    if echo is not None:
        server.hear(*echo)
        assert server.gateway._state == state
    said = len(server.gateway.said)
    server.hear(line.topic, packed(line.good(None), STRANGER))  # type: ignore[arg-type]
    if name == "KEYS":
        assert server.gateway._keys_again_at is not None
    else:
        eventually(lambda: server.passes() or server.gateway.said[said:], what="its own word, in its turn")
        [(topic, own)] = server.gateway.said[said:]
        word = wire.unseal_message(line.kind, own, trusted_by(server.gateway._signing.holding))
        assert (topic, word) == (line.topic, {"PROGRAMME": programme(20, "sang"), "ASSIGNMENT": assignment(10)}[name])
    assert server.unheeded == 0

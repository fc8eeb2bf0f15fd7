"""Tests of the bad link: what it decides, and that it does so to real connections.

Nobody imports this module.
"""

import itertools
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.bad_link import SEGMENT, BadLink, Conditions, Cuts, passage
from tests.waiting import eventually


def never() -> float:
    return 0.99


def test_a_piece_takes_its_bytes_and_the_way() -> None:
    assert passage(1_000, 10.0, 0.0, Conditions(1_000, 0.2), never) == (11.0, 11.2)
    assert passage(1_000, 10.0, 12.0, Conditions(1_000, 0.2), never) == (13.0, 13.2)
    assert passage(1_000_000, 10.0, 0.0, Conditions(), never) == (10.0, 10.0)


def test_what_is_lost_is_noticed_and_sent_again_and_holds_up_what_follows() -> None:
    chances = iter([0.05, 0.05, 0.5, 0.5])
    lossy = Conditions(SEGMENT, 0.1, 0.1)
    # Two losses of the first segment: a second each for sending it again, 0.2 s and 0.4 s until that was noticed.
    assert passage(2 * SEGMENT, 0.0, 0.0, lossy, lambda: next(chances)).gone_at == pytest.approx(4.6)


@given(
    st.lists(st.integers(1, 70_000), min_size=1, max_size=20),
    st.floats(0, 1e6),
    st.floats(0, 1),
    st.floats(0, 0.5),
    st.randoms(use_true_random=False),
)
def test_pieces_arrive_in_order_and_never_faster_than_the_link(
    sizes: list[int], rate: float, delay: float, loss: float, chance: object
) -> None:
    link, free_at, there = Conditions(rate, delay, loss), 0.0, []
    for size in sizes:
        free_at, at = passage(size, 0.0, free_at, link, chance.random)  # type: ignore[attr-defined]
        there.append(at)
    assert there == sorted(there)
    assert there[-1] >= delay + (sum(sizes) / rate if rate else 0) * (1 - 1e-9)


def test_the_same_seed_cuts_at_the_same_moments() -> None:
    assert list(Cuts(1, 100, mean_bytes=5e4).gaps()) == list(Cuts(1, 100, mean_bytes=5e4).gaps())
    assert list(Cuts(1, 100, mean_s=5).gaps()) != list(Cuts(2, 100, mean_s=5).gaps())
    assert 3 < sum(Cuts(1, 400, mean_s=5).gaps()) / 400 < 7


@contextmanager
def echoing() -> Iterator[tuple[str, int]]:
    """A server that sends everything back."""
    listener = socket.create_server(("127.0.0.1", 0))

    def answer(end: socket.socket) -> None:
        with end:
            try:
                while content := end.recv(65536):
                    end.sendall(content)
            except OSError:
                pass

    def serve() -> None:
        try:
            while True:
                threading.Thread(target=answer, args=(listener.accept()[0],), daemon=True).start()
        except OSError:
            pass

    threading.Thread(target=serve, daemon=True).start()
    yield listener.getsockname()
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()


@pytest.fixture
def echo() -> Iterator[tuple[str, int]]:
    with echoing() as target:
        yield target


def linked(link: BadLink) -> socket.socket:
    return socket.create_connection((link.host, link.port), timeout=10)


def received(end: socket.socket, size: int) -> bytes:
    content = b""
    while len(content) < size and (more := end.recv(65536)):
        content += more
    return content


def test_what_passes_is_whole_and_counted(echo: tuple[str, int]) -> None:
    content = bytes(itertools.islice(itertools.cycle(range(251)), 300_000))
    with BadLink(echo) as link, linked(link) as end:
        threading.Thread(target=end.sendall, args=(content,), daemon=True).start()
        assert received(end, len(content)) == content
        assert link.carried == (300_000, 300_000, 0)


def test_a_lossy_slow_link_delivers_everything(echo: tuple[str, int]) -> None:
    content = bytes(range(250)) * 100
    with BadLink(echo, Conditions(200_000, 0.005, 0.1), seed=1) as link, linked(link) as end:
        threading.Thread(target=end.sendall, args=(content,), daemon=True).start()
        assert received(end, len(content)) == content


def test_a_cut_resets_and_a_new_connection_is_welcome(echo: tuple[str, int]) -> None:
    with BadLink(echo) as link:
        with linked(link) as end:
            end.sendall(b"one")
            assert received(end, 3) == b"one"
            link.cut()
            with pytest.raises(ConnectionResetError):
                received(end, 1)
        with linked(link) as end:
            end.sendall(b"two")
            assert received(end, 3) == b"two"
        assert (link.links, link.cut_count) == (2, 1)


def test_cuts_fall_by_bytes(echo: tuple[str, int]) -> None:
    with BadLink(echo, Conditions(1e6), Cuts(3, 5, mean_bytes=20_000)) as link:

        def talk() -> bool:
            try:
                with linked(link) as end:
                    end.sendall(bytes(4_000))
                    received(end, 4_000)
            except OSError:
                pass
            return link.cut_count == 5

        eventually(talk, 20, "five cuts")


def test_who_is_refused_is_reset_and_a_hanging_link_only_waits(echo: tuple[str, int]) -> None:
    with BadLink(echo) as link:
        link.refuse(60)
        with pytest.raises(ConnectionResetError), linked(link) as end:
            received(end, 1)
        link.refuse(0)
        with linked(link) as end:
            link.hang(0.3)
            end.sendall(b"late")
            end.settimeout(0.05)
            with pytest.raises(TimeoutError):
                end.recv(1)
            end.settimeout(10)
            assert received(end, 4) == b"late"


def test_it_ends_by_itself(echo: tuple[str, int]) -> None:
    link = BadLink(echo, lasts_s=0.3).start()
    with pytest.raises(ConnectionResetError), linked(link) as end:
        received(end, 1)
    link.stop()

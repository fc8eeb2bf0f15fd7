"""Ports for brokers and pages, that tests beside each other do not take from one another.

Imported by the fault tests.
"""

import itertools
import os
import socket


def free_ports(count: int) -> list[int]:
    """Ports on loopback that nobody listens on, each with the eleven after it: what a demonstration takes."""
    # Below those that the system hands out for outgoing connections, and begun elsewhere in each process: tests
    # that run beside each other would take one another's between the look and the use.
    found: list[int] = []
    while len(found) < count:
        first = 10_000 + (os.getpid() * 61 + next(_turn)) % 1_800 * 12
        if all(_is_free(port) for port in range(first, first + 12)):
            found.append(first)
    return found


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


_turn = itertools.count()

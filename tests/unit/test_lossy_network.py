"""Tests of the namespace behind a lossy wire.

Nobody imports this module.
"""

import subprocess
import sys

import pytest

from tests.bad_link import BadLink
from tests.lossy_network import LossyNetwork, lacking
from tests.unit.test_bad_link import echoing

ASK = """
import socket, sys
end = socket.create_connection((sys.argv[1], int(sys.argv[2])), timeout=60)
end.sendall(bytes(20_000))
left = 20_000
while left:
    left -= len(end.recv(65536))
print("whole")
"""


@pytest.mark.skipif(lacking() != "", reason=lacking())
def test_what_is_inside_reaches_us_over_a_wire_that_loses() -> None:
    with LossyNetwork(512, 5) as network, echoing() as target, BadLink(target, host=network.host) as link:
        inside = network.command(sys.executable, "-c", ASK, link.host, str(link.port))
        done = subprocess.run(inside, capture_output=True, text=True, check=False, timeout=60)
        assert done.stdout == "whole\n"
        assert link.carried[:2] == (20_000, 20_000)
        rules = subprocess.run(network.command("nft", "list", "ruleset"), capture_output=True, text=True, check=True)
        assert "mod 100 < 5 drop" in rules.stdout
    assert network.name not in subprocess.run(["ip", "netns"], capture_output=True, text=True, check=True).stdout

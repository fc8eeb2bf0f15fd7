"""A network namespace at the end of a thin wire that really loses packets: the other road to a bad link.

Imported by the fault tests and the bench. It needs root, `ip`, `tc` and `nft`; `lacking` says what is not there. The
kernel's own TCP then does what it does on a mountain, which a proxy can only imitate.
"""

import itertools
import os
import shutil
import subprocess
from collections.abc import Sequence
from types import TracebackType

APT_LINE = "apt-get install -y --no-install-recommends iproute2 nftables"
BURST_BYTES = 4_096
LONGEST_QUEUE_MS = 400
"""What waits longer before the wire is dropped, as at a base station."""
_turn = itertools.count()


def lacking() -> str:
    """What keeps a namespace from being made, with the line that cures it; empty if nothing does."""
    if os.geteuid() != 0:
        return "network namespaces need root"
    missing = [tool for tool in ("ip", "tc", "nft") if shutil.which(tool) is None]
    if missing:
        return f"network namespaces need {', '.join(missing)}: {APT_LINE}"
    return "" if _done("unshare", "-n", "true") else "network namespaces are not allowed here"


class LossyNetwork:
    """While it is entered, `command` runs a program inside, which reaches this machine at `host` alone: at `kbit_s`
    each way, with `loss_percent` of all packets dropped. What listens at `host` can be reached from this machine
    only."""

    def __init__(self, kbit_s: int, loss_percent: int) -> None:
        number = (os.getpid() * 16 + next(_turn) % 16) % (1 << 14)
        self.name = f"loaban{number}"
        self._wires = (f"lb{number}a", f"lb{number}b")
        self.host, self._inside = (f"10.231.{number * 4 >> 8}.{number * 4 % 256 + n}" for n in (1, 2))
        self._kbit_s, self._loss = kbit_s, loss_percent

    def command(self, *program: str) -> Sequence[str]:
        """The program, to be run inside."""
        return ("ip", "netns", "exec", self.name, *program)

    def __enter__(self) -> "LossyNetwork":
        outer, inner = self._wires
        try:
            for line in (
                f"ip netns add {self.name}",
                f"ip link add {outer} type veth peer name {inner} netns {self.name}",
                f"ip addr add {self.host}/30 dev {outer}",
                f"ip link set {outer} up",
                f"ip -n {self.name} addr add {self._inside}/30 dev {inner}",
                f"ip -n {self.name} link set {inner} up",
                f"ip -n {self.name} link set lo up",
                f"tc qdisc add dev {outer} root {self._rate()}",
                f"tc -n {self.name} qdisc add dev {inner} root {self._rate()}",
            ):
                subprocess.run(line.split(), check=True)
            lose = f"numgen random mod 100 < {self._loss} drop"
            rules = (
                f'table inet bad {{\nchain in {{ type filter hook input priority 0; iif "{inner}" {lose}\n}}\n'
                f'chain out {{ type filter hook output priority 0; oif "{inner}" {lose}\n}}\n}}\n'
            )
            subprocess.run(self.command("nft", "-f", "-"), input=rules, text=True, check=True)
        except subprocess.CalledProcessError:
            self._remove()
            raise
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _fault: BaseException | None, _tb: TracebackType | None
    ) -> None:
        self._remove()

    def _rate(self) -> str:
        return f"tbf rate {self._kbit_s}kbit burst {BURST_BYTES} latency {LONGEST_QUEUE_MS}ms"

    def _remove(self) -> None:
        _done("ip", "link", "del", self._wires[0])
        _done("ip", "netns", "del", self.name)


def _done(*command: str) -> bool:
    return subprocess.run(command, check=False, capture_output=True).returncode == 0

"""How the agent tells systemd that it is alive. A shell.

Imported by the composition root.
"""

import os
import socket


def notify(message: str) -> None:
    """One message to systemd (`READY=1`, `WATCHDOG=1`); nothing where it does not listen."""
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as out:
        try:
            out.connect("\0" + address[1:] if address.startswith("@") else address)
            out.sendall(message.encode())
        except OSError:
            return

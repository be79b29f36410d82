"""Ports for servers that are told theirs before they start."""

from __future__ import annotations

import socket
from secrets import randbelow

# Below those that systems give to whoever asks for any (32768 on Linux, 49152 elsewhere: RFC 6335, section 6): a server
# of another test never gets one of these, however long the time between asking and starting.
FIRST, COUNT = 20_000, 12_000


def free_port() -> int:
    # Not by `random`, which begins alike in each of the tests' processes.
    port = FIRST + randbelow(COUNT)
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return free_port()
    return port

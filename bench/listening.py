"""The site's listener for mail (LMTP), and mail servers' part: to send until a mail is acknowledged."""

from __future__ import annotations

import os
import smtplib
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from letters import Letter

PATIENCE_S = 120
CONNECTIONS = 4


@contextmanager
def listener(port: int, log: Path) -> Iterator[tuple[int, int]]:
    """Its port and its process id, while it listens."""
    environ = {**os.environ, "MOOTHALL_LMTP": f"127.0.0.1:{port}"}
    command = [sys.executable, "-m", "django", "listen_for_mail"]
    with log.open("ab") as output:
        process = subprocess.Popen(command, env=environ, stdout=output, stderr=output)
    try:
        wait_for_port(port)
        yield port, process.pid
    finally:
        process.terminate()
        process.wait(timeout=PATIENCE_S)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for_port(port: int) -> None:
    until_s = time.monotonic() + PATIENCE_S
    while True:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=2):
            return
        if time.monotonic() > until_s:
            raise SystemExit(f"Nobody listens at port {port} after {PATIENCE_S} s.")
        time.sleep(0.1)


class Delivery(threading.Thread):
    """Over a few connections at once, in the background; `client` is smtplib.LMTP or smtplib.SMTP."""

    def __init__(self, letters: Sequence[Letter], client: type[smtplib.SMTP], port: int) -> None:
        super().__init__()
        self.took_s = 0.0
        shares = [letters[n::CONNECTIONS] for n in range(CONNECTIONS)]
        self._senders = [threading.Thread(target=_send, args=(share, client, port)) for share in shares]

    def run(self) -> None:
        began = time.monotonic()
        for sender in self._senders:
            sender.start()
        for sender in self._senders:
            sender.join()
        self.took_s = time.monotonic() - began


def _send(letters: Sequence[Letter], client: type[smtplib.SMTP], port: int) -> None:
    with client("127.0.0.1", port) as server:
        for letter in letters:
            server.sendmail(letter.sender, [letter.recipient], letter.raw)

"""An SMTP server that takes everything, and writes down when each recipient's mail was taken: a line for each.

Prints its port. Offers PIPELINING, as Postfix does; aiosmtpd itself does not say that it can.
"""

from __future__ import annotations

import socket
import sys
import time
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

WRITTEN_EVERY_S = 0.1


class Keeping:
    def __init__(self, file: Path) -> None:
        self.lines = file.open("a")

    async def handle_EHLO(  # noqa: N802 - aiosmtpd's names
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        return [*responses[:-1], "250-PIPELINING", responses[-1]]

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        at = time.time()
        for recipient in envelope.rcpt_tos:
            self.lines.write(f"{at:.3f} {recipient}\n")
        return "250 OK"


def main() -> None:
    keeping = Keeping(Path(sys.argv[1]))
    port = int(sys.argv[2]) or _free_port()
    Controller(keeping, hostname="127.0.0.1", port=port).start()
    print(port, flush=True)
    while True:
        time.sleep(WRITTEN_EVERY_S)
        keeping.lines.flush()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    main()

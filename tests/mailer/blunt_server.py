"""A hand-made mail server that takes commands in one go (RFC 2920), and answers or hangs up as it is told."""

from __future__ import annotations

import re
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from django.test import override_settings

HANG_UP = "hang up"
_PLAIN = {"MAIL": "250 OK", "RCPT": "250 OK", "DATA": "354 Go on", ".": "250 Taken", "RSET": "250 OK"}


@dataclass(slots=True)
class Blunt:
    """`answers` says what the nth mail's command is answered, counted from 1 over all connections; "." is its end.

    Whenever a text came for the `feared` recipient it hangs up.
    """

    answers: dict[tuple[int, str], str] = field(default_factory=dict)
    feared: str = ""
    greeting: str = "220 blunt.example"
    taken: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    mails: int = 0
    connections: int = 0

    def answer(self, command: str) -> str:
        return self.answers.get((self.mails, command), _PLAIN[command])


class _Talk(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        blunt: Blunt = self.server.blunt  # type: ignore[attr-defined]  # set where the server is made
        blunt.connections += 1
        self._say(blunt.greeting)
        recipient = ""
        while line := self.rfile.readline().decode().strip():
            word = line[:4].upper()
            blunt.said.append(word)
            if word in ("EHLO", "HELO"):
                self._say("250-blunt.example", "250-PIPELINING", "250 SIZE 1000000")
                continue
            if word == "QUIT":
                self._say("221 Bye")
                return
            blunt.mails += word == "MAIL"
            if word == "RCPT":
                recipient = re.sub(r".*<(.*)>", r"\1", line)
            answer = blunt.answer(word)
            if word == "DATA" and answer.startswith("354"):
                self._say(answer)
                is_empty = self._read_text()
                answer = "554 No valid recipients" if is_empty else blunt.answer(".")
                answer = HANG_UP if recipient == blunt.feared else answer
                if answer.startswith("250"):
                    blunt.taken.append(recipient)
            if answer == HANG_UP:
                return
            self._say(answer)

    def _read_text(self) -> bool:
        is_empty = True
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            is_empty = False
        assert line, "The text ended in its middle"
        return is_empty

    def _say(self, *lines: str) -> None:
        self.wfile.write("".join(f"{line}\r\n" for line in lines).encode())


@contextmanager
def blunt_server(blunt: Blunt) -> Iterator[Blunt]:
    """Django's mail goes to it."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Talk) as server:
        server.daemon_threads = True
        server.blunt = blunt  # type: ignore[attr-defined]  # each talk looks there
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        with override_settings(
            EMAIL_BACKEND="django.core.mail.backends.smtp.EmailBackend",
            EMAIL_HOST="127.0.0.1",
            EMAIL_PORT=server.server_address[1],
        ):
            yield blunt
        server.shutdown()

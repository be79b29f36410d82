"""A real SMTP server that keeps what it is given, and refuses what it is told to refuse."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.test import override_settings

from tests.ports import free_port


@dataclass(frozen=True, slots=True)
class Received:
    sender: str
    recipient: str
    raw: bytes

    @property
    def message(self) -> EmailMessage:
        return message_from_bytes(self.raw, policy=policy.default)

    def part(self, kind: str) -> str:
        """The text of the part `plain` or `html`."""
        body = self.message.get_body((kind,))
        assert body is not None
        return str(body.get_content())


# Without slots: aiosmtpd reads every attribute of what it is given, and on Python before 3.11.3, which Debian 12 has,
# slots leave one behind that can't be read (https://github.com/python/cpython/issues/102069).
@dataclass
class Sink:
    """`answers` maps a recipient to what RCPT answers instead of 250, and "." to what the end of data is answered."""

    mails: list[Received] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)
    connections: int = 0
    is_pipelining: bool = False

    async def handle_EHLO(  # noqa: N802 - aiosmtpd's names
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        self.connections += 1
        session.host_name = hostname
        return [*responses[:-1], "250-PIPELINING", responses[-1]] if self.is_pipelining else responses

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.answers:
            return self.answers[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        assert isinstance(envelope.content, bytes)
        if "." in self.answers:
            return self.answers["."]
        for recipient in envelope.rcpt_tos:
            self.mails.append(Received(envelope.mail_from or "", recipient, envelope.content))
        return "250 OK"

    def to(self, address: str) -> list[Received]:
        return [mail for mail in self.mails if mail.recipient == address]


@contextmanager
def smtp_sink(sink: Sink | None = None) -> Iterator[Sink]:
    """Django's mail goes to it."""
    sink = sink or Sink()
    port = free_port()  # aiosmtpd asks its own port whether it is up, so it can't be given 0
    controller = Controller(sink, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        with override_settings(
            EMAIL_BACKEND="django.core.mail.backends.smtp.EmailBackend", EMAIL_HOST="127.0.0.1", EMAIL_PORT=port
        ):
            yield sink
    finally:
        controller.stop()

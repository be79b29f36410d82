"""A mail server so slow that a batch takes longer than a worker has it in hand."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.db import connection
from django.utils import timezone

from moothall.mailer.models import OutboundMessage, SendingState
from moothall.mailer.sending import send_due
from tests.mailer.test_sending import letters, waiting
from tests.smtp_sink import Sink, smtp_sink

MAILS = 12
TAKES = timedelta(seconds=50)


@dataclass
class Clock:
    """Goes on by itself, and further when it is told."""

    ahead: timedelta = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead


def other_worker() -> int:
    try:
        return send_due(letters).sent
    finally:
        connection.close()


@dataclass
class Slow(Sink):
    """After each mail nearly a minute has gone by, and another worker looks whether there is anything to send."""

    clock: Clock = field(default_factory=Clock)
    sent_by_others: int = 0
    is_asking: bool = False

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        answer = await super().handle_DATA(server, session, envelope)
        if not self.is_asking:
            self.is_asking = True
            self.clock.ahead += TAKES
            self.sent_by_others += await asyncio.get_running_loop().run_in_executor(None, other_worker)
            self.is_asking = False
        return answer


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> Iterator[Slow]:
    with smtp_sink(Slow()) as found:
        assert isinstance(found, Slow)
        monkeypatch.setattr(timezone, "now", found.clock.now)
        yield found


@pytest.mark.parametrize("is_pipelining", [False, True], ids=["one by one", "pipelined"])
@pytest.mark.django_db(transaction=True)
def test_what_a_slow_server_is_still_sent_by_one_worker_no_other_sends_too(slow: Slow, is_pipelining: bool) -> None:
    slow.is_pipelining = is_pipelining
    waiting(MAILS)
    assert send_due(letters).sent == MAILS
    assert slow.clock.ahead == MAILS * TAKES
    assert slow.sent_by_others == 0
    assert set(Counter(mail.recipient for mail in slow.mails).values()) == {1}
    assert not OutboundMessage.objects.exclude(state=SendingState.SENT).exists()

"""The mail that asks whether an address is reached, from a bounce to the stop, through a real SMTP server."""

from __future__ import annotations

from datetime import timedelta

import pytest

from moothall.accounts.models import User
from moothall.core.clock import now
from moothall.mailer.bounces import record, stopped
from moothall.mailer.models import OutboundMessage
from moothall.mailer.queueing import Waiting, queue
from moothall.mailer.sending import send_due
from moothall.notifications.preparing import prepare
from tests.smtp_sink import Sink
from tests.world import World

pytestmark = pytest.mark.django_db


def test_a_probe_says_what_it_is_and_names_itself_in_the_envelope(world: World, sink: Sink) -> None:
    queue([Waiting(world.mia.id, "probe:2026-01-08", now())])
    assert send_due(prepare).sent == 1
    mail = sink.mails[0]
    assert mail.recipient == "mia.moss@moothall.example"
    assert mail.message["Subject"].startswith("Does mail from")
    for kind in ("plain", "html"):
        assert "there is nothing to do" in " ".join(mail.part(kind).split())
        assert "/account/mail/" in mail.part(kind)
    row = OutboundMessage.objects.get()
    record(row.id, "somebody@else.example", "soft", now())
    assert stopped(["mia.moss@moothall.example", "somebody@else.example"]) == {"mia.moss@moothall.example"}


def test_nobody_is_asked_while_they_pause_all_mail(world: World, sink: Sink) -> None:
    User.objects.filter(profile=world.mia).update(mail_paused_until=(now() + timedelta(days=3)).date())
    queue([Waiting(world.mia.id, "probe:2026-01-08", now())])
    assert send_due(prepare).dropped == 1

"""The mail that asks whether an address is reached, from a bounce to the stop, through a real SMTP server."""

from __future__ import annotations

from datetime import timedelta

import pytest

from moothall.accounts.models import User
from moothall.core.clock import now
from moothall.mailer.bounces import record, stopped
from moothall.mailer.models import OutboundMessage, SendingState
from moothall.mailer.sending import send_due
from moothall.notifications.preparing import prepare
from tests.smtp_sink import Sink
from tests.world import World

pytestmark = pytest.mark.django_db


MIA = "mia.moss@moothall.example"


def came_back(world: World, address: str = MIA) -> None:
    """A mail that went to this address of Mia's."""
    mailed = OutboundMessage.objects.create(
        profile_id=world.mia.id, thing="post:1", state=SendingState.SENT, sent_at=now(), address=address
    )
    record(mailed.id, address, "hard", now())


def test_a_probe_says_what_it_is_and_names_itself_in_the_envelope(world: World, sink: Sink) -> None:
    came_back(world)
    assert send_due(prepare).sent == 1
    mail = sink.mails[0]
    assert mail.recipient == "mia.moss@moothall.example"
    assert mail.message["Subject"].startswith("Does mail from")
    for kind in ("plain", "html"):
        assert "there is nothing to do" in " ".join(mail.part(kind).split())
        assert "/account/mail/" in mail.part(kind)
    row = OutboundMessage.objects.get(thing__startswith="probe:")
    record(row.id, "somebody@else.example", "soft", now())
    assert stopped(["mia.moss@moothall.example", "somebody@else.example"]) == {"mia.moss@moothall.example"}


def test_nobody_is_asked_while_they_pause_all_mail(world: World, sink: Sink) -> None:
    User.objects.filter(profile=world.mia).update(mail_paused_until=(now() + timedelta(days=3)).date())
    came_back(world)
    assert send_due(prepare).dropped == 1


def test_a_new_address_is_not_asked_because_the_old_one_sent_mail_back(world: World, sink: Sink) -> None:
    came_back(world, "mia@her-old-firm.example")
    assert (send_due(prepare).dropped, sink.mails) == (1, [])

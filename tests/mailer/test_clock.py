"""A machine's clock that was days ahead, as after a start without network, and is put right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

import pytest
from django.utils import timezone

from moothall.mailer.mail import Dropped, Mail
from moothall.mailer.models import OutboundMessage
from moothall.mailer.sending import put_right, send_due
from tests.mailer.test_sending import Killed, letters, waiting
from tests.mailer.test_slow_server import Clock
from tests.smtp_sink import smtp_sink

pytestmark = pytest.mark.django_db

DAYS = timedelta(days=400)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    found = Clock()
    monkeypatch.setattr(timezone, "now", found.now)
    return found


def dies(rows: Sequence[OutboundMessage]) -> Mapping[int, Mail | Dropped]:
    raise Killed


def test_what_was_put_on_its_way_while_the_clock_was_ahead_is_sent(clock: Clock) -> None:
    clock.ahead = DAYS
    waiting(3)
    clock.ahead = timedelta()

    assert sent() == 3


def test_what_was_to_be_tried_again_while_the_clock_was_ahead_is_sent(clock: Clock) -> None:
    waiting(3)
    with smtp_sink() as busy:
        busy.answers["reader2@readers.example"] = "451 4.2.1 Busy"
        clock.ahead = DAYS
        send_due(letters)
    clock.ahead = timedelta()

    assert sent() == 1


def test_what_a_worker_that_was_killed_had_in_hand_while_the_clock_was_ahead_is_sent(clock: Clock) -> None:
    waiting(3)
    clock.ahead = DAYS
    with pytest.raises(Killed):
        send_due(dies)
    clock.ahead = timedelta()

    assert sent() == 3


def sent() -> int:
    put_right()
    with smtp_sink():
        return send_due(letters).sent

"""What a mail server may do while a mail's text and the next one's envelope are with it (RFC 2920)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import pytest

from moothall.core.clock import now
from moothall.mailer.mail import Dropped, Mail
from moothall.mailer.models import OutboundMessage, SendingState
from moothall.mailer.sending import MailServerAway, send_due
from tests.mailer.blunt_server import HANG_UP, Blunt, blunt_server
from tests.mailer.test_sending import letter, letters, waiting

pytestmark = pytest.mark.django_db


@pytest.fixture
def blunt() -> Iterator[Blunt]:
    with blunt_server(Blunt()) as found:
        yield found


def states() -> list[str]:
    return list(OutboundMessage.objects.filter(thing="post:1").order_by("id").values_list("state", flat=True))


def reader(number: int) -> str:
    return f"reader{number}@readers.example"


def test_each_mail_takes_one_turn_and_none_is_called_off(blunt: Blunt) -> None:
    waiting(4)
    assert send_due(letters).sent == 4
    assert blunt.taken == [reader(number) for number in (1, 2, 3, 4)]
    assert blunt.said == ["EHLO", *["MAIL", "RCPT", "DATA"] * 4, "QUIT"]


@pytest.mark.parametrize("nth", [1, 2, 4])
@pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA", "."])
@pytest.mark.parametrize("answer", ["451 4.3.0 Not now", "554 5.7.1 Not that"])
def test_a_no_at_any_point_concerns_that_mail_alone(blunt: Blunt, nth: int, command: str, answer: str) -> None:
    # Its envelope is refused whole, as servers do that want a sender before a recipient.
    after = {"MAIL": ("RCPT", "DATA"), "RCPT": ("DATA",)}.get(command, ())
    blunt.answers = {(nth, command): answer, **{(nth, later): "503 5.5.1 Not yet" for later in after}}
    waiting(4)
    tally = send_due(letters)
    is_final = answer.startswith("5")
    assert tally.sent == 3 + (command == "RCPT" and is_final)  # with the probe
    assert (tally.failed, tally.later) == (is_final, not is_final)
    assert states()[nth - 1] == (SendingState.FAILED if is_final else SendingState.QUEUED)
    assert OutboundMessage.objects.get(profile_id=nth, thing="post:1").why == answer
    assert [one for one in blunt.taken if one != reader(nth)] == [reader(n) for n in (1, 2, 3, 4) if n != nth]
    assert blunt.connections == 1


def test_a_server_that_wants_text_for_nobody_gets_none(blunt: Blunt) -> None:
    blunt.answers = {(2, "RCPT"): "451 4.2.1 Busy"}
    waiting(3)
    tally = send_due(letters)
    assert (tally.sent, tally.later) == (2, 1)
    assert blunt.taken == [reader(1), reader(3)]


@pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA"])
def test_a_server_that_hangs_up_in_an_envelope_repeats_nothing(blunt: Blunt, command: str) -> None:
    blunt.answers = {(3, command): HANG_UP}
    waiting(4)
    with pytest.raises(MailServerAway):
        send_due(letters)
    assert states() == [SendingState.SENT, SendingState.SENT, SendingState.QUEUED, SendingState.QUEUED]
    assert not OutboundMessage.objects.exclude(claimed_until=None).exists()
    blunt.answers = {}
    assert send_due(letters).sent == 2
    assert blunt.taken == [reader(number) for number in (1, 2, 3, 4)]


def test_a_server_that_hangs_up_instead_of_a_yes_is_sent_that_mail_again_and_no_other(blunt: Blunt) -> None:
    blunt.answers = {(2, "."): HANG_UP}
    waiting(4)
    with pytest.raises(MailServerAway):
        send_due(letters)
    assert states() == [SendingState.SENT, *[SendingState.QUEUED] * 3]
    blunt.answers = {}
    assert send_due(letters).sent == 3
    assert blunt.taken == [reader(number) for number in (1, 2, 3, 4)]


def test_a_mail_at_which_the_server_always_hangs_up_holds_up_no_other(blunt: Blunt) -> None:
    blunt.feared = reader(1)
    waiting(3)
    for _ in range(2):
        with pytest.raises(MailServerAway):
            send_due(letters)
    assert send_due(letters).sent == 2
    assert blunt.taken == [reader(2), reader(3)]
    left = OutboundMessage.objects.get(state=SendingState.QUEUED)
    assert left.due_at > now()
    blunt.feared = ""
    OutboundMessage.objects.update(due_at=now())
    assert send_due(letters).sent == 1


@pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA", "."])
def test_a_server_that_ends_with_421_is_sent_the_others_over_another_connection(blunt: Blunt, command: str) -> None:
    """As Exim does after a thousand mails. The one that it put off waits its minute."""
    blunt.answers = {(3, command): "421 4.7.0 Too many mails in this connection"}
    waiting(5)
    tally = send_due(letters)
    assert (tally.sent, tally.later) == (4, 1)
    assert blunt.taken == [reader(1), reader(2), reader(4), reader(5)]
    assert blunt.connections == 2


def test_a_server_that_greets_with_421_leaves_everything_waiting(blunt: Blunt) -> None:
    blunt.greeting = "421 4.3.2 Not today"
    waiting(2)
    with pytest.raises(MailServerAway):
        send_due(letters)
    rows = OutboundMessage.objects.filter(state=SendingState.QUEUED, claimed_until=None, due_at__lte=now())
    assert rows.count() == 2


def test_what_is_dropped_or_can_not_be_written_between_two_mails_holds_up_neither(blunt: Blunt) -> None:
    waiting(5)

    def mixed(rows: Sequence[OutboundMessage]) -> Mapping[int, Mail | Dropped]:
        found: dict[int, Mail | Dropped] = dict(letters(rows))
        found[rows[1].id] = Dropped("Left since.")
        found[rows[3].id] = replace(letter(rows[3]), address="no\nbody@x")
        return found

    tally = send_due(mixed)
    assert (tally.sent, tally.dropped, tally.failed) == (3, 1, 1)
    assert blunt.taken == [reader(1), reader(3), reader(5)]

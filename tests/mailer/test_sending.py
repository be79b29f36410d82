"""Sending through a real SMTP server: refusals, a server that is away, a worker that dies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection
from django.test import override_settings

from moothall.core.clock import now
from moothall.mailer.addresses import bounce_address
from moothall.mailer.bounces import PROBE, forget_bounces, record, stopped
from moothall.mailer.mail import Dropped, Head, Mail, Part
from moothall.mailer.models import Bounce, BounceKind, OutboundMessage, Probe, SendingState
from moothall.mailer.queueing import Waiting, queue
from moothall.mailer.sending import BATCH, MOST_TRIES, MailServerAway, send_due
from tests.smtp_sink import Sink, smtp_sink

pytestmark = pytest.mark.django_db


@pytest.fixture(params=[False, True], ids=["one by one", "pipelined"])
def sink(request: pytest.FixtureRequest) -> Iterator[Sink]:
    """A plain server, and one that takes the envelope in one go (RFC 2920), as Postfix does."""
    with smtp_sink() as found:
        found.is_pipelining = request.param
        yield found


def letter(row: OutboundMessage) -> Mail:
    return Mail(
        address=f"reader{row.profile_id}@readers.example",
        head=Head("Old Houses", "old-houses@moothall.example", "News"),
        text=Part(("Lime, not cement.",)),
        html=Part(("<p>Lime, not cement.</p>",)),
        message_id=f"{row.thing.replace(':', '-')}@moothall.example",
    )


def letters(rows: Sequence[OutboundMessage]) -> Mapping[int, Mail | Dropped]:
    return {row.id: letter(row) for row in rows}


def waiting(count: int) -> None:
    queue(Waiting(n, "post:1", now()) for n in range(1, count + 1))


def rows() -> list[OutboundMessage]:
    return list(OutboundMessage.objects.order_by("id"))


def sent_id(profile_id: int) -> int:
    return OutboundMessage.objects.get(profile_id=profile_id, thing="post:1").id


def test_many_mails_go_over_one_connection(sink: Sink) -> None:
    waiting(120)
    assert send_due(letters).sent == 120
    assert len(sink.mails) == 120
    assert sink.connections == 1


def test_a_task_sends_a_share_and_says_that_there_is_more(sink: Sink) -> None:
    waiting(BATCH + 20)
    first = send_due(letters, most=BATCH)
    assert (first.sent, first.is_all) == (BATCH, False)
    rest = send_due(letters, most=BATCH)
    assert (rest.sent, rest.is_all) == (20, True)


def test_a_share_is_no_larger_however_the_database_finds_it(sink: Sink) -> None:
    """PostgreSQL may go through what waits once for each row; before it has counted them it sometimes does."""
    waiting(BATCH + 20)
    with connection.cursor() as cursor:
        for way in ("hashagg", "hashjoin", "mergejoin", "sort", "material"):
            cursor.execute(f"SET LOCAL enable_{way} = off")
    assert send_due(letters, most=BATCH).sent == BATCH


def test_queueing_twice_makes_one_row(sink: Sink) -> None:
    waiting(3)
    waiting(3)
    assert OutboundMessage.objects.count() == 3


def test_what_is_dropped_says_why(sink: Sink) -> None:
    waiting(1)
    tally = send_due(lambda rows: {row.id: Dropped("Left since.") for row in rows})
    assert tally.dropped == 1
    row = OutboundMessage.objects.get()
    assert (row.state, row.why) == (SendingState.DROPPED, "Left since.")


def test_an_address_that_does_not_exist_is_asked_once_and_stopped_and_the_others_go(sink: Sink) -> None:
    sink.answers["reader2@readers.example"] = "550 5.1.1 No such mailbox"
    waiting(3)
    tally = send_due(letters)
    assert (tally.sent, tally.failed) == (2, 2)
    assert OutboundMessage.objects.filter(thing__startswith=PROBE, state=SendingState.FAILED).count() == 1
    assert stopped(["reader2@readers.example"]) == {"reader2@readers.example"}


def test_a_mail_that_the_server_does_not_like_fails_and_its_address_keeps_its_mail(sink: Sink) -> None:
    sink.answers["."] = "554 5.6.0 Not today"
    waiting(1)
    assert send_due(letters).failed == 1
    assert OutboundMessage.objects.get().why == "554 5.6.0 Not today"
    sink.answers.clear()
    queue([Waiting(1, "post:2", now())])
    assert send_due(letters).sent == 1


def test_a_line_that_is_a_dot_ends_nothing(sink: Sink) -> None:
    waiting(1)
    dotted = "One\n.\n..two\n"
    send_due(lambda rows: {row.id: replace(letter(row), text=Part((dotted,))) for row in rows})
    assert sink.mails[0].part("plain").replace("\r\n", "\n").rstrip() == dotted.rstrip()


def test_an_address_that_keeps_the_probe_goes_on_being_mailed_and_is_not_asked_for_a_week(sink: Sink) -> None:
    waiting(1)
    send_due(letters)
    record(sent_id(1), "reader1@readers.example", BounceKind.HARD, now())
    send_due(letters)
    assert [mail.sender for mail in sink.mails] == [bounce_address(row.id) for row in rows()]
    assert len(sink.mails) == 2
    queue([Waiting(1, "post:2", now())])
    assert send_due(letters).sent == 1
    record(rows()[-1].id, "reader1@readers.example", BounceKind.HARD, now())
    assert OutboundMessage.objects.filter(thing__startswith=PROBE).count() == 1
    assert stopped(["reader1@readers.example"]) == set()


@pytest.mark.parametrize("kind", [BounceKind.HARD, BounceKind.SOFT])
def test_only_when_the_probe_comes_back_too_is_mail_stopped(kind: BounceKind, sink: Sink) -> None:
    waiting(1)
    send_due(letters)
    record(sent_id(1), "reader1@readers.example", BounceKind.HARD, now())
    send_due(letters)
    assert stopped(["reader1@readers.example"]) == set()
    record(rows()[-1].id, "reader1@readers.example", kind, now())
    assert stopped(["reader1@readers.example"]) == {"reader1@readers.example"}
    queue([Waiting(1, "post:2", now())])
    assert send_due(letters).dropped == 1


def test_a_report_about_somebody_elses_address_is_counted_for_the_one_we_mailed(sink: Sink) -> None:
    waiting(2)
    send_due(letters)
    record(sent_id(1), "reader2@readers.example", BounceKind.COMPLAINT, now())
    assert stopped(["reader1@readers.example", "reader2@readers.example"]) == {"reader1@readers.example"}


def test_a_busy_mailbox_is_tried_again_later(sink: Sink) -> None:
    sink.answers["reader1@readers.example"] = "451 4.2.1 Busy"
    waiting(1)
    assert send_due(letters).later == 1
    row = OutboundMessage.objects.get()
    assert row.state == SendingState.QUEUED
    assert row.due_at > now() + timedelta(seconds=30)
    sink.answers.clear()
    OutboundMessage.objects.update(due_at=now())
    assert send_due(letters).sent == 1


def test_after_421_the_others_go_over_another_connection(sink: Sink) -> None:
    sink.answers["reader2@readers.example"] = "421 4.7.0 Too many mails"
    waiting(3)
    tally = send_due(letters)
    assert (tally.sent, tally.later, sink.connections) == (2, 1, 2)


def test_a_server_that_is_away_leaves_everything_waiting() -> None:
    waiting(2)
    with (
        override_settings(
            EMAIL_BACKEND="django.core.mail.backends.smtp.EmailBackend", EMAIL_HOST="127.0.0.1", EMAIL_PORT=1
        ),
        pytest.raises(MailServerAway),
    ):
        send_due(letters)
    assert OutboundMessage.objects.filter(state=SendingState.QUEUED, claimed_until=None).count() == 2


def test_a_server_that_was_away_for_long_uses_up_no_tries() -> None:
    waiting(2)
    with override_settings(
        EMAIL_BACKEND="django.core.mail.backends.smtp.EmailBackend", EMAIL_HOST="127.0.0.1", EMAIL_PORT=1
    ):
        for _ in range(MOST_TRIES):
            with pytest.raises(MailServerAway):
                send_due(letters)
    with smtp_sink() as back:
        back.answers["reader1@readers.example"] = "450 4.2.0 Greylisted, come back in a minute"
        assert send_due(letters).later == 1
    row = OutboundMessage.objects.get(profile_id=1)
    assert (row.state, row.tries) == (SendingState.QUEUED, 1)
    assert row.due_at < now() + timedelta(minutes=2)


class Killed(BaseException):
    """As a worker ends that is killed: nothing after it runs."""


def test_a_worker_that_dies_repeats_at_most_the_one_mail_in_flight(sink: Sink) -> None:
    waiting(40)

    def dies_at_the_tenth(rows: Sequence[OutboundMessage]) -> Mapping[int, Mail | Dropped]:
        found: dict[int, Mail | Dropped] = dict(letters(rows))
        found[rows[10].id] = Explosive()  # type: ignore[assignment]
        return found

    with pytest.raises(Killed):
        send_due(dies_at_the_tenth)
    OutboundMessage.objects.filter(state=SendingState.QUEUED).update(claimed_until=now() - timedelta(seconds=1))
    send_due(letters)
    assert len(sink.mails) - len({mail.recipient for mail in sink.mails}) <= 1
    assert len({mail.recipient for mail in sink.mails}) == 40


class Explosive:
    @property
    def head(self) -> Head:
        raise Killed


def test_an_address_that_no_mail_can_carry_holds_up_nobody(sink: Sink) -> None:
    waiting(2)

    def impossible(rows: Sequence[OutboundMessage]) -> Mapping[int, Mail | Dropped]:
        found = dict(letters(rows))
        first = letter(rows[0])
        found[rows[0].id] = replace(first, address="no\nbody@x")
        return found

    tally = send_due(impossible)
    assert (tally.sent, tally.failed) == (1, 1)


def bounced_softly(days_ago: int) -> None:
    at = now() - timedelta(days=days_ago)
    row = OutboundMessage.objects.create(
        profile_id=1, thing=f"post:{days_ago}", state=SendingState.SENT, sent_at=at, address="reader@readers.example"
    )
    record(row.id, "", BounceKind.SOFT, at)


def test_five_days_of_soft_bounces_ask_the_address_and_old_ones_count_no_more() -> None:
    for days in (40, 39, 38, 37, 4, 3, 2, 1):
        bounced_softly(days)
    assert not Probe.objects.exists()
    bounced_softly(0)
    assert Probe.objects.get().address == "reader@readers.example"
    assert OutboundMessage.objects.filter(thing__startswith=PROBE, state=SendingState.QUEUED).count() == 1


def test_one_complaint_stops_mail_until_the_owner_resumes_it(sink: Sink) -> None:
    waiting(1)
    record(OutboundMessage.objects.get().id, "reader1@readers.example", BounceKind.COMPLAINT, now())
    assert send_due(letters).dropped == 1
    assert forget_bounces("reader1@readers.example")
    assert stopped(["reader1@readers.example"]) == set()


def test_the_same_bounce_reported_twice_is_one() -> None:
    waiting(1)
    row = OutboundMessage.objects.get()
    for _ in range(2):
        record(row.id, "reader1@readers.example", BounceKind.SOFT, now())
    assert Bounce.objects.count() == 1

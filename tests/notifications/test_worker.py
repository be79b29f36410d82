"""From the door to the inbox by the real queue: nothing of the way is called by hand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from allauth.account.models import EmailAddress
from django.db import ProgrammingError, connection
from django.test import override_settings
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob, ProcrastinateWorker

from moothall.core.clock import now
from moothall.discussions.models import Inbox, Post, TopicRead
from moothall.groups.invite_by_mail import invite_by_mail
from moothall.groups.models import MailChoice, Membership, MembershipState, Role
from moothall.groups.refusal import Refusal
from moothall.inbound.models import InboundMessage, MailState
from moothall.inbound.receive import receive
from moothall.mailer.addresses import bounce_address, owner_address, post_address
from moothall.mailer.bounces import stopped
from moothall.mailer.models import Bounce, OutboundMessage
from moothall.moderation.admitting import approve, refuse
from moothall.moderation.decide import Choice, decide
from moothall.moderation.earning import READERS_TO_EARN, open_earned
from moothall.moderation.flagging import flag
from moothall.moderation.models import Action
from moothall.notifications.models import Event, EventKind
from moothall.notifications.telling import tell
from moothall.notifications.windows import due_windows
from tests.inbound.mails import about, mail, status_report
from tests.queue import work_off
from tests.smtp_sink import Sink, smtp_sink
from tests.world import World, build_world, join, person

MIA = "mia.moss@moothall.example"


def test_a_digest_is_built_and_sent(world: World, sink: Sink) -> None:
    window = due_windows(now(), ZoneInfo("UTC"))[0]
    Membership.objects.update(mail_discussions=MailChoice.DAILY)
    Post.objects.filter(id=world.first.id).update(inbox=Inbox.OPEN, inbox_at=window.until - timedelta(hours=1))
    app.configure_task("build_digests").defer(timestamp=0)
    work_off()
    assert "your day: Sole plate" in sink.mails[0].message["Subject"]


@pytest.fixture
def world(transactional_db: None) -> World:
    found = build_world()
    Membership.objects.filter(profile=found.olga).update(mail_discussions=MailChoice.INSTANT)
    return found


def test_a_post_that_could_not_be_told_of_is_told_of_later(world: World, sink: Sink) -> None:
    """A table that is gone for a moment stands for every surprise."""
    Post.objects.filter(id=world.first.id).update(inbox=Inbox.OPEN)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE notifications_watch RENAME TO hidden")
        try:
            tell([event_of(world.first)])
            work_off()
        finally:
            cursor.execute("ALTER TABLE hidden RENAME TO notifications_watch")
        assert sink.mails == []
        cursor.execute("UPDATE procrastinate_jobs SET scheduled_at = NULL WHERE status = 'todo'")
    work_off()
    assert [mail.recipient for mail in sink.mails] == ["olga.oakes@moothall.example"]


def event_of(post: Post) -> Event:
    return Event(
        kind=EventKind.POSTED, group=post.group, topic=post.topic, post=post, actor=post.author, happened_at=now()
    )


def test_what_goes_to_the_managers_waits_while_the_mail_server_is_away(world: World) -> None:
    receive(mail("May I join?", From="sal@elsewhere.example"), "sal@elsewhere.example", [owner_address("old-houses")])
    with override_settings(
        EMAIL_BACKEND="django.core.mail.backends.smtp.EmailBackend", EMAIL_HOST="127.0.0.1", EMAIL_PORT=1
    ):
        work_off()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET scheduled_at = NULL WHERE status = 'todo'")
    with smtp_sink() as back:
        work_off()
    assert {mail.recipient for mail in back.mails} == {"olga.oakes@moothall.example", "mo.marsh@moothall.example"}


def test_what_waits_by_a_clock_that_was_ahead_is_done(world: World) -> None:
    later = now() + timedelta(days=400)
    job_id = app.configure_task("send_mail", schedule_at=later).defer()
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (%s)", [later])
    app.configure_task("retry_stalled_jobs").defer(timestamp=0)

    work_off()

    assert ProcrastinateJob.objects.get(id=job_id).status == "succeeded"
    assert not ProcrastinateWorker.objects.filter(last_heartbeat__gt=now()).exists()


def test_an_answer_to_an_address_that_is_refused_is_not_tried_again(world: World, sink: Sink) -> None:
    sink.answers["sal@elsewhere.example"] = "550 5.1.1 No such mailbox"
    receive(mail("Hello", From="sal@elsewhere.example"), "sal@elsewhere.example", [post_address("old-houses")])
    work_off()
    assert sink.mails == []
    assert ProcrastinateJob.objects.filter(task_name="send_answer").latest("id").status == "succeeded"


def test_an_invitation_leaves_at_once(world: World, sink: Sink) -> None:
    invite_by_mail(world.group.id, by_id=world.mo.id, address="lou.lark@elsewhere.example")
    work_off()
    assert [mail.recipient for mail in sink.mails] == ["lou.lark@elsewhere.example"]


@pytest.mark.parametrize("answer", [approve, refuse])
def test_an_answer_to_who_asks_to_join_leaves_at_once(
    world: World, sink: Sink, answer: Callable[..., Refusal | None]
) -> None:
    waiting = join(world.group, world.sam)
    Membership.objects.filter(id=waiting.id).update(state=MembershipState.PENDING)
    answer(world.group.id, waiting.id, by_id=world.mo.id)
    work_off()
    assert [mail.recipient for mail in sink.mails] == ["sam.stone@moothall.example"]


@pytest.mark.parametrize("answer", [approve, refuse])
def test_an_answer_that_could_not_be_put_on_its_way_was_not_given(
    world: World, answer: Callable[..., Refusal | None]
) -> None:
    """A table that is gone for a moment stands for an end at this very place."""
    waiting = join(world.group, world.sam)
    Membership.objects.filter(id=waiting.id).update(state=MembershipState.PENDING)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE mailer_outboundmessage RENAME TO hidden")
        try:
            with pytest.raises(ProgrammingError):
                answer(world.group.id, waiting.id, by_id=world.mo.id)
        finally:
            cursor.execute("ALTER TABLE hidden RENAME TO mailer_outboundmessage")
    waiting.refresh_from_db()
    assert waiting.state == MembershipState.PENDING


def test_an_address_is_asked_at_once_after_its_mail_came_back_and_no_more_is_sent_when_that_does_too(
    world: World, sink: Sink
) -> None:
    sent = OutboundMessage.objects.create(profile_id=world.mia.id, thing=f"post:{world.first.id}", address=MIA)
    for _ in range(2):
        came_back = OutboundMessage.objects.latest("id").id
        receive(status_report(about(MIA), Message_ID=f"<{came_back}@mx.example>"), "", [bounce_address(came_back)])
        work_off()
    assert [(mail.recipient, "Does mail from" in mail.message["Subject"]) for mail in sink.mails] == [(MIA, True)]
    assert stopped([MIA]) == {MIA}
    assert Bounce.objects.filter(outbound=sent).exists()


def test_a_held_post_that_a_manager_accepts_reaches_the_inbox(world: World, sink: Sink) -> None:
    decide(world.held.id, Choice(Action.ACCEPT), world.mo.id)
    work_off()
    assert len(sink.mails) == 1
    assert "Best price damp proofing" in sink.mails[0].message["Subject"]


def test_a_doubtful_post_is_mailed_once_enough_members_have_read_it(world: World, sink: Sink) -> None:
    Post.objects.filter(id=world.first.id).update(inbox=Inbox.EARNING)
    readers = [person(f"Reader {number}") for number in range(READERS_TO_EARN)]
    for profile in readers[1:]:
        join(world.group, profile)
        TopicRead.objects.create(profile=profile, topic=world.topic, read_at=now())
    # The author's own reading and a stranger's count for nothing.
    for profile in (world.mia, readers[0]):
        TopicRead.objects.create(profile=profile, topic=world.topic, read_at=now())
    assert open_earned() == 0
    join(world.group, readers[0])
    assert open_earned() == 1
    work_off()
    assert len(sink.mails) == 1


def test_members_without_standing_do_not_read_each_other_into_the_mail(world: World) -> None:
    Post.objects.filter(id=world.first.id).update(inbox=Inbox.EARNING)
    newcomers = [join(world.group, person(f"Reader {number}"), standing=False) for number in range(READERS_TO_EARN)]
    TopicRead.objects.bulk_create(
        TopicRead(profile_id=each.profile_id, topic=world.topic, read_at=now()) for each in newcomers
    )
    assert open_earned() == 0
    Membership.objects.filter(id=newcomers[0].id).update(role=Role.MODERATOR)
    Membership.objects.filter(id__in=[each.id for each in newcomers[1:]]).update(has_standing=True)
    assert open_earned() == 1


def test_what_members_flagged_earns_nothing_however_many_read_it(world: World, sink: Sink) -> None:
    Post.objects.filter(id=world.first.id).update(inbox=Inbox.EARNING)
    for number in range(READERS_TO_EARN):
        reader = person(f"Reader {number}")
        join(world.group, reader)
        TopicRead.objects.create(profile=reader, topic=world.topic, read_at=now())
    flag(world.first.id, world.mo.id, None)
    assert open_earned() == 0
    work_off()
    assert sink.mails == []


def test_mail_that_finds_no_server_is_tried_again_by_the_queue(world: World) -> None:
    Post.objects.filter(id=world.first.id).update(inbox=Inbox.OPEN)
    tell([event_of(world.first)])
    smtp = "django.core.mail.backends.smtp.EmailBackend"
    with override_settings(EMAIL_BACKEND=smtp, EMAIL_HOST="127.0.0.1", EMAIL_PORT=1):
        work_off()
    assert ProcrastinateJob.objects.filter(task_name="send_mail", status="todo", attempts=1).exists()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET scheduled_at = NULL WHERE status = 'todo'")
    with smtp_sink() as later:
        work_off()
    assert [mail.recipient for mail in later.mails] == ["olga.oakes@moothall.example"]


def test_a_mail_that_could_not_be_read_is_read_later(world: World) -> None:
    """A table that is gone for a moment stands for every surprise."""
    assert world.olga.user is not None
    EmailAddress.objects.create(user=world.olga.user, email=world.olga.user.email, verified=True, primary=True)
    raw = mail("Which lime did you use, and how long did it take to cure?", From=world.olga.user.email)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE judging_screening RENAME TO hidden")
        try:
            receive(raw, world.olga.user.email, [post_address("old-houses")])
            work_off()
        finally:
            cursor.execute("ALTER TABLE hidden RENAME TO judging_screening")
        row = InboundMessage.objects.get()
        assert (row.state, "judging_screening" in row.error) == (MailState.WAITING, True)
        cursor.execute("UPDATE procrastinate_jobs SET scheduled_at = NULL WHERE status = 'todo'")
    work_off()
    row.refresh_from_db()
    assert (row.state, row.error) == (MailState.POSTED, "")

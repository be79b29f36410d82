"""A post reaches those who asked for it at once, through a real SMTP server; and nobody else."""

from __future__ import annotations

import logging
import re
from datetime import timedelta

import pytest
from django.conf import settings

from moothall.accounts.deletion import ask_for_deletion, take_back_deletion
from moothall.accounts.models import PostsAfterwards
from moothall.core.clock import now
from moothall.core.markdown import render
from moothall.discussions.models import Attachment, Inbox, Kind, Lane, Post, Status
from moothall.groups.models import MailChoice, Membership, MembershipState
from moothall.mailer.addresses import RecipientKind, read_recipient
from moothall.mailer.models import OutboundMessage, SendingState
from moothall.mailer.sending import Tally, send_due
from moothall.members.models import Profile
from moothall.moderation.decide import Choice, decide
from moothall.moderation.models import Action
from moothall.notifications.fanning import fan_out_event
from moothall.notifications.models import Attitude, Event, EventKind, Notification
from moothall.notifications.preparing import prepare
from moothall.notifications.watching import watch_person, watch_topic
from moothall.posting.delete import delete
from tests.smtp_sink import Sink
from tests.world import World, new_reply, new_topic

pytestmark = pytest.mark.django_db


def wants(world: World, profile: Profile, choice: MailChoice, lane: str = "discussions") -> None:
    Membership.objects.filter(group=world.group, profile=profile).update(**{f"mail_{lane}": choice})


def happened(post: Post, kind: EventKind = EventKind.POSTED) -> Event:
    return Event.objects.create(
        kind=kind, group=post.group, topic=post.topic, post=post, actor=post.author, happened_at=post.created_at
    )


def told(post: Post) -> None:
    fan_out_event(happened(post, EventKind.POSTED if post.is_first else EventKind.REPLIED).id)


def sent() -> Tally:
    return send_due(prepare)


def address(profile: Profile) -> str:
    assert profile.user is not None
    return profile.user.email


def test_a_post_goes_at_once_to_whoever_wants_it_so_and_to_nobody_else(world: World, sink: Sink) -> None:
    wants(world, world.olga, MailChoice.INSTANT)
    told(world.first)
    assert sent().sent == 1
    assert [mail.recipient for mail in sink.mails] == [address(world.olga)]


def test_the_author_is_not_mailed_their_own_post(world: World, sink: Sink) -> None:
    wants(world, world.mia, MailChoice.INSTANT)
    told(world.first)
    sent()
    assert sink.mails == []


def test_telling_and_sending_twice_mails_once(world: World, sink: Sink) -> None:
    wants(world, world.olga, MailChoice.INSTANT)
    for _ in range(2):
        told(world.first)
        sent()
    assert len(sink.mails) == 1


def test_a_mail_says_who_wrote_and_how_to_answer_and_shows_nobodys_address(world: World, sink: Sink) -> None:
    wants(world, world.olga, MailChoice.INSTANT)
    told(world.first)
    sent()
    mail = sink.mails[0]
    assert mail.message["From"] == f"Mia Moss via Old houses <old-houses@{settings.MAIL_DOMAIN}>"
    answer = read_recipient(str(mail.message["Reply-To"]))
    assert answer is not None
    assert (answer.kind, answer.profile_id, answer.post_id) == (RecipientKind.REPLY, world.olga.id, world.first.id)
    bounce = read_recipient(mail.sender)
    assert bounce is not None
    assert bounce.outbound_id == OutboundMessage.objects.get().id
    shown = set(re.findall(r"[\w.+-]+@moothall\.example", mail.raw.decode()))
    assert shown == {address(world.olga)}


def test_a_mail_carries_the_headers_of_a_list(world: World, sink: Sink) -> None:
    wants(world, world.olga, MailChoice.INSTANT)
    told(world.first)
    sent()
    head = sink.mails[0].message
    domain = settings.MAIL_DOMAIN
    assert head["List-Id"] == f'"Old houses" <old-houses.{domain}>'
    assert head["List-Post"] == f"<mailto:old-houses@{domain}>"
    assert head["List-Owner"] == f"<mailto:old-houses-owner@{domain}>"
    assert head["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert f"<{settings.BASE_URL}/mail/stop/" in head["List-Unsubscribe"]
    assert "<mailto:old-houses+unsubscribe-" in head["List-Unsubscribe"]
    assert head["List-Help"] == f"<{settings.BASE_URL}/groups/old-houses/about/>"
    assert head["Auto-Submitted"] == "auto-generated"
    assert head["Precedence"] == "list"
    assert f"/topics/{world.topic.id}/?post={world.first.id}" in head["Archived-At"]
    assert head["List-Archive"] == f"<{settings.BASE_URL}/groups/old-houses/>"
    assert max(len(line) for line in sink.mails[0].raw.split(b"\r\n")) <= 998


def test_both_parts_say_the_same(world: World, sink: Sink) -> None:
    wants(world, world.olga, MailChoice.INSTANT)
    told(world.first)
    sent()
    mail = sink.mails[0]
    for part in (mail.part("plain"), mail.part("html")):
        assert "spliced" in part
        assert "Mia Moss" in part
        assert f"/topics/{world.topic.id}/" in part
        assert "/mail/stop/" in part
    assert all(len(line) <= 78 for line in mail.part("plain").splitlines() if "http" not in line)


def test_the_plain_part_keeps_what_is_numbered_indented_and_quoted(world: World, sink: Sink) -> None:
    written = (
        "> How deep?\n\nSo:\n\n1. First\n2. Then a line that is much longer than a mail program's lines may be, "
        "which goes on below\n\n```\nsaw \\\n    --depth 40\n```\n"
    )
    Post.objects.filter(id=world.first.id).update(html=render(written))
    wants(world, world.olga, MailChoice.INSTANT)
    told(world.first)
    sent()
    assert (
        "writes in Old houses (question):\n\n> How deep?\n\nSo:\n\n1. First\n"
        "2. Then a line that is much longer than a mail program's lines may be,\n   which goes on below\n\n"
        "saw \\\n    --depth 40\n\nRead it on the site"
    ) in sink.mails[0].part("plain").replace("\r\n", "\n")


def test_answers_are_threaded_by_stored_message_ids(world: World, sink: Sink) -> None:
    wants(world, world.olga, MailChoice.INSTANT)
    Post.objects.filter(id=world.first.id).update(message_id="asked@her-own.example")
    answer = new_reply(world.topic, world.mo)
    Post.objects.filter(id=answer.id).update(inbox=Inbox.OPEN, reply_to=world.reply)
    told(Post.objects.get(id=answer.id))
    sent()
    head = sink.mails[0].message
    reply_id = f"post-{world.reply.id}@{settings.MAIL_DOMAIN}"
    assert head["Message-ID"] == f"<{Post.objects.get(id=answer.id).message_id}>"
    assert head["References"] == f"<asked@her-own.example> <{reply_id}>"
    assert head["In-Reply-To"] == f"<{reply_id}>"
    assert head["Subject"].startswith("[Old houses] Re: ")


def test_a_post_is_mailed_though_an_older_mail_of_the_group_has_the_id_that_would_be_its_own(
    world: World, sink: Sink
) -> None:
    """An archive of this site, or a member who mails ids that they guess."""
    taken = f"post-{world.first.id}@{settings.MAIL_DOMAIN}"
    Post.objects.filter(id=world.held.id).update(message_id=taken)
    wants(world, world.olga, MailChoice.INSTANT)
    told(world.first)
    sent()
    got = sink.mails[0].message["Message-ID"]
    assert got != f"<{taken}>"
    assert got == f"<{Post.objects.get(id=world.first.id).message_id}>"


@pytest.mark.parametrize("status", [Status.HELD, Status.RETURNED, Status.REJECTED, Status.DELETED])
def test_a_post_that_left_the_site_a_second_earlier_is_not_mailed(world: World, sink: Sink, status: Status) -> None:
    wants(world, world.olga, MailChoice.INSTANT)
    told(world.first)
    gone_at = now() if status == Status.DELETED else None
    Post.objects.filter(id=world.first.id).update(status=status, deleted_at=gone_at)
    tally = sent()
    assert (tally.sent, tally.spared) == (0, 1)
    assert sink.mails == []
    assert OutboundMessage.objects.get().state == SendingState.DROPPED


def test_a_post_that_its_author_deletes_before_it_is_sent_spares_the_inbox_and_the_log_says_so(
    world: World, sink: Sink, caplog: pytest.LogCaptureFixture
) -> None:
    wants(world, world.olga, MailChoice.INSTANT)
    told(world.first)
    delete(world.first.id, world.mia.id)
    with caplog.at_level(logging.INFO, "moothall.mailer.sending"):
        assert sent().spared == 1
    assert "The inbox's gate spared 1 inboxes." in caplog.text


def test_a_doubtful_post_is_not_mailed_until_a_manager_accepts_it(world: World, sink: Sink) -> None:
    wants(world, world.olga, MailChoice.INSTANT)
    Post.objects.filter(id=world.first.id).update(inbox=Inbox.EARNING, is_doubtful=True)
    told(Post.objects.get(id=world.first.id))
    assert sent().sent == 0
    decide(world.first.id, Choice(Action.ACCEPT), world.mo.id)
    fan_out_event(Event.objects.filter(kind=EventKind.DECIDED).latest("id").id)
    sent()
    assert "Re: " not in sink.mails[0].message["Subject"]


def test_a_post_moved_to_promotions_reaches_only_those_who_asked_for_promotions(world: World, sink: Sink) -> None:
    wants(world, world.olga, MailChoice.INSTANT)
    wants(world, world.nils, MailChoice.INSTANT, "promotions")
    told(world.first)
    decide(world.first.id, Choice(Action.REROUTE, Lane.PROMOTIONS), world.mo.id)
    fan_out_event(Event.objects.filter(kind=EventKind.DECIDED).latest("id").id)
    sent()
    assert [mail.recipient for mail in sink.mails] == [address(world.nils)]
    assert "(promotion in Promotions)" in sink.mails[0].part("plain")


def test_a_post_moved_out_of_promotions_is_mailed_then_to_those_who_want_discussions(world: World, sink: Sink) -> None:
    wants(world, world.olga, MailChoice.INSTANT)
    offered = new_topic(world.group, world.mia, "Old bricks, free", kind=Kind.PROMOTION, lane=Lane.PROMOTIONS)
    Post.objects.filter(id=offered.id).update(inbox=Inbox.OPEN)
    told(Post.objects.get(id=offered.id))
    assert sent().sent == 0
    decide(offered.id, Choice(Action.REROUTE, Lane.DISCUSSIONS), world.mo.id)
    fan_out_event(Event.objects.filter(kind=EventKind.DECIDED).latest("id").id)
    sent()
    assert [mail.recipient for mail in sink.mails] == [address(world.olga)]


def test_a_reply_is_not_mailed_to_discussions_once_its_conversation_was_moved_to_promotions(
    world: World, sink: Sink
) -> None:
    wants(world, world.olga, MailChoice.INSTANT)
    told(world.reply)
    decide(world.first.id, Choice(Action.REROUTE, Lane.PROMOTIONS), world.mo.id)
    assert (sent().sent, OutboundMessage.objects.get().why) == (0, "No longer wanted at once.")


def test_replies_that_the_beginning_kept_back_are_mailed_with_it(world: World, sink: Sink) -> None:
    wants(world, world.olga, MailChoice.INSTANT)
    Post.objects.filter(id=world.first.id).update(inbox=Inbox.EARNING, is_doubtful=True)
    told(world.reply)
    assert sent().sent == 0
    decide(world.first.id, Choice(Action.ACCEPT), world.mo.id)
    fan_out_event(Event.objects.filter(kind=EventKind.DECIDED).latest("id").id)
    sent()
    assert [mail.message["Subject"].startswith("[Old houses] Re: ") for mail in sink.mails] == [False, True]


@pytest.mark.parametrize("state", [MembershipState.LEFT, MembershipState.BANNED])
def test_whoever_left_since_is_not_mailed(world: World, sink: Sink, state: MembershipState) -> None:
    wants(world, world.nils, MailChoice.INSTANT)
    told(world.first)
    Membership.objects.filter(profile=world.nils).update(state=state)
    sent()
    assert sink.mails == []


def test_whoever_muted_or_paused_or_changed_their_mind_since_is_not_mailed(world: World, sink: Sink) -> None:
    for profile in (world.olga, world.mo, world.nils):
        wants(world, profile, MailChoice.INSTANT)
    told(world.first)
    watch_topic(world.olga.id, world.topic.id, Attitude.MUTE)
    assert world.mo.user is not None
    world.mo.user.mail_paused_until = (now() + timedelta(days=3)).date()
    world.mo.user.save(update_fields=["mail_paused_until"])
    wants(world, world.nils, MailChoice.WEEKLY)
    tally = sent()
    assert (tally.sent, tally.dropped, tally.spared) == (0, 3, 0)


def test_whoever_wants_their_account_deleted_is_not_mailed_until_they_come_back(world: World, sink: Sink) -> None:
    wants(world, world.olga, MailChoice.INSTANT)
    assert world.olga.user is not None
    ask_for_deletion(world.olga.user, PostsAfterwards.KEEP)
    told(world.first)
    assert (sent().sent, sink.mails) == (0, [])
    take_back_deletion(world.olga.user)
    told(world.reply)
    assert sent().sent == 1


def test_whoever_follows_gets_it_at_once_unless_they_want_no_mail(world: World, sink: Sink) -> None:
    watch_topic(world.olga.id, world.topic.id, Attitude.FOLLOW)
    watch_person(world.nils.id, world.mia.id, Attitude.FOLLOW)
    wants(world, world.nils, MailChoice.NONE)
    told(world.first)
    sent()
    assert [mail.recipient for mail in sink.mails] == [address(world.olga)]


def test_quiet_hours_put_the_mail_off(world: World, sink: Sink) -> None:
    wants(world, world.olga, MailChoice.INSTANT)
    assert world.olga.user is not None
    hour = now().hour
    world.olga.user.time_zone = "UTC"
    world.olga.user.mail_quiet_from, world.olga.user.mail_quiet_until = hour, (hour + 2) % 24
    world.olga.user.save()
    told(world.first)
    assert sent().sent == 0
    waiting = OutboundMessage.objects.get()
    assert waiting.due_at.hour == (hour + 2) % 24
    assert waiting.due_at > now()


def test_an_old_post_that_is_cleared_today_is_news_to_nobody(world: World, sink: Sink) -> None:
    wants(world, world.olga, MailChoice.INSTANT)
    Post.objects.filter(id=world.first.id).update(created_at=now() - timedelta(days=60))
    told(Post.objects.get(id=world.first.id))
    assert OutboundMessage.objects.count() == 0


def test_a_hostile_title_and_name_break_no_header(world: World, sink: Sink) -> None:
    wants(world, world.olga, MailChoice.INSTANT)
    Profile.objects.filter(id=world.nils.id).update(name='Nils "the\u202enook" <x@y.example>')
    post = new_topic(
        world.group,
        Profile.objects.get(id=world.nils.id),
        "Dämp, \u2028Bcc: all@moothall.example 🏠",
        kind=Kind.QUESTION,
    )
    Post.objects.filter(id=post.id).update(inbox=Inbox.OPEN, html="<p>" + "é" * 3000 + "</p>")
    told(Post.objects.get(id=post.id))
    sent()
    mail = sink.mails[0]
    assert mail.message["Bcc"] is None
    assert "Dämp, Bcc: all@moothall.example 🏠" in mail.message["Subject"]
    assert mail.message["From"].addresses[0].addr_spec == f"old-houses@{settings.MAIL_DOMAIN}"
    assert max(len(line) for line in mail.raw.split(b"\r\n")) <= 998


def test_preparing_takes_the_same_queries_for_many(world: World, django_assert_max_num_queries: object) -> None:
    for profile in (world.olga, world.mo, world.nils):
        wants(world, profile, MailChoice.INSTANT)
    told(world.first)
    told(world.reply)
    rows = list(OutboundMessage.objects.all())
    assert len(rows) >= 4
    with django_assert_max_num_queries(6):  # type: ignore[operator]
        prepare(rows)


def test_files_come_as_links_in_both_parts(world: World, sink: Sink) -> None:
    row = Attachment.objects.create(
        post=world.first, name="plate & sill.jpg", content_type="image/jpeg", size_bytes=84_000, is_kept=True
    )
    Attachment.objects.create(post=world.first, name="old.pdf", content_type="application/pdf", size_bytes=9)
    wants(world, world.olga, MailChoice.INSTANT)
    told(world.first)
    sent()
    mail = sink.mails[0]
    for kind in ("plain", "html"):
        assert f"/posts/{world.first.id}/attachments/{row.id}/" in mail.part(kind)
        assert "old.pdf" not in mail.part(kind)
    assert "Attached: plate & sill.jpg" in mail.part("plain")


@pytest.mark.parametrize(
    ("chosen", "follows", "why"),
    [
        (MailChoice.INSTANT, "topic", "since you chose so for this group"),
        (MailChoice.WEEKLY, "topic", "since you follow this conversation"),
        (MailChoice.WEEKLY, "person", "since you follow Mia Moss"),
    ],
)
def test_each_mail_says_why_it_came_and_how_to_stop_it(
    world: World, sink: Sink, chosen: MailChoice, follows: str, why: str
) -> None:
    wants(world, world.olga, chosen)
    if follows == "topic":
        watch_topic(world.olga.id, world.topic.id, Attitude.FOLLOW)
    else:
        watch_person(world.olga.id, world.mia.id, Attitude.FOLLOW)
    told(world.first)
    sent()
    for kind in ("plain", "html"):
        said = " ".join(sink.mails[0].part(kind).split())
        assert why in said
        assert "Stop this mail" in said


def test_whoever_is_answered_and_named_and_follows_gets_one_mail(world: World, sink: Sink) -> None:
    wants(world, world.mia, MailChoice.INSTANT)
    watch_topic(world.mia.id, world.topic.id, Attitude.FOLLOW)
    watch_person(world.mia.id, world.mo.id, Attitude.FOLLOW)
    named = new_reply(world.topic, world.mo, "@mia-moss, put the plinth right first.")
    Post.objects.filter(id=named.id).update(inbox=Inbox.OPEN)
    told(named)
    fan_out_event(happened(named, EventKind.EARNED).id)
    sent()
    assert len(sink.to(address(world.mia))) == 1
    assert Notification.objects.filter(profile=world.mia, event__post=named).count() == 1

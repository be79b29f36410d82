"""What becomes of a mail that was taken in, against real PostgreSQL and the real screener."""

from __future__ import annotations

from datetime import timedelta
from email.message import EmailMessage as RawMail

import pytest
from allauth.account.models import EmailAddress
from django.test import Client, override_settings
from django.urls import reverse
from procrastinate.contrib.django.models import ProcrastinateJob

from moothall.accounts.models import User
from moothall.core.clock import now
from moothall.discussions.models import Attachment, AttachmentContent, Lane, Post, Source, Status, Topic
from moothall.groups.models import Membership, MembershipState
from moothall.inbound.models import InboundMessage, MailState
from moothall.inbound.process import process
from moothall.inbound.receive import is_known, receive
from moothall.inbound.result import NOT_LOST
from moothall.inbound.tasks import forget_refused_mail, take_up_unread_mail
from moothall.mailer.addresses import (
    bounce_address,
    confirm_address,
    mail_domain,
    owner_address,
    post_address,
    reply_address,
    unsubscribe_address,
)
from moothall.mailer.bounces import stopped
from moothall.mailer.models import Bounce, OutboundMessage
from moothall.mailer.queueing import forget
from moothall.moderation.reach import INBOXES
from moothall.posting.check import TOPICS_A_DAY
from tests.inbound.mails import about, feedback, mail, multipart, status_report
from tests.inbound.taking import FORGED, MIA, PITCH, PROVED, TALK, answers, posted, take
from tests.world import World, join, new_group, new_topic

pytestmark = pytest.mark.django_db


def test_mail_to_the_group_starts_a_conversation(world: World) -> None:
    row = take(mail(f"{TALK}\n-- \nMia Moss", Subject="[old-houses] Re: Splice or replace?"))

    assert row.state == MailState.POSTED
    post = posted(row)
    assert (post.author, post.source, post.status, post.message_id) == (
        world.mia, Source.MAIL, Status.PUBLISHED, "1@mia.example",
    )  # fmt: skip
    assert (post.topic.title, post.text, post.is_first) == ("Splice or replace?", TALK, True)
    assert answers() == []


def test_mail_that_is_html_alone_is_posted_as_text_without_what_it_quotes(world: World) -> None:
    quoted = '<div>On 05/01/2026 10:02, Mo wrote:</div><blockquote type="cite">Splice it.</blockquote>'
    row = take(mail(f"<html><body><p>{TALK}</p>{quoted}</body></html>", Content_Type="text/html; charset=utf-8"))

    assert posted(row).text == TALK


def test_mail_to_a_lane_is_posted_there(world: World) -> None:
    row = take(mail("Two days of lime plastering wanted in Ely."), post_address("old-houses", "jobs"))

    assert posted(row).lane == Lane.JOBS


def test_answer_to_the_address_of_a_post_is_a_reply_to_it(world: World) -> None:
    to = reply_address("old-houses", world.mia.id, world.reply.id, now())
    row = take(mail(f"{TALK}\n\nOn Monday Mo wrote:\n> Splice it.\n"), to)

    post = posted(row)
    assert (post.topic, post.reply_to, post.text, post.is_first) == (world.topic, world.reply, TALK, False)


def test_answer_to_the_group_joins_the_conversation_that_it_names(world: World) -> None:
    first = take(mail(TALK))
    second = take(
        mail("Splice it.", From="mo.marsh@moothall.example", Message_ID="<2@mo.example>", References="<1@mia.example>")
    )

    answered, answer = posted(first), posted(second)
    assert (answer.topic, answer.reply_to, answer.author) == (answered.topic, answered, world.mo)


def test_same_mail_twice_is_posted_once(world: World) -> None:
    row = take(mail(TALK))
    receive(mail(TALK), MIA, [post_address("old-houses")])
    InboundMessage.objects.update(state=MailState.WAITING)  # as after a crash between the post and the note of it
    process(row.id)

    row.refresh_from_db()
    assert InboundMessage.objects.count() == 1
    assert list(Post.objects.filter(text=TALK)) == [posted(row)]
    assert row.state == MailState.POSTED


def test_mail_without_an_id_is_taken_once_too(world: World) -> None:
    take(mail(TALK, Message_ID=""))
    receive(mail(TALK, Message_ID=""), MIA, [post_address("old-houses")])

    assert InboundMessage.objects.count() == 1


@pytest.mark.parametrize(
    ("state", "why"),
    [
        (MembershipState.LEFT, "You are not a member of the group"),
        (MembershipState.BANNED, "The managers of the group that you wrote to have closed it to you"),
        (MembershipState.PENDING, "still waits for its managers"),
    ],
)
def test_whoever_is_no_member_is_told_how_that_stands(world: World, state: MembershipState, why: str) -> None:
    Membership.objects.filter(profile=world.mia).update(state=state)
    row = take(mail(TALK))

    assert row.state == MailState.REFUSED
    told = answers()[0]["text"]
    assert why in told
    assert ("Join it first" in told) == (state == MembershipState.LEFT)


def test_address_must_be_proved_and_its_account_be_in_use(world: World) -> None:
    EmailAddress.objects.filter(email=MIA).update(verified=False)
    assert take(mail(TALK)).state == MailState.REFUSED
    EmailAddress.objects.filter(email=MIA).update(verified=True)
    User.objects.filter(email=MIA).update(is_active=False)
    assert take(mail(TALK, Message_ID="<2@mia.example>")).state == MailState.REFUSED


def test_second_address_of_a_member_counts_as_theirs(world: World) -> None:
    EmailAddress.objects.create(user=world.mia.user, email="mia@work.example", verified=True)

    assert posted(take(mail(TALK, From="Mia@Work.example"))).author == world.mia


def test_address_made_for_another_member_is_no_use(world: World) -> None:
    to = reply_address("old-houses", world.mo.id, world.reply.id, now())
    row = take(mail(TALK), to)

    assert row.state == MailState.REFUSED
    assert "made for somebody else" in answers()[0]["text"]


def test_expired_address_is_answered(world: World) -> None:
    to = reply_address("old-houses", world.mia.id, world.reply.id, now() - timedelta(days=100))

    assert take(mail(TALK), to).state == MailState.REFUSED
    assert "90 days" in answers()[0]["text"]


@pytest.mark.parametrize(
    "fields", [{"Auto_Submitted": "auto-replied"}, {"List_Id": f"<old-houses.{mail_domain()}>"}, {"Precedence": "bulk"}]
)
def test_what_machines_write_is_neither_posted_nor_answered(world: World, fields: dict[str, str]) -> None:
    row = take(mail(TALK, **fields))

    assert row.state == MailState.IGNORED
    assert answers() == []


def test_what_is_in_an_attachment_is_kept_byte_for_byte_also_where_another_is_left_out(world: World) -> None:
    every_byte = bytes(range(256)) * 40
    found = RawMail()
    found["From"], found["To"], found["Message-ID"] = "mia.moss@moothall.example", "old-houses@127.0.0.1", "<9@mia>"
    found["Subject"] = "The plate"
    found.set_content(TALK)
    found.add_attachment(b"MZ", maintype="application", subtype="x-msdownload", filename="plate.pdf.exe")
    found.add_attachment(b"<svg/>", maintype="image", subtype="svg+xml", filename="plan")
    found.add_attachment(every_byte, maintype="application", subtype="pdf", filename="Pläne/../\u202eplate.pdf")
    row = take(found.as_bytes())

    content = AttachmentContent.objects.select_related("attachment").get()
    assert bytes(content.data) == every_byte
    assert content.attachment.post_id == row.post_id
    assert content.attachment.size_bytes == len(every_byte)
    assert "\u202e" not in content.attachment.name


def test_attachment_whose_name_carries_a_pitch_is_shown_without_it(world: World) -> None:
    parts = [(f'application/pdf; name="{name}.pdf"', "x") for name in ("Roofs 01473 555 0123", "Plan of the roof")]
    row = take(multipart("mixed", ("text/plain", TALK), *parts))

    names = Attachment.objects.filter(post=row.post_id).order_by("id").values_list("name", flat=True)
    assert list(names) == ["attachment.pdf", "Plan of the roof.pdf"]


def test_whoever_offers_by_mail_beyond_their_budget_is_told_that_it_was_not_mailed(world: World) -> None:
    Membership.objects.update(mail_promotions="weekly")
    Post.objects.filter(author=world.mia).update(reach=INBOXES)
    program = ('application/octet-stream; name="a.exe"', "x")
    raw = multipart("mixed", ("text/plain", "Ten tubs of lime putty."), program, **PROVED)
    row = take(raw, post_address("old-houses", "promotions"))

    assert (row.state, posted(row).is_beyond_reach) == (MailState.POSTED, True)
    assert [("and not mailed" in a["text"], "a.exe" in a["text"]) for a in answers()] == [(True, True)]


def test_whose_mail_waits_for_a_manager_is_told_so_and_not_that_it_was_posted(world: World) -> None:
    program = ('application/octet-stream; name="a.exe"', "x")
    row = take(multipart("mixed", ("text/plain", PITCH), program, Subject="CHEAP DAMP PROOFING"))

    post = posted(row)
    assert post.status == Status.HELD
    told = answers()[0]["text"]
    assert "Your mail waits for a manager of Old houses" in told
    assert f"/groups/old-houses/topics/{post.topic_id}/?post={post.id}#p{post.id}" in told
    assert "These attachments were left out" in told
    assert "was posted" not in told


def test_whoever_answers_a_digest_is_told_where_to_answer(world: World) -> None:
    row = take(
        mail(f"{TALK}\n\nOn Friday Old houses wrote:\n> Most talked about", In_Reply_To=f"<digest-7@{mail_domain()}>")
    )

    assert (row.state, row.post) == (MailState.REFUSED, None)
    assert "does not say which of its conversations" in answers()[0]["text"]


def test_refusal_speaks_of_no_form_to_whoever_wrote_a_mail(world: World) -> None:
    for_the_reply = reply_address("old-houses", world.mia.id, world.reply.id, now())
    Topic.objects.filter(id=world.topic.id).update(status=Status.DELETED)
    gone = take(mail(TALK), for_the_reply).reason
    Membership.objects.filter(profile=world.mia).update(has_standing=False)
    for _ in range(TOPICS_A_DAY[False]):
        new_topic(world.group, world.mia)
    too_many = take(mail(TALK, Message_ID="<2@mia.example>")).reason
    assert ("no longer here" in gone, "kept below" in gone) == (True, False)
    assert ("tomorrow" in too_many, "draft" in too_many) == (True, False)


def test_refusal_of_the_door_is_told(world: World) -> None:
    row = take(mail("word " * 14_000))

    assert row.state == MailState.REFUSED
    assert "longer than 64 kB" in answers()[0]["text"]


def test_only_addresses_of_open_groups_are_known(world: World) -> None:
    closed = new_group("closed-houses")
    closed.closed_at = now()
    closed.save(update_fields=["closed_at"])

    assert is_known("Old-Houses@127.0.0.1")
    assert is_known(owner_address("old-houses"))
    assert is_known(reply_address("old-houses", world.mia.id, world.reply.id, now()))
    assert not is_known(reply_address("old-houses", world.mia.id, 10**9, now()))
    assert not is_known(post_address("closed-houses"))
    assert not is_known(post_address("no-houses"))


def test_mail_whose_address_is_none_of_ours_any_more_is_settled(world: World) -> None:
    receive(mail(TALK), MIA, [reply_address("old-houses", world.mia.id, world.reply.id, now())])
    row = InboundMessage.objects.get()
    with override_settings(SECRET_KEY="another key of fifty letters, as long as it must be."):
        process(row.id)

    row.refresh_from_db()
    assert (row.state, row.reason) == (MailState.REFUSED, "It is for nobody here.")


def test_mail_that_nobody_read_is_taken_up_again(world: World) -> None:
    receive(mail(TALK), MIA, [post_address("old-houses")])
    ProcrastinateJob.objects.filter(task_name="read_mail").delete()
    take_up_unread_mail(0)
    assert not ProcrastinateJob.objects.filter(task_name="read_mail").exists()
    InboundMessage.objects.update(received_at=now() - timedelta(hours=1))
    take_up_unread_mail(0)

    assert ProcrastinateJob.objects.filter(task_name="read_mail").count() == 1


def test_mail_that_still_waits_for_another_try_is_not_taken_up_beside_it(world: World) -> None:
    """Each further try would keep the other mails of the group waiting."""
    receive(mail(TALK), MIA, [post_address("old-houses")])
    InboundMessage.objects.update(received_at=now() - timedelta(hours=1))
    for _ in range(3):
        take_up_unread_mail(0)

    assert ProcrastinateJob.objects.filter(task_name="read_mail").count() == 1


def test_raw_mail_is_forgotten_after_a_month_but_never_unread(world: World) -> None:
    take(mail(TALK))
    receive(mail(TALK, Message_ID="<2@mia.example>"), MIA, [post_address("old-houses")])
    InboundMessage.objects.update(received_at=now() - timedelta(days=31))
    forget_refused_mail(0)

    assert [row.state for row in InboundMessage.objects.all()] == [MailState.WAITING]


@pytest.mark.parametrize("raw", [b"", b"\x00\xff", b"From: " + MIA.encode() + b"\r\nMessage-ID: \x00\r\n\r\n\x00\r\n"])
def test_any_bytes_are_taken_in_and_settled(world: World, raw: bytes) -> None:
    assert take(raw, sender="\udce9\x00<>").state == MailState.REFUSED


def choices(world: World) -> set[str]:
    mine = Membership.objects.get(group=world.group, profile=world.mia)
    return {mine.mail_discussions, mine.mail_promotions, mine.mail_jobs}


def test_token_stops_the_groups_mail_and_keeps_the_membership(world: World) -> None:
    row = take(mail(""), unsubscribe_address("old-houses", world.mia.id))

    assert (row.state, choices(world)) == (MailState.DONE, {"none"})
    assert Membership.objects.get(group=world.group, profile=world.mia).state == MembershipState.ACTIVE
    said = answers()[0]["text"]
    assert "You get no more mail of “Old houses”" in said
    assert NOT_LOST not in said


@pytest.mark.parametrize("sender", ["", MIA])
def test_token_stops_mail_also_where_a_providers_machine_writes_and_no_machine_is_answered(
    world: World, sender: str
) -> None:
    automatic = mail("", Auto_Submitted="auto-generated")
    to = unsubscribe_address("old-houses", world.mia.id)
    assert (take(automatic, to, sender=sender).state, choices(world)) == (MailState.DONE, {"none"})
    assert answers() == []


def test_without_its_token_a_machines_wish_for_no_more_mail_is_not_answered(world: World) -> None:
    row = take(mail("", Auto_Submitted="auto-generated"), f"old-houses+unsubscribe@{mail_domain()}")
    assert (row.state, answers()) == (MailState.IGNORED, [])
    assert "weekly" in choices(world)


def test_without_the_token_whoever_has_the_address_is_asked_first(world: World) -> None:
    take(mail(""), f"old-houses+unsubscribe@{mail_domain()}")
    assert "weekly" in choices(world)
    asked = answers()[0]
    assert asked["address"] == MIA

    row = take(mail("yes", Message_ID="<2@mia.example>"), asked["reply_to"])

    assert (row.state, choices(world)) == (MailState.DONE, {"none"})


def test_who_says_nothing_but_unsubscribe_to_the_group_is_asked_and_not_posted(world: World) -> None:
    row = take(mail("unsubscribe"), f"old-houses@{mail_domain()}")

    assert (row.state, row.post_id) == (MailState.DONE, None)
    assert "Answer this mail, and it ends" in answers()[0]["text"]


def test_who_asks_for_no_more_mail_is_asked_though_they_were_told_something_that_day(world: World) -> None:
    take(mail(""))
    take(mail("unsubscribe", Message_ID="<2@mia.example>"))

    told, asked = answers()
    assert "no words" in told["text"]
    assert "Answer this mail, and it ends" in asked["text"]


def test_who_asks_for_no_more_mail_of_two_groups_is_asked_for_each_and_once_a_day(world: World) -> None:
    join(new_group("gardens"), world.mia)
    for number, slug in enumerate(("old-houses", "gardens", "gardens")):
        take(mail("unsubscribe", Message_ID=f"<{number}@mia.example>"), post_address(slug))

    assert [a["subject"] for a in answers()] == ["No more mail of Old houses?", "No more mail of Gardens?"]


def test_a_forged_wish_for_no_more_mail_asks_nobody_and_keeps_nobody_from_being_asked(world: World) -> None:
    take(mail("unsubscribe", **FORGED))
    assert answers() == []

    take(mail("unsubscribe", Message_ID="<2@mia.example>"))
    assert len(answers()) == 1


def test_stranger_has_no_mail_to_be_stopped(world: World) -> None:
    row = take(mail("", From="sal@elsewhere.example"), f"old-houses+unsubscribe@{mail_domain()}")

    assert row.state == MailState.REFUSED


def test_question_that_is_too_old_stops_nothing(world: World) -> None:
    row = take(mail("yes"), confirm_address("old-houses", world.mia.id, now() - timedelta(days=9)))

    assert row.state == MailState.REFUSED
    assert "weekly" in choices(world)


def test_bounce_is_recorded_against_the_mail_that_it_names(world: World) -> None:
    sent = OutboundMessage.objects.create(profile_id=world.mia.id, thing="post:1")
    row = take(status_report(about("mia@inbox.example")), bounce_address(sent.id), sender="")

    assert row.state == MailState.DONE
    assert list(Bounce.objects.values_list("address", "kind", "outbound")) == [("mia@inbox.example", "hard", sent.id)]


def test_complaint_is_recorded_against_the_mail_that_it_names(world: World) -> None:
    sent = OutboundMessage.objects.create(profile_id=world.mia.id, thing="post:1")
    take(feedback(sent_by=bounce_address(sent.id)), f"complaints@{mail_domain()}", sender="")

    assert list(Bounce.objects.values_list("kind", "outbound")) == [("complaint", sent.id)]


@pytest.mark.parametrize("to", [post_address("old-houses"), f"complaints@{mail_domain()}"])
def test_report_without_the_secret_of_a_mail_of_ours_stops_nobodys_mail(world: World, to: str) -> None:
    row = take(status_report(about(MIA), Message_ID="<9@evil.example>"), to, sender="")

    assert row.state == MailState.IGNORED
    assert not Bounce.objects.exists()


def test_an_old_mail_of_an_account_that_is_gone_stops_nobody_elses_mail(world: World) -> None:
    """Its secret still fits, and what it was about is forgotten."""
    sent = OutboundMessage.objects.create(profile_id=world.mia.id, thing="post:1")
    forget(world.mia.id)
    report = feedback(sent_by=bounce_address(sent.id), Message_ID="<9@evil.example>")
    row = take(report, f"complaints@{mail_domain()}", sender="")

    assert row.state == MailState.IGNORED
    assert stopped(["mia@inbox.example"]) == set()


@pytest.mark.parametrize(
    "address", [bounce_address(7), f"complaints@{mail_domain()}", f"old-houses+unsubscribe@{mail_domain()}"]
)
def test_addresses_for_reports_and_commands_are_known(world: World, address: str) -> None:
    assert is_known(address)


def test_whole_mail_can_be_read_one_click_away(world: World, client: Client) -> None:
    to = reply_address("old-houses", world.mia.id, world.reply.id, now())
    post = posted(take(mail(f"{TALK}\n\nOn Monday Mo wrote:\n> The plinth comes first.\n-- \nMia Moss, Ely"), to))
    assert world.mo.user is not None
    client.force_login(world.mo.user)

    topic = client.get(reverse("topic", args=["old-houses", post.topic_id])).content.decode()
    whole = client.get(reverse("post_revisions", args=["old-houses", post.id])).content.decode()

    assert f'href="/groups/old-houses/posts/{post.id}/revisions/">by e-mail' in topic
    assert "The plinth comes first" not in topic
    assert "What was cut off the mail" in whole
    assert "The plinth comes first." in whole


def test_mail_of_which_nothing_was_cut_has_no_earlier_version(world: World) -> None:
    assert not posted(take(mail(TALK))).revisions.exists()

"""What senders are told about their mails, and that nobody has words of theirs mailed to others by us."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.mail.message import EmailMessage

from moothall.accounts.models import User
from moothall.core.clock import now
from moothall.discussions.models import Attachment, Post
from moothall.inbound.models import MailState, Notice
from moothall.inbound.notices import MOST_STRANGERS_A_DAY, send_answer
from moothall.inbound.tasks import KEPT_DAYS, forget_notices
from tests.inbound.mails import mail, multipart
from tests.inbound.taking import FORGED, MIA, PROVED, TALK, answers, take
from tests.world import World

pytestmark = pytest.mark.django_db

PITCHED = "Cheap roofs, call 020 7946 0000"


def test_stranger_is_told_once_a_day_and_no_account_remains(world: World) -> None:
    people = User.objects.count()
    for number in (1, 2):
        row = take(mail(TALK, From="sal@elsewhere.example", Message_ID=f"<{number}@sal.example>"))
        assert row.state == MailState.REFUSED
    told = answers()

    assert [answer["address"] for answer in told] == ["sal@elsewhere.example"]
    assert "Nobody has an account with the address sal@elsewhere.example" in told[0]["text"]
    assert User.objects.count() == people
    assert not Post.objects.filter(text=TALK).exists()


def test_stranger_whose_mail_may_be_forged_is_told_nothing(world: World) -> None:
    take(mail(TALK, From="sal@elsewhere.example", **FORGED))

    assert answers() == []


@pytest.mark.parametrize("results", ["mx.moot.example; dmarc=none", "other.example; dmarc=pass", ""])
def test_notice_repeats_no_word_of_a_mail_whose_sender_is_not_proved(world: World, results: str) -> None:
    fields = {"From": "sal@elsewhere.example", "Subject": PITCHED, "Authentication_Results": results}
    row = take(mail(PITCHED, **fields))
    day = f"{row.received_at.day} {row.received_at:%B %Y}"

    told = answers()[0]
    assert told["subject"] == f"About your mail of {day}"
    assert "7946" not in f"{told}"


def test_notice_names_the_subject_where_the_sender_is_proved(world: World) -> None:
    take(mail(TALK, From="sal@elsewhere.example", Subject="The plate", **PROVED))

    assert answers()[0]["subject"] == "About your mail “The plate”"


def test_notice_names_attachments_only_where_the_sender_is_proved(world: World) -> None:
    program = ('application/octet-stream; name="roofs 020 7946 0000.exe"', "x")
    take(multipart("mixed", ("text/plain", TALK), program))

    told = answers()[0]["text"]
    assert "- an attachment: files of this kind are not taken" in told
    assert "7946" not in told
    assert "octet-stream" not in told


def test_strangers_are_told_so_much_a_day_in_all_and_members_still_are(world: World) -> None:
    today = now().date()
    strangers = [f"{n}@elsewhere.example" for n in range(MOST_STRANGERS_A_DAY)]
    Notice.objects.bulk_create(Notice(address=each, sent_on=today, is_to_stranger=True) for each in strangers[1:])
    Notice.objects.create(address=strangers[0], sent_on=today - timedelta(days=1), is_to_stranger=True)
    for number in (1, 2):
        take(mail(TALK, From=f"new{number}@elsewhere.example", Message_ID=f"<{number}@new.example>"))
    take(mail("word " * 14_000))

    assert [answer["address"] for answer in answers()] == ["new1@elsewhere.example", MIA]


def test_attachments_are_listed_or_named_in_one_notice(world: World) -> None:
    raw = multipart(
        "mixed",
        ("text/plain", TALK),
        ('image/jpeg; name="plate.jpg"', "x"),
        ('application/octet-stream; name="run.exe"', "x"),
        ('application/pgp-signature; name="signature.asc"', "x"),
        **PROVED,
    )
    row = take(raw)

    kept = Attachment.objects.get(post=row.post_id)
    assert (kept.name, kept.is_kept, kept.size_bytes) == ("plate.jpg", True, 1)
    assert [("run.exe" in a["text"], "signature.asc" in a["text"]) for a in answers()] == [(True, False)]


def test_file_of_which_its_program_knows_only_the_name_is_kept_by_its_ending(world: World) -> None:
    names = ("Plan.PDF", "minutes.docx", "plan.pdf.exe", "plan", "pdf")
    files = [(f'application/octet-stream; name="{name}"', "x") for name in names]
    row = take(multipart("mixed", ("text/plain", TALK), *files, **PROVED))

    assert [kept.name for kept in Attachment.objects.filter(post=row.post_id)] == ["Plan.PDF", "minutes.docx"]
    assert answers()[0]["text"].count("files of this kind are not taken") == 3


def test_who_was_told_something_is_forgotten_after_a_month(world: World) -> None:
    today = now().date()
    for days in (KEPT_DAYS, KEPT_DAYS + 1):
        Notice.objects.create(address=MIA, sent_on=today - timedelta(days=days))
    forget_notices(0)

    assert [notice.sent_on for notice in Notice.objects.all()] == [today - timedelta(days=KEPT_DAYS)]


def test_answer_is_marked_as_a_machines(world: World, mailoutbox: list[EmailMessage]) -> None:
    send_answer(address="sal@elsewhere.example", subject="About", text="Text", answered="1@sal.example")

    sent = mailoutbox[0].message()
    assert (sent["Auto-Submitted"], sent["In-Reply-To"]) == ("auto-replied", "<1@sal.example>")

"""Mails in a member's name that somebody else may have written."""

from __future__ import annotations

from datetime import timedelta

import pytest

from moothall.core.clock import now
from moothall.discussions.models import Post, Status
from moothall.groups.models import Membership
from moothall.inbound.models import MailState
from moothall.judging.standing import author_records, refresh_standing
from moothall.moderation.decide import Choice, decide
from moothall.moderation.models import UNPROVED, Action, ReviewItem
from tests.inbound.mails import mail
from tests.inbound.taking import FORGED, MIA, PITCH, PROVED, TALK, answers, posted, take
from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("author", ["mia.moss", "olga.oakes"])
def test_mail_that_may_be_forged_waits_for_a_manager(world: World, author: str) -> None:
    row = take(mail(TALK, From=f"{author}@moothall.example", **FORGED))

    post = posted(row)
    assert (post.status, post.is_unproved) == (Status.HELD, True)
    assert ReviewItem.objects.filter(post=post, decision=None).exists()
    assert post.decisions.get().reason == UNPROVED


@pytest.mark.parametrize(
    "written",
    [
        f'"<{MIA}>" <sal@elsewhere.example>',
        f"(<{MIA}>) sal@elsewhere.example",
        f"{MIA}, sal@elsewhere.example",
        f"Mia <{MIA}> <sal@elsewhere.example>",
        f'\\" <{MIA}> "<sal@elsewhere.example>',
    ],
)
def test_nobody_writes_as_a_member_by_an_address_beside_the_one_that_is_proved(world: World, written: str) -> None:
    """The mail server vouches for the domain of the other one."""
    row = take(mail(TALK, From=written, **PROVED))

    assert (row.state, row.from_address) == (MailState.REFUSED, "")


def test_nobody_writes_as_a_member_by_a_field_that_begins_within_a_line(world: World) -> None:
    """To a mail server a carriage return alone ends no line, so that it sees one From field, the last one here."""
    hidden = f"b\rFrom: {MIA}\r\rCall us.\r".encode()
    row = take(b"X-Note: " + hidden + b"\r\n" + mail(TALK, From="sal@elsewhere.example", **PROVED))

    assert (row.state, row.from_address) == (MailState.REFUSED, "sal@elsewhere.example")


def test_managers_name_in_a_mail_carries_no_weight(world: World) -> None:
    row = take(mail(PITCH, From="olga.oakes@moothall.example", Subject="CHEAP DAMP PROOFING"))

    assert posted(row).status == Status.HELD


def test_forged_mail_never_counts_against_the_member(world: World) -> None:
    Post.objects.filter(author=world.mia).update(created_at=now() - timedelta(days=10))
    for number in range(3):
        new = Post.objects.create(
            group=world.group, topic=world.topic, author=world.mia, status=Status.PUBLISHED, text=f"{number}", html=""
        )
        Post.objects.filter(id=new.id).update(created_at=now() - timedelta(days=9))
    row = take(mail(TALK, **FORGED))
    assert row.post_id is not None
    decide(row.post_id, Choice(Action.REJECT), world.mo.id)
    refresh_standing(world.group.id, [world.mia.id])

    assert Membership.objects.get(group=world.group, profile=world.mia).has_standing
    assert author_records(world.group.id, [world.mia.id])[world.mia.id].rejected_posts == 0


def test_whose_name_stands_in_a_mail_that_may_be_forged_is_told_nothing(world: World) -> None:
    assert posted(take(mail(TALK, **FORGED))).status == Status.HELD
    assert answers() == []

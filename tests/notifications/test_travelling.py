"""Digests of whoever changes their time zone: one a day, in which nothing is left out and nothing comes twice."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from moothall.accounts.models import User
from moothall.core.clock import now
from moothall.discussions.models import Inbox, Lane, Post, Topic
from moothall.groups.models import Group, MailChoice, Membership
from moothall.mailer.models import OutboundMessage
from moothall.mailer.sending import send_due
from moothall.notifications.digests import build_due
from moothall.notifications.models import Digest
from moothall.notifications.preparing import prepare
from tests.smtp_sink import Sink
from tests.world import World, join, new_group, new_topic

pytestmark = pytest.mark.django_db

THURSDAY = datetime(2026, 11, 19, tzinfo=UTC)


@pytest.fixture
def week(world: World) -> World:
    """Nothing was said in it before THURSDAY."""
    Post.objects.update(inbox=Inbox.SHUT)
    User.objects.update(joined_at=THURSDAY - timedelta(days=90), last_login=THURSDAY)
    Membership.objects.update(joined_at=THURSDAY - timedelta(days=60), mail_discussions=MailChoice.DAILY)
    return world


def move_to(zone: str) -> None:
    User.objects.update(time_zone=zone)


def said(week: World, hour: int, group: Group | None = None) -> int:
    """A conversation that began so many hours after THURSDAY did."""
    post = new_topic(group or week.group, week.mia, f"At {hour}")
    at = THURSDAY + timedelta(hours=hour)
    Post.objects.filter(id=post.id).update(inbox=Inbox.OPEN, created_at=at, inbox_at=at, lane=Lane.DISCUSSIONS)
    Topic.objects.filter(id=post.topic_id).update(created_at=at)
    return post.topic_id


def build(hours: range) -> None:
    for hour in hours:
        for _ in build_due(THURSDAY + timedelta(hours=hour, minutes=5)):
            pass


def mails_to(week: World) -> list[str]:
    rows = OutboundMessage.objects.filter(profile_id=week.olga.id)
    return sorted(rows.values_list("thing", flat=True))


def topics_of(week: World) -> list[int]:
    """All that olga's digests hold, each as often as it stands there."""
    return [topic for digest in Digest.objects.filter(profile=week.olga).order_by("until") for topic in digest.topics]


def test_what_is_said_between_seven_here_and_seven_further_west_comes_with_the_next_digest(week: World) -> None:
    move_to("Europe/London")
    first = said(week, 5)
    build(range(7, 10))
    between = said(week, 9)
    move_to("America/New_York")
    build(range(10, 37))
    of_group = f"digest:{week.group.id}:daily"

    assert mails_to(week) == [f"{of_group}:2026-11-19", f"{of_group}:2026-11-20"]
    assert topics_of(week) == [first, between]
    since, until = Digest.objects.filter(profile=week.olga).values_list("since", "until").latest("until")
    assert (since, until) == (THURSDAY + timedelta(hours=7), THURSDAY + timedelta(hours=24 + 12))


@pytest.mark.parametrize("is_together", [False, True])
def test_a_digest_that_waits_for_the_end_of_quiet_hours_is_sent_though_its_reader_has_gone_far_west(
    week: World, sink: Sink, is_together: bool
) -> None:
    User.objects.update(mail_is_together=is_together)
    move_to("Europe/London")
    said(week, 5)
    build(range(7, 8))
    move_to("America/Los_Angeles")
    OutboundMessage.objects.update(due_at=now())
    send_due(prepare)

    assert "At 5" in sink.to("olga.oakes@moothall.example")[0].part("plain")


def test_what_was_in_the_last_digest_does_not_come_again_further_east(week: World) -> None:
    move_to("America/New_York")
    first = said(week, 9)
    build(range(12, 14))
    move_to("Europe/London")
    then = said(week, 15)
    build(range(14, 34))

    assert topics_of(week) == [first, then]
    assert len(mails_to(week)) == 2


def test_one_mail_for_all_groups_leaves_out_none_in_which_only_then_something_was_said(week: World) -> None:
    other = new_group("gardens")
    join(other, week.olga)
    Membership.objects.update(joined_at=THURSDAY - timedelta(days=60), mail_discussions=MailChoice.DAILY)
    User.objects.update(mail_is_together=True)
    move_to("Europe/London")
    first = said(week, 5)
    build(range(7, 10))
    between = said(week, 9, other)
    move_to("America/New_York")
    build(range(10, 37))

    assert mails_to(week) == ["digests:daily:2026-11-19", "digests:daily:2026-11-20"]
    assert topics_of(week) == [first, between]


def test_who_stays_has_the_same_windows_as_ever(week: World) -> None:
    move_to("America/New_York")
    told = [said(week, hour) for hour in (9, 13, 35)]
    build(range(12, 37))

    assert topics_of(week) == [told[0], told[2], told[1]]
    ends = list(Digest.objects.filter(profile=week.olga).order_by("until").values_list("since", "until"))
    assert [until - since for since, until in ends] == [timedelta(days=1)] * 2

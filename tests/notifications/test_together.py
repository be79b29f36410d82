"""One digest for all groups: chosen among them, sent once, stopped by one click."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import NoReturn

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from moothall.accounts.models import User
from moothall.core.clock import now
from moothall.discussions.models import Inbox, Kind, Post, Status, Topic
from moothall.groups.models import Group, MailChoice, Membership
from moothall.inbound.understand import ANSWERS_DIGEST, understand
from moothall.mailer.addresses import stop_token
from moothall.mailer.models import OutboundMessage, SendingState
from moothall.mailer.sending import send_due
from moothall.members.models import Profile
from moothall.notifications.choosing import MOST, MOST_ASKED, MOST_WAITING, OfGroup, together
from moothall.notifications.digests import build_due
from moothall.notifications.preparing import prepare
from tests.inbound.mails import mail
from tests.smtp_sink import Received, Sink
from tests.world import World, join, new_group, new_topic, person

FRIDAY = datetime(2026, 11, 20, 7, 30, tzinfo=UTC)


def groups_of(sizes: list[tuple[int, int, int, int]]) -> list[OfGroup]:
    """With ids of their own."""
    found, at = [], 0
    for size in sizes:
        cuts = [tuple(range(at + sum(size[:n]), at + sum(size[: n + 1]))) for n in range(4)]
        at += sum(size)
        found.append(OfGroup(*cuts))
    return found


counts = st.tuples(*[st.integers(0, 15)] * 4)


@given(st.lists(counts, max_size=25))
def test_one_mail_holds_at_most_as_much_of_each_kind_as_that_of_one_group(
    sizes: list[tuple[int, int, int, int]],
) -> None:
    groups = groups_of(sizes)
    kept = together(groups)
    assert len(kept) <= MOST
    assert kept <= {
        id_ for group in groups for kind in (group.asked, group.waiting, group.talk, group.side) for id_ in kind
    }
    assert sum(len(kept & set(group.asked)) for group in groups) <= MOST_ASKED
    assert sum(len(kept & set(group.waiting)) for group in groups) <= MOST_WAITING


@given(st.lists(st.integers(1, 15), min_size=2, max_size=MOST))
def test_the_groups_take_turns_so_that_none_is_left_out_for_a_busy_one(talk: list[int]) -> None:
    groups = groups_of([(0, 0, count, 0) for count in talk])
    kept = together(groups)
    assert all(group.talk[0] in kept for group in groups)


@pytest.fixture
def week(world: World) -> World:
    """Olga is in two groups, in which people talked, and wants one mail for both."""
    other = new_group("lime-burners")
    join(other, world.olga)
    ruth = person("Ruth Thackwray")
    join(other, ruth)
    spoken(new_topic(other, ruth, "Slaking in winter", kind=Kind.DISCUSSION))
    spoken(world.first)
    User.objects.update(time_zone="UTC", joined_at=FRIDAY - timedelta(days=90), last_login=FRIDAY)
    Membership.objects.update(joined_at=FRIDAY - timedelta(days=60))
    User.objects.filter(profile=world.olga).update(mail_is_together=True)
    return world


def spoken(post: Post) -> None:
    at = FRIDAY - timedelta(days=2)
    Post.objects.filter(id=post.id).update(inbox=Inbox.OPEN, created_at=at, inbox_at=at)
    Topic.objects.filter(id=post.topic_id).update(created_at=at, people_count=2)


def mailed(profile: Profile, sink: Sink) -> list[Received]:
    sum(build_due(FRIDAY))
    OutboundMessage.objects.update(due_at=now())
    send_due(prepare)
    assert profile.user is not None
    return sink.to(profile.user.email)


@pytest.mark.django_db
def test_all_groups_come_in_one_mail_and_others_get_one_from_each(week: World, sink: Sink) -> None:
    mails = mailed(week.olga, sink)
    assert len(mails) == 1
    assert mails[0].message["Subject"].startswith("Your week in 2 groups: ")
    for kind in ("plain", "html"):
        said = mails[0].part(kind)
        assert "Slaking in winter" in said
        assert "Sole plate gone at the north corner" in said
        assert "you chose one mail for all your groups" in " ".join(said.split())
        assert "\x00" not in said
    assert [mail.message["Subject"] for mail in sink.to("nils.nook@moothall.example")] == [
        "Old houses, your week: Sole plate gone at the north corner"
    ]


@pytest.mark.django_db
def test_an_answer_to_it_is_known_as_one(week: World, sink: Sink) -> None:
    got = mailed(week.olga, sink)[0].message
    answer = mail(In_Reply_To=got["Message-ID"], Subject=f"Re: {got['Subject']}")
    assert understand(answer, None, authentication_host="").reason == ANSWERS_DIGEST


@pytest.mark.django_db
def test_building_and_sending_twice_sends_one(week: World, sink: Sink) -> None:
    mailed(week.olga, sink)
    assert len(mailed(week.olga, sink)) == 1


@pytest.mark.django_db
@pytest.mark.parametrize("batches", range(5))
def test_a_worker_that_died_after_any_batch_leaves_what_the_next_one_builds_whole_and_sends_once(
    week: World, sink: Sink, batches: int
) -> None:
    sum(islice(build_due(FRIDAY), batches))
    mails = mailed(week.olga, sink)
    assert len(mails) == 1
    assert mails[0].message["Subject"].startswith("Your week in 2 groups: ")
    assert len(mailed(week.olga, sink)) == 1


@pytest.mark.django_db
def test_a_worker_that_died_between_building_and_sending_leaves_one_mail_to_be_sent(week: World, sink: Sink) -> None:
    def die(rows: Sequence[OutboundMessage]) -> NoReturn:
        raise MemoryError

    sum(build_due(FRIDAY))
    OutboundMessage.objects.update(due_at=now())
    with pytest.raises(MemoryError):
        send_due(die)
    assert mailed(week.olga, sink) == []  # it is in the hands of the one that died
    OutboundMessage.objects.update(claimed_until=now())
    assert len(mailed(week.olga, sink)) == 1
    assert len(mailed(week.olga, sink)) == 1


@pytest.mark.django_db
def test_what_may_not_be_mailed_any_more_is_left_out_and_nothing_is_no_mail(week: World, sink: Sink) -> None:
    sum(build_due(FRIDAY))
    Post.objects.update(status=Status.HELD)
    OutboundMessage.objects.update(due_at=now())
    assert send_due(prepare).spared == OutboundMessage.objects.filter(state=SendingState.DROPPED).count() > 0
    assert sink.mails == []


@pytest.mark.django_db
def test_what_was_held_between_building_and_sending_is_told_once_it_is_cleared(week: World, sink: Sink) -> None:
    Post.objects.filter(topic=week.topic).update(inbox_at=FRIDAY - timedelta(days=2))
    sum(build_due(FRIDAY))
    Topic.objects.filter(id=week.topic.id).update(status=Status.HELD)
    assert "Sole plate" not in mailed(week.olga, sink)[0].part("plain")
    Topic.objects.filter(id=week.topic.id).update(status=Status.PUBLISHED)
    Post.objects.filter(id=week.first.id).update(inbox_at=FRIDAY + timedelta(days=1))
    sum(build_due(FRIDAY + timedelta(days=7)))
    said = mailed(week.olga, sink)[1].part("plain")
    assert "Sole plate" in said
    assert "Slaking" not in said


@pytest.mark.django_db
def test_a_group_that_was_left_meanwhile_is_left_out(week: World, sink: Sink) -> None:
    sum(build_due(FRIDAY))
    Membership.objects.filter(group__slug="lime-burners", profile=week.olga).update(state="left")
    OutboundMessage.objects.update(due_at=now())
    send_due(prepare)
    said = sink.to("olga.oakes@moothall.example")[0].part("plain")
    assert "Sole plate" in said
    assert "Slaking" not in said


@pytest.mark.django_db
def test_whoever_chooses_one_mail_after_their_digests_came_gets_nothing_twice(week: World, sink: Sink) -> None:
    """Within the hour the same windows are looked at again."""
    User.objects.update(mail_is_together=False)
    assert len(mailed(week.olga, sink)) == 2
    User.objects.update(mail_is_together=True)
    assert len(mailed(week.olga, sink)) == 2


@pytest.mark.django_db
def test_whoever_chooses_one_mail_while_one_group_is_built_gets_each_group_once(week: World, sink: Sink) -> None:
    User.objects.update(mail_is_together=False)
    Membership.objects.filter(profile=week.olga, group=week.group).update(mail_discussions=MailChoice.NONE)
    assert "Slaking in winter" in mailed(week.olga, sink)[0].part("plain")
    User.objects.update(mail_is_together=True)
    Membership.objects.filter(profile=week.olga).update(mail_discussions=MailChoice.WEEKLY)
    said = mailed(week.olga, sink)[1].part("plain")
    assert "Sole plate gone" in said
    assert "Slaking" not in said


@pytest.mark.django_db
def test_whoever_chooses_a_mail_from_each_group_meanwhile_gets_each_group_once(week: World, sink: Sink) -> None:
    Membership.objects.filter(profile=week.olga, group=week.group).update(mail_discussions=MailChoice.NONE)
    sum(build_due(FRIDAY))
    User.objects.update(mail_is_together=False)
    Membership.objects.filter(profile=week.olga).update(mail_discussions=MailChoice.WEEKLY)
    said = [got.part("plain") for got in mailed(week.olga, sink)]
    assert sum("Slaking in winter" in one for one in said) == 1
    assert sum("Sole plate gone" in one for one in said) == 1


@pytest.mark.django_db
def test_one_click_stops_what_comes_at_that_pace_in_all_groups_and_a_get_stops_nothing(week: World, sink: Sink) -> None:
    header = mailed(week.olga, sink)[0].message["List-Unsubscribe"]
    where = reverse("mail_stop", args=[stop_token(week.olga.id, 0, "weekly")])
    assert header.strip("<>").endswith(where)
    Membership.objects.filter(group=week.group, profile=week.olga).update(mail_jobs=MailChoice.INSTANT)
    client = Client(enforce_csrf_checks=True)
    assert "Stop this mail" in client.get(where).content.decode()
    assert Membership.objects.filter(profile=week.olga, mail_discussions=MailChoice.WEEKLY).count() == 2
    assert client.post(where, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert set(Membership.objects.filter(profile=week.olga).values_list("mail_discussions", flat=True)) == {"none"}
    assert Membership.objects.get(profile=week.olga, group=week.group).mail_jobs == MailChoice.INSTANT


@pytest.mark.django_db
def test_queries_stay_as_many_for_many_groups(week: World, sink: Sink) -> None:
    def queries() -> int:
        rows = list(OutboundMessage.objects.filter(thing__startswith="digests:"))
        with CaptureQueriesContext(connection) as caught:
            prepare(rows)
        return len(caught)

    sum(build_due(FRIDAY))
    few = queries()
    OutboundMessage.objects.all().delete()
    for number in range(5):
        group = new_group(f"group-{number}")
        join(group, week.olga)
        Membership.objects.update(joined_at=FRIDAY - timedelta(days=60))
        spoken(new_topic(group, week.mo, f"Talk {number}", kind=Kind.DISCUSSION))
    sum(build_due(FRIDAY))
    assert Group.objects.count() == 7
    assert queries() == few

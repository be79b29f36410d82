"""What waits for managers comes in one mail, at the hour of their choice, and is never empty."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.urls import reverse

from moothall.accounts.models import User
from moothall.core.clock import now
from moothall.discussions.models import Post, Status
from moothall.groups.admit import approve
from moothall.groups.join import Application, join
from moothall.groups.models import Group, Joining, MailChoice, Membership
from moothall.mailer.addresses import stop_token
from moothall.mailer.models import OutboundMessage, SendingState
from moothall.mailer.sending import send_due
from moothall.members.models import Profile
from moothall.moderation.decide import Choice, decide
from moothall.moderation.managers_mail import CATCH_UP_HOURS, build_due
from moothall.moderation.models import Action, ReviewItem
from moothall.moderation.week import week
from moothall.notifications.digests import ABSENT_DAYS
from moothall.notifications.models import ManagersMail
from moothall.notifications.preparing import prepare
from tests.smtp_sink import Sink, smtp_sink
from tests.world import World, new_topic, person

pytestmark = pytest.mark.django_db
LONDON = ZoneInfo("Europe/London")


@pytest.fixture
def sink() -> Iterator[Sink]:
    with smtp_sink() as found:
        yield found


@pytest.fixture
def world(world: World) -> World:
    """One post is held. Olga's mail comes at 8; Mo wants none."""
    ReviewItem.objects.create(group=world.group, post=world.held, due_at=now() + timedelta(hours=12))
    keeps(world, world.mo, mail_keeping=MailChoice.NONE)
    return world


def keeps(world: World, who: Profile, **choice: object) -> None:
    Membership.objects.filter(group=world.group, profile=who).update(**choice)


def morning(weekday: int, hour: int = 8, minute: int = 6) -> datetime:
    """In the week before this one, of London's clock."""
    today = now().astimezone(LONDON) - timedelta(days=7)
    return (today + timedelta(days=weekday - today.weekday())).replace(hour=hour, minute=minute)


def test_a_manager_is_mailed_what_waits_and_nobody_else_is(world: World, sink: Sink) -> None:
    assert build_due(morning(2)) == 1
    send_due(prepare)
    assert [mail.recipient for mail in sink.mails] == ["olga.oakes@moothall.example"]
    mail = sink.mails[0]
    assert mail.message["Subject"] == "Old houses: 1 post waits for a manager"
    for kind in ("plain", "html"):
        said = " ".join(mail.part(kind).split())
        assert "Best price damp proofing" in said
        assert f"/groups/old-houses/review/?post={world.held.id}" in said
        assert "You get this because you keep Old houses." in said
    assert mail.message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_building_twice_sends_once(world: World, sink: Sink) -> None:
    assert [build_due(morning(2)), build_due(morning(2, 9))] == [1, 0]
    send_due(prepare)
    assert len(sink.mails) == 1


def test_it_is_never_empty(world: World, sink: Sink) -> None:
    Post.objects.filter(id=world.held.id).update(status=Status.REJECTED)
    assert build_due(morning(2)) == 0
    assert not ManagersMail.objects.exists()


def test_what_was_decided_a_moment_ago_is_not_mailed(world: World, sink: Sink) -> None:
    build_due(morning(2))
    decide(world.held.id, Choice(Action.ACCEPT), world.olga.id)
    send_due(prepare)
    assert sink.mails == []
    row = OutboundMessage.objects.get(thing__startswith="keeping:")
    assert (row.state, row.why) == (SendingState.DROPPED, "All of it was decided meanwhile.")


def test_what_waits_beside_the_posts_that_were_decided_is_counted_as_it_is_sent(world: World, sink: Sink) -> None:
    build_due(morning(2))
    decide(world.held.id, Choice(Action.ACCEPT), world.olga.id)
    for title in ("Vans", "Lofts"):
        new_topic(world.group, world.nils, title, status=Status.HELD)
    send_due(prepare)
    mail = sink.mails[0]
    assert mail.message["Subject"] == "Old houses: 2 posts wait for a manager"
    for kind in ("plain", "html"):
        said = " ".join(mail.part(kind).split())
        assert "Look at what waits" in said
        assert "/groups/old-houses/review/" in said
        assert "more" not in said.split("You get this")[0]


def test_before_the_hour_and_long_after_it_nothing_is_built(world: World) -> None:
    assert build_due(morning(2, 8 + CATCH_UP_HOURS, 1)) == 0
    keeps(world, world.olga, mail_keeping_hour=21)
    assert build_due(morning(2, 20)) == 0
    assert build_due(morning(2, 21)) == 1


def test_the_hour_is_that_of_the_managers_own_clock(world: World) -> None:
    assert world.olga.user is not None
    world.olga.user.time_zone = "Pacific/Auckland"
    world.olga.user.save(update_fields=["time_zone"])
    build_due(morning(1, 20))
    assert ManagersMail.objects.get().until.astimezone(ZoneInfo("Pacific/Auckland")).hour == 8


def test_an_hour_that_the_clocks_repeat_brings_one_mail(world: World) -> None:
    keeps(world, world.olga, mail_keeping_hour=1)
    User.objects.filter(profile=world.olga).update(time_zone="Europe/London", joined_at=now())
    summer_time_ends = datetime(2026, 10, 25, 0, 6, tzinfo=UTC)
    assert [build_due(summer_time_ends + timedelta(hours=hours)) for hours in (-1, 0, 1, 2)] == [0, 1, 0, 0]


def test_weekly_comes_on_its_weekday_alone_and_tells_the_week(world: World, sink: Sink) -> None:
    keeps(world, world.olga, mail_keeping=MailChoice.WEEKLY, mail_keeping_weekday=4)
    assert build_due(morning(3)) == 0
    Post.objects.filter(group=world.group).update(created_at=morning(3))
    assert build_due(morning(4)) == 1
    send_due(prepare)
    said = " ".join(sink.mails[0].part("plain").split())
    assert "2 people talked, in 1 new conversation and 1 reply." in said


def test_a_week_tells_how_many_decisions_kept_the_promise(world: World) -> None:
    decide(world.held.id, Choice(Action.ACCEPT), world.olga.id)
    until = now() + timedelta(minutes=1)
    assert (week(world.group, until)["decided"], week(world.group, until)["in_time"]) == (1, 1)
    ReviewItem.objects.update(due_at=now() - timedelta(hours=1))
    assert (week(world.group, until)["decided"], week(world.group, until)["in_time"]) == (1, 0)


def test_a_week_in_which_nothing_happened_has_no_figures(world: World) -> None:
    Membership.objects.update(joined_at=now() - timedelta(days=90))
    assert week(world.group, now() - timedelta(days=30)) == {}


def test_a_manager_who_was_not_here_for_long_is_not_mailed(world: World) -> None:
    long_ago = now() - timedelta(days=ABSENT_DAYS + 20)
    User.objects.filter(profile=world.olga).update(last_login=long_ago, joined_at=long_ago)
    assert build_due(morning(2)) == 0


def test_whoever_keeps_the_group_no_more_is_not_mailed(world: World, sink: Sink) -> None:
    keeps(world, world.mo, mail_keeping=MailChoice.DAILY)
    build_due(morning(2))
    keeps(world, world.mo, role="member")
    send_due(prepare)
    assert [mail.recipient for mail in sink.mails] == ["olga.oakes@moothall.example"]


def test_one_click_stops_it_and_nothing_else(world: World) -> None:
    token = stop_token(world.olga.id, world.group.id, "keeping")
    answer = Client().post(reverse("mail_stop", args=[token]), {"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    mine = Membership.objects.get(group=world.group, profile=world.olga)
    assert (mine.mail_keeping, mine.mail_discussions) == (MailChoice.NONE, MailChoice.WEEKLY)
    assert "instant" not in answer.content.decode()


def test_a_manager_chooses_hour_and_weekday_and_a_forged_one_is_refused(world: World) -> None:
    assert world.olga.user is not None
    client = Client()
    client.force_login(world.olga.user)
    where = reverse("group_keeping_mail", args=[world.group.slug])
    client.post(where, {"mail": "weekly", "hour": "6", "weekday": "2"})
    for forged in ({"mail": "instant", "hour": "6", "weekday": "2"}, {"mail": "daily", "hour": "24", "weekday": "9"}):
        client.post(where, forged)
    mine = Membership.objects.get(group=world.group, profile=world.olga)
    assert (mine.mail_keeping, mine.mail_keeping_hour, mine.mail_keeping_weekday) == (MailChoice.WEEKLY, 6, 2)
    assert "For you as a manager" in client.get(reverse("account_mail")).content.decode()


def ask_to_join(world: World, who: Profile) -> None:
    Group.objects.update(joining=Joining.APPROVAL)
    assert isinstance(join(world.group.id, who.id, Application(1)), Membership)


def test_a_manager_is_mailed_that_somebody_asks_to_join(world: World, sink: Sink) -> None:
    Post.objects.filter(id=world.held.id).update(status=Status.REJECTED)
    ask_to_join(world, world.sam)
    assert build_due(morning(2)) == 1
    send_due(prepare)
    assert sink.mails[0].message["Subject"] == "Old houses: 1 person asks to join"
    for kind in ("plain", "html"):
        said = " ".join(sink.mails[0].part(kind).split())
        assert "/groups/old-houses/people/" in said
        assert "Look at what waits" not in said


def test_who_asks_to_join_is_told_beside_the_posts_that_wait(world: World, sink: Sink) -> None:
    ask_to_join(world, world.sam)
    ask_to_join(world, person("Late Lou"))
    build_due(morning(2))
    send_due(prepare)
    assert sink.mails[0].message["Subject"] == "Old houses: 1 post waits for a manager, 2 people ask to join"


def test_whose_request_was_answered_meanwhile_is_not_mailed(world: World, sink: Sink) -> None:
    Post.objects.filter(id=world.held.id).update(status=Status.REJECTED)
    ask_to_join(world, world.sam)
    build_due(morning(2))
    approve(world.group.id, Membership.objects.get(profile=world.sam).id, by_id=world.mo.id)
    send_due(prepare)
    assert sink.mails == []

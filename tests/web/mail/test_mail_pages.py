"""Mail choices, following and muting, and the list behind the envelope, as people use them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from moothall.accounts.models import User
from moothall.core.clock import now
from moothall.discussions.models import Inbox, Kind, Lane, Post, Source, Status, Topic
from moothall.groups.models import MailChoice, Membership
from moothall.mailer.bounces import record, stopped
from moothall.members.models import Profile
from moothall.moderation.decide import Choice, decide, undo
from moothall.moderation.models import Action
from moothall.notifications.fanning import fan_out_event
from moothall.notifications.models import Attitude, Event, Notification, Reason, Watch
from moothall.notifications.reading import unread_count
from moothall.notifications.watching import watch_person, watch_topic
from moothall.posting.submission import Submission
from moothall.posting.submit import submit
from moothall.posting.thank import thank
from moothall.rules.models import Rule
from tests.browsers import as_
from tests.posting.test_submit import PITCH
from tests.world import World

pytestmark = pytest.mark.django_db


def tell_all() -> None:
    for event_id in Event.objects.order_by("id").values_list("id", flat=True):
        fan_out_event(event_id)


def reasons(profile: Profile) -> list[str]:
    return list(Notification.objects.filter(profile=profile).order_by("id").values_list("reason", flat=True))


def replied(world: World, author: Profile, text: str) -> None:
    submit(Submission(world.group.id, author.id, text, topic_id=world.topic.id, reply_to_id=world.first.id))
    tell_all()


@pytest.mark.parametrize(
    ("lane", "page", "before"),
    [("discussions", "group", "weekly"), ("promotions", "group_promotions", "none"), ("jobs", "group_jobs", "none")],
)
def test_one_click_on_the_groups_page_changes_the_pace_of_its_lane(
    world: World, lane: str, page: str, before: str
) -> None:
    client = as_(world.mia)
    here = reverse(page, args=[world.group.slug])
    shown = client.get(here).content.decode()
    assert f'value="{before}" aria-pressed="true"' in shown
    assert f'<input type="hidden" name="lane" value="{lane}">' in shown
    answer = client.post(
        reverse("group_mail", args=[world.group.slug]), {"mail": "instant", "lane": lane, "back": here}, follow=True
    )
    assert answer.redirect_chain == [(here, 302)]
    assert 'value="instant" aria-pressed="true"' in answer.content.decode()
    mine = Membership.objects.get(group=world.group, profile=world.mia)
    assert [each for each in ("discussions", "promotions", "jobs") if mine.mail_of(each) == MailChoice.INSTANT] == [
        lane
    ]


def test_a_forged_choice_or_way_back_is_refused(world: World) -> None:
    client = as_(world.mia)
    where = reverse("group_mail", args=[world.group.slug])
    assert client.post(where, {"mail": "hourly"}).status_code == 400
    assert client.post(where, {"mail": "none", "lane": "banned_reason"}).status_code == 400
    answer = client.post(where, {"mail": "none", "back": "//elsewhere.example/"})
    assert answer["Location"] == f"/groups/{world.group.slug}/"


def test_an_answer_a_name_and_thanks_reach_whom_they_concern(world: World) -> None:
    replied(world, world.olga, "Mind the plinth. @nils-nook did the same, and @sam-stone too.")
    thank(world.reply.id, world.mia.id)
    tell_all()
    assert reasons(world.mia) == [Reason.ANSWERED]
    assert reasons(world.nils) == [Reason.MENTIONED]
    assert reasons(world.mo) == [Reason.THANKED]
    assert reasons(world.sam) == []
    assert reasons(world.olga) == []


def test_a_name_in_promotions_reaches_those_only_who_asked_for_promotions(world: World) -> None:
    Topic.objects.filter(id=world.topic.id).update(lane=Lane.PROMOTIONS)
    Membership.objects.filter(profile=world.nils).update(mail_promotions=MailChoice.WEEKLY)
    replied(world, world.olga, "@nils-nook and @mo-marsh, ten tubs of lime putty are left.")
    tell_all()
    assert reasons(world.nils) == [Reason.MENTIONED]
    assert reasons(world.mo) == []


def test_telling_twice_changes_nothing(world: World) -> None:
    replied(world, world.olga, "Mind the plinth.")
    tell_all()
    assert reasons(world.mia) == [Reason.ANSWERED]


def test_a_question_reaches_whoever_knows_and_a_held_one_reaches_nobody(world: World) -> None:
    Profile.objects.filter(id=world.mo.id).update(knows=["lime plaster"])
    asked = "How long should lime plaster cure before limewash in a cold room?"
    for profile in (world.mia, world.olga):
        submit(Submission(world.group.id, profile.id, asked, kind=Kind.QUESTION, title="Curing of lime plaster"))
    second = Post.objects.filter(author=world.olga, is_first=True).latest("id")
    Post.objects.filter(id=second.id).update(status=Status.HELD)
    Post.objects.filter(author=world.mia, is_first=True).update(is_doubtful=False, inbox=Inbox.OPEN)
    tell_all()
    assert reasons(world.mo) == [Reason.MATCHES]


def test_whoever_mutes_hears_nothing_but_decisions_on_their_own_posts(world: World) -> None:
    watch_topic(world.mia.id, world.topic.id, Attitude.MUTE)
    replied(world, world.olga, "Mind the plinth.")
    decide(world.first.id, Choice(Action.ACCEPT), world.mo.id)
    tell_all()
    assert reasons(world.mia) == [Reason.DECIDED]


def test_a_post_that_a_manager_lets_stand_is_its_authors_for_whoever_muted_one_of_them(world: World) -> None:
    watch_person(world.mia.id, world.nils.id, Attitude.MUTE)
    watch_person(world.olga.id, world.mo.id, Attitude.MUTE)
    Post.objects.filter(id=world.held.id).update(text="What do @mia-moss and @olga-oakes say?")
    decide(world.held.id, Choice(Action.ACCEPT), world.mo.id)
    tell_all()
    assert reasons(world.mia) == []
    assert reasons(world.olga) == [Reason.MENTIONED]
    assert reasons(world.nils) == [Reason.DECIDED]


def test_followers_hear_of_each_answer(world: World) -> None:
    watch_person(world.nils.id, world.olga.id, Attitude.FOLLOW)
    replied(world, world.olga, "Mind the plinth.")
    assert reasons(world.nils) == [Reason.FOLLOWED]
    page = as_(world.nils).get(reverse("told")).content.decode()
    assert "Why: you follow this." in page
    assert f'href="{reverse("account_mail")}#watch-h">What you follow' in page


def test_the_list_says_why_and_reading_the_topic_reads_it(world: World) -> None:
    replied(world, world.olga, "Mind the plinth.")
    client = as_(world.mia)
    page = client.get(reverse("told")).content.decode()
    assert "Olga Oakes answered you" in page
    assert "Why: it answers you." in page
    assert unread_count(world.mia) == 1
    client.get(reverse("topic", args=[world.group.slug, world.topic.id]))
    assert unread_count(world.mia) == 0


def test_the_list_says_what_was_decided_about_ones_own_post_and_why(world: World) -> None:
    rule = Rule.objects.get(edition__group=world.group, number=2)
    moved = decide(
        world.first.id, Choice(Action.REROUTE, Lane.PROMOTIONS, "An offer, and welcome there.", rule.id), world.mo.id
    )
    tell_all()
    page = as_(world.mia).get(reverse("told")).content.decode()
    assert "Mo Marsh looked at your post: it is in Promotions" in page
    assert "An offer, and welcome there. Rule 2: " in page
    undo(moved.id, world.mo.id)
    tell_all()
    page = as_(world.mia).get(reverse("told")).content.decode()
    assert page.index("An earlier decision was taken back.") < page.index("An offer, and welcome there.")


def test_whoever_mailed_a_post_that_waits_is_told_so_and_why_and_on_the_site_the_form_says_it(world: World) -> None:
    for source in (Source.WEB, Source.MAIL):
        submit(Submission(world.group.id, world.nils.id, PITCH, title=f"CHEAP DAMP PROOFING {source}", source=source))
    tell_all()
    page = as_(world.nils).get(reverse("told")).content.decode()
    assert "CHEAP DAMP PROOFING mail" in page
    assert "CHEAP DAMP PROOFING web" not in page
    assert "Your post was looked at: it is waiting for a manager" in page
    assert "We read it before any person did: " in page


def test_all_can_be_marked_as_read_at_once(world: World) -> None:
    replied(world, world.olga, "Mind the plinth.")
    as_(world.mia).post(reverse("told_read"))
    assert unread_count(world.mia) == 0


def test_nothing_of_a_group_that_one_left_is_shown(world: World) -> None:
    replied(world, world.olga, "Mind the plinth.")
    Membership.objects.filter(profile=world.mia).update(state="left")
    assert "Mind" not in as_(world.mia).get(reverse("told")).content.decode()
    assert unread_count(world.mia) == 0


def test_the_list_takes_the_same_queries_for_many(world: World) -> None:
    replied(world, world.olga, "Mind the plinth.")
    client = as_(world.mia)
    client.get(reverse("told"))
    with CaptureQueriesContext(connection) as few:
        client.get(reverse("told"))
    for number in range(8):
        replied(world, world.olga, f"And the {number}th thing: mind the plinth.")
    with CaptureQueriesContext(connection) as many:
        client.get(reverse("told"))
    assert len(many) == len(few)


def test_watch_buttons_follow_mute_and_take_back(world: World) -> None:
    client = as_(world.nils)
    where = reverse("topic_watch", args=[world.group.slug, world.topic.id])
    client.post(where, {"watch": "follow"})
    client.post(where, {"watch": "mute"})
    assert Watch.objects.get(profile=world.nils).attitude == Attitude.MUTE
    client.post(where, {"watch": "neither"})
    assert not Watch.objects.exists()
    assert client.post(where, {"watch": "own"}).status_code == 400
    assert as_(world.nils).post(reverse("person_watch", args=[world.nils.handle]), {"watch": "mute"}).status_code == 404


def test_what_one_follows_is_listed_while_one_may_read_it(world: World) -> None:
    watch_topic(world.nils.id, world.topic.id, Attitude.FOLLOW)
    watch_person(world.nils.id, world.mia.id, Attitude.MUTE)

    def listed() -> str:
        return as_(world.nils).get(reverse("account_mail")).content.decode()

    assert world.topic.title in listed()
    Topic.objects.filter(id=world.topic.id).update(status=Status.HELD)
    assert world.topic.title not in listed()
    Topic.objects.filter(id=world.topic.id).update(status=Status.PUBLISHED)
    Membership.objects.filter(profile=world.nils).update(state="left")
    html = listed()
    assert world.topic.title not in html
    assert "Mia Moss" in html


def test_times_of_all_mail_are_kept_and_half_a_pair_is_refused(world: World) -> None:
    client = as_(world.mia)
    where = reverse("account_mail")
    answer = client.post(where, {"mail_quiet_from": "22"})
    assert "Give both hours, or neither." in answer.content.decode()
    client.post(where, {"mail_quiet_from": "22", "mail_quiet_until": "7"})
    user = User.objects.get(profile=world.mia)
    assert (user.mail_quiet_from, user.mail_quiet_until) == (22, 7)


def test_all_mail_can_be_paused_until_a_day_within_a_year_and_come_together(world: World) -> None:
    client = as_(world.mia)
    where = reverse("account_mail")
    day = now().date() + timedelta(days=30)
    client.post(where, {"mail_paused_until": day.isoformat(), "mail_is_together": "on"})
    user = User.objects.get(profile=world.mia)
    assert (user.mail_paused_until, user.mail_is_together) == (day, True)
    later = day + timedelta(days=365)
    assert "Choose a day within a year" in client.post(where, {"mail_paused_until": later.isoformat()}).content.decode()
    client.post(where, {"mail_paused_until": ""})
    user.refresh_from_db()
    assert (user.mail_paused_until, user.mail_is_together) == (None, False)


def test_a_pause_stands_in_the_form_so_that_saving_something_else_keeps_it(world: World) -> None:
    day = now().date() + timedelta(days=30)
    User.objects.filter(profile=world.mia).update(mail_paused_until=day)
    html = as_(world.mia).get(reverse("account_mail")).content.decode()
    assert f'<input type="date" name="mail_paused_until" value="{day.isoformat()}"' in html


def test_mail_that_was_stopped_by_bounces_can_be_resumed(world: World) -> None:
    assert world.mia.user is not None
    record(None, world.mia.user.email, "complaint", now())
    client = as_(world.mia)
    assert "Mail me again" in client.get(reverse("account_mail")).content.decode()
    client.post(reverse("account_mail_resume"))
    assert stopped([world.mia.user.email]) == set()


def test_new_members_have_weekly_discussions_and_no_promotions() -> None:
    fresh = Membership()
    assert [fresh.mail_of(lane) for lane in ("discussions", "promotions", "jobs")] == [
        MailChoice.WEEKLY,
        MailChoice.NONE,
        MailChoice.NONE,
    ]


@pytest.mark.parametrize("name", ["home", "told", "account_mail"])
def test_a_member_whose_mail_was_stopped_is_told_where_they_look(world: World, name: str) -> None:
    assert "Mail me again" not in as_(world.mia).get(reverse(name)).content.decode()
    assert world.mia.user is not None
    record(None, world.mia.user.email, "complaint", now())
    assert "Mail me again" in as_(world.mia).get(reverse(name)).content.decode()


def test_managers_see_whom_mail_does_not_reach_and_nobodys_address(world: World) -> None:
    assert world.mia.user is not None
    record(None, world.mia.user.email, "complaint", now())
    page = as_(world.mo).get(reverse("group_people", args=[world.group.slug]), {"show": "mail"}).content.decode()
    assert "Mia Moss" in page
    assert "they do not want it" in page
    assert "Nils Nook" not in page
    assert world.mia.user.email not in page

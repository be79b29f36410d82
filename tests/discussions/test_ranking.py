from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from moothall.core.clock import now
from moothall.discussions.feed import Order, feed_page
from moothall.discussions.models import Kind, Lane, Post, Source, Status, Thank, Topic
from moothall.discussions.ranking import recount
from moothall.groups.models import Group, Membership
from moothall.members.models import Profile, ProfileState
from tests.world import World, join, new_group, new_reply, new_topic, person

pytestmark = pytest.mark.django_db

NOON = now().replace(hour=12, minute=0, second=0, microsecond=0) - timedelta(days=1)


def at(row: Topic | Post | Thank, moment: datetime) -> None:
    type(row)._default_manager.filter(pk=row.pk).update(created_at=moment)
    row.created_at = moment


def topic(group: Group, author: Profile, moment: datetime, kind: Kind = Kind.DISCUSSION) -> Topic:
    post = new_topic(group, author, f"By {author.name} at {moment:%H:%M:%S}", kind=kind)
    at(post, moment)
    at(post.topic, moment)
    return post.topic


def reply(to: Topic, author: Profile, moment: datetime) -> Post:
    post = new_reply(to, author)
    at(post, moment)
    return post


def thank(post: Post, profile: Profile, moment: datetime) -> Thank:
    given = Thank.objects.create(post=post, profile=profile)
    at(given, moment)
    return given


def ranked(row: Topic) -> Topic:
    recount({row.id})
    row.refresh_from_db()
    return row


def hours(row: Topic, since: datetime = NOON) -> float:
    return (ranked(row).rank_at - since) / timedelta(hours=1)


def test_counts_are_of_different_people_and_of_published_posts(world: World) -> None:
    t = topic(world.group, world.mia, NOON)
    reply(t, world.mo, NOON + timedelta(hours=1))
    helpful = reply(t, world.mo, NOON + timedelta(hours=2))
    reply(t, world.nils, NOON + timedelta(hours=3))
    held = reply(t, world.olga, NOON + timedelta(hours=4))
    Post.objects.filter(id=held.id).update(status=Status.HELD)
    thank(helpful, world.mia, NOON + timedelta(hours=5))
    thank(helpful, world.nils, NOON + timedelta(hours=5))

    ranked(t)

    assert (t.people_count, t.reply_count, t.thanked_count) == (3, 3, 2)
    assert (t.last_post_at, t.last_author) == (NOON + timedelta(hours=3), world.nils)


def test_comment_by_another_member_lifts_and_the_authors_own_does_not(world: World) -> None:
    t = topic(world.group, world.mia, NOON)
    reply(t, world.mia, NOON + timedelta(hours=1))
    assert hours(t) == 0
    reply(t, world.mo, NOON + timedelta(hours=2))
    assert hours(t) == pytest.approx(2 + 8)


def test_doubtful_comment_and_one_without_standing_do_not_lift(world: World) -> None:
    t = topic(world.group, world.mia, NOON)
    reply(t, world.nils, NOON + timedelta(hours=1))
    doubtful = reply(t, world.mo, NOON + timedelta(hours=2))
    Post.objects.filter(id=doubtful.id).update(is_doubtful=True)
    assert hours(t) == 0


def test_many_comments_of_one_person_count_as_one_person(world: World) -> None:
    t = topic(world.group, world.mia, NOON)
    for minutes in range(30):
        reply(t, world.mo, NOON + timedelta(minutes=minutes))
    assert hours(t) == pytest.approx(29 / 60 + 8)


def test_a_fourth_person_is_worth_as_much_as_the_second(world: World) -> None:
    t = topic(world.group, world.mia, NOON)
    for name in ("Ada", "Bea", "Cy"):
        friend = person(name)
        join(world.group, friend)
        reply(t, friend, NOON)
    assert hours(t) == pytest.approx(16)


def test_one_person_lifts_three_conversations_of_others_a_day_by_comments_and_thanks_together(world: World) -> None:
    topics = [topic(world.group, world.olga, NOON - timedelta(days=9 - n)) for n in range(5)]
    reply(topics[0], world.mia, NOON)
    reply(topics[1], world.mia, NOON + timedelta(minutes=1))
    thank(Post.objects.get(topic=topics[2]), world.mia, NOON + timedelta(minutes=2))
    reply(topics[3], world.mia, NOON + timedelta(minutes=3))
    thank(Post.objects.get(topic=topics[4]), world.mia, NOON + timedelta(minutes=4))

    lifted = [hours(t, t.created_at) > 0 for t in topics]

    assert lifted == [True, True, True, False, False]


def test_deleting_a_comment_does_not_free_another(world: World) -> None:
    topics = [topic(world.group, world.olga, NOON - timedelta(days=9 - n)) for n in range(4)]
    for n, t in enumerate(topics):
        reply(t, world.mia, NOON + timedelta(minutes=n))
    Post.objects.filter(topic=topics[0], author=world.mia).update(status=Status.DELETED, deleted_at=NOON)
    assert hours(topics[3], topics[3].created_at) == 0


def test_the_next_day_lifts_again(world: World) -> None:
    topics = [topic(world.group, world.olga, NOON - timedelta(days=9 - n)) for n in range(4)]
    for n, t in enumerate(topics):
        reply(t, world.mia, NOON - timedelta(days=1) + timedelta(minutes=n))
    reply(topics[3], world.mia, NOON)
    assert hours(topics[3]) == pytest.approx(8)


def test_unanswered_question_is_lifted_until_somebody_with_standing_answers(world: World) -> None:
    t = topic(world.group, world.mia, NOON, Kind.QUESTION)
    assert hours(t) == pytest.approx(18)
    assert t.is_unanswered
    reply(t, world.nils, NOON + timedelta(hours=1))
    assert hours(t) == pytest.approx(18), "a newcomer's answer takes nothing away"
    assert not t.is_unanswered
    reply(t, world.mo, NOON + timedelta(hours=2))
    assert hours(t) == pytest.approx(2 + 8)


def test_thanks_lift_by_different_people_with_standing(world: World) -> None:
    t = topic(world.group, world.mia, NOON)
    first = Post.objects.get(topic=t)
    thank(first, world.nils, NOON)
    thank(first, world.mia, NOON)
    assert hours(t) == 0
    thank(first, world.mo, NOON)
    assert hours(t) == pytest.approx(4)
    thank(first, world.olga, NOON)
    assert hours(t) == pytest.approx(4 * 1.585, rel=0.01)


def test_newcomers_topics_and_the_third_of_a_day_are_paced(world: World) -> None:
    assert ranked(topic(world.group, world.nils, NOON)).is_paced
    mine = [ranked(topic(world.group, world.mia, NOON + timedelta(hours=n))) for n in range(4)]
    assert [t.is_paced for t in mine] == [False, False, True, True]
    assert not ranked(topic(world.group, world.mia, NOON + timedelta(hours=28))).is_paced


def test_standing_earned_later_settles_a_topic(world: World) -> None:
    t = ranked(topic(world.group, world.nils, NOON))
    Membership.objects.filter(profile=world.nils).update(has_standing=True)
    assert not ranked(t).is_paced


def test_imported_conversations_rank_by_their_talk_without_standing() -> None:
    group = new_group("archive")
    writers = [
        Profile.objects.create(
            name=f"W{n}", handle=f"w{n}", state=ProfileState.PLACEHOLDER, claim_address=f"w{n}@list.example"
        )
        for n in range(4)
    ]
    old = NOON - timedelta(days=4000)
    lively, lonely = topic(group, writers[0], old), topic(group, writers[0], old + timedelta(hours=1))
    for n in (1, 2, 3):
        reply(lively, writers[n], old + timedelta(hours=n))
    Post.objects.filter(group=group).update(source=Source.IMPORT)
    recount([lively.id, lonely.id])

    page = feed_page(group, Lane.DISCUSSIONS, Order.BEST, "", None)

    assert [row.topic for row in page.rows] == [lively, lonely]
    assert not any(row.topic.is_paced for row in page.rows)
    assert hours(lively, old) == pytest.approx(3 + 16)


def test_a_date_in_the_future_does_not_stay_on_top(world: World) -> None:
    t = ranked(topic(world.group, world.mia, now() + timedelta(days=900)))
    assert t.rank_at <= now()


def test_any_number_of_topics_takes_two_statements(world: World, django_assert_num_queries) -> None:  # type: ignore[no-untyped-def]
    topics = [topic(world.group, world.mia, NOON - timedelta(days=n)) for n in range(30)]
    for some in (topics[:1], topics):
        with django_assert_num_queries(2):
            recount([t.id for t in some])

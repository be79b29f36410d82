from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from moothall.core.clock import now
from moothall.discussions.feed import PAGE, Order, feed_counts, feed_heads, feed_page
from moothall.discussions.models import Kind, Lane, Status, Topic, TopicRead
from moothall.discussions.ranking import recount
from tests.world import World, join, new_group, new_reply, new_topic

pytestmark = pytest.mark.django_db


def topics(world: World, count: int) -> list[Topic]:
    made = [new_topic(world.group, world.mo, f"Topic {n}").topic for n in range(count)]
    for n, topic in enumerate(made):
        Topic.objects.filter(id=topic.id).update(created_at=now() - timedelta(hours=n))
    recount([t.id for t in made])
    return made


def pages(world: World, order: Order) -> list[Topic]:
    seen: list[Topic] = []
    cursor = ""
    while True:
        page = feed_page(world.group, Lane.DISCUSSIONS, order, cursor, world.mia)
        seen += [row.topic for row in page.rows]
        cursor = page.next_cursor
        if not cursor:
            return seen


@pytest.mark.parametrize("order", list(Order))
def test_pages_show_every_published_topic_once(world: World, order: Order) -> None:
    made = topics(world, PAGE * 2 + 3)
    Topic.objects.filter(id=world.topic.id).update(is_unanswered=True)
    assert sorted(t.id for t in pages(world, order)) == sorted([world.topic.id, *(t.id for t in made)])


def test_topics_of_the_same_moment_are_all_shown(world: World) -> None:
    topics(world, PAGE + 5)
    Topic.objects.update(created_at=now(), rank_at=now())
    assert len(pages(world, Order.NEWEST)) == len(pages(world, Order.BEST)) == PAGE + 6


def test_newest_is_by_date_and_unanswered_only_what_waits(world: World) -> None:
    made = topics(world, 3)
    Topic.objects.filter(id=made[1].id).update(is_unanswered=False)
    assert [t for t in pages(world, Order.NEWEST) if t in made] == made
    assert made[1] not in pages(world, Order.UNANSWERED)


def test_other_lanes_held_topics_and_other_groups_stay_out(world: World) -> None:
    promotion = new_topic(world.group, world.mo, "Lime by the bag", kind=Kind.PROMOTION, lane=Lane.PROMOTIONS).topic
    elsewhere = new_topic(new_group("other"), world.mo).topic
    seen = pages(world, Order.BEST)
    assert seen == [world.topic]
    assert promotion not in seen
    assert elsewhere not in seen
    assert world.held.topic not in seen


def test_counts_are_of_published_topics_by_lane(world: World) -> None:
    new_topic(world.group, world.mo, "Lime by the bag", kind=Kind.PROMOTION, lane=Lane.PROMOTIONS)
    asked = new_topic(world.group, world.mo).topic
    recount([asked.id, world.topic.id])
    counts = feed_counts(world.group)
    assert counts.lanes == {Lane.DISCUSSIONS: 2, Lane.PROMOTIONS: 1, Lane.JOBS: 0}
    assert counts.unanswered == 1


def test_unread_is_what_others_wrote_since_one_looked(world: World) -> None:
    def is_unread() -> bool:
        recount([world.topic.id])
        return feed_page(world.group, Lane.DISCUSSIONS, Order.BEST, "", world.mia).rows[0].is_unread

    assert is_unread()
    TopicRead.objects.create(profile=world.mia, topic=world.topic, read_at=now())
    assert not is_unread()
    new_reply(world.topic, world.mo)
    assert is_unread()
    new_reply(world.topic, world.mia)
    assert not is_unread()


def test_what_is_older_than_ones_membership_is_not_unread(world: World) -> None:
    join(world.group, world.sam, days=0)
    recount([world.topic.id])
    Topic.objects.update(last_post_at=now() - timedelta(days=1))
    assert not feed_page(world.group, Lane.DISCUSSIONS, Order.BEST, "", world.sam).rows[0].is_unread


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cursor=st.text(max_size=60) | st.from_regex(r"-?\d{0,20}\.\d{0,20}(~-?\d{0,17}\.?\d{0,19}~\d{0,10}\.\d{0,10})?"))
def test_any_cursor_gives_a_page(world: World, cursor: str) -> None:
    for order in Order:
        feed_page(world.group, Lane.DISCUSSIONS, order, cursor, world.mia)


@pytest.mark.parametrize("order", list(Order))
def test_a_page_takes_the_same_queries_however_long(world: World, order: Order, django_assert_num_queries) -> None:  # type: ignore[no-untyped-def]
    for more in (1, 30):
        topics(world, more)
        Topic.objects.update(is_unanswered=True, status=Status.PUBLISHED)
        with django_assert_num_queries(4):
            page = feed_page(world.group, Lane.DISCUSSIONS, order, "", world.mia)
            [row.topic.author.name for row in page.rows]


def test_heads_are_the_first_rows_of_each_feed_in_the_same_queries(world: World, django_assert_num_queries) -> None:  # type: ignore[no-untyped-def]
    topics(world, 5)
    other = new_group("other")
    join(other, world.mia)
    for n in range(3):
        recount([new_topic(other, world.nils, f"By a newcomer {n}").topic.id])
    for groups in ([world.group], [world.group, other]):
        with django_assert_num_queries(4):
            heads = feed_heads(groups, world.mia, 3)
        for group in groups:
            first_page = feed_page(group, Lane.DISCUSSIONS, Order.BEST, "", world.mia).rows
            assert heads[group.id] == first_page[:3]

"""By how many places anybody can push a discussion down: the promise of docs/policy.md, attacked on PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from math import ceil

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, event, given, settings
from hypothesis import strategies as st

from moothall.core.clock import now
from moothall.discussions.feed import Order, feed_page
from moothall.discussions.models import Kind, Lane, Post, Status, Thank, Topic
from moothall.discussions.ranking import recount
from moothall.groups.models import Group, Membership
from moothall.members.models import Profile, ProfileState
from tests.world import new_group

pytestmark = pytest.mark.django_db

HONEST = 6
# Nobody acts twice at one instant: the database keeps microseconds, and a tie would leave open which act came first.
INSTANTS = count()
# The attack begins at six in the evening, so that its 24 hours touch two days.
ATTACK_AT = now().replace(hour=18, minute=0, second=0, microsecond=0) - timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Act:
    """`who` and `where` are taken modulo the people and topics there are at that moment."""

    what: str
    who: int
    where: int
    minute: int
    kind: Kind


def acts(start_minute: int, end_minute: int, fewest: int, most: int) -> st.SearchStrategy[list[Act]]:
    act = st.builds(
        Act,
        what=st.sampled_from(["topic", "comment", "thank"]),
        who=st.integers(0, 30),
        where=st.integers(0, 60),
        minute=st.integers(start_minute, end_minute),
        kind=st.sampled_from([Kind.DISCUSSION, Kind.QUESTION]),
    )
    return st.lists(act, min_size=fewest, max_size=most).map(lambda found: sorted(found, key=lambda a: a.minute))


def people(group: Group, name: str, count: int, *, standing: bool) -> list[Profile]:
    found = Profile.objects.bulk_create(
        Profile(
            name=f"{name} {n}",
            handle=f"{name}-{n}",
            state=ProfileState.PLACEHOLDER,
            claim_address=f"{name}{n}@moothall.example",
        )
        for n in range(count)
    )
    Membership.objects.bulk_create(Membership(group=group, profile=p, has_standing=standing) for p in found)
    return found


def start_topic(group: Group, author: Profile, at: datetime, kind: Kind) -> Topic:
    topic = Topic.objects.create(
        group=group, author=author, title="T", kind=kind, status=Status.PUBLISHED, created_at=at
    )
    write(topic, author, at, is_first=True)
    return topic


def write(topic: Topic, author: Profile, at: datetime, *, is_first: bool) -> None:
    Post.objects.create(
        group_id=topic.group_id,
        topic=topic,
        author=author,
        status=Status.PUBLISHED,
        is_first=is_first,
        text="t",
        html="t",
        created_at=at,
    )


def play(group: Group, crowd: Sequence[Profile], topics: list[Topic], moves: Sequence[Act]) -> set[int]:
    """Each act as posting does it, each followed by a recount. Returns the topics in which the crowd took part."""
    touched = set()
    for move in moves:
        at = ATTACK_AT + timedelta(minutes=move.minute, microseconds=next(INSTANTS))
        who = crowd[move.who % len(crowd)]
        if move.what == "topic" or not topics:
            topics.append(start_topic(group, who, at, move.kind))
            recount({topics[-1].id})
            continue
        topic = topics[move.where % len(topics)]
        if move.what == "comment":
            write(topic, who, at, is_first=False)
        else:
            post = Post.objects.filter(topic=topic).exclude(author=who).exclude(thanks__profile=who).last()
            if post is None:
                continue
            Thank.objects.create(post=post, profile=who, created_at=at)
        touched.add(topic.id)
        recount({topic.id})
    return touched


def whole_feed(group: Group) -> list[Topic]:
    found: list[Topic] = []
    cursor = ""
    while True:
        page = feed_page(group, Lane.DISCUSSIONS, Order.BEST, cursor, None)
        found += [row.topic for row in page.rows]
        cursor = page.next_cursor
        if not cursor:
            return found


def places(feed: Sequence[Topic]) -> dict[int, int]:
    return {topic.id: place for place, topic in enumerate(feed, start=1)}


def lowest_place(place: int, k_standing: int) -> int:
    """The bound, as docs/policy.md gives it."""
    return ceil(5 * (place + 8 * k_standing) / 4)


@settings(
    max_examples=30,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
@given(
    before=acts(-3000, -1, 12, 40),
    attack=acts(0, 24 * 60 - 1, 0, 50),
    newcomers=st.integers(0, 8),
    insiders=st.sampled_from([0, 0, 1, 3]),
)
def test_no_attack_pushes_a_discussion_further_down_than_promised(
    before: list[Act], attack: list[Act], newcomers: int, insiders: int
) -> None:
    with transaction.atomic():
        group = new_group("bound")
        topics: list[Topic] = []
        play(group, people(group, "honest", HONEST, standing=True), topics, before)
        feed_before = whole_feed(group)
        attackers = people(group, "new", newcomers, standing=False) + people(group, "in", insiders, standing=True)
        touched = play(group, attackers, topics, attack) if attackers else set()
        feed_after = whole_feed(group)
        transaction.set_rollback(True)
    assert len(feed_after) == len({t.id for t in feed_after}) == len(topics), "every topic is shown once"
    old, new = places(feed_before), places(feed_after)
    for topic in feed_before:
        is_answered_now = insiders and topic.kind == Kind.QUESTION and topic.id in touched
        if topic.is_paced or is_answered_now:
            continue
        fell = new[topic.id] - old[topic.id]
        event("pushed down" if fell > 0 else "kept its place")
        assert new[topic.id] <= lowest_place(old[topic.id], insiders)


def test_newcomers_reach_the_bound_and_no_further() -> None:
    group = new_group("bound")
    honest = people(group, "honest", 30, standing=True)
    old = [start_topic(group, p, ATTACK_AT - timedelta(hours=n), Kind.DISCUSSION) for n, p in enumerate(honest)]
    recount([t.id for t in old])
    for who in people(group, "new", 20, standing=False):
        for minute in range(5):
            recount([start_topic(group, who, ATTACK_AT + timedelta(minutes=minute), Kind.QUESTION).id])

    new = places(whole_feed(group))

    assert [new[t.id] for t in old] == [lowest_place(s, 0) for s in range(1, 31)]


def test_a_member_with_standing_and_newcomers_reach_the_bound_and_no_further() -> None:
    group = new_group("bound")
    honest = people(group, "honest", 40, standing=True)
    old = [start_topic(group, p, ATTACK_AT - timedelta(hours=n), Kind.DISCUSSION) for n, p in enumerate(honest)]
    recount([t.id for t in old])
    crowd = people(group, "in", 1, standing=True)
    both_days = [*range(0, 60, 5), *range(12 * 60, 13 * 60, 5)]
    comments = [Act("comment", 0, 16 + n, minute, Kind.DISCUSSION) for n, minute in enumerate(both_days)]
    thanks = [Act("thank", 0, 16 + n, minute + 1, Kind.DISCUSSION) for n, minute in enumerate(both_days)]
    new_topics = [Act("topic", 0, 0, minute, Kind.QUESTION) for minute in range(100, 110)]
    play(group, crowd, list(old), [*comments, *thanks, *new_topics])
    for who in people(group, "new", 20, standing=False):
        recount([start_topic(group, who, ATTACK_AT + timedelta(days=1), Kind.QUESTION).id])

    new = places(whole_feed(group))

    assert [new[t.id] for t in old[:16]] == [lowest_place(s, 1) for s in range(1, 17)]


def test_a_newcomers_unanswered_question_may_stand_first() -> None:
    group = new_group("bound")
    honest = people(group, "honest", 3, standing=True)
    for n, who in enumerate(honest):
        recount([start_topic(group, who, ATTACK_AT - timedelta(hours=n), Kind.DISCUSSION).id])
    question = start_topic(group, people(group, "new", 1, standing=False)[0], ATTACK_AT, Kind.QUESTION)
    recount([question.id])

    assert whole_feed(group)[0] == question


def test_paced_topics_follow_each_other_only_where_settled_ones_have_run_out() -> None:
    group = new_group("bound")
    settled = people(group, "honest", 1, standing=True)[0]
    recount([start_topic(group, settled, ATTACK_AT - timedelta(days=3), Kind.DISCUSSION).id])
    for who in people(group, "new", 30, standing=False):
        recount([start_topic(group, who, ATTACK_AT, Kind.DISCUSSION).id])

    assert [t.is_paced for t in whole_feed(group)] == [True, False] + [True] * 29

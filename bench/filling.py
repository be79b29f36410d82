"""A group of any size for measurements, from the project's own corpus. Rows are written directly: what is measured is
reading them. Words, lengths and conversations repeat; their numbers and their order in time do not."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, timedelta

from filling_texts import corpus_texts

from moothall.core.clock import now
from moothall.core.markdown import render
from moothall.discussions.models import Kind, Post, Status, Topic
from moothall.discussions.ranking import recount
from moothall.groups.models import Group, Membership, Role, Visibility
from moothall.members.models import Profile, ProfileState
from moothall.rules.models import Rule, RulesEdition
from moothall.search.index import index_posts

# Conversations are short: of seven, one has no answer and one has twenty.
REPLIES = (0, 1, 2, 3, 5, 9, 20)
LONG_TOPIC = 200
BATCH = 2000
KINDS = (Kind.DISCUSSION, Kind.QUESTION, Kind.REQUEST, Kind.EXPERTISE)


def fill(slug: str, posts: int, reader: Profile) -> Group:
    """A public group with so many posts, one topic of 200 comments among them; `reader` is a member."""
    chance = random.Random(posts)
    group = Group.objects.create(slug=slug, name=slug, purpose="Keeping old houses dry.", visibility=Visibility.PUBLIC)
    edition = RulesEdition.objects.create(group=group, number=1)
    Rule.objects.create(edition=edition, number=1, text="Keep to the shared interest.")
    members = _members(group, max(posts // 40, 12), reader)
    texts = [(title, text, render(text)) for title, text in corpus_texts()]
    made = 0
    while made < posts:
        made += _write_topics(group, members, texts, chance, posts - made, is_first_batch=made == 0)
    ids = list(Topic.objects.filter(group=group).values_list("id", flat=True))
    for start in range(0, len(ids), BATCH):
        recount(ids[start : start + BATCH])
    return group


def _members(group: Group, count: int, reader: Profile) -> list[Profile]:
    people = Profile.objects.bulk_create(
        [
            Profile(
                state=ProfileState.PLACEHOLDER,
                name=f"Member {n} of {group.slug}",
                handle=f"{group.slug}-{n}",
                claim_address=f"m{n}@{group.slug}.invalid",
            )
            for n in range(count)
        ]
    )
    roles = [Role.OWNER, Role.MODERATOR]
    Membership.objects.bulk_create(
        [
            Membership(group=group, profile=p, role=roles[n] if n < len(roles) else Role.MEMBER, has_standing=n % 3 > 0)
            for n, p in enumerate([*people, reader])
        ]
    )
    return list(people)


def _write_topics(
    group: Group,
    members: list[Profile],
    texts: list[tuple[str, str, str]],
    chance: random.Random,
    wanted: int,
    *,
    is_first_batch: bool,
) -> int:
    sizes = list(_sizes(min(wanted, BATCH), is_first_batch=is_first_batch))
    begun = [now() - timedelta(hours=chance.expovariate(1 / (24 * 200))) for _ in sizes]
    chosen = [chance.choice(texts) for _ in sizes]
    topics = Topic.objects.bulk_create(
        [
            Topic(
                group=group,
                author=chance.choice(members),
                title=title[:200],
                kind=chance.choice(KINDS),
                status=Status.PUBLISHED,
                created_at=at,
            )
            for (title, _, _), at in zip(chosen, begun, strict=True)
        ]
    )
    posts: list[Post] = []
    for topic, said, size in zip(topics, chosen, sizes, strict=True):
        posts.append(_post(topic, topic.author, said, topic.created_at, is_first=True))
        for _ in range(size):
            at = topic.created_at + timedelta(minutes=chance.expovariate(1 / 600))
            posts.append(_post(topic, chance.choice(members), chance.choice(texts), min(at, now()), is_first=False))
    Post.objects.bulk_create(posts, batch_size=BATCH)
    index_posts(posts)
    return len(posts)


def _sizes(wanted: int, *, is_first_batch: bool) -> Iterator[int]:
    """Numbers of replies, until the posts are used up."""
    if is_first_batch and wanted > LONG_TOPIC:
        yield LONG_TOPIC
        wanted -= LONG_TOPIC + 1
    n = 0
    while wanted > 0:
        size = min(REPLIES[n % len(REPLIES)], wanted - 1)
        yield size
        wanted -= size + 1
        n += 1


def _post(topic: Topic, author: Profile, said: tuple[str, str, str], at: datetime, *, is_first: bool) -> Post:
    return Post(
        group_id=topic.group_id,
        topic=topic,
        author=author,
        is_first=is_first,
        kind=topic.kind,
        status=Status.PUBLISHED,
        text=said[1],
        html=said[2],
        created_at=at,
    )

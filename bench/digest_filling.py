"""A week of 20 groups, written directly: what is measured is telling of it."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from django.db import connection
from filling_texts import corpus_texts

from moothall.accounts.models import User
from moothall.core.clock import now
from moothall.discussions.models import Inbox, Kind, Post, Status, Topic
from moothall.discussions.ranking import recount
from moothall.groups.models import Group, Membership
from moothall.members.models import Profile

GROUPS = 20
POSTS_A_DAY = 50
ANSWERS = 4
# Mail to one domain is sent at a pace (MOOTHALL_MAIL_PACE).
DOMAINS = 250
KNOWS = ("lime plaster", "roof", "bread", "server", "garden", "chess", "guitar", "walking")


def _last_friday() -> datetime:
    today = now().replace(hour=7, minute=0, second=0, microsecond=0)
    friday = today - timedelta(days=(today.weekday() - 4) % 7)
    return (friday if friday < now() else friday - timedelta(days=7)) + timedelta(minutes=5)


AT = _last_friday()


def fill_week(members: int) -> None:
    chance = random.Random(members)
    texts = corpus_texts()
    people = _people(members, chance)
    for number in range(GROUPS):
        group = Group.objects.create(slug=f"group-{number}", name=f"Group {number}", purpose="Things worth knowing.")
        own = people[number::GROUPS]
        Membership.objects.bulk_create(
            [Membership(group=group, profile=p, joined_at=AT - timedelta(days=90)) for p in own], batch_size=2000
        )
        _talk(group, own, texts, chance)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _people(count: int, chance: random.Random) -> list[Profile]:
    users = User.objects.bulk_create(
        [
            User(email=f"m{n}@d{n % DOMAINS}.readers.invalid", password="!", time_zone="UTC", last_login=now())
            for n in range(count)
        ],
        batch_size=2000,
    )
    profiles = [
        Profile(user=user, name=f"Member {n}", handle=f"member-{n}", knows=[chance.choice(KNOWS)])
        for n, user in enumerate(users)
    ]
    return list(Profile.objects.bulk_create(profiles, batch_size=2000))


def _talk(group: Group, people: list[Profile], texts: list[tuple[str, str]], chance: random.Random) -> None:
    topics, posts = [], []
    for _ in range(POSTS_A_DAY * 7 // (ANSWERS + 1)):
        title, text = chance.choice(texts)
        at = AT - timedelta(hours=chance.uniform(2, 160))
        kind = chance.choice((Kind.DISCUSSION, Kind.QUESTION, Kind.REQUEST))
        topics.append(
            Topic(group=group, author=chance.choice(people), title=title[:200], kind=kind, status=Status.PUBLISHED,
                  created_at=at)
        )  # fmt: skip
        posts.append((text, at))
    made = Topic.objects.bulk_create(topics)
    rows = []
    for topic, (text, at) in zip(made, posts, strict=True):
        rows.append(_post(topic, topic.author, text, at, is_first=True))
        for nth in range(chance.randrange(2 * ANSWERS + 1)):
            said = chance.choice(texts)[1]
            rows.append(_post(topic, chance.choice(people), said, at + timedelta(minutes=9 * nth), is_first=False))
    Post.objects.bulk_create(rows)
    recount([topic.id for topic in made])


def _post(topic: Topic, author: Profile, text: str, at: datetime, *, is_first: bool) -> Post:
    return Post(
        group_id=topic.group_id, topic=topic, author=author, is_first=is_first, kind=topic.kind, text=text, html="<p/>",
        status=Status.PUBLISHED, inbox=Inbox.OPEN, created_at=at, inbox_at=at,
    )  # fmt: skip

"""What was written down while the demo was loading is set to the time at which the story has it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from random import Random

from django.db.models import DateTimeField, ExpressionWrapper, F, OuterRef, QuerySet, Subquery
from django.db.models.functions import Least

from moothall.cli.demo.story import GroupStory
from moothall.cli.demo.talk import Said
from moothall.discussions.models import Post, Status, Thank, Topic, TopicRead
from moothall.discussions.ranking import recount
from moothall.groups.models import Group, Membership
from moothall.judging.models import Screening
from moothall.judging.standing import refresh_standing
from moothall.members.models import Profile
from moothall.moderation.models import Decision, ReviewItem
from moothall.notifications.models import Event, EventKind

LOOKED_AT_AFTER = timedelta(hours=2, minutes=20)
MOMENTS_AGO = timedelta(minutes=3)


def set_back(group: Group, at: datetime) -> None:
    """Verdicts and the machine's decisions as old as their posts, the managers' some hours later."""
    written_at = Subquery(Post.objects.filter(id=OuterRef("post")).values("created_at"))
    Screening.objects.filter(group=group).update(screened_at=written_at)
    Decision.objects.filter(group=group, is_machine=True).update(decided_at=written_at)
    looked_at = Least(
        ExpressionWrapper(F("created_at") + LOOKED_AT_AFTER, output_field=DateTimeField()), at - MOMENTS_AGO
    )
    looked = Subquery(Post.objects.filter(id=OuterRef("post")).values(looked_at=looked_at))
    Decision.objects.filter(group=group, is_machine=False).update(decided_at=looked)
    Event.objects.filter(group=group, kind=EventKind.DECIDED).update(happened_at=looked)
    ReviewItem.objects.filter(group=group).update(opened_at=written_at)
    ReviewItem.objects.filter(group=group).update(due_at=F("opened_at") + timedelta(hours=group.promise_hours))


def give_thanks(
    group: Group, told: GroupStory, said: Sequence[Said], people: Mapping[str, Profile], at: datetime, chance: Random
) -> None:
    """As many as the story says, by members other than the author, in the hours after the post."""
    posts = Post.objects.in_bulk([each.post_id for each in said if getattr(each.told, "thanks", 0)])
    rows = []
    for each in said:
        wanted = getattr(each.told, "thanks", 0)
        post = posts.get(each.post_id)
        if post is None or post.status != Status.PUBLISHED:
            continue
        others = [name for name in told.everybody() if name != each.told.by]
        for name in chance.sample(others, min(wanted, len(others))):
            thanked_at = min(post.created_at + timedelta(hours=chance.uniform(0.1, 30)), at - MOMENTS_AGO)
            rows.append(Thank(post=post, profile=people[name], created_at=thanked_at))
        post.thanked_count = wanted
    Thank.objects.bulk_create(rows)
    Event.objects.bulk_create(_thanked(group, row) for row in rows)
    Post.objects.bulk_update(posts.values(), ["thanked_count"])


def _thanked(group: Group, thank: Thank) -> Event:
    return Event(
        kind=EventKind.THANKED,
        group=group,
        topic_id=thank.post.topic_id,
        post=thank.post,
        actor=thank.profile,
        concerns_id=thank.post.author_id,
        happened_at=thank.created_at,
    )


def settle(group: Group, readers: Sequence[Profile], at: datetime) -> None:
    """Standing and order anew, now that everything is in its place; and what the readers have read."""
    active = Membership.objects.active().filter(group=group)
    refresh_standing(group.id, list(active.values_list("profile_id", flat=True)))
    topics: QuerySet[Topic] = Topic.objects.filter(group=group)
    recount(set(topics.values_list("id", flat=True)))
    read_at = at - timedelta(hours=30)
    here = set(active.values_list("profile_id", flat=True))
    TopicRead.objects.bulk_create(
        TopicRead(profile=reader, topic=topic, read_at=read_at)
        for reader in readers
        if reader.id in here
        for topic in topics.filter(created_at__lt=read_at)
    )

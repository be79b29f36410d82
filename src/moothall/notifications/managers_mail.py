"""The mail to a manager: what waits for them, as far as it still does, and the week's figures."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.urls import reverse

from moothall.discussions.models import Post, Status
from moothall.groups.mail_choice import KEEPING
from moothall.groups.models import MailChoice, Membership
from moothall.mailer.addresses import mail_domain, owner_address, unsubscribe_address
from moothall.mailer.mail import Dropped, Head, Mail
from moothall.mailer.models import OutboundMessage
from moothall.notifications.letterhead import absolute, foot, list_head, stop_url, write
from moothall.notifications.models import ManagersMail
from moothall.notifications.recipients import Addressee, addressees, refusal

WHY = "You get this because you keep {group}. When nothing waits and nothing happened we send nothing."


@dataclass(frozen=True, slots=True)
class WaitingPost:
    title: str
    author: str
    is_comment: bool
    is_flagged: bool
    url: str


@dataclass(frozen=True, slots=True)
class _Counts:
    """What waits for the managers of each group at this moment, by group; nought is left out."""

    posts: Mapping[int, int]
    people: Mapping[int, int]


def prepare_managers_mails(rows: Sequence[OutboundMessage]) -> dict[int, Mail | Dropped]:
    built = ManagersMail.objects.in_bulk([_id(row) for row in rows])
    there = addressees({row.profile_id for row in built.values()}, {row.group_id for row in built.values()})
    ids = {post for row in built.values() for post in row.posts}
    # Whoever has decided meanwhile is not asked again.
    waiting = Post.objects.filter(Q(status=Status.HELD) | Q(status=Status.PUBLISHED, is_flagged=True))
    posts = waiting.filter(id__in=ids).select_related("topic", "author", "group").in_bulk()
    groups = {row.group_id for row in built.values()}
    counts = _Counts(_by_group(waiting, groups), _by_group(Membership.objects.asking(), groups))
    found: dict[int, Mail | Dropped] = {}
    for row in rows:
        mail = built.get(_id(row))
        reader = there.get((row.profile_id, mail.group_id)) if mail is not None else None
        found[row.id] = _prepared(row, mail, reader, posts, counts)
    return found


def _by_group(rows: QuerySet[Any], group_ids: Collection[int]) -> dict[int, int]:
    found = rows.filter(group__in=group_ids).order_by().values("group").annotate(count=Count("id"))
    return {row["group"]: row["count"] for row in found}


def _id(row: OutboundMessage) -> int:
    return int(row.thing.partition(":")[2])


def _prepared(
    row: OutboundMessage,
    mail: ManagersMail | None,
    reader: Addressee | None,
    posts: Mapping[int, Post],
    counts: _Counts,
) -> Mail | Dropped:
    no = refusal(reader)
    if no is not None or reader is None or mail is None:
        return no or Dropped("No longer a member.")
    if not reader.is_manager or reader.mail_keeping == MailChoice.NONE:
        return Dropped("No longer a manager, or not wanted any more.")
    waiting = [_waiting(posts[id_]) for id_ in mail.posts if id_ in posts]
    if mail.group_id not in {*counts.posts, *counts.people} and not mail.week:
        return Dropped("All of it was decided meanwhile.")
    return _mail(row, mail, reader, waiting, counts)


def _waiting(post: Post) -> WaitingPost:
    review = absolute(reverse("group_review", args=[post.group.slug]))
    return WaitingPost(
        title=post.topic.title,
        author=post.author.name,
        is_comment=not post.is_first,
        is_flagged=post.status == Status.PUBLISHED,
        url=f"{review}?post={post.id}",
    )


def _headline(posts: int, people: int) -> str:
    """What waits, in words; "" for nothing."""
    told = []
    if posts:
        told.append(f"{posts} post{'s' if posts != 1 else ''} wait{'s' if posts == 1 else ''} for a manager")
    if people:
        told.append(f"{people} {'person asks' if people == 1 else 'people ask'} to join")
    return ", ".join(told)


def _mail(
    row: OutboundMessage, mail: ManagersMail, reader: Addressee, waiting: Sequence[WaitingPost], counts: _Counts
) -> Mail:
    group = reader.group
    posts, people = counts.posts.get(group.id, 0), counts.people.get(group.id, 0)
    headline = _headline(posts, people)
    values = {
        "group": group,
        "waiting": waiting,
        "more_count": posts - len(waiting),
        "headline": headline or "Nothing waits for a manager",
        "asking_count": people,
        "week": mail.week,
        "late_count": mail.week.get("decided", 0) - mail.week.get("in_time", 0),
        "review_url": absolute(reverse("group_review", args=[group.slug])),
        "people_url": absolute(reverse("group_people", args=[group.slug])),
        "unreached_url": absolute(reverse("group_people", args=[group.slug])) + "?show=mail",
        "foot": foot(reader, KEEPING, "its managers"),
    }
    way_out = stop_url(reader, KEEPING)
    body = write("managers", values).own(way_out, WHY.format(group=group.name))
    return Mail(
        address=reader.address,
        head=Head(
            from_name=group.name,
            from_address=owner_address(group.slug),
            subject=f"{group.name}: {headline or 'your week as a manager'}",
            list_head=list_head(group, "discussions"),
        ),
        text=body.text,
        html=body.html,
        message_id=f"keeping-{row.id}@{mail_domain()}",
        stop_url=way_out,
        stop_address=unsubscribe_address(group.slug, reader.profile_id),
    )

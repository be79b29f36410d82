"""Who hears of what, and why: decided here for the list on the site and for instant mail alike."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.db.models import Q

from moothall.discussions.models import Inbox, Lane, Post, Source, Status
from moothall.groups.models import MailChoice, Membership
from moothall.notifications.interests import asks_for, known, words
from moothall.notifications.models import Attitude, Event, EventKind, Notification, Reason, Watch
from moothall.notifications.quiet import Hours

_HANDLE = re.compile(r"(?<![\w@/.])@([a-z0-9_-]{1,90})", re.IGNORECASE | re.ASCII)
MOST_MENTIONS = 20
_WHERE_AND_WHEN = tuple(
    f"profile__user__{field}" for field in ("email", "time_zone", "mail_quiet_from", "mail_quiet_until")
)
_ABOUT_A_POST = (EventKind.POSTED, EventKind.REPLIED, EventKind.DECIDED, EventKind.EARNED)
_TOLD_OF_A_POST = (Reason.ANSWERED, Reason.MENTIONED, Reason.MATCHES, Reason.FOLLOWED)


def hearers(event: Event) -> Mapping[int, Reason]:
    """Profiles with the reason why each hears of it. Nobody hears of what they did themselves."""
    post = event.post
    if post is None:
        return {}
    found: dict[int, Reason] = {}
    if event.kind == EventKind.DECIDED or _was_held_unseen(event, post):
        found[post.author_id] = Reason.DECIDED
    if event.kind == EventKind.THANKED:
        found[post.author_id] = Reason.THANKED
    if event.kind in _ABOUT_A_POST and _is_shown(post):
        found = _hearers_of(post) | found
    found.pop(event.actor_id or 0, None)
    return _listening(found, post, event)


def _was_held_unseen(event: Event, post: Post) -> bool:
    """On the site the page after the form says that a post waits; whoever mailed it finds out here."""
    return event.kind == EventKind.HELD and post.source == Source.MAIL


def _is_shown(post: Post) -> bool:
    return post.status == Status.PUBLISHED and post.topic.status == Status.PUBLISHED


def _hearers_of(post: Post) -> dict[int, Reason]:
    """Later reasons give way to earlier ones; whoever was told of the post before is not told again."""
    found: dict[int, Reason] = dict.fromkeys(_followers(post), Reason.FOLLOWED)
    if post.is_first and not post.is_doubtful and post.inbox != Inbox.SHUT:
        found |= dict.fromkeys(_knowing(post), Reason.MATCHES)
    if not post.is_doubtful:
        found |= dict.fromkeys(_mentioned(post), Reason.MENTIONED)
    if not post.is_first:
        found[post.reply_to.author_id if post.reply_to else post.topic.author_id] = Reason.ANSWERED
    told = Notification.objects.filter(event__post=post, reason__in=_TOLD_OF_A_POST, profile__in=found)
    for profile_id in [post.author_id, *told.values_list("profile_id", flat=True)]:
        found.pop(profile_id, None)
    return found


def _followers(post: Post) -> Collection[int]:
    followed = Q(topic=post.topic_id) | Q(person=post.author_id)
    return Watch.objects.filter(followed, attitude=Attitude.FOLLOW).values_list("profile_id", flat=True)


def _knowing(post: Post) -> list[int]:
    if not post.shown_kind.waits_for_an_answer:
        return []
    said = words(f"{post.topic.title} {post.text}")
    members = Membership.objects.active().filter(group=post.group_id)
    able = members.exclude(profile__knows=[]).values_list("profile_id", "profile__knows")
    return [profile_id for profile_id, knows in able.iterator() if asks_for(said, known(knows))]


def _mentioned(post: Post) -> Collection[int]:
    """A name in a promotion reaches those only who asked for promotions."""
    handles = list(dict.fromkeys(name.lower() for name in _HANDLE.findall(post.text)))[:MOST_MENTIONS]
    members = Membership.objects.filter(profile__handle__in=handles) if handles else Membership.objects.none()
    if post.topic.lane == Lane.PROMOTIONS:
        members = members.exclude(mail_promotions=MailChoice.NONE)
    return members.filter(group=post.group_id).values_list("profile_id", flat=True)


def _listening(found: Mapping[int, Reason], post: Post, event: Event) -> dict[int, Reason]:
    """Active members who muted neither the topic nor the person; a decision about one's own post can't be muted.

    The person is who wrote the post, not the manager who let it stand; thanks are the thankful one's.
    """
    active = Membership.objects.active().filter(group=post.group_id, profile__in=found)
    person = event.actor_id if event.kind == EventKind.THANKED else None
    deaf = muting(post.topic_id, person or post.author_id, found)
    return {
        profile_id: found[profile_id]
        for profile_id in active.values_list("profile_id", flat=True)
        if profile_id not in deaf or found[profile_id] == Reason.DECIDED
    }


def muting(topic_id: int, person_id: int, among: Collection[int]) -> set[int]:
    """Fewer mute something than hear of it, so these are found first."""
    muted = Watch.objects.filter(Q(topic=topic_id) | Q(person=person_id), attitude=Attitude.MUTE)
    return set(muted.values_list("profile_id", flat=True)).intersection(among)


@dataclass(frozen=True, slots=True)
class Reader:
    """Whom a post is mailed to at once, where and when."""

    profile_id: int
    address: str
    hours: Hours


def instant_readers(post: Post) -> list[Reader]:
    """By their choice for the lane in which the conversation stands now, or since they follow it and want some mail."""
    lane = f"mail_{post.topic.lane}"
    by_choice = Q(**{lane: MailChoice.INSTANT})
    following = Q(profile__in=list(_followers(post))) & ~Q(**{lane: MailChoice.NONE})
    members = Membership.objects.active().filter(by_choice | following, group=post.group_id)
    members = members.exclude(profile=post.author_id).exclude(profile__user=None)
    found = list(members.values_list("profile_id", *_WHERE_AND_WHEN))
    deaf = muting(post.topic_id, post.author_id, [profile_id for profile_id, *_ in found])
    return [
        Reader(profile_id, address, Hours(*hours)) for profile_id, address, *hours in found if profile_id not in deaf
    ]

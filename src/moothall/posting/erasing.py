"""The end of an account: what is personal goes, and the posts stay or go as the member chose."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q

from moothall.accounts.addresses import proved_addresses
from moothall.accounts.models import Deletion, PostsAfterwards
from moothall.accounts.sessions import end_all_sessions
from moothall.core.clock import now
from moothall.discussions.models import Attachment, Draft, Post, Revision, Status, Topic, TopicRead
from moothall.discussions.ranking import recount
from moothall.discussions.titles import UNTITLED
from moothall.groups.models import Group, Invitation, Membership, Role
from moothall.judging.models import GroupMemory, Screening
from moothall.mailer.bounces import forget_bounces
from moothall.mailer.queueing import forget
from moothall.members.handles import free_handle
from moothall.members.models import Profile, ProfileState
from moothall.moderation.lasting import end_when_silent, goes_on_without
from moothall.moderation.models import ReviewItem
from moothall.moderation.tasks import learn_soon
from moothall.notifications.models import Digest, Event, ManagersMail, Notification, Watch
from moothall.search.models import SearchEntry

log = logging.getLogger(__name__)

FORMER_NAME = "Former member"
REMOVED_TITLE = "Removed by its author"


def groups_to_hand_over(profile: Profile) -> list[Group]:
    """A group that is open may not be left without an owner."""
    return list(Group.objects.filter(memberships__profile=profile, memberships__role=Role.OWNER, closed_at=None))


def erase_due() -> int:
    """Completes the deletions whose grace is over; returns how many. One that fails holds up none of the others."""
    due = list(Deletion.objects.filter(due_at__lte=now()).order_by("due_at").values_list("id", flat=True))
    return sum(_erased(deletion_id) for deletion_id in due)


def _erased(deletion_id: int) -> bool:
    try:
        return _erase(deletion_id)
    except Exception:
        log.exception("The deletion %d failed, and is tried again in an hour.", deletion_id)
        return False


@transaction.atomic
def _erase(deletion_id: int) -> bool:
    deletion = Deletion.objects.select_for_update(of=("self",)).select_related("user").filter(id=deletion_id).first()
    if deletion is None or deletion.due_at > now():
        return False
    profile = Profile.objects.filter(user=deletion.user).first()
    if profile is not None:
        if groups_to_hand_over(profile):
            log.warning("The account %d owns a group, so that its deletion waits.", deletion.user_id)
            return False
        _erase_what_others_see(profile, PostsAfterwards(deletion.posts_afterwards))
    end_all_sessions(deletion.user)
    _forget_addresses({deletion.user.email, *proved_addresses(deletion.user)})
    deletion.user.delete()
    return True


def _forget_addresses(addresses: set[str]) -> None:
    """Wherever one stands beside the account: what came back from it, and invitations that went there."""
    for address in addresses:
        forget_bounces(address)
    Invitation.objects.filter(address__in=addresses).delete()


def _erase_what_others_see(profile: Profile, posts_afterwards: PostsAfterwards) -> None:
    posts = Post.objects.filter(author=profile)
    topics = set(posts.values_list("topic_id", flat=True))
    _remove(profile, posts if posts_afterwards == PostsAfterwards.REMOVE else posts.exclude(status=Status.PUBLISHED))
    for rows in (
        Draft.objects.filter(author=profile),
        TopicRead.objects.filter(profile=profile),
        Membership.objects.filter(profile=profile),
        Invitation.objects.filter(invited_by=profile),
        Invitation.objects.filter(accepted_by=profile).exclude(address=""),
        Event.objects.filter(concerns=profile),
        Notification.objects.filter(profile=profile),
        Watch.objects.filter(Q(profile=profile) | Q(person=profile)),
        Digest.objects.filter(profile=profile),
        ManagersMail.objects.filter(profile=profile),
        profile.services.all(),
    ):
        rows.delete()
    forget(profile.id)
    Group.objects.filter(ownership_offered_to=profile).update(ownership_offered_to=None)
    _empty(profile)
    recount(topics)


def _remove(profile: Profile, posts: models.QuerySet[Post]) -> None:
    """Their words go with the status; a conversation in which others talk outlives its first post."""
    ids = list(posts.values_list("id", flat=True))
    firsts = Post.objects.filter(id__in=ids, is_first=True).exclude(status__in=(Status.PUBLISHED, Status.DELETED))
    left_behind = [first.topic_id for first in firsts if goes_on_without(first, Status(first.status))]
    Post.objects.filter(id__in=ids).update(
        status=Status.DELETED, status_before="", deleted_at=now(), text="", html="", submission_key=None
    )
    for rows in (
        Revision.objects.filter(post__in=ids),
        Attachment.objects.filter(post__in=ids),
        Screening.objects.filter(post__in=ids),
        SearchEntry.objects.filter(post__in=ids),
        ReviewItem.objects.filter(post__in=ids, decision=None),
    ):
        rows.delete()
    for group_id in GroupMemory.objects.filter(group__posts__in=ids).values_list("group", flat=True).distinct():
        learn_soon(group_id)
    Topic.objects.filter(id__in=left_behind).update(status=Status.PUBLISHED, title=UNTITLED)
    others_talk = Post.objects.published().values("topic")
    alone = Topic.objects.filter(author=profile).exclude(id__in=others_talk)
    alone.update(status=Status.DELETED, title=REMOVED_TITLE, is_removed=True)
    for topic_id in _begun_by_others_who_left(profile, ids):
        end_when_silent(topic_id)


def _begun_by_others_who_left(profile: Profile, post_ids: Sequence[int]) -> list[int]:
    """Conversations whose first post was gone already, and of which these may have been the last words."""
    spoken = Topic.objects.filter(status=Status.PUBLISHED, posts__in=post_ids).exclude(author=profile)
    gone = Post.objects.filter(topic=OuterRef("id"), is_first=True, status=Status.DELETED)
    return list(spoken.filter(Exists(gone)).order_by("id").values_list("id", flat=True).distinct())


def _empty(profile: Profile) -> None:
    Profile.objects.filter(id=profile.id).update(
        user=None,
        state=ProfileState.FORMER,
        # Somebody may have signed up under just that name.
        handle=free_handle(f"{FORMER_NAME} {profile.id}"),
        name=FORMER_NAME,
        headline="",
        about="",
        about_html="",
        knows=[],
        claim_address="",
    )

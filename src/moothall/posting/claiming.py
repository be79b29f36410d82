"""A placeholder's posts become a member's own, once they have proved its address.

The rows are found by what refers to a profile (`references_to_profiles`), not by a list kept here: a table that
a room above adds later is moved too, without an import that would point upwards. This lives in `posting` because
conversations must be recounted afterwards, which `members` may not know of.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.db import models, transaction
from django.db.models import Count, Exists, F, ForeignObjectRel, OuterRef, Q, UniqueConstraint

from moothall.accounts.addresses import proved_addresses
from moothall.discussions.models import Post, Status, Thank, Topic
from moothall.discussions.ranking import recount
from moothall.groups.models import Membership, MembershipState, Role
from moothall.judging.standing import refresh_standing
from moothall.members.models import Profile, ProfileState
from moothall.notifications.models import Watch


@dataclass(frozen=True, slots=True)
class Claimable:
    address: str
    name: str
    handle: str
    posts: int
    groups: int


def claimable(profile: Profile) -> list[Claimable]:
    """Placeholders whose address this member has proved."""
    if profile.user is None:
        return []
    written = ~Q(posts__status=Status.DELETED)
    found = (
        Profile.objects.filter(state=ProfileState.PLACEHOLDER, claim_address__in=proved_addresses(profile.user))
        .annotate(
            posts_written=Count("posts", filter=written),
            groups_written_in=Count("posts__group", filter=written, distinct=True),
        )
        .order_by("claim_address")
    )
    return [Claimable(p.claim_address, p.name, p.handle, p.posts_written, p.groups_written_in) for p in found]


@transaction.atomic
def claim(profile: Profile, address: str) -> int | None:
    """Moves everything of that placeholder to this profile, and returns how many posts; None when it is not theirs.

    Where both have the same (a membership of one group, thanks for one post), the member's own stands; but a group that
    was closed to one of the two is closed to both.
    """
    if profile.user is None or address not in proved_addresses(profile.user):
        return None
    placeholder = (
        Profile.objects.select_for_update().filter(state=ProfileState.PLACEHOLDER, claim_address=address).first()
    )
    if placeholder is None:
        return None
    topics, groups = _topics_of(placeholder), set(placeholder.posts.values_list("group_id", flat=True))
    posts = placeholder.posts.exclude(status=Status.DELETED).count()
    _drop_thanks_to_oneself(placeholder, profile)
    _follow_no_longer(placeholder, profile)
    _stay_banned(placeholder, profile)
    _move_all(placeholder, profile)
    placeholder.delete()
    for group in groups:
        topics |= _topics_of(profile) if refresh_standing(group, [profile.id]) else set()
    recount(topics)
    return posts


def _topics_of(profile: Profile) -> set[int]:
    """Where they talk, or thanked somebody."""
    taking_part = Q(posts__author=profile) | Q(posts__thanks__profile=profile)
    return set(Topic.objects.filter(taking_part).values_list("id", flat=True).distinct())


def _drop_thanks_to_oneself(one: Profile, other: Profile) -> None:
    """What one of them thanked the other for would be praise of oneself."""
    between = Q(profile=one, post__author=other) | Q(profile=other, post__author=one)
    thanks = Thank.objects.filter(between)
    thanked = list(thanks.values_list("post_id", flat=True))
    thanks.delete()
    Post.objects.filter(id__in=thanked).update(thanked_count=F("thanked_count") - 1)


def _follow_no_longer(one: Profile, other: Profile) -> None:
    """Nobody follows or mutes themselves."""
    Watch.objects.filter(Q(profile=one, person=other) | Q(profile=other, person=one)).delete()


def _stay_banned(source: Profile, target: Profile) -> None:
    """Not where they keep the group: its managers are for the owner to ban."""
    mine = Membership.objects.filter(profile=target, role=Role.MEMBER)
    for closed in Membership.objects.filter(profile=source, state=MembershipState.BANNED):
        mine.filter(group=closed.group_id).update(state=closed.state, banned_reason=closed.banned_reason)


def _move_all(source: Profile, target: Profile) -> None:
    for model, name in references_to_profiles():
        rows = model._base_manager
        mine = rows.filter(**{name: source})
        for others, condition in _unique_with(model, name):
            same = rows.filter(condition, **{name: target}, **{other: OuterRef(other) for other in others})
            mine.filter(condition).filter(Exists(same)).delete()
        mine.update(**{name: target})


def references_to_profiles() -> list[tuple[type[models.Model], str]]:
    """Each foreign key to a profile as its model and name, also those that can't be followed backwards."""
    relations = Profile._meta.get_fields(include_hidden=True)
    return [
        (relation.related_model, relation.field.name)
        for relation in relations
        if isinstance(relation, ForeignObjectRel) and not relation.many_to_many
    ]


def _unique_with(model: type[models.Model], name: str) -> Iterator[tuple[list[str], Q]]:
    """The fields that may not be equal in two rows of one profile, and the rows for which that holds."""
    for constraint in model._meta.constraints:
        if isinstance(constraint, UniqueConstraint) and name in constraint.fields:
            yield [other for other in constraint.fields if other != name], constraint.condition or Q()

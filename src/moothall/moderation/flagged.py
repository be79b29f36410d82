"""The open flags on posts: who said what, what it weighs, and what that keeps out of the mail."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Count, Exists, F, OuterRef, Q

from moothall.discussions.models import Post, Revision
from moothall.groups.models import Membership, Role
from moothall.members.models import Profile
from moothall.moderation.flag_weight import Record, Said, stops_mail, weight
from moothall.moderation.models import Action, Decision, Flag
from moothall.rules.models import Concern


@dataclass(frozen=True, slots=True)
class Raised:
    """An open flag with what its member's flags were worth so far; `flag.profile` and `flag.rule` are loaded."""

    flag: Flag
    record: Record

    @property
    def said(self) -> Said:
        return Said(Concern(self.flag.concern), weight(self.record))


def open_flags(group_id: int, post_ids: Collection[int]) -> Mapping[int, Sequence[Raised]]:
    """By post, the first flag first. Those of people who have left the group weigh nothing and are left out."""
    flags = list(Flag.objects.filter(post__in=post_ids, decision=None).select_related("profile", "rule").order_by("id"))
    records = _records(group_id, {flag.profile_id for flag in flags}) if flags else {}
    found: defaultdict[int, list[Raised]] = defaultdict(list)
    for flag in flags:
        if flag.profile_id in records:
            found[flag.post_id].append(Raised(flag, records[flag.profile_id]))
    return found


def _records(group_id: int, profiles: Collection[int]) -> Mapping[int, Record]:
    members = Membership.objects.active().filter(group=group_id, profile__in=profiles)
    settled = Flag.objects.filter(group=group_id, profile__in=profiles).exclude(decision=None).order_by()
    let_stand = Q(decision__action=Action.ACCEPT)
    by_author = Q(decision__decided_by__isnull=False, decision__decided_by=F("post__author"))
    rows = settled.values("profile").annotate(
        right=Count("id", filter=~let_stand), wrong=Count("id", filter=let_stand & ~_mended() & ~by_author)
    )
    counts = {row["profile"]: (row["right"], row["wrong"]) for row in rows}
    return {
        profile: Record(has_standing or role != Role.MEMBER, *counts.get(profile, (0, 0)))
        for profile, has_standing, role in members.values_list("profile_id", "has_standing", "role")
    }


def _mended() -> Q:
    """What a manager let stand is another text than the one that was flagged."""
    between = (F("created_at"), F("decision__decided_at"))
    earlier = Revision.objects.filter(
        post=OuterRef("post"), written_at__gt=OuterRef("created_at"), written_at__lt=OuterRef("decision__decided_at")
    )
    return Q(post__edited_at__range=between) | Q(Exists(earlier))


def has_open_flags(post: Post) -> bool:
    return Flag.objects.filter(post=post, decision=None).exists()


def is_cleared(post: Post) -> bool:
    """A manager wrote it, or let it stand as it is now: what members say then is for the managers to read."""
    return bool(cleared(post.group_id, [post]))


def cleared(group_id: int, posts: Collection[Post]) -> set[int]:
    """Those of a group's posts that are; in two queries."""
    said = Decision.objects.filter(post__in=posts, is_machine=False).order_by("post", "-decided_at", "-id")
    latest = {each.post_id: each for each in said.distinct("post")}
    authors = {post.author_id for post in posts}
    managers = set(
        Membership.objects.managers().filter(group=group_id, profile__in=authors).values_list("profile_id", flat=True)
    )
    return {post.id for post in posts if _is_cleared(post, latest.get(post.id), managers)}


def _is_cleared(post: Post, latest: Decision | None, managers: Collection[int]) -> bool:
    if latest is not None and latest.undoes_id is None and latest.action in (Action.ACCEPT, Action.REROUTE):
        return post.edited_at is None or post.edited_at <= latest.decided_at
    return post.author_id in managers


def refresh_flagged(post: Post) -> Sequence[Raised]:
    """Sets anew whether flags keep the post out of the mail; returns the open ones."""
    raised = open_flags(post.group_id, [post.id]).get(post.id, ())
    post.is_flagged = stops_mail([each.said for each in raised]) and not is_cleared(post)
    Post.objects.filter(id=post.id).update(is_flagged=post.is_flagged)
    return raised


def settle(post: Post, decision: Decision) -> None:
    """The manager has answered every open flag; one who holds the post leaves them open."""
    if decision.action != Action.HOLD:
        Flag.objects.filter(post=post, decision=None).update(decision=decision)
    refresh_flagged(post)


def reopen(post: Post, undone: Decision) -> None:
    Flag.objects.filter(decision=undone).update(decision=None)
    refresh_flagged(post)


def flags_of(profile: Profile, post_ids: Collection[int]) -> Mapping[int, Flag]:
    """This member's own, by post."""
    return {flag.post_id: flag for flag in Flag.objects.filter(post__in=post_ids, profile=profile)}

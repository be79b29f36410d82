"""A person as this reader may see them. Nobody's e-mail address is ever on it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, Max, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from moothall.core.clock import now
from moothall.discussions.models import Lane, Post, Status, Thank, Topic
from moothall.groups.models import Group
from moothall.members.models import Profile, ProfileState
from moothall.notifications.watching import attitude_to
from moothall.web.reader import reader, to_log_in

LATEST = 10
COUNTED_DAYS = 365


@dataclass(frozen=True, slots=True)
class Figures:
    """What one wrote in a lane, and what came of it, in the last 12 months."""

    wrote: int
    replies: int
    thanked_by: int


def profile(request: HttpRequest, handle: str) -> HttpResponse:
    """Members see members. Others, and people without an account here, are seen through what may be read of them."""
    viewer = reader(request)
    person = Profile.objects.filter(handle=handle).first()
    posts = _published(person, viewer) if person is not None else Post.objects.none()
    is_shown = person is not None and ((viewer is not None and person.state == ProfileState.MEMBER) or posts.exists())
    if person is None or not is_shown:
        if viewer is None:
            return to_log_in(request)
        raise Http404
    is_own = viewer == person
    as_others = "as" in request.GET
    if is_own and as_others:
        posts = _published(person, None)
    return render(
        request,
        "people/profile.html",
        {
            "person": person,
            "watch": attitude_to(viewer.id, person_id=person.id) if viewer is not None and not is_own else "",
            "may_watch": viewer is not None and not is_own and person.state == ProfileState.MEMBER,
            "is_own": is_own and not as_others,
            "is_seen_as_others_do": is_own and as_others,
            "services": list(person.services.offered()),
            "topics": _latest_topics(posts),
            "thanked_by": Thank.objects.filter(post__in=posts).values("profile").distinct().count(),
            "groups": _groups_in_common(person, None if is_own and as_others else viewer),
            "talking": _figures(person, Q(lane=Lane.DISCUSSIONS)) if is_own and not as_others else None,
            "promoting": _figures(person, ~Q(lane=Lane.DISCUSSIONS)) if is_own and not as_others else None,
        },
    )


def _published(person: Profile, viewer: Profile | None) -> QuerySet[Post]:
    return Post.objects.published().readable_by(viewer).filter(author=person)


def _latest_topics(posts: QuerySet[Post]) -> list[Topic]:
    return list(
        Topic.objects.filter(posts__in=posts)
        .annotate(spoke_at=Max("posts__created_at", filter=Q(posts__in=posts)))
        .select_related("group")
        .order_by("-spoke_at", "-id")[:LATEST]
    )


def _groups_in_common(person: Profile, viewer: Profile | None) -> list[Group]:
    """One's own page names all one's groups."""
    if viewer is None:
        return []
    return list(Group.objects.joined_by(person).filter(id__in=Group.objects.joined_by(viewer)).order_by("name"))


def _figures(person: Profile, lane: Q) -> Figures:
    """Replies are other people's posts in conversations that this person began."""
    since = now() - timedelta(days=COUNTED_DAYS)
    wrote = Post.objects.filter(lane, author=person, status=Status.PUBLISHED, created_at__gte=since)
    replies = Post.objects.filter(
        lane, topic__author=person, status=Status.PUBLISHED, is_first=False, created_at__gte=since
    ).exclude(author=person)
    thanked = Thank.objects.filter(post__in=wrote).aggregate(people=Count("profile", distinct=True))
    return Figures(wrote.count(), replies.count(), thanked["people"])

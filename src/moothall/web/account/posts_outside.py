"""One's own words in groups that one is not in, without anybody else's: to be deleted, and put back for a while."""

from __future__ import annotations

from datetime import timedelta

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from moothall.core.clock import now
from moothall.discussions.models import Post, Status
from moothall.discussions.reading import earlier
from moothall.members.models import Profile
from moothall.posting.delete import RESTORABLE_DAYS, delete, restore
from moothall.posting.submission import Outcome
from moothall.web.reader import for_members
from moothall.web.topic.change import deleted_words
from moothall.web.topic.written import number

PAGE = 20
# Of the group its name alone: whoever left a private one reads nothing more of it.
SHOWN = ("group__name", "topic__status", "is_first", "status", "status_before", "text", "created_at", "deleted_at")


@require_safe
@for_members
def posts_outside(request: HttpRequest, profile: Profile) -> HttpResponse:
    """Newest first; `?after=` names the last post seen."""
    after = number(request.GET.get("after", ""))
    found = list(_listed(profile, after)[: PAGE + 1])
    context = {
        "posts": found[:PAGE],
        "after": after,
        "next_after": found[PAGE - 1].id if len(found) > PAGE else None,
        "days": RESTORABLE_DAYS,
    }
    return render(request, "account/posts_outside.html", context)


def _listed(profile: Profile, after: int | None) -> QuerySet[Post]:
    gone = Q(status=Status.DELETED, deleted_at__lte=now() - timedelta(days=RESTORABLE_DAYS))
    posts = Post.objects.written_outside(profile).exclude(gone)
    last = Post.objects.filter(author=profile, id=after).first() if after is not None else None
    if last is not None:
        posts = posts.filter(earlier(last))
    return posts.select_related("group", "topic").with_own_title().only(*SHOWN).order_by("-created_at", "-id")


@require_POST
@for_members
def delete_outside(request: HttpRequest, profile: Profile, post_id: int) -> HttpResponse:
    post = _own(profile, post_id)
    outcome = delete(post.id, profile.id)
    return _back(request, post, outcome, deleted_words(post_id))


@require_POST
@for_members
def restore_outside(request: HttpRequest, profile: Profile, post_id: int) -> HttpResponse:
    post = _own(profile, post_id)
    outcome = restore(post.id, profile.id)
    return _back(request, post, outcome, "Your post is back where it was.")


def _own(profile: Profile, post_id: int) -> Post:
    """Also of a group that one has come back to since the list was shown."""
    return get_object_or_404(Post, id=post_id, author=profile)


def _back(request: HttpRequest, post: Post, outcome: Outcome, done: str) -> HttpResponse:
    """To the page of the list from which it was asked: to the post, whose button tells, or to a refusal at the top."""
    after = number(request.POST.get("after", ""))
    page = reverse("account_posts") + (f"?after={after}" if after is not None else "")
    if outcome.is_refused:
        messages.error(request, outcome.problems[0].message)
        return redirect(page)
    messages.success(request, done)
    return redirect(f"{page}#p{post.id}")

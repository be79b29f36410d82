"""How a post read before it was edited."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from moothall.discussions.models import Post, Revision
from moothall.discussions.titles import title_for
from moothall.groups.access import Access
from moothall.web.reader import in_readable_group
from moothall.web.topic.diff import Change, changes
from moothall.web.topic.notes import was_kept_back
from moothall.web.topic.written import number


@dataclass(frozen=True, slots=True)
class Step:
    """From one version to the next."""

    title: tuple[Change, ...]
    text: tuple[Change, ...]


@require_safe
@in_readable_group
def post_revisions(request: HttpRequest, there: Access, post_id: int) -> HttpResponse:
    readable = Post.objects.readable_by(there.profile).select_related("topic", "author")
    readable = readable.annotate(shown_title=title_for(there.profile, "topic"))
    post = get_object_or_404(readable, id=post_id, group=there.group)
    is_inside = there.is_manager or (there.profile is not None and there.profile.id == post.author_id)
    kept = post.revisions.all() if is_inside else post.revisions.exclude(version=Revision.AS_MAILED)
    revisions = list(kept.defer("text"))
    may_see = is_inside or not was_kept_back(post)
    asked = number(request.GET.get("version", ""))
    chosen = next((r for r in revisions if r.version == asked), revisions[0] if revisions else None)
    context = {
        "group": there.group,
        "post": post,
        "revisions": revisions if may_see else [],
        "may_see": may_see,
        "is_inside": is_inside,
        "chosen": chosen,
        "step": _step(post, chosen) if chosen and may_see else None,
        "nav": "groups",
    }
    return render(request, "topic/revisions.html", context)


def _step(post: Post, before: Revision) -> Step:
    after = post.revisions.filter(version__gt=before.version).order_by("version").first()
    title, text = (after.title, after.text) if after else (post.topic.title if post.is_first else "", post.text)
    return Step(tuple(changes(before.title, title)), tuple(changes(before.text, text)))

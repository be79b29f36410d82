"""What one has begun, and what one has deleted and may still put back."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from moothall.core.clock import now
from moothall.discussions.drafts import drafts_of, others_at
from moothall.discussions.models import Draft, Post, Status
from moothall.discussions.titles import title_for
from moothall.groups.access import Access
from moothall.groups.models import Group
from moothall.members.models import Profile
from moothall.posting.delete import RESTORABLE_DAYS
from moothall.web.reader import for_members, in_joined_group
from moothall.web.topic.page import find_topic
from moothall.web.topic.sending import draft_place, keep, window_of, writer
from moothall.web.topic.written import from_form, number

DELETED_SHOWN = 100
# So long a request may be on its way that was made while the form was still being filled.
ON_ITS_WAY = timedelta(minutes=1)


@require_safe
@for_members
def drafts(request: HttpRequest, profile: Profile) -> HttpResponse:
    since = now() - timedelta(days=RESTORABLE_DAYS)
    deleted = (
        Post.objects.filter(author=profile, status=Status.DELETED, deleted_at__gt=since)
        .filter(group__in=Group.objects.joined_by(profile).values("id"))
        .select_related("group", "topic")
        .with_own_title()
        .annotate(shown_title=title_for(profile, "topic"))
        .order_by("-deleted_at", "-id")[:DELETED_SHOWN]
    )
    context = {"drafts": drafts_of(profile), "deleted": deleted, "days": RESTORABLE_DAYS}
    return render(request, "topic/drafts.html", context)


@require_POST
@for_members
def draft_delete(request: HttpRequest, profile: Profile, draft_id: int) -> HttpResponse:
    get_object_or_404(Draft, id=draft_id, author=profile).delete()
    messages.success(request, "The draft is gone.")
    return redirect("drafts")


@require_POST
@in_joined_group
def draft_keep(request: HttpRequest, there: Access) -> HttpResponse:
    """Keeps what stands in a form while it is being written; answers with the line below it.

    A form that was sent in the meantime is a post, and no draft again; but whoever goes back to it later writes anew.
    """
    written, topic_id = from_form(request.POST), number(request.POST.get("topic", ""))
    if topic_id is not None and find_topic(there, topic_id) is None:
        return HttpResponse("This conversation is no longer here. Copy your text.")
    if written.key and _was_just_sent(writer(there), written.key):
        return HttpResponse()
    is_kept = keep(there, written, topic_id)
    others = is_kept and others_at(draft_place(there, topic_id), window_of(written))
    return render(request, "topic/_kept.html", {"kept_at": now() if is_kept else None, "has_others": others})


def _was_just_sent(author: Profile, key: UUID) -> bool:
    return Post.objects.filter(author=author, submission_key=key, created_at__gt=now() - ON_ITS_WAY).exists()

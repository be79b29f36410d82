"""The list behind the envelope."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from moothall.members.models import Profile
from moothall.notifications.reading import mark_all_read, news
from moothall.web.mail.own_settings import is_stopped
from moothall.web.reader import for_members
from moothall.web.topic.written import number


@require_safe
@for_members
def told(request: HttpRequest, profile: Profile) -> HttpResponse:
    after = number(request.GET.get("after", ""))
    topics, next_after = news(profile, after)
    context = {
        "topics": topics,
        "next_after": next_after,
        "is_first_page": after is None,
        "is_stopped": is_stopped(profile),
    }
    return render(request, "mail/told.html", context)


@require_POST
@for_members
def told_read(request: HttpRequest, profile: Profile) -> HttpResponse:
    mark_all_read(profile)
    return redirect("told")

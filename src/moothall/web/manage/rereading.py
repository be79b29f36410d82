"""The page on which managers have a group's history read again, and see how far it has come."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from moothall.groups.access import Access
from moothall.posting.rereading import latest, unread
from moothall.posting.tasks import read_again
from moothall.web.reader import in_managed_group


@require_http_methods(["GET", "HEAD", "POST"])
@in_managed_group
def group_rereading(request: HttpRequest, there: Access) -> HttpResponse:
    if request.method == "POST":
        read_again(there.group.id)
        messages.success(request, "The posts are being read again. You can leave this page.")
        return redirect("group_rereading", slug=there.group.slug)
    last = latest(there.group.id)
    context = {
        "group": there.group,
        "access": there,
        "unread": unread(there.group.id).count(),
        "last": last,
        "is_under_way": last is not None and last.finished_at is None,
    }
    return render(request, "manage/group_rereading.html", context)

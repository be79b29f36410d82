from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render

from moothall.accounts.exports import contents
from moothall.accounts.models import Export, ExportState
from moothall.core.clock import now
from moothall.members.models import Profile
from moothall.posting.tasks import ask_for_export
from moothall.web.reader import for_members, reader, to_log_in


def _current(profile: Profile) -> Export | None:
    return Export.objects.filter(user=profile.user, expires_at__gt=now()).first()


@for_members
def export(request: HttpRequest, profile: Profile) -> HttpResponse:
    if request.method == "POST" and profile.user is not None:
        ask_for_export(profile.user)
        return redirect("account_export")
    return render(request, "account/export.html", {"export": _current(profile)})


@for_members
def progress(request: HttpRequest, profile: Profile) -> HttpResponse:
    """The part of the page that changes while the archive is made."""
    return render(request, "account/_export.html", {"export": _current(profile)})


def download(request: HttpRequest) -> HttpResponseBase:
    profile = reader(request)
    if profile is None:
        return to_log_in(request)
    current = _current(profile)
    if current is None or current.state != ExportState.READY:
        raise Http404
    name = f"{profile.handle}-{current.asked_at:%Y-%m-%d}.zip"
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Content-Length": str(current.size_bytes),
        "Cache-Control": "private, no-store",
    }
    return StreamingHttpResponse(contents(current), content_type="application/zip", headers=headers)

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from moothall.accounts.sessions import end_session
from moothall.members.models import Profile
from moothall.web.reader import for_members


@require_POST
@for_members
def end(request: HttpRequest, profile: Profile, session_id: int) -> HttpResponse:
    if profile.user is None or not end_session(profile.user, session_id):
        raise Http404
    messages.success(request, "You are logged out there.")
    return redirect("usersessions_list")
